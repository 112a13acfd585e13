"""What the re-clusterer knows of each person: frozen values, so that any earlier state can be put back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from kdc.errors import KdcError
from kdc.geometry import Letterbox
from kdc.structures import Mask, Person

Rect = tuple[int, int, int, int]
"""(x, y, w, h) in whole photo pixels; zero width or height: nothing."""

Kind = Literal["paint", "erase"]

MAX_NUMBER = 65534
"""Person numbers are 1 to this one: labels are uint16."""


@dataclass(frozen=True, eq=False)
class Correction:
    """What was learnt or painted over the clustering rule, on a grid: added to the rule's score.

    ``values``: (h, w) float32, in the unit of scores (a score lies in [-0.5, 0.5], above 0 is the person's). The grid's cell
    (i, j) = column i, row j has its centre at photo pixel (``x`` + i ``step_x``, ``y`` + j ``step_y``). Outside it: 0.
    """

    values: np.ndarray
    x: float
    y: float
    step_x: float
    step_y: float

    def __post_init__(self) -> None:
        values = np.ascontiguousarray(self.values, np.float32)
        if values.ndim != 2 or not values.size or not np.isfinite(values).all() or min(self.step_x, self.step_y) <= 0:
            raise KdcError("Bad correction", "A correction is a grid of finite numbers with positive steps.")
        object.__setattr__(self, "values", values)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(x0, y0, x1, y1): centres of the first and last cells, photo pixels."""
        h, w = self.values.shape
        return self.x, self.y, self.x + (w - 1) * self.step_x, self.y + (h - 1) * self.step_y


@dataclass(frozen=True, eq=False)
class LivePerson:
    """One person as clustering sees them; positions are PHOTO pixels.

    ``number``: stable, 1 to ``MAX_NUMBER``. ``points``: (K, 2) float64. ``confidence``: (K,) float32 in [0, 1], the network's; 0 =
    no such joint. ``confirmed``: (K,) bool, placed or confirmed by hand: weight 1. ``visibility``: (K,) uint8, 0 absent (weight 0
    if confirmed), 1 hidden, 2 visible. ``locked``: nothing of the person may change. ``drawn``: a mask drawn by hand, which
    stands until it is released; may overlap others. ``frozen``: the mask that a lock keeps. ``painted``, ``erased``: pinned
    pixels. ``correction``: of the refinement that listens.
    """

    number: int
    points: np.ndarray
    confidence: np.ndarray
    confirmed: np.ndarray
    visibility: np.ndarray
    locked: bool = False
    drawn: Mask | None = None
    frozen: Mask | None = None
    painted: Mask | None = None
    erased: Mask | None = None
    correction: Correction | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.number <= MAX_NUMBER:
            raise KdcError("Too many people", f"Person numbers go from 1 to {MAX_NUMBER}, not {self.number}.")
        points = np.array(self.points, np.float64)
        count = len(points)
        shapes = [np.shape(a) for a in (self.confidence, self.confirmed, self.visibility)]
        if points.shape != (count, 2) or not np.isfinite(points).all() or any(s != (count,) for s in shapes):
            raise KdcError("Bad person", f"Person {self.number}: each keypoint needs a finite x and y and its flags.")
        for name, value in (
            ("points", points),
            ("confidence", np.array(self.confidence, np.float32)),
            ("confirmed", np.array(self.confirmed, bool)),
            ("visibility", np.array(self.visibility, np.uint8)),
        ):
            value.setflags(write=False)
            object.__setattr__(self, name, value)

    @classmethod
    def placed(cls, number: int, keypoints: np.ndarray) -> LivePerson:
        """A person placed by hand: ``keypoints`` (K, 3) photo x, y and visibility 0, 1, 2; labelled joints are confirmed."""
        points = np.asarray(keypoints, np.float64)
        flags = points[:, 2].astype(np.uint8)
        there = flags > 0
        return cls(number, points[:, :2], there.astype(np.float32), there, flags)

    @classmethod
    def found(cls, number: int, person: Person) -> LivePerson:
        """A person that the network found, in PHOTO pixels (as ``Predictor.predict`` hands them out)."""
        points = person.keypoints
        flags = person.visibility if person.visibility is not None else np.zeros(len(points), np.uint8)
        return cls(number, points[:, :2], points[:, 2], np.zeros(len(points), bool), flags)

    @property
    def present(self) -> np.ndarray:
        """(K,) bool: which joints there are, by the labeler's word where it is known, else by the network's."""
        return np.where(self.confirmed, self.visibility > 0, self.confidence > 0)  # type: ignore[no-any-return]

    def weights(self, confident: float) -> np.ndarray:
        """(K,) float32: 1 for a confirmed joint, 0 for one confirmed as absent, else the network's confidence, but 0
        below ``confident`` unless no joint is above it."""
        free = np.where(self.confirmed, 0, self.confidence)
        sure = self.confirmed & (self.visibility > 0)
        strong = free >= confident
        kept = np.where(strong, free, 0) if strong.any() or sure.any() else free
        return np.where(sure, 1, kept).astype(np.float32)

    def with_joint(self, joint: int, x: float, y: float, visibility: int) -> LivePerson:
        """The person with one joint confirmed by hand at photo (x, y); visibility 0 makes it absent."""
        if not 0 <= joint < len(self.points):
            raise KdcError("No such keypoint", f"Person {self.number} has no keypoint number {joint + 1}.")
        if not np.isfinite([x, y]).all():
            raise KdcError("Bad keypoint", f"Person {self.number}: a keypoint needs a finite position.")
        points, confirmed, flags = self.points.copy(), self.confirmed.copy(), self.visibility.copy()
        points[joint], confirmed[joint], flags[joint] = (x, y), True, visibility
        return replace(self, points=points, confirmed=confirmed, visibility=flags)

    def to_input(self, letterbox: Letterbox, confident: float) -> Person:
        """The person in INPUT pixels as ``kdc.decode`` takes people: weights as confidences."""
        points = letterbox.to_input.apply(self.points)
        return Person(np.column_stack([points, self.weights(confident)]), 1.0, self.visibility)


@dataclass(frozen=True)
class State:
    """Everything that decides the labels besides fields, photo and rule: put it back and the labels are back.

    ``people``: number -> person. ``background``: pixels pinned to nobody.
    """

    people: Mapping[int, LivePerson] = field(default_factory=dict)
    background: Mask | None = None


@dataclass(frozen=True, eq=False)
class Change:
    """What an operation did. ``labels``: the whole live label map, (H, W) uint16, NOT a copy: 0 = background, else the
    person's number. ``rect``: the photo pixels that may differ from before. ``number``: the person made or edited, 0 for none."""

    labels: np.ndarray
    rect: Rect
    number: int = 0


def union_rect(a: Rect, b: Rect) -> Rect:
    """The smallest rectangle around both."""
    if a[2] <= 0 or a[3] <= 0:
        return b
    if b[2] <= 0 or b[3] <= 0:
        return a
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return x, y, max(a[0] + a[2], b[0] + b[2]) - x, max(a[1] + a[3], b[1] + b[3]) - y


def join(masks: Sequence[Mask | None]) -> Mask | None:
    """The union of masks of one photo, None where there is no pixel."""
    there = [m for m in masks if m is not None and m.bits.any()]
    if not there:
        return None
    x0, y0 = min(m.x for m in there), min(m.y for m in there)
    x1 = max(m.x + m.bits.shape[1] for m in there)
    y1 = max(m.y + m.bits.shape[0] for m in there)
    bits = np.zeros((y1 - y0, x1 - x0), bool)
    for m in there:
        h, w = m.bits.shape
        bits[m.y - y0 : m.y - y0 + h, m.x - x0 : m.x - x0 + w] |= m.bits
    return Mask(bits, x0, y0, there[0].width, there[0].height)


def without(mask: Mask | None, other: Mask | None) -> Mask | None:
    """The pixels of ``mask`` that are not in ``other``, None where none are left."""
    if mask is None or other is None:
        return mask
    bits = mask.bits & ~crop_of(other, (mask.x, mask.y, mask.bits.shape[1], mask.bits.shape[0]))
    return Mask(bits, mask.x, mask.y, mask.width, mask.height).tight() if bits.any() else None


def crop_of(mask: Mask, rect: Rect) -> np.ndarray:
    """(h, w) bool: the mask's pixels in ``rect``."""
    x, y, w, h = rect
    out = np.zeros((h, w), bool)
    left, top = max(x, mask.x), max(y, mask.y)
    right, bottom = min(x + w, mask.x + mask.bits.shape[1]), min(y + h, mask.y + mask.bits.shape[0])
    if right > left and bottom > top:
        out[top - y : bottom - y, left - x : right - x] = mask.bits[
            top - mask.y : bottom - mask.y, left - mask.x : right - mask.x
        ]
    return out


def rect_of(mask: Mask | None) -> Rect:
    """The mask's crop as a rectangle."""
    return (0, 0, 0, 0) if mask is None else (mask.x, mask.y, mask.bits.shape[1], mask.bits.shape[0])
