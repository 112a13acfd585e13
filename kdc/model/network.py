"""The KDC network: backbone, coarse heads, pyramid neck, fine heads at stride 4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdc.config import ModelConfig
from kdc.fields import Fields
from kdc.model.mobilenet import MULTIPLIERS, MobileNetV1
from kdc.model.pose_refine import PoseNet
from kdc.model.poseplusseg import PixelRefine, refined
from kdc.model.refine import RefineNet, Residual
from kdc.model.resnet import ResNet

AnyModule = TypeVar("AnyModule", bound=nn.Module)


def make_backbone(name: str, output_stride: int) -> MobileNetV1 | ResNet:
    """The backbone called ``name``, with random weights."""
    if name in MULTIPLIERS:
        return MobileNetV1(MULTIPLIERS[name], output_stride)
    return ResNet(name, output_stride)


def upsample(x: Tensor, like: Tensor) -> Tensor:
    """``x`` at the rows and columns of ``like``: bilinear, corners on corners, the project's field convention."""
    return F.interpolate(x, size=like.shape[-2:], mode="bilinear", align_corners=True)


def channels_last(module: AnyModule) -> AnyModule:
    """The module with its weights in the memory order that convolutions are fastest in."""
    return module.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


class ConvNorm(nn.Sequential):
    """3x3 or 1x1 convolution, batch norm, ReLU."""

    def __init__(self, inside: int, outside: int, kernel: int, dilation: int = 1) -> None:
        padding = dilation * (kernel // 2)
        conv = nn.Conv2d(inside, outside, kernel, padding=padding, dilation=dilation, bias=False)
        super().__init__(conv, nn.BatchNorm2d(outside), nn.ReLU(inplace=True))


class Neck(nn.Module):
    """A feature pyramid (Lin et al. 2017) with plain 3x3 convolutions, from strides 4, 8 and 16 to stride 4."""

    def __init__(self, channels: tuple[int, int, int], widths: tuple[int, ...]) -> None:
        super().__init__()
        deep, middle, fine = widths
        self.lateral16 = ConvNorm(channels[2], deep, 1)
        self.context16 = nn.Sequential(ConvNorm(deep, deep, 3), ConvNorm(deep, deep, 3, dilation=2))
        self.lateral8 = ConvNorm(channels[1], middle, 1)
        self.down8 = nn.Conv2d(deep, middle, 1)
        self.smooth8 = ConvNorm(middle, middle, 3)
        self.lateral4 = ConvNorm(channels[0], fine, 1)
        self.down4 = nn.Conv2d(middle, fine, 1)
        self.smooth4 = nn.Sequential(ConvNorm(fine, fine, 3), ConvNorm(fine, fine, 3))

    def forward(self, four: Tensor, eight: Tensor, deep: Tensor) -> Tensor:
        """Backbone features -> (B, C, H/4, W/4)."""
        p16 = self.lateral16(deep)
        p16 = p16 + self.context16(p16)
        p8 = self.smooth8(self.lateral8(eight) + upsample(self.down8(p16), eight))
        return self.smooth4(self.lateral4(four) + upsample(self.down4(p8), four))


@dataclass
class Outputs:
    """One forward pass. ``raw``: head name -> (B, C, H, W) before activation and scale; ``features``: (B, C, H, W) of the
    neck (of the backbone without one)."""

    raw: dict[str, Tensor]
    features: Tensor


class KdcNetwork(nn.Module):
    """Fields from photos.

    Coarse heads are 1x1 convolutions on the backbone's last feature map (PersonLab's form, the papers' network). With a
    neck, fine heads at stride 4 add to the upsampled coarse ones; they start at zero, so a converted network answers like
    its origin before any training.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.heads = config.heads
        self.backbone = make_backbone(config.backbone, config.output_stride)
        channels = self.backbone.channels
        self.coarse = nn.ModuleDict({h.name: nn.Conv2d(channels[2], h.channels, 1) for h in self.heads})
        self.neck: Neck | None = None
        if config.neck:
            self.neck = Neck(channels, config.neck)
            self.fine = nn.ModuleDict({h.name: nn.Conv2d(config.neck[2], h.channels, 1) for h in self.heads})
            for conv in self.fine.values():
                assert isinstance(conv, nn.Conv2d) and conv.bias is not None
                nn.init.zeros_(conv.weight)
                nn.init.zeros_(conv.bias)
        features = config.neck[2] if config.neck else channels[2]
        self.refine = (
            RefineNet(
                features,
                look=config.look,
                side=config.window,
                depth=config.refine_depth,
                neighbours=config.neighbours,
                outlines=config.outlines,
            )
            if config.refine
            else None
        )
        self.pose_refine = (
            PoseNet(features, len(config.schema), look=config.look, side=config.pose_window, depth=config.pose_depth)
            if config.pose_refine
            else None
        )
        self.pixel_refine = PixelRefine(len(config.schema)) if config.pixel_refine else None
        mean, std = torch.tensor(config.mean), torch.tensor(config.std)
        self.register_buffer("mean", mean.view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", std.view(1, 3, 1, 1), persistent=False)

    @property
    def refines(self) -> bool:
        """Whether a refinement, of poses or of masks, reads the neck's features."""
        return self.refine is not None or self.pose_refine is not None

    def normalise(self, images: Tensor) -> Tensor:
        """(B, 3, H, W) RGB in 0..255, any dtype -> normalised float."""
        return (images.float() - self.mean) / self.std

    def forward(self, images: Tensor) -> Outputs:
        """``images``: (B, 3, H, W) RGB in 0..255 with sides n * 16 + 1."""
        four, eight, deep = self.backbone(self.normalise(images))
        coarse = {name: conv(deep) for name, conv in self.coarse.items()}
        if self.neck is None:
            return Outputs(self._with_refined(coarse), deep)
        features = self.neck(four, eight, deep)
        stacked = upsample(torch.cat(list(coarse.values()), 1), features)
        fine = torch.cat([self.fine[name](features) for name in coarse], 1)
        total = stacked + fine
        pieces = total.split([h.channels for h in self.heads], 1)
        raw = {h.name: piece for h, piece in zip(self.heads, pieces, strict=True)}
        return Outputs(self._with_refined(raw), features)

    def _with_refined(self, raw: dict[str, Tensor]) -> dict[str, Tensor]:
        return raw if self.pixel_refine is None else raw | self.pixel_refine(raw)

    def activate(self, raw: dict[str, Tensor]) -> dict[str, Tensor]:
        """Raw outputs -> fields in their documented units, float32."""
        out = {}
        for head in self.heads:
            value = raw[head.name].float()
            out[head.name] = value.sigmoid() if head.activation == "sigmoid" else value * head.scale
        return refined(out, raw)

    def to_fields(self, outputs: Outputs, index: int = 0) -> Fields:
        """The fields of one image of a batch, as numpy."""
        one = {name: value[index : index + 1] for name, value in outputs.raw.items()}
        arrays = {name: np.ascontiguousarray(v[0].cpu().numpy()) for name, v in self.activate(one).items()}
        return Fields(arrays, self.config.stride, self.config.radius)


def fold_batch_norm(module: nn.Module) -> None:
    """Folds each batch norm into the convolution before it, in place: the same function, fewer passes over memory.

    For inference only; training mode would no longer update statistics.
    """
    for child in module.children():
        fold_batch_norm(child)
    if isinstance(module, Residual):
        pairs = [("first", "norm1"), ("second", "norm2")]
    elif isinstance(module, nn.Sequential):
        pairs = [(str(k), str(k + 1)) for k in range(len(module) - 1)]
    else:
        pairs = []
    for before, after in pairs:
        conv, norm = getattr(module, before), getattr(module, after)
        if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
            setattr(module, before, torch.nn.utils.fuse_conv_bn_eval(conv.eval(), norm.eval()))
            setattr(module, after, nn.Identity())
