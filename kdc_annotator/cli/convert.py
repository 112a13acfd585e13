"""``kdc-annotator convert``: one annotation format into another, without a project."""

from __future__ import annotations

import argparse
from pathlib import Path

from kdc_annotator.cli.exchange import FORMATS
from kdc_annotator.cli.export import add_form

HELP = "turn one annotation format into another"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = subparsers.add_parser(
        "convert",
        help=HELP,
        description="Turns one annotation format into another. What is lost is listed before anything is written.",
    )
    parser.add_argument("source", metavar="IN", help="annotation file or folder")
    parser.add_argument(
        "-o", "--out", required=True, metavar="OUT", help="a .json file, or a new folder for YOLO and labelme"
    )
    parser.add_argument("--to", choices=FORMATS, required=True, help="the format to write")
    parser.add_argument(
        "--from",
        choices=("auto", *FORMATS),
        default="auto",
        dest="source_format",
        help="the format of IN (auto: found out from the files)",
    )
    parser.add_argument(
        "--images", metavar="DIR", help="the folder of the photos, for --copy-images and sizes (else beside IN)"
    )
    parser.add_argument(
        "--copy-images", action="store_true", help="copy the photos beside the file, or into the folder"
    )
    add_form(parser)
    parser.add_argument(
        "--problems", metavar="FILE", help="write everything that can't be used, with its place, to FILE"
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Converts; returns an exit code. Raises ``KdcError`` when nothing could be written."""
    from kdc_annotator.cli.exchange import Ticker, check_list, count, list_problems, refuse_inputs, say, summary
    from kdc_annotator.cli.import_ import images_folder
    from kdc_annotator.io import formats
    from kdc_annotator.io.photo_sizes import with_sizes
    from kdc_annotator.io.segmentation import reformed

    source, out = Path(args.source), Path(args.out)
    form = formats.detect(source) if args.source_format == "auto" else args.source_format
    refuse_inputs([args.problems], [source])
    refuse_inputs([out, args.problems], [])
    check_list(args.problems)
    folder = images_folder(source, args.images)
    with Ticker("MB" if form not in formats.FOLDERS else "images") as reading:
        dataset = formats.read(source, form, reading, folder)
    with dataset:
        list_problems(dataset.problems, args.problems)
        told = with_sizes(dataset, folder) if args.form or args.to != "coco" else dataset
        chosen = reformed(told, args.form)
        dropped = formats.losses(chosen, args.to)
        if dropped or args.form or form != args.to:
            below = out.is_file() and source.is_dir() and out.resolve().is_relative_to(source.resolve())
            refuse_inputs([out], [out if below else source])
        for sentence in dropped:
            say(f"{sentence}.")
        copier = formats.ImageCopier(folder) if args.copy_images else None
        with Ticker("images") as writing:
            formats.write(chosen, out, args.to, copier, writing)
        failed = copier.failed if copier is not None else []
        for sentence in failed:
            say(sentence)
        values = {
            "out": str(out),
            "images": dataset.image_count,
            "dropped": dropped,
            "failed": failed,
            "problems": [{"place": p.place, "what": p.what} for p in dataset.problems],
        }
        summary(values, f"{out}: {count(dataset.image_count, 'image')}.", args.json)
    return 3 if failed or any(p.left_out for p in dataset.problems) else 0
