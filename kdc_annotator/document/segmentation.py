"""COCO segmentations as masks and back, without ever holding a whole image where a crop will do.

A segmentation is what COCO's JSON holds: a list of polygons (their union; continuous coordinates), or an
RLE ``{"size": [H, W], "counts": str | list}`` (column-major runs, zeros first). Text that does not decode
raises ``KdcError``; nothing from a file reaches C code before its run lengths are known to fit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.rle import MAX_PIXELS, checked_polygon, checked_runs, unpack
from kdc.structures import Mask


def decode_segmentation(segmentation: Any, width: int, height: int) -> Mask | None:
    """The pixels of a COCO segmentation in an image of ``width`` x ``height`` pixels, as a tight mask.

    None where there is nothing to decode: None, an empty list, or polygons of fewer than three points.
    """
    if segmentation is None or segmentation == [] or segmentation == {}:
        return None
    if isinstance(segmentation, dict):
        return Mask.from_runs(*_checked_rle(segmentation, width, height))
    if not isinstance(segmentation, list):
        raise _bad(f"a mask is a list of polygons or an RLE, not {type(segmentation).__name__}")
    _check_size(width, height)
    try:
        polygons = [_checked_polygon(p, width, height) for p in segmentation]
    except ValueError as error:
        raise _bad(str(error)) from None
    usable = [p for p in polygons if len(p) >= 6]
    if not usable:
        return None
    merged = coco_mask.merge(coco_mask.frPyObjects(usable, height, width))
    return Mask.from_runs(unpack(merged["counts"]), width, height)


def encode_mask(mask: Mask) -> dict[str, Any]:
    """Compressed COCO RLE of a mask, ``counts`` as str; the same value as ``Mask.to_rle``, from the crop alone."""
    h, w = mask.bits.shape
    total = mask.width * mask.height
    # Column by column with one pixel of nobody below; a crop of the whole height has none, and runs go on in the next column.
    apart = int(h < mask.height)
    columns = np.zeros((w, h + apart), bool)
    columns[:, :h] = mask.bits.T
    flat = np.concatenate(([False], columns.ravel(), [False]))
    column, row = np.divmod(np.flatnonzero(flat[1:] != flat[:-1]), max(h + apart, 1))
    edges = (column + mask.x) * mask.height + row + mask.y
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
        runs, _, _ = _checked_rle(segmentation, width, height)
        return int(runs[1::2].sum())
    mask = decode_segmentation(segmentation, width, height)
    return 0 if mask is None else mask.area


def _bad(what: str) -> KdcError:
    return KdcError("Unreadable mask", f"The mask can't be read: {what}.")


def _check_size(width: int, height: int) -> None:
    if width <= 0 or height <= 0:
        raise _bad("the size of its image is unknown")
    if width * height > MAX_PIXELS:
        raise _bad(f"its image of {width}x{height} has more than {MAX_PIXELS // 1_000_000} million pixels")


def _checked_rle(rle: dict[str, Any], width: int, height: int) -> tuple[np.ndarray, int, int]:
    known = width > 0 and height > 0
    try:
        return checked_runs(rle, width if known else None, height if known else None)
    except ValueError as error:
        raise _bad(str(error)) from None


def _checked_polygon(polygon: Any, width: int, height: int) -> list[float]:
    values = checked_polygon(polygon, width, height)
    if len(values) == 4:
        # pycocotools reads four numbers as a box x, y, w, h: no polygon has two points.
        x, y, w, h = values
        values = [x, y, x + w, y, x + w, y + h, x, y + h]
    return values
