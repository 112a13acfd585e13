"""``kdc-annotator export``: a project as COCO or another format."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kdc_annotator.cli.exchange import FORMATS

HELP = "write a project as COCO, CrowdPose, OCHuman, YOLO or labelme"
DESCRIPTION = """\
Writes a project. What was imported and not touched comes out value for value as it came. What a format can't hold is
listed before anything is written."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("export", help=HELP, description=DESCRIPTION)
    parser.add_argument("project", metavar="P.kdcproj", help="the project")
    parser.add_argument(
        "-o", "--out", required=True, metavar="OUT", help="a .json file, or a new folder for YOLO and labelme"
    )
    parser.add_argument("--format", choices=FORMATS, default="coco", help="the format to write (coco)")
    parser.add_argument(
        "--status", choices=("all", "done"), default="all", help="all images, or only those that are done (all)"
    )
    parser.add_argument("--proposals", action="store_true", help="predictions that nobody confirmed, too")
    add_form(parser)
    parser.add_argument(
        "--split",
        metavar="NAME=X,…",
        help="several outputs: train=0.8,val=0.2 by ratio, or train=a.txt,val=b.txt by lists of file names",
    )
    parser.add_argument(
        "--copy-images", action="store_true", help="copy the photos beside the file, or into the folder"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def add_form(parser: argparse.ArgumentParser) -> None:
    """Adds ``--polygons`` and ``--rle``."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--polygons",
        action="store_const",
        const="polygons",
        dest="form",
        help="all masks as polygons; those with holes stay RLE",
    )
    group.add_argument("--rle", action="store_const", const="rle", dest="form", help="all masks as RLE")


def run(args: argparse.Namespace) -> int:
    """Exports; returns an exit code. Raises ``KdcError`` when nothing could be written."""
    from kdc_annotator.cli.exchange import count, refuse_inputs, say, summary
    from kdc_annotator.io.exporting import ExportOptions, project_dataset
    from kdc_annotator.io.formats import ImageCopier, losses
    from kdc_annotator.io.project import Project
    from kdc_annotator.io.unfinished import unfinished

    out = Path(args.out)
    written: list[dict[str, Any]] = []
    failed: list[str] = []
    with Project.open(Path(args.project), read_only=True) as project, project.snapshot():
        options = ExportOptions(args.status == "done", args.proposals, args.form, args.format != "coco")
        parts = _parts(args.split, project)
        lists = [Path(p.partition("=")[2]) for p in (args.split or "").split(",") if p]
        refuse_inputs([_target(out, name) for name in parts], [Path(args.project), *lists])
        datasets = []
        for name, paths in parts.items():
            keep = None if paths is None else (lambda photo, chosen=paths: photo.path in chosen)
            datasets.append((name, project_dataset(project, options, keep)))
        begun = unfinished(project)
        if begun:
            say(f"Begun in the window, not finished there and not exported: {', '.join(begun)}.")
        dropped = [s for _, dataset in datasets for s in losses(dataset, args.format)]
        for sentence in dropped:
            say(f"{sentence}.")
        for name, dataset in datasets:
            target = _target(out, name)
            copier = ImageCopier(project.images_root) if args.copy_images else None
            _write(dataset, target, args.format, copier)
            failed += copier.failed if copier is not None else []
            written.append({"out": str(target), "images": dataset.image_count})
    for sentence in (*failed, *_doubled(parts)):
        say(sentence)
    sentence = ", ".join(f"{w['out']}: {count(w['images'], 'image')}" for w in written)
    summary({"written": written, "dropped": dropped, "failed": failed, "unfinished": begun}, f"{sentence}.", args.json)
    return 3 if failed else 0


def _write(dataset: Any, target: Path, form: str, copier: Any) -> None:
    from kdc_annotator.cli.exchange import Ticker
    from kdc_annotator.io import formats

    with Ticker("images") as ticker:
        formats.write(dataset, target, form, copier, ticker)


def _target(out: Path, part: str) -> Path:
    from kdc.errors import KdcError

    if not out.name:
        raise KdcError("Not a file name", f"--out {out} names no file or new folder; write for example people.json.")
    return out.with_name(f"{out.stem}_{part}{out.suffix}") if part else out


def _parts(split: str | None, project: Any) -> dict[str, set[str] | None]:
    """Part name -> paths of its images; one part "" with all of them where there is no split."""
    from kdc.errors import KdcError
    from kdc_annotator.io.exporting import split_by_ratio

    if not split:
        return {"": None}
    pairs = [p.partition("=") for p in split.split(",")]
    names = [n.strip() for n, _, _ in pairs]
    if any(not n or not e or "/" in n or "\\" in n for n, e, _ in pairs) or len(set(names)) != len(names):
        raise KdcError("Bad split", f"--split {split}: write train=0.8,val=0.2 or train=a.txt,val=b.txt.")
    shares: dict[str, float] = {}
    lists: dict[str, set[str] | None] = {}
    for name, (_, _, value) in zip(names, pairs, strict=True):
        try:
            shares[name] = float(value)
        except ValueError:
            lists[name] = _listed(Path(value), project)
    if lists and shares:
        raise KdcError("Bad split", f"--split {split}: give a ratio to every part, or a list to every part.")
    if len(shares) == 1:
        raise KdcError("Bad split", f"--split {split} has one part; give the rest a name, too: train=0.8,val=0.2.")
    if shares:
        return dict(split_by_ratio([p.path for p in project.photos()], shares))
    return lists


def _doubled(parts: dict[str, set[str] | None]) -> list[str]:
    """What is in several parts, which makes figures on one of them too good."""
    from collections import Counter

    from kdc_annotator.cli.exchange import count

    times = Counter(path for paths in parts.values() for path in paths or ())
    several = sorted(path for path, n in times.items() if n > 1)
    return [f"In several parts: {count(len(several), 'image')}, such as {several[0]}."] if several else []


def _listed(file: Path, project: Any) -> set[str]:
    from kdc.errors import KdcError
    from kdc_annotator.cli.exchange import count

    try:
        names = {line.strip() for line in file.read_text("utf-8-sig").splitlines() if line.strip()}
    except (OSError, UnicodeDecodeError) as error:
        raise KdcError("Can't read the list", f"{file}: {getattr(error, 'strerror', None) or error}.") from None
    known = {p.path for p in project.photos()}
    names = {name if name in known else _normal(name) for name in names}
    missing = sorted(names - known)
    if missing:
        raise KdcError(
            "Unknown images",
            f"{file} names {count(len(missing), 'image')} that the project does not have, such as {missing[0]}.",
        )
    return names


def _normal(name: str) -> str:
    r"""A listed name as projects have it: ``./a\b.jpg`` is ``a/b.jpg``."""
    from kdc.errors import KdcError
    from kdc_annotator.io.dataset import relative_path

    try:
        return relative_path(name)
    except KdcError:
        return name
