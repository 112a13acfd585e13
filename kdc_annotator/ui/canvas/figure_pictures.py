"""Each person's lines as a small picture, drawn once and then only laid down again until it looks different."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from kdc.schema import PoseSchema
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.canvas.ink import Ink
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.canvas.outlines import Outlines
from kdc_annotator.ui.canvas.people_layer import REACH, ink_outline, ink_quiet, ink_selected
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.scene import Figure, Key

AT_ONCE = 32
"""Pictures that are drawn anew in one painting of the canvas; in a larger crowd the others follow in the next ones."""
PAINTING, AT_LEAST = 0.016, 6
"""Seconds from a painting's begin after which no more are drawn anew in it, and how many are all the same: lines around large masks cost
more than others."""


@dataclass(frozen=True)
class Style:
    """How a person is drawn. ``outline``: width, 0 for none.

    ``skeleton``: 0 none, 1 as one of many, 2 as the selected one. ``hot``: the joint under the pointer, -1 for none.
    """

    outline: float
    skeleton: int
    hot: int = -1
    grabbed: bool = False
    accent: str = ""


@dataclass(frozen=True)
class Sight:
    """Where and how a figure is seen. ``ratio``: device pixels per canvas pixel; ``view``: the canvas' size in device pixels."""

    mapping: Mapping
    ratio: float
    view: tuple[int, int]
    style: Style

    @property
    def device(self) -> Mapping:
        """From photo to device pixels."""
        return Mapping(self.mapping.scale * self.ratio, self.mapping.x * self.ratio, self.mapping.y * self.ratio)


@dataclass(frozen=True, eq=False)
class _Picture:
    annotation: Annotation
    schema: PoseSchema
    hue: int
    sight: Sight
    """As it was seen when it was laid down: where that is the same, so is its place."""
    look: tuple[object, ...]
    x: int
    y: int
    at: QPointF
    image: QImage
    pixels: np.ndarray
    """The image's memory."""


