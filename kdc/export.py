"""The network as ONNX, for ONNX Runtime, OpenVINO and other engines.

One input ``images``: (B, 3, H, W) uint8 RGB with sides n * 16 + 1, batch and size free. One output for each head, in
``kdc.fields``' units: (B, C, H / s + 1, W / s + 1) float32 of stride s. ``features`` besides where the model has a mask
refinement, which itself stays with torch. The file's metadata hold what the model file says of itself.
"""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kdc.checkpoint import ModelInfo, load_model
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.model.network import KdcNetwork, fold_batch_norm
from kdc.refinement import FEATURES
from kdc.whole_files import write_whole

OPSET = 18


class _AllFields(nn.Module):
    """The network with activated fields as a flat tuple: what an exported graph returns."""

    def __init__(self, network: KdcNetwork) -> None:
        super().__init__()
        self.network = network
        self.names = [head.name for head in network.heads]
        if network.refine is not None:
            self.names.append(FEATURES)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """``images``: (B, 3, H, W) uint8."""
        outputs = self.network(images)
        fields = self.network.activate(outputs.raw)
        fields[FEATURES] = outputs.features
        return tuple(fields[name] for name in self.names)


def export_onnx(checkpoint: str | Path, path: str | Path, opset: int = OPSET) -> ModelInfo:
    """Writes the model file ``checkpoint`` as ONNX to ``path``, whole or not at all.

    Raises ``KdcError`` where the packages of the extra ``onnx`` are not installed.
    """
    try:
        import onnx
        import onnxscript  # noqa: F401 (torch's exporter needs it)
    except ImportError as error:
        raise KdcError(
            "Package missing", f"Exporting needs {error.name}; install it with: pip install 'kdc-annotator[onnx]'"
        ) from None
    network, info = load_model(Path(checkpoint))
    fold_batch_norm(network)
    graph = _AllFields(network.eval())
    example = torch.zeros((2, 3, 65, 97), dtype=torch.uint8)
    sizes = {0: torch.export.Dim.AUTO, 2: torch.export.Dim.AUTO, 3: torch.export.Dim.AUTO}
    logging.getLogger("torch.onnx").setLevel(
        logging.ERROR
    )  # It tells that torchvision is not there, which is as it should be.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            graph,
            (example,),
            input_names=["images"],
            output_names=graph.names,
            dynamic_shapes=(sizes,),
            opset_version=opset,
            dynamo=True,
            verbose=False,
        )
    model = program.model_proto
    told = {
        "format": "kdc-onnx",
        "name": info.name,
        "version": info.version,
        "config": json.dumps(info.config.to_json()),
        "heads": json.dumps([head.to_json() for head in network.heads]),
        "stride": str(info.config.stride),
    }
    onnx.helper.set_model_props(model, told)
    write_whole(path, model.SerializeToString())
    return info


def greatest_difference(first: Fields, second: Fields) -> dict[str, float]:
    """Head -> greatest absolute difference, in the head's unit (probabilities, logits, input pixels)."""
    return {name: float(np.abs(first[name] - second[name]).max(initial=0)) for name in first.arrays}
