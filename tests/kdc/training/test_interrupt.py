"""Ctrl-C ends at once what may be left unfinished, and waits for everything else."""

from __future__ import annotations

import os
import signal
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent))
from people_files import write_dataset
from tiny_run import tiny_run

from kdc.checkpoint import read_tensors
from kdc.data.loader import CropDataset
from kdc.training import loop
from kdc.training.interrupt import Interrupt
from kdc.training.loop import train


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_what_may_be_left_unfinished_is_left_at_once() -> None:
    with Interrupt() as interrupt:
        with interrupt.at_once():
            ctrl_c()
            time.sleep(30)
            pytest.fail("it went on")
        assert interrupt
        with pytest.raises(KeyboardInterrupt):  # The second one is meant.
            ctrl_c()
            time.sleep(30)


def test_everything_else_is_finished() -> None:
    with Interrupt() as interrupt:
        with interrupt.at_once():
            pass
        ctrl_c()
        finished = True
        assert interrupt and finished


def interrupted_while_crops_are_prepared(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Ctrl-C comes while the crop after so many is made, which never ends."""
    made, item = [], CropDataset.__getitem__

    def slow(self, index):
        made.append(index)
        if len(made) > after:
            ctrl_c()
            time.sleep(30)
            pytest.fail("it was waited for")
        return item(self, index)

    monkeypatch.setattr(CropDataset, "__getitem__", slow)


def test_a_run_that_waits_for_its_first_crops_is_stopped_at_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_dataset(tmp_path / "d", photos=5)
    (out := tmp_path / "out").mkdir()
    interrupted_while_crops_are_prepared(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt):
        tiny_run(data, out, workers=0)
    assert list(out.iterdir()) == []


def test_a_run_that_waits_for_later_crops_is_saved_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_dataset(tmp_path / "d", photos=5)
    (out := tmp_path / "out").mkdir()
    seen: list[int] = []
    with monkeypatch.context() as patch:
        interrupted_while_crops_are_prepared(patch, 4)
        with pytest.raises(KeyboardInterrupt):
            tiny_run(data, out, workers=0, tell=lambda r: seen.append(r.step))
    steps = len(seen)
    assert steps and (out / "state.safetensors").is_file()
    tiny_run(data, out, workers=0, resume=True, tell=lambda r: seen.append(r.step))
    assert seen == list(range(1, 5)) and steps < 4


def test_a_validation_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_dataset(tmp_path / "d", photos=5)
    (out := tmp_path / "out").mkdir()

    def validate(model: Path, step: int, last: bool) -> None:
        ctrl_c()
        time.sleep(30)
        pytest.fail("it was waited for")

    monkeypatch.setattr("kdc.training.loop.LEAST_EPOCH", 1)
    monkeypatch.setattr("tiny_run.train", partial(train, saved=validate))
    with pytest.raises(KeyboardInterrupt):
        tiny_run(data, out, workers=0)
    assert (out / "state.safetensors").is_file()


def test_the_first_step_is_left_at_once_also_where_a_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_dataset(tmp_path / "d", photos=5)
    (out := tmp_path / "out").mkdir()
    (whole := tmp_path / "whole").mkdir()
    tiny_run(data, whole, workers=0)
    honest = loop.backward

    def slow(*args):
        honest(*args)  # What it changes in the network is not kept.
        ctrl_c()
        time.sleep(30)
        pytest.fail("it was waited for")

    with monkeypatch.context() as patch:
        patch.setattr(loop, "backward", slow)
        with pytest.raises(KeyboardInterrupt):
            tiny_run(data, out, workers=0)
    assert list(out.iterdir()) == []
    with pytest.raises(KeyboardInterrupt):
        tiny_run(data, out, workers=0, tell=lambda r: ctrl_c())
    before = (out / "state.safetensors").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "backward", slow)
        with pytest.raises(KeyboardInterrupt):
            tiny_run(data, out, workers=0, resume=True)
    assert (out / "state.safetensors").read_bytes() == before
    tiny_run(data, out, workers=0, resume=True)
    ours, theirs = (read_tensors(folder / "state.safetensors")[0] for folder in (out, whole))
    assert all(torch.equal(ours[k], theirs[k]) for k in theirs)
