"""From people that the decoder found to people with refined joints: windows and planes around ``kdc.model.pose_refine``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from kdc.decode.bands import run_bands
from kdc.decode.limbs import imagine_joints
from kdc.fields import Fields
from kdc.geometry import PAD_VALUE
from kdc.model.pose_refine import GRID, PoseAnswer, PoseNet
from kdc.refinement import FEATURES, MIRRORED, crop_window, fit_square
from kdc.schema import PoseSchema
from kdc.structures import Person

MARGIN = 0.4
"""How much longer the window's side is than the box around all joints, however faint."""
LEAST_SIDE = 40
SPREAD = 2.0
"""Standard deviation of the Gaussians at joints, in grid cells."""
NEIGHBOURS = 6
FAINT = 0.01
SETTLED = 0.5
"""Share of the probability around a joint's place from which the place is no longer open."""
SEEN = 0.05
"""Confidence above which a joint's place was seen by the decoder, not only guessed."""
TWICE = 0.3
"""Decoder's score from which a person is looked at mirrored, too: a third of all, who have nearly all that is to be gained."""


@dataclass(frozen=True)
class PoseConfig:
    """How refined poses become people. ``least``: decoder's score from which somebody is looked at; who has less is left out: of all that
    the decoder finds a quarter, of whom next to nobody is anybody. ``present``: probability from which a joint is labelled. ``visible``: from which a labelled
    joint is visible (2), else occluded (1). ``trust``: share of the refinement's own quality in the score, geometric with the
    decoder's. ``place``: share of the refined place in a joint's, where the decoder found one. ``same``: OKS from which the less sure of
    two poses is the same person seen twice."""

    least: float = 0.05
    present: float = 0.45
    visible: float = 0.82
    trust: float = 0.75
    place: float = 0.8
    same: float = 0.75


@dataclass(frozen=True, eq=False)
class PoseInputs:
    """Arguments of ``PoseNet.forward`` for B people, float32, and ``windows`` (B, 3): x, y, side in input pixels."""

    fields: Tensor
    own: Tensor
    others: Tensor
    photo: Tensor
    given: Tensor
    windows: np.ndarray

    def tensors(self) -> tuple[Tensor, ...]:
        """In the order of ``PoseNet.forward``."""
        return self.fields, self.own, self.others, self.photo, self.given


def pose_window(keypoints: np.ndarray) -> tuple[int, int, int]:
    """(x, y, side) in input pixels of the square that the refinement sees. Faint joints count: the decoder's guess of where
    a missing leg should be is what makes the window long enough."""
    there = keypoints[:, 2] > FAINT
    points = keypoints[there if there.any() else slice(None), :2]
    low, high = points.min(0), points.max(0)
    side = int(np.ceil(max(float((high - low).max()) * (1 + MARGIN), LEAST_SIDE)))
    x, y = np.round((low + high) / 2 - side / 2).astype(int)
    return int(x), int(y), side


_PIXELS = (np.arange(256, dtype=np.float32) / 127.5 - 1).astype(np.float32)


