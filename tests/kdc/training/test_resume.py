"""A run that was killed and resumed ends with the very weights of one that was not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from kdc.checkpoint import load_model, read_tensors
from kdc.errors import KdcError

sys.path.insert(0, str(Path(__file__).parent))
from people_files import write_dataset
from tiny_run import tiny_run

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data") / "d", photos=5)


@pytest.fixture(scope="module")
def whole(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    """The state after an uninterrupted run."""
    out = tmp_path_factory.mktemp("whole")
    tiny_run(data, out)
    return read_tensors(out / "state.safetensors")[0]


def same(out: Path, expected: dict[str, torch.Tensor]) -> None:
    tensors, _ = read_tensors(out / "state.safetensors")
    assert tensors.keys() == expected.keys()
    different = [k for k, v in tensors.items() if not torch.equal(v, expected[k])]
    assert different == []


def start(data: Path, out: Path, steps_before: int) -> subprocess.Popen:
    """A child process that runs until it has written ``out/step`` with ``steps_before``, then waits to be killed."""
    root = HERE.parents[2]
    env = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen(
        [sys.executable, str(HERE / "tiny_run.py"), str(data), str(out), str(steps_before)], env=env
    )
    limit = time.monotonic() + 250
    while not (out / "step").exists():
        assert child.poll() is None and time.monotonic() < limit, "the run never got there"
        time.sleep(0.05)
    return child


def test_kill_9_then_resume(data: Path, whole: dict[str, torch.Tensor], tmp_path: Path):
    child = start(data, tmp_path, 3)
    child.kill()
    assert child.wait() == -signal.SIGKILL
    assert not list(tmp_path.glob(".*part"))
    tiny_run(data, tmp_path, resume=True)
    same(tmp_path, whole)


def test_ctrl_c_saves_then_resume(data: Path, whole: dict[str, torch.Tensor], tmp_path: Path):
    def tell(report):
        if report.step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        tiny_run(data, tmp_path, tell=tell)
    assert signal.getsignal(signal.SIGINT) is before
    seen = []
    tiny_run(data, tmp_path, resume=True, tell=lambda r: seen.append(r.step))
    assert seen == [3, 4]
    same(tmp_path, whole)


def test_the_saved_model_is_the_averaged_one(data: Path, tmp_path: Path):
    tiny_run(data, tmp_path)
    state, _ = read_tensors(tmp_path / "state.safetensors")
    network, info = load_model(tmp_path / "last.safetensors")
    assert info.training["step"] == 4 and info.training["recipe"]["name"] == "tiny"
    for key, value in network.state_dict().items():
        mean = state[f"average/{key}"]
        assert torch.allclose(value.float(), mean.float(), rtol=1e-3, atol=1e-6)


def test_a_state_of_another_network_is_refused(data: Path, tmp_path: Path):
    tiny_run(data, tmp_path)
    with pytest.raises(KdcError, match="another network"):
        tiny_run(data, tmp_path, resume=True, neck=(8, 8, 8))


def test_a_loss_that_is_no_number_names_step_loss_and_photos(data: Path, tmp_path: Path):
    with pytest.raises(KdcError) as caught:
        tiny_run(data, tmp_path, poison=True)
    assert "step 0" in caught.value.message and "loss" in caught.value.message and ".png" in caught.value.message


@pytest.mark.parametrize("place", ["kdc.training.loop.backward", "torch.optim.AdamW.step"])
def test_out_of_memory_says_what_to_lower(place: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*args):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")

    monkeypatch.setattr(place, full)
    with pytest.raises(KdcError) as caught:
        tiny_run(data, tmp_path)
    assert "lower --batch" in caught.value.message and "97 pixels" in caught.value.message
