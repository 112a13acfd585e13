"""Which network a headless command works with, as plain values that travel to other processes and machines."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

from kdc.heap import share_heap

RUNTIMES = ("torch", "onnx", "openvino")
FACTORY = "kdc_annotator.jobs.networks:make"


@dataclass(frozen=True)
class NetworkChoice:
    """``runtime``: of ``RUNTIMES``, what computes. ``model``: a model file or an exported one, None for the bundled one. ``device``,
    ``size``, ``tiles``, ``flip``, ``min_score``: see ``kdc.predictor.Predictor``. ``factory``: ``module:function``, called with the choice."""

    model: str | None = None
    runtime: str = "torch"
    device: str = "auto"
    size: int | None = None
    tiles: str | int = "auto"
    flip: bool = True
    min_score: float = 0.0
    factory: str = FACTORY

    def open(self) -> Any:
        """A ``Predictor``. Raises KdcError where model, device or package is not there."""
        module, _, function = self.factory.partition(":")
        return getattr(importlib.import_module(module), function)(self)


def make(choice: NetworkChoice) -> Any:
    """The real thing, in a process that is ready for many photos."""
    share_heap()
    options: dict[str, Any] = {"device": choice.device, "size": choice.size, "tiles": choice.tiles}
    if not choice.flip:
        options["flip"] = False
    if choice.min_score:
        options["min_score"] = choice.min_score
    if choice.runtime == "torch" and not str(choice.model).endswith(".onnx"):
        from kdc.predictor import Predictor

        return Predictor(choice.model, **options)
    from kdc.onnx_engine import make_predictor

    return make_predictor(choice.runtime, choice.model, **options)
