"""Compiled loops of the re-clusterer at field resolution. Importing it imports numba.

No fast maths here: a sum must come out the same whatever region it is computed on, so that a drag and a recomputation
from nothing agree bit for bit. Distances are added as whole numbers (``UNITS`` to the input pixel), so that a share can be
taken out again exactly.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

UNITS = 64
FARTHEST = 16384.0
"""Distances are cut here, in input pixels: 500 joints still fit into an int32 of ``UNITS``... at weight 1."""


@njit(nogil=True, cache=True, error_model="numpy")
def pointing_add(offset, joint, stride, qx, qy, gain, sign, left, top, out):
    """Adds ``sign`` round(``gain`` |x + v_k(x) - q_k|) to ``out`` (h, w) int32; ``gain`` = weight * UNITS."""
    h, w = out.shape
    far = np.float32(FARTHEST)
    half = np.float32(0.5)
    px = offset[2 * joint]
    py = offset[2 * joint + 1]
    for v in range(h):
        y = np.float32((top + v) * stride) - qy
        for u in range(w):
            dx = px[top + v, left + u] + (np.float32((left + u) * stride) - qx)
            dy = py[top + v, left + u] + y
            d = min(np.sqrt(dx * dx + dy * dy), far)
            out[v, u] += sign * np.int32(d * gain + half)


@njit(nogil=True, cache=True, error_model="numpy")
def embedding_square(offset, stride, centroid, left, top, out):
    """``out`` (h, w) = sum over k of |x + v_k(x) - c_k|^2; ``centroid``: (2K,) float32."""
    h, w = out.shape
    for v in range(h):
        for u in range(w):
            out[v, u] = np.float32(0)
        for k in range(centroid.shape[0] // 2):
            y = np.float32((top + v) * stride) - centroid[2 * k + 1]
            cx = centroid[2 * k]
            for u in range(w):
                dx = offset[2 * k, top + v, left + u] + (np.float32((left + u) * stride) - cx)
                dy = offset[2 * k + 1, top + v, left + u] + y
                out[v, u] += dx * dx + dy * dy


@njit(nogil=True, cache=True, error_model="numpy")
def segment_square(segments, stride, left, top, out):
    """Lowers ``out`` (h, w) to the squared distance to the nearest of ``segments`` (S, 4), input pixels."""
    h, w = out.shape
    zero, one = np.float32(0), np.float32(1)
    for s in range(segments.shape[0]):
        ax, ay = segments[s, 0], segments[s, 1]
        bx, by = segments[s, 2] - ax, segments[s, 3] - ay
        length = bx * bx + by * by
        inverse = one / length if length > zero else zero
        for v in range(h):
            py = np.float32((top + v) * stride) - ay
            for u in range(w):
                px = np.float32((left + u) * stride) - ax
                t = min(max((px * bx + py * by) * inverse, zero), one)
                dx = px - t * bx
                dy = py - t * by
                d = dx * dx + dy * dy
                out[v, u] = d if d < out[v, u] else out[v, u]


@njit(nogil=True, cache=True, error_model="numpy")
def lowest(a, out):
    """Lowers ``out`` (h, w) to ``a``."""
    for v in range(a.shape[0]):
        for u in range(a.shape[1]):
            out[v, u] = min(out[v, u], a[v, u])


@njit(nogil=True, cache=True, error_model="numpy")
def combine(
    total,
    per_total,
    square,
    per_square,
    limb,
    per_limb,
    extra,
    person,
    top,
    left,
    y0,
    x0,
    gain,
    prior,
    prior_gain,
    phi,
    logit,
):
    """phi and logit (h, w) of a person, whose first cell is row ``top``, column ``left`` of the field.

    ``total`` (int32), ``square``, ``limb`` (squared distances): on the region, where the crop begins at (y0, x0).
    d = total per_total + sqrt(square) per_square + sqrt(limb) per_limb + extra. phi = exp(-gain d^2).
    ``limb`` without its weight shapes the prior: c = exp(-prior_gain limb) (``prior_gain`` per squared input pixel).
    """
    h, w = phi.shape
    one, two = np.float32(1), np.float32(2)
    for v in range(h):
        for u in range(w):
            l2 = limb[y0 + v, x0 + u]
            d = np.float32(total[y0 + v, x0 + u]) * per_total
            d += np.sqrt(square[y0 + v, x0 + u]) * per_square
            d += np.sqrt(l2) * per_limb + extra[v, u]
            phi[v, u] = np.exp(-gain * d * d)
            logit[v, u] = person[top + v, left + u] + prior * (two * np.exp(-prior_gain * l2) - one)


@njit(nogil=True, cache=True, error_model="numpy")
def blur(image, taps, across, out):
    """Separable Gaussian of ``image`` (h, w) with the edge repeated. ``taps``: (2 r + 1,). ``across``: scratch (h, w)."""
    h, w = image.shape
    r = taps.shape[0] // 2
    for v in range(h):
        for u in range(w):
            across[v, u] = np.float32(0)
        for t in range(2 * r + 1):
            for u in range(w):
                across[v, u] += taps[t] * image[v, min(max(u + t - r, 0), w - 1)]
    for v in range(h):
        for u in range(w):
            out[v, u] = np.float32(0)
        for t in range(2 * r + 1):
            row = min(max(v + t - r, 0), h - 1)
            for u in range(w):
                out[v, u] += taps[t] * across[row, u]


@njit(nogil=True, cache=True, error_model="numpy")
def finish(phi, logit, score):
    """score = min(logit / 4, phi - 1/2), at most 1/2 and at least -1/2."""
    half, quarter = np.float32(0.5), np.float32(0.25)
    for v in range(phi.shape[0]):
        for u in range(phi.shape[1]):
            score[v, u] = min(max(min(logit[v, u] * quarter, phi[v, u] - half), -half), half)


@njit(nogil=True, cache=True, error_model="numpy")
def window_mean(image, radius, top, left, height, width, across, out):
    """Mean of ``image`` (h, w), 0 outside it, over the (2 r + 1)^2 window cut to the field (height, width) it is a crop of."""
    h, w = image.shape
    for v in range(h):
        for u in range(w):
            s = np.float32(0)
            for i in range(max(u - radius, 0), min(u + radius, w - 1) + 1):
                s += image[v, i]
            across[v, u] = s
    for v in range(h):
        rows = min(top + v + radius, height - 1) - max(top + v - radius, 0) + 1
        for u in range(w):
            out[v, u] = np.float32(0)
        for i in range(max(v - radius, 0), min(v + radius, h - 1) + 1):
            for u in range(w):
                out[v, u] += across[i, u]
        for u in range(w):
            cols = min(left + u + radius, width - 1) - max(left + u - radius, 0) + 1
            out[v, u] /= np.float32(rows * cols)


@njit(nogil=True, cache=True, error_model="numpy")
def guided(score, guide, mean, inverse, radius, top, left, planes):
    """``planes`` (4, h, w): a_r, a_g, a_b, b of the guided filter (He et al. 2013, eq. 14-16; subsampled as in He & Sun 2015).

    ``score``: (h, w), -1/2 outside. ``guide``, ``mean``: (3, H, W). ``inverse``: (6, H, W) of (covariance + eps): rr, rg, rb, gg,
    gb, bb. The means of a and b over the window are in ``planes``.
    """
    h, w = score.shape
    height, width = guide.shape[1], guide.shape[2]
    half = np.float32(0.5)
    across = np.empty((h, w), np.float32)
    p = np.empty((h, w), np.float32)
    work = np.empty((h, w), np.float32)
    mean_p = np.empty((h, w), np.float32)
    mixed = np.empty((3, h, w), np.float32)
    raw = np.empty((4, h, w), np.float32)
    for v in range(h):
        for u in range(w):
            p[v, u] = score[v, u] + half
    window_mean(p, radius, top, left, height, width, across, mean_p)
    for c in range(3):
        for v in range(h):
            for u in range(w):
                work[v, u] = p[v, u] * guide[c, top + v, left + u]
        window_mean(work, radius, top, left, height, width, across, mixed[c])
    for v in range(h):
        y = top + v
        for u in range(w):
            x = left + u
            m = mean_p[v, u]
            cr = mixed[0, v, u] - mean[0, y, x] * m
            cg = mixed[1, v, u] - mean[1, y, x] * m
            cb = mixed[2, v, u] - mean[2, y, x] * m
            ar = inverse[0, y, x] * cr + inverse[1, y, x] * cg + inverse[2, y, x] * cb
            ag = inverse[1, y, x] * cr + inverse[3, y, x] * cg + inverse[4, y, x] * cb
            ab = inverse[2, y, x] * cr + inverse[4, y, x] * cg + inverse[5, y, x] * cb
            raw[0, v, u] = ar
            raw[1, v, u] = ag
            raw[2, v, u] = ab
            raw[3, v, u] = m - (ar * mean[0, y, x] + ag * mean[1, y, x] + ab * mean[2, y, x])
    for c in range(4):
        window_mean(raw[c], radius, top, left, height, width, across, planes[c])
    for v in range(h):
        for u in range(w):
            planes[3, v, u] -= half


@njit(nogil=True, cache=True, error_model="numpy")
def longest_step(pairwise, stride, tree, points, weights):
    """The longest limb that the pairwise field (4E, H, W) sees from the placed joints, input pixels (bilinear reads)."""
    rows, cols = pairwise.shape[1], pairwise.shape[2]
    longest = 0.0
    for e in range(tree.shape[0]):
        for end in range(2):
            k = tree[e, end]
            if weights[k] <= 0:
                continue
            x = min(max(points[k, 0] / stride, 0.0), cols - 1.0)
            y = min(max(points[k, 1] / stride, 0.0), rows - 1.0)
            i, j = min(int(x), max(cols - 2, 0)), min(int(y), max(rows - 2, 0))
            fx, fy = x - i, y - j
            i1, j1 = min(i + 1, cols - 1), min(j + 1, rows - 1)
            square = 0.0
            for c in range(4 * e + 2 * end, 4 * e + 2 * end + 2):
                a = pairwise[c, j, i] * (1 - fx) + pairwise[c, j, i1] * fx
                b = pairwise[c, j1, i] * (1 - fx) + pairwise[c, j1, i1] * fx
                d = a * (1 - fy) + b * fy
                square += d * d
            longest = max(longest, np.sqrt(square))
    return longest


@njit(nogil=True, cache=True, error_model="numpy")
def add_grid(grid, x0, y0, step_x, step_y, xs, ys, score):
    """Adds a bilinear ``grid`` (n, m) to ``score`` (h, w), whose columns and rows lie at ``xs`` and ``ys`` photo pixels."""
    n, m = grid.shape
    half = np.float32(0.5)
    for v in range(score.shape[0]):
        gy = (ys[v] - y0) / step_y
        if gy < -0.5 or gy > n - 0.5:
            continue
        gy = min(max(gy, 0.0), n - 1.0)
        j = min(int(gy), max(n - 2, 0))
        j1 = min(j + 1, n - 1)
        fy = np.float32(gy - j)
        for u in range(score.shape[1]):
            gx = (xs[u] - x0) / step_x
            if gx < -0.5 or gx > m - 0.5:
                continue
            gx = min(max(gx, 0.0), m - 1.0)
            i = min(int(gx), max(m - 2, 0))
            i1 = min(i + 1, m - 1)
            fx = np.float32(gx - i)
            a = grid[j, i] + fx * (grid[j, i1] - grid[j, i])
            b = grid[j1, i] + fx * (grid[j1, i1] - grid[j1, i])
            score[v, u] = min(max(score[v, u] + (a + fy * (b - a)), -half), half)


@njit(nogil=True, cache=True, error_model="numpy")
def tube(limb, per_scale, radius, top, out):
    """``out`` (h, w) = ``top`` on a limb, falling to 0 at ``radius`` s_j from it and on to -1/2; ``limb``: squared distances."""
    half = np.float32(0.5)
    for v in range(limb.shape[0]):
        for u in range(limb.shape[1]):
            out[v, u] = max(top * (np.float32(1) - np.sqrt(limb[v, u]) * per_scale / radius), -half)
