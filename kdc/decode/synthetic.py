"""Exact fields of known people: for tests, benchmarks and warming up, never for training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdc.fields import Fields
from kdc.schema import PoseSchema

SURE = 8.0
"""Person logit inside a rendered person, and minus that outside."""

STANDING = {
    "nose": (0.50, 0.08), "left_eye": (0.53, 0.06), "right_eye": (0.47, 0.06), "left_ear": (0.57, 0.07),
    "right_ear": (0.43, 0.07), "left_shoulder": (0.66, 0.20), "right_shoulder": (0.34, 0.20), "left_elbow": (0.74, 0.36),
    "right_elbow": (0.26, 0.36), "left_wrist": (0.76, 0.50), "right_wrist": (0.24, 0.50), "left_hip": (0.60, 0.52),
    "right_hip": (0.40, 0.52), "left_knee": (0.61, 0.74), "right_knee": (0.39, 0.74), "left_ankle": (0.62, 0.96),
    "right_ankle": (0.38, 0.96), "head": (0.50, 0.02), "neck": (0.50, 0.17),
}  # fmt: skip
"""Joints of a standing person in a unit square, x to the right and y down."""


def standing_person(schema: PoseSchema, x: float, y: float, height: float, width: float | None = None) -> np.ndarray:
    """(K, 3) float32 keypoints of a standing person whose box has its top left corner at (x, y), input pixels."""
    side = height if width is None else width
    unit = np.array([STANDING.get(n, (0.5, 0.5)) for n in schema.keypoints])
    return np.column_stack([unit * [side, height] + [x, y], np.ones(len(schema))]).astype(np.float32)


def person_shape(
    keypoints: np.ndarray, schema: PoseSchema, thickness: float, xs: np.ndarray, ys: np.ndarray
) -> np.ndarray:
    """(H, W) bool: pixels within ``thickness`` of a limb or joint, at columns ``xs`` and rows ``ys`` in pixels."""
    shown = keypoints[:, 2] > 0
    ends = [(a, b) for a, b in (*schema.skeleton, *schema.tree) if shown[a] and shown[b]]
    ends += [(k, k) for k in map(int, np.flatnonzero(shown))]
    inside = np.zeros((len(ys), len(xs)), bool)
    for a, b in ends:
        p, q = keypoints[a, :2], keypoints[b, :2] - keypoints[a, :2]
        dx, dy = xs[None] - p[0], ys[:, None] - p[1]
        t = np.clip((dx * q[0] + dy * q[1]) / max(float(q @ q), 1e-9), 0, 1)
        inside |= (dx - t * q[0]) ** 2 + (dy - t * q[1]) ** 2 <= thickness**2
    return inside


def render_fields(
    people: Sequence[np.ndarray],
    schema: PoseSchema,
    stride: int = 4,
    radius: float = 32.0,
    size: tuple[int, int] = (641, 641),
    thickness: float = 14.0,
) -> Fields:
    """The fields a perfect network would predict.

    ``people``: (K, 3) arrays in input pixels, third value 0 for an absent joint; the first one stands in front. ``size``: width
    and height of the input, n * stride + 1. Disks as in training: in overlaps the nearest joint's owner wins. Masks are the
    limbs, ``thickness`` pixels thick; each pixel belongs to the person in front. All offsets are 0 where nothing defines them;
    the bandwidth is 0 and the embedding equals the centre.
    """
    k, e = len(schema), len(schema.tree)
    w, h = (size[0] - 1) // stride + 1, (size[1] - 1) // stride + 1
    xs, ys = np.arange(w, dtype=np.float64) * stride, np.arange(h, dtype=np.float64) * stride
    n = len(people)
    points = np.stack(people).astype(np.float64) if n else np.zeros((0, k, 3))
    arrays = {
        "heatmap": np.zeros((k, h, w), np.float32),
        "keycentroid": np.zeros((2 * k, h, w), np.float32),
        "pairwise": np.zeros((4 * e, h, w), np.float32),
        "person": np.full((1, h, w), -SURE, np.float32),
        "mask_offset": np.zeros((2 * k, h, w), np.float32),
        "visibility": np.zeros((k, h, w), np.float32),
        "centre": np.zeros((2, h, w), np.float32),
        "embedding": np.zeros((2, h, w), np.float32),
        "bandwidth": np.zeros((1, h, w), np.float32),
    }
    owner = np.full((k, h, w), -1)
    nearest = np.full((k, h, w), radius**2)
    for j in range(n):
        for i in map(int, np.flatnonzero(points[j, :, 2] > 0)):
            d = (xs[None] - points[j, i, 0]) ** 2 + (ys[:, None] - points[j, i, 1]) ** 2
            closer = d < nearest[i]
            nearest[i][closer], owner[i][closer] = d[closer], j
    for i in range(k):
        rows, cols = np.nonzero(owner[i] >= 0)
        who = owner[i, rows, cols]
        here = np.column_stack([xs[cols], ys[rows]])
        arrays["heatmap"][i, rows, cols] = 1
        arrays["visibility"][i, rows, cols] = 1
        arrays["keycentroid"][2 * i : 2 * i + 2, rows, cols] = (points[who, i, :2] - here).T
        for number, (a, b) in enumerate(schema.tree):
            for start, end, channel in ((a, b, 4 * number), (b, a, 4 * number + 2)):
                if start == i:
                    step = np.where(points[who, end, 2:] > 0, points[who, end, :2] - here, 0)
                    arrays["pairwise"][channel : channel + 2, rows, cols] = step.T
    taken = np.zeros((h, w), bool)
    for j in range(n):
        mine = person_shape(points[j], schema, thickness, xs, ys) & ~taken
        taken |= mine
        rows, cols = np.nonzero(mine)
        if not len(rows):
            continue
        here = np.column_stack([xs[cols], ys[rows]])
        arrays["person"][0, rows, cols] = SURE
        for i in map(int, np.flatnonzero(points[j, :, 2] > 0)):
            arrays["mask_offset"][2 * i : 2 * i + 2, rows, cols] = (points[j, i, :2] - here).T
        for name in ("centre", "embedding"):
            arrays[name][:, rows, cols] = (here.mean(0) - here).T
    return Fields(arrays, stride, radius)
