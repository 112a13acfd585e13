"""``kdc-annotator check``: what is wrong with a project or an annotation file, for people and for CI."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

HELP = "find what is wrong in a project or an annotation file, and repair what is safe to repair"
DESCRIPTION = """\
Looks at every image: keypoints outside the image or the mask, swapped sides, doubled people, values that contradict
each other, missing photos. One line for each finding, and a count. Exit code 4 where something as bad as --fail-on, or
worse, was found."""
LEVELS = ("error", "warning", "hint")
FOUND = 4


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("check", help=HELP, description=DESCRIPTION)
    parser.add_argument("source", metavar="P.kdcproj|FILE", help="a project, or annotations of any known format")
    parser.add_argument("--images", metavar="DIR", help="where the photos of an annotation file lie (else beside it)")
    parser.add_argument("--level", choices=LEVELS, default="warning", help="list findings this bad or worse (warning)")
    parser.add_argument(
        "--fail-on", choices=(*LEVELS, "never"), default="error", help="what makes the exit code 4 (error)"
    )
    parser.add_argument(
        "--photos", action="store_true", help="open every photo, too: can it be read, is its size right"
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="in a project: do the safe repairs (labelers can undo them) and find moved photos by their content",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Checks; returns an exit code. Raises KdcError where nothing could be checked."""
    from kdc.errors import KdcError
    from kdc_annotator.cli.exchange import Ticker
    from kdc_annotator.cli.import_ import images_folder
    from kdc_annotator.io import formats
    from kdc_annotator.io.photo_sizes import with_sizes
    from kdc_annotator.io.project import Project
    from kdc_annotator.jobs.checking import check_dataset, check_project

    source = Path(args.source)
    if source.suffix == ".kdcproj":
        with Project.open(source, read_only=not args.fix, labeler="check --fix") as project, Ticker("images") as ticker:
            if args.fix:
                _find_photos(project)
            return _report(args, check_project(project, args.photos, args.fix), project.count(), [], ticker)
    if args.fix:
        raise KdcError("Not a project", f"--fix works on projects; import {source.name} first, then export it again.")
    images = images_folder(source, args.images)
    with formats.read(source, formats.detect(source), photos=images) as dataset, Ticker("images") as ticker:
        checked = check_dataset(with_sizes(dataset, images), images, args.photos)
        return _report(args, checked, dataset.image_count, [str(p) for p in dataset.problems], ticker, images)


def _find_photos(project: Any) -> None:
    """Photos that were moved or renamed are found by their content; photos without a fingerprint get one."""
    from kdc_annotator.cli.exchange import Ticker, say
    from kdc_annotator.io.project_relocate import find_moved, fingerprint_images

    for image_id, path in find_moved(project).moved.items():
        say(f"Found again: {path} (image {image_id}).")
    with Ticker("photos") as ticker:
        fingerprint_images(project, ticker)


def _report(
    args: argparse.Namespace, checked: Any, total: int, problems: list[str], ticker: Any, folder: Path | None = None
) -> int:
    """``folder``: where the photos of an annotation file were looked for."""
    import json

    from kdc_annotator.cli.exchange import count, say

    counts = dict.fromkeys(LEVELS, 0)
    counts["error"] += len(problems)
    listed: list[dict[str, Any]] = []
    images = fixed = missing = 0
    shown = LEVELS[: LEVELS.index(args.level) + 1]
    if not args.json:
        for problem in problems:
            print(f"error: {problem}")
    for entry in checked:
        images += 1
        fixed += entry.fixed
        for finding in entry.findings:
            missing += finding.check == "missing image"
            counts[finding.severity] += 1
            if finding.severity not in shown:
                continue
            if args.json:
                listed.append(_row(entry.path, finding))
            else:
                print(f"{finding.severity}: {entry.path}: {finding.sentence} [{finding.check}]")
        ticker(images, total)
    if folder is not None and missing == images > 0:
        say(f"None of the photos is in {folder}; say where they are with --images DIR.")
    bad = args.fail_on != "never" and any(counts[level] for level in LEVELS[: LEVELS.index(args.fail_on) + 1])
    if args.json:
        values = {"source": args.source, "images": images, "counts": counts, "fixed": fixed}
        print(json.dumps({**values, "problems": problems, "findings": listed}))
    else:
        repaired = f"; {count(fixed, 'finding')} repaired" if fixed else ""
        print(f"{count(images, 'image')}: {', '.join(count(n, level) for level, n in counts.items())}{repaired}.")
    return FOUND if bad else 0


def _row(path: str, finding: Any) -> dict[str, Any]:
    return {
        "image": path,
        "check": finding.check,
        "severity": finding.severity,
        "sentence": finding.sentence,
        "people": list(finding.people),
        "place": finding.place,
        "keypoint": finding.keypoint,
        "repairable": finding.repair is not None,
    }
