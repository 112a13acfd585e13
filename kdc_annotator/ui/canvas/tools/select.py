"""Select people and drag joints; the masks follow while the mouse moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle
from kdc_annotator.ui.canvas.afterwards import Afterwards
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.engine_bridge import EngineBridge, LiveDrag
from kdc_annotator.ui.pose_guess import subtree
from kdc_annotator.ui.scene import Figure, Key, with_mask
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.canvas.canvas import Canvas

FINE = 0.25
TOGETHER_MS = 8
"""How long the joint waits for the masks to be painted with it."""


_OWN = {Qt.Key.Key_Alt: Qt.KeyboardModifier.AltModifier, Qt.Key.Key_Shift: Qt.KeyboardModifier.ShiftModifier}


class SelectTool(Tool):
    """Press a joint: drag it. Press a person: select it; press again: the one beneath."""

    name = "select"
    drags = True
    _grabbed: tuple[Key, int] | None = None
    _dragging = False
    _press = QPointF()
    _last = (0.0, 0.0)
    _offset = np.zeros(2)
    _base: Annotation | None = None
    _start: np.ndarray = np.zeros((0, 2))
    _places: np.ndarray = np.zeros((0, 2))
    _joints: list[int]
    _live: LiveDrag | None = None
    _followed: dict[Key, Mask]
    _others: dict[Key, Annotation]
    _clicked: tuple[QPointF, list[Key]] | None = None
    _through: tuple[list[Key], Key | None] | None = None
    """A joint was pressed where the last click was: who lies there, and who was selected. Without a drag that is another click."""

    def __init__(self, canvas: Canvas, editor: Editor, engine: EngineBridge) -> None:
        super().__init__(canvas, editor, engine)
        self._soon = QTimer(canvas)
        self._soon.setSingleShot(True)
        self._soon.setTimerType(Qt.TimerType.PreciseTimer)
        self._soon.timeout.connect(self._show)

    def hint(self) -> str:
        drawn = self.drawn(self._grabbed[0] if self._dragging and self._grabbed else self.scene.selected)
        if self._dragging and drawn == "file":
            return tr("The mask came with the file and stays · Shift: fine · Alt: the limb follows · Esc: as before")
        if self._dragging and drawn:
            return tr("The mask was drawn by hand and stays · Shift: fine · Alt: the limb follows · Esc: as before")
        if self._dragging:
            return tr("Shift: fine · Alt: the limb follows · Alt+Shift: whole person · Esc: as before")
        if self.canvas.hot:
            return tr("Drag the joint · V: visibility · X: swap left and right · Shift+D: remove it")
        if self.scene.isolated:
            return tr("Only this person can be clicked · F: show everybody again")
        if self.scene.selection and drawn == "file":
            return tr("Drag a joint · The mask came with the file and stays · Ctrl+G: let it follow · C: confirm")
        if self.scene.selection and drawn:
            return tr("Drag a joint · The mask was drawn by hand and stays · Ctrl+G: let it follow · C: confirm")
        if self.scene.selection:
            return tr(
                "Drag a joint, or a dotted ring into place · Click again: the person beneath · F: isolate · C: confirm"
            )
        if self.scene.visible_proposals():
            return tr(
                "Q: accept all proposals · Click a person, or step through them with S and W · Drag what is wrong"
            )
        if self.scene.figures:
            return tr("Click a person, or step through them with S and W · Space: confirm the image, go on")
        return tr("5: add a person · Space: confirm the empty image, go on")

    def press(self, event: QMouseEvent) -> None:
        at = event.position()
        self._press, self._last = at, self.at(event)
        self._grabbed, self._dragging, self._through = None, False, None
        keys = [f.key for f in self.canvas.figures_at(at)]
        again = self._clicked is not None and not self.far(self._clicked[0], at, 6) and self._clicked[1] == keys
        self._clicked = (at, keys)
        found = self.canvas.joint_at(at)
        if found:
            figure, joint = found
            self._grabbed = (figure.key, joint)
            if again:
                self._through = (keys if figure.key in keys else [figure.key, *keys], self.scene.selected)
            else:
                self.scene.select(figure.key)
            self.canvas.set_hot(self._grabbed)
        elif keys:
            self.scene.select(_after(keys, self.scene.selected) if again else keys[0])
        elif not self.scene.isolated:  # Whoever is isolated stays in hand: the others can't be meant.
            self.scene.select(None)

    def beneath(self) -> None:
        """Select the next person beneath the pointer."""
        keys = [f.key for f in self.canvas.figures_at(self.canvas.pointer)]
        if keys:
            self.scene.select(_after(keys, self.scene.selected))

    def move(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._grabbed is None:
            if not event.buttons() & Qt.MouseButton.LeftButton:
                self._hover(at)
            return
        if not self._dragging:
            if not self.far(at, self._press):
                return
            if not self._begin(event.modifiers()):
                self._grabbed = None
                return
        fine = (
            event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            and not event.modifiers() & Qt.KeyboardModifier.AltModifier
        )
        # In the image, not on the screen: the view may be moved or zoomed in the middle of a drag.
        here = self.at(event)
        self._offset = self._offset + np.subtract(here, self._last) * (FINE if fine else 1.0)
        self._last = here
        self._modifiers_changed(event.modifiers())
        if self._live is None:
            self._show()
            return
        # The masks come in a few milliseconds; painting joint and masks together costs half of painting them one by one.
        if not self._soon.isActive():
            self._soon.start(TOGETHER_MS)
        self._live.move(self._targets())

    def _hover(self, at: QPointF) -> None:
        found = self.canvas.joint_at(at)
        self.canvas.set_hot((found[0].key, found[1]) if found else None)
        if found:
            self.canvas.set_hovered(found[0].key)
            self.canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            figures = self.canvas.figures_at(at)
            self.canvas.set_hovered(figures[0].key if figures else None)
            self.canvas.setCursor(self.cursor())
        self.canvas.refresh_hint()

    def _begin(self, modifiers: Qt.KeyboardModifier) -> bool:
        assert self._grabbed
        key, joint = self._grabbed
        figure = self.scene.figure(key)
        base = self.scene.stored(key)
        if figure is None or base is None:
            return False
        if self.locked(figure):
            return False
        self._base = base
        ghosts = self.canvas.ghosts_of(figure)
        self._places = np.where(base.present[:, None], base.keypoints[:, :2], ghosts - 0.5 if len(ghosts) else np.nan)
        self.scene.select(key)
        self._clicked = self._through = None
        self._take_along(figure, joint, modifiers)
        self._offset = np.zeros(2)
        self._dragging = True
        self._followed, self._others = {}, {}
        self._live = self.engine.begin_drag(key, self._joints, self._clustered)
        self.canvas.refresh_hint()
        return True

    def _take_along(self, figure: Figure, joint: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Which joints the drag takes along, by the keys that are down now; False where that is as before."""
        joints = self._joints_for(figure, joint, modifiers)
        if self._dragging and joints == self._joints:
            return False
        self._joints, self._start = joints, self._places[joints]
        return True

    def _modifiers_changed(self, modifiers: Qt.KeyboardModifier) -> None:
        """Alt or Shift went down or up in the middle of a drag: what no longer comes along goes back to its place."""
        figure = self.scene.figure(self._grabbed[0]) if self._grabbed and self._dragging else None
        if figure is not None and self._grabbed and self._take_along(figure, self._grabbed[1], modifiers):
            self._show()
            if self._live:
                self._live.move(self._targets())

    def _joints_for(self, figure: Figure, joint: int, modifiers: Qt.KeyboardModifier) -> list[int]:
        present = self._base.present if self._base is not None else figure.annotation.present
        if not modifiers & Qt.KeyboardModifier.AltModifier:
            return [joint]
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            chosen = range(len(present))
        else:
            chosen = subtree(self.canvas.schema_of(figure), joint)  # type: ignore[assignment]
        return [joint, *(k for k in chosen if k != joint and present[k])]

    def _targets(self) -> dict[int, tuple[float, float]]:
        moved = self._start + self._offset
        # Nothing can be seen beyond the photo; who began out there, as people of other tools may, is left where it is put.
        low, high = np.full(2, -0.5), np.array(self.canvas.image_size) - (0.5 + 1e-6)
        inside = np.all((low <= self._start) & (self._start <= high), axis=1)
        moved = np.where(inside[:, None], np.clip(moved, low, high), moved)
        return {k: (float(x), float(y)) for k, (x, y) in zip(self._joints, moved, strict=True)}

    def _show(self, rectangle: Rectangle = (0, 0, 0, 0)) -> None:
        if self._base is None or self._grabbed is None:
            return
        key, targets = self._grabbed[0], self._targets()
        points = self._base.keypoints.copy()
        for k, (x, y) in targets.items():
            points[k] = (x, y, points[k, 2] or 2)
        previews = {key: with_mask(self._base.edited(keypoints=points), self._followed.get(key))}
        for other, mask in self._followed.items():
            if other == key:
                continue
            known = self._others.get(other)
            if known is None or known.__dict__.get("mask") is not mask:
                stored = self.scene.stored(other)
                if stored is None:
                    continue
                known = self._others[other] = with_mask(replace(stored), mask)
            previews[other] = known
        self.scene.preview(previews, rectangle)
        first = targets[self._joints[0]]
        self.canvas.set_magnifier((first[0] + 0.5, first[1] + 0.5))

    def _clustered(self, masks: Mapping[Key, Mask], rectangle: Rectangle) -> None:
        """The engine's answer while the mouse moves."""
        if self._dragging:
            self._followed = {**masks, **{k: m for k, m in self._followed.items() if _same(m, masks.get(k))}}
            self._soon.stop()
            self._show(rectangle)

    def release(self, event: QMouseEvent) -> None:
        if not self._dragging or self._grabbed is None:
            if self._grabbed is not None and self._through is not None:
                self.scene.select(_after(*self._through))
            self._grabbed = self._through = None
            self._hover(event.position())
            return
        key, targets = self._grabbed[0], self._targets()
        step: list[Afterwards] = []

        def later(masks: Mapping[Key, Mask]) -> None:
            if step:
                step[0].replace(lambda: self.editor.move(key, targets, masks))

        masks = self._live.finish(targets, later) if self._live else {}
        self._end()
        if self.editor.move(key, targets, masks) is not None:
            step.append(Afterwards(self.editor))
        self._hover(event.position())

    def _end(self) -> None:
        self._grabbed, self._dragging, self._live, self._base = None, False, None, None
        self._soon.stop()
        self.canvas.set_magnifier(None)
        self.scene.preview({})

    def cancel(self) -> bool:
        if not self._dragging:
            self._grabbed = None
            return False
        if self._live:
            self._live.cancel()
        self._end()
        self.canvas.refresh_hint()
        return True

    @property
    def busy(self) -> bool:
        return self._dragging

    def wants(self, event: QKeyEvent) -> bool:
        # While a drag is under way its keys are the drag's, and no action may start.
        return self._dragging

    def key(self, event: QKeyEvent) -> bool:
        if self._dragging:
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
            elif event.key() in (Qt.Key.Key_Alt, Qt.Key.Key_Shift):
                self._modifiers_changed(event.modifiers() | _OWN[Qt.Key(event.key())])
            return True
        return False

    def key_released(self, event: QKeyEvent) -> bool:
        if self._dragging and event.key() in (Qt.Key.Key_Alt, Qt.Key.Key_Shift):
            self._modifiers_changed(event.modifiers() & ~_OWN[Qt.Key(event.key())])
            return True
        return False


def _after(keys: list[Key], key: Key | None) -> Key:
    """The one beneath ``key``, of people from the topmost down and round again."""
    return keys[(keys.index(key) + 1) % len(keys)] if key in keys else keys[0]


def _same(a: Mask, b: Mask | None) -> bool:
    """Whether nothing has changed since the last answer: then the picture of before will do."""
    return b is not None and (a.x, a.y, a.bits.shape) == (b.x, b.y, b.bits.shape) and bool((a.bits == b.bits).all())
