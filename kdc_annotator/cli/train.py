"""``kdc-annotator train``: a model of one's own, from corrected labels."""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

from kdc_annotator.cli.arguments import positive, zero_or_more

HELP = "train the model on labelled photos: COCO files, projects, folders of masks"

DESCRIPTION = """\
Trains the network on labelled photos and writes a model that every other command takes with --model.

DATA is a COCO person_keypoints file (photos in images/ beside it, or FILE.json:FOLDER), a folder with
person_keypoints.json, a project (only images marked as done), or a folder with images/ and person_masks/.
Several are mixed by their number of photos, or by shares: DATA@0.3.

What is not labelled is never taken for background. Ctrl-C saves; --resume goes on as if nothing had happened.
"""

EPILOG = """\
examples:
  kdc-annotator train mine.kdcproj -o runs/mine --minutes 10          fine-tunes the bundled model
  kdc-annotator train -o runs/mine --resume                           goes on after Ctrl-C or a crash
  kdc-annotator train coco/train.json:coco/train2017 --init resnet101.pth --recipe paper -o runs/paper
  torchrun --nproc-per-node 4 -m kdc_annotator train DATA -o runs/big  on four GPUs
"""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "train", help=HELP, description=DESCRIPTION, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "data", nargs="*", metavar="DATA", help="what to train on; DATA@SHARE for its share of the crops"
    )
    parser.add_argument("-o", "--out", metavar="RUN", help="folder of the run (runs/RECIPE)")
    parser.add_argument(
        "--init", default="", metavar="MODEL", help="start from a model file, 'bundled', 'scratch', a .npz of BodyPix weights or a .pth of "
        "ResNet weights (bundled, or scratch where the recipe has a network of its own)",
    )  # fmt: skip
    parser.add_argument(
        "--recipe", default="default", metavar="NAME", help="default, paper, poseplusseg or a JSON file (default)"
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run in RUN")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=positive, metavar="N", help="length in steps")
    length.add_argument("--minutes", type=_number, metavar="M", help="length in minutes")
    length.add_argument("--epochs", type=_number, metavar="E", help="length in passes over the data")
    parser.add_argument("--batch", type=positive, metavar="N", help="crops at a time, in each process (the recipe's)")
    parser.add_argument(
        "--workers", type=zero_or_more, metavar="N", help="processes that prepare crops (by the number of cores)"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps (auto)")
    parser.add_argument(
        "--val", default="0.1", metavar="DATA|SHARE|none", help="photos for validation, or the share to hold back (0.1)"
    )
    parser.add_argument(
        "--all-images", action="store_true", help="of a project, also images that nobody marked as done"
    )
    parser.add_argument("--tensorboard", action="store_true", help="also write for TensorBoard (extra: tensorboard)")
    parser.add_argument("--name", default="", help="name of the model, for provenance (kdc-BACKBONE)")
    parser.add_argument(
        "--json", action="store_true", help="print the outcome as JSON; what is said meanwhile goes to stderr"
    )
    return parser


def _number(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError("a number above 0")
    return value


def run(args: argparse.Namespace) -> int:
    """Trains; returns an exit code. Raises KdcError where it can't."""
    from kdc_annotator.jobs.train_process import hearing_stop, launched

    out = Path(args.out) if args.out else Path("runs") / Path(args.recipe).stem
    with hearing_stop(out, loading=True) if launched(out) else nullcontext():
        from kdc_annotator.jobs.train_run import Request, run_training
    from kdc_annotator.cli import INTERRUPTED, OK

    cores = os.cpu_count() or 1
    request = Request(
        data=tuple(args.data),
        out=out,
        init=args.init,
        recipe=args.recipe,
        resume=args.resume,
        steps=args.steps,
        minutes=args.minutes,
        epochs=args.epochs,
        batch=args.batch,
        workers=args.workers if args.workers is not None else max(1, min(8, cores // 2)),
        device=args.device,
        val=args.val,
        all_images=args.all_images,
        tensorboard=args.tensorboard,
        name=args.name,
    )
    try:
        last = run_training(request, lambda text: print(text, file=sys.stderr if args.json else None, flush=True))
    except KeyboardInterrupt:
        if not (out / "state.safetensors").is_file():
            raise
        print(f"Stopped; the run is saved. Go on with: kdc-annotator train -o {out} --resume", file=sys.stderr)
        return INTERRUPTED
    if args.json:
        best = out / "best.safetensors"
        print(json.dumps({"out": str(out), "last": str(last), "best": str(best) if best.is_file() else None}))
    return OK
