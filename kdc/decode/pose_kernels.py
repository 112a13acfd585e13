"""Compiled loops of the pose decoder. Importing this module imports numba (about half a second).

All arrays are planar float32. ``stride``, ``step``, radii and positions are input pixels; (x, y) order.
"""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np
from numba import njit

TINY = 1e-4
"""Heat below which a joint is taken to be absent."""


@njit(nogil=True, cache=True)
def vote(heat, offset, stride, step, weight, threshold, votes):  # type: ignore[no-untyped-def]
    """Adds the votes of one keypoint type to ``votes`` (h, w), cells of ``step`` pixels.

    ``heat``: (H, W). ``offset``: (2, H, W). Every cell above ``threshold`` votes heat * weight at x + offset,
    shared bilinearly by the four nearest cells (PersonLab eq. 1). Votes that fall outside are lost. h, w >= 2.
    """
    rows, cols = heat.shape
    h, w = votes.shape
    scale = np.float32(1.0 / step)
    cell = np.float32(stride)
    one = np.float32(1)
    share = np.float32(weight)
    right_edge, bottom_edge = np.float32(w - 1), np.float32(h - 1)
    any_vote = False
    # A disk's cells vote for the same spot: their shares are summed here and written when the spot changes.
    at_i, at_j = np.int64(0), np.int64(0)
    s00, s01, s10, s11 = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
    for v in range(rows):
        ox, oy, line = offset[0, v], offset[1, v], heat[v]
        y0 = np.float32(v) * cell
        for u in range(cols):
            p = line[u]
            if p < threshold:
                continue
            x = (np.float32(u) * cell + ox[u]) * scale
            y = (y0 + oy[u]) * scale
            if not (x >= 0 and y >= 0 and x <= right_edge and y <= bottom_edge):
                continue
            any_vote = True
            i = min(int(x), w - 2)
            j = min(int(y), h - 2)
            if i != at_i or j != at_j:
                votes[at_j, at_i] += s00
                votes[at_j, at_i + 1] += s01
                votes[at_j + 1, at_i] += s10
                votes[at_j + 1, at_i + 1] += s11
                s00, s01, s10, s11 = np.float32(0), np.float32(0), np.float32(0), np.float32(0)
                at_i, at_j = i, j
            fx = x - np.float32(i)
            fy = y - np.float32(j)
            left = p * share * (one - fx)
            right = p * share * fx
            s00 += left * (one - fy)
            s01 += right * (one - fy)
            s10 += left * fy
            s11 += right * fy
    votes[at_j, at_i] += s00
    votes[at_j, at_i + 1] += s01
    votes[at_j + 1, at_i] += s10
    votes[at_j + 1, at_i + 1] += s11
    return any_vote


@njit(nogil=True, cache=True)
def smooth(votes, kernel, out):  # type: ignore[no-untyped-def]
    """``out`` (h, w) = ``votes`` under the separable symmetric ``kernel`` (2r + 1), zero outside."""
    h, w = votes.shape
    r = kernel.shape[0] // 2
    row = np.zeros(w + 2 * r, np.float32)
    inner = row[r : r + w]
    for j in range(h):
        inner[:] = kernel[r] * votes[j]
        for t in range(1, r + 1):
            share = kernel[r + t]
            if j >= t:
                above = votes[j - t]
                for i in range(w):
                    inner[i] += share * above[i]
            if j + t < h:
                below = votes[j + t]
                for i in range(w):
                    inner[i] += share * below[i]
        line = out[j]
        for i in range(w):
            line[i] = kernel[0] * row[i]
        for t in range(1, 2 * r + 1):
            share = kernel[t]
            for i in range(w):
                line[i] += share * row[i + t]


@njit(nogil=True, cache=True)
def is_maximum(field, j, i):  # type: ignore[no-untyped-def]
    """Whether no neighbour of ``field`` (h, w) is higher; on a plateau only the first cell in reading order counts."""
    h, w = field.shape
    here = field[j, i]
    for jj in range(max(j - 1, 0), min(j + 2, h)):
        for ii in range(max(i - 1, 0), min(i + 2, w)):
            other = field[jj, ii]
            if other > here or (other == here and (jj < j or (jj == j and ii < i))):
                return False
    return True


