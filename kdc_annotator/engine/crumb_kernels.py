"""Compiled search for the crumbs that a change left. Importing it imports numba.

Only parts that the change has touched can be crumbs. So each search begins at a pixel that changed, and ends as soon as the part is known
to be no crumb: what it costs follows from the change, not from the size of the mask.
"""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit

_OPEN, _LARGE, _SMALL = 1, 2, 3


@njit(nogil=True, cache=True, error_model="numpy")
def part_at(bits, inside, marks, y, x, limit, diagonal, found):
    """The pixels of the part of ``bits`` (h, w) bool, where they are ``inside``, at (y, x), as rows of ``found`` (limit, 2) int32: how many, or 0 for a part that has
    ``limit`` or more or reaches the border. ``marks`` (h, w) uint8: what is known of pixels by now."""
    h, w = bits.shape
    marks[y, x] = _OPEN
    found[0, 0], found[0, 1] = y, x
    count, at = 1, 0
    large = limit <= 1
    while at < count and not large:
        v, u = found[at, 0], found[at, 1]
        at += 1
        if v == 0 or u == 0 or v == h - 1 or u == w - 1:
            large = True
            break
        for dv in range(-1, 2):
            for du in range(-1, 2):
                if (dv == 0 and du == 0) or (not diagonal and dv != 0 and du != 0):
                    continue
                if bits[v + dv, u + du] != inside:
                    continue
                mark = marks[v + dv, u + du]
                if mark == _LARGE:
                    large = True
                elif mark == 0 and not large:
                    marks[v + dv, u + du] = _OPEN
                    found[count, 0], found[count, 1] = v + dv, u + du
                    count += 1
                    large = count >= limit
    for n in range(count):
        marks[found[n, 0], found[n, 1]] = _LARGE if large else _SMALL
    return 0 if large else count


@njit(nogil=True, cache=True, error_model="numpy")
def crumbs_of(now, was, inside, spared, limit, diagonal, marks, before, out):
    """Sets ``out`` at the crumbs of ``now``, where it is ``inside``: parts of fewer than ``limit`` pixels away from the border, with no
    pixel of such a part of ``was`` and none of ``spared``. All (h, w) bool; says how many pixels. ``diagonal``: corners connect. ``marks``, ``before``:
    (h, w) uint8 zeros to work on."""
    h, w = now.shape
    found, old = np.empty((limit + 1, 2), np.int32), np.empty((limit + 1, 2), np.int32)
    total = 0
    for y in range(h):
        for x in range(w):
            if now[y, x] == was[y, x]:
                continue
            # Where a pixel came, its part; where one went, the parts that it held together.
            near = 0 if now[y, x] == inside else 1
            for v in range(max(y - near, 0), min(y + near + 1, h)):
                for u in range(max(x - near, 0), min(x + near + 1, w)):
                    if now[v, u] != inside or marks[v, u] != 0 or (not diagonal and v != y and u != x):
                        continue
                    count = part_at(now, inside, marks, v, u, limit, diagonal, found)
                    keep = count == 0
                    for n in range(count):
                        b, a = found[n, 0], found[n, 1]
                        if spared[b, a]:
                            keep = True
                        elif was[b, a] == inside:
                            if before[b, a] == 0:
                                part_at(was, inside, before, b, a, limit, diagonal, old)
                            keep = keep or before[b, a] == _SMALL
                        if keep:
                            break
                    if not keep:
                        total += count
                        for n in range(count):
                            out[found[n, 0], found[n, 1]] = True
    return total
