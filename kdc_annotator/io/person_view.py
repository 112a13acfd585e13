"""A COCO annotation's dict as values, for the writers of formats that hold less than COCO does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.records import parse_fields
from kdc_annotator.document.segmentation import decode_segmentation
from kdc_annotator.io.dataset import Dataset, Json
from kdc_annotator.io.json_numbers import pixel_count

KNOWN = frozenset(
    ("id", "image_id", "category_id", "keypoints", "num_keypoints", "segmentation", "bbox", "area", "iscrowd")
)
"""The keys that every reader of COCO files understands."""


@dataclass(frozen=True, eq=False)
class PersonView:
    """What an annotation says, with unreadable values left out.

    ``keypoints``: (K, 3) float64 x, y (pixel indices), v. ``box``: (x, y, w, h) continuous: the annotation's own where it
    is usable, else around the mask, else around the labelled keypoints, else None. ``size``: (width, height), zeros
    where unknown.
    """

    raw: Mapping[str, Any]
    size: tuple[int, int]
    keypoints: np.ndarray
    box: tuple[float, float, float, float] | None
    crowd: bool
    segmentation: Any

    def mask(self) -> Mask | None:
        """The pixels, None where there are none or they can't be read."""
        try:
            return decode_segmentation(self.segmentation, *self.size)
        except KdcError:
            return None


def image_size(image: Mapping[str, Any]) -> tuple[int, int]:
    """(width, height) of an image's dict, zeros where unusable."""
    width, height = image.get("width"), image.get("height")
    return (int(width), int(height)) if pixel_count(width) and pixel_count(height) else (0, 0)  # type: ignore[arg-type]


def person_view(raw: Mapping[str, Any], size: tuple[int, int], keypoints: int) -> PersonView:
    """The annotation ``raw`` of an image of ``size`` as values; its category has ``keypoints`` joints."""
    values, _ = parse_fields(raw, size, keypoints)
    points, box, segmentation = values["keypoints"], values.get("box"), values["segmentation"]
    if box is None or box[2] <= 0 or box[3] <= 0:
        box = _box_around(segmentation, size, points)
    return PersonView(raw, size, points, box, values.get("crowd", False), segmentation)


def _box_around(
    segmentation: Any, size: tuple[int, int], points: np.ndarray
) -> tuple[float, float, float, float] | None:
    try:
        mask = decode_segmentation(segmentation, *size)
    except KdcError:
        mask = None
    if mask is not None and mask.bits.size:
        x, y, w, h = mask.box
        return (float(x), float(y), float(w), float(h))
    seen = points[points[:, 2] > 0, :2]
    if not len(seen):
        return None
    (left, top), (right, bottom) = seen.min(0), seen.max(0)
    return (float(left), float(top), float(right - left + 1), float(bottom - top + 1))


def views(dataset: Dataset) -> Iterator[tuple[Json, PersonView]]:
    """Every annotation of a dataset with its image."""
    for image, people in dataset:
        size = image_size(image)
        for entry in people:
            schema = dataset.schemas.get(hashable(entry.value.get("category_id")))
            yield image, person_view(entry.value, size, len(schema) if schema is not None else 0)


def says_the_same(raw: Mapping[str, Any], came: Mapping[str, Any]) -> bool:
    """Whether an annotation still says what was read for it, and has no keypoints, mask or box beyond that."""
    if any(raw.get(key) != value for key, value in came.items()):
        return False
    more = (raw.get(key) for key in ("keypoints", "segmentation", "bbox") if key not in came)
    return not any(any(value) if isinstance(value, list) else value for value in more)


def hashable(value: Any) -> Any:
    """``value`` where it can be looked up in a table, else None."""
    return value if isinstance(value, (int, str)) else None


class Tally:
    """Counts what a format drops and says it in sentences, most first."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._counts: dict[str, int] = {}

    def add(self, thing: str, count: int = 1) -> None:
        """``thing`` is what is dropped, in the plural: ``masks``."""
        if count:
            self._counts[thing] = self._counts.get(thing, 0) + count

    def unknown_keys(self, raw: Mapping[str, Any], kept: frozenset[str] = KNOWN) -> None:
        """Counts the keys that the format has no place for."""
        for key in raw.keys() - kept:
            self.add(f"values of the key {key!r}")

    def sentences(self, say: Callable[[str, int], str] | None = None) -> list[str]:
        """ "YOLO-pose drops 112 masks", one for each thing."""
        rows = sorted(self._counts.items(), key=lambda row: -row[1])
        return [
            say(thing, n) if say else f"{self._form} drops {n} {thing if n > 1 else _singular(thing)}"
            for thing, n in rows
        ]


def _singular(thing: str) -> str:
    if thing.startswith("crowd regions"):
        return thing.replace("regions", "region", 1)
    first, _, rest = thing.partition(" ")
    words = {
        "people": "person",
        "ids": "id",
        "values": "value",
        "masks": "mask",
        "boxes": "box",
        "images": "image",
        "keypoints": "keypoint",
        "annotations": "annotation",
    }
    return f"{words.get(first, first)}{' ' + rest if rest else ''}"
