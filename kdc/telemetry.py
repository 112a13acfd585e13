"""Packages of others that report their use to their makers unless they are told not to."""

from __future__ import annotations

import os


def refuse_telemetry() -> None:
    """To be called before ``onnxruntime`` or ``ray`` is imported, which read these variables once. Whoever has set one of them is left
    their choice.

    The builds of ONNX Runtime from 1.29 on tell Microsoft the name and the digests of each model and how often it ran, and keep an
    identity of the machine in the user's cache for it; Ray tells its makers of each cluster.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
