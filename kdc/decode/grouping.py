"""From candidates to people: greedy grouping along the kinematic tree, and the instance score."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from kdc.decode.peaks import Peaks
from kdc.fields import Fields
from kdc.schema import PoseSchema


@lru_cache(maxsize=32)
def walking_orders(tree: tuple[tuple[int, int], ...]) -> np.ndarray:
    """How to reach every keypoint from every root: (K, K - 1, 3) int64, rows of from, to, first pairwise channel.

    The channels of edge e = (a, b) are 4e, 4e + 1 from a to b and 4e + 2, 4e + 3 from b to a.
    """
    count = len(tree) + 1
    neighbours: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for e, (a, b) in enumerate(tree):
        neighbours[a].append((b, 4 * e))
        neighbours[b].append((a, 4 * e + 2))
    orders = np.zeros((count, count - 1, 3), np.int64)
    for root in range(count):
        queue, seen, steps = [root], {root}, []
        for a in queue:
            for b, channel in neighbours[a]:
                if b not in seen:
                    seen.add(b)
                    queue.append(b)
                    steps.append((a, b, channel))
        if steps:
            orders[root] = steps
    orders.setflags(write=False)
    return orders


def group_people(
    fields: Fields,
    peaks: Peaks,
    schema: PoseSchema,
    suppression: float,
    refine_steps: int,
    max_people: int,
    bridge: bool,
) -> np.ndarray:
    """People as (N, K, 3) float32: x, y in input pixels and the heat there (0 = absent).

    PersonLab's fast greedy decoding: the best candidate of any type that no person has within ``suppression`` input pixels
    starts a person; each further joint lies where the pairwise offsets of its parent point, sharpened by up to
    ``refine_steps`` steps of the KeyCentroid offsets. ``bridge``: reach joints behind an absent one through mask offsets.
    """
    from kdc.decode import pose_kernels

    heat = fields["heatmap"]
    count, rows, cols = heat.shape
    poses = np.zeros((max_people, count, 3), np.float32)
    nothing = np.zeros((0, rows, cols), np.float32)
    pairwise = fields["pairwise"] if schema.tree else nothing
    person = fields["person"][0] if "person" in fields else nothing.reshape(0, 0)
    use_masks = bridge and "mask_offset" in fields and "person" in fields
    n = pose_kernels.group(
        heat,
        fields["keycentroid"],
        pairwise,
        fields["mask_offset"] if use_masks else nothing,
        1.0 / (1.0 + np.exp(-np.clip(person, -30, 30))) if use_masks else heat[0],
        walking_orders(schema.tree),
        peaks.types,
        peaks.positions,
        float(fields.stride),
        float(fields.radius),
        float(suppression),
        int(refine_steps),
        poses,
    )
    return poses[:n]


def pose_scale(poses: np.ndarray, least: float = 0.1) -> np.ndarray:
    """(N,) float32: sqrt(width * height) of the joints with a confidence of at least ``least``, in input pixels."""
    seen = poses[:, :, 2] >= least
    low = np.where(seen[..., None], poses[:, :, :2], np.inf).min(1)
    high = np.where(seen[..., None], poses[:, :, :2], -np.inf).max(1)
    some = np.any(seen, axis=1)
    side = np.where(some[:, None], high - low, 0.0)
    return np.sqrt(np.maximum(side.prod(1), 0)).astype(np.float32)


def instance_scores(poses: np.ndarray, schema: PoseSchema, disk: float, least: float, confident: float) -> np.ndarray:
    """(N,) float32 instance scores in [0, 1]: PersonLab's soft non-maximum suppression by OKS disks.

    The sum of the confidences of the joints that no better person has claimed, over 1 + the number of joints with a confidence
    above ``confident``: a person cut by the border or hidden to the waist is not worth less for the joints that can't be seen,
    and the 1 keeps single joints below whole people. A joint is claimed when a better person has the same joint within its OKS
    disk: ``disk`` times 2 sigma_k times that person's scale, at least ``least`` input pixels.
    """
    from kdc.decode import pose_kernels

    order = np.argsort(-poses[:, :, 2].sum(1), kind="stable")
    radii = disk * 2.0 * np.asarray(schema.sigmas, np.float32)[None] * pose_scale(poses)[:, None]
    scores = np.zeros(len(poses), np.float32)
    pose_kernels.soft_nms(poses, order, radii.astype(np.float32), float(least), float(confident), scores)
    return scores
