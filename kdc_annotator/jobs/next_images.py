"""Which photos to label next: those about which the model doubts most and that are unlike the ones already had.

Each photo's doubt is ``kdc.doubt``'s. Its looks are the backbone's features, averaged over the photo. The photos are then taken
one by one, each time the one with the greatest doubt times distance to the nearest that was taken or labelled before (weighted greedy
k-centre; Gonzalez 1985, Sener and Savarese 2018), so that near-duplicates don't come together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kdc.decode.decoder import DecodeConfig
from kdc.doubt import Doubt, people_doubt, photo_doubt
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.images import read_image
from kdc.schema import PoseSchema
from kdc.structures import Person
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.jobs.photo_pipeline import PhotoTask

if TYPE_CHECKING:
    import torch

FLOOR = 0.05
"""Added to every doubt, in people's worth: photos in which the model saw nobody still come, the most unlike ones first."""
STEPS = 2000
"""After so many photos the rest follows by doubt and the distances as they are then: going on exactly would take hours for
hundreds of thousands."""
_NO_DOUBT = Doubt()


class Doubter(Protocol):
    """What is asked of a ``kdc.predictor.Predictor`` that does not flip by itself."""

    size: int
    decode_config: DecodeConfig

    @property
    def schema(self) -> PoseSchema: ...

    @property
    def network(self) -> Any: ...

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]: ...


@dataclass(frozen=True, eq=False)
class Look:
    """What the model makes of one photo. ``people``: how many it finds. ``features``: (D,) float32, the photo's looks.

    Where ``error`` is set, the photo could not be used: it says why in a sentence, and the rest is empty.
    """

    task: PhotoTask
    doubt: Doubt = _NO_DOUBT
    people: int = 0
    features: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    error: str = ""


@dataclass(frozen=True)
class Pick:
    """One photo of the ranking. ``index``: into what was ranked. ``gain``: doubt times ``distance``. ``distance``: to the
    nearest photo that was labelled or picked before, about 1 for two unrelated photos and near 0 for duplicates."""

    index: int
    gain: float
    distance: float


def look(
    tasks: Iterable[PhotoTask], predictor: Doubter, readers: int = 2, batch: int = 4, doubts: bool = True
) -> Iterator[Look]:
    """Every task once, in its order. ``doubts``: False where only the looks are wanted: nothing is decoded.

    ``predictor``: with ``flip`` off, since the mirrored photo is compared, not averaged.
    """
    ahead = max(2 * readers, 2 * batch)
    with ThreadPoolExecutor(readers, "look") as pool, backbone_features(predictor.network) as seen:
        waiting: deque[Future[_Input | Look]] = deque()
        source = iter(tasks)
        while True:
            while len(waiting) < ahead and (task := next(source, None)) is not None:
                waiting.append(pool.submit(_read, task, predictor.size))
            if not waiting:
                return
            photos = [waiting.popleft().result() for _ in range(min(batch, len(waiting)))]
            yield from _look_at(photos, predictor, seen, pool, doubts)


def rank(
    doubts: np.ndarray, features: np.ndarray, count: int | None = None, labelled: np.ndarray | None = None
) -> list[Pick]:
    """The ``count`` photos to label first (None: all), best first.

    ``doubts``: (N,) of ``kdc.doubt.Doubt.each``. ``features``: (N, D). ``labelled``: (M, D) of photos that are labelled already.
    The distance is 1 - cosine of the features, each dimension centred and scaled to variance 1 over all photos.
    """
    many = len(doubts)
    count = many if count is None else min(count, many)
    known = np.zeros((0, features.shape[1]), np.float32) if labelled is None else labelled
    everything = np.concatenate([features, known]).astype(np.float32)
    if len(everything):
        everything = everything - everything.mean(0)
        everything /= np.maximum(everything.std(0), 1e-6)
        everything /= np.maximum(np.linalg.norm(everything, axis=1, keepdims=True), 1e-6)
    own, known = everything[:many], everything[many:]
    distance = np.ones(many, np.float32)
    for start in range(0, len(known), 256):
        distance = np.minimum(distance, (1 - own @ known[start : start + 256].T).min(1))
    distance = np.clip(distance, 0, 1)
    weight = np.asarray(doubts, np.float32) + np.float32(FLOOR)
    left = np.ones(many, bool)
    picks = []
    for _ in range(min(count, STEPS)):
        gain = np.where(left, weight * distance, -1)
        best = int(gain.argmax())
        picks.append(Pick(best, float(gain[best]), float(distance[best])))
        left[best] = False
        distance = np.minimum(distance, np.clip(1 - own @ own[best], 0, 1))
    if len(picks) < count:
        gain = np.where(left, weight * distance, -1)
        order = np.argsort(-gain, kind="stable")[: count - len(picks)]
        picks += [Pick(int(i), float(gain[i]), float(distance[i])) for i in order]
    return picks


