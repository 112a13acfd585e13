"""What all tools share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QWheelEvent

from kdc.errors import KdcError
from kdc_annotator.ui.canvas.tools.unfinished import Unfinished
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.scene import Figure, Key
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.canvas.canvas import Canvas
    from kdc_annotator.ui.engine_bridge import EngineBridge


class Tool:
    """One tool. It may show previews on the scene; a finished gesture is one command through the editor."""

    name = ""
    drags = False
    """Whether moving with the button down means something."""
    _work: Unfinished[Any] | None = None
    """The clicks in hand, of a tool that takes several."""

    def __init__(self, canvas: Canvas, editor: Editor, engine: EngineBridge) -> None:
        self.canvas = canvas
        self.scene = canvas.scene
        self.editor = editor
        self.engine = engine

    def hint(self) -> str:
        """One line: what the mouse does now."""
        return ""

    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape."""
        return Qt.CursorShape.ArrowCursor

    def enter(self) -> None:
        """The tool is taken in hand."""

    def leave(self) -> None:
        """The tool is put down."""

    def arrive(self) -> None:
        """Another image is on the canvas, and the tool still in hand."""

    def put_down(self) -> str:
        """The labeler goes on, to another tool or image: what is drawn and not finished is finished, as far as it can be.

        Labelers expect that nothing they drew is lost, and that nobody asks; so a sentence says what became of it, "" where
        nothing was unfinished. A gesture with the button down is given up.
        """
        self.cancel()
        return ""

    def cancel(self) -> bool:
        """Escape: give the gesture up, all as before. False where there was none."""
        return False

    @property
    def busy(self) -> bool:
        """A gesture is under way that ends when the button goes up."""
        return False

    @property
    def too_little(self) -> bool:
        """Something is begun that can't be finished yet."""
        return False

    @property
    def undoes(self) -> bool:
        """Whether undo is for what the tool has begun, and not for the document."""
        return self._work is not None and self._work.undoes

    @property
    def redoes(self) -> bool:
        """Whether redo is for what the tool has begun, and not for the document."""
        return self._work is not None and self._work.redoes

    def undo(self) -> None:
        """Take the last click back; only where ``undoes``."""

    def redo(self) -> None:
        """Have it again; only where ``redoes``."""

    def press(self, event: QMouseEvent) -> None:
        """Left button down."""

    def move(self, event: QMouseEvent) -> None:
        """The pointer moves, with or without the button."""

    def release(self, event: QMouseEvent) -> None:
        """Left button up."""

    def double_click(self, event: QMouseEvent) -> bool:
        """True where the tool has a use for it; otherwise it counts as a press."""
        return False

    def wheel(self, event: QWheelEvent) -> bool:
        """True where the wheel was for the tool."""
        return False

    def wants(self, event: QKeyEvent) -> bool:
        """True where a key is for the tool now, although an action has it as its shortcut."""
        return False

    def key(self, event: QKeyEvent) -> bool:
        """True where the key was for the tool."""
        return False

    def key_released(self, event: QKeyEvent) -> bool:
        """True where the key was for the tool."""
        return False

    def pointer_left(self) -> None:
        """The pointer left the canvas."""

    def paint(self, painter: QPainter) -> None:
        """Draw above the people, in screen positions."""

    def at(self, event: QMouseEvent) -> tuple[float, float]:
        """Where the pointer is in the image, continuous."""
        return self.canvas.mapping.to_image(event.position())

    def drawn(self, key: Key | None) -> Literal["", "here", "file"]:
        """Whether a human drew that person's mask, so that it does not follow: here, or in the file that it came with."""
        stored = self.scene.stored(key) if key is not None else None
        if stored is None or not stored.drawn:
            return ""
        return "file" if stored.came_drawn else "here"

    def locked(self, figure: Figure) -> bool:
        """Whether somebody is locked; then it is said so before work is put into what can't be done."""
        if figure.annotation.locked:
            text = tr("Person {n} is locked; unlock it before editing it.", n=figure.number)
            self.editor.failed.emit(KdcError(tr("Person is locked"), text))
        return figure.annotation.locked

    def alone(self) -> bool:
        """Whether somebody is isolated, so that nobody else can be meant; then it is said so."""
        if self.scene.isolated:
            text = tr("One person is isolated, and the others can't be clicked.")
            self.editor.failed.emit(KdcError(tr("Isolated"), text))
        return self.scene.isolated

    @staticmethod
    def far(a: QPointF, b: QPointF, pixels: float = 3.0) -> bool:
        """Whether a press has become a drag."""
        return (a - b).manhattanLength() > pixels
