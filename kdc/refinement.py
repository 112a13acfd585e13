"""From keypoints and the labeler's hand to masks: boxes, planes and pasting around ``kdc.model.refine``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from kdc.decode.bands import run_bands
from kdc.decode.centroids import ClusterConfig, Clusters, PersonMaps, cluster, joint_weights
from kdc.decode.distances import Box
from kdc.decode.masker import Scene, compete, sureness, upsample_masks
from kdc.fields import Fields
from kdc.geometry import PAD_VALUE, Letterbox
from kdc.model.refine import GRID, PLANES, RefineNet
from kdc.remembered import RememberedCrops, RememberedNet, with_memory
from kdc.structures import Mask, Person

FEATURES = "features"
"""The field (C, H, W) in which a predictor keeps the neck's features for the refinement."""

MIRRORED = "features_mirrored"
"""The same of the mirrored input, turned back, where the predictor looked at that, too."""

_RULE = ClusterConfig()

PREVIOUS = 8
"""The plane of ``RefineNet`` that holds the previous mask."""

ROUNDS = 2
"""Rounds for people whose joints are given: what a whole prediction, most of whose people nobody is shown, has no time for."""

RIVAL = 0.6
"""Share of a person's score from which another person may contest its pixels."""


@dataclass(frozen=True, eq=False)
class Hand:
    """What the labeler did to one person. All maps are (input_height, input_width) uint8 0/1 in INPUT pixels, or None.

    ``positive``, ``negative``: painted and erased strokes. ``previous``: the mask before the strokes. ``confirmed``: (K,) bool, the
    joints that the labeler placed or confirmed.
    """

    positive: np.ndarray | None = None
    negative: np.ndarray | None = None
    previous: np.ndarray | None = None
    confirmed: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Inputs:
    """Arguments of ``RefineNet.forward`` for B people, float32."""

    features: Tensor
    planes: Tensor
    photo: Tensor
    hand: Tensor


def pixel_window(box: Box, stride: int) -> tuple[int, int, int, int]:
    """(x, y, w, h) in input pixels that the refinement sees for a box of cells; it may leave the input by half a cell."""
    half = stride // 2
    return box.left * stride - half, box.top * stride - half, box.width * stride, box.height * stride


def crop_window(image: np.ndarray, window: tuple[int, int, int, int], fill: int = 0) -> np.ndarray:
    """The window of (H, W) or (H, W, 3), filled where it leaves the image."""
    x, y, w, h = window
    height, width = image.shape[:2]
    x0, y0, x1, y1 = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
    inner = image[y0:y1, x0:x1]
    if (x0, y0, x1, y1) == (x, y, x + w, y + h):
        return inner
    value = (fill,) * 3
    return cv2.copyMakeBorder(inner, y0 - y, y + h - y1, x0 - x, x + w - x1, cv2.BORDER_CONSTANT, value=value)


def fit_square(array: np.ndarray, side: int) -> np.ndarray:
    """(H, W) or (H, W, C) -> (side, side[, C]), averaged where it shrinks."""
    shrink = array.shape[0] * array.shape[1] > side * side
    return cv2.resize(array, (side, side), interpolation=cv2.INTER_AREA if shrink else cv2.INTER_LINEAR)


def _others(people: Sequence[Person], maps: Sequence[PersonMaps], index: int) -> tuple[np.ndarray, np.ndarray]:
    """Best score and smallest limb distance (in units of this person's s_j) of the rivals, on this person's box.

    Somebody much less sure than this person is no rival: often the same person seen once more.
    """
    own = maps[index]
    shape = own.score.shape
    score, limb = np.full(shape, -0.5, np.float32), np.full(shape, 2.0, np.float32)
    for j, other in enumerate(maps):
        if j == index or other.scale <= 0 or people[j].score < RIVAL * people[index].score:
            continue
        a, b = own.box, other.box
        left, top = max(a.left, b.left), max(a.top, b.top)
        right, bottom = min(a.left + a.width, b.left + b.width), min(a.top + a.height, b.top + b.height)
        if left >= right or top >= bottom:
            continue
        here = (slice(top - a.top, bottom - a.top), slice(left - a.left, right - a.left))
        there = (slice(top - b.top, bottom - b.top), slice(left - b.left, right - b.left))
        np.maximum(score[here], other.score[there], out=score[here])
        np.minimum(limb[here], other.limb[there] * np.float32(other.scale / own.scale), out=limb[here])
    return score, limb


