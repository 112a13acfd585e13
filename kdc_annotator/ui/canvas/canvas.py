"""The canvas: shows the scene over the photo, and hands the mouse to the tool in hand."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.ui.canvas.figure_pictures import FigurePictures, Style
from kdc_annotator.ui.canvas.lookup import Ghosts, figures_at, joint_of_others
from kdc_annotator.ui.canvas.magnifier import draw_magnifier, magnifier_place
from kdc_annotator.ui.canvas.mask_layer import MaskLayer
from kdc_annotator.ui.canvas.people_layer import REACH, draw_label, nearest_joint
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels, PhotoView
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.canvas.viewport import Viewport
from kdc_annotator.ui.key_rules import WRITING
from kdc_annotator.ui.scene import Figure, Key, Scene
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens, font

DIM = 0.25
MANY = 6
"""Rectangles that are repainted one by one; more are taken together."""


class Canvas(Viewport):
    """Positions are as in ``Viewport``; a keypoint (pixel index) lies half a pixel further in."""

    hint_changed = Signal(str)
    tool_finished = Signal()
    """A tool that is for one gesture has done its work."""
    put_aside = Signal(str)
    """What became of what was unfinished when another tool was taken."""
    pointer_moved = Signal(object)
    """(x, y) pixel under the pointer, None outside the photo."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.theme: Tokens = DARK
        self.photo: PhotoLevels | None = None
        self.masks = MaskLayer(scene)
        self.pictures = FigurePictures()
        self._photo_view = PhotoView()
        self._frame = QImage()
        self._dimmed = False
        self._awaiting = False
        self._ghosts = Ghosts()
        self.tool: Tool | None = None
        self.overlays: list[Callable[[QPainter], None]] = []
        """Drawn above everybody, below what the tool draws."""
        self.exact_strokes = False
        self.hot: tuple[Key, int] | None = None
        self.magnify_at: tuple[float, float] | None = None
        self.pointer = QPointF(-1, -1)
        self._panning: QPointF | None = None
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
        changed = size != self._size
        self._size = size
        self.photo = photo
        self.hot = None
        self.magnify_at = None
        self.pictures.clear()
        self.masks.resize(*size)
        if self._fitted or changed or not keep_zoom:
            self.fit()
        if self.tool:
            self.tool.cancel()
            self.tool.arrive()
            self.refresh_hint()
        self.update()

    def put_down(self) -> str:
        """Finish what the tool in hand has begun; a sentence about it, or "". The tool stays in hand."""
        return self.tool.put_down() if self.tool else ""

    def set_photo(self, photo: PhotoLevels) -> None:
        """The photo's pixels have come."""
        self.photo = photo
        if self.isVisible():
            self.repaint()  # at once: the panels beside it can wait a few milliseconds longer

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.theme = theme
        self.update()

    def set_tool(self, tool: Tool) -> None:
        """Take another tool in hand."""
        said = self.put_down()
        if self.tool:
            self.tool.leave()
        if tool is not self.tool:
            self.hot = None  # Only the tool for joints keeps it up to date.
        self.tool = tool
        tool.enter()
        self.setCursor(tool.cursor())
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
            self.hint_changed.emit(self.tool.hint())

    # Lookups for tools

    def schema_of(self, figure: Figure) -> PoseSchema:
        """The schema of a figure's category."""
        document = self.scene.document
        return document.schema(figure.annotation.category_id) if document else COCO_17

    def ghosts_of(self, figure: Figure) -> np.ndarray:
        """(K, 2) guesses in the canvas frame for joints that are not labelled, all inside the photo; NaN where there is none."""
        return self._ghosts.of(figure.annotation, self.schema_of(figure), self._size)

    def joint_at(self, at: QPointF) -> tuple[Figure, int] | None:
        """The joint that a press would grab: nearest of the selected person first, then of whoever is nearest."""
        selected = self.scene.selection
        if not self.scene.look.skeleton:
            return None
        if selected and self.scene.visible(selected):
            found = nearest_joint(selected, self.ghosts_of(selected), self.mapping, at)
            if found:
                return selected, found[0]
        return joint_of_others(self.scene, self.mapping, at)

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

    def set_magnifier(self, at: tuple[float, float] | None) -> None:
        """Show the surroundings of an image position enlarged."""
        before, self.magnify_at = self.magnify_at, at if self.mapping.scale < 2.0 else None
        if before is not None or self.magnify_at is not None:
            for left in (True, False):
                self.update(magnifier_place(self.width(), left).adjusted(-2, -2, 2, 2).toAlignedRect())

    # Events

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        view = (math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))
        region = event.region()
        shown = [(f, self._reach(f)) for f in self.scene.figures if self.scene.visible(f)] if self._size[0] else []
        painter = QPainter(self)
        if region.rectCount() == 1:
            self._draw_part(painter, region.boundingRect(), ratio, view, shown)
        else:
            self._draw_parts(painter, region, ratio, view, shown)
        if not self._size[0]:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for overlay in self.overlays:
            overlay(painter)
        if self.tool:
            self.tool.paint(painter)
        self._draw_tag(painter)
        if self.magnify_at and self.photo:
            # On the side that the pointer is not on.
            place = magnifier_place(self.width(), self.pointer.x() > self.width() / 2)
            draw_magnifier(painter, self.photo, self.magnify_at, place, self.mapping.scale, self.theme)

    def _draw_parts(
        self,
        painter: QPainter,
        region: QRegion,
        ratio: float,
        view: tuple[int, int],
        figures: list[tuple[Figure, QRectF]],
    ) -> None:
        """Part by part into a picture of our own first: Qt is many times slower where the clip is not one rectangle."""
        if (self._frame.width(), self._frame.height()) != view:
            self._frame = QImage(*view, QImage.Format.Format_RGB32)
        self._frame.setDevicePixelRatio(ratio)
        many = region.rectCount() > MANY
        parts: list[QRect] = [region.boundingRect()] if many else list(region)  # type: ignore[call-overload]
        inner = QPainter(self._frame)
        for part in parts:
            inner.setClipRect(part)
            self._draw_part(inner, part, ratio, view, figures)
        inner.end()
        for part in parts:
            x, y, w, h = part.x(), part.y(), part.width(), part.height()
            painter.drawImage(QRectF(part), self._frame, QRectF(x * ratio, y * ratio, w * ratio, h * ratio))

    def _draw_part(
        self,
        painter: QPainter,
        part: QRect,
        ratio: float,
        view: tuple[int, int],
        figures: list[tuple[Figure, QRectF]],
    ) -> None:
        """Photo, masks and people inside one rectangle. ``figures``: with the rectangle that each one's ink reaches."""
        area = QRectF(part)
        shown = [figure for figure, reach in figures if reach.intersects(area)]
        if self.photo:
            surround = QColor(self.theme.canvas)
            self._photo_view.draw(painter, self.photo, self.mapping, ratio, view, surround, QRectF(part))
        else:
            painter.fillRect(part, QColor(self.theme.canvas))
            if self._size[0]:
                painter.fillRect(self.mapping.rectangle(0, 0, *self._size), QColor(self.theme.raised))
        if not self._size[0]:
            return
        scene, look = self.scene, self.scene.look
        if look.masks:
            self.masks.draw(painter, self.mapping, ratio, QRectF(part))
        chosen = [f for f in shown if f.key == scene.selected]
        for figure in [f for f in shown if f.key != scene.selected]:
            hover = figure.key == scene.hovered
            skeleton = int(look.skeleton and not figure.annotation.crowd)
            outline = (2.6 if hover else 1.6) if look.outlines or hover else 0.0
            painter.setOpacity(self._alpha(figure))
            style = Style(outline, skeleton)
            self.pictures.draw(painter, figure, self.schema_of(figure), self.mapping, ratio, view, style)
        painter.setOpacity(1.0)
        for figure in chosen:
            hot = self.hot[1] if self.hot and self.hot[0] == figure.key else -1
            style = Style(2.6, 2 if look.skeleton else 0, hot, scene.previewing, self.theme.accent)
            ghosts = self.ghosts_of(figure) if look.skeleton else None
            schema = self.schema_of(figure)
            self.pictures.draw(painter, figure, schema, self.mapping, ratio, view, style, ghosts)

    def _alpha(self, figure: Figure) -> float:
        scene = self.scene
        if scene.isolated:
            return DIM
        if scene.previewing:
            return 0.6
        return 0.95

    def _reach(self, figure: Figure) -> QRectF:
        area = self.mapping.rectangle(*figure.box)
        if figure.key == self.scene.selected:
            ghosts = self.ghosts_of(figure)
            known = ghosts[np.isfinite(ghosts).all(1)] if len(ghosts) else ghosts
            if len(known):
                (left, top), (right, bottom) = self.mapping.points(known.min(0)), self.mapping.points(known.max(0))
                area = area.united(QRectF(QPointF(left, top), QPointF(right, bottom)))
        return area.adjusted(-REACH, -REACH, REACH, REACH)

    def _draw_tag(self, painter: QPainter) -> None:
        if not self.hot:
            return
        figure = self.scene.figure(self.hot[0])
        if figure is None:
            return
        schema, k = self.schema_of(figure), self.hot[1]
        if k >= len(schema):
            return
        points = figure.annotation.keypoints
        if points[k, 2]:
            where = points[k, :2] + 0.5
        else:
            ghosts = self.ghosts_of(figure)
            if not len(ghosts) or not np.isfinite(ghosts[k]).all():
                return
            where = ghosts[k]
        x, y = self.mapping.points(where[None])[0]
        name = joint_name(schema.keypoints[k])
        if points[k, 2] == 0:
            name = tr("{joint} · not labelled", joint=name)
        elif points[k, 2] == 1:
            name = tr("{joint} · occluded", joint=name)
        draw_label(painter, name, QPointF(x, y), font(11), QRectF(self.rect()))

    def _figures_changed(self, rectangle: tuple[int, int, int, int] | None) -> None:
        if self._awaiting:
            return
        if self.hot and self.scene.figure(self.hot[0]) is None:
            # A proposal was accepted by a key: the pointer is still on the same joint.
            heir = self.scene.successor(self.hot[0])
            self.hot = (heir, self.hot[1]) if heir else None
        if self._size[0]:
            self.masks.refresh(rectangle)
        if rectangle is None or self.tool is None or self.scene.previewing != self._dimmed:
            self._dimmed = self.scene.previewing
            self.update()
            return
        # Labels, rings and outlines reach a little beyond the pixels that changed.
        area = self.mapping.rectangle(*rectangle).adjusted(-160, -60, 160, 60).toAlignedRect()
        self.update(area)
        self.update(self._tag_area())

    def _tag_area(self) -> QRect:
        return QRectF(self.pointer.x() - 220, self.pointer.y() - 80, 440, 160).toAlignedRect()

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
        self.pointer = event.position()
        if event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            self._panning = event.position()
            self._press_at = event.position()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton and self.tool and self._size[0]:
            self.tool.press(event)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
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
        if self._panning is not None and event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton):
            self._panning = None
            self.setCursor(self.tool.cursor() if self.tool else Qt.CursorShape.ArrowCursor)
        elif event.button() == Qt.MouseButton.LeftButton and self.tool and self._size[0]:
            self.tool.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.tool and self._size[0]:
            if not self.tool.double_click(event):
                self.tool.press(event)
        else:
            self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.set_hot(None)
        self.set_hovered(None)
        self.pointer = QPointF(-1, -1)
        if self.tool:
            self.tool.pointer_left()
        self.pointer_moved.emit(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        # Whoever is writing goes on: the next letters would be shortcuts.
        writing = isinstance(self.window().focusWidget(), WRITING)
        if self.window().isActiveWindow() and not self.hasFocus() and not writing:
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and self.tool and self.tool.wants(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not (self.tool and self.tool.key(event)):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not (self.tool and self.tool.key_released(event)):
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab belongs to the people beneath the pointer; F6 leaves the canvas."""
        return False


def joint_name(name: str) -> str:
    """A joint's name for people: "left wrist"."""
    return tr(name.replace("_", " "))
