"""The photo with its people, as they look now: drawn in the order photo, masks, people, what lies above them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.change import Rectangle
from kdc_annotator.ui.canvas.figure_pictures import AT_ONCE, FigurePictures, Sight, Style
from kdc_annotator.ui.canvas.lookup import Ghosts
from kdc_annotator.ui.canvas.magnifier import draw_magnifier, magnifier_place
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.canvas.mask_layer import MaskLayer
from kdc_annotator.ui.canvas.people_layer import REACH, draw_label, label_box
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels, PhotoView
from kdc_annotator.ui.canvas.viewport import Viewport
from kdc_annotator.ui.scene import Figure, Key, Scene
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens, font

DIM = 0.25
SPARE = 1.3
"""Rectangles are repainted together where that is at most so many times their area: each one costs by itself, too."""


class PeopleView(Viewport):
    """Draws ``scene`` over ``photo``. Positions are as in ``Viewport``; a keypoint (pixel index) lies half a pixel further in."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.theme: Tokens = DARK
        self.photo: PhotoLevels | None = None
        self.masks = MaskLayer(scene)
        self.pictures = FigurePictures()
        self._photo_view = PhotoView()
        self._frame = QImage()
        self._ghosts = Ghosts()
        self._reaches: tuple[Mapping, dict[Rectangle, QRectF]] = (self.mapping, {})
        self.overlays: list[Callable[[QPainter], None]] = []
        """Drawn above everybody, below what the tool draws."""
        self.hot: tuple[Key, int] | None = None
        self.magnify_at: tuple[float, float] | None = None
        self._magnified_left = False
        self.pointer = QPointF(-1, -1)
        self._inked = self._tagged = QRectF()
        """Where the selected person's ink and the tag were painted last."""

    def set_photo(self, photo: PhotoLevels) -> None:
        """The photo's pixels have come."""
        self.photo = photo
        if len(self.scene.figures) > AT_ONCE:
            self.update()  # A crowd's lines are more than what is left of the time in which a key is answered.
        elif self.isVisible():
            self.repaint()  # at once: the panels beside it can wait a few milliseconds longer

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.theme = theme
        self.update()

    def make_photo_ready(self, photo: PhotoLevels) -> None:
        """Scale the photo of an image that may be shown next, as it would be seen then."""
        mapping = self.mapping_for((photo.width, photo.height))
        self._photo_view.make_ready(photo, mapping, *self._device(), QColor(self.theme.canvas))

    def make_figure_ready(self, figure: Figure, schema: PoseSchema) -> int:
        """Draw the lines of somebody in an image that may be shown next, as they would be seen then; returns the bytes that they take."""
        mapping = self.mapping_for(figure.annotation.size)
        return self.pictures.make_ready(
            figure, schema, Sight(mapping, *self._device(), self._quiet_style(figure, False))
        )

    def forget_ready(self) -> None:
        """Drop what was made of an image that is not shown yet."""
        self._photo_view.forget_ready()
        self.pictures.forget_ready()

    def _device(self) -> tuple[float, tuple[int, int]]:
        """Device pixels to a logical one, and the widget's (width, height) in them."""
        ratio = self.devicePixelRatioF()
        return ratio, (math.ceil(self.width() * ratio), math.ceil(self.height() * ratio))

    def _quiet_style(self, figure: Figure, hover: bool) -> Style:
        """How somebody who is not selected is drawn. ``hover``: a click would take them now."""
        look = self.scene.look
        outline = (2.6 if hover else 1.6) if look.outlines or hover else 0.0
        skeleton = int(look.skeleton and not figure.annotation.crowd)
        if hover and skeleton and self.hot and self.hot[0] == figure.key:
            return Style(outline, skeleton, self.hot[1], accent=self.theme.accent)
        return Style(outline, skeleton)

    def schema_of(self, figure: Figure) -> PoseSchema:
        """The schema of a figure's category."""
        document = self.scene.document
        return document.schema(figure.annotation.category_id) if document else COCO_17

    def ghosts_of(self, figure: Figure) -> np.ndarray:
        """(K, 2) guesses in the canvas frame for joints that are not labelled, all inside the photo; NaN where there is none."""
        return self._ghosts.of(figure.annotation, self.schema_of(figure), self._size)

    def joints_of(self, figure: Figure) -> np.ndarray:
        """(K, 2): the joints in the canvas frame, guesses for those that are not labelled; NaN where there is none."""
        annotation, ghosts = figure.annotation, self.ghosts_of(figure)
        missing = ghosts if len(ghosts) else np.full((len(annotation.keypoints), 2), np.nan)
        return np.where(annotation.present[:, None], annotation.keypoints[:, :2] + 0.5, missing)

    def set_magnifier(self, at: tuple[float, float] | None) -> None:
        """Show the surroundings of an image position enlarged, on the side that the pointer is not on."""
        sides = set() if self.magnify_at is None else {self._magnified_left}
        self.magnify_at = at if self.mapping.scale < 2.0 else None
        if self.magnify_at is not None:
            self._magnified_left = self.pointer.x() > self.width() / 2
            sides.add(self._magnified_left)
        for left in sides:
            self.update(magnifier_place(self.width(), left).adjusted(-2, -2, 2, 2).toAlignedRect())

    def paint_above(self, painter: QPainter) -> None:
        """Above people and overlays, in screen positions."""

    def paintEvent(self, event: QPaintEvent) -> None:
        ratio, view = self._device()
        region = event.region()
        shown = [(f, self._reach(f)) for f in self.scene.figures if self.scene.visible(f)] if self._size[0] else []
        self._inked = next((reach for f, reach in shown if f.key == self.scene.selected), QRectF())
        self.pictures.begin()
        painter = QPainter(self)
        if region.rectCount() == 1:
            self._draw_part(painter, region.boundingRect(), ratio, view, shown)
        else:
            self._draw_parts(painter, region, ratio, view, shown)
        if self.pictures.late:
            # Not from within the painting, which would be lost; and what was typed meanwhile comes first.
            QTimer.singleShot(0, self, self.update)
        if not self._size[0]:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for overlay in self.overlays:
            overlay(painter)
        self.paint_above(painter)
        self._draw_tag(painter)
        if self.magnify_at and self.photo:
            place = magnifier_place(self.width(), self._magnified_left)
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
        parts = joined(region)
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
            painter.setOpacity(self._alpha(figure))
            sight = Sight(self.mapping, ratio, view, self._quiet_style(figure, figure.key == scene.hovered))
            self.pictures.draw(painter, figure, self.schema_of(figure), sight)
        painter.setOpacity(1.0)
        for figure in chosen:
            hot = self.hot[1] if self.hot and self.hot[0] == figure.key else -1
            style = Style(2.6, 2 if look.skeleton else 0, hot, scene.previewing, self.theme.accent)
            ghosts = self.ghosts_of(figure) if look.skeleton else None
            sight = Sight(self.mapping, ratio, view, style)
            self.pictures.draw(painter, figure, self.schema_of(figure), sight, ghosts)

    def _alpha(self, figure: Figure) -> float:
        scene = self.scene
        if scene.isolated:
            return DIM
        if scene.previewing:
            return 0.6
        return 0.95

    def _reach(self, figure: Figure) -> QRectF:
        """How far a figure's ink reaches; the selected one's to its guessed joints."""
        if figure.key != self.scene.selected:
            if self._reaches[0] is not self.mapping:
                self._reaches = (self.mapping, {})
            known = self._reaches[1].get(figure.drawn)
            if known is None:
                known = self.mapping.rectangle(*figure.drawn).adjusted(-REACH, -REACH, REACH, REACH)
                self._reaches[1][figure.drawn] = known
            return known
        area = self.mapping.rectangle(*figure.drawn)
        ghosts = self.ghosts_of(figure)
        places = ghosts[np.isfinite(ghosts).all(1)] if len(ghosts) else ghosts
        if len(places):
            (left, top), (right, bottom) = self.mapping.points(places.min(0)), self.mapping.points(places.max(0))
            area = area.united(QRectF(QPointF(left, top), QPointF(right, bottom)))
        return area.adjusted(-REACH, -REACH, REACH, REACH)

    def _draw_tag(self, painter: QPainter) -> None:
        tag = self._tag()
        if tag is None:
            self._tagged = QRectF()
        else:
            self._tagged = draw_label(painter, *tag, font(11), QRectF(self.rect()))

    def update_around(self, rectangle: QRectF) -> None:
        """A gesture has changed what is seen inside ``rectangle``, in which the boxes lie of all that changed: paint that again, and what
        the selected person's guessed joints and the tag reach beyond it, as it was and as it is."""
        area = rectangle.adjusted(-REACH, -REACH, REACH, REACH).united(self._inked)
        selected = self.scene.selection
        if selected is not None and self.scene.visible(selected):
            area = area.united(self._reach(selected))
        self.update(area.toAlignedRect())
        self.update(self._tagged.toAlignedRect())
        tag = self._tag()
        if tag is not None:
            self.update(label_box(*tag, font(11), QRectF(self.rect())).toAlignedRect())

    def _tag(self) -> tuple[str, QPointF] | None:
        """What is said of the joint under the pointer, and beside which position."""
        figure = self.scene.figure(self.hot[0]) if self.hot else None
        if figure is None or self.hot is None:
            return None
        schema, k = self.schema_of(figure), self.hot[1]
        if k >= len(schema):
            return None
        points = figure.annotation.keypoints
        if points[k, 2]:
            where = points[k, :2] + 0.5
        else:
            ghosts = self.ghosts_of(figure)
            if not len(ghosts) or not np.isfinite(ghosts[k]).all():
                return None
            where = ghosts[k]
        x, y = self.mapping.points(where[None])[0]
        name = joint_name(schema.keypoints[k])
        if points[k, 2] == 0:
            name = tr("{joint} · not labelled", joint=name)
        elif points[k, 2] == 1:
            name = tr("{joint} · occluded", joint=name)
        return name, QPointF(x, y)


def joined(region: QRegion) -> list[QRect]:
    """A few rectangles that cover a region: Qt cuts it into bands, of which most say no more than their neighbours."""
    parts: list[QRect] = []
    for part in region:  # type: ignore[attr-defined]
        whole, met = part, True
        while met:
            met = False
            for n, other in enumerate(parts):
                both = whole.united(other)
                if _area(both) <= SPARE * (_area(whole) + _area(other)):
                    del parts[n]
                    whole, met = both, True
                    break
        parts.append(whole)
    return parts


def _area(rectangle: QRect) -> int:
    return int(rectangle.width() * rectangle.height())


def joint_name(name: str) -> str:
    """A joint's name for people: "left wrist"."""
    return tr(name.replace("_", " "))
