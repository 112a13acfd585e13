"""The surroundings of a position, enlarged in a corner of the canvas."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from kdc_annotator.ui.canvas.photo_layer import PhotoLevels, draw_magnified
from kdc_annotator.ui.theme import Tokens

SIDE, GAP = 168.0, 16.0


def magnifier_place(width: float, left: bool) -> QRectF:
    """Where the magnifier is on a canvas of that width: on its left or right side."""
    return QRectF(GAP if left else width - SIDE - GAP, GAP, SIDE, SIDE)


def draw_magnifier(
    painter: QPainter, photo: PhotoLevels, at: tuple[float, float], target: QRectF, scale: float, theme: Tokens
) -> None:
    """The photo around ``at`` in ``target``, with a cross there. ``scale``: the canvas's own."""
    painter.save()
    painter.setClipRect(target)
    painter.fillRect(target, QColor(theme.canvas))
    draw_magnified(painter, photo, at, target, max(3.0, 3.0 * scale))
    centre = target.center()
    for pen in (QPen(QColor(0, 0, 0, 160), 3), QPen(QColor(255, 255, 255, 230), 1.2)):
        painter.setPen(pen)
        painter.drawLine(centre + QPointF(-14, 0), centre + QPointF(-4, 0))
        painter.drawLine(centre + QPointF(4, 0), centre + QPointF(14, 0))
        painter.drawLine(centre + QPointF(0, -14), centre + QPointF(0, -4))
        painter.drawLine(centre + QPointF(0, 4), centre + QPointF(0, 14))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.text), 1))
    painter.drawRoundedRect(target, 6, 6)
