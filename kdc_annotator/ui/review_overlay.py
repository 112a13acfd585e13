"""What a reviewer sees over the photo: where joints were, pixels that came and went, people who came and went."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPolygonF

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.comparing import Difference
from kdc_annotator.ui.canvas.canvas import Canvas
from kdc_annotator.ui.canvas.people_layer import draw_label
from kdc_annotator.ui.review import Review
from kdc_annotator.ui.review_words import kind_word
from kdc_annotator.ui.theme import font

CAME, WENT = QColor("#5cc8ff"), QColor("#ffa03a")
"""Light blue and orange: told apart by colour-blind eyes; hatched the other way round, too."""
RIM = QColor(0, 0, 0, 170)
FAINT = 0.45
TINT = 150
"""Opacity of pixels that came or went, of 255."""


class ReviewOverlay:
    """Drawn above everybody while the review is on."""

    def __init__(self, review: Review, canvas: Canvas) -> None:
        self._review = review
        self._canvas = canvas
        self._pictures: dict[int, tuple[Mask, QImage]] = {}
        self._drawn: tuple[Difference, ...] = ()
        review.changed.connect(self._changed)

    def _changed(self) -> None:
        if self._review.differences is not self._drawn:
            self._drawn = self._review.differences
            self._pictures.clear()
        self._canvas.update()

    def paint(self, painter: QPainter) -> None:
        """Draw all differences; the one that is looked at last and strongest."""
        review = self._review
        if not review.active:
            return
        current = review.current
        exposed = QRectF(self._canvas.rect())
        rest = [d for d in review.differences if d is not current]
        for difference in [*rest, *([current] if current else [])]:
            box = self._canvas.mapping.rectangle(*difference.box).adjusted(-6, -6, 6, 6)
            if exposed.intersects(box):
                painter.save()
                painter.setOpacity(1.0 if current is None or difference is current else FAINT)
                self._draw(painter, difference, box, difference is current)
                painter.restore()

    def _draw(self, painter: QPainter, difference: Difference, box: QRectF, chosen: bool) -> None:
        for mask, colour, pattern in (
            (difference.gained, CAME, Qt.BrushStyle.BDiagPattern), (difference.lost, WENT, Qt.BrushStyle.FDiagPattern),
        ):  # fmt: skip
            if mask is not None:
                self._draw_mask(painter, mask, colour, pattern, chosen)
        if difference.kind == "changed":
            self._draw_joints(painter, difference)
        else:
            state = difference.after or difference.before
            assert state is not None
            if difference.after is None:
                self._draw_skeleton(painter, state, WENT)
            colour = CAME if difference.kind == "added" else WENT
            style = Qt.PenStyle.SolidLine if difference.kind == "added" else Qt.PenStyle.DashLine
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(RIM, 4.5), QPen(colour, 2.2, style)):
                painter.setPen(pen)
                painter.drawRoundedRect(box, 6, 6)
        if chosen or difference.kind != "changed":
            bounds = QRectF(self._canvas.rect())
            draw_label(painter, kind_word(difference.kind), box.topLeft() + QPointF(-14, 0), font(11), bounds)
        if chosen and difference.kind == "changed":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self._canvas.theme.accent), 1.5, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box, 6, 6)

    def _draw_joints(self, painter: QPainter, difference: Difference) -> None:
        before, after = difference.before, difference.after
        assert before is not None and after is not None
        place = self._places(before)
        now = self._places(after)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if difference.moved:
            moved = set(difference.moved)
            limbs = [
                QLineF(place[a], place[b])
                for a, b in self._skeleton(before)
                if (a in moved or b in moved) and before.present[a] and before.present[b]
            ]
            for pen in (QPen(RIM, 3), QPen(WENT, 1.4, Qt.PenStyle.DashLine)):
                painter.setPen(pen)
                painter.drawLines(limbs)
        for k in difference.moved:
            _ring(painter, place[k], WENT)
            _arrow(painter, place[k], now[k])
        for k in difference.placed:
            _cross(painter, now[k], CAME, 0.0)
        for k in difference.removed:
            _cross(painter, place[k], WENT, pi / 4)
        for k in difference.seen:
            _half(painter, now[k])

    def _draw_skeleton(self, painter: QPainter, person: Annotation, colour: QColor) -> None:
        places, present = self._places(person), person.present
        limbs = [QLineF(places[a], places[b]) for a, b in self._skeleton(person) if present[a] and present[b]]
        for pen in (QPen(RIM, 3.4), QPen(colour, 1.8, Qt.PenStyle.DashLine)):
            painter.setPen(pen)
            painter.drawLines(limbs)

    def _draw_mask(self, painter: QPainter, mask: Mask, colour: QColor, pattern: Qt.BrushStyle, hatched: bool) -> None:
        h, w = mask.bits.shape
        target = self._canvas.mapping.rectangle(mask.x, mask.y, w, h)
        shown = target.intersected(QRectF(self._canvas.rect()))
        if shown.isEmpty():
            return
        image = self._picture(mask, colour)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(target, image)
        if not hatched:
            return
        ratio = self._canvas.devicePixelRatioF()
        area = shown.toAlignedRect()
        layer = QImage(area.size() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        layer.setDevicePixelRatio(ratio)
        layer.fill(Qt.GlobalColor.transparent)
        inner = QPainter(layer)
        inner.translate(-area.topLeft())
        inner.drawImage(target, image)
        inner.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        inner.fillRect(QRect(area), QBrush(QColor(255, 255, 255, 235), pattern))
        inner.end()
        painter.drawImage(area.topLeft(), layer)

    def _picture(self, mask: Mask, colour: QColor) -> QImage:
        kept = self._pictures.get(id(mask))
        if kept is None:
            h, w = mask.bits.shape
            stride = -(-w // 4) * 4
            bits = np.zeros((h, stride), np.uint8)
            bits[:, :w] = mask.bits
            flat = QImage(bits.data, w, h, stride, QImage.Format.Format_Indexed8)
            flat.setColorTable([0, QColor(colour.red(), colour.green(), colour.blue(), TINT).rgba()])
            image = flat.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
            kept = self._pictures[id(mask)] = (mask, image)
        return kept[1]

    def _places(self, person: Annotation) -> list[QPointF]:
        points = self._canvas.mapping.points(person.keypoints[:, :2] + 0.5)
        return [QPointF(x, y) for x, y in points.tolist()]

    def _skeleton(self, person: Annotation) -> list[tuple[int, int]]:
        document = self._review.scene.document
        if document is None:
            return []
        count = len(person.keypoints)
        return [(a, b) for a, b in document.schema(person.category_id).skeleton if a < count and b < count]


def _twice(painter: QPainter, colour: QColor, width: float, draw: Callable[[], None]) -> None:
    """With a dark rim, so that it reads on snow and on night."""
    for pen in (QPen(RIM, width + 2.4), QPen(colour, width)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        draw()


def _ring(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _twice(painter, colour, 1.6, lambda: painter.drawEllipse(at, 5.0, 5.0))


def _arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """From the rim of the old place's ring to the new place; just the ring where there is no room for more."""
    dx, dy = end.x() - start.x(), end.y() - start.y()
    length = hypot(dx, dy)
    if length < 7:
        return
    angle = atan2(dy, dx)
    first = start + QPointF(5 * cos(angle), 5 * sin(angle))
    side = min(9.0, 0.6 * length)
    wings = [end - QPointF(side * cos(angle + turn), side * sin(angle + turn)) for turn in (-0.45, 0.45)]
    _twice(painter, WENT, 1.8, lambda: painter.drawLine(first, end))
    painter.setPen(QPen(RIM, 1))
    painter.setBrush(WENT)
    painter.drawPolygon(QPolygonF([end, *wings]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _cross(painter: QPainter, at: QPointF, colour: QColor, turn: float) -> None:
    """A plus, or with an eighth of a turn a cross."""
    arms = [QPointF(8 * cos(turn + n * pi / 2), 8 * sin(turn + n * pi / 2)) for n in range(4)]
    lines = [QLineF(at + arms[0], at + arms[2]), QLineF(at + arms[1], at + arms[3])]
    _twice(painter, colour, 2.2, lambda: painter.drawLines(lines))


def _half(painter: QPainter, at: QPointF) -> None:
    """Another visibility: a square around the joint."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    box = QRectF(at.x() - 8, at.y() - 8, 16, 16)
    _twice(painter, CAME, 1.4, lambda: painter.drawRect(box))
