"""The label map: everybody's mask in drawing order, as one picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle, union


def paint_labels(labels: np.ndarray, people: Sequence[Annotation], rectangle: Rectangle) -> None:
    """Repaint ``rectangle`` (x, y, w, h) of ``labels`` (H, W): n for the n-th of ``people``, later ones on top, 0 for nobody."""
    height, width = labels.shape
    x1, y1 = max(rectangle[0], 0), max(rectangle[1], 0)
    x2, y2 = min(rectangle[0] + rectangle[2], width), min(rectangle[1] + rectangle[3], height)
    if x2 <= x1 or y2 <= y1:
        return
    labels[y1:y2, x1:x2] = 0
    for number, person in enumerate(people, 1):
        mask = person.mask
        if mask is None or (mask.height, mask.width) != labels.shape:
            continue
        left, top = max(mask.x, x1), max(mask.y, y1)
        right, bottom = min(mask.x + mask.bits.shape[1], x2), min(mask.y + mask.bits.shape[0], y2)
        if right > left and bottom > top:
            bits = mask.bits[top - mask.y : bottom - mask.y, left - mask.x : right - mask.x]
            labels[top:bottom, left:right][bits] = number


def changed_pixels(before: Annotation | None, after: Annotation | None) -> Rectangle:
    """The rectangle that looks different when one person goes from ``before`` to ``after``."""
    if before is None or after is None:
        some = before or after
        return (0, 0, 0, 0) if some is None else some.extent()
    rectangle: Rectangle = (0, 0, 0, 0)
    if before.segmentation is not after.segmentation:
        rectangle = _mask_difference(before.mask, after.mask)
    if not np.array_equal(before.keypoints, after.keypoints):
        rectangle = union(rectangle, union(_points_box(before), _points_box(after)))
    if before.box != after.box or before.order != after.order or before.crowd != after.crowd:
        rectangle = union(rectangle, union(before.extent(), after.extent()))
    return rectangle


def _points_box(person: Annotation) -> Rectangle:
    points = person.keypoints[person.present, :2]
    if not len(points):
        return (0, 0, 0, 0)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    x, y = math.floor(left), math.floor(top)
    return (x, y, math.floor(right) + 1 - x, math.floor(bottom) + 1 - y)


def _mask_difference(a: Mask | None, b: Mask | None) -> Rectangle:
    if a is None or b is None:
        some = a or b
        return (0, 0, 0, 0) if some is None else some.box
    x, y = min(a.x, b.x), min(a.y, b.y)
    right = max(a.x + a.bits.shape[1], b.x + b.bits.shape[1])
    bottom = max(a.y + a.bits.shape[0], b.y + b.bits.shape[0])
    different = np.zeros((bottom - y, right - x), bool)
    for mask in (a, b):
        h, w = mask.bits.shape
        different[mask.y - y : mask.y - y + h, mask.x - x : mask.x - x + w] ^= mask.bits
    box = Mask(different, x, y, max(a.width, right), max(a.height, bottom)).box
    return box
