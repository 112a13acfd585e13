"""Which network a run starts with."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import torch

from kdc.checkpoint import FORMAT, load_model, read_tensors
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.model.convert import backbone_name, convert, read_weights
from kdc.model.network import KdcNetwork
from kdc.resources import bundled_model
from kdc.schema import COCO_17, PoseSchema
from kdc.training.recipe import Recipe
from kdc.training.transfer import load_backbone, start_from

SCRATCH = "mobilenet075"
"""The backbone of a recipe that names none, from random weights."""


def start(
    init: str, recipe: Recipe, schema: PoseSchema | None, config: ModelConfig | None = None
) -> tuple[KdcNetwork, list[str], bool]:
    """The network to train, what to tell about where it comes from, and whether it was trained for this already.

    ``init``: ``scratch``, ``bundled``, a model file, a ``.npz`` of starting weights, ResNet weights under torchvision's names, or
    empty: scratch where the recipe names a network of its own, else the bundled model. ``schema``: of the data (None: what the
    start has). ``config``: of a run that is resumed, whose weights will be replaced. What is random is so by ``recipe.seed``.
    """
    if config is not None:
        return KdcNetwork(config), [], False
    torch.manual_seed(recipe.seed)
    settings = model_settings(recipe)
    init = init or ("scratch" if settings else "bundled")
    if init == "scratch":
        network = KdcNetwork(_config({"backbone": SCRATCH, "schema": schema or COCO_17} | settings))
        return network, ["Starting from random weights."], False
    if init.endswith(".npz"):
        weights = read_weights(init)
        base = _config(settings | {"backbone": backbone_name(weights), "schema": COCO_17})
        network, notes = convert(weights, base), [f"Starting from {Path(init).name}."]
        if schema is not None and schema.keypoints != COCO_17.keypoints:
            network, kept = start_from(network, replace(base, schema=schema))
            notes += kept.sentences()
        return network, notes, False
    path = bundled_model() if init == "bundled" else Path(init)
    if not _is_model(path):
        network = KdcNetwork(_config({"schema": schema or COCO_17} | settings))
        load_backbone(network, path)
        return network, [f"Backbone from {path.name}; the heads start fresh."], False
    source, info = load_model(path)
    wanted: ModelConfig = _changed(info.config, settings)
    if schema is not None and schema.keypoints != wanted.schema.keypoints:
        wanted = replace(wanted, schema=schema)
    network, kept = start_from(source, wanted)
    notes = [f"Starting from {info.name} {info.version}."] + ([] if kept.whole else kept.sentences())
    return network, notes, True


def model_settings(recipe: Recipe) -> dict[str, Any]:
    """The recipe's settings of the network, lists as tuples. Raises KdcError for one that is not known."""
    known = {f.name for f in fields(ModelConfig)} - {"schema"}
    for name in recipe.model:
        if name not in known:
            raise KdcError(
                "Bad recipe", f"A network has no setting called {name!r}; the settings are {', '.join(sorted(known))}."
            )
    return {k: tuple(v) if isinstance(v, list) else v for k, v in recipe.model.items()}


def _config(settings: dict[str, Any]) -> ModelConfig:
    if "backbone" not in settings:
        raise KdcError(
            "Weights do not fit",
            "These weights are a bare backbone; choose a recipe that names its network, such as paper.",
        )
    try:
        return ModelConfig(**settings)
    except (TypeError, ValueError) as error:
        raise KdcError("Bad recipe", f"The recipe's settings of the network make none ({error}).") from None


def _changed(config: ModelConfig, settings: dict[str, Any]) -> ModelConfig:
    return replace(config, **settings)


def _is_model(path: Path) -> bool:
    """False for bare weights: a ``.pth``, or safetensors that are not one of our models."""
    return path.suffix not in (".pth", ".pt") and read_tensors(path)[1].get("format") == FORMAT
