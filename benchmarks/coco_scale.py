"""COCO at scale: read, import and export 120,000 photos with 260,000 people, beside pycocotools and faster-coco-eval.

    python benchmarks/coco_scale.py [--images 120000] [--people 260000] [--out OUT.json] [--keep DIR]

Every step runs in a process of its own, which reports its wall time and its peak memory. The file is generated: people
with 17 keypoints and one polygon each, every hundredth a crowd region as RLE.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

NAMES = "nose eye_l eye_r ear_l ear_r shoulder_l shoulder_r elbow_l elbow_r wrist_l wrist_r hip_l hip_r knee_l knee_r ankle_l ankle_r"


def generate(path: Path, images: int, people: int) -> None:
    """Writes the file."""
    draw = random.Random(7)
    with path.open("w") as file:
        category = {
            "id": 1,
            "name": "person",
            "supercategory": "person",
            "keypoints": NAMES.split(),
            "skeleton": [[16, 14], [14, 12]],
        }
        file.write(
            '{"info":{"year":2026},"licenses":[{"id":1,"name":"none"}],"categories":'
            + json.dumps([category])
            + ',"images":['
        )
        for i in range(images):
            image = {
                "id": i + 1,
                "file_name": f"{i + 1:012}.jpg",
                "width": 640,
                "height": 480,
                "license": 1,
                "coco_url": f"http://images.example/{i + 1:012}.jpg",
                "date_captured": "2013-11-14 11:18:45",
            }
            file.write(("," if i else "") + json.dumps(image))
        file.write('],"annotations":[')
        for i in range(people):
            file.write(("," if i else "") + json.dumps(_person(draw, i, images)))
        file.write("]}")


def _person(draw: random.Random, i: int, images: int) -> dict[str, Any]:
    x, y, w, h = draw.uniform(0, 500), draw.uniform(0, 300), draw.uniform(20, 140), draw.uniform(40, 180)
    base = {
        "id": i + 1,
        "image_id": draw.randrange(images) + 1,
        "category_id": 1,
        "bbox": [round(v, 2) for v in (x, y, w, h)],
        "area": round(w * h * 0.6, 4),
    }
    if i % 100 == 99:
        return {
            **base,
            "segmentation": {"size": [480, 640], "counts": [1000, 50, 480 * 640 - 1050]},
            "iscrowd": 1,
            "num_keypoints": 0,
            "keypoints": [0] * 51,
        }
    polygon = [round(v, 2) for _ in range(draw.randint(12, 40)) for v in (x + draw.random() * w, y + draw.random() * h)]
    points: list[int] = []
    for _ in range(17):
        v = draw.choice((0, 1, 2, 2, 2))
        points += [int(x + draw.random() * w), int(y + draw.random() * h), v] if v else [0, 0, 0]
    return {
        **base,
        "segmentation": [polygon],
        "iscrowd": 0,
        "num_keypoints": sum(v > 0 for v in points[2::3]),
        "keypoints": points,
    }


def step(name: str, source: Path, folder: Path) -> None:
    """Runs one step in this process and prints seconds and peak megabytes."""
    # What is imported is not what is measured.
    if name in ("pycocotools",):
        from pycocotools.coco import COCO
    elif name == "faster-coco-eval":
        from faster_coco_eval import COCO
    else:
        from kdc_annotator.io import coco_read, coco_write
        from kdc_annotator.io.exporting import project_dataset
        from kdc_annotator.io.importing import import_dataset
        from kdc_annotator.io.project import Project
    start = time.perf_counter()
    if name == "json.load":
        with source.open() as file:
            json.load(file)
    elif name in ("pycocotools", "faster-coco-eval"):
        COCO(str(source))
    elif name == "read":
        coco_read.read(source).close()
    elif name == "read and write":
        with coco_read.read(source) as dataset:
            coco_write.write(dataset, folder / "copy.json")
    elif name in ("import", "import again"):
        path = folder / "scale.kdcproj"
        with (
            Project.open(path) if path.exists() else Project.create(path) as project,
            coco_read.read(source) as dataset,
        ):
            import_dataset(project, dataset)
    elif name == "export":
        with Project.open(folder / "scale.kdcproj", read_only=True) as project:
            coco_write.write(project_dataset(project), folder / "export.json")
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"step": name, "seconds": round(seconds, 2), "peak_mb": round(peak)}))


STEPS = ("json.load", "pycocotools", "faster-coco-eval", "read", "read and write", "import", "export", "import again")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--people", type=int, default=260_000)
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--keep", type=Path, help="a folder for the files; default: a temporary one")
    parser.add_argument("--out", type=Path, help="write the figures as JSON")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.step:
        step(args.step, args.keep / "scale.json", args.keep)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        source = folder / "scale.json"
        if not source.exists():
            generate(source, args.images, args.people)
        print(f"{args.images:,} images, {args.people:,} people, {source.stat().st_size / 2**20:.0f} MiB")
        rows = []
        for name in args.steps.split(","):
            done = subprocess.run(
                [sys.executable, __file__, "--step", name, "--keep", str(folder)], capture_output=True, text=True
            )
            if done.returncode:
                print(f"{name:18} not run: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
                continue
            rows.append(json.loads(done.stdout.strip().splitlines()[-1]))
            print(f"{name:18} {rows[-1]['seconds']:8.2f} s {rows[-1]['peak_mb']:8,} MB", flush=True)
        if (folder / "export.json").exists() and "export" in args.steps:
            with source.open() as a, (folder / "export.json").open() as b:
                print("export equals the source:", json.load(a) == json.load(b))
        if args.out:
            args.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
