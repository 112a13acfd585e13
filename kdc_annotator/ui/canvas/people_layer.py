"""Limbs and joints, in screen pixels, so that they keep their size at every zoom."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from kdc.schema import PoseSchema, canonical_name
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.colours import RIM_DARK, person_colour, side_colour
from kdc_annotator.ui.scene import Figure

DOT, DOT_OTHER, HIT = 5.0, 3.0, 12.0


def draw_quiet(painter: QPainter, figure: Figure, schema: PoseSchema, mapping: Mapping, alpha: float) -> None:
    """A person who is not selected: thin limbs and small dots in its colour."""
    points, present = _positions(figure, mapping)
    lines = _limbs(points, present, schema)
    colour = person_colour(figure.hue, alpha)
    style = Qt.PenStyle.DotLine if figure.proposal else Qt.PenStyle.SolidLine
    if lines:
        painter.setPen(QPen(QColor(0, 0, 0, round(120 * alpha)), 3.2))
        painter.drawLines(lines)
        painter.setPen(QPen(colour, 1.6, style))
        painter.drawLines(lines)
    seen = figure.annotation.keypoints[:, 2] == 2
    hidden = present & ~seen
    dots = [QPointF(x, y) for x, y in points[present & seen].tolist()]
    if dots:
        painter.setPen(QPen(QColor(0, 0, 0, round(150 * alpha)), 2 * DOT_OTHER + 2, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(dots)
        painter.setPen(QPen(colour, 2 * DOT_OTHER, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(dots)
    if hidden.any():
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in points[hidden].tolist():
            painter.drawEllipse(QPointF(x, y), DOT_OTHER, DOT_OTHER)


def draw_selected(
    painter: QPainter,
    figure: Figure,
    schema: PoseSchema,
    mapping: Mapping,
    ghosts: np.ndarray,
    hot: int | None,
    grabbed: bool,
    accent: QColor,
) -> None:
    """The selected person: strong limbs, sided dots, hollow where occluded, dotted rings where a joint is missing.

    ``ghosts``: (K, 2) canvas-frame guesses for unlabelled joints, NaN where there is none. ``hot``: the joint under the pointer.
    """
    points, present = _positions(figure, mapping)
    lines = _limbs(points, present, schema)
    colour = person_colour(figure.hue)
    if lines:
        painter.setPen(QPen(RIM_DARK, 4.2, c=Qt.PenCapStyle.RoundCap))
        painter.drawLines(lines)
        painter.setPen(QPen(colour, 2.2, c=Qt.PenCapStyle.RoundCap))
        painter.drawLines(lines)
    ring = QPen(QColor(255, 255, 255, 210), 1.3, Qt.PenStyle.DotLine)
    where = mapping.points(ghosts) if len(ghosts) else ghosts
    for k, (x, y) in enumerate(where.tolist()):
        if present[k] or not np.isfinite(x):
            continue
        size = DOT + 2.5 if k == hot else DOT
        painter.setBrush(QColor(0, 0, 0, 70))
        painter.setPen(QPen(QColor(0, 0, 0, 130), 2.6))
        painter.drawEllipse(QPointF(x, y), size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(ring)
        painter.drawEllipse(QPointF(x, y), size, size)
    for k, (x, y) in enumerate(points.tolist()):
        if not present[k]:
            continue
        side = side_colour(canonical_name(schema.keypoints[k]) if k < len(schema) else "")
        size = DOT + (3.0 if k == hot else 0.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if k == hot:
            painter.setPen(QPen(accent, 2.0))
            painter.drawEllipse(QPointF(x, y), size + 3.5, size + 3.5)
        painter.setPen(QPen(RIM_DARK, 1.4))
        if figure.annotation.keypoints[k, 2] == 2:
            painter.setBrush(side)
            painter.drawEllipse(QPointF(x, y), size, size)
        else:
            painter.setBrush(QColor(20, 20, 24, 150))
            painter.drawEllipse(QPointF(x, y), size + 0.8, size + 0.8)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(side, 2.0))
            painter.drawEllipse(QPointF(x, y), size - 0.8, size - 0.8)
        if figure.annotation.confirmed_keypoints[k] and not grabbed:
            painter.setPen(QPen(RIM_DARK, 2.0, c=Qt.PenCapStyle.RoundCap))
            painter.drawPoint(QPointF(x, y))


def draw_label(
    painter: QPainter, text: str, at: QPointF, font: QFont, bounds: QRectF, colour: QColor | None = None
) -> None:
    """A small dark tag beside a point, kept inside ``bounds``."""
    painter.setFont(font)
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text) + 12, metrics.height() + 4
    x = at.x() + 14 if at.x() + 14 + width <= bounds.right() else at.x() - 14 - width
    y = min(max(at.y() - height - 6, bounds.top() + 2), bounds.bottom() - height - 2)
    box = QRectF(x, y, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(16, 16, 20, 225))
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(colour or QColor(255, 255, 255))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def nearest_joint(
    figure: Figure, ghosts: np.ndarray | None, mapping: Mapping, at: QPointF, reach: float = HIT
) -> tuple[int, float] | None:
    """The joint of a figure nearest to a screen position within ``reach`` pixels, and how far; ghosts only where no joint is near."""
    points, present = _positions(figure, mapping)
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


def _positions(figure: Figure, mapping: Mapping) -> tuple[np.ndarray, np.ndarray]:
    points = mapping.points(figure.annotation.keypoints[:, :2] + 0.5)
    return points, figure.annotation.present


def _limbs(points: np.ndarray, present: np.ndarray, schema: PoseSchema) -> list[QLineF]:
    count = len(points)
    return [
        QLineF(points[a, 0], points[a, 1], points[b, 0], points[b, 1])
        for a, b in schema.skeleton
        if a < count and b < count and present[a] and present[b]
    ]
