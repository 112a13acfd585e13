"""COCO's run-length masks and polygons as they come from files: nothing reaches C code before it is known to fit.

pycocotools reads whatever lies in memory where runs fall short of the photo, and asks for memory by the length of a
polygon's edges. Errors are ``ValueError`` with a reason that stands after "the mask can't be read: ".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

MAX_PIXELS = 400_000_000
"""Masks of photos with more pixels are refused before they are laid out."""

MAX_RUNS = 16_000_000
"""More runs, or characters of packed runs, than any drawn mask has."""


def unpack(counts: str | bytes) -> np.ndarray:
    """(n,) int64 run lengths of COCO's packed text (``rleToString`` of pycocotools).

    Six bits a character, low ones first, one of them saying that more follow; from the fourth run on each is stored
    as its difference to the one before the last.
    """
    return unpack_all((counts,))[0]


def unpack_all(many: Sequence[str | bytes]) -> list[np.ndarray]:
    """``unpack`` of each, all at once: a crowd's take a quarter of the time that they take one by one. ``ValueError`` where one is
    not COCO's packing."""
    texts = [text.encode("ascii", "replace") if isinstance(text, str) else bytes(text) for text in many]
    if any(len(text) > MAX_RUNS for text in texts):
        raise ValueError(f"its RLE has more than {MAX_RUNS // 1_000_000} million characters")
    codes = np.frombuffer(b"".join(texts), np.uint8).astype(np.int64) - 48
    ends = np.cumsum([len(text) for text in texts])
    if not all(texts) or int(codes.min()) < 0 or int(codes.max()) > 63 or (codes[ends - 1] & 32).any():
        raise ValueError("the text of its RLE is not COCO's packing")
    last = np.flatnonzero((codes & 32) == 0)
    first = np.concatenate(([0], last[:-1] + 1))
    lengths = last - first + 1
    if int(lengths.max()) > 7:
        raise ValueError("the text of its RLE is not COCO's packing")
    places = 5 * (np.arange(len(codes)) - np.repeat(first, lengths))
    runs = np.add.reduceat((codes & 31) << places, first)
    negative = (codes[last] & 16) != 0
    runs[negative] -= np.left_shift(1, 5 * lengths[negative])
    bounds = [0, *np.searchsorted(last, ends).tolist()]
    found = [runs[i:j] for i, j in pairwise(bounds)]
    for own in found:
        own[1::2] = np.cumsum(own[1::2])
        own[2::2] = np.cumsum(own[2::2])
    return found


def checked_runs(
    rle: Mapping[str, Any], width: int | None = None, height: int | None = None
) -> tuple[np.ndarray, int, int]:
    """Run lengths (n,) int64, width and height of an RLE ``{"size": [H, W], "counts": text or list}``.

    The runs are 0 or more and fill the photo. ``width``, ``height``: the photo's, None where they are not known.
    """
    size = rle.get("size")
    if not isinstance(size, Sequence) or len(size) != 2 or not all(type(v) is int and v > 0 for v in size):
        raise ValueError("an RLE needs size [height, width]")
    h, w = size
    if (width is not None and w != width) or (height is not None and h != height):
        raise ValueError(f"made for {w}x{h} pixels, the image has {width}x{height}")
    if h * w > MAX_PIXELS:
        raise ValueError(f"made for {w}x{h} pixels, more than {MAX_PIXELS // 1_000_000} million")
    counts = rle.get("counts")
    if isinstance(counts, str | bytes):
        runs = unpack(counts)
    elif (
        isinstance(counts, list) and len(counts) <= MAX_RUNS and all(type(c) is int and 0 <= c <= h * w for c in counts)
    ):
        runs = np.array(counts, np.int64)
    else:
        raise ValueError("the counts of the RLE are neither text nor run lengths")
    if (len(runs) and int(runs.min()) < 0) or int(runs.sum()) != h * w:
        raise ValueError(f"the runs of the RLE do not add up to {h * w} pixels")
    return runs, w, h


def checked_polygon(polygon: Any, width: int, height: int) -> list[float]:
    """A polygon's x, y, x, y, …; absurd positions are pulled near the photo, because rasterisers allocate by edge length."""
    if isinstance(polygon, np.ndarray):
        polygon = polygon.tolist()
    if not isinstance(polygon, Sequence) or isinstance(polygon, str | bytes):
        raise ValueError("a polygon is not a list of x, y pairs")
    if not all(isinstance(v, int | float) and not isinstance(v, bool) for v in polygon):
        raise ValueError("a polygon is not a list of x, y pairs, but holds something else than numbers")
    if len(polygon) % 2:
        raise ValueError("a polygon is not a list of x, y pairs: it has an odd number of coordinates")
    try:
        values = [float(v) for v in polygon]
    except OverflowError:
        values = [math.inf]
    if not all(map(math.isfinite, values)):
        raise ValueError("a polygon is not a list of x, y pairs: a coordinate is not finite")
    far = 10.0 * max(width, height) + 1000.0
    return [min(max(v, -far), far) for v in values]


def box_of_runs(runs: np.ndarray, height: int) -> tuple[int, int, int, int]:
    """(x, y, w, h) in whole pixels around the filled ones, zeros where there is none; ``runs`` as ``checked_runs`` gives them."""
    starts, lengths = _filled(runs)
    return _box(starts, lengths, height) if len(starts) else (0, 0, 0, 0)


def crop_of_runs(runs: np.ndarray, height: int) -> tuple[np.ndarray, int, int]:
    """The smallest crop that holds the filled pixels, (h, w) bool, row by row in memory, and its first column and row; ``runs`` as
    ``checked_runs`` gives them. Nothing larger is laid out on the way."""
    starts, lengths = _filled(runs)
    if not len(starts):
        return np.zeros((0, 0), bool), 0, 0
    x, y, w, h = _box(starts, lengths, height)
    begins = starts - starts // height * (height - h) - y - x * h
    bounds = np.empty(2 * len(starts) + 2, np.int64)
    bounds[0], bounds[-1] = 0, w * h
    bounds[1:-1:2], bounds[2:-1:2] = begins, begins + lengths
    values = np.zeros(len(bounds) - 1, bool)
    values[1::2] = True
    flat = np.repeat(values, np.diff(bounds))
    return np.ascontiguousarray(flat.reshape(w, h).T), x, y


def _filled(runs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the runs of filled pixels begin, column by column, and how long they are."""
    lengths = runs[1::2]
    starts = np.cumsum(runs)[1::2] - lengths
    there = lengths > 0
    return starts[there], lengths[there]


def _box(starts: np.ndarray, lengths: np.ndarray, height: int) -> tuple[int, int, int, int]:
    last = starts + lengths - 1
    columns, rows = np.divmod(starts, height)
    last_columns, last_rows = np.divmod(last, height)
    x, w = int(columns[0]), int(last_columns[-1]) - int(columns[0]) + 1
    if (columns != last_columns).any():  # It goes on at the top of the next column.
        return x, 0, w, height
    y = int(rows.min())
    return x, y, w, int(last_rows.max()) - y + 1
