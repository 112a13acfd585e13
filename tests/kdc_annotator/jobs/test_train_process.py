"""How far a training is, from what it said: one figure for the fields and the refinements after them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kdc.training.interrupt import Interrupt
from kdc_annotator.jobs.train_process import (
    FOREVER,
    LAUNCHED,
    LOCK,
    OUTPUT,
    RECORD,
    Progress,
    Run,
    hearing_stop,
    holding,
    stop_wanted,
)

FIELDS = "step 200  50.0%  3:15 min left  14.2 crops/s  2% waiting  rate 0.98  heatmap 0.113\n"
REFINEMENTS = " 40.0%  refinements  OKS 0.912  mask IoU 0.871\n"


def run_of(folder: Path, said: str, recipe: dict, refine: bool = True) -> Run:
    (folder / OUTPUT).write_text(said)
    (folder / "run.json").write_text(json.dumps({"recipe": recipe, "config": {"refine": refine}}))
    return Run(folder)


def test_the_constant_is_the_trainings() -> None:
    from kdc.training import length

    assert length.FOREVER == FOREVER


@pytest.mark.parametrize(
    "said, progress",
    [
        (FIELDS, Progress(200, 0.325, "6:45", "min")),
        (FIELDS + "The fields are trained.\n" + REFINEMENTS, Progress(None, 0.79, "2:06", "min")),
        ("Reading.\n", None),
    ],
)
def test_minutes_are_shared_out(tmp_path: Path, said: str, progress: Progress | None) -> None:
    found = run_of(tmp_path, said, {"refine": 0.35, "minutes": 10.0, "steps": FOREVER}).progress
    assert found is None if progress is None else found is not None
    if found is not None and progress is not None:
        assert found.share == pytest.approx(progress.share)
        assert (found.step, found.left, found.unit) == (progress.step, progress.left, progress.unit)


def test_steps_of_the_refinements_come_on_top(tmp_path: Path) -> None:
    recipe = {"refine": 0.25, "minutes": 0.0, "steps": 100}
    found = run_of(tmp_path, FIELDS, recipe).progress
    assert found is not None and found.share == pytest.approx(0.4) and found.left == "3:15"
    found = run_of(tmp_path, REFINEMENTS, recipe).progress
    assert found is not None and found.share == pytest.approx(0.88) and found.left == "" and found.step is None


def test_hours_and_a_network_without_refinements(tmp_path: Path) -> None:
    found = run_of(tmp_path, FIELDS, {"refine": 0.5, "minutes": 240.0, "steps": FOREVER}).progress
    assert found is not None and (found.left, found.unit) == ("3:00", "h")
    found = run_of(tmp_path, FIELDS, {"refine": 0.5, "minutes": 240.0, "steps": FOREVER}, refine=False).progress
    assert found == Progress(200, 0.5, "3:15", "min")
    (tmp_path / "run.json").unlink()
    assert Run(tmp_path).progress == Progress(200, 0.5, "3:15", "min")


def test_a_stop_from_before_the_training_held_its_folder_counts_where_it_was_started_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run(tmp_path).stop()  # The window was closed while the network was still being loaded.
    monkeypatch.setenv(LAUNCHED, str(tmp_path))
    with holding(tmp_path):
        assert stop_wanted(tmp_path) and not stop_wanted(tmp_path)
    monkeypatch.delenv(LAUNCHED)
    Run(tmp_path).stop()  # Left behind by a training that was killed.
    with holding(tmp_path):
        assert not stop_wanted(tmp_path)


def test_a_stop_ends_what_waits_at_once_and_is_no_failure(tmp_path: Path) -> None:
    run = Run(tmp_path)
    (tmp_path / LOCK).touch()
    assert not run.stopping and run.state == "failed"
    with pytest.raises(KeyboardInterrupt), hearing_stop(tmp_path):
        run.stop()
        assert run.stopping
        time.sleep(60)
        pytest.fail("nobody heard it")
    assert run.stopping and run.state == "stopped" and not run.resumable and not stop_wanted(tmp_path)


def test_a_stop_is_heard_while_the_training_is_still_being_loaded(tmp_path: Path) -> None:
    """Also where a shell has started the window in the background, in which Ctrl-C counts for nothing."""
    (tmp_path / RECORD).write_text("{}")
    Run(tmp_path).stop()
    code = (
        "import signal, sys, time, types\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "class Slow:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.endswith('train_run'):\n"
        "            time.sleep(120)\n"
        "sys.meta_path.insert(0, Slow())\n"
        "from kdc_annotator.cli import main\n"
        f"sys.exit(main(['train', 'gone.kdcproj', '-o', {str(tmp_path)!r}]))\n"
    )
    env = {**os.environ, LAUNCHED: str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=110)
    assert done.returncode == 130 and "Stopped." in done.stderr and "Traceback" not in done.stderr


def test_a_training_that_ignores_ctrl_c_until_it_trains_keeps_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(LAUNCHED, raising=False)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with hearing_stop(tmp_path):
            Run(tmp_path).stop()
            time.sleep(1)
            with pytest.raises(KeyboardInterrupt):
                signal.signal(signal.SIGINT, signal.default_int_handler)
                time.sleep(60)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_stop_that_was_swallowed_is_sent_again_but_not_to_who_saves_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kdc_annotator.jobs.train_process.SEND_SECONDS", 0.2)
    Run(tmp_path).stop()
    with hearing_stop(tmp_path):
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                time.sleep(60)
    Run(tmp_path).stop()
    with Interrupt() as interrupt, hearing_stop(tmp_path):
        time.sleep(1.5)
        assert interrupt


def test_a_run_that_is_resumed_is_running_for_others_before_it_holds_its_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = {"project": "a.kdcproj", "images": "", "length": {}, "extra": []}
    (tmp_path / RECORD).write_text(json.dumps(record))
    for name in (LOCK, "state.safetensors", "stopped"):
        (tmp_path / name).touch()
    monkeypatch.setattr(
        "kdc_annotator.jobs.train_process.program", lambda *_: [sys.executable, "-c", "import time; time.sleep(100)"]
    )
    run, other = Run(tmp_path), Run(tmp_path)
    assert other.state == "stopped"
    run.resume()
    try:
        assert other.state == "running" and not other.stopping
    finally:
        run._child.kill()
        run._child.wait(60)
    assert other.state == "stopped", "its process has gone"


def test_the_lock_of_a_run_that_goes_on_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / RECORD).write_text(json.dumps({"project": "", "images": "", "length": {}, "extra": []}))
    monkeypatch.setattr("kdc_annotator.jobs.train_process.program", lambda *_: [sys.executable, "-c", ""])
    with holding(tmp_path):
        run = Run(tmp_path)
        run.resume()
        run._child.wait(60)
        assert Run(tmp_path).state == "running"
