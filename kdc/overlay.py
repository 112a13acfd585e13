"""People drawn on their photo: tinted masks, outlines, limbs and joints, one colour per person.

Line widths grow with the photo and shrink for small people. Outlines have a thin dark and a thin light rim, so that
they read on snow and on night. What is in front is drawn last: people come by score, and the best lie on top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from kdc.schema import PoseSchema
from kdc.structures import Mask, Person

PALETTE = (
    (105, 180, 255), (150, 255, 0), (195, 60, 45), (90, 255, 210), (135, 45, 255), (210, 135, 0),
    (75, 240, 255), (180, 75, 105), (210, 240, 120), (165, 90, 165), (105, 90, 210), (120, 195, 120),
)  # fmt: skip
"""Twelve RGB colours of twelve hues, searched so that any two are at least 26 apart in CIE Lab, for eyes that confuse
red and green too."""

TINT = 0.35
_DARK, _LIGHT = (16, 16, 20), (255, 255, 255)
_SHIFT = 4
_PRECISION = 1 << _SHIFT


def draw_people(image: np.ndarray, people: Sequence[Person], schema: PoseSchema) -> np.ndarray:
    """A copy of ``image`` (H, W, 3) uint8 RGB with ``people`` on it, who are in its pixels.

    A joint with v = 1 is hollow; absent joints, and limbs that end in one, are not drawn.
    """
    out = np.ascontiguousarray(image).copy()
    colours = assign_colours(people)
    unit = max(out.shape[:2]) / 640
    for person, colour in reversed(list(zip(people, colours, strict=True))):
        if person.mask is not None and person.mask.area:
            _tint(out, person.mask, colour)
    for person, colour in reversed(list(zip(people, colours, strict=True))):
        width = _line_width(person, unit)
        if person.mask is not None and person.mask.area:
            _outline(out, person.mask, colour, width)
    for person, colour in reversed(list(zip(people, colours, strict=True))):
        _skeleton(out, person, schema, colour, _line_width(person, unit))
    return out


def assign_colours(people: Sequence[Person]) -> list[tuple[int, int, int]]:
    """A colour of ``PALETTE`` for each person, so that people whose boxes touch get well different ones.

    Greedy, in the given order: the least used of the colours that are ``_APART`` from those of the neighbours, or the
    farthest from them where none is. Only a person with twelve neighbours or more may share a colour with one.
    """
    distances = palette_distances()
    boxes = [_box(p) for p in people]
    chosen: list[int] = []
    uses = [0] * len(PALETTE)
    for i, box in enumerate(boxes):
        near = [chosen[j] for j in range(i) if _touch(box, boxes[j])]
        apart = distances[:, near].min(1) if near else np.full(len(PALETTE), np.inf)
        good = np.flatnonzero(apart >= min(_APART, float(apart.max())))
        best = min((int(c) for c in good), key=lambda c: (uses[c], c))
        chosen.append(best)
        uses[best] += 1
    return [PALETTE[c] for c in chosen]


_APART = 40.0
"""Distance in CIE Lab that the colours of neighbours keep where the palette allows it."""


@cache
def palette_distances() -> np.ndarray:
    """(12, 12) float: the smallest Lab distance over normal, protan and deutan sight (Machado et al. 2009, severity 1)."""
    rgb = np.array(PALETTE, np.float32) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    sights = (
        np.eye(3),
        np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
        np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    )
    least = np.full((len(PALETTE), len(PALETTE)), np.inf)
    for sight in sights:
        lab = _lab(np.clip(linear @ sight.T, 0, 1))
        least = np.minimum(least, np.linalg.norm(lab[:, None] - lab[None], axis=2))
    return least


def _lab(linear: np.ndarray) -> np.ndarray:
    """Linear sRGB in [0, 1] -> CIE Lab under D65, (n, 3). OpenCV's works out tables for a tenth of a second first."""
    matrix = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
    t = linear @ matrix.T / (0.950456, 1.0, 1.088754)
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    light = np.where(t[:, 1] > 0.008856, 116 * np.cbrt(t[:, 1]) - 16, 903.3 * t[:, 1])
    return np.stack([light, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], 1)


