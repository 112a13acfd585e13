"""Examples for the two refinements: people as the network finds them, and people as a labeler's hand leaves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor

from kdc.data.loader import Batch
from kdc.decode.centroids import ClusterConfig, cluster
from kdc.decode.decoder import decode_people
from kdc.fields import Fields
from kdc.model.network import KdcNetwork
from kdc.model.refine import GRID
from kdc.pose_refinement import PoseInputs, places, prepare_poses
from kdc.refinement import FEATURES, Hand, Inputs, Question, crop_window, pixel_window, prepare, rivals_among
from kdc.schema import PoseSchema
from kdc.structures import Person
from kdc.training.hand import disturb

PER_CROP = 4
POSES = 4
ALONE = 10
"""Both where one refinement is trained alone."""
FALSE, FALSE_ALONE = 1, 3
"""People of a crop who are none, at most, that poses learn to tell."""
LEAST_AREA = 200
MOST_FOUND = 14
MATCH = 0.1
"""OKS from which a person that was found is taken for a true one."""
INSIDE = 0.7
"""Share of the sure joints of a person found that lie in the mask of a true one without joints, from which it is that one."""


@dataclass(frozen=True, eq=False)
class CropPeople:
    """People of one crop in its pixels. ``index``: the crop's place in the batch. ``truth``: for each person the index of the true
    one or -1. ``sure``: whether a person without a true one is certainly none. ``hand``: whether they are true people, disturbed."""

    index: int
    image: np.ndarray
    fields: Fields
    people: list[Person]
    truth: np.ndarray
    sure: np.ndarray
    hand: bool


@dataclass(frozen=True, eq=False)
class PoseExamples:
    """``places``: (B, K, 2) true joints in input pixels, ``flags``: (B, K) 0, 1, 2; ``real``: (B,) whether there is a true person,
    ``areas``: (B,). ``who``: (crop, person) of each."""

    inputs: PoseInputs
    places: np.ndarray
    flags: np.ndarray
    real: np.ndarray
    areas: np.ndarray
    who: list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class MaskExamples:
    """Inputs of the mask refinement, true masks (B, S, S) and s_j in grid cells (B,). ``windows``: B ``pixel_window``s, ``rivals``:
    (B, B) bool, as ``kdc.refinement.claimed`` takes them."""

    inputs: Inputs
    truth: Tensor
    cells: np.ndarray
    windows: list[tuple[int, int, int, int]]
    rivals: np.ndarray


def _inside(points: np.ndarray, size: int) -> np.ndarray:
    """True joints (N, K, 3) without those that lie outside the crop."""
    out = points.copy()
    out[((out[:, :, :2] < 0) | (out[:, :, :2] > size - 1)).any(2)] = 0
    return out


def found_or_disturbed(
    frozen: KdcNetwork, batch: Batch, dtype: torch.dtype, rng: np.random.Generator
) -> list[CropPeople]:
    """Runs the frozen network on a batch; each crop comes twice, with the people as found and as a labeler in the middle of work has
    them: looking once for both is a quarter cheaper than a photo for each."""
    device = frozen.mean.device
    with torch.no_grad(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        outputs = frozen(batch.images.to(device))
    size = batch.images.shape[-1]
    schema = frozen.config.schema
    features = outputs.features.float().cpu().numpy()
    crops = []
    for index in range(len(batch.images)):
        base = frozen.to_fields(outputs, index)
        fields = Fields({**base.arrays, FEATURES: features[index]}, base.stride, base.radius)
        image = np.ascontiguousarray(batch.images[index].permute(1, 2, 0).numpy())
        points = _inside(batch.targets.keypoints[index].numpy(), size)
        scales = batch.targets.scales[index].numpy()
        labelled = np.flatnonzero((points[:, :, 2] > 0).any(1))
        true = [Person(np.minimum(points[j], (np.inf, np.inf, 1)).astype(np.float32)) for j in labelled]
        placed = disturb(true, scales[labelled], rng)
        crops.append(CropPeople(index, image, fields, placed, labelled, np.ones(len(placed), bool), True))
        found = decode_people(fields, schema)[:MOST_FOUND]
        truth = np.array([match(p, points, scales, labelled, schema) for p in found], int).reshape(-1)
        match_by_mask(found, truth, batch.masks[index].numpy(), batch.mask_known[index].numpy(), labelled)
        valid = batch.targets.heat_valid[index].numpy()
        sure = np.array([_known(p, valid, fields.stride) for p in found], bool).reshape(-1)
        crops.append(CropPeople(index, image, fields, found, truth, sure, False))
    return crops


def match(person: Person, points: np.ndarray, scales: np.ndarray, labelled: np.ndarray, schema: PoseSchema) -> int:
    """The true person whose OKS with ``person`` is highest and at least ``MATCH``, or -1."""
    if not len(labelled):
        return -1
    score = [oks_true(person.keypoints[:, :2], points[j], scales[j] ** 2, schema) for j in labelled]
    best = int(np.argmax(score))
    return int(labelled[best]) if score[best] >= MATCH else -1


def match_by_mask(
    found: Sequence[Person], truth: np.ndarray, masks: np.ndarray, known: np.ndarray, labelled: np.ndarray
) -> None:
    """Gives the people found whom ``match`` left at -1 the true person without joints in whose mask most of their sure joints lie,
    at least ``INSIDE`` of them. ``truth`` is changed in place: the refinement of masks learns from masks alone, too.
    """
    masked = [t for t in np.flatnonzero(known) if t not in labelled and masks[t].any()]
    for n in map(int, np.flatnonzero(truth < 0) if masked else ()):
        points = found[n].keypoints
        sure = points[points[:, 2] > 0.2, :2]
        if len(sure) < 3:
            continue
        x, y = np.clip(np.round(sure).astype(int), 0, masks.shape[-1] - 1).T
        share = [float(masks[t][y, x].mean()) for t in masked]
        best = int(np.argmax(share))
        if share[best] >= INSIDE and masked[best] not in truth:
            truth[n] = masked[best]


def oks_true(found: np.ndarray, true: np.ndarray, area: float, schema: PoseSchema) -> float:
    """COCO's OKS of ``found`` (K, 2) with true joints (K, 3) of which at least one is labelled."""
    seen = true[:, 2] > 0
    d2 = ((found[seen] - true[seen, :2]) ** 2).sum(1)
    variances = (2 * np.asarray(schema.sigmas)[seen]) ** 2
    return float(np.exp(-d2 / (2 * max(float(area), 1.0) * variances)).mean())


