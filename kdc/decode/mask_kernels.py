"""Compiled loops of MaskCentroid clustering. Importing this module imports numba (about half a second).

All arrays are planar float32. Loops over people or joints stand outside the loop over columns, so that the inner loop is
contiguous. ``left`` and ``top`` are the first column and row of a crop, in cells; positions are input pixels, (x, y).
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def assign_rows(x, y, centres, gains, limit, foreground, labels, start, stop):  # type: ignore[no-untyped-def]
    """Rows ``start`` to ``stop`` of the 2-D rule: nearest centre within its Gaussian.

    ``x``, ``y``: (H, W) embedding. ``centres``: (N, 2). ``gains``: (N,) 1 / (2 sigma^2). A pixel gets j + 1 for the smallest
    gain_j |e - C_j|^2, the first one on a tie, if that is below ``limit`` and ``foreground`` (H, W) bool; else 0.
    """
    cols = x.shape[1]
    best = np.empty(cols, np.float32)
    who = np.empty(cols, np.int32)
    for v in range(start, stop):
        best[:] = limit
        who[:] = 0
        for j in range(centres.shape[0]):
            cx, cy, gain = centres[j, 0], centres[j, 1], gains[j]
            for u in range(cols):
                dx = x[v, u] - cx
                dy = y[v, u] - cy
                d = (dx * dx + dy * dy) * gain
                closer = d < best[u]
                best[u] = d if closer else best[u]
                who[u] = j + 1 if closer else who[u]
        for u in range(cols):
            labels[v, u] = who[u] if foreground[v, u] else 0


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def pointing_sum(offset, stride, points, weights, left, top, out):  # type: ignore[no-untyped-def]
    """Adds sum_k w_k |x + v_k(x) - q_k| to ``out`` (h, w), input pixels.

    ``offset``: (2K, H, W). ``points``: (K, 2). ``weights``: (K,), joints of weight 0 are skipped.
    """
    h, w = out.shape
    for k in range(points.shape[0]):
        weight = weights[k]
        if weight == 0:
            continue
        qx, qy = points[k, 0], points[k, 1]
        for v in range(h):
            px = offset[2 * k, top + v]
            py = offset[2 * k + 1, top + v]
            oy = np.float32((top + v) * stride) - qy
            ox = np.float32(left * stride) - qx
            step = np.float32(stride)
            for u in range(w):
                dx = px[left + u] + (ox + step * np.float32(u))
                dy = py[left + u] + oy
                out[v, u] += weight * np.sqrt(dx * dx + dy * dy)


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def embedding_nearest(offset, stride, centroids, left, top, out):  # type: ignore[no-untyped-def]
    """``out`` (h, w) = min over m of sqrt(mean over k of |x + v_k(x) - c_mk|^2), input pixels.

    ``offset``: (2K, H, W). ``centroids``: (M, 2K) positions, M >= 1.
    """
    h, w = out.shape
    channels = centroids.shape[1]
    share = np.float32(2.0 / channels)
    step = np.float32(stride)
    acc = np.empty(w, np.float32)
    best = np.empty(w, np.float32)
    for v in range(h):
        best[:] = np.float32(np.inf)
        for m in range(centroids.shape[0]):
            acc[:] = np.float32(0)
            for k in range(channels // 2):
                px = offset[2 * k, top + v]
                py = offset[2 * k + 1, top + v]
                oy = np.float32((top + v) * stride) - centroids[m, 2 * k + 1]
                ox = np.float32(left * stride) - centroids[m, 2 * k]
                for u in range(w):
                    dx = px[left + u] + (ox + step * np.float32(u))
                    dy = py[left + u] + oy
                    acc[u] += dx * dx + dy * dy
            for u in range(w):
                best[u] = acc[u] if acc[u] < best[u] else best[u]
        for u in range(w):
            out[v, u] = np.sqrt(best[u] * share)


@njit(nogil=True, cache=True, fastmath={"contract", "nsz"})
def segment_nearest(segments, stride, left, top, out):  # type: ignore[no-untyped-def]
    """Lowers ``out`` (h, w) to the SQUARED distance to the nearest of ``segments`` (S, 4): x, y, x', y', input pixels."""
    h, w = out.shape
    zero, one, step = np.float32(0), np.float32(1), np.float32(stride)
    for s in range(segments.shape[0]):
        ax, ay = segments[s, 0], segments[s, 1]
        bx, by = segments[s, 2] - ax, segments[s, 3] - ay
        length = bx * bx + by * by
        inverse = one / length if length > zero else zero
        for v in range(h):
            py = np.float32((top + v) * stride) - ay
            ox = np.float32(left * stride) - ax
            for u in range(w):
                px = ox + step * np.float32(u)
                t = (px * bx + py * by) * inverse
                t = min(max(t, zero), one)
                dx = px - t * bx
                dy = py - t * by
                d = dx * dx + dy * dy
                out[v, u] = d if d < out[v, u] else out[v, u]


@njit(nogil=True, cache=True)
def condition(distance, limb, person, left, top, gain, prior, prior_gain, phi, logit):  # type: ignore[no-untyped-def]
    """phi = exp(-gain d^2) and logit = person + prior (2 exp(-prior_gain limb^2) - 1), all (h, w) but ``person`` (H, W)."""
    h, w = distance.shape
    one, two = np.float32(1), np.float32(2)
    for v in range(h):
        for u in range(w):
            phi[v, u] = np.exp(-gain * distance[v, u] * distance[v, u])
            near = np.exp(-prior_gain * limb[v, u] * limb[v, u])
            logit[v, u] = person[top + v, left + u] + prior * (two * near - one)


@njit(nogil=True, cache=True)
def compete(score, left, top, label, best, labels):  # type: ignore[no-untyped-def]
    """Gives ``label`` to the crop's pixels whose ``score`` (h, w) beats ``best`` (H, W), which it raises."""
    h, w = score.shape
    for v in range(h):
        for u in range(w):
            s = score[v, u]
            if s > best[top + v, left + u]:
                best[top + v, left + u] = s
                labels[top + v, left + u] = label


@njit(nogil=True, cache=True)
def compete_upsampled(score, rows, cols, y0, x0, label, best, labels, start, stop):  # type: ignore[no-untyped-def]
    """``compete`` with the crop read bilinearly at photo pixels, rows ``start`` to ``stop`` of the whole photo.

    ``rows`` (h',) and ``cols`` (w',): position of the photo's rows y0 ... and columns x0 ... in cells of the crop, clamped by
    the caller to [0, h - 1] and [0, w - 1].
    """
    h, w = score.shape
    n = cols.shape[0]
    first = np.empty(n, np.int64)
    second = np.empty(n, np.int64)
    part = np.empty(n, np.float32)
    for u in range(n):
        i = min(int(cols[u]), max(w - 2, 0))
        first[u] = i
        second[u] = min(i + 1, w - 1)
        part[u] = cols[u] - i
    line = np.empty(w, np.float32)
    for v in range(max(start, y0), min(stop, y0 + rows.shape[0])):
        r = rows[v - y0]
        j = min(int(r), max(h - 2, 0))
        j1 = min(j + 1, h - 1)
        f = np.float32(r - j)
        for i in range(w):
            line[i] = score[j, i] + f * (score[j1, i] - score[j, i])
        for u in range(n):
            a = line[first[u]]
            s = a + part[u] * (line[second[u]] - a)
            if s > best[v, x0 + u]:
                best[v, x0 + u] = s
                labels[v, x0 + u] = label
