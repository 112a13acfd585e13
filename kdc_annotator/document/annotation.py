"""A person's annotation and a photo's record: frozen, with who said it, and with every imported value kept as it came.

How losslessness works. ``raw`` is the annotation's dict as it stood in the imported file (empty for a person who was
made here). The parsed fields are read from it by ``records.annotation_from_raw``. ``touched`` names the COCO keys that were
set here instead; only those are stored and exported from the parsed fields, all else from ``raw``. So
``annotation_to_raw(annotation_from_raw(raw, ...)) == raw`` for every raw, readable or not.

The COCO keys that can be touched (``FIELDS``): category_id, keypoints, segmentation, bbox, iscrowd, attributes,
track_id, score. What follows from them (num_keypoints, area, bbox) is worked out on export.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np

from kdc.errors import KdcError
from kdc.rle import MAX_PIXELS, box_of_runs
from kdc.structures import Mask
from kdc_annotator.document.mask_shapes import without
from kdc_annotator.document.segmentation import Runs, decode_segmentation, encode_mask, encode_runs, runs_of

Source = Literal["human", "model", "imported"]
Status = Literal["untouched", "proposed", "in progress", "done", "done and empty", "skipped"]
SOURCES: tuple[Source, ...] = ("human", "model", "imported")
STATUSES: tuple[Status, ...] = ("untouched", "proposed", "in progress", "done", "done and empty", "skipped")

FIELDS: dict[str, str] = {
    "category_id": "category_id",
    "keypoints": "keypoints",
    "segmentation": "segmentation",
    "bbox": "box",
    "iscrowd": "crowd",
    "attributes": "attributes",
    "track_id": "track",
    "score": "score",
}
"""COCO key -> field of ``Annotation``."""
_LONGEST = 1 << 24
"""Pixels; no photo is longer."""
_NOT_YET = object()
"""In place of a mask that is not decoded."""
_KEYS = {name: key for key, name in FIELDS.items()}


def now() -> str:
    """The present moment as ISO text, UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Provenance:
    """Who said it, when, and whether a human confirmed it.

    ``name`` and ``version``: the labeler's name, the model's name and version, or the imported file's name.
    ``time``: ISO text. ``proposal_id``: the proposal that was accepted to make this person.
    """

    source: Source = "human"
    name: str = ""
    version: str = ""
    time: str = ""
    confirmed: bool = False
    confirmed_by: str = ""
    proposal_id: int | None = None

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise KdcError(
                "Bad provenance", f"An annotation comes from one of {', '.join(SOURCES)}, not from {self.source!r}."
            )

    @property
    def human(self) -> bool:
        """A human made or confirmed it, or it came with an imported file: not a bare prediction."""
        return self.source != "model" or self.confirmed

    def to_json(self) -> dict[str, Any]:
        """The values that differ from the defaults."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Provenance:
        """What ``to_json`` wrote."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in data.items() if k in known})


