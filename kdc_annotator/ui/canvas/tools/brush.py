"""Strokes of a round brush: paint, erase, give pixels to another person, crowd regions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen, QWheelEvent

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.change import Change, Rectangle
from kdc_annotator.document.edit import Command
from kdc_annotator.document.mask_shapes import common, pixels
from kdc_annotator.ui.canvas.afterwards import Afterwards
from kdc_annotator.ui.canvas.strokes import stroke_mask
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.engine_bridge import LiveStroke
from kdc_annotator.ui.scene import Figure, Key, with_mask
from kdc_annotator.ui.text import tr

SMALLEST, LARGEST = 0.5, 400.0


class BrushTool(Tool):
    """Paints the selected person's mask; ``erases``: takes pixels out. Alt turns one into the other for a stroke.

    The stroke is evidence: the person's mask follows it, before the button is up and after. ``Canvas.exact_strokes``, or Ctrl
    for one stroke: its pixels and no others.
    """

    name = "brush"
    drags = True
    erases = False
    listens = True
    radius = 0.0
    _live: LiveStroke | None = None
    _key: Key | None = None
    """Whom the stroke is for."""

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
        if self.listens and self.canvas.exact_strokes:
            if self.erases:
                return tr("Erase exactly these pixels · Shift+E: the mask follows the stroke · Alt: paint · Esc: back")
            return tr("Paint exactly these pixels · Shift+E: the mask follows the stroke · Alt: erase · Esc: back")
        drawn = self.drawn(self._target_key()) if self.listens else ""
        if drawn == "file":
            return tr(
                "The mask came with the file: strokes count exactly as painted · Ctrl+G: let it follow · Esc: back"
            )
        if drawn:
            return tr(
                "The mask was drawn by hand: strokes count exactly as painted · Ctrl+G: let it follow · Esc: back"
            )
        if self.erases:
            return tr("Erase pixels from the selected person · Alt: paint · Shift+wheel: size · Esc: back to select")
        return tr("Paint pixels onto the selected person · Alt: erase · Shift+wheel: size · Esc: back to select")

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.BlankCursor

    def wheel(self, event: QWheelEvent) -> bool:
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        self.resize((event.angleDelta().y() or event.angleDelta().x()) / 120)
        return True

    def resize(self, steps: float) -> None:
        """Larger, or smaller by negative steps, for all brushes."""
        BrushTool.radius = min(max(BrushTool.radius * 1.15**steps, SMALLEST), LARGEST)
        self.canvas.brush_resized.emit()
        self.canvas.update()

    def press(self, event: QMouseEvent) -> None:
        if not self._begin(event):
            return
        # What gives pixels away, or marks a crowd, has no other way round.
        alt = self.listens and bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        self._erasing = self.erases != alt
        self._stroke = [self.at(event)]
        self._live, key = None, self._target_key()
        self._key = key
        exact = self.canvas.exact_strokes or bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        stored = self.scene.stored(key) if key else None
        if stored is not None and (stored.locked or stored.crowd or stored.drawn):
            exact = True
        if self.listens and not exact and key and stored is not None:
            self._live = self.engine.begin_stroke(key, not self._erasing, self._clustered)
            self._ask()
        self.canvas.update()

    def _ask(self) -> None:
        if self._live:
            self._live.move(tuple(self._stroke), BrushTool.radius)

    def _clustered(self, masks: Mapping[Key, Mask], rectangle: Rectangle) -> None:
        """The engine's answer while the button is down."""
        if not self._stroke:
            return
        previews = {}
        for key, mask in masks.items():
            stored = self.scene.stored(key)
            if stored is not None:
                previews[key] = with_mask(replace(stored), mask)
        self.scene.preview(previews, rectangle)

    def _begin(self, event: QMouseEvent) -> bool:
        if self._target_key() is None:
            figures = self.canvas.figures_at(event.position())
            if figures:
                self.scene.select(figures[0].key)
            return False
        selection = self.scene.selection
        return selection is None or not self.locked(selection)

    def _target_key(self) -> Key | None:
        return self.scene.selected

    def move(self, event: QMouseEvent) -> None:
        if self._stroke and event.buttons() & Qt.MouseButton.LeftButton:
            here = self.at(event)
            last = self._stroke[-1]
            if math.dist(here, last) >= 0.25 / self.canvas.mapping.scale:
                self._stroke.append(here)
                self._ask()
        elif self._target_key() is None:
            figures = self.canvas.figures_at(event.position())
            self.canvas.set_hovered(figures[0].key if figures else None)
        self.canvas.update()

    def release(self, event: QMouseEvent) -> None:
        if not self._stroke:
            return
        stroke, self._stroke = self._stroke, []
        region = stroke_mask(stroke, BrushTool.radius, *self.canvas.image_size)
        step: list[Afterwards] = []
        erasing, key = self._erasing, self._still(self._key)

        def later(masks: Mapping[Key, Mask]) -> None:
            if step and key is not None:
                step[0].replace(lambda: self._paint(key, region, erasing, masks))

        live, self._live = self._live, None
        masks = live.finish(tuple(stroke), BrushTool.radius, later) if live else {}
        self.scene.preview({})
        self.canvas.update()
        if not region.bits.any():
            return
        if key is None:
            text = tr("Whom the stroke was for is gone from the image; nothing was changed.")
            self.editor.failed.emit(KdcError(tr("Nobody there"), text))
        elif live is not None:
            if self._paint(key, region, erasing, masks) is not None:
                step.append(Afterwards(self.editor))
        else:
            self._finish(key, region)

    def _still(self, key: Key | None) -> Key | None:
        """That person, or who the proposal has become; None where they are gone."""
        return key if key is None or self.scene.stored(key) is not None else self.scene.successor(key)

    def _finish(self, key: Key, region: Mask) -> None:
        """What a stroke does where no clustering follows."""
        self._paint(key, region, self._erasing, {})

    def _paint(self, key: Key, region: Mask, erasing: bool, masks: Mapping[Key, Mask]) -> Change | None:
        """One step: the stroke's pixels, pinned, and the masks that followed."""

        def make(person: int) -> Command:
            stroke = do.Erase(person, region) if erasing else do.Paint(person, region)
            others = {k[1]: m for k, m in masks.items() if k != key and not k[0]}
            followed = {person: masks[key], **others} if key in masks else others
            return do.Together((stroke, do.SetMasks(followed))) if followed else stroke

        return self.editor.on(key, make)

    def cancel(self) -> bool:
        if not getattr(self, "_stroke", None):
            return False
        self._stroke = []
        if self._live:
            self._live.cancel()
            self._live = None
        self.scene.preview({})
        self.canvas.update()
        return True

    @property
    def busy(self) -> bool:
        return bool(self._stroke)

    def wants(self, event: QKeyEvent) -> bool:
        return bool(self._stroke)

    def key(self, event: QKeyEvent) -> bool:
        if self._stroke and event.key() == Qt.Key.Key_Escape:
            return self.cancel()
        return bool(self._stroke)

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
    listens = False
    _owner: Key | None = None

    def hint(self) -> str:
        if not self.scene.selection:
            return tr("Press on the person that shall get the pixels")
        if self.scene.isolated:
            return tr("Only this person can be clicked · F: show everybody again")
        return tr(
            "Press on the owner of the pixels and paint: they go to the selected person · Shift+wheel: size · Esc: back"
        )

    def _begin(self, event: QMouseEvent) -> bool:
        if not super()._begin(event) or self.alone():
            return False
        there = [f for f in self.canvas.figures_at(event.position()) if f.key != self.scene.selected]
        owners = [f for f in there if not f.proposal]
        if owners and self.locked(owners[0]):
            return False
        self._owner = owners[0].key if owners else None
        if self._owner is None and there:
            text = tr("Who is there is a proposal, which owns no pixels yet; accept it first.")
            self.editor.failed.emit(KdcError(tr("Not accepted yet"), text))
        elif self._owner is None:
            self.editor.failed.emit(
                KdcError(
                    tr("Nobody there"),
                    tr("Press on the person whose pixels the selected one shall get; there is nobody else here."),
                )
            )
        return self._owner is not None

    def _finish(self, key: Key, region: Mask) -> None:
        owner = self._owner
        if owner:
            self.editor.on(key, lambda person: do.ReassignRegion(owner[1], person, region))


class CrowdTool(BrushTool):
    """Paint a region full of people who are not told apart."""

    name = "crowd"
    listens = False

    def hint(self) -> str:
        return tr("Paint over people that are not told apart: a crowd region · Shift+wheel: size · Esc: back to select")

    def _begin(self, event: QMouseEvent) -> bool:
        return True

    def _target_key(self) -> Key | None:
        return (False, 0)

    def _still(self, key: Key | None) -> Key | None:
        return key

    def _finish(self, key: Key, region: Mask) -> None:
        """A stroke that touches a crowd region makes it larger; else it is one of its own."""
        touched = [f for f in self.scene.figures if self._touches(f, region)]
        if touched:
            self.editor.on(touched[-1].key, lambda person: do.Paint(person, region))
        else:
            self.editor.execute(do.AddCrowdRegion(region, self.editor.category()))

    def _touches(self, figure: Figure, region: Mask) -> bool:
        known = figure.annotation
        if not known.crowd or known.locked or not self.scene.clickable(figure) or known.mask is None:
            return False
        return bool(pixels(common(known.mask, region)))

    def colour(self) -> QColor:
        return QColor("#ffcf6b")
