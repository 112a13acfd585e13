"""Masks beside the clustering that moves them: what belongs to whom before a gesture and after it. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle, union
from kdc_annotator.engine.live import crop_of
from kdc_annotator.ui.scene import Key

NOTHING: Rectangle = (0, 0, 0, 0)


@dataclass(frozen=True, eq=False)
class Anchor:
    """A person's ``mask`` before clustering first had a hand in it, and what gestures made of it since, inside ``window``.

    ``was``, ``now``: (h, w) bool, the pixels there that clustering gave the person then and after the last gesture. ``result``: the
    mask that the last gesture left. Without this, what a first drag takes from a mask that is not clustering's own, and a second one
    gives back, would be clustering's: slivers along the edges.
    """

    mask: Mask
    window: Rectangle
    was: np.ndarray
    now: np.ndarray
    result: Mask


@dataclass(frozen=True, eq=False)
class Origin:
    """What somebody who was merged or split held before: the pixels of these ``numbers``, but not those in ``others``' shares.

    ``closed``: shares of people whom clustering does not know, since they have no joints; nobody gets those. ``window``: around all shares.
    """

    numbers: tuple[int, ...]
    others: tuple[Mask, ...] = ()
    closed: tuple[Mask, ...] = ()
    window: Rectangle = NOTHING

    def before(self, labels: np.ndarray, window: Rectangle) -> np.ndarray:
        """(h, w) bool in ``window``. ``labels``: the whole map before."""
        held = np.isin(crop(labels, window), self.numbers)
        for mask in self.others:
            held &= ~crop_of(mask, window)
        return held

    def open(self, held: np.ndarray, window: Rectangle) -> np.ndarray:
        """``held`` without the closed shares."""
        for mask in self.closed:
            held = held & ~crop_of(mask, window)
        return held


@dataclass(frozen=True, eq=False)
class Outcome:
    """An edit that is no drag and no stroke. ``people``: who is there afterwards. ``removed``: the person in hand is gone; what that
    one held goes to the model's people alone. ``origins``: of those who were merged or split."""

    people: frozenset[Key]
    removed: bool
    origins: Mapping[Key, Origin] = field(default_factory=dict)

    def spares(self, key: Key, annotation: Annotation) -> bool:
        """Whether the edit leaves that person's mask alone."""
        return key not in self.people or (self.removed and annotation.provenance.source != "model")


def origins_of_split(number: int, shares: Mapping[Key, Annotation], known: Sequence[Key]) -> dict[Key, Origin]:
    """``shares``: those whom a person of that number was split into; ``known``: those of them who have joints."""
    masks = {k: a.mask for k, a in shares.items() if a.mask is not None and a.mask.bits.size}
    window = NOTHING
    for mask in masks.values():
        window = union(window, box_of(mask))
    closed = tuple(m for k, m in masks.items() if k not in known)
    return {k: Origin((number,), tuple(m for o, m in masks.items() if o != k), closed, window) for k in known}


def crop(labels: np.ndarray, window: Rectangle, corner: tuple[int, int] = (0, 0)) -> np.ndarray:
    """The part of ``labels``, whose first pixel lies at ``corner``, in ``window``; a view."""
    x, y, w, h = window[0] - corner[0], window[1] - corner[1], *window[2:]
    return labels[y : y + h, x : x + w]


def alike(a: Mask, b: Mask) -> bool:
    """Whether two masks of a photo have the same pixels."""
    if a is b:
        return True
    a, b = a.tight(), b.tight()
    return (a.x, a.y, a.bits.shape) == (b.x, b.y, b.bits.shape) and bool((a.bits == b.bits).all())


def box_of(mask: Mask) -> Rectangle:
    """The rectangle of the mask's crop."""
    height, width = mask.bits.shape
    return (mask.x, mask.y, width, height) if mask.bits.size else NOTHING


def fingerprint(annotation: Annotation) -> tuple[bytes, bytes]:
    """Of the joints, and of the pinned pixels."""
    pins = repr((annotation.pinned_in, annotation.pinned_out)).encode("utf-8", "backslashreplace")
    return annotation.keypoints.tobytes(), pins
