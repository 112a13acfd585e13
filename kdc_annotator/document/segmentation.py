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

Runs = tuple[np.ndarray, int, int]
"""Run lengths, width, height; see ``kdc.rle.checked_runs``."""


def decode_segmentation(segmentation: Any, width: int, height: int) -> Mask | None:
    """The pixels of a COCO segmentation in an image of ``width`` x ``height`` pixels, as a tight mask.

    None where there is nothing to decode: None, an empty list, or polygons of fewer than three points.
    """
    runs = runs_of(segmentation, width, height)
    return None if runs is None else Mask.from_runs(*runs)


def runs_of(segmentation: Any, width: int, height: int) -> Runs | None:
    """What ``decode_segmentation`` lays out: run lengths that fill the image, column by column, its width and height."""
    if segmentation is None or segmentation == [] or segmentation == {}:
        return None
    if isinstance(segmentation, dict):
        return _checked_rle(segmentation, width, height)
    merged = _merged(segmentation, width, height)
    return None if merged is None else (unpack(merged["counts"]), width, height)


def _merged(polygons: Any, width: int, height: int) -> dict[str, Any] | None:
    """The union of polygons as pycocotools packs it; None where all have fewer than three points."""
    if not isinstance(polygons, list):
        raise _bad(f"a mask is a list of polygons or an RLE, not {type(polygons).__name__}")
    _check_size(width, height)
    try:
        checked = [_checked_polygon(p, width, height) for p in polygons]
    except ValueError as error:
        raise _bad(str(error)) from None
    usable = [p for p in checked if len(p) >= 6]
    return coco_mask.merge(coco_mask.frPyObjects(usable, height, width)) if usable else None


def encode_mask(mask: Mask) -> dict[str, Any]:
    """Compressed COCO RLE of a mask, ``counts`` as str; the same value as ``Mask.to_rle``, from the crop alone."""
    h, w = mask.bits.shape
    # Column by column with one pixel of nobody below; a crop of the whole height has none, and runs go on in the next column.
    apart = int(h < mask.height)
    columns = np.zeros((w, h + apart), bool)
    columns[:, :h] = mask.bits.T
    flat = np.concatenate(([False], columns.ravel(), [False]))
    column, row = np.divmod(np.flatnonzero(flat[1:] != flat[:-1]), max(h + apart, 1))
    return _packed((column + mask.x) * mask.height + row + mask.y, mask.width, mask.height)


def encode_runs(runs: np.ndarray, width: int, height: int) -> dict[str, Any]:
    """What ``encode_mask`` gives of ``Mask.from_runs(runs, width, height)``, which is not laid out for it."""
    edges, times = np.unique(np.cumsum(runs)[:-1], return_counts=True)
    return _packed(edges[times % 2 == 1], width, height)  # Runs of no length end where they begin.


def _packed(edges: np.ndarray, width: int, height: int) -> dict[str, Any]:
    """``edges``: the places, counted column by column, where a run of other pixels begins."""
    total = width * height
    if len(edges) and edges[-1] == total:
        edges = edges[:-1]
    counts = np.diff(np.concatenate(([0], edges, [total])))
    packed = coco_mask.frPyObjects({"size": [height, width], "counts": counts.tolist()}, height, width)
    return {"size": [height, width], "counts": packed["counts"].decode("ascii")}


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
