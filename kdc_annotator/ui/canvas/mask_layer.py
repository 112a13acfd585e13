"""The masks as tints: one label map, one colour table, repainted by rectangles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, qRgba

from kdc_annotator.document.change import Rectangle
from kdc_annotator.document.labels import paint_labels
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.scene import Figure, Scene

LEVELS = 4
DIRECT = 254
"""Up to so many figures each has its own entry in the colour table; beyond, those of one hue and state share one."""


class MaskLayer:
    """Keeps ``labels`` (H, W): n for the n-th figure of the scene, 0 for nobody, and coarser copies for drawing far out."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.labels = np.zeros((0, 0), np.uint16)
        self._levels: list[np.ndarray] = []
        self._order: tuple[object, ...] = ()
        self._lut: np.ndarray | None = None
        self._table: list[int] = []
        self._images: list[QImage] = []

    def resize(self, width: int, height: int) -> None:
        """Another photo."""
        self.labels = np.zeros((height, width), np.uint16)
        self._levels = [np.zeros((-(-height // 2**n), -(-width // 2**n)), np.uint8) for n in range(LEVELS)]
        self._order = ()
        self.recolour()
        self.refresh(None)

    def refresh(self, rectangle: Rectangle | None) -> None:
        """Paint the figures' masks again inside ``rectangle``, or everywhere where it is None or people came and went."""
        order = tuple(f.key for f in self._scene.figures)
        height, width = self.labels.shape
        if order != self._order:
            rectangle = None
            self._order = order
            self.recolour()
        where = (0, 0, width, height) if rectangle is None else rectangle
        paint_labels(self.labels, [f.annotation for f in self._scene.figures], where)
        self._copy(where)

    def at(self, x: float, y: float) -> Figure | None:
        """The topmost figure whose mask covers an image position."""
        height, width = self.labels.shape
        if 0 <= x < width and 0 <= y < height:
            label = int(self.labels[int(y), int(x)])
            if 0 < label <= len(self._scene.figures):
                return self._scene.figures[label - 1]
        return None

    def recolour(self) -> None:
        """Take over who is selected, hidden, dimmed."""
        scene = self._scene
        if len(scene.figures) <= DIRECT:
            self._table = [0, *(self._entry(f) for f in scene.figures)]
            had, self._lut = self._lut, None
            changed = had is not None
        else:
            entries: dict[int, int] = {}
            lut = np.zeros(len(scene.figures) + 1, np.uint8)
            for n, figure in enumerate(scene.figures, 1):
                lut[n] = entries.setdefault(self._entry(figure), len(entries) + 1) if len(entries) < DIRECT else 1
            self._table = [0, *entries]
            changed = self._lut is None or not np.array_equal(lut, self._lut)
            self._lut = lut
        if changed and self.labels.size:
            self._copy((0, 0, self.labels.shape[1], self.labels.shape[0]))
        self._images = []

    def _entry(self, figure: Figure) -> int:
        scene = self._scene
        if not scene.visible(figure):
            return 0
        alpha = scene.look.opacity
        if figure.key == scene.selected:
            alpha = min(1.0, alpha * 1.25)
        elif scene.isolated:
            alpha *= 0.25
        elif figure.proposal:
            alpha *= 0.6
        elif figure.annotation.crowd:
            alpha *= 0.7
        colour = person_colour(figure.hue)
        return int(qRgba(colour.red(), colour.green(), colour.blue(), round(alpha * 255)))

    def _copy(self, rectangle: Rectangle) -> None:
        height, width = self.labels.shape
        x1, y1 = max(rectangle[0], 0), max(rectangle[1], 0)
        x2, y2 = min(rectangle[0] + rectangle[2], width), min(rectangle[1] + rectangle[3], height)
        if x2 <= x1 or y2 <= y1:
            return
        for n, level in enumerate(self._levels):
            step = 2**n
            top, left = -(-y1 // step), -(-x1 // step)
            patch = self.labels[top * step : y2 : step, left * step : x2 : step]
            values = patch.astype(np.uint8) if self._lut is None else self._lut[patch]
            level[top : top + patch.shape[0], left : left + patch.shape[1]] = values

    def draw(self, painter: QPainter, mapping: Mapping, device_scale: float) -> None:
        """Draw within the painter's clip."""
        if not self._levels or not self.labels.size:
            return
        if not self._images:
            self._images = [self._image(level) for level in self._levels]
        wanted = mapping.scale * device_scale
        n = 0
        while n + 1 < len(self._levels) and 2 ** (n + 1) * wanted <= 1.0:
            n += 1
        image, step = self._images[n], 2**n
        painter.save()
        painter.setTransform(mapping.transform(), True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        target = QRectF(0, 0, image.width() * step, image.height() * step)
        painter.drawImage(target, image, QRectF(0, 0, image.width(), image.height()))
        painter.restore()

    def _image(self, level: np.ndarray) -> QImage:
        # The buffer belongs to numpy: later repaints write into it and the picture shows them.
        image = QImage(level.data, level.shape[1], level.shape[0], level.strides[0], QImage.Format.Format_Indexed8)
        image.setColorTable(_filled(self._table))
        return image


def _filled(table: Sequence[int]) -> list[int]:
    return [*table, *([0] * (256 - len(table)))]
