"""Strokes of a round brush: paint, erase, give pixels to another person, crowd regions."""

from __future__ import annotations

import math
from itertools import pairwise

import cv2
import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QWheelEvent

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.edit import Command
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr

SMALLEST, LARGEST = 0.5, 400.0


def stroke_mask(points: list[tuple[float, float]], radius: float, width: int, height: int) -> Mask:
    """The pixels of a stroke through continuous positions with a round brush, cut to the image."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    x1, y1 = max(math.floor(min(xs) - radius), 0), max(math.floor(min(ys) - radius), 0)
    x2, y2 = min(math.ceil(max(xs) + radius) + 1, width), min(math.ceil(max(ys) + radius) + 1, height)
    if x2 <= x1 or y2 <= y1:
        return Mask.empty(width, height)
    crop = np.zeros((y2 - y1, x2 - x1), np.uint8)
    # OpenCV counts from pixel centres, in sixteenths here.
    shift = 16
    line = [(round((x - 0.5 - x1) * shift), round((y - 0.5 - y1) * shift)) for x, y in points]
    for a in line:
        cv2.circle(crop, a, max(round(radius * shift), 1), 1, -1, cv2.LINE_8, 4)
    for a, b in pairwise(line):
        cv2.line(crop, a, b, 1, max(round(2 * radius), 1), cv2.LINE_8, 4)
    return Mask(crop.astype(bool), x1, y1, width, height).tight()


class BrushTool(Tool):
    """Paints the selected person's mask; ``erases``: takes pixels out. Alt turns one into the other for a stroke."""

    name = "brush"
    erases = False
    radius = 0.0

    def enter(self) -> None:
        self._stroke: list[tuple[float, float]] = []
        self._erasing = False
        if not BrushTool.radius:
            BrushTool.radius = max(self.canvas.image_size) / 80 or 8.0

    def leave(self) -> None:
        self.canvas.update()

    def hint(self) -> str:
        if not self._target_key():
            return tr("Press on the person that the stroke is for · Shift+wheel: size of the brush")
        if self.erases:
            return tr("Erase pixels from the selected person · Alt: paint · Shift+wheel: size · Esc: back to select")
        return tr("Paint pixels onto the selected person · Alt: erase · Shift+wheel: size · Esc: back to select")

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.BlankCursor

    def wheel(self, event: QWheelEvent) -> bool:
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        steps = (event.angleDelta().y() or event.angleDelta().x()) / 120
        BrushTool.radius = min(max(BrushTool.radius * 1.15**steps, SMALLEST), LARGEST)
        self.canvas.update()
        return True

    def press(self, event: QMouseEvent) -> None:
        if not self._begin(event):
            return
        self._erasing = self.erases != bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self._stroke = [self.at(event)]
        self.canvas.update()

    def _begin(self, event: QMouseEvent) -> bool:
        if self._target_key() is None:
            figures = self.canvas.figures_at(event.position())
            if figures:
                self.scene.select(figures[0].key)
            return False
        return True

    def _target_key(self) -> Key | None:
        return self.scene.selected

    def move(self, event: QMouseEvent) -> None:
        if self._stroke and event.buttons() & Qt.MouseButton.LeftButton:
            here = self.at(event)
            last = self._stroke[-1]
            if math.dist(here, last) >= 0.25 / self.canvas.mapping.scale:
                self._stroke.append(here)
        elif self._target_key() is None:
            figures = self.canvas.figures_at(event.position())
            self.canvas.set_hovered(figures[0].key if figures else None)
        self.canvas.update()

    def release(self, event: QMouseEvent) -> None:
        if not self._stroke:
            return
        stroke, self._stroke = self._stroke, []
        region = stroke_mask(stroke, BrushTool.radius, *self.canvas.image_size)
        self.canvas.update()
        if region.bits.any():
            self._finish(region)

    def _finish(self, region: Mask) -> None:
        key = self._target_key()
        if key is None:
            return
        erasing = self._erasing

        def make(person: int) -> Command:
            return do.Erase(person, region) if erasing else do.Paint(person, region)

        followed = self.engine.stroke(key, region, not erasing)
        if followed:
            self.editor.on(key, lambda person: do.Together((make(person), do.SetMasks({person: followed}))))
        else:
            self.editor.on(key, make)

    def cancel(self) -> bool:
        if not getattr(self, "_stroke", None):
            return False
        self._stroke = []
        self.canvas.update()
        return True

    def wants(self, event: QKeyEvent) -> bool:
        return bool(self._stroke)

    def key(self, event: QKeyEvent) -> bool:
        if self._stroke and event.key() == Qt.Key.Key_Escape:
            return self.cancel()
        return False

    def colour(self) -> QColor:
        """Of the stroke as it is previewed."""
        selection = self.scene.selection
        if self._erasing if self._stroke else self.erases:
            return QColor(255, 255, 255)
        return person_colour(selection.hue) if selection else QColor(255, 255, 255)

    def paint(self, painter: QPainter) -> None:
        size = 2 * BrushTool.radius * self.canvas.mapping.scale
        if self._stroke:
            path = QPainterPath(self.canvas.mapping.to_widget(*self._stroke[0]))
            for point in self._stroke[1:]:
                path.lineTo(self.canvas.mapping.to_widget(*point))
            if len(self._stroke) == 1:
                path.lineTo(path.currentPosition() + QPointF(0.01, 0))
            colour = self.colour()
            colour.setAlpha(130)
            pen = QPen(colour, size)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        if self.canvas.pointer.x() >= 0:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(0, 0, 0, 170), 3))
            painter.drawEllipse(self.canvas.pointer, size / 2, size / 2)
            painter.setPen(QPen(self.colour(), 1.5))
            painter.drawEllipse(self.canvas.pointer, size / 2, size / 2)


class EraserTool(BrushTool):
    """The brush the other way round."""

    name = "eraser"
    erases = True


class ReassignTool(BrushTool):
    """Press on the owner and paint: the owner's pixels under the stroke go to the selected person."""

    name = "reassign"
    _owner: Key | None = None

    def hint(self) -> str:
        if not self.scene.selection:
            return tr("Press on the person that shall get the pixels")
        return tr(
            "Press on the owner of the pixels and paint: they go to the selected person · Shift+wheel: size · Esc: back"
        )

    def _begin(self, event: QMouseEvent) -> bool:
        if not super()._begin(event):
            return False
        owners = [
            f.key for f in self.canvas.figures_at(event.position()) if f.key != self.scene.selected and not f.proposal
        ]
        self._owner = owners[0] if owners else None
        if self._owner is None:
            self.editor.failed.emit(
                KdcError(
                    tr("Nobody there"),
                    tr("Press on the person whose pixels the selected one shall get; there is nobody else here."),
                )
            )
        return self._owner is not None

    def _finish(self, region: Mask) -> None:
        key, owner = self.scene.selected, self._owner
        if key and owner:
            self.editor.on(key, lambda person: do.ReassignRegion(owner[1], person, region))


class CrowdTool(BrushTool):
    """Paint a region full of people who are not told apart."""

    name = "crowd"

    def hint(self) -> str:
        return tr("Paint over people that are not told apart: a crowd region · Shift+wheel: size · Esc: back to select")

    def _begin(self, event: QMouseEvent) -> bool:
        return True

    def _target_key(self) -> Key | None:
        return (False, 0)

    def _finish(self, region: Mask) -> None:
        self.editor.execute(do.AddCrowdRegion(region, self.editor.category()))

    def colour(self) -> QColor:
        return QColor("#ffcf6b")
