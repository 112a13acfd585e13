"""Lines and dots on small pictures of their own, drawn by OpenCV: many times faster than a painter's anti-aliased strokes.

Positions and widths are device pixels; a picture is (h, w, 4) uint8, blue, green, red, alpha, premultiplied (Qt's
ARGB32_Premultiplied), and its pixel (0, 0) reaches from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PySide6.QtGui import QColor

SHIFT = 4
_ONE = 1 << SHIFT
_FAR = 1 << 24
"""Positions beyond so many sixteenths are cut: OpenCV counts in 32 bits."""


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

    def _fixed(self, points: np.ndarray) -> np.ndarray:
        # OpenCV counts from pixel centres.
        fixed = np.rint((points - (self.x + 0.5, self.y + 0.5)) * _ONE)
        if fixed.size and (fixed.min() < -_FAR or fixed.max() > _FAR):
            fixed = fixed.clip(-_FAR, _FAR)
        return fixed.astype(np.int32)

    def lines(
        self, segments: np.ndarray, colour: QColor, width: float, dash: Dash | None = None, smooth: bool = True
    ) -> None:
        """Straight lines. ``segments``: (n, 2, 2) positions. ``smooth``: anti-aliased, which costs five times as much."""
        if not len(segments):
            return
        if dash is not None:
            self._strokes([piece for s in segments for piece in dashes(s, False, dash)], False, colour, width)
        else:
            self._draw(list(self._fixed(segments)), False, colour, width, smooth)

    def outlines(
        self,
        contours: Sequence[np.ndarray],
        colour: QColor,
        width: float,
        dash: Dash | None = None,
        smooth: bool = True,
    ) -> None:
        """Closed lines through (n, 2) positions each."""
        if dash is not None:
            pieces = [piece for c in contours for piece in dashes(c, True, dash)]
            self._strokes(pieces, False, colour, width)
        else:
            self._strokes(contours, True, colour, width, smooth)

    def _strokes(
        self, lines: Iterable[np.ndarray], closed: bool, colour: QColor, width: float, smooth: bool = True
    ) -> None:
        kept = list(lines)
        if kept:
            fixed = np.split(self._fixed(np.concatenate(kept)), np.cumsum([len(line) for line in kept])[:-1])
            self._draw(fixed, closed, colour, width, smooth)

    def _draw(self, fixed: Sequence[np.ndarray], closed: bool, colour: QColor, width: float, smooth: bool) -> None:
        kind = cv2.LINE_AA if smooth else cv2.LINE_8
        cv2.polylines(self.pixels, fixed, closed, premultiplied(colour), max(1, round(width)), kind, SHIFT)

    def discs(self, centres: np.ndarray, radius: float, colour: QColor) -> None:
        """Filled circles at (n, 2) positions."""
        value, size = premultiplied(colour), max(1, round(radius * _ONE))
        for x, y in self._fixed(centres).tolist():
            cv2.circle(self.pixels, (x, y), size, value, -1, cv2.LINE_AA, SHIFT)

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
    alpha = colour.alpha()
    return (
        round(colour.blue() * alpha / 255), round(colour.green() * alpha / 255), round(colour.red() * alpha / 255), alpha,
    )  # fmt: skip


def dashes(line: np.ndarray, closed: bool, dash: Dash) -> list[np.ndarray]:
    """The pieces of a line (n, 2) that are drawn."""
    points = np.concatenate([line, line[:1]]) if closed else np.asarray(line, np.float64)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    length = way[-1]
    period = dash.on + dash.off
    if length <= 0 or length / period > 4000:
        return [points]
    starts = np.arange(0, length, period)
    ends = np.minimum(starts + dash.on, length)
    at = np.concatenate([starts, ends])
    places = np.column_stack([np.interp(at, way, points[:, k]) for k in (0, 1)])
    first, last = np.searchsorted(way, starts, "right"), np.searchsorted(way, ends, "left")
    n = len(starts)
    return [
        np.concatenate([places[i : i + 1], points[first[i] : last[i]], places[n + i : n + i + 1]]) for i in range(n)
    ]
