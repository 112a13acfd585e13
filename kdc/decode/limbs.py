"""The person's own shape: limbs, scale, and joints that only the fields know."""

from __future__ import annotations

import numpy as np

from kdc.decode.distances import Box, embeddings_at, sample
from kdc.fields import Fields
from kdc.schema import PoseSchema


def limb_segments(points: np.ndarray, present: np.ndarray, schema: PoseSchema) -> np.ndarray:
    """(S, 4) float32 x, y, x', y': every skeleton edge whose ends are ``present`` (K,), and every present joint as a point."""
    ends = np.array(schema.skeleton, int).reshape(-1, 2)
    ends = ends[present[ends].all(1)]
    alone = np.setdiff1d(np.flatnonzero(present), ends)
    ends = np.concatenate([ends, np.column_stack([alone, alone])])
    return np.ascontiguousarray(points[ends].reshape(-1, 4), np.float32)


def limb_distance(segments: np.ndarray, fields: Fields, box: Box) -> np.ndarray:
    """Distance to the nearest of ``segments`` (S, 4) on ``box``: (h, w) float32 input pixels, inf without segments."""
    from kdc.decode import mask_kernels

    out = np.full((box.height, box.width), np.inf, np.float32)
    mask_kernels.segment_nearest(
        np.ascontiguousarray(segments, np.float32), float(fields.stride), box.left, box.top, out
    )
    return np.sqrt(out)


def imagine_joints(fields: Fields, points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """All K joints as the placed ones see them: (K, 2) float32 input pixels; placed joints stay.

    ``points``: (K, 2). ``weights``: (K,), 0 = not placed; at least one is placed. A missing joint k is the weighted mean of
    E_k(q) over the placed joints q, clamped to the field.
    """
    placed = weights > 0
    seen = embeddings_at(fields, points[placed])
    w = weights[placed]
    guess = np.einsum("n,nkc->kc", w / w.sum(), seen)
    size = np.array([fields.width - 1, fields.height - 1]) * fields.stride
    out = np.where(placed[:, None], points, np.clip(guess, 0, size))
    return out.astype(np.float32)


def suggested_scale(fields: Fields, points: np.ndarray, weights: np.ndarray, schema: PoseSchema) -> float:
    """The scale that the pairwise field suggests: the longest limb it sees from the placed joints, input pixels."""
    if "pairwise" not in fields or not schema.tree:
        return 0.0
    joints = np.array(schema.tree).ravel()
    first = 2 * np.arange(len(joints))
    use = weights[joints] > 0
    if not use.any():
        return 0.0
    channels = np.column_stack([first[use], first[use] + 1])
    steps = sample(fields["pairwise"], points[joints[use]], fields.stride, channels)
    return float(np.hypot(steps[:, 0], steps[:, 1]).max())


LEAST = 8.0
"""Input pixels: the scale of a person of whose size joints and limbs tell nothing."""
POINTS_AT = 0.5
"""A pixel points at a joint that it misses by less than this share of its distance: a pixel far off may err by more."""
SPAN = 2.2
"""Scale per farthest pixel: with the reach of ``ClusterConfig``, half a scale, the crop then ends a tenth behind that pixel."""


def spread_scale(fields: Fields, points: np.ndarray, weights: np.ndarray, schema: PoseSchema) -> float:
    """The scale that the pixels suggest where the joints tell none: how far those lie that point at the strongest joint.

    ``points``, ``weights``: as for ``person_scale``. One joint alone has no box and no limb, and in a schema of one joint none is
    seen from it, so that only the person's own pixels know the size. Their farthest but 2 % decides, because the joint need not be in
    the middle (a head) and a few stray pixels must not. Where none points at it: the disk of the one joint, else 0.
    """
    k = int(np.argmax(weights))
    if "mask_offset" in fields:
        rows, cols = np.nonzero(fields["person"][0] > 0)
        there = np.column_stack([cols, rows]) * np.float32(fields.stride) - points[k]
        missed = there + fields["mask_offset"][2 * k : 2 * k + 2, rows, cols].T
        away = np.hypot(*there.T)
        away = away[np.hypot(*missed.T) < POINTS_AT * away]
        if len(away):
            return SPAN * float(np.quantile(away, 0.98))
    return float(fields.radius) if len(schema) == 1 else 0.0


def person_scale(
    fields: Fields, points: np.ndarray, weights: np.ndarray, schema: PoseSchema, least: float = LEAST
) -> float:
    """s_j in input pixels: max of sqrt(width * height) of the joints, the longest limb, and ``suggested_scale``.

    ``points``: (K, 2). ``weights``: (K,), 0 = not placed. So one joint, or a straight row of them, has a scale too. Never
    below ``least``.
    """
    placed = weights > 0
    if not placed.any():
        return least
    extent = points[placed].max(0) - points[placed].min(0)
    ends = np.array((*schema.skeleton, *schema.tree), int).reshape(-1, 2)
    ends = ends[placed[ends].all(1)]
    limbs = points[ends[:, 0]] - points[ends[:, 1]]
    longest = float(np.hypot(limbs[:, 0], limbs[:, 1]).max(initial=0))
    return max(float(np.sqrt(extent.prod())), longest, suggested_scale(fields, points, weights, schema), least)