def _profiles(points: np.ndarray, weights: np.ndarray, window: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Gaussians at ``points`` (n, 2) input pixels, times ``weights`` (n,), down and across, (n, GRID) each: their product is the
    Gaussian."""
    x, y, side = window
    cells = np.arange(GRID, dtype=np.float32)
    at = (points - (x, y) + 0.5) * GRID / side - 0.5
    gain = -0.5 / SPREAD**2
    gx = np.exp(gain * np.square(cells[None] - at[:, :1])).astype(np.float32)
    gy = np.exp(gain * np.square(cells[None] - at[:, 1:2])).astype(np.float32) * weights[:, None].astype(np.float32)
    return gy, gx


def prepare_poses(
    image: np.ndarray, fields: Fields, people: Sequence[Person], which: Sequence[int], side: int
) -> PoseInputs:
    """Inputs for the people ``which``. ``image``: (H, W, 3) uint8 RGB, the network's input; ``fields`` with ``FEATURES``; ``people``
    in input pixels, all that were found, the others among them being who else is there. ``side``: pixels along each side of the photo's
    window, the network's ``side``."""
    from kdc.decode import window_kernels as kernels

    source = torch.from_numpy(np.concatenate([fields[FEATURES], fields["heatmap"], fields["person"][:1] * 0.25]))
    count, joints = len(which), len(fields["heatmap"])
    windows = np.array([pose_window(people[j].keypoints) for j in which], np.int64).reshape(-1, 3)
    own = np.empty((count, joints, GRID, GRID), np.float32)
    others = np.zeros((count, 1, GRID, GRID), np.float32)
    photo = np.empty((count, 3, side, side), np.float32)
    given = np.empty((count, joints + 1), np.float32)
    middles = np.array([_middle(p) for p in people]).reshape(-1, 2)

    def one(n: int) -> None:
        j = which[n]
        x, y, length = window = (int(windows[n, 0]), int(windows[n, 1]), int(windows[n, 2]))
        points = people[j].keypoints
        kernels.outer_each(*_profiles(points[:, :2], points[:, 2], window), own[n])
        given[n, :joints], given[n, joints] = points[:, 2], people[j].score
        far = np.hypot(*(middles - middles[j]).T)
        near = np.argsort(far)[1 : 1 + NEIGHBOURS]
        near = near[far[near] < 1.5 * length]
        if len(near):
            rest = np.concatenate([people[i].keypoints * (1, 1, people[i].score) for i in near])
            rest = rest[rest[:, 2] > FAINT]
            kernels.outer_highest(*_profiles(rest[:, :2], np.sqrt(rest[:, 2]), window), others[n, 0])
        patch = fit_square(crop_window(image, (x, y, length, length), PAD_VALUE), side)
        kernels.photo_planes(patch, _PIXELS, photo[n])

    def work(start: int, stop: int) -> None:
        for n in range(start, stop):
            one(n)

    run_bands(work, count)
    own_planes, other_plane, pixels, sure = (torch.from_numpy(a) for a in (own, others, photo, given))
    return PoseInputs(_sampled(source, windows, fields), own_planes, other_plane, pixels, sure, windows)


def _sampled(source: Tensor, windows: np.ndarray, fields: Fields) -> Tensor:
    """(C, H, W) planes of the fields' size, read bilinearly at the cells of ``windows`` (n, 3): (n, C, GRID, GRID)."""
    grid = np.empty((len(windows), GRID, GRID, 2), np.float32)
    centre = (np.arange(GRID) + 0.5) / GRID
    for n, (x, y, side) in enumerate(windows.tolist()):
        u = (x - 0.5 + centre * side) / fields.stride * (2 / max(fields.width - 1, 1)) - 1
        v = (y - 0.5 + centre * side) / fields.stride * (2 / max(fields.height - 1, 1)) - 1
        grid[n, :, :, 0], grid[n, :, :, 1] = u[None], v[:, None]
    everywhere = source[None].expand(len(windows), -1, -1, -1)
    return F.grid_sample(everywhere, torch.from_numpy(grid), "bilinear", "zeros", align_corners=True)


def mirrored(inputs: PoseInputs, fields: Fields, which: Sequence[int], schema: PoseSchema) -> PoseInputs:
    """The people ``which`` of ``inputs`` as the mirrored photo shows them: from left to right, left joints where right ones were.
    ``fields`` with ``MIRRORED``, what the network saw in the mirrored photo, turned back."""
    chosen, swap = list(which), list(schema.flip)
    count = len(swap)
    features = _sampled(torch.from_numpy(np.ascontiguousarray(fields[MIRRORED])), inputs.windows[chosen], fields)
    own = inputs.fields[chosen]
    planes = torch.cat([features, own[:, -count - 1 : -1][:, swap], own[:, -1:]], 1)
    given = inputs.given[chosen]
    return PoseInputs(
        planes.flip(-1),
        inputs.own[chosen][:, swap].flip(-1),
        inputs.others[chosen].flip(-1),
        inputs.photo[chosen].flip(-1),
        torch.cat([given[:, :count][:, swap], given[:, count:]], 1),
        inputs.windows[chosen],
    )


def _middle(person: Person) -> np.ndarray:
    weights = np.maximum(person.keypoints[:, 2], 1e-6)
    return np.average(person.keypoints[:, :2], axis=0, weights=weights)


def places(heat: Tensor, windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From (B, K, GRID, GRID) logits the joints (B, K, 2) float32 in input pixels, the mean over the 5 x 5 cells around the
    likeliest one, and (B, K) how much of the probability lies in the 7 x 7 cells there: little where it could be elsewhere."""
    count, joints = heat.shape[:2]
    chance = heat.detach().float().flatten(2).softmax(-1).cpu().numpy().reshape(count, joints, GRID, GRID)
    best = chance.reshape(count, joints, -1).argmax(-1)
    step = np.arange(-3, 4)
    rows = np.clip(best // GRID, 3, GRID - 4)[:, :, None] + step
    cols = np.clip(best % GRID, 3, GRID - 4)[:, :, None] + step
    b, k = np.arange(count)[:, None, None, None], np.arange(joints)[None, :, None, None]
    around = chance[b, k, rows[:, :, :, None], cols[:, :, None, :]]
    near, rows, cols = around[:, :, 1:-1, 1:-1], rows[:, :, 1:-1], cols[:, :, 1:-1]
    total = near.sum((2, 3)) + 1e-12
    x = (near.sum(2) * cols).sum(-1) / total
    y = (near.sum(3) * rows).sum(-1) / total
    cell = windows[:, 2, None] / GRID
    at = np.stack([windows[:, :1] - 0.5 + (x + 0.5) * cell, windows[:, 1:2] - 0.5 + (y + 0.5) * cell], -1)
    return at.astype(np.float32), around.sum((2, 3))


def similarity(a: np.ndarray, b: np.ndarray, schema: PoseSchema) -> float:
    """OKS of two poses (K, 3) over joints sure in both, with half the box of both as area; 0 where they share none."""
    both = (a[:, 2] > 0.1) & (b[:, 2] > 0.1)
    if both.sum() < 2:
        return 0.0
    points = np.concatenate([a[both, :2], b[both, :2]])
    area = max(1.0, float(np.prod(np.ptp(points, axis=0) + 1)) * 0.5)
    d2 = ((a[both, :2] - b[both, :2]) ** 2).sum(1)
    sigmas = np.asarray(schema.sigmas)[both]
    return float(np.exp(-d2 / (2 * area * (2 * sigmas) ** 2)).mean())


class PoseRefiner:
    """Runs the refinement on everybody found in one input; people in, people out, best first."""

    def __init__(
        self,
        network: PoseNet,
        schema: PoseSchema,
        config: PoseConfig | None = None,
        dtype: torch.dtype = torch.float32,
        batch: int = 16,
    ) -> None:
        self.network, self.schema, self.config = network.eval(), schema, config or PoseConfig()
        self.dtype, self.batch = dtype, batch
        self.device = next(network.parameters()).device

    def answers(
        self, image: np.ndarray, fields: Fields, people: Sequence[Person]
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """For each batch of people in order: places (B, K, 2), confidence and probability of being visible (B, K), quality (B,).

        The confidence is the probability that the joint is there, less where its place is open. Where the fields have ``MIRRORED`` features,
        people of score ``TWICE`` and more are looked at mirrored as well, and both answers are averaged.
        """
        out = []
        for start in range(0, len(people), self.batch):
            inputs = prepare_poses(
                image, fields, people, range(start, min(start + self.batch, len(people))), self.network.side
            )
            batch = people[start : start + self.batch]
            answer = self._both(inputs, fields, [n for n, person in enumerate(batch) if person.score >= TWICE])
            found, sure = places(answer.heat, inputs.windows)
            present, visible, quality = (
                t.sigmoid().cpu().numpy() for t in (answer.present, answer.visible, answer.quality)
            )
            out.append((found, present * np.minimum(1, sure / SETTLED), visible, quality))
        return out  # type: ignore[return-value]

    def _both(self, inputs: PoseInputs, fields: Fields, which: Sequence[int]) -> PoseAnswer:
        """The answer, for the people ``which`` averaged with what is said of their mirror images."""
        answer = self._answer(inputs)
        if MIRRORED not in fields or not which:
            return answer
        mirror = self._answer(mirrored(inputs, fields, which, self.schema))
        swap = list(self.schema.flip)
        turned = PoseAnswer(
            mirror.heat[:, swap].flip(-1), mirror.present[:, swap], mirror.visible[:, swap], mirror.quality
        )
        result = {}
        for name, values in vars(answer).items():
            result[name] = values.clone()
            result[name][list(which)] = (values[list(which)] + vars(turned)[name]) / 2
        return PoseAnswer(**result)

    def complete(self, image: np.ndarray, fields: Fields, people: Sequence[Person], index: int) -> np.ndarray:
        """All joints of one person from those that it has: (K, 3) float32 input x, y and confidence.

        ``people``: everybody in the input; the joints that ``people[index]`` lacks have confidence 0. Those that it has are answered too: for a
        labeler's own there is nothing to learn from that. From ``config.present`` on a joint is likely to be labelled. What is missing is
        first placed where the joints that are there see it (``imagine_joints``), so that the window shows the whole person.
        """
        everybody, person = list(people), people[index]
        there = person.keypoints[:, 2] > FAINT
        if there.any() and "mask_offset" in fields:
            points = person.keypoints.copy()
            guess = imagine_joints(fields, points[:, :2], np.where(there, points[:, 2], 0))
            points[~there] = np.column_stack([guess, np.full(len(points), 2 * FAINT)])[~there]
            everybody[index] = replace(person, keypoints=points.astype(np.float32))
        inputs = prepare_poses(image, fields, everybody, [index], self.network.side)
        answer = self._both(inputs, fields, [0])
        found, sure = places(answer.heat, inputs.windows)
        present = answer.present.float().sigmoid().cpu().numpy() * np.minimum(1, sure / SETTLED)
        return np.column_stack([found[0], present[0]]).astype(np.float32)

    def _answer(self, inputs: PoseInputs) -> PoseAnswer:
        reduced = self.dtype != torch.float32
        with torch.inference_mode(), torch.autocast(self.device.type, self.dtype, enabled=reduced):
            answer: PoseAnswer = self.network(*(t.to(self.device) for t in inputs.tensors()))
        return answer

    def refine(self, image: np.ndarray, fields: Fields, people: Sequence[Person]) -> list[Person]:
        """People with refined joints, scores and visibility; who was found twice, once. All in input pixels."""
        config, refined = self.config, []
        people = [p for p in people if p.score >= config.least]
        index = 0
        for points, present, visible, quality in self.answers(image, fields, people):
            for n in range(len(points)):
                person = people[index]
                index += 1
                before = person.keypoints
                share = np.where(before[:, 2:] > SEEN, config.place, 1.0)
                at = share * points[n] + (1 - share) * before[:, :2]
                joints = np.column_stack([at, present[n]]).astype(np.float32)
                labelled = present[n] >= config.present
                flags = np.where(labelled, np.where(visible[n] >= config.visible, 2, 1), 0)
                score = person.score ** (1 - config.trust) * float(quality[n]) ** config.trust
                refined.append(replace(person, keypoints=joints, visibility=flags.astype(np.uint8), score=score))
        refined.sort(key=lambda p: -p.score)
        kept: list[Person] = []
        for person in refined:
            if all(similarity(person.keypoints, k.keypoints, self.schema) < config.same for k in kept):
                kept.append(person)
        return kept
