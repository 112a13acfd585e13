"""The canvas: shows the scene over the photo, and hands the mouse to the tool in hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from kdc_annotator.ui.canvas.key_pointer import KeyPointer
from kdc_annotator.ui.canvas.lookup import Joints, figures_at
from kdc_annotator.ui.canvas.people_layer import nearest_joint
from kdc_annotator.ui.canvas.people_view import PeopleView
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.key_rules import WRITING
from kdc_annotator.ui.scene import Figure, Key, Scene
from kdc_annotator.ui.text import tr

_PANS = Qt.MouseButton.MiddleButton | Qt.MouseButton.RightButton


def _on_card(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    return parent is not None and parent.objectName() == "popup"


class Canvas(PeopleView):
    """Positions are as in ``PeopleView``."""

    hint_changed = Signal(str)
    tool_finished = Signal()
    """A tool that is for one gesture has done its work."""
    put_aside = Signal(str)
    """What became of what was unfinished when another tool was taken."""
    keys_took = Signal(bool)
    """The keys move the pointer from now on, or the mouse does again."""
    brush_resized = Signal()
    undo_changed = Signal()
    """Undo or redo means something else than before."""
    pointer_moved = Signal(object)
    """(x, y) pixel under the pointer, None outside the photo."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self._dimmed = False
        self._joints = Joints()
        self._awaiting = False
        self.tool: Tool | None = None
        self._undone_by_tool = (False, False)
        self.exact_strokes = False
        self.keys = KeyPointer(self)
        self._panning: QPointF | None = None
        self._masks_left = QTimer(self, singleShot=True, interval=0)
        self._masks_left.timeout.connect(self._more_masks)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(tr("Photo"))
        scene.figures_changed.connect(self._figures_changed)
        scene.selection_changed.connect(self._selection_changed)
        scene.look_changed.connect(self._look_changed)

    # What is shown

    def expect_image(self) -> None:
        """``show_image`` is about to come: until then nothing is drawn that it would draw again."""
        self._awaiting = True

    def show_image(self, size: tuple[int, int], photo: PhotoLevels | None, keep_zoom: bool = True) -> None:
        """Another image of ``size`` (width, height); its photo may come later by ``set_photo``."""
        self._awaiting = False
        self.photo = photo
        self.hot = None
        self.magnify_at = None
        self.pictures.clear()
        self.masks.resize(*size)
        if self.masks.late:
            self._masks_left.start()
        self.take_size(size, keep_zoom)
        if self.tool:
            self.tool.cancel()
            self.keys.another_image()
            self.tool.arrive()
            self.refresh_hint()
        self.update()

    def put_down(self) -> str:
        """Finish what the tool in hand has begun; a sentence about it, or "". The tool stays in hand."""
        self.keys.drop()
        return self.tool.put_down() if self.tool else ""

    def set_tool(self, tool: Tool) -> None:
        """Take another tool in hand."""
        if tool is self.tool and tool.too_little:
            return  # Its key was pressed again: nobody means to throw away what can't be finished yet.
        said = self.put_down()
        if self.tool:
            self.tool.leave()
        if tool is not self.tool:
            self.hot = None  # Only the tool for joints keeps it up to date.
        self.tool = tool
        tool.enter()
        self.setCursor(tool.cursor())
        self.keys.point()
        self.refresh_hint()
        self.update()
        if said:
            self.put_aside.emit(said)

    def set_exact_strokes(self, on: bool) -> None:
        """Strokes change the pixels that they cover and no others."""
        self.exact_strokes = on
        self.refresh_hint()

    def refresh_hint(self) -> None:
        """Say again what the mouse does now."""
        if self.tool:
            self.hint_changed.emit(self.keys.hint(self.tool.hint()))
            by_tool = self.tool.undoes, self.tool.redoes
            if by_tool != self._undone_by_tool:
                self._undone_by_tool = by_tool
                self.undo_changed.emit()

    # Lookups for tools

    def joint_at(self, at: QPointF) -> tuple[Figure, int] | None:
        """The joint that a press would grab: nearest of the selected person first, then of whoever is nearest."""
        selected = self.scene.selection
        aim = self.keys.aim
        if aim and selected and selected.key == aim[0] and (at - self.keys.place).manhattanLength() < 1:
            return selected, aim[1]
        if not self.scene.look.skeleton:
            return None
        if selected and self.scene.visible(selected):
            found = nearest_joint(selected, self.ghosts_of(selected), self.mapping, at)
            if found:
                return selected, found[0]
        return self._joints.near(self.scene, self.mapping, at)

    def figures_at(self, at: QPointF) -> list[Figure]:
        """Everybody who can be taken at a screen position, the topmost first: by mask, else by limb or box."""
        return figures_at(self.scene, *self.mapping.to_image(at))

    def set_hot(self, hot: tuple[Key, int] | None) -> None:
        """The joint that a press would grab now."""
        if hot != self.hot:
            self.hot = hot
            self.update()

    def set_hovered(self, key: Key | None) -> None:
        """The person whom a click would take now."""
        if key != self.scene.hovered:
            self.scene.hovered = key
            self.update()

    def paint_above(self, painter: QPainter) -> None:
        self.keys.follow()
        if self.tool:
            self.tool.paint(painter)
        self.keys.paint(painter)

    # Events

    def _figures_changed(self, rectangle: tuple[int, int, int, int] | None) -> None:
        if self._awaiting:
            return
        if self.hot and self.scene.figure(self.hot[0]) is None:
            # A proposal was accepted by a key: the pointer is still on the same joint.
            heir = self.scene.successor(self.hot[0])
            self.hot = (heir, self.hot[1]) if heir else None
        if self._size[0]:
            self.masks.refresh(rectangle)
            if self.masks.late:
                self._masks_left.start()
        if rectangle is None or self.tool is None or self.scene.previewing != self._dimmed:
            self._dimmed = self.scene.previewing
            self.update()
            return
        area = self.mapping.rectangle(*rectangle)
        # After an edit a review may say something else beside it, too.
        self.update_around(area if self.scene.previewing else area.adjusted(-140, -40, 140, 40))

    def _more_masks(self) -> None:
        """Those of a crowd that were not decoded together; what was typed meanwhile comes first."""
        self.masks.refresh(None)
        if self.masks.late:
            self._masks_left.start()
        else:
            self.update()

    def _selection_changed(self) -> None:
        if self.hot and self.scene.selected and self.hot[0] != self.scene.selected:
            self.hot = None  # Whoever was chosen by a key is meant now, not the joint where the pointer was left.
        self._look_changed()

    def _look_changed(self) -> None:
        if self._awaiting:
            return
        if self.hot and self.hot[0] in self.scene.hidden:
            self.hot = None
        self.masks.recolour()
        self.refresh_hint()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.tool and self.tool.wheel(event):
            return
        steps = event.angleDelta().y() / 120 or event.angleDelta().x() / 120
        if steps:
            self.zoom_by(1.2**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.keys.taken_by(event)
        self.pointer = event.position()
        if event.button() & _PANS:
            self._panning = event.position()
            self._press_at = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton and self.tool and self._size[0]:
            self._end_lost(event)
            self.tool.press(event)
        event.accept()

    def _end_lost(self, event: QMouseEvent) -> None:
        """The button went up where nobody told us, as on a locked screen: the gesture ends where it was last seen."""
        if self.tool and self.tool.busy:
            self.tool.release(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.keys.taken_by(event):
            return
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._end_lost(event)
        if self._panning is not None and not event.buttons() & _PANS:
            self._end_panning()
        self.pointer = event.position()
        if self._panning is not None:
            delta = event.position() - self._panning
            self._panning = event.position()
            self.pan(delta.x(), delta.y())
        elif self.tool and self._size[0]:
            self.tool.move(event)
        x, y = self.mapping.to_image(event.position())
        inside = 0 <= x < self._size[0] and 0 <= y < self._size[1]
        self.pointer_moved.emit((int(x), int(y)) if inside else None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.pointer = event.position()
        if self._panning is not None and event.button() & _PANS:
            self._end_panning()
        elif event.button() == Qt.MouseButton.LeftButton and self.tool and self._size[0]:
            self.tool.release(event)

    def _end_panning(self) -> None:
        """The button is up, or went up where nobody told us."""
        self._panning = None
        self.setCursor(self.tool.cursor() if self.tool else Qt.CursorShape.ArrowCursor)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.tool and self._size[0]:
            if not self.tool.double_click(event):
                self.tool.press(event)
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        if self.keys.on:
            return
        self.set_hot(None)
        self.set_hovered(None)
        self.pointer = QPointF(-1, -1)
        if self.tool:
            self.tool.pointer_left()
        self.pointer_moved.emit(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        # Whoever is writing goes on: the next letters would be shortcuts. So does whoever reads a card of the tour.
        focus = self.window().focusWidget()
        busy = isinstance(focus, WRITING) or (focus is not None and _on_card(focus))
        if self.window().isActiveWindow() and not self.hasFocus() and not busy:
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            # Alt alone is the tools': else the menu bar would take the keyboard when it goes up, and the next letters with it.
            alone = event.key() == Qt.Key.Key_Alt
            if alone or (self.tool and (self.keys.wants(event) or self.tool.wants(event))):
                event.accept()
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.keys.let_go()  # Who looks elsewhere does not see what is being dragged.
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.keys.key(event) or (self.tool and self.tool.key(event)):
            return
        # A Tab that nobody takes goes to the window, which moves the focus.
        if event.key() not in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.keys.key_released(event) and not (self.tool and self.tool.key_released(event)):
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab belongs to the people beneath the pointer; F6 leaves the canvas."""
        return False
