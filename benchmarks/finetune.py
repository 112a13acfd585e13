"""Does fine-tuning on a few photos of one kind help with that kind, and what is forgotten? Keypoint and mask AP before and after.

    python benchmarks/finetune.py DATA.json --images PHOTOS [--kind night] [--photos 40] [--minutes 10] [-o docs/finetuning.md]

The kinds are made of real photos, and nobody trained on them. ``night``: a cheap camera at night, grey, dark, coarse and noisy.
``negative``: scanned negatives, grey and inverted. ``side``: a camera that hangs on its side; labels are turned with the photos. DATA
are labelled photos that the bundled model was not trained on (`resources/training/validation.json`). The first part of them, shuffled,
is trained on with the user's own command, ``kdc-annotator train FOLDER --minutes M``; the others are measured as photos of that kind
and as they are.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from measured_page import write_measured
from pycocotools import mask as coco_mask

from kdc.evaluating import evaluate, measure, read_data
from kdc.evaluation.truth import Truth
from kdc.images import read_image
from kdc.predictor import Predictor
from kdc.whole_files import write_whole

LIGHT, READ_NOISE = 120.0, 2.0
"""Photons of the brightest pixel, and the camera's own noise in photons."""


def night(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB as a cheap camera would see it at night: half the detail, grey, at most ``LIGHT`` photons a pixel."""
    height, width = pixels.shape[:2]
    small = cv2.resize(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (width // 2, height // 2), interpolation=cv2.INTER_AREA
    )
    light = np.square(small.astype(np.float32) / 255) * LIGHT
    electrons = rng.poisson(light).astype(np.float32) + rng.normal(0, READ_NOISE, light.shape).astype(np.float32)
    seen = np.clip(electrons * 1.2 + 10, 0, 255).astype(np.uint8)
    return cv2.cvtColor(cv2.resize(seen, (width, height), interpolation=cv2.INTER_LINEAR), cv2.COLOR_GRAY2RGB)


def negative(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB as a scanned negative: grey, bright where it was dark."""
    return cv2.cvtColor(255 - cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def side(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W, 3) uint8 RGB turned by a quarter, clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, -1))


KINDS: dict[str, tuple[str, Callable[[np.ndarray, np.random.Generator], np.ndarray]]] = {
    "night": ("night photos", night),
    "negative": ("negatives", negative),
    "side": ("photos of a camera on its side", side),
}
"""By name: what they are called, and how a photo becomes one."""


def turned(annotation: dict, height: int, width: int) -> dict:
    """The annotation of a photo of that size after ``side``: COCO's continuous frame for boxes and polygons, pixel centres for joints."""
    joints = np.asarray(annotation.get("keypoints", []), float).reshape(-1, 3)
    seen = joints[:, 2:] > 0
    moved = np.column_stack(
        [np.where(seen, np.column_stack([height - 1 - joints[:, 1], joints[:, 0]]), 0), joints[:, 2]]
    )
    x, y, w, h = annotation["bbox"]
    shape = annotation["segmentation"]
    if isinstance(shape, list):
        shape = [np.column_stack([height - np.array(p[1::2]), p[::2]]).ravel().tolist() for p in shape]
    elif shape:
        rle = coco_mask.frPyObjects(shape, height, width) if isinstance(shape["counts"], list) else shape
        shape = coco_mask.encode(np.asfortranarray(np.rot90(coco_mask.decode(rle), -1)))
        shape["counts"] = shape["counts"].decode()
    return annotation | {
        "keypoints": moved.ravel().tolist(), "bbox": [height - y - h, x, h, w], "segmentation": shape,
    }  # fmt: skip


def write_kind(kind: str, truth: Truth, content: dict, chosen: list[int], folder: Path) -> None:
    """The photos ``chosen`` by id as photos of a kind, with their part of the COCO file ``content``."""
    make = KINDS[kind][1]
    (folder / "images").mkdir(parents=True)
    wanted = set(chosen)
    for image in truth.images:
        if image.id in wanted:
            pixels = make(read_image(truth.path(image)).pixels, np.random.default_rng(image.id))
            target = folder / "images" / _jpeg(image.file_name)
            cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 60])[1].tofile(str(target))
    images = [i | {"file_name": _jpeg(i["file_name"])} for i in content["images"] if i["id"] in wanted]
    people = [a for a in content["annotations"] if a["image_id"] in wanted]
    if kind == "side":
        sizes = {i["id"]: (i["height"], i["width"]) for i in images}
        images = [i | {"width": i["height"], "height": i["width"]} for i in images]
        people = [turned(a, *sizes[a["image_id"]]) for a in people]
    part = content | {"images": images, "annotations": people}
    write_whole(folder / "person_keypoints.json", json.dumps(part).encode())


def _jpeg(name: str) -> str:
    return Path(name).with_suffix(".jpg").name


def figures(model: str, truth: Truth) -> tuple[float, float, float]:
    """Keypoint AP, mask AP, mask IoU with true keypoints."""
    results, ious = measure(Predictor(model, device="cpu", tiles="off"), truth, model)
    report = evaluate(truth, results)
    keypoints = report.keypoints[0] if report.keypoints else float("nan")
    masks = report.segm[0] if report.segm else float("nan")
    return keypoints, masks, float(np.mean(list(ious.values()))) if ious else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--kind", choices=list(KINDS), default="night")
    parser.add_argument("--photos", type=int, default=40)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--limit", type=int, default=0, help="measure on so many photos only")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--run", type=Path, help="folder that keeps the run")
    parser.add_argument("-o", "--out", help="page to write the table into")
    args = parser.parse_args()
    truth = read_data(args.data, args.images)
    content = json.loads(args.data.read_bytes())
    ids = [i.id for i in truth.images if any(p.labelled.any() for p in i.people if not p.crowd)]
    np.random.default_rng(args.seed).shuffle(ids)
    trained, others = ids[: args.photos], ids[args.photos :]
    others = others[: args.limit or None]
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.run or Path(temporary)
        write_kind(args.kind, truth, content, trained, folder / "train")
        write_kind(args.kind, truth, content, others, folder / "test")
        kind = read_data(folder / "test" / "person_keypoints.json", folder / "test" / "images")
        general = truth.only([i for i in truth.images if i.id in set(others)])
        start = time.monotonic()
        command = [
            "train",
            str(folder / "train"),
            "-o",
            str(folder / "run"),
            "--minutes",
            str(args.minutes),
            "--val",
            "none",
        ]
        subprocess.run([sys.executable, "-m", "kdc_annotator", *command], check=True)
        minutes = (time.monotonic() - start) / 60
        models = ("before", "bundled"), *((n, str(folder / "run" / f"{n}.safetensors")) for n in ("last", "halfway"))
        rows = [
            (what, who, *figures(model, data))
            for what, data in ((KINDS[args.kind][0], kind), ("the same photos as they are", general))
            for who, model in models
        ]
    people = sum(p.labelled.any() and not p.crowd for i in general.images for p in i.people)
    lines = [
        f"Trained on {len(trained)} {KINDS[args.kind][0]} for {minutes:.1f} minutes (start and end of the program included); measured on {len(others)} others with {people} people.",
        "",
        "| | | keypoint AP | mask AP | mask IoU, true keypoints |",
        "|---|---|---|---|---|",
        *(f"| {what} | {who} | {a:.3f} | {b:.3f} | {c:.3f} |" for what, who, a, b, c in rows),
    ]
    print("\n".join(lines))
    if args.out:
        write_measured(args.out, "\n".join(lines), "Fine-tuning on one's own photos")


if __name__ == "__main__":
    main()
