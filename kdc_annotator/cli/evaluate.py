"""``kdc-annotator evaluate``: how good models or results are on annotated photos."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdc_annotator.cli.arguments import fraction, long_side, positive, tiles

if TYPE_CHECKING:
    from kdc.evaluating import Report, Results, Truth

HELP = "measure models or results on annotated photos: COCO, CrowdPose, OCHuman figures and what a labeler gains"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("evaluate", help=HELP, description=f"Measures{HELP.removeprefix('measure')}.")
    parser.add_argument(
        "sources",
        nargs="+",
        metavar="MODEL|RESULTS.json",
        help="a model file, an exported model (with --engine) or 'bundled', a COCO file with scores as `predict` writes it, or a COCO result list; "
        "several are compared in one table",
    )
    parser.add_argument(
        "data", metavar="DATA", help="a COCO person_keypoints file, a folder with one, or OCHuman's file"
    )
    parser.add_argument("--type", default="keypoints,segm", metavar="KINDS", help="keypoints, segm (both)")
    parser.add_argument(
        "--protocol",
        choices=("coco", "crowdpose", "ochuman"),
        default="coco",
        help="whose figures: COCO's, CrowdPose's or OCHuman's (coco)",
    )
    parser.add_argument("--split", choices=("val", "test"), default="val", help="of OCHuman's own file (val)")
    parser.add_argument("--images", metavar="DIR", help="the photos (else images/ beside DATA's file, or its folder)")
    parser.add_argument("-o", "--out", metavar="FILE.json", help="write all figures to this file")
    parser.add_argument(
        "--picture", "--worst", metavar="PNG", help="draw the ten worst photos (of the first source) into this file"
    )
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N photos")
    parser.add_argument(
        "--min-score",
        type=fraction,
        metavar="S",
        help="score from which a person counts as found (the one with the fewest misses and false people); "
        "AP does not depend on it",
    )
    parser.add_argument(
        "--engine", choices=("torch", "onnx", "openvino"), default="torch", help="for models: what computes (torch)"
    )
    parser.add_argument("--device", default="auto", help="for models: auto, cpu, cuda, mps (auto)")
    parser.add_argument(
        "--size", type=long_side, metavar="PX", help="for models: long side the network sees (the model's own)"
    )
    parser.add_argument(
        "--tiles", type=tiles, default="auto", metavar="auto|N|off", help="for models: as in `predict` (auto)"
    )
    parser.add_argument(
        "--tta", action=argparse.BooleanOptionalAction, default=True, help="for models: the mirrored photo, too (on)"
    )
    parser.add_argument("--json", action="store_true", help="print all figures as JSON in place of the table")
    return parser


def run(args: argparse.Namespace) -> int:
    """Evaluates, prints the table, writes what was asked for. Raises ``KdcError`` when something can't be used."""
    from kdc.errors import KdcError
    from kdc.evaluating import KINDS, check_request, evaluate, read_data, truth_file
    from kdc.evaluation.report import json_text, table, write_json
    from kdc_annotator.cli.exchange import check_writable, refuse_inputs, refuse_photos

    kinds = [k.strip() for k in args.type.split(",") if k.strip()]
    if not kinds or any(k not in KINDS for k in kinds):
        raise KdcError("Unknown type", f"--type takes {' and '.join(KINDS)}, separated by a comma, not {args.type!r}.")
    for name in (args.data, *args.sources):
        if name.endswith(".kdcproj"):
            raise KdcError("Not a COCO file", f"{name} is a project; `export` writes its annotations to a COCO file.")
    check_writable(args.out, "--out")
    check_writable(args.picture, "--picture", picture=True)
    written = [Path(name) for name in (args.out, args.picture) if name]
    refuse_inputs(written, [truth_file(Path(args.data)), *map(Path, args.sources)])
    truth = read_data(Path(args.data), Path(args.images) if args.images else None, args.split)
    refuse_photos(args.picture, truth.files())
    truth = truth.first(args.limit)
    check_request(truth, kinds, args.protocol)
    if args.picture or any(map(_is_model, args.sources)):
        truth.refuse_missing()
    given = [_open(source, truth, args) for source in args.sources]
    reports: list[Report] = []
    first: Results | None = None
    for source, opened in zip(args.sources, given, strict=True):
        results, true_ious = _results(source, opened, truth, "segm" in kinds)
        first = first or results
        reports.append(evaluate(truth, results, kinds, args.protocol, true_ious, args.min_score))
    sys.stdout.write(json_text(truth, reports) if args.json else table(truth, reports))
    if args.out:
        write_json(Path(args.out), truth, reports)
    if args.picture and first is not None:
        from kdc.evaluation.worst import worst_picture
        from kdc.whole_files import write_whole

        write_whole(args.picture, worst_picture(truth, first, reports[0].labeler))
    return 0


def _is_model(source: str) -> bool:
    return source == "bundled" or not source.lower().endswith(".json")


def _open(source: str, truth: Truth, args: argparse.Namespace) -> Any:
    """What a results file holds, or a model, before anything is measured: ``KdcError`` where a source can't be used."""
    if not _is_model(source):
        from kdc.evaluating import read_results

        return read_results(Path(source), truth)
    from kdc_annotator.jobs.networks import NetworkChoice

    model_file = None if source == "bundled" else source
    return NetworkChoice(model_file, args.engine, args.device, args.size, args.tiles, args.tta).open()


def _results(source: str, opened: Any, truth: Truth, masks: bool) -> tuple[Results, dict[int, float]]:
    """The people of a source; mask IoU with true keypoints by person id, of models."""
    if not _is_model(source):
        return opened, {}
    from kdc.evaluating import measure
    from kdc_annotator.cli.progress import Progress

    print(opened.device_sentence, file=sys.stderr, flush=True)
    with Progress(len(truth.images)) as progress:
        return measure(opened, truth, source, masks, lambda done, total: progress.advance())
