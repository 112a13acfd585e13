"""``kdc-annotator predict``: photos in; a COCO file with keypoints and masks, and overlay pictures, out."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from kdc_annotator.cli.arguments import fraction, long_side, positive, tiles

if TYPE_CHECKING:
    from kdc_annotator.cli.predict_inputs import Job
    from kdc_annotator.cli.predict_output import CocoResults

HELP = "find the people in photos: keypoints and masks as a COCO file, and overlay pictures"

DESCRIPTION = """\
Finds the people in photos and writes them as one COCO file: keypoints, masks (RLE) and a score for each person.
IMAGES are files, folders (with what lies below) and patterns, or one COCO file, whose photos are taken with their ids.
Width, height and positions are those of the upright photo (EXIF orientation applied); photos are never changed.
Photos that can't be read are listed at the end (exit code 3); Ctrl-C keeps what is finished.
"""

DEFAULT_MIN_SCORE = 0.05
"""For files, whose readers choose a score themselves: no AP is lost."""
DRAWN_SCORE = 0.4
"""For eyes: overlay pictures, and the count of people that is said."""
SAVE_EVERY_SECONDS = 60.0


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "predict", help=HELP, description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sources", nargs="+", metavar="IMAGES", help="files, folders, patterns; or one COCO file")
    parser.add_argument("-o", "--out", default="people.json", metavar="FILE", help="COCO file to write (people.json)")
    parser.add_argument("--overlay", metavar="DIR", help="also draw the people of each photo into this folder")
    parser.add_argument("--images", metavar="DIR", help="where the photos of a COCO file lie (else beside it)")
    parser.add_argument("--model", metavar="FILE", help="model, or exported model, to use (else the bundled one)")
    parser.add_argument(
        "--engine", choices=("torch", "onnx", "openvino"), default="torch", help="what computes (torch)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps (auto)")
    parser.add_argument(
        "--size", type=long_side, metavar="PX", help="long side the network sees (what the model was trained for: 641)"
    )
    parser.add_argument("--tiles", type=tiles, default="auto", metavar="auto|N|off", help=TILES_HELP)
    parser.add_argument("--tta", action=argparse.BooleanOptionalAction, default=True, help=TTA_HELP)
    parser.add_argument(
        "--min-score", type=fraction, default=DEFAULT_MIN_SCORE, metavar="S",
        help=f"leave out people scored lower, 0 to 1 ({DEFAULT_MIN_SCORE})",
    )  # fmt: skip
    parser.add_argument(
        "--overlay-score", type=fraction, default=DRAWN_SCORE, metavar="S",
        help=f"people scored lower are not drawn ({DRAWN_SCORE})",
    )  # fmt: skip
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first N photos")
    parser.add_argument(
        "--overwrite", action="store_true", help="replace FILE, and pictures in DIR, even if this command did not write them",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


TTA_HELP = "look at the mirrored photo, too: better, at half the speed (on)"
TILES_HELP = "also look at overlapping tiles, N along the long side, for small people in large photos (auto)"


def run(args: argparse.Namespace) -> int:
    """Predicts; returns an exit code. Raises KdcError where nothing can be done."""
    from kdc_annotator.cli.predict_inputs import find_jobs
    from kdc_annotator.cli.predict_output import check_output, check_pictures

    found = find_jobs(args.sources, images=args.images, leave_out=args.overlay)
    jobs = found[: args.limit]
    check_output(args.out, args.sources, overwrite=args.overwrite)
    check_pictures(args.overlay, jobs, found, overwrite=args.overwrite)

    from kdc_annotator.jobs.networks import NetworkChoice

    choice = NetworkChoice(args.model, args.engine, args.device, args.size, args.tiles, args.tta, args.min_score)
    predictor = choice.open()
    print(predictor.device_sentence, file=sys.stderr, flush=True)
    return predict_all(args, predictor, jobs)


def predict_all(args: argparse.Namespace, predictor: Any, jobs: list[Job]) -> int:
    """Predicts every job and writes the results; ``predictor`` is as in ``kdc.predictor``."""
    import time

    from kdc.errors import KdcError
    from kdc.images import read_image
    from kdc_annotator.cli import INCOMPLETE, INTERRUPTED, OK
    from kdc_annotator.cli.predict_output import CocoResults, overlay_paths, write_overlay
    from kdc_annotator.cli.progress import Progress
    from kdc_annotator.jobs.photo_pipeline import inside_photo

    results = CocoResults(args.out, predictor.schema, predictor.model_name, predictor.model_version)
    pictures = overlay_paths(args.overlay, jobs) if args.overlay else None
    failed: list[str] = []
    stopped = complete = False
    sure = 0
    saved = time.monotonic()
    try:
        with Progress(len(jobs)) as progress:
            for number, job in enumerate(jobs):
                try:
                    photo = read_image(job.path)
                    people = predictor.predict(photo.pixels).people
                except KdcError as error:
                    where = "" if str(job.path) in error.message else f"{job.path}: "
                    failed.append(f"{where}{error.title}: {error.message}")
                else:
                    height, width = photo.pixels.shape[:2]
                    people = [inside_photo(p, width, height) for p in people if p.score >= args.min_score]
                    drawn = [p for p in people if p.score >= args.overlay_score]
                    sure += len(drawn)
                    if pictures is not None:
                        write_overlay(pictures[number], photo.pixels, drawn, predictor.schema)
                    results.add(job, width, height, people)
                progress.advance()
                if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                    results.write()
                    saved = time.monotonic()
        complete = not failed
    except KeyboardInterrupt:
        stopped = True
    finally:
        if results.image_count or complete:  # Nothing finished takes no earlier result's place.
            results.write()
    _report(args, results, jobs, failed, stopped, sure)
    return INTERRUPTED if stopped else INCOMPLETE if failed else OK


def _report(
    args: argparse.Namespace, results: CocoResults, jobs: list[Job], failed: list[str], stopped: bool, sure: int
) -> None:
    from kdc_annotator.cli.exchange import count

    if failed:
        print(f"{len(failed)} of {count(len(jobs), 'photo')} could not be used:", file=sys.stderr)
        for sentence in failed:
            print(f"  {sentence}", file=sys.stderr)
    if stopped:
        print(f"Stopped: {results.image_count} of {count(len(jobs), 'photo')} finished.", file=sys.stderr)
    if args.json:
        outcome = {"out": args.out, "images": results.image_count, "people": results.person_count, "failed": failed}
        print(json.dumps(outcome | {"stopped": stopped}), flush=True)
    elif results.image_count:
        where = f"; pictures in {args.overlay}" if args.overlay else ""
        doubtful = results.person_count - sure
        rest = f" ({doubtful} more scored below {args.overlay_score:g})" if doubtful else ""
        print(
            f"{count(sure, 'person')} in {count(results.image_count, 'photo')}{rest} -> {args.out}{where}", flush=True
        )