def _joints(keypoints: np.ndarray, weights: np.ndarray, window: tuple[int, int, int, int], scale: float) -> np.ndarray:
    """(GRID, GRID): the highest of Gaussians of 0.07 s_j at the joints, times their weights."""
    x, y, w, h = window
    centre = (np.arange(GRID, dtype=np.float32) + 0.5) / GRID
    columns, rows = x - 0.5 + centre * w, y - 0.5 + centre * h
    out = np.zeros((GRID, GRID), np.float32)
    gain = -0.5 / max(0.07 * scale, 2.0) ** 2
    for k in np.flatnonzero(weights > 0):
        gx = np.exp(gain * (columns - keypoints[k, 0]) ** 2)
        gy = np.exp(gain * (rows - keypoints[k, 1]) ** 2)
        np.maximum(out, gy[:, None] * gx[None] * np.float32(weights[k]), out=out)
    return out


@dataclass(frozen=True, eq=False)
class Question:
    """Whose masks are asked for in one input, and what there is to answer from.

    ``image``: (H, W, 3) uint8 RGB, the network's input. ``fields`` with ``FEATURES``. ``people`` in input pixels, all that are there, and
    ``maps``, the clustering's, one for each. ``which``: indices of those asked for. ``hands``: one for each of ``which``; where there are none, no
    hand touched anybody.
    """

    image: np.ndarray
    fields: Fields
    people: Sequence[Person]
    maps: Sequence[PersonMaps]
    which: Sequence[int]
    hands: Sequence[Hand] = ()

    @property
    def windows(self) -> list[tuple[int, int, int, int]]:
        """``pixel_window`` of each of ``which``."""
        return [pixel_window(self.maps[j].box, self.fields.stride) for j in self.which]

    @property
    def scores(self) -> list[float]:
        """Of each of ``which``."""
        return [self.people[j].score for j in self.which]

    def part(self, part: slice) -> Question:
        """The same about fewer of ``which``."""
        return replace(self, which=self.which[part], hands=self.hands[part])

    def about(self, which: Sequence[int]) -> Question:
        """The same about others, whom no hand touched."""
        return replace(self, which=which, hands=())


def prepare(
    asked: Question,
    side: int,
    crops: Callable[[np.ndarray, Sequence[Box]], Tensor] | None = None,
    count_planes: int = PLANES,
) -> Inputs:
    """Inputs of the refinement for the people asked for.

    ``side``: of the network's window. ``crops``: who crops the features; ``crop_features`` where None. ``count_planes``: of the network;
    nothing is known yet of other people's masks.
    """
    image, fields, people, maps, which = asked.image, asked.fields, asked.people, asked.maps, asked.which
    hands = asked.hands or [Hand()] * len(which)
    count = len(which)
    planes = np.zeros((count, count_planes, GRID, GRID), np.float32)
    photo = np.empty((count, 3, side, side), np.float32)
    hand = np.zeros((count, 2, side, side), np.float32)
    logits = fields["person"][0]

    def one(n: int) -> None:
        j, given = which[n], hands[n]
        own, person = maps[j], people[j]
        box = own.box
        window = pixel_window(box, fields.stride)
        cells = (slice(box.top, box.top + box.height), slice(box.left, box.left + box.width))
        score, limb = _others(people, maps, j)
        planes[n, 0] = np.clip(fit_square(np.ascontiguousarray(logits[cells]), GRID) * 0.25, -2, 2)
        planes[n, 1] = fit_square(own.score, GRID) * 8
        planes[n, 2] = np.clip(fit_square(own.distance, GRID), 0, 3)
        planes[n, 3] = np.clip(fit_square(own.limb, GRID), 0, 2)
        planes[n, 4] = fit_square(score, GRID) * 8
        planes[n, 5] = np.clip(fit_square(limb, GRID), 0, 2)
        weights = joint_weights(person.keypoints, _RULE)
        planes[n, 6] = _joints(person.keypoints, weights, window, own.scale)
        confirmed = np.zeros_like(weights) if given.confirmed is None else weights * given.confirmed
        planes[n, 7] = _joints(person.keypoints, confirmed, window, own.scale)
        planes[n, PREVIOUS] = (
            0
            if given.previous is None
            else fit_square(crop_window(given.previous, window).astype(np.float32), GRID) * 2 - 1
        )
        patch = fit_square(crop_window(image, window, PAD_VALUE), side)
        photo[n] = patch.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
        for c, strokes in enumerate((given.positive, given.negative)):
            if strokes is not None:
                hand[n, c] = fit_square(crop_window(strokes, window).astype(np.float32), side)

    def work(start: int, stop: int) -> None:
        for n in range(start, stop):
            one(n)

    run_bands(work, count)
    features = (crops or crop_features)(fields[FEATURES], [maps[j].box for j in which])
    return Inputs(features, *(torch.from_numpy(a) for a in (planes, photo, hand)))


