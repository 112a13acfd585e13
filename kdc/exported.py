"""An exported model behind the interface of ``KdcNetwork``: another engine computes, everything around it stays the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from kdc.checkpoint import ModelInfo
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.export import FORMAT, LAYOUT, argument_names, example, part_file, parts_of, shaped_answer
from kdc.fields import Fields
from kdc.model.network import KdcNetwork, Outputs
from kdc.refinement import FEATURES

Run = Callable[[Sequence[np.ndarray]], Sequence[np.ndarray]]
"""Arrays in the order of a graph's inputs -> arrays in the order of its outputs. Called from several threads at once."""
Open = Callable[[Path], Run]


@dataclass(frozen=True)
class Exported:
    """The files of an export and what they say of themselves. ``outputs``: of the network, in order."""

    path: Path
    info: ModelInfo
    outputs: tuple[str, ...]
    parts: Mapping[str, Path]


def read_exported(path: str | Path) -> Exported:
    """Looks at ``FILE.onnx`` and the files beside it. Raises KdcError where it is none of ours, too new or not complete."""
    try:
        import onnx
    except ImportError:
        raise KdcError("Package missing", "Reading an exported model needs onnx; run: pip install onnx") from None
    path = Path(path)
    try:
        model = onnx.load(str(path), load_external_data=False)
    except FileNotFoundError:
        raise KdcError("Model not found", f"There is no exported model at {path}.") from None
    except Exception as error:
        raise KdcError("Not an exported model", f"{path} can't be read as ONNX ({type(error).__name__}).") from None
    told = {entry.key: entry.value for entry in model.metadata_props}
    if told.get("format") != FORMAT:
        raise KdcError(
            "Not an exported model", f"{path} is not a network that kdc-annotator export-model wrote; export it anew."
        )
    if told.get("layout") != str(LAYOUT):
        raise KdcError("Other version", f"{path} was exported by another version of kdc-annotator; export it anew.")
    try:
        info = ModelInfo(ModelConfig.from_json(json.loads(told["config"])), told["name"], told["version"])
        prints = {str(k): str(v) for k, v in json.loads(told["parts"]).items()}
    except (KeyError, ValueError, TypeError, AttributeError):
        raise KdcError("Not an exported model", f"The description inside {path} can't be read.") from None
    outputs = tuple(output.name for output in model.graph.output)
    missing = {head.name for head in info.config.heads} - set(outputs)
    if missing or (prints and FEATURES not in outputs):
        raise KdcError("Not an exported model", f"{path} lacks the output {min(missing or {FEATURES})!r}.")
    _only_inside(path, model)
    return Exported(path, info, outputs, {name: _part(path, name, given) for name, given in prints.items()})


def _only_inside(path: Path, model: Any) -> None:
    """Weights in other files could be any file of this computer."""
    if any(t.external_data or t.data_location for t in model.graph.initializer):
        raise KdcError("Not an exported model", f"{path} takes weights from other files, which our exports never do.")


def _part(path: Path, name: str, fingerprint: str) -> Path:
    file = part_file(path, name)
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        raise KdcError(
            "Incomplete export", f"{file.name} is missing beside {path}; keep the exported files together."
        ) from None
    if found != fingerprint:
        raise KdcError("Incomplete export", f"{file} belongs to another export than {path.name}; export it anew.")
    return file


class EnginePart(nn.Module):
    """A refinement in another engine; called like the torch module it stands for."""

    def __init__(self, run: Run, original: nn.Module) -> None:
        super().__init__()
        self._run = run
        self._arguments = len(argument_names(original))
        self.side, self.planes = getattr(original, "side", 0), getattr(original, "planes", 0)
        with torch.inference_mode():
            self._like = original.eval()(*example(original))
        self.place = nn.Parameter(torch.zeros(0), requires_grad=False)  # Callers ask a parameter for the device.

    def forward(self, *arguments: Tensor) -> Any:
        """See the original."""
        arrays = [np.ascontiguousarray(t.detach().float().cpu().numpy()) for t in arguments]
        return shaped_answer(self._like, [torch.from_numpy(np.asarray(a)) for a in self._run(arrays)])


class EngineNetwork(nn.Module):
    """The network in another engine, on the CPU's tensors. ``raw`` of its answer is activated already."""

    def __init__(self, exported: Exported, open_graph: Open) -> None:
        super().__init__()
        config = exported.info.config
        self.config, self.heads = config, config.heads
        self._outputs = exported.outputs
        self._run = open_graph(exported.path)
        originals = parts_of(KdcNetwork(config)) if exported.parts else {}
        if set(originals) != set(exported.parts):
            raise KdcError("Incomplete export", f"{exported.path} was not exported with all its refinements.")
        parts = {name: EnginePart(open_graph(exported.parts[name]), part) for name, part in originals.items()}
        self.refine = parts.get("refine")
        self.pose_refine = parts.get("pose_refine")
        self.refines = bool(parts)

    def forward(self, images: Tensor) -> Outputs:
        """``images``: (B, 3, H, W) uint8 with sides n * 16 + 1."""
        arrays = self._run([np.ascontiguousarray(images.cpu().numpy())])
        found = {name: torch.from_numpy(np.asarray(a)) for name, a in zip(self._outputs, arrays, strict=True)}
        features = found.pop(FEATURES, None)
        return Outputs(found, images if features is None else features)

    def to_fields(self, outputs: Outputs, index: int = 0) -> Fields:
        """The fields of one image of a batch, as numpy."""
        arrays = {h.name: np.ascontiguousarray(outputs.raw[h.name][index].numpy()) for h in self.heads}
        return Fields(arrays, self.config.stride, self.config.radius)
