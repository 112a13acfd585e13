"""Lines and dots on small pictures of their own, drawn by OpenCV: many times faster than a painter's anti-aliased strokes.

Positions and widths are device pixels; a picture is (h, w, 4) uint8, blue, green, red, alpha, premultiplied (Qt's
ARGB32_Premultiplied), and its pixel (0, 0) reaches from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

import cv2
import numpy as np
from PySide6.QtGui import QColor

SHIFT = 4
_ONE = 1 << SHIFT
_FAR = 1 << 24
"""Positions beyond so many sixteenths are cut: OpenCV counts in 32 bits."""
MOST = 4000
"""Dashes of one line; a longer one is drawn whole."""


@dataclass(frozen=True)
class Dash:
    """On and off, in device pixels."""

    on: float
    off: float


class Ink:
    """One picture. ``x``, ``y``: where its corner is on the canvas, whole device pixels."""

    def __init__(self, x: int, y: int, width: int, height: int) -> None:
        self.x, self.y = x, y
        self.pixels = np.zeros((height, width, 4), np.uint8)
        # OpenCV counts from pixel centres.
        self._corner = np.array((x + 0.5, y + 0.5))
        self._last: tuple[object, Any] = (None, None)

    def _fixed(self, points: np.ndarray) -> np.ndarray:
        fixed = np.rint((points - self._corner) * _ONE)
        np.maximum(np.minimum(fixed, _FAR, out=fixed), -_FAR, out=fixed)
        return fixed.astype(np.int32)

    def _once(self, shape: object, make: Callable[[], Any]) -> Any:
        """What ``make`` made of the same shape the last time: a rim and what lies upon it are drawn one after the other."""
        if self._last[0] is not shape:
            self._last = (shape, make())
        return self._last[1]

    def lines(
        self, segments: np.ndarray, colour: QColor, width: float, dash: Dash | None = None, smooth: bool = True
    ) -> None:
        """Straight lines. ``segments``: (n, 2, 2) positions. ``smooth``: anti-aliased, which costs five times as much."""
        if not len(segments):
            return
        if dash is None:
            fixed = self._once(segments, lambda: list(self._fixed(segments)))
        else:
            fixed = list(self._fixed(straight_dashes(segments, dash)))
        self._draw(fixed, False, colour, width, smooth or dash is not None)

    def outlines(
        self,
        contours: Sequence[np.ndarray],
        colour: QColor,
        width: float,
        dash: Dash | None = None,
        smooth: bool = True,
    ) -> None:
        """Closed lines through (n, 2) positions each."""
        if not len(contours):
            return
        pieces = self._once(contours, lambda: self._whole(contours)) if dash is None else self._dashed(contours, dash)
        self._draw(pieces, dash is None, colour, width, smooth or dash is not None)

    def _whole(self, contours: Sequence[np.ndarray]) -> list[np.ndarray]:
        ends = list(accumulate((len(c) for c in contours), initial=0))
        fixed = self._fixed(contours[0] if len(contours) == 1 else np.concatenate(contours))
        return [fixed[i:j] for i, j in pairwise(ends)]

    def _dashed(self, contours: Sequence[np.ndarray], dash: Dash) -> list[np.ndarray]:
        parts = [dashes(c, dash) for c in contours]
        fixed = self._fixed(np.concatenate([p for p, _ in parts]))
        before = np.cumsum([0, *(len(p) for p, _ in parts)])
        starts = np.concatenate([s + n for (_, s), n in zip(parts, before, strict=False)])[1:]
        return [fixed[i:j] for i, j in pairwise([0, *starts.tolist(), len(fixed)])]

    def _draw(self, fixed: Sequence[np.ndarray], closed: bool, colour: QColor, width: float, smooth: bool) -> None:
        kind = cv2.LINE_AA if smooth else cv2.LINE_8
        cv2.polylines(self.pixels, fixed, closed, premultiplied(colour), max(1, round(width)), kind, SHIFT)

    def discs(self, centres: np.ndarray, radius: float, colour: QColor) -> None:
        """Filled circles at (n, 2) positions."""
        value, size = premultiplied(colour), max(1, round(radius * _ONE))
        for place in self._once(centres, lambda: self._fixed(centres).tolist()):
            cv2.circle(self.pixels, place, size, value, -1, cv2.LINE_AA, SHIFT)

    def fixed(self, points: np.ndarray) -> list[list[int]]:
        """(n, 2) positions for ``stack``: all at once, which costs as much as one."""
        return self._fixed(np.where(np.isfinite(points), points, 0.0)).tolist()  # type: ignore[no-any-return]

    def stack(self, place: Sequence[int], discs: Sequence[tuple[float, QColor]]) -> None:
        """Filled circles upon each other, as (radius, colour), around one of ``fixed``'s places."""
        for radius, colour in discs:
            size = max(1, round(radius * _ONE))
            cv2.circle(self.pixels, place, size, premultiplied(colour), -1, cv2.LINE_AA, SHIFT)

    def rings(self, centres: np.ndarray, radius: float, colour: QColor, width: float, dash: Dash | None = None) -> None:
        """Circles at (n, 2) positions."""
        if dash is not None:
            around = np.linspace(0, 2 * math.pi, 25)[:-1]
            ring = radius * np.column_stack([np.cos(around), np.sin(around)])
            self.outlines([ring + centre for centre in centres], colour, width, dash)
            return
        value, size = premultiplied(colour), max(1, round(radius * _ONE))
        for x, y in self._fixed(centres).tolist():
            cv2.circle(self.pixels, (x, y), size, value, max(1, round(width)), cv2.LINE_AA, SHIFT)


