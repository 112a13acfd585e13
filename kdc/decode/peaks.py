"""Keypoint candidates: Hough votes and their local maxima."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from kdc.decode.bands import run_bands
from kdc.fields import Fields

FINEST = 2
"""Finest cell of the Hough maps in input pixels: joints at the suppression radius stay five cells apart."""
SPREAD = 2.83
"""Standard deviation of the smoothing of Hough maps in input pixels."""
REACH = 6.0
"""Votes within this many input pixels of a maximum, along x and y, give its position and score."""
MAX_PER_TYPE = 256
"""Candidates kept for each keypoint type, in reading order."""


@dataclass(frozen=True, eq=False)
class Peaks:
    """Keypoint candidates of all types, best first.

    ``types``: (n,) int64 keypoint index. ``positions``: (n, 2) float32 x, y in input pixels. ``scores``: (n,) float32,
    the share of a full disk's votes that fell there.
    """

    types: np.ndarray
    positions: np.ndarray
    scores: np.ndarray


def vote_step(stride: int) -> float:
    """Cell size of the Hough maps in input pixels: fine enough to part joints ten pixels from each other."""
    return float(min(stride, FINEST))


def smoothing_kernel(step: float) -> np.ndarray:
    """(2r + 1,) float32 binomial kernel of about ``SPREAD`` pixels over cells of ``step`` pixels; its middle is 1.

    So a smoothed map says which share of a whole disk's votes fell on one spot.
    """
    r = max(1, round(2 * (SPREAD / step) ** 2))
    kernel = np.array([comb(2 * r, i) for i in range(2 * r + 1)], np.float64)
    return (kernel / kernel[r]).astype(np.float32)


def vote_weight(fields: Fields) -> float:
    """Votes of one cell at probability 1, so that a whole disk of ``fields.radius`` casts one vote."""
    return float(fields.stride**2 / (np.pi * fields.radius**2))


def hough_votes(fields: Fields, k: int, threshold: float = 0.05) -> np.ndarray:
    """Hough map of keypoint ``k``: (h, w) float32, cells of ``vote_step`` input pixels.

    Every cell x with heat_k(x) >= ``threshold`` votes heat_k(x) stride^2 / (pi R^2) at x + s_k(x), bilinearly (PersonLab
    eq. 1; PosePlusSeg's strong keypoint heat map).
    """
    from kdc.decode import pose_kernels

    step = vote_step(fields.stride)
    h = max(int(np.ceil((fields.height - 1) * fields.stride / step)) + 1, 2)
    w = max(int(np.ceil((fields.width - 1) * fields.stride / step)) + 1, 2)
    votes = np.zeros((h, w), np.float32)
    pose_kernels.vote(
        fields["heatmap"][k],
        fields["keycentroid"][2 * k : 2 * k + 2],
        float(fields.stride),
        step,
        vote_weight(fields),
        threshold,
        votes,
    )
    return votes


def find_peaks(fields: Fields, vote_threshold: float = 0.05, peak_threshold: float = 0.08) -> Peaks:
    """Candidates of every keypoint type in one queue, best first.

    A candidate is a local maximum of the smoothed Hough map of at least ``peak_threshold``, the share of a whole disk's votes
    that fell on one spot; its position and score are the first and zeroth moment of the raw votes around it.
    """
    from kdc.decode import pose_kernels

    heat, offset = fields["heatmap"], fields["keycentroid"]
    count = len(heat)
    found = np.empty((count, MAX_PER_TYPE, 3), np.float32)
    filled = np.zeros(count, np.int64)
    stride, step, weight = float(fields.stride), vote_step(fields.stride), vote_weight(fields)
    kernel, reach = smoothing_kernel(step), max(1, int(REACH / step))

    def work(start: int, stop: int) -> None:
        for k in range(start, stop):
            filled[k] = pose_kernels.plane_candidates(
                heat[k],
                offset[2 * k : 2 * k + 2],
                stride,
                step,
                weight,
                vote_threshold,
                kernel,
                peak_threshold,
                reach,
                found[k],
            )

    run_bands(work, count, least=4)
    types = np.repeat(np.arange(count), filled)
    rows = np.concatenate([found[k, : filled[k]] for k in range(count)]) if count else np.empty((0, 3), np.float32)
    order = np.argsort(-rows[:, 2], kind="stable")
    return Peaks(types[order], np.ascontiguousarray(rows[order, :2]), rows[order, 2])
