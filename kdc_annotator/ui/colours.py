"""The people's colours on the canvas, and who gets which. The palette is ``kdc.overlay``'s: pictures and window agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import numpy as np
from PySide6.QtGui import QColor

LEFT, RIGHT, MIDDLE = QColor("#ffa14a"), QColor("#4fc3ff"), QColor("#ffffff")
RIM_DARK = QColor(0, 0, 0, 190)
APART = 40.0
"""Distance in CIE Lab that the colours of neighbours keep where the palette allows it."""
GAP = 12
"""Pixels between boxes that count as neighbours."""
CELLS = 32
"""Columns and rows of places along a photo's longer side."""

Box = tuple[int, int, int, int]


@cache
def hues() -> tuple[tuple[int, int, int], ...]:
    """The colours, RGB."""
    from kdc.overlay import PALETTE

    return PALETTE


@cache
def _distances() -> np.ndarray:
    from kdc.overlay import palette_distances

    return palette_distances()


def person_colour(hue: int, alpha: float = 1.0) -> QColor:
    """A person's colour with that opacity."""
    red, green, blue = hues()[hue % len(hues())]
    return QColor(red, green, blue, round(alpha * 255))


def side_colour(name: str) -> QColor:
    """Warm for a left joint, cool for a right one, white in the middle. ``name``: canonical joint name."""
    return LEFT if name.startswith("left_") else RIGHT if name.startswith("right_") else MIDDLE


def choose_hue(wanted: int, box: Box, others: Iterable[tuple[Box, int]]) -> int:
    """The colour for a person at ``box``, given the ``others`` on the photo: not near a neighbour's, among those one that the fewest have,
    and of these ``wanted`` or the next after it. Where all are near a neighbour's, the farthest from all of them."""
    others = [*others]
    given = Given(max((max(x + w, y + h) for (x, y, w, h), _ in others), default=1))
    for other, hue in others:
        given.add(other, hue)
    return given.choose(wanted, box)


class Given:
    """The colours that people on a photo have, by place: who asks for another one is compared with those around them only.

    ``side``: about the photo's longer one, pixels.
    """

    def __init__(self, side: int) -> None:
        self._cell = max(side / CELLS, 1.0)
        self._uses = [0] * len(hues())
        self._places: dict[tuple[int, int], list[tuple[Box, int]]] = {}

    def add(self, box: Box, hue: int) -> None:
        """Somebody at ``box`` has that colour."""
        self._uses[hue] += 1
        for cell in self._cells(box, 0):
            self._places.setdefault(cell, []).append((box, hue))

    def choose(self, wanted: int, box: Box) -> int:
        """See ``choose_hue``."""
        uses = self._uses
        near = {
            hue for cell in self._cells(box, GAP) for other, hue in self._places.get(cell, ()) if _touch(box, other)
        }
        order = sorted(range(len(uses)), key=lambda h: (uses[h], (h - wanted) % len(uses)))
        if not near:
            return order[0]
        apart = _distances()[:, sorted(near)].min(1)
        far = [h for h in order if apart[h] >= APART]
        return far[0] if far else max(order, key=lambda h: float(apart[h]))

    def _cells(self, box: Box, gap: int) -> Iterator[tuple[int, int]]:
        # What lies beyond the outermost cells counts to them: a box in a file may have any size.
        x, y, w, h = box
        columns = range(self._index(x - gap), self._index(x + w + gap) + 1)
        rows = range(self._index(y - gap), self._index(y + h + gap) + 1)
        return ((column, row) for column in columns for row in rows)

    def _index(self, place: float) -> int:
        return int(min(max(place / self._cell, 0), CELLS - 1))


def _touch(a: Box, b: Box) -> bool:
    return (
        a[0] - GAP < b[0] + b[2] and b[0] - GAP < a[0] + a[2] and a[1] - GAP < b[1] + b[3] and b[1] - GAP < a[1] + a[3]
    )
