"""The person's own shape: limbs, scale, and joints that only the fields know."""

from __future__ import annotations

import numpy as np

from kdc.decode.distances import Box, embeddings_at, sample
from kdc.fields import Fields
from kdc.schema import PoseSchema


def limb_segments(points: np.ndarray, present: np.ndarray, schema: PoseSchema) -> np.ndarray:
    """(S, 4) float32 x, y, x', y': every skeleton edge whose ends are ``present`` (K,), and every present joint as a point."""
    segments = [(*points[a], *points[b]) for a, b in schema.skeleton if present[a] and present[b]]
    joined = {k for a, b in schema.skeleton if present[a] and present[b] for k in (a, b)}
    segments += [(*points[k], *points[k]) for k in np.flatnonzero(present) if k not in joined]
    return np.array(segments, np.float32).reshape(-1, 4)


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
    longest = 0.0
    if "pairwise" not in fields:
        return longest
    pairwise = fields["pairwise"]
    for e, (a, b) in enumerate(schema.tree):
        for joint, channel in ((a, 4 * e), (b, 4 * e + 2)):
            if weights[joint] > 0:
                step = sample(pairwise[channel : channel + 2], points[joint : joint + 1], fields.stride)[0]
                longest = max(longest, float(np.hypot(*step)))
    return longest


def person_scale(
    fields: Fields, points: np.ndarray, weights: np.ndarray, schema: PoseSchema, least: float = 8.0
) -> float:
    """s_j in input pixels: max of sqrt(width * height) of the joints, the longest limb, and ``suggested_scale``.

    ``points``: (K, 2). ``weights``: (K,), 0 = not placed. So one joint, or a straight row of them, has a scale too. Never
    below ``least``.
    """
    placed = weights > 0
    if not placed.any():
        return least
    extent = np.ptp(points[placed], axis=0)
    limbs = [float(np.hypot(*(points[a] - points[b]))) for a, b in schema.skeleton if placed[a] and placed[b]]
    return max(float(np.sqrt(extent.prod())), *limbs, suggested_scale(fields, points, weights, schema), least)
