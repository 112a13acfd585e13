"""Compiled loops from a network's raw answers to fields. Importing this module imports numba (about half a second).

Networks answer pixel by pixel in memory, mostly in bfloat16; fields are planes of float32. One row at a time is widened and
turned round in a buffer that the processor's cache holds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from kdc.decode.merge_kernels import LEAST


@njit(nogil=True, cache=True)
def widen_row(bits, row, mirrored, buffer):  # type: ignore[no-untyped-def]
    """Row ``row`` of ``bits`` (C, H, W), uint16 of bfloat16 or uint32 of float32, as the bits of float32 in ``buffer`` (C, W); from
    right to left if ``mirrored``."""
    channels, _, cols = bits.shape
    shift = np.uint32(8 * (4 - bits.itemsize))
    start, step = (cols - 1, -1) if mirrored else (0, 1)
    if bits.strides[2] > bits.strides[0]:
        for u in range(cols):
            to = start + step * u
            for c in range(channels):
                buffer[c, to] = np.uint32(bits[c, row, u]) << shift
    else:
        for c in range(channels):
            for u in range(cols):
                buffer[c, start + step * u] = np.uint32(bits[c, row, u]) << shift


@njit(nogil=True, cache=True)
def values_of(line, gain, table, room):  # type: ignore[no-untyped-def]
    """The values (W,) of a ``line`` of the buffer, still to be multiplied by ``gain``; where that is 0, what ``table`` says of them, in
    ``room``."""
    if gain != 0:
        return line.view(np.float32)
    for u in range(room.shape[0]):
        room[u] = table[line[u] >> np.uint32(16)]
    return room


@njit(nogil=True, cache=True)
def one_view(bits, gains, table, mirrored, out, start, stop):  # type: ignore[no-untyped-def]
    """Rows ``start`` to ``stop`` of ``out`` (C, H, W) float32 from ``bits`` (see ``widen_row``), by ``gains`` (C,) (see ``values_of``)."""
    buffer = np.empty((bits.shape[0], bits.shape[2]), np.uint32)
    room = np.empty(bits.shape[2], np.float32)
    for v in range(start, stop):
        widen_row(bits, v, mirrored, buffer)
        for c in range(bits.shape[0]):
            line, gain = values_of(buffer[c], gains[c], table, room), gains[c] if gains[c] != 0 else np.float32(1)
            for u in range(line.shape[0]):
                out[c, v, u] = line[u] * gain


@njit(nogil=True, cache=True)
def two_views(  # type: ignore[no-untyped-def]
    bits, mirror, gains, table, source, sign, gate, heat, chance, mirror_chance, out, start, stop
):
    """Rows ``start`` to ``stop`` of ``out``: the mean of a view and of its mirror image, each weighted by its gate + ``LEAST``.

    ``source``, ``sign`` (C,): the mirror image's channel for each, negative where it has none, and by what it is multiplied. ``gate``
    (C,): -1 weighs both alike, -2 by ``chance`` and ``mirror_chance`` (H, W), the latter turned back already; k by the heat of joint k,
    the first of which is channel ``heat``. Otherwise as in ``one_view``, and term by term as ``merge_kernels.weighted_mean``.
    """
    channels, _, cols = bits.shape
    first, second = np.empty((channels, cols), np.uint32), np.empty((channels, cols), np.uint32)
    room, other_room = np.empty(cols, np.float32), np.empty(cols, np.float32)
    unknown = np.full(cols, np.nan, np.float32)
    joints = gate.max() + 1
    seen, other = np.ones((joints + 2, cols), np.float32), np.ones((joints + 2, cols), np.float32)
    nothing, one = np.float32(0), np.float32(1)
    for v in range(start, stop):
        widen_row(bits, v, False, first)
        widen_row(mirror, v, True, second)
        for k in range(joints):
            gain = gains[heat + k] if gains[heat + k] != 0 else one
            seen[k] = values_of(first[heat + k], gains[heat + k], table, room) * gain
            other[k] = values_of(second[source[heat + k]], gains[heat + k], table, room) * gain
        seen[joints], other[joints] = chance[v], mirror_chance[v]
        for c in range(channels):
            gain = gains[c] if gains[c] != 0 else one
            here = values_of(first[c], gains[c], table, room)
            there = unknown if source[c] < 0 else values_of(second[source[c]], gains[c], table, other_room)
            which = gate[c] if gate[c] >= 0 else joints + 2 + gate[c]
            mine, its, turn, line = seen[which], other[which], sign[c] * gain, out[c, v]
            for u in range(cols):
                a, b = here[u] * gain, there[u] * turn
                wa = mine[u] + LEAST if a == a else nothing
                wb = its[u] + LEAST if b == b else nothing
                total = (wa * a if a == a else nothing) + (wb * b if b == b else nothing)
                line[u] = total / max(wa + wb, np.float32(1e-12))
