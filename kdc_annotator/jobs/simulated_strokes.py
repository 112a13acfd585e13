"""Brush strokes as a labeler would draw them: along the middle of what is wrong, with a shaky hand."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

from kdc.structures import Mask
from kdc_annotator.engine.listen import stroke_mask
from kdc_annotator.engine.live import Kind, Rect, crop_of, rect_of, union_rect

RADII = (0.03, 0.06, 0.12)
"""Brush radii in units of s_j: the labeler takes the best."""
LENGTH = 2.0
"""Longest stroke in units of s_j."""
HAND_ERROR = 2.0
"""Standard deviation of the hand's error, in pixels of the screen."""
SHOWN_SIZE = 160.0
MOST_ZOOM = 4.0
"""The labeler zooms in on small people until s_j is ``SHOWN_SIZE`` pixels of the screen, at most so far."""
_GRID = 40


def wrong_parts(shown: Mask, true: Mask, most: int = 6) -> list[tuple[Kind, Mask]]:
    """The largest connected parts that are missing ("paint") or too much ("erase"), largest first."""
    rect = union_rect(rect_of(shown), rect_of(true))
    if rect[2] <= 0 or rect[3] <= 0:
        return []
    a, b = crop_of(shown, rect), crop_of(true, rect)
    found: list[tuple[int, Kind, Mask]] = []
    kinds: tuple[tuple[Kind, np.ndarray], ...] = (("paint", b & ~a), ("erase", a & ~b))
    for kind, bits in kinds:
        count, pieces, stats, _ = cv2.connectedComponentsWithStats(bits.astype(np.uint8), connectivity=8)
        areas = stats[1:count, cv2.CC_STAT_AREA]
        for index in np.argsort(-areas, kind="stable")[:most]:
            x, y, w, h, area = (int(v) for v in stats[1 + index])
            piece = pieces[y : y + h, x : x + w] == 1 + index
            found.append((area, kind, Mask(piece, rect[0] + x, rect[1] + y, true.width, true.height)))
    found.sort(key=lambda part: -part[0])
    return [(kind, mask) for _, kind, mask in found[:most]]


def stroke_path(part: Mask, radius: float, length: float) -> np.ndarray:
    """(n, 2) photo positions along the middle of ``part``, at most ``length`` pixels long.

    The longest way between two places that are about ``radius`` away from the part's edge (or as deep as it gets).
    """
    h, w = part.bits.shape
    cell = max(1.0, max(h, w) / _GRID)
    rows, cols = max(1, round(h / cell)), max(1, round(w / cell))
    small = cv2.resize(part.bits.astype(np.uint8) * 255, (cols, rows), interpolation=cv2.INTER_AREA) >= 100
    if not small.any():
        y, x = np.unravel_index(int(part.bits.argmax()), part.bits.shape)
        return np.array([[part.x + x, part.y + y]], float)
    depth = cv2.distanceTransform(np.pad(small, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    limit = min(radius / cell, 0.75 * float(depth.max()))
    inside = depth >= limit
    start = np.unravel_index(int(depth.argmax()), depth.shape)
    one, _ = _farthest(inside, (int(start[0]), int(start[1])))
    _, way = _farthest(inside, one)
    path = (np.array(way, float)[:, ::-1] + 0.5) * [w / cols, h / rows] + [part.x - 0.5, part.y - 0.5]
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    if along[-1] > length:  # The middle of the way is where the part is thickest, more often than its ends.
        first = (along[-1] - length) / 2
        path = path[(along >= first) & (along <= first + length)]
    return path


def _farthest(inside: np.ndarray, start: tuple[int, int]) -> tuple[tuple[int, int], list[tuple[int, int]]]:
    """The cell farthest from ``start`` within ``inside`` (4 neighbours first, then 8), and the way to it."""
    came: dict[tuple[int, int], tuple[int, int] | None] = {start: None}
    queue = deque([start])
    last = start
    h, w = inside.shape
    while queue:
        last = queue.popleft()
        y, x = last
        for j, i in ((y, x - 1), (y, x + 1), (y - 1, x), (y + 1, x), (y - 1, x - 1), (y - 1, x + 1), (y + 1, x - 1), (y + 1, x + 1)):  # fmt: skip
            if 0 <= j < h and 0 <= i < w and inside[j, i] and (j, i) not in came:
                came[(j, i)] = last
                queue.append((j, i))
    way = [last]
    while (before := came[way[-1]]) is not None:
        way.append(before)
    return last, way


def zoom(scale: float) -> float:
    """Pixels of the screen for a pixel of the photo, while a person of size ``scale`` (s_j) is edited; never below 1."""
    return float(np.clip(SHOWN_SIZE / scale, 1.0, MOST_ZOOM))


def drawn_way(part: Mask, radius: float, scale: float, shown: float, rng: np.random.Generator) -> np.ndarray:
    """(n, 2) photo positions of a stroke through ``part`` by a hand that is not sure. ``shown``: pixels of the screen for one of the photo."""
    path = stroke_path(part, radius, LENGTH * scale)
    knots = path[:: max(1, round(len(path) / 8))] if len(path) > 1 else path
    knots = knots + rng.normal(0, HAND_ERROR / shown, knots.shape)
    return np.clip(knots, 0, [part.width - 1, part.height - 1])


def drawn_strokes(
    part: Mask, kind: Kind, scale: float, rng: np.random.Generator
) -> list[tuple[Kind, Mask, float, float]]:
    """A stroke for each of the three radii: kind, pixels, path length and radius in photo pixels. ``scale``: s_j."""
    out: list[tuple[Kind, Mask, float, float]] = []
    for share in RADII:
        radius = max(share * scale, 0.75)
        knots = drawn_way(part, radius, scale, zoom(scale), rng)
        length = float(np.hypot(*np.diff(knots, axis=0).T).sum()) if len(knots) > 1 else 0.0
        out.append((kind, stroke_mask(knots, radius, part.width, part.height), length, radius))
    return out


def polygon_clicks(true: Mask, goal: float) -> tuple[int, float, float]:
    """Clicks of the simplest polygons that reach IoU ``goal`` with ``true``, the IoU, and the way from click to click."""
    bits = np.pad(true.bits, 1).astype(np.uint8)
    contours, _ = cv2.findContours(bits, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    ordered = sorted(contours, key=lambda c: -cv2.contourArea(c))
    best = (0, 0.0, 0.0)
    for epsilon in np.geomspace(max(np.sqrt(true.area) * 0.2, 1.0), 0.5, 16):
        drawn = np.zeros_like(bits)
        clicks, way = 0, 0.0
        for contour in ordered:
            shape = cv2.approxPolyDP(contour, float(epsilon), True)
            if len(shape) < 3:
                continue
            cv2.fillPoly(drawn, [shape], 1)
            clicks += len(shape)
            ring = shape[:, 0].astype(float)
            way += float(np.hypot(*(ring - np.roll(ring, 1, 0)).T).sum())
            union = int(np.count_nonzero(drawn | bits))
            iou = float(np.count_nonzero(drawn & bits)) / max(union, 1)
            if iou > best[1]:
                best = (clicks, iou, way)
            if iou >= goal:
                return clicks, iou, way
    return best


def touching(a: Rect, b: Rect) -> bool:
    """Whether two rectangles touch."""
    return a[0] <= b[0] + b[2] and b[0] <= a[0] + a[2] and a[1] <= b[1] + b[3] and b[1] <= a[1] + a[3]
