"""``kdc-annotator import``: annotations of any known format into a project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kdc_annotator.cli.exchange import FORMATS

HELP = "take annotations (COCO, CrowdPose, OCHuman, YOLO, labelme) or results into a project"
DESCRIPTION = """\
Takes annotation files into a project file, made where it is not there. Importing again updates what nobody touched and
leaves what a human did. A list of detections becomes proposals. What can't be read is listed and kept."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("import", help=HELP, description=DESCRIPTION)
    parser.add_argument(
        "source", nargs="+", metavar="FILE|FOLDER", help="annotation files; several for the same photos are joined"
    )
    parser.add_argument("-o", "--out", required=True, metavar="P.kdcproj", help="the project, new or not")
    parser.add_argument(
        "--images", metavar="DIR", help="the folder of the photos (else images/ beside the file, or its folder)"
    )
    parser.add_argument(
        "--format", choices=("auto", *FORMATS), default="auto", help="their format (auto: found out from the files)"
    )
    parser.add_argument("--detector", metavar="NAME", help="for detections: who made them (the file's name)")
    parser.add_argument("--detector-version", metavar="V", help="for detections: the detector's version")
    parser.add_argument("--model", metavar="NAME", help=argparse.SUPPRESS)  # As these two were called once.
    parser.add_argument("--model-version", metavar="V", help=argparse.SUPPRESS)
    parser.add_argument(
        "--no-hashes",
        action="store_true",
        help="don't read the photos: faster, but photos that move later can't be found again",
    )
    parser.add_argument(
        "--problems", metavar="FILE", help="write everything that can't be used, with its place, to FILE"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Imports; returns an exit code. Raises ``KdcError`` when nothing was imported."""
    from dataclasses import fields

    from kdc_annotator.cli import INCOMPLETE, OK
    from kdc_annotator.cli.exchange import (
        Ticker,
        check_list,
        count,
        list_problems,
        project_file,
        refuse_inputs,
        summary,
    )
    from kdc_annotator.io.importing import Imported
    from kdc_annotator.io.project import Project
    from kdc_annotator.io.project_new import whole_project
    from kdc_annotator.io.project_relocate import find_moved, fingerprint_images

    out = project_file(args.out)
    total = Imported()
    new = not out.exists()
    moved = 0
    _check(args)
    _take_old_names(args)
    check_list(args.problems)
    refuse_inputs([out, args.problems], args.source)

    def take(project: Project) -> None:
        for n, source in enumerate(args.source):
            with project.bulk():  # With the images folder in one transaction.
                if args.images and n == 0:
                    project.set_images_root(named_folder(args.images))
                done = _import_one(args, Path(source), project)
            for f in fields(Imported):
                setattr(total, f.name, getattr(total, f.name) + getattr(done, f.name))

    if new:
        with (
            whole_project(out) as aside,
            Project.create(aside, images_folder(Path(args.source[0]), args.images)) as made,
        ):
            take(made)
    with Project.open(out) as project:
        if not new:
            take(project)
            if total.images_missing:
                moved = len(find_moved(project).moved)
        if not args.no_hashes:
            with Ticker("photos") as reading:
                fingerprint_images(project, reading)
    total.images_missing = max(0, total.images_missing - moved)
    list_problems(total.problems, args.problems)
    values: dict[str, Any] = {f.name: getattr(total, f.name) for f in fields(Imported) if f.name != "problems"}
    values = {
        "out": str(out),
        **values,
        "images_found_again": moved,
        "problems": [{"place": p.place, "what": p.what} for p in total.problems],
    }
    parts = [
        f"{count(total.images_new, 'image')} and {count(total.people_new, 'person')} new",
        f"{count(total.people_updated, 'person')} updated" if total.people_updated else "",
        f"{count(total.people_removed, 'person')} removed" if total.people_removed else "",
        f"{count(total.kept, 'person')} left as a human had them" if total.kept else "",
        f"{count(total.proposals, 'proposal')}" if total.proposals else "",
        f"{count(total.others, 'other annotation')} kept for the export" if total.others else "",
        f"{count(moved, 'photo')} moved and found again" if moved else "",
        f"{count(total.images_missing, 'photo')} not found" if total.images_missing else "",
        f"{count(len(total.problems), 'problem')} listed" if total.problems else "",
    ]
    summary(values, f"{out.name}: {', '.join(p for p in parts if p)}.", args.json)
    return INCOMPLETE if any(p.left_out for p in total.problems) else OK


def _check(args: argparse.Namespace) -> None:
    from kdc.errors import KdcError

    for source in args.source:
        if not Path(source).exists():
            raise KdcError("File not found", f"{source} does not exist.")


def _take_old_names(args: argparse.Namespace) -> None:
    from kdc_annotator.cli.exchange import say

    for old, new in (("model", "detector"), ("model_version", "detector_version")):
        if (given := getattr(args, old)) is not None:
            flags = [f"--{name.replace('_', '-')}" for name in (old, new)]
            say(f"{flags[0]} of import is called {flags[1]} now, because --model names a model file everywhere else.")
            if getattr(args, new) is None:
                setattr(args, new, given)


def named_folder(images: str) -> Path:
    """What ``--images`` names. ``KdcError`` where that is no folder."""
    from kdc.errors import KdcError

    if not Path(images).is_dir():
        raise KdcError("No such folder", f"{images} is not a folder; --images names the folder of the photos.")
    return Path(images)


def images_folder(source: Path, named: str | None) -> Path:
    """Where the photos of an annotation file are: the named folder, ``images`` beside it, or its own folder. ``KdcError`` where the
    named one is none."""
    if named:
        return named_folder(named)
    folder = source if source.is_dir() else source.parent
    beside = folder / "images"
    yolo = source.suffix in (".yaml", ".yml") or (
        source.is_dir() and ((source / "data.yaml").is_file() or (source / "labels").is_dir())
    )
    return beside if beside.is_dir() and not yolo else folder


def _import_one(args: argparse.Namespace, source: Path, project: Any) -> Any:
    from kdc_annotator.cli.exchange import Ticker, say
    from kdc_annotator.io import formats
    from kdc_annotator.io.import_results import import_results
    from kdc_annotator.io.importing import import_dataset
    from kdc_annotator.io.source_places import outside, placed, remember_place

    form = formats.detect(source) if args.format == "auto" else args.format
    unit = "MB" if form in ("coco", "crowdpose", "ochuman") else "images"
    with Ticker(unit) as reading:
        dataset = formats.read(source, form, reading, project.images_root)
    with dataset, Ticker("images") as storing:
        if dataset.results:
            maker = args.detector or source.stem
            return import_results(project, dataset, maker, args.detector_version or "", storing)
        beside = images_folder(source, None)
        dataset, folder = placed(project, dataset, source, beside, bool(args.images))
        done = import_dataset(project, dataset, storing)
        if done.images_missing and outside(project, dataset, beside):
            say(
                f"The photos of {source} are in {beside}, not below {project.images_root}; --images names a folder of all."
            )
    remember_place(project, source, folder)
    return done
