"""The body heat map (PosePlusSeg): keypoints near a found body are more believable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdc.fields import Fields
from kdc.structures import Person


def body_heat_map(people: Sequence[Person], fields: Fields, threshold: float = 0.1) -> np.ndarray:
    """Union of the people's keypoint disks: (H, W) float32, 1 inside.

    ``people``: in input pixels. Joints with a confidence below ``threshold`` have no disk.
    """
    body = np.zeros((fields.height, fields.width), np.float32)
    reach = fields.radius / fields.stride
    for person in people:
        for x, y, confidence in person.keypoints:
            if confidence < threshold or confidence <= 0:
                continue
            u, v = x / fields.stride, y / fields.stride
            left, right = max(int(np.ceil(u - reach)), 0), min(int(np.floor(u + reach)) + 1, fields.width)
            top, bottom = max(int(np.ceil(v - reach)), 0), min(int(np.floor(v + reach)) + 1, fields.height)
            if left >= right or top >= bottom:
                continue
            dx, dy = np.arange(left, right) - u, np.arange(top, bottom) - v
            inside = dx[None] ** 2 + dy[:, None] ** 2 <= reach**2
            body[top:bottom, left:right][inside] = 1.0
    return body


def with_body_heat(fields: Fields, body: np.ndarray, alpha: float = 0.4) -> Fields:
    """The fields with heat' = heat (1 + alpha B) / (1 + alpha): unchanged on bodies, lower elsewhere.

    ``body``: (H, W) in [0, 1]. PosePlusSeg raises confidences on the body and gives no formula; this is our reading, kept in
    [0, 1].
    """
    gain = ((1 + alpha * body) / (1 + alpha)).astype(np.float32)
    return Fields({**fields.arrays, "heatmap": fields["heatmap"] * gain[None]}, fields.stride, fields.radius)
