"""The fields that the network predicts: one frozen spec per head, shared by encoder, loss and decoder.

Adding a head is adding its spec here and its loss in ``kdc.losses``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.schema import PoseSchema


@dataclass(frozen=True)
class HeadSpec:
    """What one head predicts.

    ``channels`` of a (channels, H, W) field. ``stride``: input pixels per cell. ``activation``: ``sigmoid`` (a
    probability), ``logit`` (kept as a logit, its sigmoid is the probability) or ``linear``. ``scale``: the raw output
    is multiplied by it, so that offsets come out in input pixels while the layer works with numbers near one.
    ``target`` names the encoder of ``kdc.data.targets``, ``loss`` the function of ``kdc.losses``; ``weight`` is the
    loss's default share.
    """

    name: str
    channels: int
    stride: int
    activation: str
    scale: float
    target: str
    loss: str
    weight: float

    def to_json(self) -> dict[str, Any]:
        """The spec as plain values."""
        return dict(vars(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> HeadSpec:
        """The spec that ``to_json`` wrote."""
        try:
            return cls(
                name=str(data["name"]),
                channels=int(data["channels"]),
                stride=int(data["stride"]),
                activation=str(data["activation"]),
                scale=float(data["scale"]),
                target=str(data["target"]),
                loss=str(data["loss"]),
                weight=float(data["weight"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise KdcError("Bad head spec", f"A head of the model file can't be read ({error}).") from None


REQUIRED_HEADS = ("heatmap", "keycentroid", "pairwise", "person", "mask_offset")
OPTIONAL_HEADS = ("visibility", "centre", "embedding", "bandwidth")


def head_specs(
    schema: PoseSchema, stride: int = 4, radius: float = 32.0, optional: Iterable[str] = ("visibility",)
) -> tuple[HeadSpec, ...]:
    """The heads of a KDC network for ``schema``.

    Channel order: joint by joint, or edge by edge in the order of ``schema.tree``; offsets are x, y. A pairwise edge
    (a, b) has four channels: b - x at a's disk (x, y), then a - x at b's disk (x, y).
    ``radius``: of the keypoint disks, in input pixels.
    """
    k, e = len(schema), len(schema.tree)
    known = {
        "heatmap": HeadSpec("heatmap", k, stride, "sigmoid", 1.0, "disks", "l_heatmap", 4.0),
        "keycentroid": HeadSpec("keycentroid", 2 * k, stride, "linear", radius, "disk_offsets", "l_keycentroid", 1.0),
        "pairwise": HeadSpec("pairwise", 4 * e, stride, "linear", radius, "edge_offsets", "l_pairwise", 1.0),
        "person": HeadSpec("person", 1, stride, "logit", 1.0, "person_mask", "l_mask", 2.0),
        "mask_offset": HeadSpec("mask_offset", 2 * k, stride, "linear", radius, "mask_offsets", "l_maskcentroid", 0.5),
        "visibility": HeadSpec("visibility", k, stride, "sigmoid", 1.0, "visible_disks", "l_visibility", 0.5),
        "centre": HeadSpec("centre", 2, stride, "linear", radius, "centre_offsets", "l_maskcentroid", 0.5),
        "embedding": HeadSpec("embedding", 2, stride, "linear", radius, "instances", "l_embedding", 0.5),
        "bandwidth": HeadSpec("bandwidth", 1, stride, "linear", 1.0, "instances", "l_embedding", 0.0),
    }
    wanted = set(optional)
    unknown = wanted - set(OPTIONAL_HEADS)
    if unknown:
        raise KdcError(
            "Unknown head",
            f"There is no head called {sorted(unknown)[0]!r}; the optional ones are {', '.join(OPTIONAL_HEADS)}.",
        )
    names = (*REQUIRED_HEADS, *(n for n in OPTIONAL_HEADS if n in wanted))
    return tuple(known[n] for n in names if known[n].channels)


@dataclass(frozen=True, eq=False)
class Fields:
    """What the network predicted for one input.

    ``arrays``: head name -> (C, H, W) float32, C-contiguous, all of one size. Probabilities for ``sigmoid`` heads, logits
    for ``logit`` heads, input pixels for offsets. ``stride``: input pixels per cell; cell (u, v) is input pixel
    (u stride, v stride). ``radius``: of the keypoint disks, in input pixels. Positions decoded from fields are input
    pixels; a ``Letterbox`` takes them to the photo.
    """

    arrays: Mapping[str, np.ndarray]
    stride: int
    radius: float

    def __post_init__(self) -> None:
        sizes = {a.shape[1:] for a in self.arrays.values()}
        if any(a.ndim != 3 for a in self.arrays.values()) or len(sizes) != 1:
            raise KdcError("Bad fields", "All fields of an image must be (C, H, W) with one H and W.")

    def __getitem__(self, name: str) -> np.ndarray:
        try:
            return self.arrays[name]
        except KeyError:
            raise KdcError(
                "Missing field", f"The model has no {name!r} head; choose a rule that does without it."
            ) from None

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    @property
    def height(self) -> int:
        """Rows of cells."""
        return int(next(iter(self.arrays.values())).shape[1])

    @property
    def width(self) -> int:
        """Columns of cells."""
        return int(next(iter(self.arrays.values())).shape[2])
