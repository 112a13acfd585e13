"""``kdc-annotator evaluate``: how good a model or a results file is on annotated photos."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HELP = "measure models or results files on annotated photos (COCO, CrowdPose, OCHuman figures and what a labeler gains)"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = subparsers.add_parser("evaluate", help=HELP, description=HELP)
    parser.add_argument(
        "results",
        nargs="+",
        metavar="MODEL|RESULTS.json",
        help="a model file, 'bundled', or a results file; several are compared",
    )
    parser.add_argument("data", metavar="DATA", help="a COCO person_keypoints file, or a folder with one")
    parser.add_argument("--type", default="keypoints,segm", metavar="KINDS", help="keypoints, segm or both (default)")
    parser.add_argument(
        "--images", metavar="DIR", help="where the photos lie (default: images/ beside DATA, or its folder)"
    )
    parser.add_argument("--json", metavar="OUT", help="write all figures to this file")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N photos")
    return parser


def run(args: argparse.Namespace) -> int:
    """Evaluates and prints the table. Raises ``KdcError`` when something can't be used."""
    from kdc.errors import KdcError
    from kdc.evaluate import KINDS, evaluate, read_results, read_truth
    from kdc.evaluation.report import table, write_json

    kinds = [k.strip() for k in args.type.split(",") if k.strip()]
    unknown = [k for k in kinds if k not in KINDS]
    if unknown or not kinds:
        raise KdcError("Unknown type", f"--type takes {' and '.join(KINDS)}, separated by a comma, not {args.type!r}.")
    images = Path(args.images) if args.images else None
    truth = read_truth(Path(args.data), images).first(args.limit)
    reports = []
    for name in args.results:
        results = read_results(Path(name), truth)
        reports.append(evaluate(truth, results, kinds))
    sys.stdout.write(table(truth, reports))
    if args.json:
        write_json(Path(args.json), truth, reports)
    return 0
