"""The pose refinement: one person's joints, looked at once more at the person's own scale.

PosePlusSeg refines its pose by a network over the person (III, "refine network"); PoseFix (Moon et al. 2019) learns to correct
another network's joints when it is given them. Here the joints that the decoder found are given beside the fields, and the
answer says besides which joints are there, which are seen, and how good the pose is.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdc.model.look import Look
from kdc.model.refine import FINE, GRID, Residual, further, joined, resized

CONTEXT = 2
"""Planes beside features, heat and own joints: person logit, joints of other people."""
STEM, NARROW = 24, 32
"""Channels of the pixels at the grid, and of the last layers there."""
OWN_GAIN, HEAT_GAIN = 6.0, 4.0
"""Weights of the joints and the heat that were given in the first answer, before anything was learnt."""


@dataclass(frozen=True, eq=False)
class PoseAnswer:
    """``heat``: (B, K, GRID, GRID) logits of where each joint is, a softmax over cells makes them probabilities. ``present``,
    ``visible``: (B, K) logits. ``quality``: (B,) logits of the pose's expected OKS."""

    heat: Tensor
    present: Tensor
    visible: Tensor
    quality: Tensor


class PoseNet(nn.Module):
    """Joints of one person on a square grid around it. ``look``: backbone of a closer look at the photo, or nothing. ``side``: pixels
    along each side of the window, of ``kdc.config.WINDOWS``; at the larger one the pixels and the closer look speak once more at the
    grid itself, which joints are read from. ``depth``: further blocks at the coarsest grid, which start as the identity."""

    def __init__(
        self, features: int, joints: int, width: int = 48, look: str = "", side: int = FINE, depth: int = 0
    ) -> None:
        super().__init__()
        self.side = side
        step = side // GRID
        self.look = Look(look, width, 2 * width) if look else None
        self.joints = joints
        self.reduce = nn.Conv2d(features, 32, 1)
        self.stem = nn.Sequential(
            nn.Conv2d(3, STEM, 2 * step - 1, step, 1, bias=False), nn.BatchNorm2d(STEM), nn.ReLU(inplace=True)
        )  # fmt: skip
        self.enter = nn.Sequential(
            nn.Conv2d(32 + STEM + 2 * joints + CONTEXT, width, 3, 2, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.block32 = Residual(width)
        self.down16 = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.block16 = nn.Sequential(Residual(2 * width), Residual(2 * width, 2), Residual(2 * width, 4))
        self.deep16 = further(2 * width, depth)
        self.up32 = nn.Conv2d(2 * width, width, 1)
        self.merge32 = Residual(width)
        self.out = nn.Conv2d(width, 4 * joints, 3, padding=1)
        large = side > FINE
        self.up64 = nn.Conv2d(width, NARROW, 1) if large else None
        self.pixels64 = nn.Conv2d(STEM, NARROW, 1) if large else None
        self.near64 = nn.Conv2d(width, NARROW, 1) if large and look else None
        self.merge64 = Residual(NARROW) if large else None
        self.out64 = nn.Conv2d(NARROW, joints, 3, padding=1) if large else None
        if self.out64 is not None:
            assert self.out64.bias is not None
            nn.init.zeros_(self.out64.weight)
            nn.init.zeros_(self.out64.bias)
        self.judge = nn.Sequential(
            nn.Linear(4 * width + 2 * joints + 1, 96), nn.ReLU(inplace=True), nn.Linear(96, 2 * joints + 1)
        )
        assert self.out.bias is not None
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, fields: Tensor, own: Tensor, others: Tensor, photo: Tensor, given: Tensor) -> PoseAnswer:
        """``fields``: (B, C + K + 1, GRID, GRID), the neck's features, the heat maps and the person logit; ``own``: (B, K, GRID,
        GRID), Gaussians at the joints given; ``others``: (B, 1, GRID, GRID), at other people's; ``photo``: (B, 3, side, side) in
        about [-1, 1]; ``given``: (B, K + 1), confidences of the joints and of the person."""
        k = self.joints
        features, heat, person = fields.split([fields.shape[1] - k - 1, k, 1], 1)
        pixels = self.stem(photo)
        x = joined(self.reduce(features), [heat, person, own, others], pixels)
        near: Tensor | None = None
        at32: Tensor | int = 0
        at16: Tensor | int = 0
        if self.look is not None:
            near, eight = self.look(photo)
            at32, at16 = near, eight
            if self.side > FINE:
                at32, at16 = resized(near, GRID // 2), resized(eight, GRID // 4)
        x32 = self.block32(self.enter(x) + at32)
        x16 = self.deep16(self.block16(F.relu(self.down16(x32) + at16)))
        up = F.interpolate(self.up32(x16), scale_factor=2, mode="bilinear", align_corners=False)
        x32 = self.merge32(F.relu(x32 + up))
        logits = F.pixel_shuffle(self.out(x32), 2).float() + OWN_GAIN * own.float() + HEAT_GAIN * heat.float()
        if self.up64 is not None:
            logits = logits + self._finer(x32, pixels, near).float()
        sure = logits.detach().flatten(2).softmax(-1).amax(-1)
        seen = torch.cat([x16.float().mean((2, 3)), x16.float().amax((2, 3)), given.float(), sure], 1)
        present, visible, quality = self.judge(seen).split([k, k, 1], 1)
        return PoseAnswer(logits, present.float(), visible.float(), quality[:, 0].float())

    def _finer(self, x32: Tensor, pixels: Tensor, near: Tensor | None) -> Tensor:
        assert (
            self.up64 is not None and self.pixels64 is not None and self.merge64 is not None and self.out64 is not None
        )
        x64 = resized(self.up64(x32), GRID) + self.pixels64(pixels)
        if self.near64 is not None and near is not None:
            x64 = x64 + resized(self.near64(near), GRID)
        return self.out64(self.merge64(F.relu(x64)))  # type: ignore[no-any-return]


__all__ = ["FINE", "GRID", "PoseAnswer", "PoseNet"]
