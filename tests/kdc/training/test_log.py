"""What a run tells: lines, a CSV that survives a resume, curves."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import cv2
import numpy as np
import pytest

from kdc.errors import KdcError
from kdc.training.curves import curves, write_curves
from kdc.training.log import EVERY, RunLog, line, open_board, read_rows
from kdc.training.loop import Report


def report(step: int, loss: float = 0.5) -> Report:
    return Report(step, step / 100, {"heatmap": loss, "person": 2 * loss}, 0.9, 12.3, 0.04, step / 10)


def test_a_line_says_losses_rate_time_left_and_waiting():
    text = line(report(40), {"heatmap": 0.25})
    assert text == "step 40  40.0%  6:00 min left  12.3 crops/s  4% waiting  rate 0.90  heatmap 0.250"
    assert "2:30 h left" in line(Report(1, 0.25, {}, 1, 1, 0, 50), {})


def test_rows_survive_a_resume_without_what_was_not_saved(tmp_path: Path):
    said: list[str] = []
    log = RunLog(tmp_path / "log.csv", said.append)
    for step in range(1, 3 * EVERY + 1):
        log.step(report(step, 1 / step))
    log.validated(2 * EVERY, 4.0, {"keypoints": 0.25})
    rows = read_rows(tmp_path / "log.csv")
    assert [int(r["step"]) for r in rows] == [1, EVERY, 2 * EVERY, 3 * EVERY, 2 * EVERY]
    assert float(rows[-1]["val_keypoints"]) == 0.25 and rows[-1]["loss_heatmap"] == ""
    again = RunLog(tmp_path / "log.csv", said.append, resume_at=2 * EVERY)
    for step in range(2 * EVERY + 1, 3 * EVERY + 1):
        again.step(report(step))
    assert sorted(int(r["step"]) for r in read_rows(tmp_path / "log.csv")) == [
        1,
        EVERY,
        2 * EVERY,
        2 * EVERY,
        3 * EVERY,
    ]
    assert len(said) == 5


def test_the_means_go_on_after_a_resume(tmp_path: Path):
    whole, halved = RunLog(tmp_path / "a.csv", lambda text: None), RunLog(tmp_path / "b.csv", lambda text: None)
    for step in range(1, EVERY + 1):
        whole.step(report(step, 1 / step))
        halved.step(report(step, 1 / step))
    halved = RunLog(tmp_path / "b.csv", lambda text: None, resume_at=EVERY)
    for log in (whole, halved):
        log.step(report(EVERY + 1, 5.0))
    assert halved.losses["heatmap"] == pytest.approx(whole.losses["heatmap"], abs=1e-4)


def test_a_new_run_starts_a_new_file(tmp_path: Path):
    for _ in range(2):
        RunLog(tmp_path / "log.csv", lambda text: None).step(report(1))
    assert len(read_rows(tmp_path / "log.csv")) == 1


def test_curves_are_drawn(tmp_path: Path):
    log = RunLog(tmp_path / "log.csv", lambda text: None)
    for step in range(1, 5 * EVERY + 1):
        log.step(report(step, 1 / step))
    log.validated(100, 4.0, {"keypoints": 0.25})
    assert len(curves(log.rows, "loss_")["heatmap"]) == 6
    write_curves(tmp_path / "curves.png", log.rows)
    image = cv2.imdecode(np.fromfile(tmp_path / "curves.png", np.uint8), cv2.IMREAD_COLOR)
    assert image.shape[0] == 840 and len(np.unique(image.reshape(-1, 3), axis=0)) > 10


def test_tensorboard_gets_the_same_figures_or_is_named_as_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written: list[tuple[str, float, int]] = []

    class Writer:
        def __init__(self, folder: str) -> None:
            self.folder = folder

        def add_scalar(self, name: str, value: float, step: int) -> None:
            written.append((name, value, step))

        def flush(self) -> None:
            pass

    fake = types.ModuleType("torch.utils.tensorboard")
    fake.SummaryWriter = Writer
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", fake)
    board = open_board(tmp_path / "tb")
    RunLog(tmp_path / "log.csv", lambda text: None, board).step(report(1))
    assert board.folder == str(tmp_path / "tb") and ("loss/heatmap", 0.5, 1) in written
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(KdcError, match=r"kdc-annotator\[tensorboard\]"):
        open_board(tmp_path / "tb")
