"""Overlapping tiles for large photos with small people."""

from __future__ import annotations

import math

from kdc.errors import KdcError

OVERLAP = 0.25
MOST = 8


def tile_boxes(width: int, height: int, size: int, tiles: str | int) -> list[tuple[int, int, int, int]]:
    """(x, y, w, h) of the tiles that are run beside the whole view; empty where none are needed.

    ``tiles``: ``off``; N tiles along the long side (the short side gets as many as make them about square); ``auto``: as many as show
    the photo at about full resolution in inputs of ``size`` pixels, at most ``MOST`` along the long side, and none where
    the whole view already has at least two thirds of the photo's resolution.
    """
    long_side = max(width, height)
    text = str(tiles).strip().lower()
    if text == "off":
        return []
    if text == "auto":
        if long_side <= 1.5 * size:
            return []
        count = min(MOST, math.ceil((long_side / size - OVERLAP) / (1 - OVERLAP)))
    else:
        try:
            count = int(text)
        except ValueError:
            count = 0
        if not 1 <= count <= 32:
            raise KdcError("Bad tiles", f"--tiles is auto, off or a number from 1 to 32, not {tiles!r}.")
    if count <= 1:
        return []
    side = long_side / (count - (count - 1) * OVERLAP)
    return [(x, y, w, h) for y, h in _spread(height, side) for x, w in _spread(width, side)]


def _spread(extent: int, side: float) -> list[tuple[int, int]]:
    length = min(extent, math.ceil(side))
    if length >= extent:
        return [(0, extent)]
    count = math.ceil((extent / side - OVERLAP) / (1 - OVERLAP) - 1e-9)
    step = (extent - length) / max(1, count - 1)
    return [(round(i * step), length) for i in range(count)]
