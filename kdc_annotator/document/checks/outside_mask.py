"""Keypoints far from the person's own mask."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from kdc_annotator.document.checks.finding import Finding, Scene

TOLERANCE = 0.06
"""Allowed distance, in lengths of the mask's diagonal. Occluded joints (v = 1) are allowed three times as much."""


def check(scene: Scene) -> Iterator[Finding]:
    """Labelled keypoints that lie farther from the mask than ``TOLERANCE``."""
    width, height = scene.photo.size
    for number, person in scene.singles:
        mask = person.mask
        if mask is None or not mask.bits.size or not person.present.any():
            continue
        h, w = mask.bits.shape
        limit = max(TOLERANCE * float(np.hypot(w, h)), 3.0)
        margin = int(np.ceil(3 * limit)) + 1
        near = cv2.distanceTransform(np.pad(~mask.bits, margin, constant_values=True).astype(np.uint8), cv2.DIST_L2, 5)
        for k in np.flatnonzero(person.present):
            x, y, v = (float(value) for value in person.keypoints[k])
            if not (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
                continue
            row, col = round(y) - mask.y + margin, round(x) - mask.x + margin
            inside = 0 <= row < near.shape[0] and 0 <= col < near.shape[1]
            if not inside or near[row, col] > (limit if v == 2 else 3 * limit):
                yield Finding(
                    "outside mask",
                    f"The {scene.name(person, int(k))} of person {number} lies outside its mask.",
                    "warning",
                    (person.id,),
                    (x, y),
                    int(k),
                )
