"""Where an image position is on the screen, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTransform

SMALLEST, LARGEST = 0.01, 64.0


@dataclass(frozen=True)
class Mapping:
    """Widget position = image position * ``scale`` + (``x``, ``y``). Image positions are continuous: [0, W] x [0, H]."""

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def to_widget(self, px: float, py: float) -> QPointF:
        """An image position on the screen."""
        return QPointF(px * self.scale + self.x, py * self.scale + self.y)

    def to_image(self, point: QPointF) -> tuple[float, float]:
        """A screen position in the image."""
        return ((point.x() - self.x) / self.scale, (point.y() - self.y) / self.scale)

    def points(self, positions: np.ndarray) -> np.ndarray:
        """(n, 2) image positions -> (n, 2) screen positions."""
        return positions * self.scale + (self.x, self.y)

    def rectangle(self, x: float, y: float, w: float, h: float) -> QRectF:
        """An image rectangle on the screen."""
        return QRectF(x * self.scale + self.x, y * self.scale + self.y, w * self.scale, h * self.scale)

    def transform(self) -> QTransform:
        """The same as Qt's transform."""
        return QTransform(self.scale, 0, 0, self.scale, self.x, self.y)

    def zoomed(self, factor: float, at: QPointF) -> Mapping:
        """Closer or farther, with the image position under ``at`` staying there."""
        scale = min(max(self.scale * factor, SMALLEST), LARGEST)
        px, py = self.to_image(at)
        return Mapping(scale, at.x() - px * scale, at.y() - py * scale)

    def moved(self, dx: float, dy: float) -> Mapping:
        """Shifted on the screen."""
        return Mapping(self.scale, self.x + dx, self.y + dy)

    @classmethod
    def fitting(
        cls, box: tuple[float, float, float, float], width: float, height: float, margin: float, most: float = LARGEST
    ) -> Mapping:
        """The mapping that shows the image rectangle ``box`` as large as ``width`` x ``height`` allows, centred."""
        x, y, w, h = box
        scale = min((width - 2 * margin) / max(w, 1e-6), (height - 2 * margin) / max(h, 1e-6), most)
        scale = min(max(scale, SMALLEST), LARGEST)
        return cls(scale, width / 2 - (x + w / 2) * scale, height / 2 - (y + h / 2) * scale)
