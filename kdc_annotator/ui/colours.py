"""The people's colours on the canvas, and who gets which. The palette is ``kdc.overlay``'s: pictures and window agree."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from PySide6.QtGui import QColor

LEFT, RIGHT, MIDDLE = QColor("#ffa14a"), QColor("#4fc3ff"), QColor("#ffffff")
RIM_DARK = QColor(0, 0, 0, 190)
APART = 40.0
"""Distance in CIE Lab that the colours of neighbours keep where the palette allows it."""

Box = tuple[int, int, int, int]


@cache
def hues() -> tuple[tuple[int, int, int], ...]:
    """The colours, RGB."""
    from kdc.overlay import PALETTE

    return PALETTE


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
    from kdc.overlay import palette_distances

    near, uses = [], [0] * len(hues())
    for other, hue in others:
        uses[hue] += 1
        if _touch(box, other):
            near.append(hue)
    order = sorted(range(len(hues())), key=lambda h: (uses[h], (h - wanted) % len(hues())))
    if not near:
        return order[0]
    apart = palette_distances()[:, near].min(1)
    far = [h for h in order if apart[h] >= APART]
    return far[0] if far else max(order, key=lambda h: float(apart[h]))


def _touch(a: Box, b: Box) -> bool:
    gap = 12
    return (
        a[0] - gap < b[0] + b[2] and b[0] - gap < a[0] + a[2] and a[1] - gap < b[1] + b[3] and b[1] - gap < a[1] + a[3]
    )
