"""Drawn people as training samples."""

from __future__ import annotations

import numpy as np
from pycocotools import mask as coco_mask

from kdc.data.samples import PersonLabel, Sample
from kdc.decode.synthetic import person_shape, standing_person
from kdc.schema import COCO_17


def person(
    left: float = 20, top: float = 10, height: float = 80, size: tuple[int, int] = (129, 97), *,
    labelled: bool = True, mask: bool = True, crowd: bool = False,
) -> PersonLabel:  # fmt: skip
    """A standing person in a photo of ``size`` (width, height)."""
    points = standing_person(COCO_17, left, top, height, 0.5 * height)
    points[:, 2] = 2
    shape = person_shape(points, COCO_17, 5.0, np.arange(size[0]), np.arange(size[1]))
    rle = coco_mask.encode(np.asfortranarray(shape, np.uint8))
    box = tuple(float(v) for v in coco_mask.toBbox(rle))
    keypoints = points if labelled else np.zeros_like(points)
    return PersonLabel(keypoints, labelled, rle if mask else None, (box[0], box[1], box[2], box[3]), crowd)


def sample(
    *people: PersonLabel, masks: str = "complete", size: tuple[int, int] = (129, 97), joints_complete: bool = True,
    known: np.ndarray | None = None,
) -> Sample:  # fmt: skip
    """A photo whose pixels say where they are: red grows to the right, green downwards."""
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(0, 250, width).astype(np.uint8)[None]
    image[..., 1] = np.linspace(0, 250, height).astype(np.uint8)[:, None]
    joints = np.ones(len(COCO_17), bool) if known is None else known
    return Sample("drawn.png", image, people, masks, joints, joints_complete)
