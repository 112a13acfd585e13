"""``kdc-annotator stats``: what a project or an annotation file holds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

HELP = "count people, keypoints, visibility, sizes, crowding, labelers and time"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("stats", help=HELP, description=f"Counts{HELP.removeprefix('count')}.")
    parser.add_argument("source", metavar="P.kdcproj|FILE", help="a project, or annotations of any known format")
    parser.add_argument("--images", metavar="DIR", help="where the photos of an annotation file lie (else beside it)")
    parser.add_argument("--picture", metavar="PNG", help="also draw it")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Counts and prints. Raises KdcError where there is nothing to count."""
    import json

    from kdc.whole_files import write_whole
    from kdc_annotator.cli.exchange import refuse_inputs, refuse_photos
    from kdc_annotator.cli.import_ import images_folder
    from kdc_annotator.jobs.annotated import opened, photo_files
    from kdc_annotator.jobs.statistics import statistics
    from kdc_annotator.jobs.statistics_picture import statistics_picture

    source = Path(args.source)
    refuse_inputs([args.picture], [source])
    images = images_folder(source, args.images)
    with opened(source, images) as content:
        refuse_photos(args.picture, photo_files(content, images))
        found = statistics(content)
    if args.picture:
        write_whole(args.picture, statistics_picture(found, source.name))
    values = found.to_json()
    print(json.dumps(values) if args.json else table(values))
    return 0


def table(values: dict[str, Any]) -> str:
    """The values as lines for people."""
    from kdc_annotator.cli.exchange import count

    people, images = values["people"], values["images"]
    rows = [
        ("images", f"{images:,}"),
        *((f"  {name}", f"{n:,}") for name, n in values["status"].items()),
        ("people", f"{people:,}" + (f" ({people / images:.1f} an image)" if images else "")),
        ("  with keypoints", _share(values["with_keypoints"], people)),
        ("  with a mask", _share(values["with_mask"], people)),
        ("  with both", _share(values["with_both"], people)),
        *((f"  {name}", _share(n, people)) for name, n in values["sizes"].items()),
        ("  crowded (box IoU ≥ 0.3)", _share(values["crowded"], people)),
        *((f"  {name}", _share(n, people)) for name, n in values["sources"].items()),
        ("crowd regions", f"{values['crowd_regions']:,}"),
        ("open proposals", f"{values['open_proposals']:,}"),
        ("time", f"{values['active_seconds'] / 3600:.1f} h"),
        *(
            (
                f"  {name}",
                f"{count(row['images'], 'image')}, {count(row['people'], 'person')}, {row['seconds'] / 3600:.1f} h",
            )
            for name, row in values["labelers"].items()
        ),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {value}" for name, value in rows]
    if values["keypoints"]:
        lines += ["", f"{'keypoint':<{width}}  {'visible':>9} {'occluded':>9} {'unlabelled':>10}"]
        lines += [
            f"{name:<{width}}  {n['visible']:>9,} {n['occluded']:>9,} {n['unlabelled']:>10,}"
            for name, n in values["keypoints"].items()
        ]
    return "\n".join(lines)


def _share(count: int, of: int) -> str:
    return f"{count:,}" + (f" ({100 * count / of:.0f} %)" if of else "")
