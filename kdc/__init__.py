"""KDC, "Keypoints as Dynamic Centroids": people, their keypoints and their masks from one network.

``load``, ``cluster``, ``evaluate`` and ``train`` are the method in a few lines; see ``kdc.api``. Importing ``kdc`` loads
neither torch nor numpy: they come with the first of these names that is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kdc.api import Model, cluster, evaluate, load, train
    from kdc.errors import KdcError
    from kdc.evaluating import Report
    from kdc.predictor import Prediction
    from kdc.schema import PoseSchema
    from kdc.structures import Mask, Person

__version__ = "0.1.0"

__all__ = [
    "KdcError",
    "Mask",
    "Model",
    "Person",
    "PoseSchema",
    "Prediction",
    "Report",
    "__version__",
    "cluster",
    "evaluate",
    "load",
    "train",
]

_HOMES = {
    "KdcError": "errors",
    "Mask": "structures",
    "Model": "api",
    "Person": "structures",
    "PoseSchema": "schema",
    "Prediction": "predictor",
    "Report": "evaluating",
    "cluster": "api",
    "evaluate": "api",
    "load": "api",
    "train": "api",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'kdc' has no attribute {name!r}")
    value = getattr(import_module(f"kdc.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
