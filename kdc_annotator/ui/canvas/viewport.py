"""A widget onto an image: which part of it is seen, and how large."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from kdc_annotator.ui.canvas.mapping import Mapping

View = Mapping | None
"""What is seen of a photo; None: the whole of it."""
MARGIN = 16.0


class Viewport(QWidget):
    """Positions of the image are continuous, [0, W] x [0, H]. ``mapping``: between them and the widget."""

    zoom_changed = Signal(float)
    """Device pixels for an image pixel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mapping = Mapping()
        self._size = (0, 0)
        self._fitted = True
        self._kept: tuple[float, float, float] | None = None
        """Zoom and relative centre for the next image whose size is known."""
        self._placed: tuple[Mapping, float, float] | None = None
        """The relative centre that led to a mapping: a small photo in between does not lose it."""

    @property
    def image_size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    def fit(self) -> None:
        """The whole photo."""
        if self._size[0]:
            self.mapping = self._fitting(self._size)
        self._fitted, self._kept = True, None
        self._zoomed()

    def take_size(self, size: tuple[int, int], keep: bool = True) -> None:
        """Another image of ``size`` (width, height), (0, 0) where that is not known yet.

        ``keep``: a fitted view stays fitted, any other keeps its zoom and, where the photo is wider (or higher) than the widget, the
        relative place of its centre.
        """
        if size == self._size and keep and not self._fitted:
            return
        kept = self._kept_view() if keep else None
        self._size = size
        self.fit()
        if kept is None or not size[0]:
            self._kept = kept
            return
        self.set_view(self._placed_at(size, kept))
        self._placed = (self.mapping, *kept[1:])

    def mapping_for(self, size: tuple[int, int]) -> Mapping:
        """Where ``take_size`` with that size, which is known, would lead now."""
        if size == self._size and not self._fitted:
            return self.mapping
        kept = self._kept_view()
        return self._fitting(size) if kept is None else self._placed_at(size, kept)

    def _kept_view(self) -> tuple[float, float, float] | None:
        """Zoom and relative centre that the next image gets; None: it is fitted."""
        if not self._size[0]:
            return self._kept
        return None if self._fitted else (self.mapping.scale, *self._relative_centre())

    def _placed_at(self, size: tuple[int, int], kept: tuple[float, float, float]) -> Mapping:
        scale, x, y = kept
        width, height = self.width(), self.height()
        to_x = (x if size[0] * scale > width else 0.5) * size[0]
        to_y = (y if size[1] * scale > height else 0.5) * size[1]
        return Mapping(scale, width / 2 - to_x * scale, height / 2 - to_y * scale)

    def _fitting(self, size: tuple[int, int]) -> Mapping:
        return Mapping.fitting((0, 0, *size), self.width(), self.height(), MARGIN, 8.0)

    def _relative_centre(self) -> tuple[float, float]:
        """The photo's place in the middle of the widget, 0 to 1 of its width and height."""
        if self._placed is not None and self._placed[0] is self.mapping:
            return self._placed[1:]
        x, y = self.mapping.to_image(QPointF(self.width() / 2, self.height() / 2))
        return (min(max(x / self._size[0], 0.0), 1.0), min(max(y / self._size[1], 0.0), 1.0))

    def set_scale(self, scale: float, at: QPointF | None = None) -> None:
        """So many screen pixels for an image pixel."""
        at = at or QPointF(self.width() / 2, self.height() / 2)
        self.mapping = self.mapping.zoomed(scale / self.mapping.scale, at)
        self._fitted = False
        self._zoomed()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Closer or farther."""
        self.set_scale(self.mapping.scale * factor, at)

    @property
    def view(self) -> View:
        """What is seen of the photo: for ``set_view``."""
        return None if self._fitted else self.mapping

    def set_view(self, view: View) -> None:
        """As it was when ``view`` was read."""
        if view is None:
            self.fit()
            return
        self.mapping, self._fitted = view, False
        self._zoomed()

    def zoom_to(self, box: tuple[float, float, float, float]) -> None:
        """Show an image rectangle with some surroundings."""
        x, y, w, h = box
        margin = 0.25 * max(w, h, 24)
        box = (x - margin, y - margin, w + 2 * margin, h + 2 * margin)
        self.mapping = Mapping.fitting(box, self.width(), self.height(), MARGIN, 8.0)
        self._fitted = False
        self._zoomed()

    def centre_on(self, x: float, y: float) -> None:
        """Bring an image position into the middle, at the present zoom."""
        at = self.mapping.to_widget(x, y)
        self.pan(self.width() / 2 - at.x(), self.height() / 2 - at.y())

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by so many screen pixels."""
        self.mapping = self.mapping.moved(dx, dy)
        self._fitted = False
        self.update()

    def visible_box(self) -> tuple[int, int, int, int]:
        """(x, y, w, h): the part of the image that can be seen, in whole pixels."""
        left, top = self.mapping.to_image(QPointF(0, 0))
        right, bottom = self.mapping.to_image(QPointF(self.width(), self.height()))
        x1, y1 = max(int(left), 0), max(int(top), 0)
        x2, y2 = min(int(np.ceil(right)), self._size[0]), min(int(np.ceil(bottom)), self._size[1])
        return (x1, y1, max(x2 - x1, 0), max(y2 - y1, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._fitted:
            self.fit()
        else:
            old = event.oldSize()
            if old.isValid():
                grown = event.size() - old
                self.mapping = self.mapping.moved(grown.width() / 2, grown.height() / 2)

    def _zoomed(self) -> None:
        self.zoom_changed.emit(self.mapping.scale * self.devicePixelRatioF())
        self.update()
