"""Limbs, joints and outlines, in screen pixels, so that they keep their size at every zoom."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from kdc.schema import PoseSchema, canonical_name
from kdc_annotator.ui.canvas.ink import Dash, Ink
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.colours import RIM_DARK, person_colour, side_colour
from kdc_annotator.ui.scene import Figure

DOT, DOT_OTHER, HIT = 5.0, 3.0, 12.0
INNER = QColor(20, 20, 24, 190)
"""The middle of an occluded joint of the selected person."""
REACH = 20.0
"""Logical pixels that a figure's ink reaches beyond its box."""


def ink_outline(
    ink: Ink, contours: Sequence[np.ndarray], figure: Figure, colour: QColor, width: float, ratio: float, smooth: bool
) -> None:
    """An outline in device positions: its colour with a dark rim, dashed for a proposal, dotted for a crowd region.

    ``smooth``: of the rim.
    """
    ink.outlines(contours, QColor(0, 0, 0, 150), (width + 2.0) * ratio, smooth=smooth)
    dash = None
    if figure.annotation.crowd:
        dash = Dash(width * ratio, 2.2 * width * ratio)
    elif figure.proposal:
        dash = Dash(4 * width * ratio, 3 * width * ratio)
    ink.outlines(contours, colour, width * ratio, dash)


def ink_quiet(
    ink: Ink, points: np.ndarray, figure: Figure, schema: PoseSchema, hot: int, accent: QColor, ratio: float
) -> None:
    """A person who is not selected: thin limbs and small dots in its colour. ``points``: (K, 2) device positions. ``hot``: the joint
    that a press would grab, -1 for none."""
    present = figure.annotation.present
    limbs = _limbs(points, present, schema)
    colour = person_colour(figure.hue)
    ink.lines(limbs, QColor(0, 0, 0, 120), 3.2 * ratio, smooth=False)
    ink.lines(limbs, colour, 1.6 * ratio, Dash(2 * ratio, 3.2 * ratio) if figure.proposal else None)
    seen = figure.annotation.keypoints[:, 2] == 2
    dots = points[present & seen]
    ink.discs(dots, (DOT_OTHER + 1) * ratio, QColor(0, 0, 0, 150))
    ink.discs(dots, DOT_OTHER * ratio, colour)
    hollow = points[present & ~seen]
    ink.discs(hollow, (DOT_OTHER + 1.3) * ratio, QColor(0, 0, 0, 150))
    ink.discs(hollow, (DOT_OTHER + 0.6) * ratio, colour)
    ink.discs(hollow, (DOT_OTHER - 1.2) * ratio, QColor(20, 20, 24, 220))
    if 0 <= hot < len(points) and present[hot]:
        ink.rings(points[hot : hot + 1], (DOT_OTHER + 4.5) * ratio, accent, 2.0 * ratio)


def ink_selected(
    ink: Ink,
    points: np.ndarray,
    figure: Figure,
    schema: PoseSchema,
    ghosts: np.ndarray,
    hot: int | None,
    grabbed: bool,
    accent: QColor,
    ratio: float,
) -> None:
    """The selected person: strong limbs, sided dots, hollow where occluded, dotted rings where a joint is missing.

    ``points``, ``ghosts``: (K, 2) device positions; ghosts are guesses for unlabelled joints, NaN where there is none. ``hot``:
    the joint under the pointer.
    """
    annotation = figure.annotation
    present = annotation.present
    sides = _sides(schema.keypoints)
    limbs = _limbs(points, present, schema)
    ink.lines(limbs, RIM_DARK, 4.2 * ratio)
    ink.lines(limbs, person_colour(figure.hue), 2.2 * ratio)
    for k, place in enumerate(ghosts):
        if present[k] or not np.isfinite(place).all():
            continue
        size = DOT + 2.5 if k == hot else DOT
        ink.discs(place[None], size * ratio, QColor(0, 0, 0, 70))
        ink.rings(place[None], size * ratio, QColor(0, 0, 0, 130), 2.6 * ratio)
        ink.rings(place[None], size * ratio, QColor(255, 255, 255, 210), 1.3 * ratio, Dash(1.8 * ratio, 2.4 * ratio))
    where = ink.fixed(points)
    for k in np.flatnonzero(present).tolist():
        side = sides[k] if k < len(sides) else side_colour("")
        size = DOT + (3.0 if k == hot else 0.0)
        if k == hot:
            ink.rings(points[k : k + 1], (size + 3.5) * ratio, accent, 2.0 * ratio)
        if annotation.keypoints[k, 2] == 2:
            discs = [((size + 0.7) * ratio, RIM_DARK), ((size - 0.7) * ratio, side)]
        else:
            discs = [((size + 1.5) * ratio, RIM_DARK), ((size + 0.3) * ratio, side), ((size - 1.8) * ratio, INNER)]
        if annotation.confirmed_keypoints[k] and not grabbed:
            discs.append((1.0 * ratio, RIM_DARK))
        ink.stack(where[k], discs)


def draw_label(
    painter: QPainter, text: str, at: QPointF, font: QFont, bounds: QRectF, colour: QColor | None = None
) -> QRectF:
    """A small dark tag beside a point, kept inside ``bounds``; returns where it is."""
    painter.setFont(font)
    box = label_box(text, at, font, bounds)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(16, 16, 20, 225))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(colour or QColor(255, 255, 255))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return box


def label_box(text: str, at: QPointF, font: QFont, bounds: QRectF) -> QRectF:
    """Where ``draw_label`` draws."""
    metrics = QFontMetrics(font)
    width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
    x = at.x() + 14 if at.x() + 14 + width <= bounds.right() else at.x() - 14 - width
    y = min(max(at.y() - height - 6, bounds.top() + 2), bounds.bottom() - height - 2)
    return QRectF(x, y, width, height)


def nearest_joint(
    figure: Figure, ghosts: np.ndarray | None, mapping: Mapping, at: QPointF, reach: float = HIT
) -> tuple[int, float] | None:
    """The joint of a figure nearest to a screen position within ``reach`` pixels, and how far; ghosts only where no joint is near."""
    points, present = mapping.points(figure.annotation.keypoints[:, :2] + 0.5), figure.annotation.present
    candidates = [(points, present)]
    if ghosts is not None and len(ghosts):
        where = mapping.points(ghosts)
        candidates.append((where, ~present & np.isfinite(where).all(1)))
    for positions, usable in candidates:
        if not usable.any():
            continue
        distance = np.where(usable, np.hypot(positions[:, 0] - at.x(), positions[:, 1] - at.y()), np.inf)
        k = int(np.argmin(distance))
        if distance[k] <= reach:
            return k, float(distance[k])
    return None


def _limbs(points: np.ndarray, present: np.ndarray, schema: PoseSchema) -> np.ndarray:
    """(n, 2, 2): the limbs with both ends labelled."""
    count = len(points)
    ends = [(a, b) for a, b in schema.skeleton if a < count and b < count and present[a] and present[b]]
    return points[np.array(ends, int).reshape(-1, 2)]


@cache
def _sides(names: tuple[str, ...]) -> tuple[QColor, ...]:
    return tuple(side_colour(canonical_name(name)) for name in names)
