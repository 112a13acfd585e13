"""A small COCO dataset of drawn people, with every kind of label a real one has."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from kdc.decode.synthetic import person_shape, standing_person
from kdc.schema import COCO_17, PoseSchema


def write_dataset(
    folder: Path, photos: int = 6, size: tuple[int, int] = (160, 128), schema: PoseSchema = COCO_17, seed: int = 0
) -> Path:
    """``folder/person_keypoints.json`` and ``folder/images``; returns the json. Two people a photo."""
    rng = np.random.default_rng(seed)
    width, height = size
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for i in range(photos):
        pixels = rng.integers(0, 90, (height, width, 3), np.uint8)
        for j in range(2):
            tall = float(rng.uniform(0.6, 0.85)) * height
            left = float(rng.uniform(0, 0.2) + 0.45 * j) * width
            points = standing_person(schema, left, float(rng.uniform(2, 10)), tall, 0.5 * tall)
            shape = person_shape(points, schema, 6.0, np.arange(width), np.arange(height))
            pixels[shape] = (200 - 60 * j, 120 + 50 * j, 90)
            rle = coco_mask.encode(np.asfortranarray(shape, np.uint8))
            points[:, 2] = np.where(rng.random(len(schema)) < 0.15, 1, 2)
            annotations.append(
                {
                    "id": 2 * i + j + 1, "image_id": i + 1, "category_id": 1, "iscrowd": 0,
                    "keypoints": [round(float(v), 2) for v in points.ravel()], "num_keypoints": len(schema),
                    "bbox": [float(v) for v in coco_mask.toBbox(rle)], "area": float(coco_mask.area(rle)),
                    "segmentation": {"size": [height, width], "counts": rle["counts"].decode()},
                }
            )  # fmt: skip
        name = f"{i + 1:03}.png"
        cv2.imwrite(str(folder / "images" / name), pixels[..., ::-1])
        images.append({"id": i + 1, "file_name": name, "width": width, "height": height})
    content = {"images": images, "annotations": annotations, "categories": [schema.to_coco_category()]}
    path = folder / "person_keypoints.json"
    path.write_text(json.dumps(content))
    return path
