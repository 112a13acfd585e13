"""A small world of true people and predictions, made by arithmetic: the same on every machine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema

WIDTH, HEIGHT = 320, 240


class Noise:
    """Numbers in [0, 1) that look random and never change."""

    def __init__(self, seed: int) -> None:
        self._n = seed * 1000

    def __call__(self) -> float:
        self._n += 1
        value = math.sin(self._n * 12.9898) * 43758.5453
        return value - math.floor(value)


def rle(mask: np.ndarray) -> dict[str, Any]:
    packed = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": list(mask.shape), "counts": packed["counts"].decode("ascii")}


def ellipse(x: float, y: float, w: float, h: float) -> np.ndarray:
    rows, cols = np.mgrid[:HEIGHT, :WIDTH]
    return ((cols - x - w / 2) / (w / 2)) ** 2 + ((rows - y - h / 2) / (h / 2)) ** 2 <= 1


def person(noise: Noise, schema: PoseSchema, number: int, image_id: int) -> dict[str, Any]:
    """A person in an ellipse of 12 to 150 pixels; every fifth has no keypoints, every seventh is a crowd region."""
    w, h = 12 + 138 * noise() ** 2, 12 + 138 * noise() ** 2
    x, y = noise() * (WIDTH - w), noise() * (HEIGHT - h)
    mask = ellipse(x, y, w, h)
    crowd = number % 7 == 0
    points = []
    for _ in schema.keypoints:
        v = 0 if crowd or number % 5 == 0 or noise() < 0.2 else 1 if noise() < 0.3 else 2
        points += [round(x + noise() * w, 2), round(y + noise() * h, 2), v] if v else [0, 0, 0]
    return {
        "id": number,
        "image_id": image_id,
        "category_id": 1,
        "iscrowd": int(crowd),
        "area": float(mask.sum()),
        "bbox": [x, y, w, h],
        "num_keypoints": sum(v > 0 for v in points[2::3]),
        "keypoints": points,
        "segmentation": rle(mask),
    }


def prediction(noise: Noise, true: dict[str, Any], miss: float = 0.25) -> dict[str, Any] | None:
    """The true person, a little off; with its own score; None for a missed one."""
    if noise() < miss:
        return None
    x, y, w, h = true["bbox"]
    off = (0.02, 0.06, 0.15)[int(noise() * 3)]
    points = []
    for k in range(len(true["keypoints"]) // 3):
        px, py, v = true["keypoints"][3 * k : 3 * k + 3]
        if not v:
            px, py = x + noise() * w, y + noise() * h
        points += [
            round(px + off * (noise() - 0.5) * w, 2),
            round(py + off * (noise() - 0.5) * h, 2),
            2 if v != 1 else 1,
        ]
    mask = ellipse(x + off * noise() * w, y + off * noise() * h, w, h)
    return {
        "image_id": true["image_id"],
        "category_id": 1,
        "score": round(noise(), 4),
        "keypoints": points,
        "segmentation": rle(mask),
    }


def world(schema: PoseSchema = COCO_17, photos: int = 8, seed: int = 1) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A COCO dictionary and a COCO result list with both keypoints and masks, some of them of nobody."""
    noise = Noise(seed)
    images, people, found = [], [], []
    for n in range(photos):
        image_id = 100 + 7 * n
        name = f"photo {n}.jpg"
        images.append({"id": image_id, "file_name": name, "width": WIDTH, "height": HEIGHT, "crowdIndex": noise()})
        for _ in range(n % 6):
            people.append(person(noise, schema, len(people) + 1, image_id))
            guess = prediction(noise, people[-1])
            if guess is not None:
                found.append(guess)
            if noise() < 0.3:
                wrong = prediction(noise, person(noise, schema, 1, image_id), miss=0)
                found += [wrong] if wrong is not None else []
    category = schema.to_coco_category()
    return {"images": images, "annotations": people, "categories": [category]}, found


def as_predicted_file(truth: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any]:
    """The predictions as a COCO file with its own ids, in another order: what ``predict`` writes."""
    names = {image["id"]: image["file_name"] for image in truth["images"]}
    images = [
        i | {"id": 5000 - i["id"], "file_name": f"some/folder/{names[i['id']]}"} for i in reversed(truth["images"])
    ]
    people = [d | {"id": n, "image_id": 5000 - d["image_id"], "bbox": [0, 0, 1, 1]} for n, d in enumerate(found, 1)]
    return {"images": images, "annotations": people, "categories": truth["categories"]}


@pytest.fixture(scope="session")
def coco_world() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return world()


@pytest.fixture(scope="session")
def crowd_world() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    return world(CROWDPOSE_14, photos=16, seed=2)


@pytest.fixture(scope="session")
def predicted_file(coco_world: tuple[dict[str, Any], list[dict[str, Any]]]) -> dict[str, Any]:
    return as_predicted_file(*coco_world)
