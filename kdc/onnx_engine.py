"""The predictor with another engine under the network: ONNX Runtime or OpenVINO. Decoding and masks are the same code."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kdc.decode.merge import flip_fields, merge_fields
from kdc.errors import KdcError
from kdc.export import OPSET, export_onnx
from kdc.fields import Fields
from kdc.predictor import Predictor
from kdc.refinement import FEATURES
from kdc.resources import bundled_model

ENGINES = ("torch", "onnx", "openvino")
Run = Callable[[np.ndarray], Sequence[np.ndarray]]


def make_predictor(engine: str = "torch", checkpoint: str | Path | None = None, **options: Any) -> Predictor:
    """A ``Predictor`` on one of ``ENGINES``; ``options`` are the predictor's. Raises KdcError where the engine's package is missing."""
    if engine == "torch":
        return Predictor(checkpoint, **options)
    return OnnxPredictor(engine, checkpoint, **options)


class OnnxPredictor(Predictor):
    """A predictor whose network runs in another engine. The model is exported at the first use and kept in the user's cache.

    ``engine``: ``onnx`` or ``openvino``. ``exported``: the model's ONNX file where there is one already. The mask refinement, where a model has one, stays with torch on the CPU.
    """

    def __init__(
        self,
        engine: str,
        checkpoint: str | Path | None = None,
        device: str = "auto",
        exported: Path | None = None,
        **options: Any,
    ) -> None:
        super().__init__(checkpoint, device="cpu" if device == "auto" else device, **options)
        self._names = [head.name for head in self.network.heads]
        if self.network.refine is not None:
            self._names.append(FEATURES)
        bundled = checkpoint is None or str(checkpoint) == "bundled"
        path = exported or cached_onnx(bundled_model() if bundled else Path(str(checkpoint)))
        self._run, self.device_sentence = _open(engine, path, device)

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]:
        """See ``Predictor``."""
        count = len(inputs)
        views = np.concatenate([inputs, inputs[:, :, ::-1]]) if self.flip else inputs
        arrays = dict(zip(self._names, self._run(np.ascontiguousarray(views.transpose(0, 3, 1, 2))), strict=True))
        features = arrays.pop(FEATURES, None)
        config = self.info.config
        found = [
            Fields({name: np.ascontiguousarray(a[i]) for name, a in arrays.items()}, config.stride, config.radius)
            for i in range(len(views))
        ]
        if self.flip:
            pairs = zip(found[:count], found[count:], strict=True)
            found = [merge_fields([f, flip_fields(m, self.schema)], self.schema) for f, m in pairs]
        if features is None:
            return found
        kept = (np.ascontiguousarray(features[i]) for i in range(count))
        return [Fields({**f.arrays, FEATURES: k}, f.stride, f.radius) for f, k in zip(found, kept, strict=True)]


def cached_onnx(checkpoint: Path) -> Path:
    """The ONNX file of a model file, made at the first call: ``kdc-annotator/HASH.onnx`` in the user's cache folder."""
    try:
        digest = hashlib.sha256(checkpoint.read_bytes()).hexdigest()[:24]
    except OSError as error:
        raise KdcError("Model not found", f"{checkpoint} can't be read ({error.strerror}).") from None
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path("~/.cache").expanduser()
    path = Path(base, "kdc-annotator", f"{digest}-{OPSET}.onnx")
    if not path.is_file():
        export_onnx(checkpoint, path)
    return path


def _open(engine: str, path: Path, device: str) -> tuple[Run, str]:
    if engine == "onnx":
        return _onnxruntime(path, device)
    if engine == "openvino":
        return _openvino(path)
    raise KdcError("Unknown engine", f"{engine!r} is no engine; choose {', '.join(ENGINES)}.")


def _onnxruntime(path: Path, device: str) -> tuple[Run, str]:
    try:
        import onnxruntime
    except ImportError:
        raise _missing("onnxruntime") from None
    wanted = ["CUDAExecutionProvider"] if device.startswith("cuda") else []
    offered = onnxruntime.get_available_providers()
    if wanted and wanted[0] not in offered:
        raise KdcError("No CUDA in ONNX Runtime", "Install onnxruntime-gpu, or leave --device away.")
    session = onnxruntime.InferenceSession(str(path), providers=[*wanted, "CPUExecutionProvider"])

    def run(images: np.ndarray) -> Sequence[np.ndarray]:
        return session.run(None, {"images": images})  # type: ignore[no-any-return]

    return (
        run,
        f"ONNX Runtime {onnxruntime.__version__} on {session.get_providers()[0].removesuffix('ExecutionProvider')}",
    )


def _openvino(path: Path) -> tuple[Run, str]:
    try:
        import openvino
    except ImportError:
        raise _missing("openvino") from None
    compiled = openvino.Core().compile_model(str(path), "CPU")

    def run(images: np.ndarray) -> Sequence[np.ndarray]:
        result = compiled([images])
        return [result[i] for i in range(len(compiled.outputs))]

    return run, f"OpenVINO {openvino.__version__.partition('-')[0]} on CPU"


def _missing(package: str) -> KdcError:
    return KdcError("Package missing", f"{package} is not installed; run: pip install 'kdc-annotator[onnx]'")