@njit(nogil=True, cache=True)
def maxima(smoothed, votes, step, threshold, reach, found):  # type: ignore[no-untyped-def]
    """Writes local maxima of ``smoothed`` to ``found`` (n, 3): x, y, mass; returns how many.

    Position and mass are the first and zeroth moment of ``votes`` within ``reach`` cells of the maximum, in a square.
    When there are more than n the first n in reading order are kept.
    """
    h, w = smoothed.shape
    count = 0
    for j in range(h):
        for i in range(w):
            if smoothed[j, i] < threshold:
                continue
            if not is_maximum(smoothed, j, i) or count >= found.shape[0]:
                continue
            mass = 0.0
            mx = 0.0
            my = 0.0
            for jj in range(max(j - reach, 0), min(j + reach + 1, h)):
                for ii in range(max(i - reach, 0), min(i + reach + 1, w)):
                    m = votes[jj, ii]
                    mass += m
                    mx += m * ii
                    my += m * jj
            found[count, 0] = mx / mass * step
            found[count, 1] = my / mass * step
            found[count, 2] = mass
            count += 1
    return count


@njit(nogil=True, cache=True)
def plane_candidates(heat, offset, stride, step, weight, vote_threshold, kernel, peak_threshold, reach, found):  # type: ignore[no-untyped-def]
    """Votes, smooths and finds the maxima of one keypoint type; returns how many rows of ``found`` are filled."""
    rows, cols = heat.shape
    h = max(int(ceil((rows - 1) * stride / step)) + 1, 2)  # noqa: RUF046 - numba needs it
    w = max(int(ceil((cols - 1) * stride / step)) + 1, 2)  # noqa: RUF046
    votes = np.zeros((h, w), np.float32)
    if not vote(heat, offset, stride, step, weight, vote_threshold, votes):
        return 0
    smoothed = np.empty((h, w), np.float32)
    smooth(votes, kernel, smoothed)
    return maxima(smoothed, votes, step, peak_threshold, reach, found)


@njit(nogil=True, cache=True)
def corner(position, stride, cells):  # type: ignore[no-untyped-def]
    """First cell and fraction for linear interpolation at ``position`` pixels, clamped to the field."""
    c = position / stride
    c = min(max(c, 0.0), cells - 1.0)
    i = min(int(c), max(cells - 2, 0))
    return i, c - i


@njit(nogil=True, cache=True)
def interpolate(plane, stride, x, y):  # type: ignore[no-untyped-def]
    """The plane's bilinear value at (x, y)."""
    rows, cols = plane.shape
    i, fx = corner(x, stride, cols)
    j, fy = corner(y, stride, rows)
    i1, j1 = min(i + 1, cols - 1), min(j + 1, rows - 1)
    top = plane[j, i] * (1 - fx) + plane[j, i1] * fx
    bottom = plane[j1, i] * (1 - fx) + plane[j1, i1] * fx
    return top * (1 - fy) + bottom * fy


@njit(nogil=True, cache=True)
def pointed(offset, channel, weights, stride, x, y):  # type: ignore[no-untyped-def]
    """Where the four cells around (x, y) point: mean of cell + offset[channel: channel + 2].

    ``weights``: (H, W), multiplied with the bilinear weights. Returns x, y and the total weight; 0 = nothing there.
    """
    rows, cols = weights.shape
    i, fx = corner(x, stride, cols)
    j, fy = corner(y, stride, rows)
    total = 0.0
    px = 0.0
    py = 0.0
    for dj in range(2):
        jj = min(j + dj, rows - 1)
        wy = fy if dj else 1 - fy
        for di in range(2):
            ii = min(i + di, cols - 1)
            w = (fx if di else 1 - fx) * wy * weights[jj, ii]
            total += w
            px += w * (ii * stride + offset[channel, jj, ii])
            py += w * (jj * stride + offset[channel + 1, jj, ii])
    if total <= 0.0:
        return x, y, 0.0
    return px / total, py / total, total


@njit(nogil=True, cache=True)
def sharpen(heat, offset, k, stride, x, y, steps):  # type: ignore[no-untyped-def]
    """Moves (x, y) ``steps`` times to where the KeyCentroid offsets of type k point from there."""
    limit_x = (heat.shape[2] - 1) * stride
    limit_y = (heat.shape[1] - 1) * stride
    for _ in range(steps):
        nx, ny, total = pointed(offset, 2 * k, heat[k], stride, x, y)
        if total < TINY:
            break
        moved = abs(nx - x) + abs(ny - y)
        x = min(max(nx, 0.0), limit_x)
        y = min(max(ny, 0.0), limit_y)
        if moved < 0.01:
            break
    return x, y