def _known(person: Person, valid: np.ndarray, stride: int) -> bool:
    """Whether a person without a true one is wrong for certain: nobody without labels, no crowd at any sure joint."""
    sure = np.flatnonzero(person.keypoints[:, 2] > 0.05)
    cells = np.clip(np.round(person.keypoints[sure, :2] / stride).astype(int), 0, valid.shape[-1] - 1)
    return bool(len(sure)) and bool(valid[sure, cells[:, 1], cells[:, 0]].all())


def pose_examples(
    batch: Batch, crops: Sequence[CropPeople], rng: np.random.Generator, side: int, only: str = ""
) -> PoseExamples | None:
    """Up to ``POSES`` people of each crop, true ones first, at least one false one where there is any, for a window of ``side``
    pixels; up to ``ALONE`` where ``only`` one refinement is trained. ``masks`` takes crops whose people were found, and only true ones;
    ``poses`` takes more false ones."""
    parts, who = [], []
    only_found = only == "masks"
    most, most_false = ALONE if only else POSES, FALSE_ALONE if only == "poses" else FALSE
    rows: list[tuple[np.ndarray, float, bool]] = []
    size = batch.images.shape[-1]
    for index, crop in enumerate(crops):
        points = _inside(batch.targets.keypoints[crop.index].numpy(), size)
        jointed = np.flatnonzero((points[:, :, 2] > 0).any(1))
        real = rng.permutation([j for j in np.flatnonzero(crop.truth >= 0) if only_found or crop.truth[j] in jointed])
        real = real.astype(int)
        false = rng.permutation(np.flatnonzero((crop.truth < 0) & crop.sure))[: 0 if only_found else most_false]
        if only_found and crop.hand:
            continue
        which = [int(j) for j in (*real[: most - len(false)], *false)]
        if not which:
            continue
        parts.append(prepare_poses(crop.image, crop.fields, crop.people, which, side))
        for j in which:
            t = int(crop.truth[j])
            true = points[t] if t >= 0 else np.zeros_like(points[0])
            rows.append((true, float(batch.targets.scales[crop.index][max(t, 0)]) ** 2, t >= 0))
            who.append((index, j))
    if not parts:
        return None
    fields, own, others, photo, given = (torch.cat(t) for t in zip(*(p.tensors() for p in parts), strict=True))
    inputs = PoseInputs(fields, own, others, photo, given, np.concatenate([p.windows for p in parts]))
    true = np.stack([r[0] for r in rows])
    return PoseExamples(
        inputs,
        true[:, :, :2],
        true[:, :, 2],
        np.array([r[2] for r in rows], bool),
        np.array([r[1] for r in rows], np.float32),
        who,
    )


