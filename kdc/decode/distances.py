"""Distances from pixels to a person's centroids, on the crop of the field that may hold the person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdc.decode.bands import run_bands
from kdc.fields import Fields

LN2 = float(np.log(2.0))
"""phi > 0.5 is d^2 / (2 sigma^2) < ln 2."""


@dataclass(frozen=True)
class Box:
    """A crop of a field, in cells: columns ``left`` to ``left + width``, rows ``top`` to ``top + height``."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, for indexing a field."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    @classmethod
    def around(cls, points: np.ndarray, margin: float, fields: Fields) -> Box:
        """The cells within ``margin`` input pixels of the box around ``points`` (n, 2) input pixels; at least one cell."""
        low = np.floor((points.min(0) - margin) / fields.stride)
        high = np.ceil((points.max(0) + margin) / fields.stride)
        size = np.array([fields.width, fields.height])
        first = np.clip(low, 0, size - 1).astype(int)
        last = np.clip(high, first, size - 1).astype(int)
        return cls(int(first[0]), int(first[1]), int(last[0] - first[0] + 1), int(last[1] - first[1] + 1))


def pointing_sum(fields: Fields, points: np.ndarray, weights: np.ndarray, box: Box) -> np.ndarray:
    """sum_k w_k |E_k(x) - q_k| on ``box``: (h, w) float32 input pixels, E_k(x) = x + v_k(x).

    ``points``: (K, 2) input pixels. ``weights``: (K,), 0 leaves a joint out. Divided by the sum of weights and by s_j it is
    d1 (our reading of KDC eq. 4: the pixel points at the person's joints). Sums add up: a drag replaces one joint's share.
    """
    from kdc.decode import mask_kernels

    out = np.zeros((box.height, box.width), np.float32)
    q, w = np.ascontiguousarray(points, np.float32), np.ascontiguousarray(weights, np.float32)
    mask_kernels.pointing_sum(fields["mask_offset"], float(fields.stride), q, w, box.left, box.top, out)
    return out


def embedding_nearest(fields: Fields, centroids: np.ndarray, box: Box) -> np.ndarray:
    """min over m of the root mean square over k of |E_k(x) - c_mk| on ``box``: (h, w) float32 input pixels.

    ``centroids``: (M, 2K) embeddings, M >= 1. With the embeddings AT the person's joints and divided by s_j it is d2 (our other
    reading of KDC eq. 4); with their mean as the only centroid it is eq. 4 literally.
    """
    from kdc.decode import mask_kernels

    out = np.empty((box.height, box.width), np.float32)
    c = np.ascontiguousarray(centroids, np.float32)
    mask_kernels.embedding_nearest(fields["mask_offset"], float(fields.stride), c, box.left, box.top, out)
    return out


def offset_distance(fields: Fields, name: str, centre: np.ndarray, box: Box, channel: int = 0) -> np.ndarray:
    """|x + v(x) - centre| on ``box`` for the offsets ``channel`` and ``channel + 1`` of a head: (h, w) float32 input pixels."""
    rows, cols = box.slices
    vx, vy = fields[name][channel : channel + 2, rows, cols]
    x = np.arange(box.left, box.left + box.width, dtype=np.float32) * fields.stride - np.float32(centre[0])
    y = np.arange(box.top, box.top + box.height, dtype=np.float32) * fields.stride - np.float32(centre[1])
    return np.hypot(vx + x[None], vy + y[:, None]).astype(np.float32)


def sample(field: np.ndarray, points: np.ndarray, stride: int, channels: np.ndarray | None = None) -> np.ndarray:
    """Bilinear values of ``field`` (C, H, W) at ``points`` (n, 2) input pixels, clamped to the field: (n, C) float32.

    ``channels``: (n, m) int, which channels to read at each point; the answer is (n, m) then.
    """
    count, rows, cols = field.shape
    c = np.arange(count)[None] if channels is None else channels
    x = np.clip(points[:, 0] / stride, 0, cols - 1)
    y = np.clip(points[:, 1] / stride, 0, rows - 1)
    i, j = np.minimum(x.astype(int), max(cols - 2, 0)), np.minimum(y.astype(int), max(rows - 2, 0))
    fx, fy = (x - i).astype(np.float32)[:, None], (y - j).astype(np.float32)[:, None]
    i1, j1 = np.minimum(i + 1, cols - 1)[:, None], np.minimum(j + 1, rows - 1)[:, None]
    i, j = i[:, None], j[:, None]
    top = field[c, j, i] * (1 - fx) + field[c, j, i1] * fx
    bottom = field[c, j1, i] * (1 - fx) + field[c, j1, i1] * fx
    return np.ascontiguousarray(top * (1 - fy) + bottom * fy, np.float32)


def embeddings_at(fields: Fields, points: np.ndarray) -> np.ndarray:
    """E(q) = where each joint of the pixel's own person lies, read at ``points`` (n, 2): (n, K, 2) input pixels."""
    offsets = sample(fields["mask_offset"], points, fields.stride).reshape(len(points), -1, 2)
    return offsets + np.asarray(points, np.float32)[:, None]


def assign_nearest(
    embedding: np.ndarray, centres: np.ndarray, sigmas: np.ndarray, foreground: np.ndarray
) -> np.ndarray:
    """Labels of a 2-D embedding: (H, W) int32, 0 or the 1-based centre whose Gaussian is above 0.5 and highest.

    ``embedding``: (2, H, W) float32 positions. ``centres``: (N, 2). ``sigmas``: (N,), in the embedding's unit. ``foreground``:
    (H, W) bool. KDC eq. 3 and its threshold without the exponential: |e - C_j|^2 / (2 sigma_j^2) < ln 2, smallest wins, the
    first on a tie. Equal to ``assign_nearest_reference`` bit for bit.
    """
    from kdc.decode import mask_kernels

    c = np.ascontiguousarray(centres, np.float32)
    gains = (np.float32(0.5) / np.square(np.asarray(sigmas, np.float32))).astype(np.float32)
    rows, cols = foreground.shape
    labels = np.empty((rows, cols), np.int32)
    x, y = embedding[0], embedding[1]

    def work(start: int, stop: int) -> None:
        mask_kernels.assign_rows(x, y, c, gains, np.float32(LN2), foreground, labels, start, stop)

    run_bands(work, rows, least=max(1, 200_000 // max(cols, 1)))
    return labels


def assign_nearest_reference(
    embedding: np.ndarray, centres: np.ndarray, sigmas: np.ndarray, foreground: np.ndarray
) -> np.ndarray:
    """The plain numpy form of ``assign_nearest``: the rule, without care for speed."""
    c = np.asarray(centres, np.float32)
    gains = np.float32(0.5) / np.square(np.asarray(sigmas, np.float32))
    if not len(c):
        return np.zeros(foreground.shape, np.int32)
    dx = embedding[0][None] - c[:, 0, None, None]
    dy = embedding[1][None] - c[:, 1, None, None]
    d = (dx * dx + dy * dy) * gains[:, None, None]
    nearest = d.argmin(0)
    inside = (d.min(0) < np.float32(LN2)) & foreground
    return np.where(inside, nearest + 1, 0).astype(np.int32)
