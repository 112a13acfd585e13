"""The engines of ``predict --engine`` side by side: time of a photo, and AP on people data.

    python benchmarks/engines.py PEOPLE_DATA [--images 40] [--calibration 24] [--size 641] [--no-tta] [--json FILE]

PEOPLE_DATA is a COCO person_keypoints file or a folder with one. The first ``--images`` photos are judged; INT8 takes its
ranges from ``--calibration`` photos after them, which nothing is judged on. The engines alternate photo by photo, in one
order and the other, so that what else the machine does meets all of them. Ctrl-C judges the photos that are done. Times are medians over photos;
on a busy machine only processor time on one core tells anything: put `taskset -c 0` in front, which all engines obey. Needs the extras
``onnx`` and ``openvino``; what is not installed is left out.
"""

from __future__ import annotations

import argparse
import json
import signal
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from kdc.errors import KdcError
from kdc.evaluating import evaluate, read_data
from kdc.evaluation.results import Detection, Results
from kdc.export import export_onnx
from kdc.images import read_image
from kdc.onnx_engine import make_predictor
from kdc.predictor import Predictor
from kdc.quantise import quantise
from kdc.resources import bundled_model

CHOICES = (
    ("torch fp32", "torch", "", "fp32"),
    ("torch bf16", "torch", "", "bf16"),
    ("ONNX Runtime fp32", "onnx", "fp32", "auto"),
    ("ONNX Runtime INT8", "onnx", "int8", "auto"),
    ("OpenVINO fp32", "openvino", "fp32", "fp32"),
    ("OpenVINO bf16", "openvino", "fp32", "bf16"),
    ("OpenVINO INT8", "openvino", "int8", "fp32"),
)


def open_all(model: str | None, folder: Path, photos: list[Path], options: dict[str, Any]) -> dict[str, Predictor]:
    """Every engine that is installed."""
    files = {"fp32": folder / "model.onnx", "int8": folder / "int8.onnx"}
    export_onnx(model or bundled_model(), files["fp32"])
    count = quantise(files["fp32"], files["int8"], (read_image(p).pixels for p in photos), options["size"])
    print(f"INT8: {count} convolutions, ranges from {len(photos)} photos", file=sys.stderr)
    found = {}
    for name, engine, file, precision in CHOICES:
        source = files[file] if file else model
        try:
            found[name] = make_predictor(engine, source, device="cpu", precision=precision, tiles="off", **options)
        except KdcError as error:
            print(f"{name}: {error}", file=sys.stderr)
    return found


def main() -> int:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="PEOPLE_DATA")
    parser.add_argument("--model")
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--calibration", type=int, default=24)
    parser.add_argument("--size", type=int)
    parser.add_argument("--no-tta", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Shells keep it from what runs in the background.
    truth = read_data(args.data)
    first = truth.first(args.images)
    rest = truth.images[len(first.images) :][: args.calibration]
    photos = [truth.path(i) for i in rest]
    with tempfile.TemporaryDirectory() as folder:
        engines = open_all(args.model, Path(folder), photos, {"size": args.size, "flip": not args.no_tta})
        people: dict[str, dict[int, tuple[Detection, ...]]] = {name: {} for name in engines}
        network: dict[str, list[float]] = {name: [] for name in engines}
        whole: dict[str, list[float]] = {name: [] for name in engines}
        busy: dict[str, list[float]] = {name: [] for name in engines}
        done = 0
        try:
            for image in first.images:
                photo = read_image(first.path(image)).pixels
                found = {}
                for name in list(engines)[:: -1 if done % 2 else 1]:
                    if not done:
                        engines[name].predict(photo)
                    marks = [time.perf_counter()]
                    worked = time.process_time()
                    scene = engines[name].scene(photo)
                    marks.append(time.perf_counter())
                    worked = time.process_time() - worked
                    people_ = engines[name].people(scene)
                    found[name] = people_, marks[1] - marks[0], time.perf_counter() - marks[0], worked
                for name, (people_, *seconds) in found.items():
                    people[name][image.id] = tuple(Detection.from_person(p) for p in people_)
                    network[name].append(seconds[0])
                    whole[name].append(seconds[1])
                    busy[name].append(seconds[2])
                done += 1
                print(f"{done}/{len(first.images)}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            first = first.first(done)
    rows = []
    base = None
    print(
        "| engine | network, ms | its processor time, ms | whole photo, ms | processor time beside torch fp32 | AP keypoints | AP masks |"
    )
    print("|---|---|---|---|---|---|---|")
    for name in engines:
        report = evaluate(first, Results(name, people[name]))
        assert report.keypoints is not None and report.segm is not None
        ap = report.keypoints[0], report.segm[0]
        base = base or (name, ap)
        ratio = statistics.median(a / b for a, b in zip(busy[base[0]], busy[name], strict=True))
        ms = [1000 * statistics.median(times[name]) for times in (network, busy, whole)]
        apart = "" if name == base[0] else " ({:+.4f})"
        shown = [f"{a:.4f}" + apart.format(a - b) for a, b in zip(ap, base[1], strict=True)]
        print(
            f"| {name} | {ms[0]:.0f} | {ms[1]:.0f} | {ms[2]:.0f} | 1 : {ratio:.2f} | {shown[0]} | {shown[1]} |",
            flush=True,
        )
        rows.append(
            {"engine": name, "network_ms": ms[0], "processor_ms": ms[1], "whole_ms": ms[2], "ratio": ratio, "ap": ap}
        )
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
