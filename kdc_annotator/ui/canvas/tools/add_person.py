"""A new person, joint by joint, in the order that says most about the rest; the rest shows as a ghost, or the model places it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from kdc.schema import COCO_17, PoseSchema, canonical_name
from kdc.structures import Mask
from kdc_annotator.ui.canvas.afterwards import Afterwards
from kdc_annotator.ui.canvas.people_layer import draw_label
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.canvas.tools.unfinished import Unfinished
from kdc_annotator.ui.colours import RIM_DARK, side_colour
from kdc_annotator.ui.late_mask import LateMask
from kdc_annotator.ui.missing_joints import place_missing
from kdc_annotator.ui.pose_guess import asking_order, guess
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import font


class AddPersonTool(Tool):
    """Click the joint that is asked for. With Shift it is occluded. Tab leaves it out, Return ends, with Shift the model places the
    rest, Backspace goes back."""

    name = "add-person"
    _work: Unfinished[tuple[int, tuple[float, float, int]]]

    def enter(self) -> None:
        self._category = self.editor.category()
        self._schema = self._project_schema()
        self._order = asking_order(self._schema)
        self._asked = 0
        self._work = Unfinished(self.scene)

    def _project_schema(self) -> PoseSchema:
        document = self.scene.document
        return document.schema(self._category) if document else COCO_17

    def arrive(self) -> None:
        self.enter()

    @property
    def _steps(self) -> list[int]:
        """The places in the order that were clicked."""
        return [place for place, _ in self._work.clicks]

    @property
    def _placed(self) -> dict[int, tuple[float, float, int]]:
        """Joint -> pixel x, y and visibility."""
        return {self._order[place]: point for place, point in self._work.clicks}

    def undo(self) -> None:
        if self._steps:
            self._asked = self._steps[-1]
            self._work.undo()
        else:
            self._work.undo()
            self._asked = self._steps[-1] + 1
        self._again()

    def redo(self) -> None:
        self._work.redo()
        self._asked = self._steps[-1] + 1
        self._again()

    def hint(self) -> str:
        if self._asked >= len(self._order):
            return tr("Return: done")
        name = tr(self._schema.keypoints[self._order[self._asked]].replace("_", " "))
        if self._work.given_up:
            return tr("Ctrl+Z: the joints again · New person: click the {joint} · Esc: back to select", joint=name)
        if not self._placed:
            return tr(
                "New person: click the {joint} · Shift: occluded · Tab: leave it out · Esc: back to select", joint=name
            )
        return tr(
            "Click the {joint} · Tab: leave it out · Return: done · Shift+Return: the model does the rest",
            joint=name,
        )

    def cursor(self) -> Qt.CursorShape:
        return Qt.CursorShape.CrossCursor

    def press(self, event: QMouseEvent) -> None:
        if self._asked >= len(self._order):
            self.finish()
            return
        if not self._steps and not self._asked and self._category != self.editor.category():
            self.enter()  # People of another kind have come to the image meanwhile.
        x, y = self.at(event)
        width, height = self.canvas.image_size
        x, y = min(max(x, 0.0), width - 1e-6), min(max(y, 0.0), height - 1e-6)
        visibility = 1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 2
        self._work.add((self._asked, (x - 0.5, y - 0.5, visibility)))
        self._asked += 1
        if self._asked >= len(self._order):
            self.finish()
        self._again()

    def move(self, event: QMouseEvent) -> None:
        self.canvas.update()

    def _again(self) -> None:
        self.canvas.refresh_hint()
        self.canvas.update()

    def finish(self, rest: bool = False) -> None:
        """Make the person out of the joints placed so far; ``rest``: the model places the others."""
        if self._make(rest):
            self.canvas.tool_finished.emit()
        self._again()

    def put_down(self) -> str:
        """A person with one joint is a person: nothing that was drawn is lost because the labeler went on."""
        if not self._steps or not self._make(False):
            return ""
        return tr("The new person has the joints placed so far.")

    def _make(self, rest: bool) -> bool:
        """See ``finish``; False where there is nothing to make somebody of, or it can't be done."""
        placed, category, work = self._placed, self._category, self._work
        self.enter()
        if not placed:
            return False
        step: list[tuple[Afterwards, LateMask]] = []

        def add(masks: Mapping[Key | None, Mask]) -> int | None:
            person = self.editor.add_person(placed, masks, category)
            if person is not None:
                self.scene.select((False, person))
            return person

        def later(masks: Mapping[Key | None, Mask]) -> None:
            if step and not step[0][0].replace(lambda: add(masks)):
                step[0][1].take(masks)

        person = add(self.engine.masks_for_new(placed, category, later))
        if person is None:  # It can't be written.
            work.give_up()
            self._work = work
            return False
        step.append((Afterwards(self.editor), LateMask(self.editor, person)))
        if rest:
            place_missing(self.editor, self.engine, (False, person))
        return True

    def cancel(self) -> bool:
        if not self._steps:
            return False
        self._work.give_up()
        self._asked = 0
        self._again()
        return True

    def wants(self, event: QKeyEvent) -> bool:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return True
        return bool(self._steps) and event.key() in keys

    def key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Tab:
            self._asked = min(self._asked + 1, len(self._order))
            if self._asked == len(self._order) and not self._steps:
                self._asked = 0  # All were left out: there is nobody to be done with.
        elif key == Qt.Key.Key_Backtab:
            # Back to a joint that was left out; what was clicked is Backspace's.
            if self._asked and self._asked - 1 not in self._steps:
                self._asked -= 1
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._steps:
            self.finish(rest=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key == Qt.Key.Key_Backspace and self._steps:
            self.undo()
        elif key == Qt.Key.Key_Escape and self._steps:
            self.cancel()
        else:
            return False
        self._again()
        return True

    def paint(self, painter: QPainter) -> None:
        canvas, schema = self.canvas, self._schema
        points = np.zeros((len(schema), 2))
        known = np.zeros(len(schema), bool)
        for k, (x, y, _) in self._placed.items():
            points[k], known[k] = (x, y), True
        over = canvas.pointer.x() >= 0
        asked = self._order[self._asked] if self._asked < len(self._order) else None
        if over and asked is not None:
            x, y = canvas.mapping.to_image(canvas.pointer)
            points[asked], known[asked] = (x - 0.5, y - 0.5), True
        if known.any():
            where = canvas.mapping.points(guess(schema, points, known, self._height()) + 0.5)
            finite = np.isfinite(where).all(1)
            solid = [QLineF(*where[a], *where[b]) for a, b in schema.skeleton if known[a] and known[b]]
            faint = [
                QLineF(*where[a], *where[b])
                for a, b in schema.skeleton
                if finite[a] and finite[b] and not (known[a] and known[b])
            ]
            if len(self._placed):
                painter.setPen(QPen(QColor(0, 0, 0, 90), 3))
                painter.drawLines(faint)
                painter.setPen(QPen(QColor(255, 255, 255, 150), 1.2, Qt.PenStyle.DashLine))
                painter.drawLines(faint)
            painter.setPen(QPen(RIM_DARK, 4))
            painter.drawLines(solid)
            painter.setPen(QPen(QColor(255, 255, 255), 2))
            painter.drawLines(solid)
            for k in np.flatnonzero(known).tolist():
                colour = side_colour(canonical_name(schema.keypoints[k]))
                painter.setPen(QPen(RIM_DARK, 1.4))
                painter.setBrush(colour if k != asked else Qt.BrushStyle.NoBrush)
                if k == asked:
                    painter.setPen(QPen(colour, 2))
                painter.drawEllipse(QPointF(*where[k]), 5, 5)
        if over and asked is not None:
            name = tr(schema.keypoints[asked].replace("_", " "))
            draw_label(painter, name, canvas.pointer, font(13, True), QRectF(canvas.rect()))

    def _height(self) -> float:
        heights = [f.box[3] for f in self.scene.figures if not f.annotation.crowd]
        return float(np.median(heights)) if heights else self.canvas.image_size[1] * 0.5
