"""The refinement that listens: from a person's keypoints, the fields, the photo and the labeler's hand to a mask.

PosePlusSeg's refine network (eq. 5) with KDC's centroids as input, grown to a small encoder-decoder and given the hand as
RITM (Sofiiuk et al. 2021) gives clicks: stroke maps and the previous mask are inputs, simulated in training.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdc.model.look import Look

GRID = 64
"""Cells along each side of the grid laid over a person's box; the photo is read, and the mask written, at two or three times that."""
FINE = 2 * GRID
"""Side of the window by default."""
PLANES = 9
"""Planes at ``GRID``: person logit, rule logit, own d1, own limb distance, d1 and limb distance of the nearest other person, own
joints, own confirmed joints, previous mask. A network with ``neighbours`` takes one more: other people's masks."""
EDGES = 24
"""Channels of ``Outlines``."""
HAND = 2
"""Planes at the window's side: positive and negative strokes."""


class Residual(nn.Module):
    """Two 3x3 convolutions with a shortcut."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), unchanged shape."""
        y = F.relu(self.norm1(self.first(x)))
        return F.relu(x + self.norm2(self.second(y)))


def further(channels: int, depth: int) -> nn.Sequential:
    """``depth`` blocks that start as the identity."""
    blocks = [Residual(channels, 2 - n % 2) for n in range(depth)]
    for block in blocks:
        nn.init.zeros_(block.norm2.weight)
    return nn.Sequential(*blocks)


class Sight(NamedTuple):
    """What a window shows whatever is said of the person: ``reduced``: the neck's features (B, C, GRID, GRID); what a closer look adds at
    ``GRID``, half and a quarter of it, None where there is no such look."""

    reduced: Tensor
    near: Tensor | None
    at32: Tensor | None
    at16: Tensor | None


class Touch(NamedTuple):
    """The photo's pixels and the hand's: ``coarse`` at GRID; ``fine`` at half the window's side, None where no outlines are corrected."""

    coarse: Tensor
    fine: Tensor | None


