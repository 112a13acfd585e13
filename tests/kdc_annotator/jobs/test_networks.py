"""Where networks are opened for many photos."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kdc.errors import KdcError
from kdc_annotator.engine import worker
from kdc_annotator.engine.protocol import ModelChoice
from kdc_annotator.jobs import networks
from kdc_annotator.jobs.networks import NetworkChoice


@pytest.mark.parametrize(
    ("module", "open_missing"),
    [
        (networks, lambda path: NetworkChoice(path).open()),
        (worker, lambda path: worker.make_predictor(ModelChoice(path))),
    ],
    ids=["commands", "window's worker"],
)
def test_threads_share_a_heap_before_the_network_is_there(
    module: Any, open_missing: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(module, "share_heap", lambda: asked.append(True))
    with pytest.raises(KdcError):
        open_missing(str(tmp_path / "none.safetensors"))
    assert asked
