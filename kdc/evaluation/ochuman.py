"""OCHuman: people who hide each other (Zhang et al., CVPR 2019), in its own format or as COCO files made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.evaluation.truth import TrueImage, Truth, rle_of, truth_from_coco
from kdc.schema import COCO_17

VAL_PHOTOS = 2500
"""The first so many photos, by id, of those with people that have both keypoints and a mask are val, the others test."""
RANGES = (("all", 0.0, float("inf")), ("moderate", 0.5, 0.75), ("hard", 0.75, float("inf")))
"""Overlap of a person's box with its nearest neighbour's (max_iou), lower limit included."""
SPLITS = ("val", "test")

_OCCLUDED_BY_OTHERS = 3


def is_ochuman(content: Any) -> bool:
    """Whether a JSON file is in OCHuman's own format."""
    return isinstance(content, Mapping) and "keypoint_names" in content and "keypoint_visible" in content


def truth_from_ochuman(content: Mapping[str, Any], split: str, name: str, folder: Path | None = None) -> Truth:
    """The truth of ``val`` or ``test`` as OCHuman's tool converts it to COCO.

    People without keypoints or without a mask are left out; a joint that others hide is v = 1, one that is visible or hidden
    by its own body v = 2; the area is the box's, as in the published COCO files. Raises ``KdcError`` for a broken file.
    """
    try:
        names = [str(n) for n in content["keypoint_names"]]
        order = [names.index(n) for n in COCO_17.keypoints]
        photos = []
        for photo in sorted(content["images"], key=lambda i: str(i["image_id"])):
            whole = [a for a in photo["annotations"] if a.get("keypoints") and a.get("segms")]
            if whole:
                photos.append((photo, whole))
        photos = photos[:VAL_PHOTOS] if split == "val" else photos[VAL_PHOTOS:]
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for number, (photo, whole) in enumerate(photos, 1):
            size = (int(photo["height"]), int(photo["width"]))
            images.append({"id": number, "file_name": photo["file_name"], "height": size[0], "width": size[1]})
            annotations += [
                _annotation(a, number, size, order) | {"id": len(annotations) + n} for n, a in enumerate(whole, 1)
            ]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KdcError("Not an OCHuman file", f"{name} can't be read as OCHuman's annotations ({error}).") from None
    if not images:
        raise KdcError("No photos", f"{name} has no {split} photos ({VAL_PHOTOS} are val, what follows is test).")
    categories = [COCO_17.to_coco_category()]
    return truth_from_coco({"images": images, "annotations": annotations, "categories": categories}, name, folder)


def in_range(truth: Truth, low: float, high: float) -> Truth | None:
    """The people with an overlap in [low, high) and their photos, as the published files of a range have it.

    The others are left out, not ignored. None where the overlap is not known or nobody is left.
    """
    if any(p.max_iou is None for i in truth.images for p in i.people):
        return None
    images: list[TrueImage] = []
    for image in truth.images:
        people = tuple(p for p in image.people if p.max_iou is not None and low <= p.max_iou < high)
        if people:
            images.append(replace(image, people=people))
    return truth.only(images) if images else None


def _annotation(raw: Mapping[str, Any], image_id: int, size: tuple[int, int], order: list[int]) -> dict[str, Any]:
    points = np.array(raw["keypoints"], np.float64).reshape(-1, 3)[order]
    flags = points[:, 2]
    points[:, 2] = np.where(flags == _OCCLUDED_BY_OTHERS, 1, np.where((flags == 1) | (flags == 2), 2, 0))
    x0, y0, x1, y1 = (float(v) for v in raw["bbox"])
    return {
        "image_id": image_id,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": points.ravel().tolist(),
        "num_keypoints": int((points[:, 2] > 0).sum()),
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": (x1 - x0) * (y1 - y0),
        "segmentation": _mask(raw["segms"], size),
        "max_iou": float(raw["max_iou"]),
    }


def _mask(segms: Mapping[str, Any], size: tuple[int, int]) -> Any:
    outer = rle_of(segms["outer"], size)
    inner = rle_of(segms.get("inner"), size)
    if outer is None or inner is None:
        return outer
    bits = coco_mask.decode(outer) & (1 - coco_mask.decode(inner))
    return coco_mask.encode(np.asfortranarray(bits))
