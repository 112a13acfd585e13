"""COCO segmentations as files hold them: what of one can't be read, and a mask in the form asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kdc.errors import KdcError
from kdc.rle import checked_runs
from kdc.structures import Mask
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask
from kdc_annotator.io.dataset import Dataset, Entry
from kdc_annotator.io.json_numbers import finite_all
from kdc_annotator.io.outline import outline
from kdc_annotator.io.person_view import image_size

FORMS = ("polygons", "rle")


def unreadable_part(segmentation: Any, width: int | None, height: int | None) -> str | None:
    """What is wrong with a COCO ``segmentation`` in words, without decoding polygons; None where it can be read.

    ``width`` and ``height``: the image's, None where unknown.
    """
    if not segmentation:
        return None
    if isinstance(segmentation, list):
        for i, polygon in enumerate(segmentation):
            wrong = _wrong_polygon(polygon)
            if wrong:
                return f"[{i}]: {wrong}"
        return None
    if not isinstance(segmentation, dict):
        return "neither polygons nor RLE"
    try:
        checked_runs(segmentation, width, height)
    except ValueError as error:
        return str(error)
    return None


def _wrong_polygon(polygon: Any) -> str | None:
    if not isinstance(polygon, list) or not finite_all(polygon):
        return "a polygon is a list of finite numbers"
    if len(polygon) % 2:
        return "a polygon has an odd count of numbers"
    if len(polygon) == 4:
        return "four numbers read as a box x, y, width, height"
    return "a polygon needs three points" if len(polygon) == 2 else None


def segmentation_of(mask: Mask, form: str) -> list[list[float]] | dict[str, Any]:
    """``form`` "rle": compressed RLE. "polygons": the exact outline, RLE where there is a hole, which polygons can't say."""
    if form == "rle":
        return encode_mask(mask)
    outer, holes = outline(mask)
    return encode_mask(mask) if holes else [[int(v) for v in ring.reshape(-1)] for ring in outer]


def in_form(segmentation: Any, form: str | None, size: tuple[int, int], crowd: bool) -> Any:
    """A segmentation in another form; as it is where ``form`` is None, where it has that form, or can't be read.

    Crowd regions stay RLE, as COCO has them.
    """
    if form is None or not segmentation or crowd:
        return segmentation
    packed = isinstance(segmentation, dict) and isinstance(segmentation.get("counts"), str)
    if (form == "rle" and packed) or (form == "polygons" and isinstance(segmentation, list)):
        return segmentation
    try:
        mask = decode_segmentation(segmentation, *size)
    except KdcError:
        return segmentation
    return segmentation if mask is None else segmentation_of(mask, form)


def reformed(dataset: Dataset, form: str | None) -> Dataset:
    """The dataset with all masks in ``form`` (see ``in_form``)."""
    if form is None:
        return dataset

    def people(i: int) -> list[Entry]:
        size = image_size(dataset.image(i))
        out = []
        for entry in dataset.people(i):
            came = entry.value.get("segmentation")
            changed = in_form(came, form, size, entry.value.get("iscrowd") in (1, True))
            out.append(entry if changed is came else Entry(entry.position, {**entry.value, "segmentation": changed}))
        return out

    return replace(dataset, people=people)
