"""Where a person's unlabelled joints may be: ghosts to be dragged in. A guess from the labelled ones, never stored unasked."""

from __future__ import annotations

from functools import cache

import numpy as np

from kdc.schema import PoseSchema, canonical_name

# A person who stands and faces the viewer, in units of body height, y down; only proportions matter.
_STANDING: dict[str, tuple[float, float]] = {
    "nose": (0.0, -0.87), "left_eye": (0.02, -0.89), "right_eye": (-0.02, -0.89), "left_ear": (0.045, -0.875),
    "right_ear": (-0.045, -0.875), "left_shoulder": (0.11, -0.75), "right_shoulder": (-0.11, -0.75),
    "left_elbow": (0.15, -0.58), "right_elbow": (-0.15, -0.58), "left_wrist": (0.16, -0.43), "right_wrist": (-0.16, -0.43),
    "left_hip": (0.075, -0.47), "right_hip": (-0.075, -0.47), "left_knee": (0.08, -0.25), "right_knee": (-0.08, -0.25),
    "left_ankle": (0.08, -0.04), "right_ankle": (-0.08, -0.04), "head": (0.0, -0.98), "neck": (0.0, -0.77),
    "thorax": (0.0, -0.75), "pelvis": (0.0, -0.47), "spine": (0.0, -0.61),
}  # fmt: skip

ORDER = (
    "nose", "head", "left_shoulder", "right_shoulder", "left_hip", "right_hip", "left_elbow", "right_elbow", "left_wrist",
    "right_wrist", "left_knee", "right_knee", "left_ankle", "right_ankle", "neck", "left_eye", "right_eye", "left_ear", "right_ear",
)  # fmt: skip
"""In which order joints are asked for: those first that say most about the others."""


@cache
def standing(schema: PoseSchema) -> np.ndarray:
    """(K, 2) float64: the joints of a standing person, about 1 high; NaN for joints whose name says nothing."""
    return np.array([_STANDING.get(canonical_name(n), (np.nan, np.nan)) for n in schema.keypoints], np.float64)


def guess(schema: PoseSchema, points: np.ndarray, known: np.ndarray, height: float) -> np.ndarray:
    """(K, 2) positions for all joints: ``points`` where ``known``, elsewhere a standing person laid over the known ones.

    Two known joints or more fix place, size and turn (least squares); one fixes the place, and ``height`` the size.
    """
    body = standing(schema)
    usable = known & np.isfinite(body).all(1)
    out = np.full((len(schema), 2), np.nan)
    if usable.any():
        a, b = body[usable], points[usable, :2]
        ca, cb = a.mean(0), b.mean(0)
        spread = float(((a - ca) ** 2).sum())
        if usable.sum() > 1 and spread > 1e-9:
            da, db = a - ca, b - cb
            # Turn and scale as one complex number; a mirrored person is not sought.
            real = float((da * db).sum()) / spread
            turn = float((da[:, 0] * db[:, 1] - da[:, 1] * db[:, 0]).sum()) / spread
            if np.hypot(real, turn) < 0.05 * height:
                real, turn = height, 0.0
        else:
            real, turn = height, 0.0
        rotation = np.array([[real, -turn], [turn, real]])
        out = (body - ca) @ rotation.T + cb
    out[known] = points[known, :2]
    return out


def asking_order(schema: PoseSchema) -> list[int]:
    """Joint indices in the order in which they are asked for."""
    names = [canonical_name(n) for n in schema.keypoints]
    rank = {name: n for n, name in enumerate(ORDER)}
    return sorted(range(len(names)), key=lambda k: (rank.get(names[k], len(rank)), k))


def subtree(schema: PoseSchema, keypoint: int) -> list[int]:
    """The joints that hang on ``keypoint`` in the schema's tree, itself first: the limb beyond it."""
    beyond = [keypoint]
    for a, b in schema.tree:
        if a in beyond and b not in beyond:
            beyond.append(b)
    return beyond
