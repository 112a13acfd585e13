"""Geodesic distance on a grid by raster scans (Toivanen 1996). Importing it imports numba."""

# mypy: disable-error-code="no-untyped-def"

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def _relax(far, look, v, u, j, i, length, colour):
    h, w = far.shape
    if j < 0 or j >= h or i < 0 or i >= w:
        return
    step = np.float32(0)
    for c in range(look.shape[2]):
        step += abs(look[v, u, c] - look[j, i, c])
    d = far[j, i] + length + colour * step / np.float32(look.shape[2])
    if d < far[v, u]:
        far[v, u] = d


@njit(nogil=True, cache=True, error_model="numpy")
def geodesic(seeds, look, step_x, step_y, colour, rounds=3):
    """Distance to ``seeds`` (h, w) bool over ``look`` (h, w, C) float32: path length in steps (``step_x`` across, ``step_y`` down) plus
    ``colour`` times the colour steps on the way. ``rounds`` of a forward and a backward scan."""
    h, w = seeds.shape
    far = np.empty((h, w), np.float32)
    diagonal = np.sqrt(step_x * step_x + step_y * step_y)
    for v in range(h):
        for u in range(w):
            far[v, u] = np.float32(0) if seeds[v, u] else np.float32(1e6)
    for _ in range(rounds):
        for v in range(h):
            for u in range(w):
                _relax(far, look, v, u, v, u - 1, step_x, colour)
                _relax(far, look, v, u, v - 1, u - 1, diagonal, colour)
                _relax(far, look, v, u, v - 1, u, step_y, colour)
                _relax(far, look, v, u, v - 1, u + 1, diagonal, colour)
        for v in range(h - 1, -1, -1):
            for u in range(w - 1, -1, -1):
                _relax(far, look, v, u, v, u + 1, step_x, colour)
                _relax(far, look, v, u, v + 1, u + 1, diagonal, colour)
                _relax(far, look, v, u, v + 1, u, step_y, colour)
                _relax(far, look, v, u, v + 1, u - 1, diagonal, colour)
    return far
