"""Two processes of half a batch lose and learn what one process with the whole batch does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kdc.checkpoint import read_tensors
from kdc.processes import Processes, join, mean_over_processes

sys.path.insert(0, str(Path(__file__).parent))
from people_files import write_dataset
from tiny_run import RECIPE, tiny_run

HERE = Path(__file__).parent
# Without a neck the network has no batch norm, whose statistics each process takes from its own crops.
ONE = replace(RECIPE, batch=4, accumulate=1, precision="fp32")
HALF = replace(ONE, batch=2)


def test_torchrun_on_two_processes_has_the_loss_curve_of_one(tmp_path: Path):
    data = write_dataset(tmp_path / "d", photos=5)
    curve: list[dict[str, float]] = []
    tiny_run(data, tmp_path / "one", tell=lambda r: curve.append(r.losses), neck=(), recipe=ONE, workers=0)
    env = os.environ | {"PYTHONPATH": str(HERE.parents[2]), "OMP_NUM_THREADS": "1"}
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        str(HERE / "half_run.py"),
    ]
    done = subprocess.run(
        [*command, str(data), str(tmp_path / "two")], env=env, capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr[:3000]
    other = json.loads((tmp_path / "two" / "curve.json").read_text())
    assert len(other) == len(curve) == ONE.steps
    for ours, theirs in zip(curve, other, strict=True):
        assert theirs == pytest.approx(ours, rel=2e-4)
    # One step of Adam hides the gradients' size: the averaged weights must agree too.
    a, b = (read_tensors(tmp_path / run / "state.safetensors")[0] for run in ("one", "two"))
    moments = [k for k in a if k.endswith("exp_avg")]
    assert moments
    for key in moments:
        assert torch.allclose(a[key], b[key], rtol=1e-2, atol=1e-6), key


def test_alone_nothing_is_exchanged(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("RANK", raising=False)
    assert join(torch.device("cpu")) == Processes()
    value = torch.ones(2)
    assert mean_over_processes(value) is value