def proposal_doubt(proposals: Sequence[Annotation]) -> Doubt:
    """The doubt about an image by its stored proposals alone: no network, no pixels (``flip`` is 0)."""
    people = []
    for proposal in proposals:
        if proposal.crowd or proposal.score is None or proposal.confidence is None:
            continue
        points = np.column_stack([proposal.keypoints[:, :2], np.clip(proposal.confidence, 0, 1)])
        people.append(Person(points.astype(np.float32), float(np.clip(proposal.score, 0, 1))))
    lengths = {len(p.keypoints) for p in people}
    found = [people_doubt([p for p in people if len(p.keypoints) == n]) for n in sorted(lengths)]
    return Doubt(*(sum(getattr(d, name) for d in found) for name in ("heat", "grouping", "flip", "crowding", "people")))


@contextmanager
def backbone_features(network: Any) -> Iterator[list[torch.Tensor]]:
    """A list that every forward pass of ``network`` extends by its backbone's last map, (B, C, h, w), while this is open."""
    seen: list[torch.Tensor] = []
    handle = network.backbone.register_forward_hook(lambda module, inputs, maps: seen.append(maps[2]))
    try:
        yield seen
    finally:
        handle.remove()


def photo_features(maps: np.ndarray) -> np.ndarray:
    """(B, C, h, w) backbone maps -> (B, 2 C) float32: mean and deviation of each channel over the photo."""
    flat = maps.reshape(*maps.shape[:2], -1).astype(np.float32)
    return np.concatenate([flat.mean(2), flat.std(2)], 1)


@dataclass(frozen=True, eq=False)
class _Input:
    task: PhotoTask
    pixels: np.ndarray


def _read(task: PhotoTask, size: int) -> _Input | Look:
    try:
        pixels = read_image(task.path).pixels
        return _Input(task, Letterbox.fit(pixels.shape[1], pixels.shape[0], size).apply(pixels))
    except KdcError as error:
        where = "" if str(task.path) in error.message else f"{task.path}: "
        return Look(task, error=f"{where}{error.title}: {error.message}")
    except MemoryError:
        return Look(task, error=f"{task.path}: Out of memory: the photo is too large for this machine.")


def _look_at(
    photos: Sequence[_Input | Look],
    predictor: Doubter,
    seen: list[torch.Tensor],
    pool: ThreadPoolExecutor,
    doubts: bool,
) -> list[Look]:
    """Photos of one shape go through the network together; the answers keep the order of ``photos``."""
    answers: list[Any] = list(photos)
    shapes: dict[tuple[int, ...], list[int]] = {}
    for n, photo in enumerate(photos):
        if isinstance(photo, _Input):
            shapes.setdefault(photo.pixels.shape, []).append(n)
    for places in shapes.values():
        inputs = np.stack([answers[n].pixels for n in places])
        seen.clear()
        fields = predictor.fields_batch(np.concatenate([inputs, inputs[:, :, ::-1]]))
        features = photo_features(seen[0].float().cpu().numpy())
        # A photo and its mirror image look alike.
        features = 0.5 * (features[: len(places)] + features[len(places) :])
        for i, n in enumerate(places):
            task = answers[n].task
            if not doubts:
                answers[n] = Look(task, features=features[i])
                continue
            pair = fields[i], fields[len(places) + i]
            answers[n] = pool.submit(_doubt, task, pair, features[i], predictor.schema, predictor.decode_config)
    return [a.result() if isinstance(a, Future) else a for a in answers]


def _doubt(
    task: PhotoTask, pair: tuple[Fields, Fields], features: np.ndarray, schema: PoseSchema, config: DecodeConfig
) -> Look:
    doubt, people = photo_doubt(pair[0], pair[1], schema, config)
    return Look(task, doubt, sum(p.score >= 0.2 for p in people), features)