@dataclass(frozen=True, eq=False)
class Annotation:
    """One person (or one proposal) in one image.

    ``id``: stable, unique in the project; COCO's where imported. ``order``: place in the drawing order and in the
    exported file, later is on top. ``size``: (width, height) of the image in pixels.
    ``keypoints``: (K, 3) float64: x, y as pixel indices and v in {0, 1, 2}, the exact values as they came.
    ``confidence``: (K,) float64 in [0, 1] from a model, or None. ``confirmed_keypoints``: (K,) bool, moved or confirmed by a human.
    ``segmentation``: the mask as COCO JSON (polygons or RLE), None where there is none; ``mask`` decodes it on demand.
    ``box``: (x, y, w, h) continuous, or None. ``crowd``: a crowd region. ``track``, ``score``, ``attributes``: as they came.
    ``pinned_in``, ``pinned_out``: compressed RLE of pixels that the labeler painted or erased: clustering leaves them alone.
    ``released``: the labeler let clustering have the mask that came with an imported file; see ``drawn``.
    ``raw``, ``touched``: see the module.
    """

    id: int
    size: tuple[int, int]
    keypoints: np.ndarray
    category_id: int = 1
    order: int = 0
    confidence: np.ndarray | None = None
    confirmed_keypoints: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))
    segmentation: Any = None
    box: tuple[float, float, float, float] | None = None
    crowd: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    track: Any = None
    score: float | None = None
    provenance: Provenance = Provenance()
    locked: bool = False
    pinned_in: Mapping[str, Any] | None = None
    pinned_out: Mapping[str, Any] | None = None
    released: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        points = np.array(self.keypoints, np.float64)
        if points.size == 0:
            points = points.reshape(-1, 3)
        if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
            raise KdcError("Bad annotation", f"Person {self.id}: keypoints are K rows of three finite numbers.")
        if not {0.0, 1.0, 2.0}.issuperset(points[:, 2].tolist()):
            raise KdcError("Bad annotation", f"Person {self.id}: a keypoint's visibility is 0, 1 or 2.")
        confirmed = np.array(self.confirmed_keypoints, bool)
        if len(confirmed) != len(points):
            if len(confirmed):
                raise KdcError("Bad annotation", f"Person {self.id}: one confirmed flag for each keypoint.")
            confirmed = np.zeros(len(points), bool)
        confidence = None if self.confidence is None else np.array(self.confidence, np.float64)
        if confidence is not None and (confidence.shape != (len(points),) or not np.isfinite(confidence).all()):
            raise KdcError("Bad annotation", f"Person {self.id}: one finite confidence for each keypoint.")
        if not self.touched <= FIELDS.keys():
            raise KdcError(
                "Bad annotation", f"Person {self.id}: {sorted(self.touched - FIELDS.keys())} can't be edited."
            )
        for array in (points, confirmed, confidence):
            if array is not None:
                array.setflags(write=False)
        object.__setattr__(self, "keypoints", points)
        object.__setattr__(self, "confirmed_keypoints", confirmed)
        object.__setattr__(self, "confidence", confidence)
        object.__setattr__(self, "size", (int(self.size[0]), int(self.size[1])))

    @classmethod
    def new(
        cls, id: int, size: tuple[int, int], keypoints: np.ndarray, mask: Mask | None = None, **values: Any
    ) -> Annotation:
        """A person made here: every field given counts as touched. ``values``: further fields of the class."""
        if mask is not None:
            values["segmentation"] = encode_mask(mask)
        touched = {_KEYS[name] for name in values if name in _KEYS} | {"keypoints", "category_id"}
        result = cls(id, size, keypoints, touched=frozenset(touched), **values)
        if mask is not None and (mask.width, mask.height) == result.size and mask.bits.any():
            result.__dict__["mask"] = mask.tight()
        return result

    def edited(self, **values: Any) -> Annotation:
        """The same person with other values; those that COCO knows count as touched. ``mask=`` sets the
        segmentation; a mask without pixels is no mask."""
        if "mask" in values:
            mask = values.pop("mask")
            mask = None if mask is None else mask.tight()
            mask = mask if mask is not None and mask.bits.size else None
            values["segmentation"] = None if mask is None else encode_mask(mask)
            touched = self.touched | {_KEYS[name] for name in values if name in _KEYS}
            result = replace(self, touched=touched, **values)
            result.__dict__["mask"] = mask
            return result
        touched = self.touched | {_KEYS[name] for name in values if name in _KEYS}
        result = replace(self, touched=touched, **values)
        return result.with_mask_of(self) if result.segmentation is self.segmentation else result

    def told(self, **values: Any) -> Annotation:
        """The same person with another ``id``, ``order``, ``provenance``, ``locked`` or ``released``, on which no value depends that is
        checked or decoded: neither is done again."""
        assert values.keys() <= {"id", "order", "provenance", "locked", "released"}
        result: Annotation = object.__new__(Annotation)
        result.__dict__.update(self.__dict__, **values)
        for follows in ("drawn", "came_drawn"):
            result.__dict__.pop(follows, None)
        return result

    def with_mask_of(self, other: Annotation) -> Annotation:
        """This annotation, sparing the decoding: ``other`` has the same segmentation and size."""
        for at_hand in ("mask", "_run_lengths"):
            if at_hand in other.__dict__:
                self.__dict__[at_hand] = other.__dict__[at_hand]
        return self

    def placed_as(self, other: Annotation) -> Annotation:
        """This annotation, sparing what is worked out of keypoints, mask, box and size, all of which are ``other``'s."""
        for at_hand in ("mask", "_run_lengths", "_extent", "_numbers"):
            if at_hand in other.__dict__:
                self.__dict__[at_hand] = other.__dict__[at_hand]
        return self

    @cached_property
    def mask(self) -> Mask | None:
        """The person's pixels, decoded at the first call; None where there are none or they can't be read."""
        runs = self._runs()
        self.__dict__.pop("_run_lengths", None)
        mask = None if runs is None else Mask.from_runs(*runs)
        known = self.__dict__.get("_extent")
        if known is not None and known[0] is _NOT_YET:
            self.__dict__["_extent"] = (mask, known[1])
        return mask

    @property
    def decoded(self) -> bool:
        """Whether ``mask`` is at hand: whoever asks for it does not wait."""
        return "mask" in self.__dict__

    @property
    def has_mask(self) -> bool:
        """Whether ``mask`` is one, without decoding it."""
        return self.mask is not None if self.decoded else self._runs() is not None

    def packed_mask(self) -> dict[str, Any] | None:
        """What ``encode_mask`` gives of the mask, which is not decoded for it; None where there is no pixel."""
        ours: Any = self.segmentation if "segmentation" in self.touched else None
        ours = ours if isinstance(ours, dict) and isinstance(ours.get("counts"), str) else None
        if self.decoded:
            mask = self.mask
            return None if mask is None or not mask.bits.any() else ours or encode_mask(mask)
        runs = self._runs()
        return None if runs is None or not runs[0][1::2].any() else ours or encode_runs(*runs)

    @property
    def waits_packed(self) -> bool:
        """Whether the mask is compressed RLE of the image's size, and nobody has asked for it yet."""
        if (
            self.decoded
            or "_run_lengths" in self.__dict__
            or not isinstance(self.segmentation, dict)
            or not all(self.size)
        ):
            return False
        width, height = self.size
        return isinstance(self.segmentation.get("counts"), str) and self.segmentation.get("size") == [height, width]

    def take_runs(self, runs: np.ndarray) -> None:
        """What unpacking ``waits_packed``'s mask gave, for those who ask; run lengths that do not fill the image are left to them."""
        width, height = self.size
        if width * height <= MAX_PIXELS and int(runs.min()) >= 0 and int(runs.sum()) == width * height:
            self.__dict__["_run_lengths"] = (runs, width, height)

    def _runs(self) -> Runs | None:
        """What the mask is made from; None where there is none or it can't be read. Kept until it is made."""
        runs: Any = self.__dict__.get("_run_lengths", _NOT_YET)
        if runs is _NOT_YET:
            try:
                runs = runs_of(self.segmentation, *self.size)
            except KdcError:
                runs = None
            self.__dict__["_run_lengths"] = runs
        return runs  # type: ignore[no-any-return]

    @cached_property
    def drawn(self) -> bool:
        """Whether a human drew the whole mask: each pixel was painted or outlined here, or came with an imported file.

        Such a mask stays as it is until the labeler releases it. A file's mask with a score is a model's.
        """
        came = self.provenance.source == "imported" and self.score is None and not self.released
        if self.pinned_in is None and not came:
            return False
        if self.mask is None or not self.mask.bits.any():
            return False
        if came and "segmentation" not in self.touched:
            return True
        try:
            left = without(self.mask, decode_segmentation(self.pinned_in, *self.size))
            if came:
                left = without(left, decode_segmentation(self.raw.get("segmentation"), *self.size))
        except KdcError:
            return False
        return left is None or not left.bits.any()

    @cached_property
    def came_drawn(self) -> bool:
        """Whether it is ``drawn`` because of the file that it came with, and not by what was painted here alone."""
        if not self.drawn or self.provenance.source != "imported" or self.score is not None or self.released:
            return False
        if "segmentation" not in self.touched:
            return True
        left = without(self.mask, decode_segmentation(self.pinned_in, *self.size))
        return left is not None and bool(left.bits.any())

    @property
    def present(self) -> np.ndarray:
        """(K,) bool: which keypoints are labelled (v > 0)."""
        return self.keypoints[:, 2] > 0

    @property
    def extra(self) -> dict[str, Any]:
        """The imported keys that the tool does not know, as they came."""
        known = {*FIELDS, "id", "image_id", "area", "num_keypoints", "kdc"}
        return {k: v for k, v in self.raw.items() if k not in known}

    def extent(self) -> tuple[int, int, int, int]:
        """(x, y, w, h) in whole pixels around the mask and the labelled keypoints, cut to the image where its size is known; zeros when
        empty. Measured once for a mask, without decoding it: whoever reads people ahead has it then."""
        mask = self.__dict__.get("mask", _NOT_YET)
        known: tuple[object, tuple[int, int, int, int]] | None = self.__dict__.get("_extent")
        if known is None or known[0] is not mask:
            known = self.__dict__["_extent"] = (mask, self._measured())
        return known[1]

    def _mask_box(self) -> tuple[int, int, int, int]:
        """(x, y, w, h) around the mask, zeros without one."""
        if self.decoded:
            return (0, 0, 0, 0) if self.mask is None else self.mask.box
        runs = self._runs()
        return (0, 0, 0, 0) if runs is None else box_of_runs(runs[0], runs[2])

    def _measured(self) -> tuple[int, int, int, int]:
        width, height = self.size if all(self.size) else (_LONGEST, _LONGEST)
        boxes: list[tuple[float, float, float, float]] = []
        x, y, w, h = self._mask_box()
        if w and h:
            boxes.append((x, y, x + w, y + h))
        points = self.keypoints[self.present, :2]
        if len(points):
            left, top = points.min(0).tolist()
            right, bottom = points.max(0).tolist()
            boxes.append((left, top, right + 1, bottom + 1))
        if not boxes and self.box is not None and all(math.isfinite(v) for v in self.box):
            x0, y0, w0, h0 = self.box
            boxes.append((x0, y0, x0 + w0, y0 + h0))
        if not boxes:
            return (0, 0, 0, 0)
        x1 = max(0, math.floor(min(b[0] for b in boxes)))
        y1 = max(0, math.floor(min(b[1] for b in boxes)))
        x2 = min(width, math.ceil(max(b[2] for b in boxes)))
        y2 = min(height, math.ceil(max(b[3] for b in boxes)))
        return (x1, y1, max(0, x2 - x1), max(0, y2 - y1))


@dataclass(frozen=True)
class PhotoRecord:
    """One image of a project.

    ``path``: relative to the images folder, with forward slashes. ``hash``: SHA-256 of the file's bytes in hex, "" where
    unknown. ``bytes``: the file's size. ``masks_complete`` and ``crowd_regions_known``: None where nobody said.
    ``raw``: the image's dict as it came; ``touched``: which of status, masks_complete, crowd_regions_known were set here.
    """

    id: int
    path: str
    width: int = 0
    height: int = 0
    hash: str = ""
    bytes: int = 0
    status: Status = "untouched"
    labeler: str = ""
    reviewer: str = ""
    notes: str = ""
    active_seconds: float = 0.0
    masks_complete: bool | None = None
    crowd_regions_known: bool | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)
    touched: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise KdcError(
                "Bad image", f"{self.path}: an image's status is one of {', '.join(STATUSES)}, not {self.status!r}."
            )

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return (self.width, self.height)
