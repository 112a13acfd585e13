"""The photo, drawn from the coarsest copy that is fine enough for the zoom."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from kdc_annotator.ui.canvas.mapping import Mapping

SMALLEST_SIDE = 512


@dataclass(frozen=True, eq=False)
class PhotoLevels:
    """A photo and its halvings, ready to be drawn. ``levels``: QImage each, the first at full size."""

    width: int
    height: int
    levels: tuple[QImage, ...]

    @property
    def bytes(self) -> int:
        """Memory that it takes."""
        return sum(level.sizeInBytes() for level in self.levels)


def photo_levels(pixels: np.ndarray) -> PhotoLevels:
    """Levels of an (H, W, 3) uint8 RGB photo. May run on any thread."""
    import cv2

    height, width = pixels.shape[:2]
    levels = []
    current = pixels
    while True:
        h, w = current.shape[:2]
        image = QImage(current.data, w, h, current.strides[0], QImage.Format.Format_RGB888)
        levels.append(image.convertToFormat(QImage.Format.Format_RGB32))
        if min(w, h) <= SMALLEST_SIDE:
            return PhotoLevels(width, height, tuple(levels))
        current = cv2.resize(current, (max(w // 2, 1), max(h // 2, 1)), interpolation=cv2.INTER_AREA)


def with_brightness(photo: PhotoLevels, brightness: float) -> PhotoLevels:
    """The photo brighter (> 0) or darker (< 0), -1 to 1, by a gamma curve."""
    if not brightness:
        return photo
    table = np.clip(((np.arange(256) / 255) ** (2.0 ** (-1.6 * brightness))) * 255 + 0.5, 0, 255).astype(np.uint8)
    levels = []
    for level in photo.levels:
        copy = level.copy()
        view = np.frombuffer(copy.bits(), np.uint8)
        view[:] = table[view]
        levels.append(copy)
    return PhotoLevels(photo.width, photo.height, tuple(levels))


@dataclass(frozen=True, eq=False)
class _Scaled:
    """``look``: what it was made from, ``photo`` among it, which must live as long as its id counts."""

    look: tuple[object, ...] = ()
    photo: PhotoLevels | None = None
    image: QImage = field(default_factory=QImage)


class PhotoView:
    """The photo as the canvas shows it now, scaled once and kept until zoom, place or photo change; that of the next image can be made
    ahead."""

    def __init__(self) -> None:
        self._shown = self._ready = _Scaled()

    def make_ready(
        self, photo: PhotoLevels, mapping: Mapping, ratio: float, view: tuple[int, int], surround: QColor
    ) -> None:
        """Scale a photo that is not shown yet, for ``draw`` with the same values."""
        look = _look(photo, mapping, ratio, view, surround)
        if look not in (self._shown.look, self._ready.look):
            self._ready = _scaled(self._ready.image, look, photo, mapping, ratio, view, surround)

    def forget_ready(self) -> None:
        """Drop what was made ahead."""
        self._ready = _Scaled()

    def draw(
        self, painter: QPainter, photo: PhotoLevels, mapping: Mapping, ratio: float, view: tuple[int, int],
        surround: QColor, exposed: QRectF,
    ) -> None:  # fmt: skip
        """Draw photo and surroundings inside ``exposed``. ``view``: the canvas' size in device pixels."""
        look = _look(photo, mapping, ratio, view, surround)
        if look == self._ready.look:
            self._shown, self._ready = self._ready, self._shown
        elif look != self._shown.look:
            self._shown = _scaled(self._shown.image, look, photo, mapping, ratio, view, surround)
        source = QRectF(exposed.x() * ratio, exposed.y() * ratio, exposed.width() * ratio, exposed.height() * ratio)
        painter.drawImage(exposed, self._shown.image, source)


def _look(
    photo: PhotoLevels, mapping: Mapping, ratio: float, view: tuple[int, int], surround: QColor
) -> tuple[object, ...]:
    return (id(photo), mapping, ratio, view, surround.rgb())


def _scaled(
    image: QImage, look: tuple[object, ...], photo: PhotoLevels, mapping: Mapping, ratio: float, view: tuple[int, int],
    surround: QColor,
) -> _Scaled:  # fmt: skip
    """Photo and surroundings in ``image``'s memory where that is as large as ``view``."""
    if image.width() != view[0] or image.height() != view[1]:
        image = QImage(*view, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(surround)
    inner = QPainter(image)
    draw_photo(inner, photo, mapping, ratio)
    inner.end()
    return _Scaled(look, photo, image)


def draw_photo(painter: QPainter, photo: PhotoLevels, mapping: Mapping, device_scale: float) -> None:
    """Draw within the painter's clip; pixels stay crisp from 300 % on."""
    wanted = mapping.scale * device_scale
    level = 0
    while level + 1 < len(photo.levels) and 2 ** (level + 1) * wanted <= 1.0:
        level += 1
    image = photo.levels[level]
    painter.save()
    painter.setTransform(mapping.transform(), True)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, wanted < 3.0)
    painter.drawImage(QRectF(0, 0, photo.width, photo.height), image, QRectF(0, 0, image.width(), image.height()))
    painter.restore()


def draw_magnified(
    painter: QPainter, photo: PhotoLevels, position: tuple[float, float], target: QRectF, zoom: float
) -> None:
    """The surroundings of an image position, ``zoom`` screen pixels for an image pixel, inside ``target``."""
    w, h = target.width() / zoom, target.height() / zoom
    source = QRectF(position[0] - w / 2, position[1] - h / 2, w, h)
    inside = source.intersected(QRectF(0, 0, photo.width, photo.height))
    if inside.isEmpty():
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < 3)
    painter.translate(target.topLeft())
    painter.scale(zoom, zoom)
    painter.drawImage(inside.translated(-source.x(), -source.y()), photo.levels[0], inside)
    painter.restore()