def premultiplied(colour: QColor) -> tuple[int, int, int, int]:
    """Blue, green, red, alpha as a picture holds them."""
    return _premultiplied(colour.rgba())


@lru_cache(1024)
def _premultiplied(rgba: int) -> tuple[int, int, int, int]:
    alpha, red, green, blue = rgba >> 24 & 255, rgba >> 16 & 255, rgba >> 8 & 255, rgba & 255
    return (round(blue * alpha / 255), round(green * alpha / 255), round(red * alpha / 255), alpha)


def straight_dashes(segments: np.ndarray, dash: Dash) -> np.ndarray:
    """(m, 2, 2): the pieces that are drawn of straight lines (n, 2, 2), all at once."""
    ways = segments[:, 1] - segments[:, 0]
    lengths = np.hypot(ways[:, 0], ways[:, 1])
    period = dash.on + dash.off
    counts = np.ceil(lengths / period).astype(int)
    whole = counts > MOST
    counts[whole] = 1
    line = np.repeat(np.arange(len(segments)), counts)
    first = (np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)) * period
    last = np.where(whole[line], lengths[line], np.minimum(first + dash.on, lengths[line]))
    share = np.stack([first, last], 1) / lengths[line, None]
    return segments[line, 0][:, None] + share[:, :, None] * ways[line][:, None]  # type: ignore[no-any-return]


def dashes(line: np.ndarray, dash: Dash) -> tuple[np.ndarray, np.ndarray]:
    """The pieces that are drawn of a closed line (n, 2): their points, one after the other, and where each begins among them."""
    points = np.concatenate([line, line[:1]])
    steps = np.diff(points, axis=0)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
    length, period = way[-1], dash.on + dash.off
    if length <= 0 or length / period > MOST:
        return points, np.zeros(1, int)
    starts = np.arange(0, length, period)
    ends = np.minimum(starts + dash.on, length)
    corners = way[:-1]
    corners = corners[(corners % period > 0) & (corners % period < dash.on)]
    at = np.concatenate([starts, corners, ends])
    order = np.argsort(at, kind="stable")
    places = np.column_stack([np.interp(at[order], way, points[:, k]) for k in (0, 1)])
    return places, np.flatnonzero(order < len(starts))