class FigurePictures:
    """The pictures of the open image's people. Positions are canvas positions; pictures are in device pixels.

    Those of another image's people can be made ahead; such a picture is only laid down where it is what would be made then.
    """

    def __init__(self) -> None:
        self.outlines = Outlines()
        self._kept: dict[Key, _Picture] = {}
        self._ready: dict[Key, _Picture] = {}
        self._drawn, self._end = 0, 0.0
        self.late = False
        """Whether somebody is shown as before, or not yet, since too many look different at once."""

    def begin(self) -> None:
        """The canvas is painted again."""
        self._drawn, self._end, self.late = 0, perf_counter() + PAINTING, False

    def clear(self) -> None:
        """Another image."""
        self._kept.clear()
        self.outlines.clear()

    def make_ready(self, figure: Figure, schema: PoseSchema, sight: Sight) -> int:
        """Make the picture of a figure that is not on the canvas yet, for ``draw`` with the same values; returns the bytes that it takes."""
        picture = self._made(figure, schema, sight, None, None, Outlines())
        if picture is None:
            return 0
        self._ready[figure.key] = picture
        return int(picture.pixels.nbytes)

    def forget_ready(self) -> None:
        """Drop what was made ahead and not laid down."""
        self._ready.clear()

    def draw(
        self,
        painter: QPainter,
        figure: Figure,
        schema: PoseSchema,
        sight: Sight,
        ghosts: np.ndarray | None = None,
    ) -> None:
        """Lay a figure down. ``ghosts``: (K, 2) canvas-frame guesses."""
        kept = self._kept.get(figure.key)
        if kept is None and (kept := self._ready.pop(figure.key, None)) is not None:
            self._kept[figure.key] = kept
        if (
            kept is None
            or kept.annotation is not figure.annotation
            or kept.schema is not schema
            or kept.hue != figure.hue
            or kept.sight != sight
        ):
            limited = sight.style.skeleton != 2
            made = self._made(figure, schema, sight, ghosts, kept, self.outlines, limited)
            if made is None:
                if kept is not None and _frame(figure, ghosts, sight) is not None:
                    _lay_as_before(painter, kept, sight.mapping)
                return
            kept = self._kept[figure.key] = made
        painter.drawImage(kept.at, kept.image)

    def _made(
        self,
        figure: Figure,
        schema: PoseSchema,
        sight: Sight,
        ghosts: np.ndarray | None,
        kept: _Picture | None,
        outlines: Outlines,
        limited: bool = False,
    ) -> _Picture | None:
        """The picture that is to be laid down, of ``kept``'s pixels where they would be the same; None where nothing of it can be seen,
        and, of a ``limited`` one, where enough was drawn anew in this painting."""
        device, ratio = sight.device, sight.ratio
        # Moving the view by whole pixels leaves a picture as it is.
        shift_x, shift_y = int(np.floor(device.x)), int(np.floor(device.y))
        frame = _frame(figure, ghosts, sight)
        if frame is None:
            return None
        x, y, width, height = frame
        local = (x - shift_x, y - shift_y, width, height)
        look = (
            device.scale,
            round(device.x - shift_x, 4),
            round(device.y - shift_y, 4),
            local,
            sight.style,
            figure.hue,
            ratio,
        )
        if kept is None or kept.annotation is not figure.annotation or kept.schema is not schema or kept.look != look:
            if limited:
                if self._drawn >= AT_ONCE or (self._drawn >= AT_LEAST and perf_counter() >= self._end):
                    self.late = True
                    return None
                self._drawn += 1
            ink = Ink(x, y, width, height)
            _ink(ink, figure, schema, sight, ghosts, outlines)
            image = QImage(ink.pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
            image.setDevicePixelRatio(ratio)
            x, y, pixels = x - shift_x, y - shift_y, ink.pixels
        else:
            x, y, image, pixels = kept.x, kept.y, kept.image, kept.pixels
        at = QPointF((x + shift_x) / ratio, (y + shift_y) / ratio)
        return _Picture(figure.annotation, schema, figure.hue, sight, look, x, y, at, image, pixels)


def _ink(
    ink: Ink,
    figure: Figure,
    schema: PoseSchema,
    sight: Sight,
    ghosts: np.ndarray | None,
    outlines: Outlines,
) -> None:
    annotation, style, device, ratio = figure.annotation, sight.style, sight.device, sight.ratio
    if style.outline:
        contours = outlines.of(figure.key, annotation.mask, device.scale)
        placed = [device.points(c) for c in contours]
        ink_outline(ink, placed, figure, person_colour(figure.hue), style.outline, ratio, style.skeleton == 2)
    points = device.points(annotation.keypoints[:, :2] + 0.5)
    if style.skeleton == 1:
        ink_quiet(ink, points, figure, schema, style.hot, QColor(style.accent), ratio)
    elif style.skeleton == 2:
        guesses = device.points(ghosts) if ghosts is not None and len(ghosts) else np.zeros((0, 2))
        hot = style.hot if style.hot >= 0 else None
        ink_selected(ink, points, figure, schema, guesses, hot, style.grabbed, QColor(style.accent), ratio)


def _lay_as_before(painter: QPainter, kept: _Picture, mapping: Mapping) -> None:
    """Where the figure was in the photo, however large that is now."""
    before = kept.sight.mapping
    size = kept.image.deviceIndependentSize() * (mapping.scale / before.scale)
    x, y = before.to_image(kept.at)
    painter.drawImage(QRectF(QPointF(*mapping.points(np.array((x, y))).tolist()), size), kept.image)


def _frame(figure: Figure, ghosts: np.ndarray | None, sight: Sight) -> tuple[int, int, int, int] | None:
    """(x, y, w, h) in device pixels around everything of a figure that can be seen; None: nothing."""
    device, view = sight.device, sight.view
    x, y, w, h = figure.drawn
    area = device.rectangle(x, y, w, h)
    if ghosts is not None and len(ghosts):
        finite = device.points(ghosts[np.isfinite(ghosts).all(1)])
        if len(finite):
            low, high = finite.min(0), finite.max(0)
            area = area.united(QRectF(QPointF(*low.tolist()), QPointF(*high.tolist())))
    reach = REACH * sight.ratio
    left, top = max(int(np.floor(area.left() - reach)), 0), max(int(np.floor(area.top() - reach)), 0)
    right = min(int(np.ceil(area.right() + reach)), view[0])
    bottom = min(int(np.ceil(area.bottom() + reach)), view[1])
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None
