"""Model files: safetensors with everything that says what the weights are, in one file that can't run code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from kdc.config import ModelConfig
from kdc.errors import MISFITS, KdcError
from kdc.fields import HeadSpec
from kdc.model.network import KdcNetwork
from kdc.whole_files import write_whole

FORMAT = "kdc-model"
VERSION = 1


@dataclass(frozen=True)
class ModelInfo:
    """What a model file says of itself. ``training``: the record of how it was made (recipe, data, figures)."""

    config: ModelConfig
    name: str
    version: str
    training: Mapping[str, Any] = field(default_factory=dict)


def save_model(
    path: str | Path,
    network: KdcNetwork,
    name: str,
    version: str = "1",
    training: Mapping[str, Any] | None = None,
    half: bool = True,
) -> None:
    """Writes ``network`` with its description to ``path``; weights as float16 where ``half``, which no figure feels."""
    tensors = {}
    for key, value in network.state_dict().items():
        value = value.detach().cpu().contiguous()
        tensors[key] = value.half() if half and value.is_floating_point() else value
    metadata = {
        "format": FORMAT,
        "format_version": str(VERSION),
        "name": name,
        "version": version,
        "config": json.dumps(network.config.to_json()),
        "heads": json.dumps([h.to_json() for h in network.heads]),
        "training": json.dumps(dict(training or {})),
    }
    write_whole(path, save(tensors, metadata))


def read_tensors(path: str | Path, what: str = "model file") -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors and metadata of a safetensors file, or one sentence why not."""
    if Path(path).is_dir():
        raise KdcError(f"Not a {what}", f"{path} is a folder; name the {what} in it.")
    try:
        with safe_open(str(path), framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
    except FileNotFoundError:
        raise KdcError("Model not found", f"There is no {what} at {path}.") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise KdcError(f"Not a {what}", f"{path} is not a {what} or is cut short ({error}).") from None


def describe(metadata: Mapping[str, str], path: str | Path) -> ModelInfo:
    """The description in a model file's metadata, refused in one sentence where it is not ours or is newer."""
    if metadata.get("format") != FORMAT:
        raise KdcError(
            "Not a KDC model",
            f"{path} is a safetensors file, but no KDC model; choose one made by kdc-annotator train.",
        )
    try:
        version = int(metadata.get("format_version", "?"))
    except ValueError:
        raise KdcError("Bad model file", f"{path} does not say which version of the format it has.") from None
    if version > VERSION:
        raise KdcError(
            "Model is too new",
            f"{path} has format version {version}; this program reads up to {VERSION}. Update kdc-annotator.",
        )
    try:
        config = ModelConfig.from_json(json.loads(metadata["config"]))
        heads = tuple(HeadSpec.from_json(h) for h in json.loads(metadata["heads"]))
        training = json.loads(metadata.get("training", "{}"))
    except MISFITS:
        raise KdcError("Bad model file", f"The description inside {path} can't be read.") from None
    if [(h.name, h.channels, h.stride, h.scale) for h in heads] != [
        (h.name, h.channels, h.stride, h.scale) for h in config.heads
    ]:
        raise KdcError(
            "Other architecture", f"The heads of {path} are not those of this version of KDC; train or convert it anew."
        )
    return ModelInfo(config, metadata.get("name", Path(path).stem), metadata.get("version", "?"), training)


def load_model(path: str | Path) -> tuple[KdcNetwork, ModelInfo]:
    """The network of a model file, float32, in evaluation mode."""
    tensors, metadata = read_tensors(path)
    info = describe(metadata, path)
    try:
        with torch.device("meta"):
            # Shapes without memory: a description that asks for a giant is refused before anything is laid out.
            expected = KdcNetwork(info.config).state_dict()
    except (RuntimeError, *MISFITS) as error:
        raise KdcError("Bad model file", f"{path} describes a network that can't be ({error}).") from None
    wrong = sorted(k for k in expected if k not in tensors or tensors[k].shape != expected[k].shape)
    if wrong or len(tensors) != len(expected):
        what = wrong[0] if wrong else next(iter(set(tensors) - set(expected)))
        raise KdcError(
            "Other architecture",
            f"The weights of {path} do not fit {info.config.backbone} as described in it (see {what!r}).",
        )
    network = KdcNetwork(info.config)
    network.load_state_dict({k: v.float() if v.is_floating_point() else v for k, v in tensors.items()})
    for value in network.state_dict().values():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise KdcError("Damaged model", f"{path} holds weights that are not numbers; use another copy.")
    return network.eval(), info
