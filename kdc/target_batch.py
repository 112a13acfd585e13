"""What the losses compare the fields with: made by ``kdc.data``, read by ``kdc.losses``."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class TargetBatch:
    """Targets of a batch as tensors: ``kdc.data.targets.Targets`` stacked, people padded to N.

    ``keypoints`` (B, N, K, 3), ``scales`` (B, N), ``centres`` (B, N, 2), ``owner`` (B, K, G, G) int, ``heat_valid`` (B, K, G, G) bool,
    ``mask_owner`` (B, G, G) int, ``person_valid`` (B, G, G) bool.
    """

    keypoints: Tensor
    scales: Tensor
    centres: Tensor
    owner: Tensor
    heat_valid: Tensor
    mask_owner: Tensor
    person_valid: Tensor

    def to(self, device: torch.device) -> TargetBatch:
        """The same on ``device``."""
        return TargetBatch(**{k: v.to(device, non_blocking=True) for k, v in vars(self).items()})

    def pinned(self) -> TargetBatch:
        """The same in page-locked memory, from which copies to a GPU run beside its work."""
        return TargetBatch(**{k: v.pin_memory() for k, v in vars(self).items()})
