"""A finished project of drawn people, and a model and options so small that a training takes seconds."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from kdc.checkpoint import save_model
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.records import annotation_from_raw
from kdc_annotator.io.project import Project

sys.path.insert(0, str(Path(__file__).parents[2] / "kdc" / "training"))
from people_files import write_dataset
from tiny_run import tiny_network

RECIPE = {"name": "tiny", "frozen": 0, "batch": 2, "steps": 4, "warmup": 1, "augment": {"size": 97, "long_side": 129}}


def finished_project(folder: Path, photos: int = 8, finished: int = 7) -> Path:
    """``photos`` photos of two people each; the first ``finished`` of them are done, the others only begun."""
    coco = json.loads(write_dataset(folder, photos=photos).read_text())
    path = folder / "drawn.kdcproj"
    with Project.create(path, folder / "images") as made:
        made.add_images(
            [
                PhotoRecord(
                    i["id"], i["file_name"], i["width"], i["height"], status="done" if n < finished else "in progress"
                )
                for n, i in enumerate(coco["images"])
            ]
        )
        with made.bulk() as writer:
            for raw in coco["annotations"]:
                writer.add_people(raw["image_id"], [annotation_from_raw(raw, raw["id"], (160, 128), 17)[0]])
    return path


def tiny_model(path: Path) -> Path:
    """The smallest network, untrained."""
    save_model(path, tiny_network(input_size=161), "tiny")
    return path


def tiny_options(folder: Path) -> tuple[str, ...]:
    """What makes ``kdc-annotator train`` quick."""
    recipe = folder / "tiny.json"
    recipe.write_text(json.dumps(RECIPE))
    return ("--recipe", str(recipe), "--device", "cpu", "--workers", "0")
