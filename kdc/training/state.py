"""What a run needs to go on as if nothing had happened: safetensors again, so nothing in it can run code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from kdc.checkpoint import read_tensors
from kdc.errors import MISFITS, KdcError
from kdc.whole_files import write_whole

STATE_VERSION = 1


def save_state(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer, progress: dict[str, Any]
) -> None:
    """Weights, averaged weights, optimizer moments and random state, with ``progress`` (plain values)."""
    tensors: dict[str, Tensor] = {}
    for prefix, module in (("model", model), ("average", average)):
        tensors |= {f"{prefix}/{k}": v.detach().cpu().contiguous().clone() for k, v in module.state_dict().items()}
    state = optimizer.state_dict()
    plain: dict[str, dict[str, Any]] = {}
    for index, entry in state["state"].items():
        plain[str(index)] = {}
        for key, value in entry.items():
            if isinstance(value, Tensor):
                tensors[f"optimizer/{index}/{key}"] = value.detach().cpu().contiguous().clone()
            else:
                plain[str(index)][key] = value
    tensors["random/torch"] = torch.get_rng_state()
    metadata = {
        "format": "kdc-training",
        "format_version": str(STATE_VERSION),
        "groups": json.dumps(state["param_groups"]),
        "plain": json.dumps(plain),
        "progress": json.dumps(progress),
    }
    write_whole(path, save(tensors, metadata))


def load_state(path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Puts everything back and returns ``progress``."""
    tensors, metadata = read_tensors(path, "training state")
    if metadata.get("format") != "kdc-training":
        raise KdcError("Not a training state", f"{path} is not the state of a training run.")
    if not metadata.get("format_version", "").isdecimal() or int(metadata["format_version"]) > STATE_VERSION:
        raise KdcError("State is too new", f"{path} was written by a newer kdc-annotator; update to resume it.")

    def part(prefix: str) -> dict[str, Tensor]:
        return {k[len(prefix) :]: v for k, v in tensors.items() if k.startswith(prefix)}

    try:
        model.load_state_dict(part("model/"))
        average.load_state_dict(part("average/"))
        entries: dict[int, dict[str, Any]] = {int(i): dict(v) for i, v in json.loads(metadata["plain"]).items()}
        for key, value in part("optimizer/").items():
            index, name = key.split("/", 1)
            entries[int(index)][name] = value
        optimizer.load_state_dict({"state": entries, "param_groups": json.loads(metadata["groups"])})
        torch.set_rng_state(tensors["random/torch"])
        return dict(json.loads(metadata["progress"]))
    except (RuntimeError, *MISFITS) as error:
        raise KdcError(
            "State does not fit",
            f"{path} belongs to another network or recipe ({(str(error).splitlines() or ['?'])[0]}).",
        ) from None
