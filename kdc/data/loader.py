"""Endless, resumable batches of training crops."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler
from torch.utils.data import Dataset as TorchDataset

from kdc.data.augment import AugmentConfig, Crop, make_crop
from kdc.data.samples import Dataset
from kdc.data.targets import MAX_PEOPLE, Targets, encode
from kdc.losses import TargetBatch
from kdc.schema import PoseSchema


@dataclass
class Batch:
    """``images``: (B, 3, S, S) uint8 RGB. ``targets``: see ``TargetBatch``. ``masks``: for each crop the people's masks (n, S, S) uint8 and
    ``mask_known`` which of them are known. ``names``: photo names, for messages."""

    images: Tensor
    targets: TargetBatch
    masks: list[Tensor]
    mask_known: list[Tensor]
    names: list[str]


@dataclass(frozen=True)
class Mix:
    """Datasets with the share of crops each gives."""

    datasets: tuple[Dataset, ...]
    shares: tuple[float, ...]


class CropDataset(TorchDataset):
    """Crop number i of a run: the same for the same seed, whoever makes it and in whatever order."""

    def __init__(self, mix: Mix, schema: PoseSchema, config: AugmentConfig, stride: int, radius: float, seed: int, masks: bool) -> None:
        self.mix, self.schema, self.config = mix, schema, config
        self.stride, self.radius, self.seed, self.masks = stride, radius, seed, masks
        shares = np.asarray(mix.shares, float)
        self._shares = shares / shares.sum()

    def _choose(self, number: int) -> tuple[int, int]:
        """Dataset and photo of crop ``number``: a fresh shuffle of each dataset every time it has been gone through."""
        golden = (np.arange(1) + number * 0.6180339887498949) % 1.0
        which = int(np.searchsorted(np.cumsum(self._shares), golden[0], side="right").clip(0, len(self._shares) - 1))
        length = len(self.mix.datasets[which])
        turn = int(number * self._shares[which])
        order = np.random.default_rng([self.seed, which, turn // length]).permutation(length)
        return which, int(order[turn % length])

    def __getitem__(self, number: int) -> tuple[Crop, Targets, str]:
        rng = np.random.default_rng([self.seed, 7, number])
        which, index = self._choose(number)
        sample = self.mix.datasets[which][index]
        donor = None
        if rng.random() < self.config.paste and sample.joints_complete:
            first = self.mix.datasets[0]
            donor = first[int(rng.integers(len(first)))]
        crop = make_crop(sample, donor, self.config, self.schema, rng)
        return crop, encode(crop, self.schema, self.stride, self.radius), sample.name


def collate(items: Sequence[tuple[Crop, Targets, str]]) -> Batch:
    """Pads people to the batch's most and stacks."""
    most = max(1, max(len(t.scales) for _, t, _ in items))

    def pad(array: np.ndarray, fill: float = 0.0) -> np.ndarray:
        out = np.full((most, *array.shape[1:]), fill, np.float32)
        out[: len(array)] = array
        return out

    def stack(arrays: list[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack(arrays))

    targets = TargetBatch(
        keypoints=stack([pad(t.keypoints) for _, t, _ in items]),
        scales=stack([pad(t.scales, 1.0) for _, t, _ in items]),
        centres=stack([pad(t.centres) for _, t, _ in items]),
        owner=stack([t.owner for _, t, _ in items]),
        heat_valid=stack([t.heat_valid for _, t, _ in items]),
        mask_owner=stack([t.mask_owner for _, t, _ in items]),
        person_valid=stack([t.person_valid for _, t, _ in items]),
    )
    images = torch.from_numpy(np.stack([c.image for c, _, _ in items])).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    masks, known = [], []
    for crop, _, _ in items:
        single = [p for p in crop.people if not p.crowd][:MAX_PEOPLE]
        size = crop.image.shape[0]
        empty = np.zeros((size, size), np.uint8)
        masks.append(torch.from_numpy(np.stack([empty if p.mask is None else p.mask for p in single] or [empty])))
        known.append(torch.tensor([p.mask is not None for p in single] or [False]))
    return Batch(images, targets, masks, known, [name for _, _, name in items])


class _Range(Sampler[list[int]]):
    """Crop numbers of each batch from ``start`` on, for one of ``world`` processes."""

    def __init__(self, start: int, steps: int, batch: int, rank: int, world: int) -> None:
        self.start, self.steps, self.batch, self.rank, self.world = start, steps, batch, rank, world

    def __iter__(self) -> Iterator[list[int]]:
        for step in range(self.start, self.steps):
            first = (step * self.world + self.rank) * self.batch
            yield list(range(first, first + self.batch))

    def __len__(self) -> int:
        return max(0, self.steps - self.start)


def batches(
    data: CropDataset, start: int, steps: int, batch: int, workers: int, rank: int = 0, world: int = 1, pin: bool = False
) -> DataLoader:
    """Batches ``start`` to ``steps`` of a run. Step s has the same crops however often the run was interrupted."""
    sampler = _Range(start, steps, batch, rank, world)
    return DataLoader(data, batch_sampler=sampler, num_workers=workers, collate_fn=collate, pin_memory=pin, persistent_workers=False)
