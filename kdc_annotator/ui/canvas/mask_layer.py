"""The masks as tints: one label map, one colour table, repainted by rectangles."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, qRgba

from kdc.structures import Mask
from kdc_annotator.document.change import Rectangle, union
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.scene import Figure, Key, Scene

LEVELS = 4
DIRECT = 254
"""Up to so many figures each has its own entry in the colour table; beyond, those of one hue and state share one."""
LAYING, AT_LEAST = 0.008, 8
"""Seconds in which masks are decoded and painted at a time, and how many are however long they take: a crowd's together would block the
window."""
NOTHING: Rectangle = (0, 0, 0, 0)


class MaskLayer:
    """Keeps ``labels`` (H, W): a number that a figure keeps as long as it is there, 0 for nobody, and coarser copies for
    drawing far out, which are brought up to date when they are drawn."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.labels = np.zeros((0, 0), np.uint16)
        self._levels: list[np.ndarray] = []
        self._stale: list[Rectangle] = []
        self._numbers: dict[Key, int] = {}
        self._painted: dict[Key, Mask | None] = {}
        self._order: tuple[Key, ...] = ()
        self._lut: np.ndarray | None = None
        self._table: list[int] = []
        self._images: list[QImage] = []
        self._blank = True
        """Whether nothing was painted into ``labels``."""
        self._copied: set[int] = set()
        """Those of ``_levels`` that something was copied into."""
        self.late = False
        """Whether somebody's mask is not painted yet: whoever shows the layer calls ``refresh(None)`` until nobody's is."""

    def resize(self, width: int, height: int) -> None:
        """Another photo. One of the same size takes the last one's memory: asking for fresh pages can take longer than all else."""
        if self.labels.shape == (height, width) and self._levels:
            if not self._blank:
                self.labels.fill(0)
            for n in self._copied:
                self._levels[n].fill(0)
        else:
            self.labels = np.zeros((height, width), np.uint16)
            self._levels = [np.zeros((-(-height // 2**n), -(-width // 2**n)), np.uint8) for n in range(LEVELS)]
        self._stale, self._blank = [NOTHING] * LEVELS, True
        self._copied.clear()
        self._numbers, self._painted, self._order, self._images = {}, {}, (), []
        self.recolour()
        self.refresh(None)

    def refresh(self, rectangle: Rectangle | None) -> None:
        """Paint the figures' masks again inside ``rectangle``; None: wherever somebody looks different or came or went."""
        end = perf_counter() + LAYING
        figures = self._at_hand(end)
        order, masks = tuple(f.key for f in figures), {f.key: f.annotation.mask for f in figures}
        if rectangle is None or order != self._order:
            self._hand_on(masks)
            new = self._on_top(figures, masks)
            places = [] if new else self._differences(masks, order)
            if rectangle is not None and rectangle[2] and rectangle[3]:
                places.append(rectangle)
            self._renumber(order)
            if new:
                self._lay_on_top(new, masks, end)
        else:
            places = [rectangle]
        self._painted = {key: masks[key] for key in self._order}
        for place, those in zip(places, self._within(figures, places), strict=True):
            self._changed(self._paint(those, place))

    def _at_hand(self, end: float) -> list[Figure]:
        """Everybody whose mask is decoded, or can be until ``end``."""
        left, found = AT_LEAST, []
        self.late = False
        for figure in self._scene.figures:
            if not figure.annotation.decoded:
                if not left and perf_counter() >= end:
                    self.late = True
                    continue
                left = max(left - 1, 0)
                _ = figure.annotation.mask
            found.append(figure)
        return found

    def _lay_on_top(self, new: Sequence[Figure], masks: dict[Key, Mask | None], end: float) -> None:
        """Paint the last ones of ``_order`` upon the others, until ``end``; who is left comes with the next ``refresh``."""
        whole, left = NOTHING, len(new)
        for n, figure in enumerate(new):
            if n >= AT_LEAST and perf_counter() >= end:
                self.late = True
                break
            whole = union(whole, self._paint([figure], _box(masks[figure.key]), clear=False))
            left -= 1
        self._order = self._order[: len(self._order) - left]
        self._changed(whole)

    def _hand_on(self, masks: dict[Key, Mask | None]) -> None:
        """Who comes with the very mask of somebody who goes gets their number, and no pixel is another: a proposal becomes a person."""
        gone = {id(mask): key for key, mask in self._painted.items() if mask is not None and key not in masks}
        heirs = {
            gone.pop(id(mask)): key for key, mask in masks.items() if key not in self._painted and id(mask) in gone
        }
        if heirs:
            self._order = tuple(heirs.get(k, k) for k in self._order)
            self._numbers = {heirs.get(k, k): n for k, n in self._numbers.items()}
            self._painted = {heirs.get(k, k): m for k, m in self._painted.items()}

    def _on_top(self, figures: Sequence[Figure], masks: dict[Key, Mask | None]) -> Sequence[Figure]:
        """The new ones where all are above all others, and nothing else is different: they can be laid upon what is there."""
        before = self._order
        same = tuple(f.key for f in figures[: len(before)]) == before
        if not same or any(masks[key] is not mask for key, mask in self._painted.items()):
            return ()
        return figures[len(before) :]

    def _differences(self, masks: dict[Key, Mask | None], order: tuple[Key, ...]) -> list[Rectangle]:
        """Where a mask is another one than was painted last."""
        places = [_box(mask) for key, mask in self._painted.items() if masks.get(key) is not mask]
        places += [_box(mask) for key, mask in masks.items() if self._painted.get(key) is not mask]
        stayed = [k for k in self._order if k in masks]
        moved = [k for k in order if k in self._painted]
        places += [_box(masks[b]) for a, b in zip(stayed, moved, strict=True) if a != b]
        places = [p for p in places if p[2] and p[3]]
        whole = NOTHING
        for place in places:
            whole = union(whole, place)
        return [whole] if sum(w * h for _, _, w, h in places) > whole[2] * whole[3] else places

    def _renumber(self, order: tuple[Key, ...]) -> None:
        self._order, there = order, set(order)
        self._numbers = {k: n for k, n in self._numbers.items() if k in there}
        free = iter(sorted(set(range(1, len(order) + 1)) - set(self._numbers.values())))
        for key in order:
            if key not in self._numbers:
                self._numbers[key] = next(free)
        self.recolour()

    def _within(self, figures: Sequence[Figure], places: Sequence[Rectangle]) -> list[list[Figure]]:
        """For each place the figures whose masks reach into it, in drawing order."""
        if len(places) < 2:
            return [[*figures]] * len(places)
        x, y, w, h = np.array([_box(f.annotation.mask) for f in figures]).reshape(-1, 4).T
        found = []
        for left, top, width, height in places:
            there = (x < left + width) & (left < x + w) & (y < top + height) & (top < y + h)
            found.append([figures[int(n)] for n in np.flatnonzero(there)])
        return found

    def _paint(self, figures: Sequence[Figure], rectangle: Rectangle, clear: bool = True) -> Rectangle:
        """Returns what lies inside the photo. ``clear``: whoever is painted there goes."""
        height, width = self.labels.shape
        x1, y1 = max(rectangle[0], 0), max(rectangle[1], 0)
        x2, y2 = min(rectangle[0] + rectangle[2], width), min(rectangle[1] + rectangle[3], height)
        if x2 <= x1 or y2 <= y1:
            return NOTHING
        if clear and not self._blank:
            self.labels[y1:y2, x1:x2] = 0
        for figure in figures:
            mask = figure.annotation.mask
            if mask is None or (mask.height, mask.width) != self.labels.shape:
                continue
            left, top = max(mask.x, x1), max(mask.y, y1)
            right, bottom = min(mask.x + mask.bits.shape[1], x2), min(mask.y + mask.bits.shape[0], y2)
            if right > left and bottom > top:
                bits = mask.bits[top - mask.y : bottom - mask.y, left - mask.x : right - mask.x]
                np.copyto(self.labels[top:bottom, left:right], np.uint16(self._numbers[figure.key]), where=bits)
                self._blank = False
        return (x1, y1, x2 - x1, y2 - y1)

    def _changed(self, rectangle: Rectangle) -> None:
        """The coarser copies are out of date there."""
        if rectangle[2] and rectangle[3]:
            self._stale = [union(stale, rectangle) for stale in self._stale]

    def at(self, x: float, y: float) -> Figure | None:
        """The topmost figure whose mask covers an image position."""
        while self.late:
            self.refresh(None)
        height, width = self.labels.shape
        if 0 <= x < width and 0 <= y < height:
            label = int(self.labels[int(y), int(x)])
            return next((f for f in self._scene.figures if self._numbers.get(f.key) == label), None) if label else None
        return None

    def recolour(self) -> None:
        """Take over who is selected, hidden, dimmed."""
        entries_of = {self._numbers[f.key]: self._entry(f) for f in self._scene.figures if f.key in self._numbers}
        count = max(entries_of, default=0)
        if count <= DIRECT:
            self._table = [entries_of.get(n, 0) for n in range(count + 1)]
            lut = None
        else:
            entries: dict[int, int] = {}
            lut = np.zeros(count + 1, np.uint8)
            for n, entry in sorted(entries_of.items()):
                lut[n] = entries.setdefault(entry, len(entries) + 1) if len(entries) < DIRECT else 1
            self._table = [0, *entries]
        same = lut is self._lut or (lut is not None and self._lut is not None and np.array_equal(lut, self._lut))
        self._lut = lut
        if not same:
            self._stale = [(0, 0, self.labels.shape[1], self.labels.shape[0])] * len(self._levels)
        for image in self._images:
            image.setColorTable(_filled(self._table))

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

    def _copy(self, n: int) -> None:
        """Bring a level up to date."""
        x, y, w, h = self._stale[n]
        self._stale[n] = NOTHING
        if w <= 0 or h <= 0:
            return
        self._copied.add(n)
        step, level = 2**n, self._levels[n]
        top, left = -(-y // step), -(-x // step)
        patch = self.labels[top * step : y + h : step, left * step : x + w : step]
        target = level[top : top + patch.shape[0], left : left + patch.shape[1]]
        if self._lut is None:
            np.copyto(target, patch, casting="unsafe")
        else:
            target[...] = self._lut[patch]

    def draw(self, painter: QPainter, mapping: Mapping, device_scale: float, exposed: QRectF | None = None) -> None:
        """Draw within the painter's clip; ``exposed``: canvas positions beyond which nothing is needed."""
        if not self._levels or not self.labels.size:
            return
        if not self._images:
            self._images = [self._image(level) for level in self._levels]
        wanted = mapping.scale * device_scale
        n = 0
        while n + 1 < len(self._levels) and 2 ** (n + 1) * wanted <= 1.0:
            n += 1
        self._copy(n)
        image, step = self._images[n], 2**n
        source = QRectF(0, 0, image.width(), image.height())
        if exposed is not None:
            scale = mapping.scale * step
            left, top = (exposed.left() - mapping.x) / scale, (exposed.top() - mapping.y) / scale
            right, bottom = (exposed.right() - mapping.x) / scale, (exposed.bottom() - mapping.y) / scale
            part = QRectF(int(left) - 1, int(top) - 1, int(right) - int(left) + 4, int(bottom) - int(top) + 4)
            source = source.intersected(part)
        if source.isEmpty():
            return
        painter.save()
        painter.setTransform(mapping.transform(), True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        target = QRectF(source.x() * step, source.y() * step, source.width() * step, source.height() * step)
        painter.drawImage(target, image, source)
        painter.restore()

    def _image(self, level: np.ndarray) -> QImage:
        # The buffer belongs to numpy: later repaints write into it and the picture shows them.
        image = QImage(level.data, level.shape[1], level.shape[0], level.strides[0], QImage.Format.Format_Indexed8)
        image.setColorTable(_filled(self._table))
        return image


def _box(mask: Mask | None) -> Rectangle:
    return NOTHING if mask is None else (mask.x, mask.y, mask.bits.shape[1], mask.bits.shape[0])


def _filled(table: Sequence[int]) -> list[int]:
    return [*table, *([0] * (256 - len(table)))]
