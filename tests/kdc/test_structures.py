"""Masks as crops."""

from __future__ import annotations

import numpy as np

from kdc.structures import Mask


def test_a_mask_whose_crop_is_the_smallest_is_not_copied() -> None:
    mask = Mask(np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]], bool), 2, 3, 9, 9)
    assert mask.tight() is mask and mask.box == (2, 3, 3, 3)
    for rows, columns in ((slice(0, 1), slice(0, 2)), (slice(0, 2), slice(0, 1)), (slice(1, 3), slice(2, 3))):
        crop = Mask(np.ascontiguousarray(mask.bits[rows, columns]), 2, 3, 9, 9)
        assert crop.box == Mask.from_full(crop.to_full()).box
