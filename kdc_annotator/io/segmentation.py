"""COCO segmentations as files hold them: what of one can't be read, and a mask in the form asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.segmentation import MAX_PIXELS, decode_segmentation, encode_mask
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
    size = segmentation.get("size")
    if not (isinstance(size, list) and len(size) == 2 and all(type(v) is int and v > 0 for v in size)):
        return "an RLE needs size [height, width]"
    h, w = size
    if (width is not None and w != width) or (height is not None and h != height):
        return f"made for {w}x{h} pixels, the image has {width}x{height}"
    if h * w > MAX_PIXELS:
        return f"made for {w}x{h} pixels, more than {MAX_PIXELS // 1_000_000} million"
    return _wrong_counts(segmentation.get("counts"), h * w)


def _wrong_counts(counts: Any, pixels: int) -> str | None:
    if isinstance(counts, str):
        runs = _unpack(counts)
        if runs is None:
            return "the text of the RLE is not COCO's packing"
    elif isinstance(counts, list) and all(type(c) is int and 0 <= c <= pixels for c in counts):
        runs = np.array(counts, np.int64)
    else:
        return "the counts of the RLE are neither text nor run lengths"
    if (len(runs) and int(runs.min()) < 0) or int(runs.sum()) != pixels:
        return f"the runs of the RLE do not add up to {pixels} pixels"
    return None


def _unpack(text: str) -> np.ndarray | None:
    """COCO's packed run lengths, without a loop over characters: six bits each, five of them data, the rest differences."""
    codes = np.frombuffer(text.encode("ascii", "replace"), np.uint8).astype(np.int64) - 48
    last = (codes & 32) == 0
    if not len(codes) or int(codes.min()) < 0 or int(codes.max()) > 63 or not last[-1]:
        return None
    ends = np.flatnonzero(last)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    if int(lengths.max()) > 8:
        return None
    places = 5 * (np.arange(len(codes)) - np.repeat(starts, lengths))
    runs = np.add.reduceat((codes & 31) << places, starts)
    negative = (codes[ends] & 16) != 0
    runs[negative] -= np.left_shift(1, 5 * lengths[negative])
    # From the fourth run on each is stored as its difference to the run two before.
    runs[1::2] = np.cumsum(runs[1::2])
    runs[2::2] = np.cumsum(runs[2::2])
    return runs


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
