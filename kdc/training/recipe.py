"""Hyperparameters beside their defaults."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from kdc.data.augment import AugmentConfig
from kdc.errors import KdcError
from kdc.resources import resource_folder


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    ``steps``: optimizer steps; ``minutes``: a budget that ends the schedule earlier (0: none). ``backbone_rate`` and ``rate``: peak
    learning rates of the pretrained and of the new layers. ``frozen``: first backbone layers that are not trained.
    ``ema``: decay of the averaged weights, which are what is saved. ``weights``: loss weight by head name, on top of the
    head's own. ``clip``: largest gradient norm. ``precision``: ``auto``, ``bf16``, ``fp16`` or ``fp32``. ``epochs``: passes over the data,
    in place of ``steps`` where above 0. ``finetune``: factor on both rates where the run starts from a trained model. ``accumulate``: batches whose gradients make one step. ``norm``: of a ResNet, ``batch``
    (statistics of each batch), ``frozen`` (those it came with) or ``auto`` (frozen where it came with some). ``model``: settings of
    ``ModelConfig`` for a network that starts from scratch. ``decode``, ``cluster``: settings of ``DecodeConfig`` and
    ``ClusterConfig`` for validation, kept in the model's record. ``refine``: share of ``minutes`` that a model's refinements are trained
    for after its fields; of ``steps``, that many more. ``refine_rate``: their peak learning rate.
    """

    name: str = "default"
    steps: int = 20000
    epochs: float = 0.0
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
    finetune: float = 0.3
    refine: float = 0.35
    refine_rate: float = 2e-3
    precision: str = "auto"
    seed: int = 0
    norm: str = "batch"
    weights: Mapping[str, float] = field(default_factory=dict)
    model: Mapping[str, Any] = field(default_factory=dict)
    decode: Mapping[str, Any] = field(default_factory=dict)
    cluster: Mapping[str, Any] = field(default_factory=dict)
    augment: AugmentConfig = field(default_factory=AugmentConfig)

    def __post_init__(self) -> None:
        for name, choices in CHOICES.items():
            if getattr(self, name) not in choices:
                raise _bad(f"{name} is one of {', '.join(choices)}, not {getattr(self, name)!r}")
        for name in ("steps", "batch", "accumulate"):
            if getattr(self, name) < 1:
                raise _bad(f"{name} must be 1 or more, not {getattr(self, name)}")
        if self.frozen < 0:
            raise _bad(f"frozen is 0 or more, not {self.frozen}")
        if not 0 <= self.refine < 1:
            raise _bad(f"refine is at least 0 and below 1, not {self.refine}")
        if not 0 <= self.ema < 1:
            raise _bad(f"ema is at least 0 and below 1, not {self.ema}")

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Recipe:
        """The recipe that ``to_json`` wrote, or a file a person wrote; unknown names and wrong kinds of values are refused."""
        values = _checked(cls(), data, "A recipe")
        if "augment" in values:
            values["augment"] = AugmentConfig(**_checked(AugmentConfig(), values["augment"], "Augmentation"))
        return cls(**values)


CHOICES = {
    "optimizer": ("adamw", "adam", "sgd"),
    "precision": ("auto", "bf16", "fp16", "fp32"),
    "norm": ("batch", "frozen", "auto"),
}


def load_recipe(name: str) -> Recipe:
    """The recipe called ``name`` in ``resources/recipes``, or the one in the JSON file ``name``."""
    folder = resource_folder() / "recipes"
    own = folder / f"{name}.json"
    path = Path(name) if name.lower().endswith(".json") else own
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        names = ", ".join(sorted(p.stem for p in folder.glob("*.json")))
        raise KdcError(
            "Recipe not found", f"There is no recipe {name!r}; name a JSON file or one of {names}."
        ) from None
    except (OSError, ValueError, RecursionError) as error:
        raise KdcError("Bad recipe", f"{path} can't be read as JSON ({error}).") from None
    if not isinstance(data, dict):
        raise KdcError("Bad recipe", f"{path} is not a table of settings.")
    return Recipe.from_json(data)


def _bad(what: str) -> KdcError:
    return KdcError("Bad recipe", f"In the recipe {what}.")


def _checked(defaults: Any, data: Any, what: str) -> dict[str, Any]:
    """``data`` with lists as tuples, after a look whether each value is of the kind of its default."""
    known = {f.name: getattr(defaults, f.name) for f in fields(defaults)}
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in known:
            raise KdcError(
                "Bad recipe", f"{what} has no setting called {name!r}; the settings are {', '.join(sorted(known))}."
            )
        default = known[name]
        if isinstance(default, tuple):
            good = isinstance(value, list | tuple) and len(value) == len(default) and all(map(_is_number, value))
            value = tuple(value) if good else value
        elif isinstance(default, Mapping) or name == "augment":
            good = isinstance(value, Mapping)
        elif isinstance(default, str):
            good = isinstance(value, str)
        elif isinstance(default, int):
            good = isinstance(value, int) and not isinstance(value, bool)
        else:
            good = _is_number(value)
        if not good:
            raise KdcError("Bad recipe", f"The setting {name} can't be {value!r}; its default is {default!r}.")
        values[name] = value
    return values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
