"""The predictor with another engine under its networks: ONNX Runtime or OpenVINO. Decoding and pasting are the same code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from kdc.checkpoint import ModelInfo
from kdc.errors import KdcError, package_missing
from kdc.export import LAYOUT, OPSET, export_onnx
from kdc.exported import EngineNetwork, Open, Run, read_exported
from kdc.model.network import KdcNetwork
from kdc.openvino_engine import open_openvino
from kdc.predictor import Predictor
from kdc.telemetry import refuse_telemetry

ENGINES = ("torch", "onnx", "openvino")


def make_predictor(engine: str = "torch", checkpoint: str | Path | None = None, **options: Any) -> Predictor:
    """A ``Predictor`` on one of ``ENGINES``; ``options`` are the predictor's. Raises KdcError where the engine's package is missing."""
    if engine == "torch":
        if str(checkpoint).endswith(".onnx"):
            raise KdcError(
                "Not a model file", f"{checkpoint} is an exported model; use it with --engine onnx|openvino."
            )
        return Predictor(checkpoint, **options)
    return OnnxPredictor(engine, checkpoint, **options)


class OnnxPredictor(Predictor):
    """A predictor whose networks run in another engine.

    ``engine``: ``onnx`` or ``openvino``. ``checkpoint``: an exported ``FILE.onnx`` (see ``kdc.export``), or a model file, which is
    exported at the first use and kept in the user's cache. ``device``: auto and cpu; ``cuda`` and ``cuda:N`` for ONNX Runtime; OpenVINO's
    own for OpenVINO. ``precision``: see ``open_openvino``; ONNX Runtime computes in the file's. Other ``options``: the predictor's.
    """

    def __init__(
        self,
        engine: str,
        checkpoint: str | Path | None = None,
        device: str = "auto",
        *,
        precision: str = "auto",
        **options: Any,
    ) -> None:
        if engine == "onnx":
            self._open, sentence = _onnxruntime(device, precision)
        elif engine == "openvino":
            self._open, sentence = open_openvino(device, precision)
        else:
            raise KdcError("Unknown engine", f"{engine!r} is no engine; choose {', '.join(ENGINES)}.")
        super().__init__(checkpoint, device="cpu", precision="fp32", **options)
        self.device_sentence = sentence

    def _load(self, path: Path) -> tuple[KdcNetwork, ModelInfo]:
        exported = read_exported(path if path.suffix == ".onnx" else cached_onnx(path))
        return cast(KdcNetwork, EngineNetwork(exported, self._open)), exported.info


def cached_onnx(checkpoint: Path) -> Path:
    """The ONNX file of a model file, made at the first call: in ``kdc-annotator`` in the user's cache folder, by content."""
    try:
        digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:24]
    except OSError as error:
        raise KdcError("Model not found", f"{checkpoint} can't be read ({error.strerror}).") from None
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path("~/.cache").expanduser()
    path = Path(base, "kdc-annotator", f"{digest}-{OPSET}-{LAYOUT}.onnx")
    if not path.is_file():
        export_onnx(checkpoint, path)
    return path


def _onnxruntime(device: str, precision: str) -> tuple[Open, str]:
    refuse_telemetry()
    try:
        import onnxruntime
    except ImportError:
        raise package_missing("onnxruntime", "onnx") from None
    if precision not in ("auto", "fp32"):
        raise KdcError("Unknown precision", f"ONNX Runtime computes in the number format of the file, not {precision}.")
    kind, _, number = device.partition(":")
    providers: list[Any] = ["CPUExecutionProvider"]
    if kind == "cuda":
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            raise KdcError("No CUDA in ONNX Runtime", "Install onnxruntime-gpu, or leave --device away.")
        providers.insert(0, ("CUDAExecutionProvider", {"device_id": int(number or 0)}))
    elif device not in ("auto", "cpu"):
        raise KdcError("Unknown device", f"ONNX Runtime runs on auto, cpu, cuda or cuda:N, not {device!r}.")

    def open_graph(path: Path) -> Run:
        try:
            session = onnxruntime.InferenceSession(path.read_bytes(), providers=providers)
        except Exception as error:
            reason = str(error).strip().splitlines()[-1]
            raise KdcError("Not an exported model", f"ONNX Runtime can't use {path} ({reason}).") from None
        names = [i.name for i in session.get_inputs()]

        def run(arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
            return session.run(None, dict(zip(names, arrays, strict=True)))  # type: ignore[no-any-return]

        return run

    return open_graph, f"ONNX Runtime {onnxruntime.__version__} on {'CUDA' if kind == 'cuda' else 'CPU'}"
