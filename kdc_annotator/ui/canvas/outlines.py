"""Masks as outlines: contours in image positions, kept until the mask or the zoom changes."""

from __future__ import annotations

import math

import cv2
import numpy as np

from kdc.structures import Mask


def contours_of(mask: Mask, tolerance: float) -> list[np.ndarray]:
    """The borders of a mask, holes included: (n, 2) image positions each; corners within ``tolerance`` pixels are cut."""
    if not mask.bits.size:
        return []
    found, _ = cv2.findContours(
        np.ascontiguousarray(mask.bits).view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(mask.x, mask.y)
    )
    out = []
    for contour in found:
        corners = cv2.approxPolyDP(contour, tolerance, True).reshape(-1, 2)
        if len(corners) > 2:
            out.append(corners + 0.5)
    return out


class Outlines:
    """Contours by figure; made when first asked for."""

    def __init__(self) -> None:
        self._kept: dict[object, tuple[Mask | None, float, list[np.ndarray]]] = {}

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()

    def of(self, key: object, mask: Mask | None, scale: float) -> list[np.ndarray]:
        """The contours of a figure's mask, fine enough for ``scale`` screen pixels to an image pixel."""
        # Stairs of single pixels are shown only where they are large on the screen.
        tolerance = (0.8 if scale < 3 else 0.5) * 2.0 ** round(math.log2(max(1.0 / scale, 0.5)))
        tolerance = max(tolerance, 0.75 if scale < 3 else 0.0)
        kept = self._kept.get(key)
        if kept is None or kept[0] is not mask or kept[1] != tolerance:
            kept = (mask, tolerance, [] if mask is None else contours_of(mask, tolerance))
            self._kept[key] = kept
        return kept[2]
