"""COCO segmentations as masks and back, without ever holding a whole image where a crop will do.

A segmentation is what COCO's JSON holds: a list of polygons (their union; continuous coordinates), or an
RLE ``{"size": [H, W], "counts": str | list}`` (column-major runs, zeros first). Text that does not decode
raises ``KdcError``; nothing from a file reaches C code before its run lengths are known to fit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.structures import Mask

MAX_PIXELS = 400_000_000


def decode_segmentation(segmentation: Any, width: int, height: int) -> Mask | None:
    """The pixels of a COCO segmentation in an image of ``width`` x ``height`` pixels, as a tight mask.

    None where there is nothing to decode: None, an empty list, or polygons of fewer than three points.
    """
    if segmentation is None or segmentation == [] or segmentation == {}:
        return None
    if isinstance(segmentation, dict):
        counts, w, h = _checked_rle(segmentation, width, height)
        return _from_counts(counts, w, h)
    if not isinstance(segmentation, list):
        raise _bad(f"a mask is a list of polygons or an RLE, not {type(segmentation).__name__}")
    _check_size(width, height)
    polygons = [_checked_polygon(p, width, height) for p in segmentation]
    usable = [p for p in polygons if len(p) >= 6]
    if not usable:
        return None
    merged = coco_mask.merge(coco_mask.frPyObjects(usable, height, width))
    return _from_counts(_parse_counts(merged["counts"].decode("ascii")), width, height)


def encode_mask(mask: Mask) -> dict[str, Any]:
    """Compressed COCO RLE of a mask, ``counts`` as str; the same value as ``Mask.to_rle``, from the crop alone."""
    h, w = mask.bits.shape
    total = mask.width * mask.height
    columns = np.zeros((w, mask.height), bool)
    columns[:, mask.y : mask.y + h] = mask.bits.T
    flat = np.concatenate(([False], columns.ravel(), [False]))
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + mask.x * mask.height
    counts = np.diff(np.concatenate(([0], edges, [total])))
    if len(edges) and edges[-1] == total:
        counts = counts[:-1]
    packed = coco_mask.frPyObjects(
        {"size": [mask.height, mask.width], "counts": counts.tolist()}, mask.height, mask.width
    )
    return {"size": [mask.height, mask.width], "counts": packed["counts"].decode("ascii")}


def segmentation_area(segmentation: Any, width: int, height: int) -> int:
    """Number of pixels of a segmentation; 0 where it holds none."""
    if isinstance(segmentation, dict) and segmentation:
        counts, _, _ = _checked_rle(segmentation, width, height)
        return int(sum(counts[1::2]))
    mask = decode_segmentation(segmentation, width, height)
    return 0 if mask is None else mask.area


def _bad(what: str) -> KdcError:
    return KdcError("Unreadable mask", f"The mask can't be read: {what}.")


def _check_size(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise _bad("the size of its image is unknown")
    if width * height > MAX_PIXELS:
        raise _bad(f"its image of {width}x{height} has more than {MAX_PIXELS // 1_000_000} million pixels")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _checked_polygon(polygon: Any, width: int, height: int) -> list[float]:
    if not isinstance(polygon, list) or not all(_is_number(v) for v in polygon):
        raise _bad("a polygon is not a list of numbers")
    if len(polygon) % 2:
        raise _bad("a polygon has an odd number of coordinates")
    try:
        values = [float(v) for v in polygon]
    except OverflowError:
        raise _bad("a polygon has a coordinate that is not finite") from None
    if not all(math.isfinite(v) for v in values):
        raise _bad("a polygon has a coordinate that is not finite")
    if len(values) == 4:
        # pycocotools reads four numbers as a box x, y, w, h: no polygon has two points.
        x, y, w, h = values
        values = [x, y, x + w, y, x + w, y + h, x, y + h]
    # The rasteriser allocates by edge length, so absurd coordinates are pulled near the image.
    far = 10.0 * max(width, height) + 1000.0
    return [min(max(v, -far), far) for v in values]


def _checked_rle(rle: dict[str, Any], width: int, height: int) -> tuple[list[int], int, int]:
    size = rle.get("size")
    if not isinstance(size, list) or len(size) != 2 or not all(type(v) is int and v > 0 for v in size):
        raise _bad("its RLE has no size of two whole numbers")
    h, w = size
    if width > 0 and height > 0 and (w, h) != (width, height):
        raise _bad(f"its RLE is made for {w}x{h} pixels, the image has {width}x{height}")
    _check_size(w, h)
    counts = rle.get("counts")
    if isinstance(counts, str):
        runs = _parse_counts(counts)
    elif isinstance(counts, list) and all(type(c) is int for c in counts):
        runs = counts
    else:
        raise _bad("its RLE has no counts")
    if any(c < 0 for c in runs) or sum(runs) != w * h:
        raise _bad(f"its RLE does not cover {w}x{h} pixels")
    return runs, w, h


def _parse_counts(text: str) -> list[int]:
    """Run lengths of COCO's compressed counts (its base-32 variable-length code, differences from the third run on)."""
    counts: list[int] = []
    value = shift = 0
    for character in text:
        code = ord(character) - 48
        if not 0 <= code < 64 or shift > 40:
            raise _bad("its RLE holds a character that COCO's code does not have")
        value |= (code & 0x1F) << shift
        shift += 5
        if not code & 0x20:
            if code & 0x10:
                value -= 1 << shift
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value = shift = 0
    if shift:
        raise _bad("its RLE ends in the middle of a run")
    return counts


def _from_counts(counts: list[int], width: int, height: int) -> Mask:
    """A tight mask from run lengths: only the columns between the first and the last pixel are laid out."""
    runs = np.asarray(counts, np.int64)
    ends = np.cumsum(runs)
    filled = np.flatnonzero(runs[1::2]) * 2 + 1
    if not len(filled):
        return Mask.empty(width, height)
    first = int(ends[filled[0]] - runs[filled[0]]) // height
    last = (int(ends[filled[-1]]) - 1) // height
    bounds = np.clip(ends - first * height, 0, (last - first + 1) * height)
    lengths = np.diff(np.concatenate(([0], bounds)))
    values = np.zeros(len(runs), bool)
    values[1::2] = True
    flat = np.repeat(values, lengths)
    missing = (last - first + 1) * height - len(flat)
    if missing:
        flat = np.concatenate((flat, np.zeros(missing, bool)))
    bits = flat.reshape(last - first + 1, height).T
    return Mask(bits, first, 0, width, height).tight()
