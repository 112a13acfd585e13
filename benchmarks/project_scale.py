"""The project file at scale: 120,000 images with 260,000 people. Prints a table of times and memory.

    python benchmarks/project_scale.py [--images 120000] [--people 260000] [--peers] [--cpu] [--keep FOLDER]

Each figure is taken in a fresh process. ``--peers`` writes the same people as one COCO file and measures what
json.load, pycocotools, faster-coco-eval (where installed) and labelme's one JSON per image cost to open.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__)


def made_up(images: int, people: int) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """COCO dicts, about as large as COCO's own: a polygon of 24 points and 17 keypoints for each person."""
    rng = random.Random(1)
    kinds = []
    for _ in range(500):
        x, y = rng.randrange(500), rng.randrange(300)
        polygon = [round(v + rng.random() * 120, 2) for _ in range(24) for v in (x, y)]
        points = [v for _ in range(17) for v in (x + rng.randrange(120), y + rng.randrange(120), 2)]
        kinds.append(
            {"category_id": 1, "segmentation": [polygon], "keypoints": points, "num_keypoints": 17, "area": 7200.5}
            | {"bbox": [x, y, 120, 120], "iscrowd": 0}
        )
    made = 0
    for i in range(1, images + 1):
        image = {"id": i, "file_name": f"{i % 100:02}/{i:012}.jpg", "width": 640, "height": 480, "license": 1}
        wanted = people * i // images
        mine = [{"id": n + 1, "image_id": i, **kinds[n % 500]} for n in range(made, wanted)]
        made = wanted
        yield image, mine


def fill(path: Path, images: int, people: int) -> None:
    """Write the project through the same calls that import uses."""
    from kdc_annotator.document.annotation import STATUSES, PhotoRecord
    from kdc_annotator.io.project import Project

    with Project.create(path) as project, project.bulk() as bulk:
        for image, mine in made_up(images, people):
            status = STATUSES[image["id"] % len(STATUSES)]
            photo = PhotoRecord(image["id"], image["file_name"], 640, 480, status=status, raw=image)
            bulk.add_images([photo])
            told = {"source": "imported"}
            bulk.add_records(photo.id, [{"id": a["id"], "order": a["id"], "provenance": told, "raw": a} for a in mine])


def memory() -> float:
    """Peak resident memory of this process in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds by the clock that ``--cpu`` chooses and the result."""
    clock = time.process_time if "--cpu" in sys.argv else time.perf_counter
    start = clock()
    result = action()
    return (clock() - start) * 1000, result