class Outlines(nn.Module):
    """A correction of mask logits at two pixels of the window, where an edge of the photo is still sharp (after PointRend, Kirillov et
    al. 2020, on every cell instead of chosen points). Untrained, it corrects nothing."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.up = nn.Conv2d(channels, EDGES, 1)
        self.pixels = nn.Sequential(
            nn.Conv2d(3 + HAND, EDGES, 3, 2, 1, bias=False), nn.BatchNorm2d(EDGES), nn.ReLU(inplace=True)
        )  # fmt: skip
        self.merge = Residual(EDGES)
        self.out = nn.Conv2d(EDGES, 4, 3, padding=1)
        assert self.out.bias is not None
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, fine: Tensor) -> Tensor:
        """``x``: (B, C, GRID, GRID); ``fine``: (B, EDGES, S / 2, S / 2), what ``pixels`` makes of the photo and the hand. Returns (B, 1, S, S)."""
        fine = F.relu(resized(self.up(x), fine.shape[-1]) + fine)
        return F.pixel_shuffle(self.out(self.merge(fine)), 2)


class RefineNet(nn.Module):
    """Mask logits of one person on a grid over its box. ``look``: backbone of a closer look at the photo, or nothing. ``side``: pixels
    along each side of the window, of ``kdc.config.WINDOWS``; at the larger one the closer look also speaks at the grid itself, and one more block
    follows. ``depth``: further blocks at the coarsest grid, where a person is told from what it holds and stands behind; they start as
    the identity. ``neighbours``: whether it is told what other people's masks hold; untrained, it does not listen to that. ``outlines``:
    whether outlines are corrected at two window pixels, by the photo's and the hand's own; untrained, they stay as they are."""

    def __init__(
        self,
        features: int,
        width: int = 32,
        look: str = "",
        side: int = FINE,
        depth: int = 0,
        neighbours: bool = False,
        outlines: bool = False,
    ) -> None:
        super().__init__()
        self.side = side
        self.planes = PLANES + neighbours
        step = side // GRID
        self.look = Look(look, 2 * width, 3 * width) if look else None
        self.reduce = nn.Conv2d(features, 24, 1)
        self.stem = nn.Sequential(
            nn.Conv2d(3 + HAND, 24, 2 * step - 1, step, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU(inplace=True)
        )  # fmt: skip
        self.enter = nn.Sequential(
            nn.Conv2d(24 + 24 + PLANES, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.beside = nn.Conv2d(1, width, 3, padding=1) if neighbours else None
        self.block64 = Residual(width)
        self.down32 = nn.Conv2d(width, 2 * width, 3, 2, 1)
        self.block32 = nn.Sequential(Residual(2 * width), Residual(2 * width, 2))
        self.down16 = nn.Conv2d(2 * width, 3 * width, 3, 2, 1)
        self.block16 = nn.Sequential(Residual(3 * width), Residual(3 * width, 2))
        self.deep16 = further(3 * width, depth)
        self.up32 = nn.Conv2d(3 * width, 2 * width, 1)
        self.merge32 = Residual(2 * width)
        self.up64 = nn.Conv2d(2 * width, width, 1)
        self.merge64 = Residual(width)
        self.near = nn.Conv2d(2 * width, width, 1) if look and side > FINE else None
        self.detail = Residual(width) if side > FINE else None
        if self.near is not None:
            assert self.near.bias is not None
            nn.init.zeros_(self.near.weight)
            nn.init.zeros_(self.near.bias)
        if self.beside is not None:
            assert self.beside.bias is not None
            nn.init.zeros_(self.beside.weight)
            nn.init.zeros_(self.beside.bias)
        if self.detail is not None:
            nn.init.zeros_(self.detail.norm2.weight)
        self.outlines = Outlines(width) if outlines else None
        self.out = nn.Conv2d(width, step * step, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        assert self.out.bias is not None
        nn.init.zeros_(self.out.bias)

    def forward(self, features: Tensor, planes: Tensor, photo: Tensor, hand: Tensor) -> Tensor:
        """``features``: (B, C, GRID, GRID) of the network's neck; ``planes``: (B, self.planes, GRID, GRID); ``photo``: (B, 3, side,
        side) normalised to about [-1, 1]; ``hand``: (B, HAND, side, side) in [0, 1]. Returns (B, 1, side, side) logits: a
        correction added to plane 1, the clustering rule's own logit."""
        return self.answer(self.sight(photo, features), self.touch(photo, hand), planes)

    def sight(self, photo: Tensor, features: Tensor) -> Sight:
        """See ``forward``."""
        reduced = self.reduce(features)
        if self.look is None:
            return Sight(reduced, None, None, None)
        four, eight = self.look(photo)
        if self.near is None:
            return Sight(reduced, None, four, eight)
        near = resized(self.near(four), GRID)
        return Sight(reduced, near, resized(four, GRID // 2), resized(eight, GRID // 4))

    def touch(self, photo: Tensor, hand: Tensor) -> Touch:
        """See ``forward``."""
        both = torch.cat([photo, hand], 1)
        return Touch(self.stem(both), None if self.outlines is None else self.outlines.pixels(both))

    def answer(self, sight: Sight, touch: Touch, planes: Tensor) -> Tensor:
        """See ``forward``."""
        entered = self.enter(joined(sight.reduced, [planes[:, :PLANES]], touch.coarse))
        if self.beside is not None:
            entered = entered + self.beside(planes[:, PLANES:])
        x64 = self.block64(entered)
        if sight.near is not None:
            x64 = x64 + sight.near
        at32: Tensor | int = 0 if sight.at32 is None else sight.at32
        at16: Tensor | int = 0 if sight.at16 is None else sight.at16
        x32 = self.block32(F.relu(self.down32(x64) + at32))
        x16 = self.deep16(self.block16(F.relu(self.down16(x32) + at16)))
        up = F.interpolate(self.up32(x16), scale_factor=2, mode="bilinear", align_corners=False)
        x32 = self.merge32(F.relu(x32 + up))
        up = F.interpolate(self.up64(x32), scale_factor=2, mode="bilinear", align_corners=False)
        x64 = self.merge64(F.relu(x64 + up))
        if self.detail is not None:
            x64 = self.detail(x64)
        step = self.side // GRID
        rule = F.interpolate(planes[:, 1:2], scale_factor=step, mode="bilinear", align_corners=False)
        logits = F.pixel_shuffle(self.out(x64), step)
        if self.outlines is not None and touch.fine is not None:
            logits = logits + self.outlines(x64, touch.fine)
        return logits + rule


def joined(features: Tensor, planes: Sequence[Tensor], pixels: Tensor) -> Tensor:
    """All channels in this order. Planes take type and order in memory from what convolutions left beside them: joined as they
    come, everything would be converted twice."""
    given = torch.cat(list(planes), 1) if len(planes) > 1 else planes[0]
    return torch.cat([features, given.to(features.dtype, memory_format=torch.channels_last), pixels], 1)


def resized(x: Tensor, side: int) -> Tensor:
    """(B, C, h, w) bilinearly to (B, C, side, side)."""
    return F.interpolate(x, size=(side, side), mode="bilinear", align_corners=False)