@njit(nogil=True, cache=True)
def walk(heat, offset, pairwise, mask_offset, person, steps, root, x, y, stride, radius, refine, pose):  # type: ignore[no-untyped-def]
    """Fills ``pose`` (K, 3) outward from the keypoint ``root`` at (x, y).

    ``steps``: (K - 1, 3) int: from, to, first channel of ``pairwise``, in walking order. A joint whose parent is absent is
    reached through the mask offsets of the most confident joint, if the way back agrees. ``mask_offset`` may be empty.
    """
    limit_x = (heat.shape[2] - 1) * stride
    limit_y = (heat.shape[1] - 1) * stride
    x, y = sharpen(heat, offset, root, stride, x, y, refine)
    pose[root, 0] = x
    pose[root, 1] = y
    pose[root, 2] = interpolate(heat[root], stride, x, y)
    best = root
    for n in range(steps.shape[0]):
        a, b, channel = steps[n, 0], steps[n, 1], steps[n, 2]
        bx, by, total = pointed(pairwise, channel, heat[a], stride, pose[a, 0], pose[a, 1])
        bridged = total < TINY
        if bridged:
            bx, by = pose[a, 0], pose[a, 1]
            if mask_offset.shape[0]:
                ex, ey, total = pointed(mask_offset, 2 * b, person, stride, pose[best, 0], pose[best, 1])
                if total > TINY:
                    bx, by = ex, ey
        bx = min(max(bx, 0.0), limit_x)
        by = min(max(by, 0.0), limit_y)
        bx, by = sharpen(heat, offset, b, stride, bx, by, refine)
        confidence = interpolate(heat[b], stride, bx, by)
        if bridged and confidence >= TINY:
            agrees = False
            if mask_offset.shape[0]:
                ex, ey, total = pointed(mask_offset, 2 * best, person, stride, bx, by)
                agrees = total > TINY and sqrt((ex - pose[best, 0]) ** 2 + (ey - pose[best, 1]) ** 2) < 0.5 * radius
            if not agrees:
                confidence = 0.0
        pose[b, 0] = bx
        pose[b, 1] = by
        pose[b, 2] = confidence if confidence >= TINY else 0.0
        if pose[b, 2] > pose[best, 2]:
            best = b


@njit(nogil=True, cache=True)
def group(  # type: ignore[no-untyped-def]
    heat, offset, pairwise, mask_offset, person, orders, types, positions, stride, radius, suppression, refine, poses
):
    """Greedy grouping; returns how many of ``poses`` (M, K, 3) are filled.

    ``types`` (n,), ``positions`` (n, 2): candidates, best first. ``orders``: (K, K - 1, 3), one walking order a root.
    """
    count = 0
    limit = suppression * suppression
    for c in range(types.shape[0]):
        if count >= poses.shape[0]:
            break
        k = types[c]
        x, y = positions[c, 0], positions[c, 1]
        taken = False
        for j in range(count):
            if poses[j, k, 2] > 0.0:
                dx, dy = poses[j, k, 0] - x, poses[j, k, 1] - y
                if dx * dx + dy * dy <= limit:
                    taken = True
                    break
        if taken:
            continue
        walk(heat, offset, pairwise, mask_offset, person, orders[k], k, x, y, stride, radius, refine, poses[count])
        if poses[count, k, 2] > 0.0:
            count += 1
    return count


@njit(nogil=True, cache=True)
def soft_nms(poses, order, radii, least, confident, scores):  # type: ignore[no-untyped-def]
    """Instance scores: mean confidence of the joints that no better person has claimed.

    ``order``: people, best first. ``radii``: (N, K) OKS disk of each joint, pixels. ``least``: smallest disk. The mean is
    taken over the joints above ``confident`` and one more.
    """
    n, k = poses.shape[0], poses.shape[1]
    for r in range(n):
        j = order[r]
        total = 0.0
        share = 1.0
        for i in range(k):
            if poses[j, i, 2] <= 0.0:
                continue
            if poses[j, i, 2] > confident:
                share += 1.0
            claimed = False
            for q in range(r):
                o = order[q]
                if poses[o, i, 2] <= 0.0:
                    continue
                reach = max(radii[o, i], least)
                dx = poses[o, i, 0] - poses[j, i, 0]
                dy = poses[o, i, 1] - poses[j, i, 1]
                if dx * dx + dy * dy < reach * reach:
                    claimed = True
                    break
            if not claimed:
                total += poses[j, i, 2]
        scores[j] = min(total / share, 1.0)
