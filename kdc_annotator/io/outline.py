"""The exact outline of a mask: polygons along pixel edges that rasterise back to the same pixels."""

from __future__ import annotations

import numpy as np

from kdc.structures import Mask

Vertex = tuple[int, int]


def outline(mask: Mask) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(outer polygons, holes), each (n, 2) float64 x, y in COCO's continuous frame, without repeated last point.

    Pixels that touch only at a corner belong to different outer polygons (4-connected parts); a hole is background
    that no 8-connected path leads out of.
    """
    following, straight = _edges(mask.bits)
    outer: list[np.ndarray] = []
    holes: list[np.ndarray] = []
    while following:
        start = next(iter(following))
        loop = _walk(following, straight, start)
        ring = np.array(loop, np.float64) + np.array([mask.x, mask.y])
        x, y = ring[:, 0], ring[:, 1]
        signed = float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))
        (outer if signed > 0 else holes).append(ring)
    return outer, holes


def _edges(bits: np.ndarray) -> tuple[dict[Vertex, list[Vertex]], dict[Vertex, list[Vertex]]]:
    """Horizontal and vertical boundary edges as start -> ends, walked with the person on the right (y down)."""
    padded = np.pad(bits.astype(np.int8), 1)
    return _runs(np.diff(padded, axis=0)[:, 1:-1], False), _runs(-np.diff(padded, axis=1)[1:-1].T, True)


def _runs(change: np.ndarray, swap: bool) -> dict[Vertex, list[Vertex]]:
    """Maximal runs of equal non-zero values per row: +1 runs forwards, -1 runs backwards."""
    padded = np.pad(change, ((0, 0), (1, 1)))
    before, after = padded[:, :-1], padded[:, 1:]
    rows, starts = np.nonzero((after != before) & (after != 0))
    _, stops = np.nonzero((after != before) & (before != 0))
    signs = after[rows, starts]
    runs: dict[Vertex, list[Vertex]] = {}
    for row, a, b, sign in zip(rows.tolist(), starts.tolist(), stops.tolist(), signs.tolist(), strict=True):
        tail, head = (a, b) if sign > 0 else (b, a)
        key, end = ((row, tail), (row, head)) if swap else ((tail, row), (head, row))
        runs.setdefault(key, []).append(end)
    return runs


def _walk(horizontal: dict[Vertex, list[Vertex]], vertical: dict[Vertex, list[Vertex]], start: Vertex) -> list[Vertex]:
    loop = [start]
    here, previous, flat = start, start, True
    while True:
        choices = (horizontal if flat else vertical)[here]
        pick = 0
        if len(choices) > 1 and here != previous:
            # Two pixels meet at a corner: turn right, so that each keeps its own outline.
            dx, dy = here[0] - previous[0], here[1] - previous[1]
            pick = max(
                range(len(choices)), key=lambda i: dx * (choices[i][1] - here[1]) - dy * (choices[i][0] - here[0])
            )
        following = choices.pop(pick)
        if not choices:
            del (horizontal if flat else vertical)[here]
        previous, here, flat = here, following, not flat
        if here == start and flat:
            return loop
        loop.append(here)