def target_heat(examples: PoseExamples, spread: float = 1.2) -> tuple[Tensor, Tensor]:
    """(B, K, GRID * GRID) probabilities of where each labelled joint is, and (B, K) bool which of them lie in the window."""
    windows = examples.inputs.windows.astype(np.float32)
    at = (examples.places - windows[:, None, :2] + 0.5) * (GRID / windows[:, 2])[:, None, None] - 0.5
    use = (examples.flags > 0) & (at > -0.5).all(2) & (at < GRID - 0.5).all(2) & examples.real[:, None]
    cells = np.arange(GRID, dtype=np.float32)
    gx = np.exp(-0.5 / spread**2 * np.square(cells - at[:, :, :1]))
    gy = np.exp(-0.5 / spread**2 * np.square(cells - at[:, :, 1:]))
    heat = (gy[:, :, :, None] * gx[:, :, None]).reshape(*use.shape, -1)
    heat /= np.maximum(heat.sum(-1, keepdims=True), 1e-6)
    return torch.from_numpy(heat.astype(np.float32)), torch.from_numpy(use)


def with_refined(
    crops: Sequence[CropPeople], examples: PoseExamples, heat: Tensor, present: Tensor
) -> list[CropPeople]:
    """The crops with the joints that the pose refinement answered, where people were found (not where a hand placed them)."""
    found, _ = places(heat, examples.inputs.windows)
    chance = present.detach().sigmoid().cpu().numpy()
    people = [list(c.people) for c in crops]
    for n, (index, j) in enumerate(examples.who):
        if not crops[index].hand and examples.real[n]:
            joints = np.column_stack([found[n], chance[n]]).astype(np.float32)
            people[index][j] = replace(people[index][j], keypoints=joints, visibility=None)
    return [replace(c, people=p) for c, p in zip(crops, people, strict=True)]


def mask_examples(
    batch: Batch,
    crops: Sequence[CropPeople],
    schema: PoseSchema,
    rng: np.random.Generator,
    side: int,
    planes: int,
    only: str = "",
) -> MaskExamples | None:
    """Up to ``PER_CROP`` people with a known mask of each crop (``ALONE`` where masks are trained alone), for a window of ``side``
    pixels."""
    parts: list[Inputs] = []
    truths, cells, windows = [], [], []
    who: list[tuple[int, int, float]] = []
    for index, crop in enumerate(crops):
        known, masks = batch.mask_known[crop.index].numpy(), batch.masks[crop.index]
        usable = [
            n
            for n, t in enumerate(crop.truth)
            if 0 <= t < len(known) and known[t] and crop.people[n].present.any() and int(masks[t].sum()) >= LEAST_AREA
        ]
        if not usable:
            continue
        maps = cluster(crop.fields, crop.people, schema, ClusterConfig()).maps
        which = [int(n) for n in rng.permutation(usable)[: ALONE if only else PER_CROP] if maps[n].scale > 0]
        if not which:
            continue
        hands = []
        for _ in which:
            share = rng.choice([0.0, 0.0, 0.3, 1.0]) if crop.hand else 0.0
            hands.append(Hand(confirmed=rng.random(len(schema)) < share))
        asked = Question(crop.image, crop.fields, crop.people, maps, which, hands)
        parts.append(prepare(asked, side, count_planes=planes))
        for n in which:
            who.append((index, int(crop.truth[n]), crop.people[n].score))
            window = pixel_window(maps[n].box, crop.fields.stride)
            windows.append(window)
            mask = crop_window(masks[int(crop.truth[n])].numpy(), window).astype(np.float32)
            shrink = mask.size > side * side
            truths.append(cv2.resize(mask, (side, side), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR))
            cells.append(maps[n].scale * side / np.sqrt(window[2] * window[3]))
    if not parts:
        return None
    stacked = Inputs(*(torch.cat([vars(p)[k] for p in parts]) for k in ("features", "planes", "photo", "hand")))
    crop_of, truth_of, scores = zip(*who, strict=True)
    home, true = np.array(crop_of), np.array(truth_of)
    rivals = rivals_among(scores) & (home[:, None] == home) & (true[:, None] != true)
    return MaskExamples(stacked, torch.from_numpy(np.stack(truths)), np.array(cells), windows, rivals)
