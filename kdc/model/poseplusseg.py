"""PosePlusSeg's two refine networks (eq. 5-6): a 1x1 convolution with a sigmoid over raw pixels, one for the pose, one for the mask.

Our reading, where the paper is silent. Raw pixels are what the heads say of a pixel, before activation. The pose network
says how far each pixel of a keypoint's disk may be trusted: refined heat is heat times that, and a refined keypoint is the
mean of x + s_k(x) over its disk, weighted by it. The mask network gives the refined person probability.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

REF_POSE, REF_MASK = "ref_pose", "ref_mask"
TRUST = 2.0
"""Logit of the trust that every pixel starts with."""


class PixelRefine(nn.Module):
    """``pose``: (heat, offset) raw pixels, 3K channels, to K logits. ``mask``: (person, mask offsets), 1 + 2K channels, to one."""

    def __init__(self, keypoints: int) -> None:
        super().__init__()
        self.pose = nn.Conv2d(3 * keypoints, keypoints, 1)
        self.mask = nn.Conv2d(1 + 2 * keypoints, 1, 1)
        # The mask starts as it came, the trust the same everywhere.
        with torch.no_grad():
            nn.init.normal_(self.pose.weight, std=0.01)
            self.pose.bias.fill_(TRUST)  # type: ignore[union-attr]
            nn.init.zeros_(self.mask.weight)
            nn.init.zeros_(self.mask.bias)  # type: ignore[arg-type]
            self.mask.weight[0, 0] = 1.0

    def forward(self, raw: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Raw outputs of the heads, (B, C, H, W) each -> ``ref_pose`` (B, K, H, W) and ``ref_mask`` (B, 1, H, W), logits (eq. 5)."""
        pose = torch.cat([raw["heatmap"], raw["keycentroid"]], 1)
        mask = torch.cat([raw["person"], raw["mask_offset"]], 1)
        return {REF_POSE: self.pose(pose), REF_MASK: self.mask(mask)}


def refined(fields: dict[str, Tensor], raw: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Fields in their documented units with heat and person replaced by the refined ones, where ``raw`` has them."""
    if REF_POSE not in raw:
        return fields
    trust = raw[REF_POSE].float().sigmoid()
    return fields | {"heatmap": fields["heatmap"] * trust, "person": raw[REF_MASK].float()}
