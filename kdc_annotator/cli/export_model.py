"""``kdc-annotator export-model``: the network as ONNX, compared with torch."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from kdc_annotator.cli.arguments import long_side

HELP = "write the model as ONNX with free batch and size, and compare it with torch"
DESCRIPTION = """\
Writes FILE.onnx: one input `images` (uint8 RGB, sides n * 16 + 1), one output for each head; and beside it a file for each
refinement that the model has. `predict` and `preannotate` take it as --model with --engine onnx or openvino. Then runs
ONNX Runtime and torch on a photo in two sizes and says how far the fields and the people are apart."""
INT8_PHOTOS = 32


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser("export-model", help=HELP, description=DESCRIPTION)
    parser.add_argument("model", nargs="?", default="bundled", metavar="MODEL", help="model file (the bundled one)")
    parser.add_argument("-o", "--out", required=True, metavar="FILE.onnx", help="file to write")
    parser.add_argument(
        "--int8", metavar="PHOTOS", help=f"dense convolutions in INT8, ranges from the first {INT8_PHOTOS} photos there"
    )
    parser.add_argument("--photo", metavar="FILE", help="photo to compare on (else a sample photo)")
    parser.add_argument(
        "--size", type=long_side, action="append", metavar="PX", help="long sides to compare at (641, 321)"
    )
    parser.add_argument("--no-check", action="store_true", help="don't compare")
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Exports; returns an exit code. Raises KdcError where it can't."""
    from kdc.errors import KdcError
    from kdc.export import export_onnx
    from kdc.images import list_images, read_image
    from kdc.quantise import quantise
    from kdc.resources import bundled_model
    from kdc_annotator.cli.exchange import count, summary

    checkpoint = bundled_model() if args.model == "bundled" else Path(args.model)
    if not args.out.endswith(".onnx"):
        raise KdcError("Not an .onnx file", f"--out {args.out} must end with .onnx.")
    photos = [] if args.int8 is None else list_images(args.int8)[:INT8_PHOTOS]
    if args.int8 is None:
        info = export_onnx(checkpoint, args.out)
    else:
        with tempfile.TemporaryDirectory() as folder:
            plain = Path(folder, "plain.onnx")
            info = export_onnx(checkpoint, plain)
            quantise(plain, args.out, (read_image(p).pixels for p in photos))
    rows = [] if args.no_check else _compare(checkpoint, Path(args.out), args.photo, args.size or [641, 321])
    kind = f", INT8 by {count(len(photos), 'photo')}" if photos else ""
    lines = [f"{args.out}: {info.name} {info.version}, {Path(args.out).stat().st_size / 2**20:.1f} MiB{kind}."]
    for row in rows:
        apart = ", ".join(f"{name} {value:.2g}" for name, value in row["fields"].items())
        lines.append(
            f"{row['size']} px: {count(row['people'][0], 'person')} in torch, {row['people'][1]} in ONNX Runtime; joints at most "
            f"{row['joints']:.2g} px apart, masks' IoU at least {row['iou']:.4f}; fields at most: {apart}"
        )
    summary(
        {"out": args.out, "model": info.name, "version": info.version, "compared": rows}, "\n".join(lines), args.json
    )
    return 0


def _compare(checkpoint: Path, exported: Path, photo: str | None, sizes: list[int]) -> list[dict[str, Any]]:
    import numpy as np

    from kdc.decode.masker import Scene
    from kdc.export import greatest_difference
    from kdc.geometry import Letterbox
    from kdc.images import read_image
    from kdc.onnx_engine import OnnxPredictor
    from kdc.predictor import Predictor
    from kdc.resources import sample_folder

    path = Path(photo) if photo else sample_folder() / "astronaut.jpg"
    pixels = read_image(path).pixels
    rows = []
    torch_ = Predictor(checkpoint, device="cpu", precision="fp32", tiles="off")
    onnx = OnnxPredictor("onnx", exported, precision="fp32", tiles="off")
    for size in sizes:
        box = Letterbox.fit(pixels.shape[1], pixels.shape[0], size)
        fields = [p.fields(box.apply(pixels)) for p in (torch_, onnx)]
        people = [p.people(Scene(pixels, box, f, p.schema)) for p, f in zip((torch_, onnx), fields, strict=True)]
        pairs = list(zip(*people, strict=False))
        apart = [np.abs(a.keypoints[:, :2] - b.keypoints[:, :2])[a.present & b.present] for a, b in pairs]
        ious = [a.mask.iou(b.mask) for a, b in pairs if a.mask and b.mask and a.mask.area + b.mask.area]
        rows.append(
            {
                "size": size,
                "people": [len(p) for p in people],
                "joints": float(max((d.max(initial=0) for d in apart), default=0.0)),
                "iou": float(min(ious, default=1.0)),
                "fields": greatest_difference(*fields),
            }
        )
    return rows
