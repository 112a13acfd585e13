"""How alike two people's keypoints are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def oks(a: np.ndarray, b: np.ndarray, sigmas: Sequence[float], area: float, which: np.ndarray | None = None) -> float:
    """COCO's object keypoint similarity over the keypoints that both have (and that ``which``, (K,) bool, names); 0 for none.

    ``a``, ``b``: (K, 3) x, y, v in pixels. ``area``: of the person in square pixels.
    """
    both = (a[:, 2] > 0) & (b[:, 2] > 0)
    if which is not None:
        both = both & which
    if not both.any():
        return 0.0
    squared = ((a[both, :2] - b[both, :2]) ** 2).sum(1)
    variance = (2 * np.asarray(sigmas)[both]) ** 2
    return float(np.exp(-squared / (2 * variance * (area + np.spacing(1)))).mean())
