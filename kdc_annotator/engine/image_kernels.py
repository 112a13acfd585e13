"""Compiled loops of the re-clusterer at photo resolution. Importing it imports numba.

A person's score at a pixel follows from the person alone: what the guided filter (or the fine correction) says, but at most
``BAND`` away from the bilinear score. The highest score above 0 wins. The photo is cut into quads, the pixels between four
neighbouring cells of the field; the band makes it certain at the corners who owns a quad inside a person or far from anybody,
so only contested quads are looked at pixel by pixel.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

from kdc_annotator.engine.site import BAND


@njit(nogil=True, cache=True, error_model="numpy")
def clear_cells(first, second, owner, y0, x0, y1, x1):
    """Nobody owns the cells of rows y0 to y1 and columns x0 to x1."""
    for v in range(y0, y1):
        for u in range(x0, x1):
            first[v, u] = np.float32(-0.5)
            second[v, u] = np.float32(-0.5)
            owner[v, u] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def rank_cells(score, top, left, number, first, second, owner, y0, x0, y1, x1):
    """Lets a person's ``score`` (h, w) compete in the cells of a rectangle; equal scores stay with the earlier person."""
    h, w = score.shape
    for v in range(max(y0, top), min(y1, top + h)):
        for u in range(max(x0, left), min(x1, left + w)):
            s = score[v - top, u - left]
            if s > first[v, u]:
                second[v, u] = first[v, u]
                first[v, u] = s
                owner[v, u] = number
            elif s > second[v, u]:
                second[v, u] = s


@njit(nogil=True, cache=True, error_model="numpy")
def corner_most(score, top, left, v, u):
    """The highest score at the corners of the quad (v, u), -1/2 outside the crop."""
    h, w = score.shape
    best = np.float32(-0.5)
    for j in range(v - top, v - top + 2):
        if j < 0 or j >= h:
            continue
        for i in range(u - left, u - left + 2):
            if 0 <= i < w:
                best = max(best, score[j, i])
    return best


@njit(nogil=True, cache=True, error_model="numpy")
def classify(
    first,
    second,
    owner,
    pinned,
    old,
    old_top,
    old_left,
    new,
    new_top,
    new_left,
    everything,
    uniform,
    mode,
    y0,
    x0,
    y1,
    x1,
):
    """Which quads of a rectangle are to be drawn: ``mode`` 0 nothing, 1 pixel by pixel, 2 filled with ``uniform``.

    ``uniform`` (quads) int32: the owner of a quad that nobody contests, -1 for a contested one, -2 for one never drawn.
    ``old``, ``new``: the changed person's score before and after. ``pinned`` (quads) bool: holds erased pixels.
    """
    band = np.float32(BAND)
    floor = np.float32(0)
    active = -np.float32(BAND)
    for v in range(y0, y1):
        for u in range(x0, x1):
            who = owner[v, u] if first[v, u] > floor else 0
            alone = not pinned[v, u]
            for j in range(v, v + 2):
                for i in range(u, u + 2):
                    lead = first[j, i] - second[j, i]
                    if who == 0:
                        alone = alone and first[j, i] < -band
                    else:
                        alone = alone and owner[j, i] == who and first[j, i] > band and lead > band + band
            now = who if alone else -1
            before = uniform[v, u]
            if now >= 0:
                mode[v, u] = 0 if now == before and not everything else 2
            elif before != -1 or everything:
                mode[v, u] = 1
            else:
                touched = (
                    corner_most(old, old_top, old_left, v, u) > active
                    or corner_most(new, new_top, new_left, v, u) > active
                )
                mode[v, u] = 1 if touched else 0
            uniform[v, u] = now


@njit(nogil=True, cache=True, error_model="numpy")
def start_quads(mode, uniform, rows, cols, best, base, oy, ox, y0, x0, y1, x1):
    """Fills the quads of mode 2 and empties those of mode 1. ``rows``, ``cols``: first pixel of each quad, and the end.

    ``best``: scratch of the photo rectangle that begins at (oy, ox).
    """
    for v in range(y0, y1):
        for u in range(x0, x1):
            m = mode[v, u]
            if m == 0:
                continue
            label = np.uint16(uniform[v, u]) if m == 2 else np.uint16(0)
            for y in range(rows[v], rows[v + 1]):
                for x in range(cols[u], cols[u + 1]):
                    base[y, x] = label
                    if m == 1:
                        best[y - oy, x - ox] = np.float32(0)


