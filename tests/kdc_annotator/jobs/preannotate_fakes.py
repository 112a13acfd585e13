"""A predictor without a network, and a program that pre-annotates with it until somebody kills it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image

from kdc.decode.masker import Scene
from kdc.fields import Fields
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask, Person


class FakePredictor:
    """Finds one person for each full 10 grey levels of the photo's first pixel; as slow as ``seconds`` for each batch."""

    schema: PoseSchema = COCO_17
    model_name, model_version, device_sentence = "fake", "7", "CPU: a test"
    seconds = 0.0

    def __init__(self, checkpoint: str | None = None, **options: Any) -> None:
        self.size = options.get("size") or 65
        self.tiles = options.get("tiles", "auto")
        self.options = options
        self.batches: list[tuple[int, ...]] = []

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]:
        self.batches.append(inputs.shape)
        time.sleep(self.seconds)
        return [Fields({"heatmap": np.full((1, 2, 2), image[0, 0, 0], np.float32)}, 4, 32.0) for image in inputs]

    def people(self, scene: Scene) -> list[Person]:
        assert scene.image is not None
        height, width = scene.image.shape[:2]
        points = np.zeros((17, 3), np.float32)
        points[0] = (width - 1, 1, 0.9)
        full = np.zeros((height, width), bool)
        full[: height // 2, : width // 4 or 1] = True
        count = min(3, int(scene.image[0, 0, 0]) // 10)
        return [Person(points, 0.9 - 0.1 * n, None, Mask.from_full(full)) for n in range(count)]


def install(seconds: float = 0.0) -> type[FakePredictor]:
    """Puts the fake where the command line finds it."""
    module = ModuleType("kdc.predictor")
    fake = type("Fake", (FakePredictor,), {"seconds": seconds})
    module.Predictor = fake  # type: ignore[attr-defined]
    sys.modules["kdc.predictor"] = module
    return fake


def slow(choice: Any) -> FakePredictor:
    """A factory for ``NetworkChoice``."""
    return type("Slow", (FakePredictor,), {"seconds": 0.03})(tiles=choice.tiles, size=choice.size)


def photos(folder: Path, count: int, people: int = 1) -> None:
    """PNG photos of two shapes."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        size = (30, 40, 3) if n % 3 else (40, 30, 3)
        Image.fromarray(np.full(size, 10 * people, np.uint8)).save(folder / f"{n:04}.png")


if __name__ == "__main__":
    from kdc_annotator import cli
    from kdc_annotator.cli import preannotate
    from kdc_annotator.jobs import networks

    install(0.02)
    if "ray" in sys.argv:  # Workers are other processes, which know nothing of this one's fake.
        networks.NetworkChoice.__init__.__defaults__ = (
            *networks.NetworkChoice.__init__.__defaults__[:-1],
            "preannotate_fakes:slow",
        )  # type: ignore
    preannotate.STORE_EVERY_PHOTOS = 5
    sys.exit(cli.main(sys.argv[1:]))
