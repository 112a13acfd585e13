"""What commands do with masks: union, difference, polygons, parts. All on crops, never on the whole image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.segmentation import decode_segmentation

SPECK = 0.002
"""Parts and holes below this share of the mask (or below ``SPECK_PIXELS``) are specks."""
SPECK_PIXELS = 12


def speck_limit(mask: Mask) -> float:
    """From so many pixels on a part or a hole of the mask is no speck."""
    return max(SPECK * mask.area, SPECK_PIXELS)


def _frame(masks: Sequence[Mask]) -> tuple[int, int, int, int]:
    filled = [m for m in masks if m.bits.size]
    if not filled:
        return (0, 0, 0, 0)
    x, y = min(m.x for m in filled), min(m.y for m in filled)
    right = max(m.x + m.bits.shape[1] for m in filled)
    return (x, y, right, max(m.y + m.bits.shape[0] for m in filled))


def _view(mask: Mask, frame: tuple[int, int, int, int]) -> np.ndarray:
    x, y, right, bottom = frame
    out = np.zeros((bottom - y, right - x), bool)
    left, top = max(mask.x, x), max(mask.y, y)
    end, low = min(mask.x + mask.bits.shape[1], right), min(mask.y + mask.bits.shape[0], bottom)
    if end > left and low > top:
        out[top - y : low - y, left - x : end - x] = mask.bits[
            top - mask.y : low - mask.y, left - mask.x : end - mask.x
        ]
    return out


def _same_image(a: Mask, b: Mask) -> None:
    if (a.width, a.height) != (b.width, b.height):
        raise KdcError("Bad mask", f"A mask of {b.width}x{b.height} does not fit an image of {a.width}x{a.height}.")


def united(a: Mask | None, b: Mask | None) -> Mask | None:
    """The pixels of either; None where both are None."""
    if a is None or b is None:
        return a or b
    _same_image(a, b)
    frame = _frame([a, b])
    return Mask(_view(a, frame) | _view(b, frame), frame[0], frame[1], a.width, a.height).tight()


def without(a: Mask | None, b: Mask | None) -> Mask | None:
    """The pixels of ``a`` that ``b`` does not have."""
    if a is None or b is None or not a.bits.size:
        return a
    _same_image(a, b)
    frame = _frame([a])
    return Mask(_view(a, frame) & ~_view(b, frame), a.x, a.y, a.width, a.height).tight()


def common(a: Mask | None, b: Mask | None) -> Mask | None:
    """The pixels of both; None where one is None."""
    if a is None or b is None:
        return None
    _same_image(a, b)
    frame = _frame([a])
    return Mask(_view(a, frame) & _view(b, frame), frame[0], frame[1], a.width, a.height).tight()


def pixels(mask: Mask | None) -> int:
    """Number of pixels, 0 for None."""
    return 0 if mask is None else mask.area


def polygon_mask(points: Sequence[Sequence[float]], width: int, height: int) -> Mask:
    """The pixels inside a polygon of (x, y) points, continuous coordinates in [0, W] x [0, H]."""
    flat = [float(v) for point in points for v in point[:2]]
    if len(flat) < 6:
        raise KdcError("Too few corners", "A polygon needs three corners at least.")
    return decode_segmentation([flat], width, height) or Mask.empty(width, height)


def parts(mask: Mask) -> list[Mask]:
    """The connected parts (8-neighbourhood), largest first."""
    if not mask.bits.size:
        return []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.bits.astype(np.uint8), connectivity=8)
    found = []
    for n in range(1, count):
        x, y, w, h = (int(v) for v in stats[n, :4])
        crop = labels[y : y + h, x : x + w] == n
        found.append((int(stats[n, cv2.CC_STAT_AREA]), Mask(crop, mask.x + x, mask.y + y, mask.width, mask.height)))
    return [part for _, part in sorted(found, key=lambda f: -f[0])]


def holes(mask: Mask) -> list[Mask]:
    """The background parts (4-neighbourhood) that the mask encloses, largest first."""
    if not mask.bits.size:
        return []
    tight = mask.tight()
    outside = np.pad(~tight.bits, 1, constant_values=True).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(outside, connectivity=4)
    found = []
    for n in range(1, count):
        if n == labels[0, 0]:
            continue
        x, y, w, h = (int(v) for v in stats[n, :4])
        crop = labels[y : y + h, x : x + w] == n
        found.append((int(crop.sum()), Mask(crop, tight.x + x - 1, tight.y + y - 1, mask.width, mask.height)))
    return [hole for _, hole in sorted(found, key=lambda f: -f[0])]


def mirrored(mask: Mask, axis: float) -> Mask:
    """The mask mirrored left to right about the vertical line x = ``axis`` (pixel indices); what leaves the image is lost."""
    tight = mask.tight()
    w = tight.bits.shape[1]
    left = round(2 * axis) - (tight.x + w - 1)
    first, last = max(0, -left), min(w, mask.width - left)
    if first >= last:
        return Mask.empty(mask.width, mask.height)
    bits = np.ascontiguousarray(tight.bits[:, ::-1][:, first:last])
    return Mask(bits, left + first, tight.y, mask.width, mask.height).tight()


def shifted(mask: Mask, dx: int, dy: int) -> Mask:
    """The mask moved by whole pixels; what leaves the image is lost."""
    h, w = mask.bits.shape
    x1, y1 = max(0, -(mask.x + dx)), max(0, -(mask.y + dy))
    x2, y2 = min(w, mask.width - mask.x - dx), min(h, mask.height - mask.y - dy)
    if x2 <= x1 or y2 <= y1:
        return Mask.empty(mask.width, mask.height)
    return Mask(mask.bits[y1:y2, x1:x2].copy(), mask.x + dx + x1, mask.y + dy + y1, mask.width, mask.height).tight()
