"""``kdc-annotator split``: a project for each labeler."""

from __future__ import annotations

import argparse
from pathlib import Path

from kdc_annotator.cli.arguments import positive, zero_or_more

HELP = "make a project for each of several labelers; `merge` brings them together again"
DESCRIPTION = """\
Makes a project for each of several labelers; neighbouring images stay together. `merge` brings the parts together again,
`agree` compares labelers on the images that several have (--overlap).
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("split", help=HELP, description=DESCRIPTION)
    parser.add_argument("project", metavar="P.kdcproj", help="the project")
    parser.add_argument("--by", type=positive, metavar="N", help="number of parts")
    parser.add_argument("--names", metavar="ANNA,BEN", help="names of the parts instead of numbers")
    parser.add_argument("-o", "--out", metavar="DIR", help="folder for the parts (else the project's)")
    parser.add_argument(
        "--overlap",
        type=zero_or_more,
        default=0,
        metavar="K",
        help="the first K images go into every part, for `agree` (0)",
    )
    parser.add_argument(
        "--status", choices=("all", "open"), default="all", help="all images, or only those that are not done (all)"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Splits; returns an exit code. Raises KdcError where nothing was written."""
    from kdc.errors import KdcError
    from kdc_annotator.cli.exchange import count, summary
    from kdc_annotator.io.project import Project
    from kdc_annotator.io.project_parts import split_project

    names = [n.strip() for n in args.names.split(",")] if args.names else []
    names = names or [str(i + 1) for i in range(args.by or 0)]
    if not 1 <= len(names) <= 1000 or (args.by and args.by != len(names)):
        raise KdcError("Bad split", "Say how many parts with --by N, or name them with --names ANNA,BEN.")
    if len({name.casefold() for name in names}) < len(names) or any(not n or set(n) & set('/\\:*?"<>|') for n in names):
        raise KdcError("Bad split", f"--names {args.names}: names must differ and be good for file names.")
    source = Path(args.project)
    folder = Path(args.out) if args.out else source.parent
    with Project.open(source, read_only=True) as project:
        ids = list(project.image_ids(status=None if args.status == "all" else ("untouched", "proposed", "in progress")))
    kind = "image" if args.status == "all" else "open image"
    if not ids:
        raise KdcError("Nothing to split", f"{source} has no {kind}s.")
    shared, rest = ids[: args.overlap], ids[args.overlap :]
    if not shared and len(rest) < len(names):
        few = count(len(ids), kind)
        raise KdcError("Too many parts", f"{source} has {few} for {len(names)} parts; make {len(ids)} at most.")
    # Neighbours, which often show the same scene, go to the same labeler.
    edges = [len(rest) * i // len(names) for i in range(len(names) + 1)]
    parts = [
        (folder / f"{source.stem}_{name}.kdcproj", [*shared, *rest[edges[i] : edges[i + 1]]])
        for i, name in enumerate(names)
    ]
    split_project(source, parts)
    rows = [{"out": str(path), "images": len(chosen)} for path, chosen in parts]
    sentence = "\n".join(f"{row['out']}: {count(int(str(row['images'])), 'image')}." for row in rows)
    summary({"parts": rows}, sentence, args.json)
    return 0
