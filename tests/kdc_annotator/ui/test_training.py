"""Training from the app: counted, run as a process, watched, left alone and found again, compared, switched."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from training_data import finished_project, tiny_model, tiny_options
from window_desk import Desk

from kdc_annotator.engine.niceness import BEHIND
from kdc_annotator.jobs.train_compare import COMPARISON, comparison_of
from kdc_annotator.jobs.train_process import Progress, Run, holding, runs_folder, runs_of
from kdc_annotator.ui.dialogs.training import TrainingDialog, open_training
from kdc_annotator.ui.engine_bridge import EngineBridge
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings


class Engine(EngineBridge):
    """Remembers what it was told to use."""

    def __init__(self) -> None:
        super().__init__()
        self.used: list[str] = []
        self.stepped_back: list[tuple[int, int]] = []
        """(niceness, process) of what was started behind the window."""

    def use_model(self, path: str) -> None:
        super().use_model(path)
        self.used.append(path)


@pytest.fixture
def trainer(open_desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Desk, Engine]:
    """A window over a project with seven finished images of eight, a tiny model in use."""
    engine = Engine()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    # A training lets everybody else go first (see test_niceness.py); on a busy machine it would not end before the tests lose patience.
    for module in ("train_process", "train_compare"):
        monkeypatch.setattr(f"kdc_annotator.jobs.{module}.step_back", lambda *call: engine.stepped_back.append(call))
    engine.model_file = str(tiny_model(tmp_path / "tiny.safetensors"))
    return open_desk(finished_project(tmp_path / "d"), engine), engine


def dialog_of(desk: Desk, tmp_path: Path, steps: int) -> TrainingDialog:
    dialog = TrainingDialog(
        desk.window, tiny_options(tmp_path), ("--device", "cpu", "--size", "161", "--tiles", "off"), steps
    )
    dialog.show()
    return dialog


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def begun(qtbot, desk: Desk, tmp_path: Path, steps: int) -> TrainingDialog:
    """A dialog in which Start was clicked."""
    dialog = dialog_of(desk, tmp_path, steps)
    qtbot.waitUntil(dialog.start.isEnabled)
    click(dialog.start)
    return dialog


def test_what_is_trained_on_is_said(trainer, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    dialog = dialog_of(desk, tmp_path, 2)
    figures = dialog.setup.figures
    qtbot.waitUntil(lambda: figures["images"].text() == "7")
    said = {name: label.text() for name, label in figures.items()}
    assert said == {"images": "7", "people": "14", "with_keypoints": "14", "with_masks": "14", "held_back": "1"}
    assert "not marked as done: 1" in dialog.setup.says.text() and dialog.start.isEnabled()
    click(dialog.setup.everything)
    qtbot.waitUntil(lambda: figures["images"].text() == "8")
    dialog.close()
    assert runs_of(dialog.path) == []


def test_nothing_finished_can_not_be_trained_on(open_desk, tmp_path: Path, qtbot) -> None:
    desk = open_desk(finished_project(tmp_path / "d", 2, 0))
    dialog = open_training(desk.window)
    qtbot.waitUntil(lambda: "marked as done" in dialog.setup.says.text())
    assert not dialog.start.isEnabled()
    assert open_training(desk.window) is dialog
    dialog.close()


@pytest.mark.timeout(240)
def test_a_training_runs_is_compared_and_switched_to_and_back(trainer, tmp_path: Path, qtbot) -> None:
    desk, engine = trainer
    old = engine.model_file
    dialog = begun(qtbot, desk, tmp_path, 4)
    run = dialog.run
    assert run is not None and run.state == "running" and dialog.watch.isVisible() and not dialog.setup.isVisible()
    qtbot.waitUntil(lambda: dialog._state != "running" and dialog.comparing is None, timeout=200000)
    assert run.state == "done" and dialog.outcome.cells, dialog.outcome.words.text()
    assert [niceness for niceness, _ in engine.stepped_back] == [BEHIND, BEHIND]  # Training and comparison.
    assert dialog.watch.losses.lines and dialog.watch.figures.lines
    assert dialog.watch.pictures.isVisible() and "step 4" in dialog.watch.picture_words.text()
    assert "step 4" in dialog.watch.log.toPlainText() and "6 photos, 1 for validation" in dialog.watch.log.toPlainText()
    assert list(dialog.outcome.cells) == [
        "keypoint AP", "mask AP", "mask IoU, true keypoints", "missed per photo", "false per photo",
    ]  # fmt: skip
    assert all(cell != "–" for cell in dialog.outcome.cells["missed per photo"])
    click(dialog.outcome.use_new)
    assert engine.used == [str(run.model)] and desk.window.settings.text("model") == str(run.model)
    assert not dialog.outcome.use_new.isVisible()
    click(dialog.outcome.use_old)
    assert engine.used[-1] == old == desk.window.settings.text("model")
    dialog.close()
    again = open_training(desk.window)
    assert again is not dialog and again.setup.isVisible()  # Its result has been looked at.
    again.close()


@pytest.mark.timeout(240)
def test_a_run_outlives_its_window_is_found_again_and_stopped(trainer, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    dialog = begun(qtbot, desk, tmp_path, 100_000)
    run = dialog.run
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible() and dialog.question.isVisible()  # It asks.
    dialog._leave()
    assert not dialog.isVisible()
    newest = Run(runs_of(desk.window.session.project.path)[0])
    assert newest.folder == run.folder and newest.state == "running"
    desk.window._tell_of_training()
    assert "under way" in desk.window.messages.text()
    again = open_training(desk.window)
    assert again.run.folder == run.folder and again.stop.isVisible()
    qtbot.waitUntil(lambda: again.run.progress is not None, timeout=120000)
    click(again.stop)
    qtbot.waitUntil(lambda: again.run.state == "stopped", timeout=60000)
    again._look()
    assert again.go_on.isVisible() and again.outcome.isVisible() and again.run.model is not None
    again.close()
    assert run._child.wait(60) == 130


class _Running:
    """A run that goes on for ever, or until it is stopped."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.stopping, self.left, self.resumable = folder, False, False, False
        self.state, self.model, self.progress = "running", None, Progress(None, 0.8, "2:00", "min")

    def stop(self) -> None:
        self.stopping = True

    def leave(self) -> None:
        self.left = True

    def see(self) -> None:
        pass

    def output(self, last: int) -> tuple[str, int]:
        return "", 0

    def pictures(self) -> list[Path]:
        return []


