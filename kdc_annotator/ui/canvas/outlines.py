"""Masks as outlines: contours as painter paths, kept until the mask or the zoom changes."""

from __future__ import annotations

import math

import cv2
import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from kdc.structures import Mask
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.scene import Figure


def outline_path(mask: Mask, tolerance: float) -> QPainterPath:
    """The borders of a mask, holes included, in image positions; corners within ``tolerance`` pixels are cut."""
    path = QPainterPath()
    if not mask.bits.size:
        return path
    contours, _ = cv2.findContours(
        np.ascontiguousarray(mask.bits).view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(mask.x, mask.y)
    )
    for contour in contours:
        corners = cv2.approxPolyDP(contour, tolerance, True).reshape(-1, 2)
        if len(corners) > 2:
            path.addPolygon(QPolygonF([QPointF(x + 0.5, y + 0.5) for x, y in corners.tolist()]))
            path.closeSubpath()
    return path


class Outlines:
    """Paths by figure; made when first drawn."""

    def __init__(self) -> None:
        self._paths: dict[object, tuple[Mask | None, float, QPainterPath]] = {}

    def clear(self) -> None:
        """Forget all of them."""
        self._paths.clear()

    def path(self, figure: Figure, scale: float) -> QPainterPath:
        """The outline of a figure, fine enough for ``scale``."""
        mask = figure.annotation.mask
        tolerance = 0.5 * 2.0 ** round(math.log2(max(1.0 / scale, 0.5)))
        kept = self._paths.get(figure.key)
        if kept is None or kept[0] is not mask or kept[1] != tolerance:
            kept = (mask, tolerance, QPainterPath() if mask is None else outline_path(mask, tolerance))
            self._paths[figure.key] = kept
        return kept[2]

    def draw(
        self, painter: QPainter, figure: Figure, mapping: Mapping, colour: QColor, width: float, rim: bool
    ) -> None:
        """One outline: its colour with a dark rim, dashed for a proposal, dotted for a crowd region."""
        path = self.path(figure, mapping.scale)
        if path.isEmpty():
            return
        painter.save()
        painter.setTransform(mapping.transform(), True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if rim:
            shade = QColor(0, 0, 0, round(150 * colour.alphaF()))
            painter.setPen(_pen(shade, width + 2.0))
            painter.drawPath(path)
        pen = _pen(colour, width)
        if figure.annotation.crowd:
            pen.setDashPattern([1, 2.2])
        elif figure.proposal:
            pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawPath(path)
        painter.restore()


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
