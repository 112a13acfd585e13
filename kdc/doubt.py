"""How much a model doubts what it says of a photo: what to label next.

Every doubt is counted in people's worth: 1 is one person about whom nothing is sure. ``Doubt.total`` of a photo is the sum over its
people; ``Doubt.each`` is the mean, what a labeler's work on one of them corrects.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kdc.decode.decoder import DecodeConfig, decode_people, sample_joints
from kdc.decode.grouping import pose_scale
from kdc.decode.merge import flip_fields
from kdc.fields import Fields
from kdc.schema import PoseSchema
from kdc.structures import Person

LEAST = 0.1
"""People scored lower are clutter: they say nothing about doubt."""
_SEEN = 0.05
"""Joints with less confidence are absent."""
_FILLED = 0.53
"""The share of the box around the joints that a person is taken to fill (CrowdPose's tool)."""
_TINY = 1e-6
_DECODING = DecodeConfig()


@dataclass(frozen=True)
class Doubt:
    """The doubts about one photo, each in people's worth (0 = none) and never negative.

    ``heat``: joints with a confidence neither near 0 nor near 1. ``grouping``: people with a middling score and limbs whose
    two ends do not point at each other. ``flip``: people whom the mirrored photo shows elsewhere or not at all.
    ``crowding``: people whose box another's covers. ``people``: how many were looked at.
    """

    heat: float = 0.0
    grouping: float = 0.0
    flip: float = 0.0
    crowding: float = 0.0
    people: int = 0

    @property
    def total(self) -> float:
        """The sum of all four."""
        return self.heat + self.grouping + self.flip + self.crowding

    @property
    def each(self) -> float:
        """The total a person; 0 where there is nobody."""
        return self.total / max(self.people, 1)

    def to_json(self) -> dict[str, float]:
        """The doubts, their total and mean, rounded for reading."""
        values = {"each": self.each, "total": self.total, **vars(self)}
        return {name: round(value, 4) for name, value in values.items()}


def people_doubt(people: Sequence[Person]) -> Doubt:
    """What can be told from people alone, without fields: stored proposals, say. ``flip`` is 0.

    ``people``: of one photo, keypoints in any frame, confidences and scores from a model. Costs microseconds a person.
    """
    people = [p for p in people if p.score >= LEAST]
    if not people:
        return Doubt()
    poses = np.stack([p.keypoints for p in people])
    scores = np.array([p.score for p in people])
    confidence = poses[:, :, 2]
    heat = _unsure(confidence).mean(1) if confidence.shape[1] else np.zeros(len(poses))
    return Doubt(
        float(heat.sum()), float(_unsure(scores).sum()), 0.0, float(crowding(poses, scores).sum()), len(people)
    )


def fields_doubt(fields: Fields, people: Sequence[Person], schema: PoseSchema) -> Doubt:
    """As ``people_doubt`` for people decoded from ``fields`` (input pixels), with the limbs in ``grouping``."""
    people = [p for p in people if p.score >= LEAST]
    found = people_doubt(people)
    if not people or not schema.tree:
        return found
    poses = np.stack([p.keypoints for p in people])
    limbs = limb_disagreement(fields, poses, schema)
    return Doubt(found.heat, 0.5 * (found.grouping + float(limbs.sum())), found.flip, found.crowding, found.people)


def photo_doubt(
    fields: Fields, mirrored: Fields, schema: PoseSchema, config: DecodeConfig = _DECODING
) -> tuple[Doubt, list[Person]]:
    """All doubts about a photo, and the people found in it (input pixels).

    ``fields``: of the network's input. ``mirrored``: of the same input with its columns reversed, as the network gave them.
    """
    people = decode_people(fields, schema, config)
    other = decode_people(_without_nan(flip_fields(mirrored, schema), fields), schema, config)
    found = fields_doubt(fields, people, schema)
    return Doubt(
        found.heat, found.grouping, flip_disagreement(people, other, schema), found.crowding, found.people
    ), people


def crowding(poses: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(N,) for each person the largest share of its box that another's covers, times the lower of their scores.

    ``poses``: (N, K, 3) x, y, confidence. ``scores``: (N,).
    """
    low, high = _boxes(poses)
    size = np.maximum(high - low, 0)
    common = np.minimum(high[:, None], high[None]) - np.maximum(low[:, None], low[None])
    shared = np.maximum(common, 0).prod(2) / np.maximum(size.prod(1), _TINY)[:, None]
    shared *= np.minimum(scores[:, None], scores[None])
    np.fill_diagonal(shared, 0)
    return np.asarray(np.minimum(shared, 1).max(1) if len(poses) else np.zeros(0))


def limb_disagreement(fields: Fields, poses: np.ndarray, schema: PoseSchema) -> np.ndarray:
    """(N,) in [0, 1]: how far, in a quarter of the person's scale, the two ends of a limb miss each other when each points at
    the other; mean over the limbs with both ends, 0 for a person without one. ``poses``: (N, K, 3), input pixels."""
    edges = np.array(schema.tree, int).reshape(-1, 2)
    a, b = edges[:, 0], edges[:, 1]
    scale = np.maximum(pose_scale(poses, _SEEN), 2.0 * fields.stride)[:, None]
    missed = np.zeros((len(poses), len(edges)), np.float32)
    for start, end, channel in ((a, b, 0), (b, a, 2)):
        offsets = [
            sample_joints(fields["pairwise"][channel + c :: 4], poses[:, start], fields.stride) for c in range(2)
        ]
        reached = poses[:, start, :2] + np.stack(offsets, -1)
        missed += np.linalg.norm(reached - poses[:, end, :2], axis=2)
    both = (poses[:, a, 2] >= _SEEN) & (poses[:, b, 2] >= _SEEN)
    share = np.minimum(missed / (0.5 * scale), 1)
    return np.asarray((share * both).sum(1) / np.maximum(both.sum(1), 1))


def flip_disagreement(people: Sequence[Person], others: Sequence[Person], schema: PoseSchema) -> float:
    """People's worth of disagreement between two predictions of one photo: score times 1 - OKS with the best partner.

    A person without a partner counts with its whole score. Both ways, halved.
    """
    one, two = ([p for p in group if p.score >= LEAST] for group in (people, others))
    if not one or not two:
        return 0.5 * sum(p.score for p in (*one, *two))
    likeness = oks(np.stack([p.keypoints for p in one]), np.stack([p.keypoints for p in two]), schema)
    away = 1 - likeness.max(1), 1 - likeness.max(0)
    total = sum(
        float(np.dot(missing, [p.score for p in group])) for missing, group in zip(away, (one, two), strict=True)
    )
    return 0.5 * total


def oks(poses: np.ndarray, others: np.ndarray, schema: PoseSchema) -> np.ndarray:
    """(N, M) object keypoint similarity of two sets of predicted poses, (N, K, 3) and (M, K, 3), over the joints that either has.

    A joint that only one of them has counts as 0; the area is the larger pose's.
    """
    sigmas = np.asarray(schema.sigmas, np.float64)
    seen, seen2 = poses[:, None, :, 2] >= _SEEN, others[None, :, :, 2] >= _SEEN
    area = _FILLED * np.maximum(pose_scale(poses, _SEEN)[:, None], pose_scale(others, _SEEN)[None]) ** 2
    squared = ((poses[:, None, :, :2] - others[None, :, :, :2]) ** 2).sum(3)
    like = np.exp(-squared / (8 * sigmas**2 * np.maximum(area, 1.0)[:, :, None]))
    return np.asarray((like * (seen & seen2)).sum(2) / np.maximum((seen | seen2).sum(2), 1))


def _unsure(probability: np.ndarray) -> np.ndarray:
    """4 p (1 - p): 1 at a half, 0 where it is sure."""
    return 4 * probability * (1 - probability)


def _boxes(poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    seen = poses[:, :, 2:] >= _SEEN
    low = np.where(seen, poses[:, :, :2], np.inf).min(1, initial=np.inf)
    high = np.where(seen, poses[:, :, :2], -np.inf).max(1, initial=-np.inf)
    some = np.asarray(seen.any((1, 2)))[:, None]
    return np.where(some, low, 0), np.where(some, high, 0)


def _without_nan(fields: Fields, like: Fields) -> Fields:
    """Edges without a mirror image in the tree, which a turned field can't know, as the unturned field has them."""
    pairwise = fields["pairwise"]
    known = np.where(np.isnan(pairwise), like["pairwise"], pairwise)
    return Fields({**fields.arrays, "pairwise": np.ascontiguousarray(known)}, fields.stride, fields.radius)
