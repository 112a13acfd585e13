"""Live masks in a project that counts a photo's pixels before the turn that its file asks for (EXIF orientation). No Qt.

The model, its fields and clustering know the upright photo alone. So people are turned on their way in, masks, joints and
rectangles on their way out. Positions are pixel centres; a turn moves pixels onto pixels, so nothing is lost on the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from kdc.geometry import Affine
from kdc.images import PhotoFrame
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask
from kdc_annotator.engine.completing import Completer
from kdc_annotator.engine.listen import Listener
from kdc_annotator.ui.live_masks import LiveMasks, Masks
from kdc_annotator.ui.scene import Key

People = Sequence[tuple[Key, Annotation]]


def turned_rectangle(rectangle: Rectangle, turn: Affine) -> Rectangle:
    """(x, y, w, h) in whole pixels after a turn by quarters."""
    x, y, w, h = rectangle
    if w <= 0 or h <= 0:
        return rectangle
    corners = np.rint(turn.apply(np.array([(x, y), (x + w - 1, y + h - 1)], float))).astype(int)
    left, top = (int(v) for v in corners.min(0))
    right, bottom = (int(v) for v in corners.max(0))
    return left, top, right - left + 1, bottom - top + 1


def turned_mask(mask: Mask, turn: Affine) -> Mask:
    """The mask in the photo after a turn by quarters (mirrored or not)."""
    lies = turn.matrix[0, 0] == 0
    width, height = (mask.height, mask.width) if lies else (mask.width, mask.height)
    if not mask.bits.size:
        return Mask.empty(width, height)
    bits = mask.bits.T if lies else mask.bits
    across, down = turn.matrix[:, :2].sum(1)
    bits = bits[:: -1 if down < 0 else 1, :: -1 if across < 0 else 1]
    x, y = turned_rectangle((mask.x, mask.y, *mask.bits.shape[::-1]), turn)[:2]
    return Mask(np.ascontiguousarray(bits), x, y, width, height)


def turned_person(person: Annotation, turn: Affine, size: tuple[int, int]) -> Annotation:
    """What clustering reads of a person, in a photo of ``size`` after the turn."""

    def pins(rle: Mapping[str, object] | None) -> Mapping[str, object] | None:
        mask = decode_segmentation(rle, *person.size)
        return None if mask is None else encode_mask(turned_mask(mask, turn))

    points = person.keypoints.copy()
    points[person.present, :2] = turn.apply(points[person.present, :2])
    turned = replace(
        person, size=size, keypoints=points, segmentation=None, box=None,
        pinned_in=pins(person.pinned_in), pinned_out=pins(person.pinned_out),
    )  # fmt: skip
    turned.__dict__["mask"] = None if person.mask is None else turned_mask(person.mask, turn)
    turned.__dict__["drawn"] = person.drawn
    return turned


class TurnedMasks:
    """As ``LiveMasks``, for people in the frame of the pixels as the file stores them. ``upright``: of the same photo, upright."""

    def __init__(self, upright: LiveMasks, frame: PhotoFrame) -> None:
        self._upright, self._in, self._out = upright, frame.to_upright, frame.to_upright.inverse()
        self._size = (frame.width, frame.height)
        self.size = (frame.stored_width, frame.stored_height)
        self._turned: dict[Key, tuple[Annotation, Annotation]] = {}

    def _people(self, people: People) -> list[tuple[Key, Annotation]]:
        """The same objects as before for those who are the same as before: they cost clustering nothing."""
        found = []
        for key, person in people:
            known = self._turned.get(key)
            if known is None or known[0] is not person:
                known = self._turned[key] = (person, turned_person(person, self._in, self._size))
            found.append((key, known[1]))
        return found

    def _masks(self, masks: Masks) -> Masks:
        return {key: turned_mask(mask, self._out) for key, mask in masks.items()}

    def _answer(self, answer: tuple[Masks, Rectangle]) -> tuple[Masks, Rectangle]:
        return self._masks(answer[0]), turned_rectangle(answer[1], self._out)

    def _place(self, x: float, y: float, turn: Affine) -> tuple[float, float]:
        there = turn.apply(np.array([x, y], float))
        return float(there[0]), float(there[1])

    def take(self, people: People) -> Rectangle:
        """See ``LiveMasks``."""
        return turned_rectangle(self._upright.take(self._people(people)), self._out)

    def delivered(self) -> None:
        """See ``LiveMasks``."""
        self._upright.delivered()

    def listen_all(self, people: People, listener: Listener) -> None:
        """See ``LiveMasks``."""
        self._upright.listen_all(self._people(people), listener)

    def begin(self, key: Key) -> None:
        """See ``LiveMasks``."""
        self._upright.begin(key)

    def moved(self, to: Mapping[int, tuple[float, float]]) -> tuple[Masks, Rectangle]:
        """See ``LiveMasks``."""
        return self._answer(self._upright.moved({k: self._place(*p, self._in) for k, p in to.items()}))

    def listened(self, listener: Listener) -> tuple[Masks, Rectangle]:
        """See ``LiveMasks``."""
        return self._answer(self._upright.listened(listener))

    def edited(self, before: People, after: People, merged: Key | None = None) -> tuple[Masks, Rectangle]:
        """See ``LiveMasks``."""
        return self._answer(self._upright.edited(self._people(before), self._people(after), merged))

    def edit_listened(self, listener: Listener) -> Masks | None:
        """See ``LiveMasks``."""
        masks = self._upright.edit_listened(listener)
        return None if masks is None else self._masks(masks)

    def completed(
        self, people: People, key: Key, completer: Completer, listener: Listener | None
    ) -> tuple[dict[int, tuple[float, float, float]], Masks]:
        """See ``LiveMasks``."""
        joints, masks = self._upright.completed(self._people(people), key, completer, listener)
        return {k: (*self._place(x, y, self._out), sure) for k, (x, y, sure) in joints.items()}, self._masks(masks)

    def stroked(self, region: Mask, inside: bool, listener: Listener) -> tuple[Masks, Rectangle]:
        """See ``LiveMasks``."""
        return self._answer(self._upright.stroked(turned_mask(region, self._in), inside, listener))

    def masks_of_new(
        self,
        people: People,
        points: Mapping[int, tuple[float, float, int]],
        category: int = 1,
        listener: Listener | None = None,
    ) -> dict[Key | None, Mask]:
        """See ``LiveMasks``."""
        upright = {k: (*self._place(x, y, self._in), seen) for k, (x, y, seen) in points.items()}
        found = self._upright.masks_of_new(self._people(people), upright, category, listener)
        return {key: turned_mask(mask, self._out) for key, mask in found.items()}


def live_masks(upright: LiveMasks, frame: PhotoFrame, size: tuple[int, int]) -> LiveMasks | TurnedMasks:
    """The one for a photo that the project says has that size; (0, 0): not known."""
    known = size == (0, 0) or size == (frame.width, frame.height)
    return upright if known else TurnedMasks(upright, frame)