def measure(path: Path, images: int) -> dict[str, float]:
    """Open, page, jump, filter, edit."""
    import kdc_annotator.document.commands as commands
    from kdc_annotator.io.project import Project

    base = memory()
    figures: dict[str, float] = {"memory before, MB": base}
    figures["open, ms"], project = timed(lambda: Project.open(path))
    figures["list of all images, ms"], ids = timed(project.image_ids)
    rng = random.Random(2)
    chosen = [rng.choice(ids) for _ in range(200)]

    def jump(i: int) -> None:
        document = project.document(i)
        for person in document.people:
            assert person.mask is not None

    jumps = [timed(lambda i=i: jump(i))[0] for i in chosen]
    figures["jump with masks decoded, median ms"] = statistics.median(jumps)
    figures["jump with masks decoded, worst of 200 ms"] = max(jumps)
    figures["page of 100 rows in the middle, ms"], _ = timed(
        lambda: project.photos_of(ids[images // 2 : images // 2 + 100])
    )
    figures["memory after opening and 200 jumps, MB"] = memory()
    for name, question in (
        ("status", {"status": "done"}),
        ("category", {"category": 1}),
        ("text", {"text": "77.jpg"}),
        ("status and text", {"status": "done", "text": "77.jpg"}),
    ):
        times = [timed(lambda question=question: project.image_ids(**question))[0] for _ in range(5)]
        figures[f"filter by {name}, ms"] = statistics.median(times)
    figures["status counts, ms"], _ = timed(project.counts)
    document = project.document(chosen[0])
    person = document.people[0].id if document.people else None
    if person is not None:
        gestures = [
            timed(lambda n=n: document.execute(commands.MoveKeypoints(person, {n % 17: (n, n)})))[0] for n in range(50)
        ]
        figures["one gesture on disk, median ms"] = statistics.median(gestures)
    figures["peak memory, MB"] = memory()
    project.close()
    return figures


def read_all(path: Path) -> dict[str, float]:
    """Everybody once, as export reads them."""
    from kdc_annotator.document.records import annotation_to_raw
    from kdc_annotator.io.project import Project

    with Project.open(path, read_only=True) as project:
        milliseconds, count = timed(
            lambda: sum(len(annotation_to_raw(a)) > 0 for _, people in project.everybody() for a in people)
        )
    return {"read everybody, s": milliseconds / 1000, "people": count, "peak memory, MB": memory()}


def peer(name: str, folder: Path) -> dict[str, float]:
    """Open the same people with another tool's way."""
    file = folder / "coco.json"

    def labelme() -> int:
        return sum(len(json.loads(p.read_text())["shapes"]) for p in sorted((folder / "labelme").iterdir()))

    def pycocotools() -> Any:
        from pycocotools.coco import COCO

        return COCO(str(file))

    def faster() -> Any:
        from faster_coco_eval import COCO

        return COCO(str(file))

    ways: dict[str, Callable[[], Any]] = {
        "json.load": lambda: json.loads(file.read_bytes()),
        "pycocotools": pycocotools,
        "faster-coco-eval": faster,
        "labelme files": labelme,
    }
    milliseconds, _ = timed(ways[name])
    return {"open, s": milliseconds / 1000, "peak memory, MB": memory()}


def write_peers(folder: Path, images: int, people: int) -> None:
    """One COCO file, and labelme's one JSON per image."""
    pictures, everybody = [], []
    (folder / "labelme").mkdir()
    for image, mine in made_up(images, people):
        pictures.append(image)
        everybody += mine
        shapes = [
            {"label": "person", "points": list(zip(a["segmentation"][0][::2], a["segmentation"][0][1::2], strict=True))}
            | {"group_id": a["id"], "shape_type": "polygon", "flags": {}}
            for a in mine
        ]
        text = json.dumps(
            {"version": "5.0.0", "flags": {}, "shapes": shapes, "imagePath": image["file_name"], "imageData": None}
        )
        (folder / "labelme" / f"{image['id']}.json").write_text(text)
    category = {"id": 1, "name": "person", "keypoints": [f"k{k}" for k in range(17)], "skeleton": []}
    with (folder / "coco.json").open("w") as file:
        json.dump({"images": pictures, "annotations": everybody, "categories": [category]}, file)


def in_fresh_process(*arguments: str) -> dict[str, float]:
    """Run one measurement of this file by itself."""
    result = subprocess.run([sys.executable, str(HERE), *arguments], capture_output=True, text=True)
    if result.returncode:
        return {f"failed: {result.stderr.strip().splitlines()[-1] if result.stderr.strip() else result.returncode}": 0}
    figures: dict[str, float] = json.loads(result.stdout.strip().splitlines()[-1])
    return figures


def show(title: str, figures: dict[str, float]) -> None:
    print(f"\n{title}")
    for name, value in figures.items():
        print(f"  {name:45} {value:12,.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=120_000)
    parser.add_argument("--people", type=int, default=260_000)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument(
        "--cpu", action="store_true", help="time of the processor instead of the clock: for a busy machine"
    )
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--run", nargs=2, metavar=("WHAT", "PATH"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        what, place = options.run[0], Path(options.run[1])
        if what == "fill":
            milliseconds, _ = timed(lambda: fill(place, options.images, options.people))
            figures = {
                "fill, s": milliseconds / 1000,
                "file, MB": place.stat().st_size / 1e6,
                "peak memory, MB": memory(),
            }
        elif what == "measure":
            figures = measure(place, options.images)
        elif what == "read":
            figures = read_all(place)
        else:
            figures = peer(what, place)
        print(json.dumps(figures))
        return
    size = ["--images", str(options.images), "--people", str(options.people), *(["--cpu"] if options.cpu else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "scale.kdcproj"
        print(f"{options.images:,} images, {options.people:,} people")
        if not path.exists():
            show("project: written as an import writes it", in_fresh_process(*size, "--run", "fill", str(path)))
        show("project: opened", in_fresh_process(*size, "--run", "measure", str(path)))
        show("project: read through as an export reads it", in_fresh_process(*size, "--run", "read", str(path)))
        if options.peers:
            write_peers(folder, options.images, options.people)
            for other in ("json.load", "pycocotools", "faster-coco-eval", "labelme files"):
                show(f"peer: {other}", in_fresh_process(*size, "--run", other, str(folder)))


if __name__ == "__main__":
    main()
