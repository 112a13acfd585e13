"""Crowds for the app's benchmark: photos on the disk, rendered fields, people with masks, projects. See ``app.py``."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.engine.field_cache import Entry

CASES = {"1080p": (1920, 1080, 20), "12mp": (4000, 3000, 50)}
"""Name -> width, height, people."""


def crowd_entry(width: int, height: int, count: int, size: int = 641, seed: int = 0) -> Entry:
    """A crowd in rows, people of different sizes that overlap, as a network would have found them (no masks yet)."""
    rng = np.random.default_rng(seed)
    box = Letterbox.fit(width, height, size)
    rows = max(1, round(np.sqrt(count * box.content_height / box.content_width / 1.6)))
    columns = -(-count // rows)
    bodies = []
    for n in range(count):
        tall = box.content_height / rows * rng.uniform(0.8, 1.25)
        x = (n % columns + rng.uniform(-0.1, 0.1)) * box.content_width / columns
        y = (n // columns + rng.uniform(-0.1, 0.1)) * box.content_height / rows
        bodies.append(standing_person(COCO_17, x, y, tall, 0.5 * tall))
    fields = render_fields(bodies, COCO_17, size=(box.input_width, box.input_height), thickness=10)
    for name, noise in (("mask_offset", 4.0), ("person", 2.0)):
        fields.arrays[name][...] += rng.normal(0, noise, fields[name].shape).astype(np.float32)
    people = []
    for body in bodies:
        points = np.column_stack([box.to_image.apply(body[:, :2]), rng.uniform(0.5, 1, 17)]).astype(np.float32)
        people.append(Person(points, 0.9))
    return Entry(fields, box, COCO_17, tuple(people), "rendered", "1")


def crowd_people(width: int, height: int, count: int) -> list[Annotation]:
    """``crowd_entry``'s people as proposals, limbs and trunk filled for a mask; what the engine's thread works out of them is."""
    people = []
    for person in crowd_entry(width, height, count).people:
        points = person.keypoints.astype(np.float64)
        points[:, :2] = points[:, :2].clip(0, (width - 1, height - 1))
        points[:, 2] = 2
        places = points[:, :2].astype(np.int32)
        full = np.zeros((height, width), np.uint8)
        for a, b in COCO_17.skeleton:
            cv2.line(full, places[a].tolist(), places[b].tolist(), 1, max(int(0.09 * np.ptp(places[:, 1])), 2))
        cv2.fillPoly(full, [places[[5, 6, 12, 11]]], 1)
        people.append(Annotation.new(0, (width, height), points, Mask.from_full(full), score=0.9))
        people[-1].extent()
    return people


def photo_pixels(width: int, height: int, seed: int = 0) -> np.ndarray:
    """(H, W, 3) uint8: something that compresses about as a photo does."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (height // 40 + 2, width // 40 + 2, 3), dtype=np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    smooth += rng.integers(-6, 7, (height, width, 1), dtype=np.int16)
    return np.clip(smooth, 0, 255).astype(np.uint8)


def write_photos(folder: Path, count: int, width: int, height: int, quality: int = 92) -> Path:
    """JPEG files ``0000.jpg`` ...; a few different ones, linked under many names."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds = min(count, 8)
    for n in range(kinds):
        pixels = photo_pixels(width, height, n)
        cv2.imwrite(str(folder / f"{n:06d}.jpg"), pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    for n in range(kinds, count):
        (folder / f"{n:06d}.jpg").hardlink_to(folder / f"{n % kinds:06d}.jpg")
    return folder


def write_coco(file: Path, count: int, width: int, height: int, people: int, filled: int) -> Path:
    """A COCO file about ``write_photos``' photos, with ``people`` who have joints and polygons in each of the first ``filled``."""
    rng = np.random.default_rng(3)
    annotations = []
    for image in range(filled):
        for _ in range(people):
            tall = height * rng.uniform(0.3, 0.9)
            x, y = rng.uniform(0, width - 0.5 * tall), rng.uniform(0, height - tall)
            body = standing_person(COCO_17, x, y, tall, 0.5 * tall)
            keypoints = np.column_stack([np.round(body[:, :2], 1), np.full(17, 2)])
            corners = [x, y, x + 0.4 * tall, y, x + 0.5 * tall, y + 0.5 * tall, x + 0.3 * tall, y + tall, x, y + tall]
            box = [x, y, 0.5 * tall, tall]
            annotations.append(
                {
                    "id": len(annotations) + 1, "image_id": image + 1, "category_id": 1, "iscrowd": 0,
                    "keypoints": keypoints.ravel().tolist(), "num_keypoints": 17, "bbox": [round(v, 1) for v in box],
                    "segmentation": [[round(v, 1) for v in corners]], "area": round(0.4 * tall * tall, 1),
                }
            )  # fmt: skip
    images = [{"id": n + 1, "file_name": f"{n:06d}.jpg", "width": width, "height": height} for n in range(count)]
    content = {"images": images, "annotations": annotations, "categories": [COCO_17.to_coco_category(1)]}
    file.write_text(json.dumps(content), encoding="ascii")
    return file
