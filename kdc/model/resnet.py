"""ResNet-50/101/152 (He et al. 2016) under torchvision's parameter names, so that its checkpoints load."""

from __future__ import annotations

from torch import Tensor, nn

_BLOCKS = {"resnet50": (3, 4, 6, 3), "resnet101": (3, 4, 23, 3), "resnet152": (3, 8, 36, 3)}


class Bottleneck(nn.Module):
    """1x1, 3x3 (stride or dilation here), 1x1, with a shortcut."""

    def __init__(self, inside: int, width: int, stride: int, dilation: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, dilation, dilation, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU(inplace=True)
        self.downsample: nn.Module | None = None
        if stride != 1 or inside != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv2d(inside, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, 4 width, H', W')."""
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        return self.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    """Feature maps at strides 4, 8 and ``output_stride``; dilated where the stride would pass it."""

    def __init__(self, name: str, output_stride: int = 16) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self._inside, self._stride, self._dilation = 64, 4, 1
        blocks = _BLOCKS[name]
        self.layer1 = self._layer(64, blocks[0], 1, output_stride)
        self.layer2 = self._layer(128, blocks[1], 2, output_stride)
        self.layer3 = self._layer(256, blocks[2], 2, output_stride)
        self.layer4 = self._layer(512, blocks[3], 2, output_stride)
        self.channels = (256, 512, 2048)
        self._frozen_norm = False

    def _layer(self, width: int, blocks: int, stride: int, output_stride: int) -> nn.Sequential:
        first_dilation = self._dilation
        if self._stride * stride > output_stride:
            self._dilation *= stride
            stride = 1
        self._stride *= stride
        layers = [Bottleneck(self._inside, width, stride, first_dilation)]
        self._inside = 4 * width
        layers += [Bottleneck(self._inside, width, 1, self._dilation) for _ in range(1, blocks)]
        return nn.Sequential(*layers)

    def freeze(self, layers: int) -> None:
        """Freezes the stem and the first ``layers`` of the four stages."""
        stages = [self.conv1, self.bn1, self.layer1, self.layer2, self.layer3, self.layer4]
        for stage in stages[: layers + 2] if layers else []:
            stage.requires_grad_(False)

    def freeze_norm(self, frozen: bool = True) -> None:
        """Keeps batch norm at its stored statistics while training: right for batches of 2 to 4."""
        self._frozen_norm = frozen
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.requires_grad_(not frozen)
        self.train(self.training)

    def train(self, mode: bool = True) -> ResNet:
        """As ``nn.Module.train``, with frozen batch norm left in evaluation mode."""
        super().train(mode)
        if self._frozen_norm:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        return self

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 3, H, W) normalised RGB -> features at strides 4, 8 and the output stride."""
        four = self.layer1(self.maxpool(self.relu(self.bn1(self.conv1(x)))))
        eight = self.layer2(four)
        return four, eight, self.layer4(self.layer3(eight))
