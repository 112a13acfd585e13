"""Endless, resumable batches of training crops."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from torch.utils.data import Dataset as TorchDataset

from kdc.data.augment import AugmentConfig, Crop, make_crop
from kdc.data.samples import Dataset, Sample
from kdc.data.targets import MAX_PEOPLE, Targets, encode
from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc.target_batch import TargetBatch

TRIES = 20
"""Photos in a row that may be unreadable before the run gives up."""


@dataclass
class Batch:
    """``images``: (B, 3, S, S) uint8 RGB. ``targets``: see ``TargetBatch``. ``masks``: for each crop the people's masks (n, S, S) uint8 and
    ``mask_known`` which of them are known; empty where the dataset was not asked for masks. ``names``: photo names, for messages.
    ``problems``: photos that could not be used and why; another photo took their place."""

    images: Tensor
    targets: TargetBatch
    masks: list[Tensor]
    mask_known: list[Tensor]
    names: list[str]
    problems: list[str] = field(default_factory=list)

    def pin_memory(self) -> Batch:
        """The same in page-locked memory (called by the loader)."""
        return Batch(
            self.images.pin_memory(), self.targets.pinned(), self.masks, self.mask_known, self.names, self.problems
        )


@dataclass(frozen=True, eq=False)
class Item:
    """One training crop with its targets; ``problems``: photos that had to be passed over for it."""

    crop: Crop
    targets: Targets
    name: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mix:
    """Datasets with the share of crops each gives."""

    datasets: tuple[Dataset, ...]
    shares: tuple[float, ...]


class CropDataset(TorchDataset[Item]):
    """Crop number i of a run: the same for the same seed, whoever makes it and in whatever order."""

    def __init__(
        self, mix: Mix, schema: PoseSchema, config: AugmentConfig, stride: int, radius: float, seed: int, masks: bool
    ) -> None:
        self.mix, self.schema, self.config = mix, schema, config
        self.stride, self.radius, self.seed, self.masks = stride, radius, seed, masks
        shares = np.asarray(mix.shares, float)
        self._shares = shares / shares.sum()

    def _choose(self, number: int) -> tuple[int, int]:
        """Dataset and photo of crop ``number``: a fresh shuffle of each dataset every time it has been gone through."""
        # Evenly spread, as Bresenham's line is: of the first n crops each dataset has its share, up to one crop, and these are its
        # first, second, ... with none passed over or given twice.
        turn, left, which = number, 1.0, 0
        for share in self._shares[:-1]:
            part = min(1.0, float(share) / left) if left > 0 else 1.0
            before = int(turn * part)
            if int((turn + 1) * part) > before:
                turn = before
                break
            turn, left, which = turn - before, left - float(share), which + 1
        length = len(self.mix.datasets[which])
        order = np.random.default_rng([self.seed, which, turn // length]).permutation(length)
        return which, int(order[turn % length])

    def __getitem__(self, number: int) -> Item:
        rng = np.random.default_rng([self.seed, 7, number])
        sample, problems = self._read(*self._choose(number))
        donor = None
        if rng.random() < self.config.paste and sample.joints_complete:
            which = int(rng.choice(len(self._shares), p=self._shares))
            try:
                donor = self.mix.datasets[which][int(rng.integers(len(self.mix.datasets[which])))]
            except KdcError as error:
                problems.append(error.message)
        crop = make_crop(sample, donor, self.config, self.schema, rng)
        return Item(crop, encode(crop, self.schema, self.stride, self.radius), sample.name, tuple(problems))

    def _read(self, which: int, index: int) -> tuple[Sample, list[str]]:
        """The photo, or the next one of the dataset that can be read, and why others could not."""
        dataset = self.mix.datasets[which]
        problems: list[str] = []
        for step in range(min(TRIES, len(dataset))):
            try:
                return dataset[(index + step) % len(dataset)], problems
            except KdcError as error:
                problems.append(error.message)
        if len(problems) == 1:
            raise KdcError("Photos can't be read", f"The only photo can't be used: {problems[0]}")
        raise KdcError(
            "Photos can't be read", f"{len(problems)} photos in a row can't be used; the first: {problems[0]}"
        )


def collate(items: Sequence[Item], masks: bool = True) -> Batch:
    """Pads people to the batch's most and stacks; with the people's masks at full size where ``masks``."""
    most = max(1, max(len(i.targets.scales) for i in items))

    def pad(array: np.ndarray, fill: float = 0.0) -> np.ndarray:
        out = np.full((most, *array.shape[1:]), fill, np.float32)
        out[: len(array)] = array
        return out

    def stack(arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays))

    targets = TargetBatch(
        keypoints=stack([pad(i.targets.keypoints) for i in items]),
        scales=stack([pad(i.targets.scales, 1.0) for i in items]),
        centres=stack([pad(i.targets.centres) for i in items]),
        owner=stack([i.targets.owner for i in items]),
        heat_valid=stack([i.targets.heat_valid for i in items]),
        mask_owner=stack([i.targets.mask_owner for i in items]),
        person_valid=stack([i.targets.person_valid for i in items]),
    )
    images = stack([i.crop.image for i in items]).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    pixels, known = [], []
    for item in items if masks else ():
        single = [p for p in item.crop.people if not p.crowd][:MAX_PEOPLE]
        size = item.crop.image.shape[0]
        empty = np.zeros((size, size), np.uint8)
        pixels.append(torch.from_numpy(np.stack([empty if p.mask is None else p.mask for p in single] or [empty])))
        known.append(torch.tensor([p.mask is not None for p in single] or [False]))
    problems = [text for item in items for text in item.problems]
    return Batch(images, targets, pixels, known, [i.name for i in items], problems)


def collate_without_masks(items: Sequence[Item]) -> Batch:
    """``collate`` for the fields alone: a person's mask at full size is not sent between processes."""
    return collate(items, masks=False)


class _Range(Sampler[list[int]]):
    """Crop numbers of each batch from ``start`` on, for process ``rank`` of ``world``."""

    def __init__(self, start: int, steps: int, batch: int, rank: int, world: int) -> None:
        self.start, self.steps, self.batch, self.rank, self.world = start, steps, batch, rank, world

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.start, self.steps):
            first = (step * self.world + self.rank) * self.batch
            yield list(range(first, first + self.batch))

    def __len__(self) -> int:
        return max(0, self.steps - self.start)


def _start_worker(number: int) -> None:
    # Ctrl-C reaches every process of the terminal; the main one decides when the run ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _Loader(DataLoader[Any]):
    """A loader whose workers may be forked: OpenCV's threads do not survive a fork, so there are none while it happens."""

    def __iter__(self) -> Any:
        before = cv2.getNumThreads()
        cv2.setNumThreads(1)
        try:
            return super().__iter__()
        finally:
            cv2.setNumThreads(before)


def batches(
    data: CropDataset,
    start: int,
    steps: int,
    batch: int,
    workers: int,
    rank: int = 0,
    world: int = 1,
    pin: bool = False,
) -> DataLoader[Batch]:
    """Batches ``start`` to ``steps`` of a run. Step s has the same crops however often the run was interrupted."""
    return _Loader(
        data,
        batch_sampler=_Range(start, steps, batch, rank, world),
        num_workers=workers,
        collate_fn=collate if data.masks else collate_without_masks,
        pin_memory=pin,
        worker_init_fn=_start_worker,
        prefetch_factor=4 if workers else None,
        # Its own generator: a loader that is started again on resume must not use up the run's random numbers.
        generator=torch.Generator().manual_seed(0),
    )