@njit(nogil=True, cache=True, error_model="numpy")
def compete_quads(
    score,
    rule,
    planes,
    plain,
    top,
    left,
    number,
    erased,
    ey,
    ex,
    grid,
    gx0,
    gy0,
    gsx,
    gsy,
    photo,
    rows,
    cols,
    fy,
    fx,
    mode,
    best,
    base,
    oy,
    ox,
    y0,
    x0,
    y1,
    x1,
):
    """A person competes, pixel by pixel, in the quads of mode 1 of rows y0 to y1 and columns x0 to x1.

    ``score`` (h, w): with the correction as the cells see it. The pixel's score is the bilinear ``planes`` (4, h, w) applied to
    the photo, a . rgb + b; if ``plain`` the bilinear ``rule`` (h, w) plus the bilinear ``grid`` (n, m) of the correction; always
    within ``BAND`` of the bilinear ``score``. ``erased`` (eh, ew) bool, beginning at photo (ey, ex): pixels the person can't have.
    """
    h, w = score.shape
    n, m = grid.shape
    eh, ew = erased.shape
    corrected = n > 0
    active = -np.float32(BAND)
    half = np.float32(0.5)
    unit = np.float32(1.0 / 255.0)
    corner = np.empty((5, 4), np.float32)
    band = np.float32(BAND)
    for v in range(max(y0, top - 1), min(y1, top + h)):
        for u in range(max(x0, left - 1), min(x1, left + w)):
            if mode[v, u] != 1 or corner_most(score, top, left, v, u) <= active:
                continue
            for q in range(4):
                j, i = v - top + q // 2, u - left + q % 2
                outside = j < 0 or j >= h or i < 0 or i >= w
                corner[4, q] = -half if outside else score[j, i]
                for c in range(4):
                    if outside or plain:
                        corner[c, q] = -half if c == 3 else np.float32(0)
                        if corrected and c == 3 and not outside:
                            corner[c, q] = rule[j, i]
                    else:
                        corner[c, q] = planes[c, j, i]
            for y in range(rows[v], rows[v + 1]):
                f = fy[y]
                r0 = corner[0, 0] + f * (corner[0, 2] - corner[0, 0])
                r1 = corner[0, 1] + f * (corner[0, 3] - corner[0, 1]) - r0
                g0 = corner[1, 0] + f * (corner[1, 2] - corner[1, 0])
                g1 = corner[1, 1] + f * (corner[1, 3] - corner[1, 1]) - g0
                b0 = corner[2, 0] + f * (corner[2, 2] - corner[2, 0])
                b1 = corner[2, 1] + f * (corner[2, 3] - corner[2, 1]) - b0
                s0 = corner[3, 0] + f * (corner[3, 2] - corner[3, 0])
                s1 = corner[3, 1] + f * (corner[3, 3] - corner[3, 1]) - s0
                p0 = corner[4, 0] + f * (corner[4, 2] - corner[4, 0])
                p1 = corner[4, 1] + f * (corner[4, 3] - corner[4, 1]) - p0
                inside = corrected
                j = 0
                j1 = 0
                wy = np.float32(0)
                if corrected:
                    gy = (y - gy0) / gsy
                    inside = -0.5 <= gy <= n - 0.5
                    gy = min(max(gy, 0.0), n - 1.0)
                    j = min(int(gy), max(n - 2, 0))
                    j1 = min(j + 1, n - 1)
                    wy = np.float32(gy - j)
                for x in range(cols[u], cols[u + 1]):
                    t = fx[x]
                    flat = p0 + t * p1
                    s = flat if plain and not corrected else s0 + t * s1
                    if not plain:
                        s += unit * (
                            (r0 + t * r1) * np.float32(photo[y, x, 0])
                            + (g0 + t * g1) * np.float32(photo[y, x, 1])
                            + (b0 + t * b1) * np.float32(photo[y, x, 2])
                        )
                    if inside:
                        gx = (x - gx0) / gsx
                        if -0.5 <= gx <= m - 0.5:
                            gx = min(max(gx, 0.0), m - 1.0)
                            i = min(int(gx), max(m - 2, 0))
                            i1 = min(i + 1, m - 1)
                            wx = np.float32(gx - i)
                            a = grid[j, i] + wx * (grid[j, i1] - grid[j, i])
                            b = grid[j1, i] + wx * (grid[j1, i1] - grid[j1, i])
                            s += a + wy * (b - a)
                    s = min(max(s, flat - band), flat + band)
                    if s > best[y - oy, x - ox]:
                        if ey <= y < ey + eh and ex <= x < ex + ew and erased[y - ey, x - ex]:
                            continue
                        best[y - oy, x - ox] = s
                        base[y, x] = number


@njit(nogil=True, cache=True, error_model="numpy")
def pin_quads(bits, y, x, row_quad, col_quad, pinned):
    """Marks the quads that hold a pixel of ``bits`` (h, w), which begins at photo (y, x)."""
    for v in range(bits.shape[0]):
        for u in range(bits.shape[1]):
            if bits[v, u]:
                pinned[row_quad[y + v], col_quad[x + u]] = True
