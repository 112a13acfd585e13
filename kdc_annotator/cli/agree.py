"""``kdc-annotator agree``: how far two labelers agree."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from kdc_annotator.cli.arguments import zero_or_more

HELP = "compare two labelers on the same photos: OKS and IoU, joint by joint, disagreements ranked"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("agree", help=HELP, description=f"Compares{HELP.removeprefix('compare')}.")
    parser.add_argument("first", metavar="A", help="a project, or annotations of any known format")
    parser.add_argument("second", metavar="B", help="the other one")
    parser.add_argument(
        "--images", metavar="DIR", help="where the photos lie, for sizes that a file does not say (else beside it)"
    )
    parser.add_argument(
        "--worst", type=zero_or_more, default=20, metavar="N", help="how many disagreements to list (20)"
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON, all disagreements")
    return parser


def run(args: argparse.Namespace) -> int:
    """Compares and prints. Raises KdcError where there is nothing to compare."""
    import json

    from kdc.errors import KdcError
    from kdc_annotator.cli.import_ import images_folder
    from kdc_annotator.jobs.agreement import agreement
    from kdc_annotator.jobs.annotated import opened

    one, other = Path(args.first), Path(args.second)
    with (
        opened(one, images_folder(one, args.images)) as first,
        opened(other, images_folder(other, args.images)) as second,
    ):
        found = agreement(first, second)
    if not found.images:
        raise KdcError("Nothing in common", f"{args.first} and {args.second} share no photo (by file name).")
    print(json.dumps(found.to_json()) if args.json else _table(found.to_json(args.worst)))
    return 0


def _table(values: dict[str, Any]) -> str:
    from kdc_annotator.cli.exchange import count

    lines = [
        f"{count(values['images'], 'photo')} in both, {values['images_in_one_only']:,} in one only",
        f"{count(values['matched'], 'person')} in both, {values['only_in_first']:,} only in the first, "
        f"{values['only_in_second']:,} only in the second",
        f"OKS {_number(values['oks'])}, mask IoU {_number(values['iou'])}",
        *values["notes"],
        "",
        f"{'keypoint':<18} {'OKS':>6} {'median px':>10} {'same v':>7} {'one only':>9} {'compared':>9}",
    ]
    for name, joint in values["joints"].items():
        share = "-" if joint["same_visibility"] is None else f"{100 * joint['same_visibility']:.0f} %"
        distance = "-" if joint["median_distance"] is None else f"{joint['median_distance']:.1f}"
        lines.append(
            f"{name:<18} {_number(joint['oks']):>6} {distance:>10} {share:>7} {joint['labelled_by_one']:>9,} "
            f"{joint['compared']:>9,}"
        )
    if values["disagreements"]:
        lines += ["", "least agreed:"]
    for row in values["disagreements"]:
        who = "/".join("-" if n is None else str(n) for n in row["people"])
        lines.append(f"  {row['score']:.2f}  {row['image']}, person {who}: {row['sentence']}")
    return "\n".join(lines)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
