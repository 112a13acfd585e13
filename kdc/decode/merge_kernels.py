"""Compiled loop of merging. Importing this module imports numba (about half a second)."""

from __future__ import annotations

import numpy as np
from numba import njit

LEAST = np.float32(1e-3)
"""Weight of a prediction where nothing is seen at all: nobody's say is nothing."""


@njit(nogil=True, cache=True)
def weighted_mean(arrays, gates, index, out, start, stop):  # type: ignore[no-untyped-def]
    """Channels ``start`` to ``stop`` of ``out`` (C, H, W): the mean of several predictions, each weighted by its gate + ``LEAST``.

    ``arrays``: tuple of (C, H, W) float32, NaN where one says nothing; 0 where none says anything. ``gates``: tuple of (G, H, W)
    float32; ``index``: (C,) int64, the gate's channel for each of ``out``.
    """
    rows, cols = out.shape[1:]
    total = np.empty(cols, np.float32)
    weight = np.empty(cols, np.float32)
    for c in range(start, stop):
        for v in range(rows):
            total[:] = 0
            weight[:] = 0
            for s in range(len(arrays)):
                values, gate = arrays[s][c, v], gates[s][index[c], v]
                for u in range(cols):
                    here = values[u]
                    known = here == here
                    w = gate[u] + LEAST if known else np.float32(0)
                    total[u] += w * here if known else np.float32(0)
                    weight[u] += w
            for u in range(cols):
                out[c, v, u] = total[u] / max(weight[u], np.float32(1e-12))
