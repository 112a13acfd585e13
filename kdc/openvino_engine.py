"""Graphs in OpenVINO."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np

from kdc.errors import KdcError, package_missing
from kdc.exported import Open, Run

_HINTS = {"fp32": "f32", "bf16": "bf16", "fp16": "f16"}


def open_openvino(device: str = "auto", precision: str = "auto") -> tuple[Open, str]:
    """How to open a graph, and a sentence about where it runs. ``device``: auto, cpu, or one of OpenVINO's own (gpu, npu).

    ``precision``: fp32, bf16, fp16; ``auto`` leaves it to OpenVINO, which takes bf16 on CPUs with instructions for it.
    """
    try:
        import openvino
    except ImportError:
        raise package_missing("openvino", "openvino") from None
    core = openvino.Core()
    place = "CPU" if device == "auto" else device.upper()
    if place.partition(".")[0] not in {d.partition(".")[0] for d in core.available_devices}:
        raise KdcError(
            "Unknown device", f"OpenVINO has no device {device!r} here; it has {', '.join(core.available_devices)}."
        )
    if precision not in ("auto", *_HINTS):
        raise KdcError("Unknown precision", f"{precision!r} is no precision; choose auto, {', '.join(_HINTS)}.")
    config = {} if precision == "auto" else {"INFERENCE_PRECISION_HINT": _HINTS[precision]}
    told: str = "" if precision == "auto" else f", {precision}"

    def open_graph(path: Path) -> Run:
        try:
            return _Requests(core.compile_model(str(path), place, config))
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            raise KdcError("Not an exported model", f"OpenVINO can't use {path} ({reason}).") from None

    return open_graph, f"OpenVINO {openvino.__version__.partition('-')[0]} on {place}{told}"


class _Requests:
    """A compiled graph for several threads: one inference request for each that runs at the same time."""

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled
        self._idle: SimpleQueue[Any] = SimpleQueue()

    def __call__(self, arrays: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        request = self._compiled.create_infer_request() if self._idle.empty() else self._idle.get()
        answers = request.infer(list(arrays), share_inputs=True)
        found = [np.array(answers[n]) for n in range(len(self._compiled.outputs))]
        self._idle.put(request)
        return found
