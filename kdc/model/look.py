"""A closer look: the window of one person through a backbone of its own, for what the fields are too coarse to show.

Small people cover few cells of the fields; a window scaled up to a fixed size shows each as large as the next, as the second stage
of top-down methods does (Mask R-CNN, He et al. 2017).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F

from kdc.model.mobilenet import MULTIPLIERS, MobileNetV1


class Look(nn.Module):
    """What a backbone sees in a person's window, as something to add to features at strides 4 and 8 of the window.

    It starts at zero: a refinement that gets a closer look answers as before until it is trained.
    """

    def __init__(self, name: str, at4: int, at8: int) -> None:
        super().__init__()
        self.backbone = MobileNetV1(MULTIPLIERS[name])
        four, eight, deep = self.backbone.channels
        self.join4 = nn.Conv2d(four, at4, 1)
        self.join8 = nn.Conv2d(eight, at8, 1)
        self.deep = nn.Conv2d(deep, at8, 1)
        for conv in (self.join4, self.join8, self.deep):
            assert conv.bias is not None
            nn.init.zeros_(conv.weight)
            nn.init.zeros_(conv.bias)

    def forward(self, photo: Tensor) -> tuple[Tensor, Tensor]:
        """``photo``: (B, 3, S, S) in about [-1, 1], S a multiple of 16 -> (B, at4, S/4, S/4) and (B, at8, S/8, S/8)."""
        four, eight, deep = self.backbone(photo)
        wide = F.interpolate(self.deep(deep), scale_factor=2, mode="bilinear", align_corners=False)
        return self.join4(four), self.join8(eight) + wide