def crop_features(source: np.ndarray, boxes: Sequence[Box]) -> Tensor:
    """(C, H, W) float32 in cells -> (len(boxes), C, GRID, GRID)."""
    out = np.empty((len(boxes), len(source), GRID, GRID), np.float32)

    def work(start: int, stop: int) -> None:
        for n in range(start, stop):
            box = boxes[n]
            cells = (slice(box.top, box.top + box.height), slice(box.left, box.left + box.width))
            for c, channel in enumerate(source):
                out[n, c] = fit_square(np.ascontiguousarray(channel[cells]), GRID)

    run_bands(work, len(boxes))
    return torch.from_numpy(out)


def paste(scores: Sequence[np.ndarray], boxes: Sequence[Box], stride: int, letterbox: Letterbox) -> list[Mask]:
    """Masks at photo resolution from square maps of logits over boxes (see ``kdc.decode.masker.compete``)."""
    places = [_grid(box, stride, letterbox, len(s)) for box, s in zip(boxes, scores, strict=True)]
    return compete(scores, places, letterbox)


def _grid(box: Box, stride: int, letterbox: Letterbox, side: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Photo rows and columns of a box as positions on its (side, side) grid, and the first row and column."""
    x, y, w, h = pixel_window(box, stride)
    matrix = letterbox.to_input.matrix
    out = []
    for start, extent, factor, shift, limit in (
        (y, h, matrix[1, 1], matrix[1, 2], letterbox.height),
        (x, w, matrix[0, 0], matrix[0, 2], letterbox.width),
    ):
        first = int(np.clip(np.ceil((start - 0.5 - shift) / factor), 0, limit - 1))
        last = int(np.clip(np.floor((start + extent - 0.5 - shift) / factor), 0, limit - 1))
        at = np.arange(first, last + 1) * factor + shift
        out.append((np.clip((at - start + 0.5) * side / extent - 0.5, 0, side - 1).astype(np.float32), first))
    return out[0][0], out[1][0], out[0][1], out[1][1]


def with_previous(inputs: Inputs, shown: Tensor, others: np.ndarray | None = None) -> Inputs:
    """The inputs with masks (B, side, side) bool as what was there before, and with what ``claimed`` says of the ``others``, where
    the network listens to that."""
    planes = inputs.planes.clone()
    shares = F.interpolate(shown[:, None].float(), size=GRID, mode="area")
    planes[:, PREVIOUS] = shares[:, 0].to(planes.device) * 2 - 1
    if others is not None and planes.shape[1] > PLANES:
        planes[:, PLANES] = torch.from_numpy(others).to(planes.device)
    return replace(inputs, planes=planes)


def claimed(logits: Tensor, windows: Sequence[tuple[int, int, int, int]], rivals: np.ndarray) -> np.ndarray:
    """(B, GRID, GRID) float32: how likely each cell of a person's window belongs to the likeliest of its rivals; 0 where none is.

    ``logits``: (B, S, S) over ``windows`` (``pixel_window``). ``rivals``: (B, B) bool, whether the second may contest the first's pixels.
    """
    chances = F.interpolate(logits.float().sigmoid()[:, None], size=GRID, mode="area")[:, 0].cpu().numpy()
    out = np.zeros_like(chances)
    for n, (x, y, w, h) in enumerate(windows):
        for m in np.flatnonzero(rivals[n]).tolist():
            left, top, width, height = windows[m]
            if m == n or left >= x + w or top >= y + h or left + width <= x or top + height <= y:
                continue
            across, down = w / width, h / height
            matrix = np.array(
                [
                    [across, 0, (x - left) * GRID / width + 0.5 * across - 0.5],
                    [0, down, (y - top) * GRID / height + 0.5 * down - 0.5],
                ]
            )
            seen = cv2.warpAffine(
                chances[m], matrix, (GRID, GRID), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=0
            )
            np.maximum(out[n], seen, out=out[n])
    return out


def rivals_among(scores: Sequence[float]) -> np.ndarray:
    """(B, B) bool: whether the second of two people is sure enough to contest the first's pixels."""
    given = np.asarray(scores, np.float64).reshape(-1)
    return (given[None, :] >= RIVAL * given[:, None]) & ~np.eye(len(given), dtype=bool)


def _beside(people: Sequence[Person], maps: Sequence[PersonMaps], which: Sequence[int]) -> list[int]:
    """Rivals of the people ``which`` who are not among them and whose boxes meet theirs."""

    def meet(a: Box, b: Box) -> bool:
        across = a.left < b.left + b.width and b.left < a.left + a.width
        return across and a.top < b.top + b.height and b.top < a.top + a.height

    return [
        m
        for m, other in enumerate(maps)
        if m not in which
        and other.scale > 0
        and any(people[m].score >= RIVAL * people[j].score and meet(maps[j].box, other.box) for j in which)
    ]


Network = RefineNet | RememberedNet


class MaskRefiner:
    """Runs the refinement for chosen people of one input; numpy in, numpy out."""

    def __init__(self, network: RefineNet, dtype: torch.dtype = torch.float32, batch: int = 16) -> None:
        self.network, self.dtype, self.batch = network.eval(), dtype, batch
        self.device = next(network.parameters()).device
        self.side, self.planes = network.side, getattr(network, "planes", PLANES)
        self._aside = ThreadPoolExecutor(1, "mirrored view", lambda: torch.set_num_threads(1))
        self._again, self._crops = with_memory(self.network, dtype), RememberedCrops(crop_features)

    def logits(self, asked: Question, rounds: int = 1) -> np.ndarray:
        """(people asked for, side, side) float32 mask logits over their windows.

        Where the fields have ``MIRRORED`` features, a person without strokes is looked at mirrored as well, and both answers are averaged:
        with strokes that saves a labeler nothing. Whoever asks
        for one person again while the window stays where it is gets the same answer sooner (``kdc.remembered``). ``rounds``: from the second
        on, the answers so far are the previous mask, and other people's, and the mean of all counts; of rivals who are not asked for, it is the
        first round's answer, so that nobody's depends on who else is asked for.
        """
        return self._logits(asked, rounds, len(set(asked.which)) == 1)

    def forget(self) -> None:
        """What is remembered of people; for measurements."""
        self._crops.forget()
        if isinstance(self._again, RememberedNet):
            self._again.forget()

    def quick_logits(self, asked: Question) -> np.ndarray:
        """As ``logits`` in one round for everybody of a photo whom no hand has touched, but the mirrored look is told of the masks that the
        plain one saw: most of what a second round gives, in the time of one."""
        if MIRRORED not in asked.fields:
            return self.logits(asked)
        views = list(self._views(asked, crop_features))
        seen = torch.empty((len(asked.which), self.side, self.side))
        for part, inputs, _ in views:
            seen[part] = self._run(self.network, inputs).cpu()
        others = claimed(seen, asked.windows, rivals_among(asked.scores)) if self.planes > PLANES else None
        for part, inputs, mirrored in views:
            told = with_previous(inputs, seen[part] > 0, None if others is None else others[part])
            assert mirrored is not None
            found = self._run(self.network, replace(told, features=mirrored), mirrored=True)
            seen[part] = (seen[part] + found.cpu()) / 2
        return np.asarray(seen.numpy())

    def _views(
        self, asked: Question, crops: Callable[[np.ndarray, Sequence[Box]], Tensor]
    ) -> Iterator[tuple[slice, Inputs, Tensor | None]]:
        """Which of the people asked for, their inputs, and their mirrored features where there are any; ``batch`` at a time."""
        for start in range(0, len(asked.which), self.batch):
            part = slice(start, start + self.batch)
            batch = asked.part(part)
            inputs = prepare(batch, self.side, crops, self.planes)
            boxes = [asked.maps[j].box for j in batch.which]
            yield part, inputs, crops(asked.fields[MIRRORED], boxes) if MIRRORED in asked.fields else None

    def _logits(self, asked: Question, rounds: int, again: bool) -> np.ndarray:
        """``again``: they may be asked for again soon."""
        network, crops = (self._again, self._crops) if again else (self.network, crop_features)
        parts: list[tuple[slice, Inputs, Tensor | None]] = []
        count = len(asked.which)
        total = torch.empty((count, self.side, self.side))
        for part, inputs, mirrored in self._views(asked, crops):
            total[part] = self._both(network, inputs, mirrored).cpu()
            if rounds > 1:
                parts.append((part, inputs, mirrored))
        others: np.ndarray | None = None
        for n in range(1, rounds):
            if self.planes > PLANES:
                if n == 1:
                    beside = _beside(asked.people, asked.maps, asked.which)
                    first = self._logits(asked.about(beside), 1, again)
                    seen = asked.about([*asked.which, *beside])
                    windows, rivals = seen.windows, rivals_among(seen.scores)
                others = claimed(torch.cat([total / n, torch.from_numpy(first)]), windows, rivals)[:count]
            for part, inputs, mirrored in parts:
                told = None if others is None else others[part]
                total[part] += self._both(network, with_previous(inputs, total[part] > 0, told), mirrored).cpu()
        return np.asarray((total / rounds).numpy())

    def _both(self, network: Network, inputs: Inputs, mirrored: Tensor | None) -> Tensor:
        stroked = inputs.hand.flatten(1).any(1)
        turned = None if mirrored is None or bool(stroked.all()) else replace(inputs, features=mirrored)
        if network is not self.network and self.device.type == "cpu" and len(inputs.photo) == 1:
            plain, other = self._alone(network, inputs, turned)
        else:
            plain = self._run(network, inputs)
            other = None if turned is None else self._run(network, turned, mirrored=True)
        if other is None:
            return plain
        return torch.where(stroked[:, None, None].to(plain.device), plain, (plain + other) / 2)

    def _alone(self, network: Network, inputs: Inputs, turned: Inputs | None) -> tuple[Tensor, Tensor | None]:
        """Both views of one person, each on a thread of its own: threads that share such small steps out wait for each other most of
        the time."""
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            if turned is None:
                return self._run(network, inputs), None
            if threads == 1:
                return self._run(network, inputs), self._run(network, turned, mirrored=True)
            other = self._aside.submit(self._run, network, turned, True)
            return self._run(network, inputs), other.result()
        finally:
            torch.set_num_threads(threads)

    def _run(self, network: Network, inputs: Inputs, mirrored: bool = False) -> Tensor:
        tensors = [t.flip(-1) if mirrored else t for t in vars(inputs).values()]
        reduced = self.dtype != torch.float32
        with torch.inference_mode(), torch.autocast(self.device.type, self.dtype, enabled=reduced):
            result = network(*(t.to(self.device) for t in tensors))[:, 0].float()
        return result.flip(-1) if mirrored else result


class RefinedMasker:
    """The learnt way from keypoints to masks: clustering, then the refinement, then argmax over people (``Masker``)."""

    def __init__(
        self, network: RefineNet, config: ClusterConfig | None = None, dtype: torch.dtype = torch.float32
    ) -> None:
        self.config = config or ClusterConfig()
        self.refiner = MaskRefiner(network, dtype)

    def clusters(self, scene: Scene, people: Sequence[Person]) -> Clusters:
        """The clustering that the refinement starts from."""
        return cluster(scene.fields, people, scene.schema, self.config)

    def masks(self, scene: Scene, people: Sequence[Person]) -> list[Mask]:
        """See ``Masker``. Falls back to plain clustering where the scene has no photo. In ``ROUNDS`` rounds."""
        return self.judged(scene, people, ROUNDS)[0]

    def judged(self, scene: Scene, people: Sequence[Person], rounds: int = 1) -> tuple[list[Mask], list[float]]:
        """The masks, and for each how sure its pixels are: the mean probability of those that are the person's (the maskness of
        SOLO, Wang et al. 2020); 1 where nothing was refined. One round is ``MaskRefiner.quick_logits``."""
        maps = self.clusters(scene, people).maps
        sure = [1.0] * len(people)
        image = scene.input
        if image is None or FEATURES not in scene.fields or not maps:
            return upsample_masks(maps, scene.fields.stride, scene.letterbox), sure
        which = [j for j, m in enumerate(maps) if m.scale > 0]
        asked = Question(image, scene.fields, people, maps, which)
        found = self.refiner.quick_logits(asked) if rounds == 1 else self.refiner.logits(asked, rounds)
        for j, grid in zip(which, found, strict=True):
            own = grid[grid > 0]
            sure[j] = float((1 / (1 + np.exp(-own))).mean()) if own.size else 0.5
        nothing = np.full(found.shape[1:], -1, np.float32)
        logits = dict(zip(which, np.clip(found, -8, 8), strict=True))
        scores = [logits.get(j, nothing) * sureness(person) for j, person in enumerate(people)]
        return paste(scores, [m.box for m in maps], scene.fields.stride, scene.letterbox), sure
