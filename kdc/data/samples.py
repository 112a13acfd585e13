"""What a training sample is, and the protocol that every dataset keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from kdc.geometry import Affine
from kdc.schema import PoseSchema

MASK_STATES = ("complete", "partial", "none")
FAR = 8000.0
"""Pixels beyond which a polygon's corner is moved in: nothing there is seen, and drawing it would take long."""


@dataclass(frozen=True, eq=False)
class PersonLabel:
    """One labelled person of a photo, in the photo's pixels.

    ``keypoints``: (K, 3) float32 x, y, v. ``labelled``: whether its keypoints were annotated at all; if not, nothing is known
    about joints on its pixels. ``segmentation``: COCO polygons (continuous frame), an RLE dict, or None where the mask is
    unknown. ``box``: x, y, w, h in COCO's continuous frame. ``crowd``: a region of several people.
    """

    keypoints: np.ndarray
    labelled: bool
    segmentation: Any
    box: tuple[float, float, float, float]
    crowd: bool = False

    @property
    def has_mask(self) -> bool:
        """Whether the pixels are known."""
        return bool(self.segmentation)

    def render(self, transform: Affine, width: int, height: int) -> np.ndarray | None:
        """The mask after ``transform``, (height, width) uint8 0/1, or None where it is unknown."""
        if not self.has_mask:
            return None
        if isinstance(self.segmentation, dict):
            rle = self.segmentation
            if isinstance(rle["counts"], list):
                rle = coco_mask.frPyObjects(rle, *rle["size"])
            bits = coco_mask.decode(rle) * np.uint8(255)
            warped = cv2.warpAffine(bits, transform.matrix, (width, height), flags=cv2.INTER_LINEAR)
            return (warped > 127).astype(np.uint8)
        # COCO's own way from polygons to pixels, as masks are judged by it; OpenCV's also draws the outline, which makes the small ones
        # a sixth larger.
        moved = [transform.apply(np.asarray(p, np.float64).reshape(-1, 2) - 0.5) + 0.5 for p in self.segmentation]
        clipped = [np.clip(p, -FAR, FAR).ravel().tolist() for p in moved]
        rles = coco_mask.frPyObjects(clipped, height, width)
        return np.ascontiguousarray(coco_mask.decode(coco_mask.merge(rles)), np.uint8)


@dataclass(frozen=True, eq=False)
class Sample:
    """A photo with its labels.

    ``image``: (H, W, 3) uint8 RGB. ``masks``: ``complete`` (every person has a mask), ``partial`` or ``none``.
    ``known_joints``: (K,) bool, which joints this dataset labels at all. ``joints_complete``: False where people may be
    in the photo whose keypoints nobody labelled and nobody marked (a dataset of masks only).
    """

    name: str
    image: np.ndarray
    people: Sequence[PersonLabel]
    masks: str
    known_joints: np.ndarray
    joints_complete: bool = True
    problems: tuple[str, ...] = field(default=())


def mask_state(said: object, people: Sequence[PersonLabel]) -> str:
    """``said`` where it is one of ``MASK_STATES`` and the labels do not deny it; else what the labels tell."""
    single = [p for p in people if not p.crowd]
    count = sum(p.has_mask for p in single)
    if said == "complete" and count < len(single):
        return "partial"
    if said in MASK_STATES:
        return str(said)
    return "complete" if count == len(single) else "partial" if count else "none"


def ever_labelled(known: np.ndarray, groups: Iterable[Iterable[PersonLabel]]) -> np.ndarray:
    """``known`` (K,) bool without the joints that nobody in ``groups``, the people of each photo, has: a file may name a joint that
    nobody ever labelled in it. Where nobody has any joint, ``known`` as it is."""
    seen = np.zeros(len(known), bool)
    for people in groups:
        for person in people:
            seen |= person.keypoints[:, 2] > 0
    return known & seen if seen.any() else known


class Dataset(Protocol):
    """Photos with labels, by index."""

    schema: PoseSchema

    def __len__(self) -> int:
        """Number of photos."""
        ...

    def __getitem__(self, index: int) -> Sample:
        """The photo and its labels."""
        ...

    def name(self, index: int) -> str:
        """What the photo is called, without reading it."""
        ...

    def people(self, index: int) -> Sequence[PersonLabel]:
        """Its labels, without reading the photo where the dataset can; else empty."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """What can't be used, each with photo and reason."""
        ...


class Subset:
    """Some photos of a dataset, in the order of ``indices``."""

    def __init__(self, dataset: Dataset, indices: Sequence[int]) -> None:
        self.schema = dataset.schema
        self._dataset, self._indices = dataset, tuple(indices)

    def __len__(self) -> int:
        return len(self._indices)

    def __getitem__(self, index: int) -> Sample:
        return self._dataset[self._indices[index]]

    def name(self, index: int) -> str:
        """See ``Dataset``."""
        return self._dataset.name(self._indices[index])

    def people(self, index: int) -> Sequence[PersonLabel]:
        """See ``Dataset``."""
        return self._dataset.people(self._indices[index])

    @property
    def problems(self) -> Sequence[str]:
        """See ``Dataset``."""
        return self._dataset.problems
