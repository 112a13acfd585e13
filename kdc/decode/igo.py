"""Instance-wise Gaussian optimisation (KDC III-B)."""

from __future__ import annotations

import cv2
import numpy as np

UNIT = 0.2
"""Sigma 1 is this part of the person's scale s_j. The paper gives no unit; with this one its whole range 0.1 to 1 acts: at
s_j = 200 input pixels and stride 4 it is 1 to 10 cells."""


def smooth_instance(phi: np.ndarray, sigma: float, scale: float, stride: int) -> np.ndarray:
    """``phi`` (h, w) of one person under a Gaussian of ``sigma`` times ``UNIT`` times ``scale`` input pixels.

    An inference step; sigmas below a fifth of a cell change nothing.
    """
    cells = sigma * UNIT * scale / stride
    if cells < 0.2:
        return phi
    return cv2.GaussianBlur(phi, (0, 0), min(cells, 20.0), borderType=cv2.BORDER_REPLICATE).astype(np.float32)