def watched(desk: Desk, tmp_path: Path) -> TrainingDialog:
    dialog = dialog_of(desk, tmp_path, 2)
    dialog._show_run(_Running(tmp_path))  # type: ignore[arg-type]
    return dialog


def test_one_minute_is_no_plural(trainer, tmp_path: Path) -> None:
    minutes = dialog_of(trainer[0], tmp_path, 2).setup.minutes
    assert minutes.text() == "10 minutes"
    minutes.setValue(1)
    assert minutes.text() == "1 minute"
    minutes.stepUp()
    assert minutes.text() == "2 minutes"


def test_the_refinements_are_a_part_of_the_way(trainer, tmp_path: Path) -> None:
    desk, _ = trainer
    dialog = watched(desk, tmp_path)
    assert dialog.watch.where.text() == "80% · 2:00 min left · the refinement of poses and masks"
    assert dialog.watch.bar.value() == 800
    dialog.run.state = "stopped"
    dialog.close()


def test_who_stops_a_training_sees_at_once_that_it_is_being_stopped(trainer, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    dialog = watched(desk, tmp_path)
    click(dialog.stop)
    assert dialog.title.text() == "The training is being stopped" and dialog.says.isVisible()
    assert dialog.stop.text() == "Stopping …" and not dialog.stop.isEnabled()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible(), "what is being stopped anyway needs no question"
    again = dialog_of(desk, tmp_path, 2)
    again._show_run(dialog.run)
    assert again.title.text() == "The training is being stopped" and not again.stop.isEnabled()
    again.run.state = "stopped"
    again._look()
    assert again.title.text() == "The training was stopped" and "not learnt" in again.says.text()
    assert not again.go_on.isVisible() and again.again.isVisible()
    again.close()


@pytest.mark.timeout(240)
def test_a_training_is_stopped_before_its_first_step(trainer, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    dialog = begun(qtbot, desk, tmp_path, 100_000)
    click(dialog.stop)
    qtbot.waitUntil(lambda: dialog.title.text() == "The training was stopped", timeout=120000)
    assert dialog.run.progress is None and not dialog.run.resumable
    assert dialog.run.exit_code == 130, dialog.run.output(2000)
    dialog.close()
    again = open_training(desk.window)
    assert again.setup.isVisible()
    again.close()


def test_closing_the_main_window_asks_what_becomes_of_a_training_that_is_watched(trainer, tmp_path: Path) -> None:
    desk, _ = trainer
    dialog = watched(desk, tmp_path)
    desk.window.close()
    assert desk.window.isVisible() and dialog.question.isVisible()
    (stay,) = [b for b in dialog.question.findChildren(QPushButton) if b.text() == "Stay here"]
    click(stay)
    assert not dialog.question.isVisible()
    dialog.close()
    assert dialog.isVisible() and dialog.question.isVisible()
    desk.window.close()
    (go_on,) = [b for b in dialog.question.findChildren(QPushButton) if b.text() == "Let it go on"]
    click(go_on)
    assert not dialog.isVisible() and not desk.window.isVisible() and not dialog.run.stopping and dialog.run.left


def test_the_question_has_the_keyboard_and_escape_takes_closing_back(trainer, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    dialog = watched(desk, tmp_path)
    dialog.stop.setFocus()
    desk.window.close()
    assert dialog.focusWidget() is dialog.let_go_on
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
    assert not dialog.question.isVisible() and dialog.focusWidget() is dialog.stop
    assert dialog.isVisible() and desk.window.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.question.isVisible()
    desk.window.close()
    QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    assert not dialog.isVisible() and not desk.window.isVisible() and not dialog.run.stopping


def left_run(desk: Desk, *files: str) -> Run:
    """A run that nobody works at any more, with these files."""
    folder = runs_folder(desk.window.session.project.path) / "2026-01-01 10.00"
    folder.mkdir(parents=True)
    record = {"project": str(desk.window.session.project.path), "images": "", "length": {}, "extra": []}
    (folder / "process.json").write_text(json.dumps(record))
    for name in ("lock", *files):
        (folder / name).touch()
    return Run(folder)


def test_the_start_page_tells_of_a_training_that_goes_on(trainer, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    window = desk.window
    run, project = left_run(desk), window.session.project.path
    window.close()
    with holding(run.folder):
        again = MainWindow(Settings(tmp_path / "settings.ini"))
        qtbot.addWidget(again)
        again.show()
        again.open_again()
        qtbot.waitUntil(lambda: "training of drawn is under way" in again.start_messages.text())
        click(again.start_messages.findChild(QPushButton))
        qtbot.waitUntil(lambda: "under way" in again.messages.text())
        assert again.session.project.path == project
        again.close()


def test_a_training_that_was_stopped_is_found_again_and_can_go_on(trainer, tmp_path: Path) -> None:
    desk, _ = trainer
    run = left_run(desk, "state.safetensors")
    assert run.state == "stopped"
    dialog = open_training(desk.window)
    assert dialog.run.folder == run.folder and dialog.go_on.isVisible() and dialog.again.isVisible()
    dialog.close()


def test_a_comparison_counts_until_the_run_has_gone_on(trainer, tmp_path: Path) -> None:
    desk, _ = trainer
    run = left_run(desk, "state.safetensors", "last.safetensors")
    (run.folder / COMPARISON).write_text(json.dumps({"results": [{"images": 3}, {"images": 3}]}))
    assert comparison_of(run) is not None and comparison_of(run).photos == 3
    later = time.time() + 60
    os.utime(run.folder / "last.safetensors", (later, later))
    assert comparison_of(run) is None


def test_another_project_has_a_training_window_of_its_own(trainer, open_desk, tmp_path: Path, qtbot) -> None:
    desk, _ = trainer
    dialog = watched(desk, tmp_path)
    assert "drawn" in dialog.windowTitle()
    other = finished_project(tmp_path / "e").rename(tmp_path / "e" / "other.kdcproj")
    desk.window.open(other)
    qtbot.waitUntil(lambda: desk.window.session.project is not None and desk.window.session.project.path == other)
    another = open_training(desk.window)
    assert another is not dialog and another.path == other and "other" in another.windowTitle()
    assert open_training(desk.window) is another and dialog.isVisible()
    dialog.run.state = "stopped"
    for each in (another, dialog):
        each.close()


def test_the_training_window_changes_its_theme_with_the_window(trainer, tmp_path: Path) -> None:
    desk, _ = trainer
    dialog = watched(desk, tmp_path)
    for name in ("light", "dark"):
        desk.window.set_theme(name)
        assert dialog.watch.losses._theme is desk.window.theme is dialog.outcome._theme
    dialog.run.state = "stopped"
    dialog.close()


def test_nobody_waits_for_a_project_that_is_still_counted(trainer, tmp_path: Path, monkeypatch) -> None:
    from kdc_annotator.jobs.train_plan import Plan
    from kdc_annotator.ui.dialogs import training

    ended: list[int] = []

    def slow(project: Path, everything: bool, tell) -> Plan:
        try:
            for n in range(6000):
                time.sleep(0.01)
                tell(n)
        finally:
            ended.append(n)
        return Plan()

    monkeypatch.setattr(training, "plan_of", slow)
    desk, _ = trainer
    dialog = dialog_of(desk, tmp_path, 2)
    assert "Counting" in dialog.setup.says.text() and not dialog.start.isEnabled()
    desk.wait(50)
    click(dialog.setup.everything)
    desk.wait(50)
    dialog.close()
    assert len(ended) == 2 and max(ended) < 5000, "neither of them counted to its end"


def test_a_comparison_that_failed_twice_is_begun_once(qtbot) -> None:
    from kdc_annotator.ui.dialogs.training_parts import ResultPart
    from kdc_annotator.ui.theme import DARK

    part, begun = ResultPart(DARK), []
    qtbot.addWidget(part)
    part.show()
    for n in range(2):
        part.show_words("It failed.", lambda n=n: begun.append(n))
    click(part.again)
    assert begun == [1]


def test_what_went_wrong_is_a_sentence(trainer, tmp_path: Path, qtbot) -> None:
    desk, engine = trainer
    engine.model_file = str(tmp_path / "gone.safetensors")
    dialog = begun(qtbot, desk, tmp_path, 2)
    qtbot.waitUntil(lambda: dialog.title.text() == "The training could not go on", timeout=60000)
    assert "gone.safetensors" in dialog.says.text() and "Traceback" not in dialog.watch.log.toPlainText()
    assert dialog.again.isVisible() and not dialog.outcome.isVisible()
    click(dialog.again)
    assert dialog.setup.isVisible()
    dialog.close()


def test_a_folder_that_can_not_be_written_is_a_sentence(trainer, tmp_path: Path, qtbot, monkeypatch) -> None:
    desk, _ = trainer
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    dialog = begun(qtbot, desk, tmp_path, 2)
    assert "can't be written" in dialog.says.text() and dialog.run is None and dialog.setup.isVisible()
    dialog.close()


def test_the_model_in_use_is_remembered(trainer, tmp_path: Path) -> None:

    desk, engine = trainer
    desk.window.controller.use_model("")
    assert engine.model_file == "" and desk.window.settings.text("model") == ""


def test_the_device_is_said_once_it_is_known(trainer, tmp_path: Path) -> None:
    from kdc_annotator.engine.protocol import State
    from kdc_annotator.ui.live_engine import LiveEngine

    desk, engine = trainer
    live = LiveEngine()
    dialog = dialog_of(desk, tmp_path, 2)

    def told(state: State) -> str:
        live._say(state)
        engine.status = live.status
        engine.status_changed.emit(live.status)
        return dialog.setup.model.text()

    assert "It runs on" not in dialog.setup.model.text()
    assert "It runs on" not in told(State("starting"))
    assert "It runs on: CPU." in told(State("ready", model="m", device="CPU (4 threads); no GPU was found"))
    assert "It runs on: CPU." in told(State("working", model="m", device="CPU (4 threads)"))
    assert "It runs on" not in told(State("ready", model="m"))
    assert "It runs on" not in told(State("down", "It broke.", device="CPU"))
    dialog.close()
    live.close()
