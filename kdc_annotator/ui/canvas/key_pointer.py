"""A pointer that arrow keys move: whatever the mouse does on the photo can be done without one.

Arrows move it, Space is the button (held down: a drag), Return holds the button until it is pressed again. Tools get the same events as
from a mouse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen

from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.canvas.canvas import Canvas

ARROWS = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
}  # fmt: skip
FAR = 10
"""Steps that Shift makes of one."""
FASTEST, AGAIN = 6, 6
"""A key that is held down makes longer steps: one more after so many repetitions, up to so many."""
MARGIN = 24
"""Screen pixels that the pointer keeps from the canvas' edge: beyond it the view moves along."""
AWAY = 4.0
"""Screen pixels after which a mouse that moves takes over again."""
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_ALT, _SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
_HOLD = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class KeyPointer:
    """``on``: the arrows are the pointer's. ``aim``: the joint that was jumped to, (figure, joint), until an arrow is pressed."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.on = False
        self.aim: tuple[Key, int] | None = None
        self._at = (0.0, 0.0)
        self._down = False
        self._by_space = False
        self._own = False
        self._repeated = 0
        self._mouse: QPointF | None = None

    def start(self, at: tuple[float, float] | None = None, aim: tuple[Key, int] | None = None) -> None:
        """Take over from the mouse. ``at``: image position; None: where the pointer is, else the selected person, else the middle."""
        canvas = self._canvas
        self._at = at or (self._at if self.on else self._beginning())
        self.aim = aim
        if not self.on:
            self.on, self._mouse = True, None
            canvas.keys_took.emit(True)
        canvas.setFocus()
        self.point()

    def stop(self) -> None:
        """The mouse again; a button that is held is let go."""
        if not self.on:
            return
        self.let_go()
        self.on, self.aim = False, None
        self._canvas.keys_took.emit(False)
        self._canvas.refresh_hint()
        self._canvas.update()

    def another_image(self) -> None:
        """What was held belongs to the image before."""
        self.drop()
        self.aim = None
        width, height = self._canvas.image_size
        if not width:
            self.stop()
        self._at = _inside(*self._at, width, height)

    def drop(self) -> None:
        """The tool has ended the gesture by itself: the button is up without a word."""
        self._down = self._by_space = False

    def _beginning(self) -> tuple[float, float]:
        canvas = self._canvas
        width, height = canvas.image_size
        x, y = canvas.mapping.to_image(canvas.pointer)
        if canvas.pointer.x() >= 0 and 0 <= x < width and 0 <= y < height:
            return x, y
        left, top, w, h = canvas.scene.selection.box if canvas.scene.selection else canvas.visible_box()
        return _inside(left + w / 2, top + h / 2, width, height)

    @property
    def place(self) -> QPointF:
        """On the canvas."""
        return self._canvas.mapping.to_widget(*self._at)

    def follow(self) -> None:
        """The view may have been moved or zoomed: the pointer stays on its pixel."""
        if self.on:
            self._canvas.pointer = self.place

    def point(self, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Bring the pointer into sight and tell the tool where it is."""
        canvas = self._canvas
        if not self.on or not canvas.image_size[0]:
            return
        at = self.place
        over_x = min(at.x() - MARGIN, 0.0) + max(at.x() + MARGIN - canvas.width(), 0.0)
        over_y = min(at.y() - MARGIN, 0.0) + max(at.y() + MARGIN - canvas.height(), 0.0)
        if over_x or over_y:
            canvas.pan(-over_x, -over_y)
        self._send(QEvent.Type.MouseMove, _NONE, modifiers)
        if self.aim is not None:
            canvas.set_hot(self.aim)
        canvas.refresh_hint()
        canvas.update()

    def _send(self, kind: QEvent.Type, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier) -> None:
        canvas, at = self._canvas, self.place
        held = _LEFT if self._down else _NONE
        event = QMouseEvent(kind, at, QPointF(canvas.mapToGlobal(at)), button, held, modifiers)
        self._own = True
        try:
            canvas.event(event)
        finally:
            self._own = False

    def press(self, modifiers: Qt.KeyboardModifier) -> None:
        """The button goes down."""
        self._down = True
        self._send(QEvent.Type.MouseButtonPress, _LEFT, modifiers)
        self._canvas.refresh_hint()
        self._canvas.update()

    def let_go(self, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """The button goes up, if it is down."""
        if self._down:
            self.drop()
            self._send(QEvent.Type.MouseButtonRelease, _LEFT, modifiers)
            self._canvas.refresh_hint()
            self._canvas.update()

    def taken_by(self, event: QMouseEvent) -> bool:
        """Whether an event of the mouse is left out: it only trembled, and the keys have the pointer."""
        if not self.on or self._own:
            return False
        if event.type() == QEvent.Type.MouseMove:
            self._mouse = self._mouse or event.globalPosition()
            if (event.globalPosition() - self._mouse).manhattanLength() <= AWAY:
                return True
        self.stop()
        return False

    # Keys

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is the pointer's, although an action has it."""
        if not self.on:
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in ARROWS:
            return not modifiers & ~(_ALT | _SHIFT)
        if event.key() == Qt.Key.Key_Space:
            return not modifiers & ~_SHIFT
        return event.key() in _HOLD

    def key(self, event: QKeyEvent) -> bool:
        """True where the key was the pointer's."""
        tool = self._canvas.tool
        if event.key() == Qt.Key.Key_Escape:
            self.drop()  # The tool gives the gesture up.
            return False
        if not self.wants(event) or tool is None:
            return False
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() in ARROWS:
            self._step(*ARROWS[Qt.Key(event.key())], event.isAutoRepeat(), modifiers)
        elif event.isAutoRepeat():
            return True
        elif self._down:
            self.let_go(modifiers)
        elif event.key() == Qt.Key.Key_Space:
            self._by_space = True
            self.press(modifiers)
        elif tool.wants(event):
            return False
        else:
            self.press(modifiers)
            if not tool.drags:
                self.let_go(modifiers)
        return True

    def key_released(self, event: QKeyEvent) -> bool:
        """True where the key was the pointer's."""
        if self._by_space and event.key() == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self.let_go(event.modifiers())
            return True
        return False

    def _step(self, dx: int, dy: int, again: bool, modifiers: Qt.KeyboardModifier) -> None:
        self._repeated = self._repeated + 1 if again else 0
        steps = min(1 + self._repeated // AGAIN, FASTEST) * (FAR if modifiers & _SHIFT else 1)
        pixel = max(1.0, 1.0 / self._canvas.mapping.scale)
        self.aim = None
        self._at = _inside(self._at[0] + dx * steps * pixel, self._at[1] + dy * steps * pixel, *self._canvas.image_size)
        # Shift alone means the length of the step; with Alt it means the whole person, as it does for the mouse.
        self.point(modifiers if modifiers & _ALT else Qt.KeyboardModifier.NoModifier)

    # What is seen of it

    def hint(self, of_tool: str) -> str:
        """The tool's hint, with what the keys do before it."""
        if not self.on:
            return of_tool
        if self._down:
            return tr("Arrows drag, with Shift further · Space or Return lets go · Esc: as before")
        keys = tr("Arrows move the pointer, with Shift further · Space clicks · Return holds")
        return f"{keys} · {of_tool}"

    def paint(self, painter: QPainter) -> None:
        """A cross around the pixel, with a ring while the button is held."""
        if not self.on:
            return
        at = self.place
        arms = [
            QLineF(at.x() + 5 * x, at.y() + 5 * y, at.x() + 18 * x, at.y() + 18 * y)
            for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1))
        ]
        accent = QColor(self._canvas.theme.accent) if self._down else QColor(255, 255, 255)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 200), 4.0), (accent, 1.8)):
            painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.FlatCap))
            painter.drawLines(arms)
            if self._down:
                painter.drawEllipse(at, 9, 9)


def _inside(x: float, y: float, width: int, height: int) -> tuple[float, float]:
    """The nearest position in a photo of that size."""
    return min(max(x, 0.0), max(width - 0.01, 0.0)), min(max(y, 0.0), max(height - 0.01, 0.0))
