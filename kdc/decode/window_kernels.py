"""Compiled loops that fill the planes of square windows around people. Importing this module imports numba (about half a second)."""

from __future__ import annotations

from numba import njit


@njit(nogil=True, cache=True)
def outer_each(down, across, out):  # type: ignore[no-untyped-def]
    """``out`` (n, h, w) = ``down`` (n, h) times ``across`` (n, w)."""
    for n in range(out.shape[0]):
        for v in range(out.shape[1]):
            share, line = down[n, v], out[n, v]
            for u in range(out.shape[2]):
                line[u] = share * across[n, u]


@njit(nogil=True, cache=True)
def outer_highest(down, across, out):  # type: ignore[no-untyped-def]
    """Raises ``out`` (h, w) to the highest over n of ``down`` (n, h) times ``across`` (n, w)."""
    for n in range(down.shape[0]):
        for v in range(out.shape[0]):
            share, line = down[n, v], out[v]
            if share == 0:
                continue
            for u in range(out.shape[1]):
                here = share * across[n, u]
                line[u] = here if here > line[u] else line[u]


@njit(nogil=True, cache=True)
def photo_planes(patch, table, out):  # type: ignore[no-untyped-def]
    """``out`` (3, h, w) = what ``table`` (256,) says of each of ``patch`` (h, w, 3) uint8."""
    for v in range(patch.shape[0]):
        for u in range(patch.shape[1]):
            for c in range(3):
                out[c, v, u] = table[patch[v, u, c]]
