"""``kdc-annotator merge``: what several labelers did, in one project."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

HELP = "bring projects together: parts made by `split`, or projects for different photos"
DESCRIPTION = """\
Writes a new project with the images of all. An image that several have is taken from the one where more was done. One
that was edited differently in two places is a conflict: the version of the project named first stays, the image is
listed, and the exit code is 3."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("merge", help=HELP, description=DESCRIPTION)
    parser.add_argument("projects", nargs="+", metavar="P.kdcproj", help="the original first, if it shall take part")
    parser.add_argument("-o", "--out", required=True, metavar="OUT.kdcproj", help="the new project")
    parser.add_argument(
        "--images", metavar="DIR", help="a folder that holds the photos of all (else the first project's images folder)"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Merges; returns an exit code. Raises KdcError where nothing was written."""
    from kdc_annotator.cli import INCOMPLETE, OK
    from kdc_annotator.cli.exchange import count, project_file, say, summary
    from kdc_annotator.io.merge_photos import widen_root
    from kdc_annotator.io.part_rows import Merged
    from kdc_annotator.io.project import Project
    from kdc_annotator.io.project_new import whole_project
    from kdc_annotator.io.project_parts import merge_into
    from kdc_annotator.io.source_places import keep_places

    out = project_file(args.out)
    total = Merged()
    with whole_project(out) as aside:
        with Project.open(Path(args.projects[0]), read_only=True) as first, first.snapshot():
            root = first.images_root
            first.backup(aside)
        with Project.open(aside) as project:
            project.set_images_root(root)
            keep_places(project, Path(args.projects[0]))
            if args.images:
                widen_root(project, Path(args.images))
            total.images_new = project.count()
            for name in args.projects[1:]:
                with Project.open(Path(name), read_only=True) as other:
                    done = merge_into(project, other)
                total.images_new += done.images_new
                total.images_updated += done.images_updated
                total.images_same += done.images_same
                total.conflicts += [f"{Path(name).name}: {c}" for c in done.conflicts]
                total.notes += done.notes
            project.set_setting("part", None)
            images, people = project.count(), project.count_people()
    for sentence in (*total.conflicts, *total.notes):
        say(sentence)
    values = {"out": str(out), "images": images, "people": people, **asdict(total)}
    conflicts = f", {count(len(total.conflicts), 'conflict')}" if total.conflicts else ""
    summary(values, f"{out}: {count(images, 'image')}, {count(people, 'person')}{conflicts}.", args.json)
    return INCOMPLETE if total.conflicts else OK
