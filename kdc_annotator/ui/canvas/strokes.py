"""The pixels of a brush."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np

from kdc.structures import Mask

Path = tuple[tuple[float, float], ...]
"""A brush's way: continuous positions in the image."""


def stroke_mask(points: Path | list[tuple[float, float]], radius: float, width: int, height: int) -> Mask:
    """The pixels of a stroke through continuous positions with a round brush, cut to the image."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x1, y1 = max(math.floor(min(xs) - radius), 0), max(math.floor(min(ys) - radius), 0)
    x2, y2 = min(math.ceil(max(xs) + radius) + 1, width), min(math.ceil(max(ys) + radius) + 1, height)
    if x2 <= x1 or y2 <= y1:
        return Mask.empty(width, height)
    crop = np.zeros((y2 - y1, x2 - x1), np.uint8)
    # OpenCV counts from pixel centres, in sixteenths here.
    shift = 16
    line = [(round((x - 0.5 - x1) * shift), round((y - 0.5 - y1) * shift)) for x, y in points]
    for a in line:
        cv2.circle(crop, a, max(round(radius * shift), 1), 1, -1, cv2.LINE_8, 4)
    for a, b in pairwise(line):
        cv2.line(crop, a, b, 1, max(round(2 * radius), 1), cv2.LINE_8, 4)
    return Mask(crop.astype(bool), x1, y1, width, height).tight()
