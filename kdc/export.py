"""The model as ONNX, for ONNX Runtime, OpenVINO and other engines.

``FILE.onnx`` is the network. One input ``images``: (B, 3, H, W) uint8 RGB with sides n * 16 + 1, batch and size free. One output for
each head, in ``kdc.fields``' units: (B, C, H / s + 1, W / s + 1) float32 of stride s, and ``features`` besides where the model has
refinements. Each refinement is a graph of its own beside it, ``FILE.refine.onnx`` and ``FILE.pose_refine.onnx``, with free batch and
its arguments and answers by name. The network's metadata hold what the model file says of itself and the fingerprints of
the refinements.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kdc.checkpoint import ModelInfo, load_model
from kdc.errors import package_missing
from kdc.fields import Fields
from kdc.model.network import KdcNetwork, fold_batch_norm
from kdc.model.refine import GRID, HAND, PLANES
from kdc.refinement import FEATURES
from kdc.whole_files import write_whole

OPSET = 18
FORMAT = "kdc-onnx"
LAYOUT = 2
"""Which outputs and files an export has; files with another number are refused, kept exports are made anew."""
PARTS = ("refine", "pose_refine")
"""Networks inside ``KdcNetwork`` that look at one person at a time."""


class _AllFields(nn.Module):
    """The network with activated fields as a flat tuple: what an exported graph returns."""

    def __init__(self, network: KdcNetwork) -> None:
        super().__init__()
        self.network = network
        self.names = [head.name for head in network.heads]
        if parts_of(network):
            self.names.append(FEATURES)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """``images``: (B, 3, H, W) uint8."""
        outputs = self.network(images)
        found = self.network.activate(outputs.raw)
        found[FEATURES] = outputs.features
        return tuple(found[name] for name in self.names)


class _Flat(nn.Module):
    """A refinement whose answer is a flat tuple."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.part = part

    def forward(self, *arguments: Tensor) -> tuple[Tensor, ...]:
        return tuple(flat_answer(self.part(*arguments)).values())


def parts_of(network: nn.Module) -> dict[str, nn.Module]:
    """The refinements that a network has, by the name of ``PARTS``."""
    found = {name: getattr(network, name, None) for name in PARTS}
    return {name: part for name, part in found.items() if part is not None}


def part_file(path: str | Path, part: str) -> Path:
    """``FILE.refine.onnx`` beside ``FILE.onnx``."""
    return Path(path).with_suffix(f".{part}.onnx")


def example(part: nn.Module, count: int = 1) -> tuple[Tensor, ...]:
    """Arguments, all zero, for ``count`` people."""
    features = int(part.reduce.in_channels)  # type: ignore[union-attr, arg-type]
    joints = getattr(part, "joints", 0)
    side = getattr(part, "side", 2 * GRID)
    shapes = {
        "features": (features, GRID, GRID),
        "planes": (getattr(part, "planes", PLANES), GRID, GRID),
        "photo": (3, side, side),
        "hand": (HAND, side, side),
        "fields": (features + joints + 1, GRID, GRID),
        "own": (joints, GRID, GRID),
        "others": (1, GRID, GRID),
        "given": (joints + 1,),
    }
    return tuple(torch.zeros((count, *shapes[name])) for name in argument_names(part))  # type: ignore[arg-type]


def argument_names(part: nn.Module) -> list[str]:
    """Of a refinement's ``forward``."""
    return list(signature(part.forward).parameters)


def flat_answer(answer: Any) -> dict[str, Tensor]:
    """A tensor, or a dataclass, mapping or sequence of tensors -> name -> tensor."""
    if isinstance(answer, Tensor):
        return {"logits": answer}
    if is_dataclass(answer):
        return {f.name: getattr(answer, f.name) for f in fields(answer)}
    if isinstance(answer, Mapping):
        return dict(answer)
    return {f"answer{n}": tensor for n, tensor in enumerate(answer)}


def shaped_answer(like: Any, tensors: Sequence[Tensor]) -> Any:
    """``tensors`` in the order of ``flat_answer`` in the form of ``like``."""
    if isinstance(like, Tensor):
        return tensors[0]
    if is_dataclass(like) and not isinstance(like, type):
        return replace(like, **dict(zip(flat_answer(like), tensors, strict=True)))
    if isinstance(like, Mapping):
        return dict(zip(like, tensors, strict=True))
    return type(like)(*tensors) if hasattr(like, "_fields") else type(like)(tensors)


def export_onnx(checkpoint: str | Path, path: str | Path, opset: int = OPSET) -> ModelInfo:
    """Writes the model file ``checkpoint`` as ONNX to ``path`` and its refinements beside it; ``path`` comes last, so that what is
    there is complete.

    Raises ``KdcError`` where the packages of the extra ``onnx`` are not installed.
    """
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise package_missing(str(error.name), "onnx") from None
    network, info = load_model(Path(checkpoint))
    fold_batch_norm(network.eval())
    prints = {}
    for name, part in parts_of(network).items():
        with torch.inference_mode():
            answers = list(flat_answer(part(*example(part))))
        graph = _graph(_Flat(part), example(part, 2), argument_names(part), answers, {0: "people"}, opset)
        data = _described(graph, {"format": f"{FORMAT}-part", "part": name})
        prints[name] = hashlib.sha256(data).hexdigest()
        write_whole(part_file(path, name), data)
    whole = _AllFields(network)
    free = {0: "batch", 2: "height", 3: "width"}
    images = torch.zeros((2, 3, 65, 97), dtype=torch.uint8)
    graph = _graph(whole, (images,), ["images"], whole.names, free, opset)
    told = {
        "format": FORMAT,
        "layout": str(LAYOUT),
        "name": info.name,
        "version": info.version,
        "config": json.dumps(info.config.to_json()),
        "heads": json.dumps([head.to_json() for head in network.heads]),
        "stride": str(info.config.stride),
        "parts": json.dumps(prints),
    }
    write_whole(path, _described(graph, told))
    return info


def _graph(
    module: nn.Module,
    arguments: tuple[Tensor, ...],
    inputs: list[str],
    outputs: list[str],
    free: Mapping[int, str],
    opset: int,
) -> Any:
    import onnx

    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        # The tracing exporter: the networks have no branches, and it takes a second where the newer one takes half a minute.
        torch.onnx.export(
            module.eval(),
            arguments,
            buffer,  # type: ignore[arg-type]
            input_names=inputs,
            output_names=outputs,
            dynamic_axes={name: dict(free) for name in (*inputs, *outputs)},
            opset_version=opset,
            dynamo=False,
        )
    return onnx.load_from_string(buffer.getvalue())


def _described(model: Any, told: Mapping[str, str]) -> bytes:
    import onnx

    onnx.helper.set_model_props(model, dict(told))
    return bytes(model.SerializeToString())


def greatest_difference(first: Fields, second: Fields) -> dict[str, float]:
    """Head -> greatest absolute difference, in the head's unit (probabilities, logits, input pixels)."""
    return {name: float(np.abs(first[name] - second[name]).max(initial=0)) for name in first.arrays}
