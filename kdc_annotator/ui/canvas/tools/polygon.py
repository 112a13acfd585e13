"""Corner by corner: add the inside of a polygon to the mask, or cut it out."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.canvas.tools.unfinished import Unfinished
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr


class PolygonTool(Tool):
    """A click sets a corner; the first corner, a double click or Return closes. With Alt it cuts out."""

    name = "polygon"
    _work: Unfinished[tuple[float, float]]

    def enter(self) -> None:
        self._owner: Key | None = None
        self._work = Unfinished(self.scene)

    def arrive(self) -> None:
        self.enter()

    @property
    def _corners(self) -> list[tuple[float, float]]:
        return self._work.clicks

    @property
    def too_little(self) -> bool:
        return 0 < len(self._corners) < 3

    def undo(self) -> None:
        self._work.undo()
        self._again()

    def redo(self) -> None:
        self._work.redo()
        self._again()

    def _again(self) -> None:
        self.canvas.refresh_hint()
        self.canvas.update()

    def _for(self) -> Key | None:
        """Whom it is for: who was selected at its first corner, also as the person that a proposal has become; else who is selected now."""
        key = self._owner if self._corners else None
        if key is not None and self.scene.stored(key) is None:
            key = self.scene.successor(key)
        return key or self.scene.selected

    def hint(self) -> str:
        if self._for() is None:
            return tr("Click the person that the polygon is for")
        if not self._corners and self._work.given_up:
            return tr("Ctrl+Z: the polygon again · Click the first corner · Esc: back to select")
        if not self._corners:
            return tr("Click the first corner · Esc: back to select")
        return tr(
            "Click corners · Return or first corner: add to the mask · with Alt: cut out · Backspace: last corner away · Esc: cancel"
        )

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def press(self, event: QMouseEvent) -> None:
        if self._for() is None:
            figures = self.canvas.figures_at(event.position())
            if figures:
                self.scene.select(figures[0].key)
            return
        selection = self.scene.selection
        if selection is not None and not self._corners and self.locked(selection):
            return
        if len(self._corners) > 2 and not self.far(
            event.position(), self.canvas.mapping.to_widget(*self._corners[0]), 10
        ):
            self._close(event.modifiers())
            return
        if not self._corners:
            self._owner = self.scene.selected
        self._work.add(self.at(event))
        self._again()

    def move(self, event: QMouseEvent) -> None:
        self.canvas.update()

    def double_click(self, event: QMouseEvent) -> bool:
        if len(self._corners) > 2:
            self._close(event.modifiers())
            return True
        return False

    def _close(self, modifiers: Qt.KeyboardModifier) -> None:
        """Three corners or more; they stay in hand where they can't be anybody's."""
        key = self._for()
        figure = self.scene.figure(key)
        if key is None:
            text = tr("Whom the polygon was for is gone from the image; click the person who shall have it.")
            self.editor.failed.emit(KdcError(tr("Nobody there"), text))
        elif figure is None or not self.locked(figure):
            self._add_to(key, not modifiers & Qt.KeyboardModifier.AltModifier)

    def _add_to(self, key: Key, inside: bool) -> bool:
        """The step; where it changes nothing, or can't be done, undo brings the corners again."""
        corners = tuple(self._corners)
        done = self.editor.on(key, lambda person: do.Polygon(person, corners, inside)) is not None
        if done:
            self._work.end()
        else:
            self._work.give_up()
        self._again()
        return done

    def cancel(self) -> bool:
        if not self._corners:
            return False
        self._work.give_up()
        self._again()
        return True

    def put_down(self) -> str:
        """Three corners are a polygon; fewer are too little to guess from, and said to be gone."""
        if not self._corners:
            return ""
        key = self._for()
        if len(self._corners) > 2 and key is not None:
            if self._add_to(key, True):
                return tr("The polygon was closed and added to the mask.")
            return tr("The polygon changed nothing and is gone.")
        few = len(self._corners) < 3
        self.cancel()
        if few:
            return tr("The polygon had fewer than three corners and is gone.")
        return tr("Whom the polygon was for is gone from the image, and so is the polygon.")

    def wants(self, event: QKeyEvent) -> bool:
        keys = (Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return bool(self._corners) and event.key() in keys

    def key(self, event: QKeyEvent) -> bool:
        if not self._corners:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if len(self._corners) > 2:  # Fewer enclose nothing yet.
                self._close(event.modifiers())
        elif event.key() == Qt.Key.Key_Backspace:
            self.undo()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancel()
        else:
            return False
        return True

    def paint(self, painter: QPainter) -> None:
        if not self._corners:
            return
        owner = self.scene.figure(self._for())
        colour = person_colour(owner.hue) if owner else QColor(255, 255, 255)
        points = [self.canvas.mapping.to_widget(*c) for c in self._corners]
        trail = QPolygonF([*points, self.canvas.pointer] if self.canvas.pointer.x() >= 0 else points)
        fill = QColor(colour)
        fill.setAlpha(50)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(trail)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(0, 0, 0, 160), 3.5))
        painter.drawPolyline(trail)
        painter.setPen(QPen(colour, 1.8))
        painter.drawPolyline(trail)
        painter.setPen(QPen(QColor(0, 0, 0, 190), 1.2))
        painter.setBrush(QColor(255, 255, 255))
        for n, point in enumerate(points):
            size = 5.0 if n == 0 else 3.5
            painter.drawEllipse(QPointF(point), size, size)
