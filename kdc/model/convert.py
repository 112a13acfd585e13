"""Starting weights (BodyPix 2.0 / PersonLab, TensorFlow names) -> a KDC network."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.model.mobilenet import MobileNetV1, Separable
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17

MOST_WEIGHTS = 1 << 30
"""Bytes."""

_WIDTH_NAMES = {32: "mobilenet100", 24: "mobilenet075", 16: "mobilenet050"}


def read_weights(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of a ``.npz`` of starting weights; nothing in it can run code."""
    try:
        with zipfile.ZipFile(path) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_WEIGHTS:
                raise ValueError("it unpacks to more than any such network has")
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise ValueError("it holds something else than arrays")
        return arrays
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError) as error:
        raise KdcError("Not starting weights", f"{path} is not a .npz of BodyPix weights ({error}).") from None


def backbone_name(weights: Mapping[str, np.ndarray]) -> str:
    """Which MobileNet the arrays belong to."""
    stem = _pick(weights, "Conv2d_0", "weights")
    try:
        return _WIDTH_NAMES[stem.shape[-1]]
    except KeyError:
        raise KdcError(
            "Not starting weights", f"A first layer of {stem.shape[-1]} channels fits no MobileNet width."
        ) from None


def _pick(weights: Mapping[str, np.ndarray], layer: str, kind: str) -> np.ndarray:
    endings = {"weights": ("weights", "depthwise_weights", "weight"), "biases": ("biases", "bias")}[kind]
    for name, array in weights.items():
        parts = name.split("/")
        if layer in parts and parts[-1] in endings:
            return array
    raise KdcError("Not starting weights", f"The file has no {kind} for layer {layer}.")


def _set(conv: nn.Conv2d, weight: np.ndarray, bias: np.ndarray) -> None:
    with torch.no_grad():
        conv.weight.copy_(torch.from_numpy(np.ascontiguousarray(weight)))
        assert conv.bias is not None
        conv.bias.copy_(torch.from_numpy(np.ascontiguousarray(bias)))


def _pointwise(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32).transpose(3, 2, 0, 1)


def _interleave(array: np.ndarray) -> np.ndarray:
    """(n y values, then n x values) along the last axis -> x, y pairs."""
    n = array.shape[-1] // 2
    out = np.empty_like(array)
    out[..., 0::2], out[..., 1::2] = array[..., n:], array[..., :n]
    return out


def convert(weights: Mapping[str, np.ndarray], config: ModelConfig | None = None, radius: float = 24.0) -> KdcNetwork:
    """A network that answers like the original before any training.

    Offsets of the original are input pixels; ours are multiplied by the head's scale, so the weights are divided by it. Its
    tree edges are ``COCO_17.tree``'s, forward and backward apart; ours keep both directions of an edge together. ``config``
    must be a MobileNet of the same width with COCO-17; optional heads without a counterpart keep their random weights, and
    the visibility head starts as "visible".
    """
    name = backbone_name(weights)
    config = config or ModelConfig(name, COCO_17, radius=radius)
    if config.backbone != name or config.schema.keypoints != COCO_17.keypoints:
        raise KdcError(
            "Weights do not fit",
            f"These weights are {name} with COCO's 17 keypoints; the network is {config.backbone} with {len(config.schema)}.",
        )
    network = KdcNetwork(config)
    backbone = network.backbone
    assert isinstance(backbone, MobileNetV1)
    _set(backbone.stem, _pointwise(_pick(weights, "Conv2d_0", "weights")), _pick(weights, "Conv2d_0", "biases"))
    for i, layer in enumerate(backbone.layers, 1):
        assert isinstance(layer, Separable)
        depthwise = _pick(weights, f"Conv2d_{i}_depthwise", "weights").astype(np.float32).transpose(2, 3, 0, 1)
        _set(layer.depthwise, depthwise, _pick(weights, f"Conv2d_{i}_depthwise", "biases"))
        _set(
            layer.pointwise,
            _pointwise(_pick(weights, f"Conv2d_{i}_pointwise", "weights")),
            _pick(weights, f"Conv2d_{i}_pointwise", "biases"),
        )
    edges = len(COCO_17.tree)
    forward, backward = (
        tuple(_interleave(_pick(weights, f"displacement_{d}_2", kind)) for kind in ("weights", "biases"))
        for d in ("fwd", "bwd")
    )
    pairwise = []
    for fwd, bwd in zip(forward, backward, strict=True):
        both = np.empty((*fwd.shape[:-1], 4 * edges), np.float32)
        for e in range(edges):
            both[..., 4 * e : 4 * e + 2] = fwd[..., 2 * e : 2 * e + 2]
            both[..., 4 * e + 2 : 4 * e + 4] = bwd[..., 2 * e : 2 * e + 2]
        pairwise.append(both)
    sources = {
        "heatmap": (_pick(weights, "heatmap_2", "weights"), _pick(weights, "heatmap_2", "biases")),
        "keycentroid": tuple(_interleave(_pick(weights, "offset_2", k)) for k in ("weights", "biases")),
        "pairwise": tuple(pairwise),
        "person": (_pick(weights, "segment_2", "weights"), _pick(weights, "segment_2", "biases")),
        "mask_offset": tuple(_interleave(_pick(weights, "embedding_2", k)) for k in ("weights", "biases")),
    }
    for head in config.heads:
        conv = network.coarse[head.name]
        assert isinstance(conv, nn.Conv2d) and conv.bias is not None
        if head.name in sources:
            weight, bias = sources[head.name]
            _set(conv, _pointwise(weight) / head.scale, bias / head.scale)
        elif head.name == "visibility":
            nn.init.zeros_(conv.weight)
            nn.init.constant_(conv.bias, 2.0)
    return network
