"""Hyperparameters beside their defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from kdc.data.augment import AugmentConfig
from kdc.errors import KdcError


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    ``steps``: optimizer steps; ``minutes``: a budget that ends the schedule earlier (0: none). ``backbone_rate`` and ``rate``: peak
    learning rates of the pretrained and of the new layers. ``frozen``: first backbone layers that are not trained.
    ``ema``: decay of the averaged weights, which are what is saved. ``weights``: loss weight by head name, on top of the
    head's own. ``clip``: largest gradient norm. ``precision``: ``auto``, ``bf16``, ``fp16`` or ``fp32``.
    """

    name: str = "default"
    steps: int = 20000
    minutes: float = 0.0
    batch: int = 8
    accumulate: int = 1
    optimizer: str = "adamw"
    backbone_rate: float = 2e-4
    rate: float = 1.5e-3
    weight_decay: float = 1e-4
    warmup: int = 200
    final: float = 0.02
    frozen: int = 3
    ema: float = 0.9995
    clip: float = 10.0
    precision: str = "auto"
    seed: int = 0
    weights: Mapping[str, float] = field(default_factory=dict)
    augment: AugmentConfig = field(default_factory=AugmentConfig)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recipe:
        """The recipe that ``to_json`` wrote, or a file a person wrote; unknown names are refused."""
        known = {f.name for f in fields(cls)}
        strange = set(data) - known
        if strange:
            raise KdcError("Bad recipe", f"A recipe has no setting called {sorted(strange)[0]!r}; the settings are {', '.join(sorted(known))}.")
        values = dict(data)
        if "augment" in values:
            augment = dict(values["augment"])
            strange = set(augment) - {f.name for f in fields(AugmentConfig)}
            if strange:
                raise KdcError("Bad recipe", f"Augmentation has no setting called {sorted(strange)[0]!r}.")
            if "scale" in augment:
                augment["scale"] = tuple(augment["scale"])
            values["augment"] = AugmentConfig(**augment)
        return cls(**values)
