"""``kdc-annotator bench``: measure the tool on annotated photos; so far one bench, the simulated labeler."""

from __future__ import annotations

import argparse
import sys

from kdc_annotator.cli.arguments import fraction, long_side, positive, zero_or_more

HELP = "measure how much work the tool saves: a simulated labeler corrects annotated photos"

DESCRIPTION = """\
A simulated labeler corrects every photo until each person has OKS >= 0.9 and mask IoU >= 0.85, with the annotation as its goal,
four ways: (1) by hand, (2) the model's proposals and a brush, (3) with static centroids re-clustered after each drag,
(4) with dynamic re-clustering and strokes as evidence. The last line is the ratio of (4) to (2).
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("bench", help=HELP, description=f"Measures{HELP.removeprefix('measure')}.")
    kinds = parser.add_subparsers(dest="bench", metavar="BENCH", title="benches", required=True)
    labeler = kinds.add_parser(
        "labeler",
        help="the simulated labeler",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    labeler.add_argument(
        "data", metavar="COCO.json", help="a COCO person_keypoints file with masks, or a folder with one"
    )
    labeler.add_argument("--images", metavar="DIR", help="the photos (else images/ beside the file, or its folder)")
    labeler.add_argument("-o", "--out", metavar="lab.json", help="write all figures to this file")
    labeler.add_argument("--picture", metavar="PNG", help="draw OKS and IoU against actions into this file")
    labeler.add_argument("--model", metavar="FILE", help="model to use (else the bundled one)")
    labeler.add_argument("--limit", type=positive, metavar="N", help="only the first N photos")
    labeler.add_argument(
        "--min-score", type=fraction, metavar="S", help="proposals below are not shown (0.3, as in the window)"
    )
    labeler.add_argument("--seed", type=zero_or_more, default=0, metavar="N", help="of the hand's errors (0)")
    labeler.add_argument(
        "--quick", action="store_true", help="only (2) and (4), and no strokes counted from the proposals alone"
    )
    labeler.add_argument("--blame", action="store_true", help="also replace one part at a time by the truth")
    labeler.add_argument("--no-refinement", action="store_true", help="without the model's learnt refinement")
    labeler.add_argument("--device", default="auto", help="auto, cpu, cuda, mps (auto)")
    labeler.add_argument(
        "--size", type=long_side, metavar="PX", help="long side the network sees (else the model's own)"
    )
    labeler.add_argument("--json", action="store_true", help="print all figures as JSON in place of the table")
    return parser


def run(args: argparse.Namespace) -> int:
    """Runs the bench; returns an exit code. Raises KdcError where something can't be used."""
    import json
    from pathlib import Path

    from kdc.errors import KdcError
    from kdc.evaluating import read_data, truth_file
    from kdc.whole_files import write_whole
    from kdc_annotator.cli.exchange import refuse_inputs, refuse_photos
    from kdc_annotator.cli.progress import Progress
    from kdc_annotator.document.proposals import SHOWN_SCORE
    from kdc_annotator.jobs.labeler_bench import METHODS, BenchConfig, run_bench
    from kdc_annotator.jobs.labeler_report import picture, table, to_json

    least = SHOWN_SCORE if args.min_score is None else args.min_score
    refuse_inputs([Path(name) for name in (args.out, args.picture) if name], [truth_file(Path(args.data))])
    truth = read_data(Path(args.data), Path(args.images) if args.images else None)
    refuse_photos(args.picture, truth.files())
    truth = truth.first(args.limit)
    if not any(p.rle is not None and p.labelled.any() for i in truth.images for p in i.people):
        raise KdcError("Nobody to correct", f"{args.data} has no person with both labelled keypoints and a mask.")

    from kdc.predictor import Predictor

    model = Predictor(args.model, device=args.device, size=args.size)
    if model.schema.keypoints != truth.schema.keypoints:
        raise KdcError(
            "Other keypoints", f"The model knows {model.schema.name}, the file is labelled with {truth.schema.name}."
        )
    print(model.device_sentence, file=sys.stderr, flush=True)
    config = BenchConfig(
        methods=("proposals", "dynamic") if args.quick else METHODS,
        min_score=least,
        seed=args.seed,
        blame=args.blame,
        noc=not args.quick,
        learnt=not args.no_refinement,
    )
    with Progress(len(truth.images)) as progress:
        result = run_bench(truth, model, config, lambda done, total: progress.advance())
    figures = to_json(result)
    if args.out:
        write_whole(args.out, json.dumps(figures, indent=1).encode("ascii"))
    if args.picture:
        write_whole(args.picture, picture(figures))
    sys.stdout.write(json.dumps(figures) + "\n" if args.json else table(figures))
    return 0
