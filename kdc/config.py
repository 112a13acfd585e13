"""Frozen settings of the network. Decoding and clustering keep theirs beside their code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kdc.errors import KdcError
from kdc.fields import HeadSpec, head_specs
from kdc.schema import PoseSchema

LOOKS = ("mobilenet050", "mobilenet075")
WINDOWS = (128, 192)
DEEPEST = 16
BACKBONES = ("mobilenet050", "mobilenet075", "mobilenet100", "resnet50", "resnet101", "resnet152")


@dataclass(frozen=True)
class ModelConfig:
    """Everything that says which network this is.

    ``neck``: channels of the pyramid at strides 16, 8 and 4; empty means no pyramid, heads on the backbone alone (the
    papers' form) at ``output_stride``. ``radius``: of keypoint disks, input pixels. ``mean``, ``std``: input normalisation
    of RGB in 0..255. ``input_size``: the long side it was trained for. ``refine``: whether the keypoint-conditioned mask
    refinement belongs to the model, ``pose_refine``: whether the refinement of poses does. ``pixel_refine``: whether PosePlusSeg's
    refine networks do. ``look``: the backbone through which the refinements look at each person once more, or nothing.
    ``window``: pixels along each side of the window in which the refinement of masks sees a person, ``refine_depth``: its further blocks
    at the coarsest grid, ``neighbours``: whether it is told other people's masks, ``outlines``: whether it corrects outlines at two pixels
    of that window. ``pose_window``, ``pose_depth``: the same of the refinement of poses.
    """

    backbone: str
    schema: PoseSchema
    output_stride: int = 16
    neck: tuple[int, ...] = (128, 96, 64)
    radius: float = 24.0
    optional_heads: tuple[str, ...] = ("visibility",)
    input_size: int = 641
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    refine: bool = False
    pose_refine: bool = False
    pixel_refine: bool = False
    look: str = ""
    window: int = 128
    refine_depth: int = 0
    neighbours: bool = False
    outlines: bool = False
    pose_window: int = 128
    pose_depth: int = 0

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES:
            raise KdcError(
                "Unknown backbone", f"{self.backbone!r} is not a backbone; choose one of {', '.join(BACKBONES)}."
            )
        if self.output_stride not in (8, 16):
            raise KdcError("Bad output stride", f"The output stride is 8 or 16, not {self.output_stride}.")
        if self.look not in ("", *LOOKS):
            raise KdcError("Unknown backbone", f"A closer look has one of {', '.join(LOOKS)}, not {self.look!r}.")
        for what, window in (("masks", self.window), ("poses", self.pose_window)):
            if window not in WINDOWS:
                raise KdcError(
                    "Bad window",
                    f"The window of the refinement of {what} has {WINDOWS[0]} or {WINDOWS[1]} pixels, not {window}.",
                )
        for what, depth in (("masks", self.refine_depth), ("poses", self.pose_depth)):
            if not 0 <= depth <= DEEPEST:
                raise KdcError("Bad depth", f"The refinement of {what} has 0 to {DEEPEST} further blocks, not {depth}.")
        if len(self.neck) not in (0, 3):
            raise KdcError("Bad neck", "The neck has three widths (strides 16, 8, 4) or none.")

    @property
    def stride(self) -> int:
        """Input pixels per cell of the predicted fields."""
        return 4 if self.neck else self.output_stride

    @property
    def heads(self) -> tuple[HeadSpec, ...]:
        """One spec per field."""
        return head_specs(self.schema, self.stride, self.radius, self.optional_heads)

    def to_json(self) -> dict[str, Any]:
        """Plain values for the checkpoint's metadata."""
        data = {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self).items()}
        return data | {"schema": self.schema.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ModelConfig:
        """The settings that ``to_json`` wrote."""
        try:
            mean, std = (tuple(float(v) for v in data[k]) for k in ("mean", "std"))
            return cls(
                backbone=str(data["backbone"]),
                schema=PoseSchema.from_json(data["schema"]),
                output_stride=int(data["output_stride"]),
                neck=tuple(int(c) for c in data["neck"]),
                radius=float(data["radius"]),
                optional_heads=tuple(str(h) for h in data["optional_heads"]),
                input_size=int(data["input_size"]),
                mean=(mean[0], mean[1], mean[2]),
                std=(std[0], std[1], std[2]),
                refine=bool(data["refine"]),
                pose_refine=bool(data.get("pose_refine", False)),
                pixel_refine=bool(data.get("pixel_refine", False)),
                look=str(data.get("look", "")),
                window=int(data.get("window", 128)),
                refine_depth=int(data.get("refine_depth", 0)),
                neighbours=bool(data.get("neighbours", False)),
                outlines=bool(data.get("outlines", False)),
                pose_window=int(data.get("pose_window", 128)),
                pose_depth=int(data.get("pose_depth", 0)),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise KdcError("Bad model description", f"The model file's description can't be read ({error}).") from None
