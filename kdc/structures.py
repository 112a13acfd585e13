"""What the method hands out: masks and people, validated when built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.rle import checked_runs, crop_of_runs


@dataclass(frozen=True, eq=False)
class Mask:
    """A person's pixels, stored as the crop that holds them: fifty people in a 12 MP photo fit in memory.

    ``bits``: (h, w) bool, the crop. ``x``, ``y``: column and row of the crop's first pixel in the image.
    ``width``, ``height``: size of the image in pixels. Pixels outside the crop are not the person's.
    """

    bits: np.ndarray
    x: int
    y: int
    width: int
    height: int

    def __post_init__(self) -> None:
        bits = self.bits
        if not isinstance(bits, np.ndarray) or bits.dtype != np.bool_ or bits.ndim != 2:
            raise KdcError("Bad mask", "A mask's crop must be a two-dimensional array of bool.")
        h, w = bits.shape
        if self.x < 0 or self.y < 0 or self.x + w > self.width or self.y + h > self.height:
            raise KdcError(
                "Bad mask", f"The crop {w}x{h} at ({self.x}, {self.y}) leaves the image of {self.width}x{self.height}."
            )

    @classmethod
    def from_full(cls, full: np.ndarray) -> Mask:
        """The mask whose pixels are the non-zero ones of ``full`` (H, W), cropped to them."""
        bits = np.asarray(full) != 0
        return cls(bits, 0, 0, bits.shape[1], bits.shape[0]).tight()

    @classmethod
    def empty(cls, width: int, height: int) -> Mask:
        """A mask without pixels."""
        return cls(np.zeros((0, 0), bool), 0, 0, width, height)

    @classmethod
    def from_rle(cls, rle: Mapping[str, Any]) -> Mask:
        """The mask of a COCO RLE (``size`` [H, W], ``counts`` packed as str or bytes, or a list).

        Raises KdcError where the runs do not fill the photo, or are none.
        """
        try:
            runs, width, height = checked_runs(rle)
        except ValueError as error:
            raise KdcError("Unreadable mask", f"The mask can't be read: {error}.") from None
        return cls.from_runs(runs, width, height)

    @classmethod
    def from_runs(cls, runs: np.ndarray, width: int, height: int) -> Mask:
        """The mask of run lengths that ``kdc.rle.checked_runs`` let pass."""
        bits, x, y = crop_of_runs(runs, height)
        return cls(bits, x, y, width, height)

    def tight(self) -> Mask:
        """The same pixels in the smallest crop, row by row in memory as OpenCV wants them; itself where it is that already."""
        bits = self.bits
        if (
            bits.size
            and bits.flags.c_contiguous
            and bits[0].any()
            and bits[-1].any()
            and bits[:, 0].any()
            and bits[:, -1].any()
        ):
            return self
        rows = np.flatnonzero(self.bits.any(1))
        if not len(rows):
            return Mask.empty(self.width, self.height)
        cols = np.flatnonzero(self.bits.any(0))
        top, bottom, left, right = rows[0], rows[-1] + 1, cols[0], cols[-1] + 1
        crop = np.ascontiguousarray(self.bits[top:bottom, left:right])
        return Mask(crop, self.x + int(left), self.y + int(top), self.width, self.height)

    def to_full(self) -> np.ndarray:
        """(H, W) bool over the whole image."""
        full = np.zeros((self.height, self.width), bool)
        h, w = self.bits.shape
        full[self.y : self.y + h, self.x : self.x + w] = self.bits
        return full

    def to_rle(self) -> dict[str, Any]:
        """Compressed COCO RLE over the whole image, ``counts`` as str (JSON-ready)."""
        rle = coco_mask.encode(np.asfortranarray(self.to_full(), dtype=np.uint8))
        return {"size": [self.height, self.width], "counts": rle["counts"].decode("ascii")}

    @property
    def area(self) -> int:
        """Number of pixels."""
        return int(np.count_nonzero(self.bits))

    @property
    def box(self) -> tuple[int, int, int, int]:
        """(x, y, w, h) of the smallest box around the pixels, COCO's continuous frame; zeros when empty."""
        tight = self.tight()
        h, w = tight.bits.shape
        return (tight.x, tight.y, w, h) if h else (0, 0, 0, 0)

    def iou(self, other: Mask) -> float:
        """Intersection over union with another mask of the same image; 0 when both are empty."""
        left, top = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.bits.shape[1], other.x + other.bits.shape[1])
        bottom = min(self.y + self.bits.shape[0], other.y + other.bits.shape[0])
        common = 0
        if right > left and bottom > top:
            a = self.bits[top - self.y : bottom - self.y, left - self.x : right - self.x]
            b = other.bits[top - other.y : bottom - other.y, left - other.x : right - other.x]
            common = int(np.count_nonzero(a & b))
        union = self.area + other.area - common
        return common / union if union else 0.0


@dataclass(frozen=True, eq=False)
class Person:
    """One person that the method found or was told of, in the pixels of one image.

    ``keypoints``: (K, 3) float32: x, y (see ``kdc.geometry`` for the frame) and confidence in [0, 1]; a
    joint with confidence 0 is absent and its position means nothing. ``score``: confidence in [0, 1] that
    this is a person. ``visibility``: (K,) uint8, COCO's 0 unlabelled, 1 occluded, 2 visible; derived from
    the confidences (2 or 0) where not given. ``mask``: its pixels, or None where nobody computed them.
    """

    keypoints: np.ndarray
    score: float = 1.0
    visibility: np.ndarray | None = None
    mask: Mask | None = None

    def __post_init__(self) -> None:
        points = np.asarray(self.keypoints, np.float32)
        if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
            raise KdcError(
                "Bad person", "A person's keypoints must be K rows of three finite numbers: x, y, confidence."
            )
        confidence = points[:, 2]
        if not 0 <= self.score <= 1 or (len(points) and not 0 <= confidence.min() <= confidence.max() <= 1):
            raise KdcError("Bad person", "Confidences and scores lie between 0 and 1.")
        seen = self.visibility
        flags = np.where(confidence > 0, 2, 0) if seen is None else np.asarray(seen)
        if flags.shape != (len(points),) or not ((flags == 0) | (flags == 1) | (flags == 2)).all():
            raise KdcError("Bad person", "Visibility is 0, 1 or 2 for each keypoint.")
        object.__setattr__(self, "keypoints", points)
        object.__setattr__(self, "visibility", flags.astype(np.uint8))

    def with_mask(self, mask: Mask | None) -> Person:
        """The same person with another mask."""
        return replace(self, mask=mask)

    @property
    def present(self) -> np.ndarray:
        """(K,) bool: which joints the person has."""
        return self.keypoints[:, 2] > 0
