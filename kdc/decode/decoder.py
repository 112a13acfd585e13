"""The pose decoder: from fields to people."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from kdc.decode.body import body_heat_map, with_body_heat
from kdc.decode.grouping import group_people, instance_scores
from kdc.decode.peaks import find_peaks
from kdc.fields import Fields
from kdc.schema import PoseSchema
from kdc.structures import Person


@dataclass(frozen=True)
class DecodeConfig:
    """How people are read from fields. Lengths are input pixels.

    ``vote_threshold``: heat below which a cell casts no vote. ``peak_threshold``: smallest Hough maximum that may start a
    person. ``suppression``: a candidate nearer than this to the same joint of an earlier person starts no other (PersonLab's
    10; apart from the disk radius). ``refine_steps``: most sharpening steps of a joint. ``max_people``: of one input.
    ``min_score``: people below are dropped. ``keypoint_threshold``: joints below have visibility 0 (unlabelled), yet keep
    their position and confidence. ``visible_threshold``: a labelled joint is visible (2) from this probability of the
    visibility head on, else occluded (1). ``oks_disk``: radius of the disks by which a better person claims joints, in units
    of the OKS deviation. ``bridge``: reach joints behind an absent one through mask offsets. ``body_heat``: alpha of the body
    heat map (PosePlusSeg; 0 = off, the paper's 0.4 else), which costs a second pass.
    """

    vote_threshold: float = 0.05
    peak_threshold: float = 0.05
    suppression: float = 10.0
    refine_steps: int = 4
    max_people: int = 200
    min_score: float = 0.02
    keypoint_threshold: float = 0.07
    visible_threshold: float = 0.5
    oks_disk: float = 1.0
    bridge: bool = True
    body_heat: float = 0.0


def decode_people(fields: Fields, schema: PoseSchema, config: DecodeConfig = DecodeConfig()) -> list[Person]:
    """The people in ``fields``, best first, in input pixels (see ``Fields``).

    ``Person.keypoints[:, 2]`` is the heat at the joint, 0 = absent; ``Person.visibility`` follows ``DecodeConfig``.
    PersonLab's Hough votes and greedy decoding; PosePlusSeg's body heat map where ``config.body_heat`` asks for it.
    """
    if config.body_heat > 0:
        first = decode_people(fields, schema, replace(config, body_heat=0.0))
        body = body_heat_map(first, fields, config.keypoint_threshold)
        fields = with_body_heat(fields, body, config.body_heat)
    peaks = find_peaks(fields, config.vote_threshold, config.peak_threshold)
    poses = group_people(
        fields, peaks, schema, config.suppression, config.refine_steps, config.max_people, config.bridge
    )
    scores = instance_scores(poses, schema, config.oks_disk, config.suppression, config.keypoint_threshold)
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] >= config.min_score]
    poses, scores = poses[order], scores[order]
    np.clip(poses[:, :, 2], 0, 1, out=poses[:, :, 2])
    poses *= poses[:, :, 2:] > 0
    flags = _visibility(fields, poses, config)
    return [Person(p, float(s), v) for p, s, v in zip(poses, scores, flags, strict=True)]


def _visibility(fields: Fields, poses: np.ndarray, config: DecodeConfig) -> np.ndarray:
    """(N, K) uint8: 0 below the keypoint threshold, else 2, or 1 where the visibility head says occluded."""
    labelled = poses[:, :, 2] >= config.keypoint_threshold
    seen = np.ones_like(labelled)
    if "visibility" in fields and len(poses):
        seen = sample_joints(fields["visibility"], poses, fields.stride) >= config.visible_threshold
    return np.where(labelled, np.where(seen, 2, 1), 0).astype(np.uint8)


def sample_joints(field: np.ndarray, poses: np.ndarray, stride: int) -> np.ndarray:
    """(N, K) bilinear values of channel k of ``field`` (K, H, W) at joint k of ``poses`` (N, K, 3), input pixels."""
    count, rows, cols = field.shape
    x = np.clip(poses[:, :, 0] / stride, 0, cols - 1)
    y = np.clip(poses[:, :, 1] / stride, 0, rows - 1)
    i, j = np.minimum(x.astype(np.int64), max(cols - 2, 0)), np.minimum(y.astype(np.int64), max(rows - 2, 0))
    fx, fy = x - i, y - j
    i1, j1 = np.minimum(i + 1, cols - 1), np.minimum(j + 1, rows - 1)
    k = np.arange(count)[None]
    top = field[k, j, i] * (1 - fx) + field[k, j, i1] * fx
    bottom = field[k, j1, i] * (1 - fx) + field[k, j1, i1] * fx
    return top * (1 - fy) + bottom * fy
