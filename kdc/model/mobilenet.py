"""MobileNetV1 (Howard et al. 2017) with batch norm folded into the convolutions, as the starting weights have it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

MULTIPLIERS = {"mobilenet050": 0.5, "mobilenet075": 0.75, "mobilenet100": 1.0}
"""Width multipliers by the backbone's name."""
_POINTWISE = (64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024)
_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
_NARROW_LAST = {0.75: (384, 384), 0.5: (256, 256)}


def widths(multiplier: float) -> tuple[int, tuple[int, ...]]:
    """Channels of the first convolution and of the 13 pointwise ones.

    The narrow networks of the starting weights do not double layers 12 and 13.
    """
    channels = [int(c * multiplier) for c in _POINTWISE]
    if multiplier in _NARROW_LAST:
        channels[11:] = _NARROW_LAST[multiplier]
    return int(32 * multiplier), tuple(channels)


class Separable(nn.Module):
    """Depthwise 3x3 and pointwise 1x1, each with bias and ReLU6."""

    def __init__(self, inside: int, outside: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inside, inside, 3, stride, dilation, dilation, groups=inside)
        self.pointwise = nn.Conv2d(inside, outside, 1)
        self.act = nn.ReLU6(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C', H', W')."""
        return self.act(self.pointwise(self.act(self.depthwise(x))))


class MobileNetV1(nn.Module):
    """Feature maps at strides 4, 8 and ``output_stride`` (the last with dilation instead of stride)."""

    def __init__(self, multiplier: float, output_stride: int = 16) -> None:
        super().__init__()
        first, outs = widths(multiplier)
        self.stem = nn.Conv2d(3, first, 3, 2, 1)
        self.act = nn.ReLU6(inplace=True)
        layers: list[nn.Module] = []
        inside, stride, dilation = first, 2, 1
        for out, step in zip(outs, _STRIDES, strict=True):
            here = step
            use = dilation
            if stride * step > output_stride:
                here = 1
                dilation *= step
            stride *= here
            layers.append(Separable(inside, out, here, use))
            inside = out
        self.layers = nn.ModuleList(layers)
        self.channels = (outs[2], outs[4], outs[12])
        self.frozen_layers = 0

    def freeze(self, layers: int) -> None:
        """Stops the gradient before layer ``layers``: the first edge detectors need no fine-tuning and cost most."""
        self.frozen_layers = layers
        for module in (self.stem, *self.layers[:layers]) if layers else ():
            module.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) normalised RGB -> features at strides 4, 8 and the output stride."""
        kept: list[Tensor] = []
        if self.frozen_layers:
            with torch.no_grad():
                x = self._run(self.act(self.stem(x)), 0, self.frozen_layers, kept)
        else:
            x = self.act(self.stem(x))
        x = self._run(x, self.frozen_layers, len(self.layers), kept)
        four, eight = kept
        return four, eight, x

    def _run(self, x: Tensor, start: int, stop: int, kept: list[Tensor]) -> Tensor:
        for index in range(start, min(stop, len(self.layers))):
            x = self.layers[index](x)
            if index in (2, 4):  # The last ones at strides 4 and 8.
                kept.append(x)
        return x
