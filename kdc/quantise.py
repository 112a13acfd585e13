"""An exported network in whole numbers: static INT8 with ONNX Runtime's tools, for processors with instructions for it.

The dense 3x3 convolutions, where most of the work is, compute in INT8 (weights signed and by channel, activations unsigned), with
ranges seen on real photos. The first one, depthwise and 1x1 convolutions and the refinements stay in float32: a MobileNet's
depthwise channels differ too much in range for one scale, and with them in INT8 the fields are useless.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError, package_missing
from kdc.export import part_file
from kdc.exported import read_exported
from kdc.geometry import Letterbox
from kdc.telemetry import refuse_telemetry
from kdc.whole_files import write_whole


def quantise(source: str | Path, path: str | Path, photos: Iterable[np.ndarray], size: int | None = None) -> int:
    """Writes the INT8 version of the exported network ``source`` to ``path``, its refinements copied beside it.

    ``photos``: (H, W, 3) uint8 RGB, some dozens like those to come; ``size``: long side of the input (the model's). Returns how many
    convolutions became INT8. Raises KdcError where packages are missing or there is no photo.
    """
    refuse_telemetry()
    try:
        import onnx
        from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
        from onnxruntime.quantization.shape_inference import quant_pre_process
    except ImportError as error:
        raise package_missing(str(error.name), "onnx") from None
    exported = read_exported(source)
    photos = iter(photos)
    one = next(photos, None)
    if one is None:
        raise KdcError("No photos", "INT8 needs some photos to measure the ranges of values on.")
    inputs = _Inputs(chain([one], photos), size or exported.info.config.input_size)
    with tempfile.TemporaryDirectory() as folder:
        plain, done = Path(folder, "plain.onnx"), Path(folder, "int8.onnx")
        quant_pre_process(str(exported.path), str(plain), skip_symbolic_shape=True)
        model = onnx.load(str(plain))
        kept = _kept(model.graph)
        before = logging.getLogger().level
        logging.getLogger().setLevel(logging.ERROR)  # It warns about what was done above.
        try:
            quantize_static(
                str(plain),
                str(done),
                inputs,
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                op_types_to_quantize=["Conv"],
                nodes_to_exclude=sorted(kept),
            )
        finally:
            logging.getLogger().setLevel(before)
        model = onnx.load(str(done))
        for entry in onnx.load(str(exported.path), load_external_data=False).metadata_props:
            if entry.key not in {e.key for e in model.metadata_props}:
                model.metadata_props.add(key=entry.key, value=entry.value)
        for name, file in exported.parts.items():
            shutil.copyfile(file, part_file(path, name))
        write_whole(path, model.SerializeToString())
    return sum(node.op_type == "Conv" for node in model.graph.node) - len(kept)


class _Inputs:
    """Photos as the network sees them; ONNX Runtime's ``CalibrationDataReader``."""

    def __init__(self, photos: Iterable[np.ndarray], size: int) -> None:
        self._photos: Iterator[np.ndarray] = iter(photos)
        self._size = size

    def get_next(self) -> dict[str, np.ndarray] | None:
        photo = next(self._photos, None)
        if photo is None:
            return None
        seen = Letterbox.fit(photo.shape[1], photo.shape[0], self._size).apply(photo)
        return {"images": np.ascontiguousarray(seen.transpose(2, 0, 1)[None])}

    def set_range(self, start_index: int, end_index: int) -> None:
        """Not used: photos come one by one."""

    def __len__(self) -> int:
        return 0


def _kept(graph: Any) -> set[str]:
    """Names of the convolutions that stay in float32: all but the dense ones of 3x3 after the first."""
    weights = {entry.name: entry.dims for entry in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    return {
        node.name
        for node in convolutions
        if node is convolutions[0]
        or weights[node.input[1]][-1] == 1
        or any(a.name == "group" and a.i > 1 for a in node.attribute)
    }