@dataclass(frozen=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float


def _box(person: Person) -> _Box:
    xy = person.keypoints[person.present, :2]
    corners = [xy.min(0), xy.max(0)] if len(xy) else []
    if person.mask is not None and person.mask.area:
        x, y, w, h = person.mask.box
        corners += [np.array([x, y]), np.array([x + w, y + h])]
    if not corners:
        return _Box(0, 0, -1, -1)
    low, high = np.min(corners, 0), np.max(corners, 0)
    margin = 0.1 * float((high - low).max())
    return _Box(low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)


def _touch(a: _Box, b: _Box) -> bool:
    return a.left <= b.right and b.left <= a.right and a.top <= b.bottom and b.top <= a.bottom


def _line_width(person: Person, unit: float) -> float:
    """Width of a person's lines in pixels: 2.4 in a photo of 640, less for a person under a third of that."""
    box = _box(person)
    size = max(box.right - box.left, box.bottom - box.top, 1.0) / unit
    return float(2.4 * unit * np.clip(size / 210, 0.35, 1.0))


def _tint(out: np.ndarray, mask: Mask, colour: tuple[int, int, int]) -> None:
    h, w = mask.bits.shape
    window = out[mask.y : mask.y + h, mask.x : mask.x + w]
    mixed = cv2.addWeighted(window, 1 - TINT, np.full_like(window, colour), TINT, 0)
    cv2.copyTo(mixed, mask.bits.astype(np.uint8), window)


def _outline(out: np.ndarray, mask: Mask, colour: tuple[int, int, int], width: float) -> None:
    """A dark, a light and a coloured line by distance from the mask's edge, the colour on the inner side."""
    margin = int(np.ceil(2 * width)) + 2
    top, left = max(0, mask.y - margin), max(0, mask.x - margin)
    bottom = min(mask.height, mask.y + mask.bits.shape[0] + margin)
    right = min(mask.width, mask.x + mask.bits.shape[1] + margin)
    inside = np.zeros((bottom - top, right - left), np.uint8)
    inside[mask.y - top : mask.y - top + mask.bits.shape[0], mask.x - left : mask.x - left + mask.bits.shape[1]] = (
        mask.bits
    )
    # Beyond the photo's border the person goes on: no outline runs along it.
    padded = cv2.copyMakeBorder(inside, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    signed: np.ndarray = cv2.distanceTransform(1 - padded, cv2.DIST_L2, 3) - cv2.distanceTransform(
        padded, cv2.DIST_L2, 3
    )
    signed = cv2.GaussianBlur(signed, (0, 0), max(0.8, 0.5 * width))[margin:-margin, margin:-margin]
    rim = max(0.8, 0.3 * width)
    rows, columns = np.nonzero(np.abs(signed) < width + rim + 1)
    distance = signed[rows, columns]
    pixels = out[top + rows, left + columns].astype(np.float32)
    bands = (
        (-width - rim, rim * 2 + width, _DARK, 0.55),
        (-width, rim + width, _LIGHT, 0.9),
        (-width, width, colour, 1.0),
    )
    for start, length, tone, strength in bands:
        cover = np.clip(distance - start + 0.5, 0, 1) * np.clip(start + length - distance + 0.5, 0, 1) * strength
        pixels += (np.array(tone, np.float32) - pixels) * cover[:, None].astype(np.float32)
    out[top + rows, left + columns] = np.rint(pixels).astype(np.uint8)


def _skeleton(out: np.ndarray, person: Person, schema: PoseSchema, colour: tuple[int, int, int], width: float) -> None:
    seen = np.asarray(person.visibility)
    labelled = person.present & (seen > 0)  # A guess that the model does not stand by is no joint.
    limbs = [(a, b) for a, b in schema.skeleton if labelled[a] and labelled[b]]
    bright = tuple(int(c + 0.35 * (255 - c)) for c in colour)
    for tone, extra in ((_DARK, 0.9), (bright, 0.0)):
        for a, b in limbs:
            _line(out, person.keypoints[a], person.keypoints[b], tone, width * (0.9 + extra))
    for k in np.flatnonzero(labelled):
        _dot(out, person.keypoints[k], _DARK, width * 2.0)
        _dot(out, person.keypoints[k], _LIGHT, width * 1.65)
        _dot(out, person.keypoints[k], colour, width * 1.25)
        if seen[k] == 1:
            _dot(out, person.keypoints[k], _LIGHT, width * 0.7)


def _fixed(point: np.ndarray) -> tuple[int, int]:
    x, y = np.clip(point[:2], -30_000, 60_000)
    return round(float(x) * _PRECISION), round(float(y) * _PRECISION)


def _line(out: np.ndarray, a: np.ndarray, b: np.ndarray, tone: Sequence[int], width: float) -> None:
    cv2.line(out, _fixed(a), _fixed(b), tuple(tone), max(1, round(width)), cv2.LINE_AA, _SHIFT)


def _dot(out: np.ndarray, point: np.ndarray, tone: Sequence[int], radius: float) -> None:
    cv2.circle(out, _fixed(point), max(1, round(radius * _PRECISION)), tuple(tone), -1, cv2.LINE_AA, _SHIFT)
