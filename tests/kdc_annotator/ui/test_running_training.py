"""Trainings that nobody watches: the window knows of them, and how they ended is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from training_data import finished_project
from window_desk import Desk

from kdc_annotator.jobs.train_process import Run, holding, runs_folder
from kdc_annotator.ui.dialogs.training import TrainingDialog
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings


@pytest.fixture
def trained(open_desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A window over a project with seven finished images of eight."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return open_desk(finished_project(tmp_path / "d"))


def left_run(desk: Desk, said: str = "", *files: str) -> Run:
    """A run that a process no longer alive has started, with these files."""
    folder = runs_folder(desk.window.session.project.path) / "2026-01-01 10.00"
    folder.mkdir(parents=True)
    record = {"project": str(desk.window.session.project.path), "images": "", "length": {}, "extra": []}
    (folder / "process.json").write_text(json.dumps(record))
    (folder / "output.txt").write_text(said)
    for name in ("lock", *files):
        (folder / name).touch()
    return Run(folder)


def dialogs(window: MainWindow) -> list[TrainingDialog]:
    return [dialog for dialog in window.findChildren(TrainingDialog) if dialog.isVisible()]


def press(bar) -> None:
    QTest.mouseClick(bar.findChild(QPushButton), Qt.MouseButton.LeftButton)


def test_closing_asks_about_a_training_whose_window_was_never_opened(trained: Desk, qtbot) -> None:
    window, run = trained.window, left_run(trained)
    with holding(run.folder):
        window.close()
        assert window.isVisible()
        (dialog,) = dialogs(window)
        assert dialog.run.folder == run.folder and dialog.question.isVisible()
        qtbot.waitUntil(dialog.isActiveWindow)
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Escape)
        assert not dialog.question.isVisible()
        window.close()
        assert window.isVisible() and dialog.question.isVisible()
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)  # Let it go on.
        assert not window.isVisible() and run.left


def test_closing_asks_no_more_about_a_training_that_shall_go_on(trained: Desk) -> None:
    run = left_run(trained)
    with holding(run.folder):
        run.leave()
        trained.window.close()
        assert not trained.window.isVisible()


def test_an_answer_that_can_not_be_kept_counts(trained: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    window, run = trained.window, left_run(trained)
    monkeypatch.setattr(Run, "_mark", lambda run, name: None)
    with holding(run.folder):
        window.close()
        QTest.keyClick(dialogs(window)[0].focusWidget(), Qt.Key.Key_Return)
        assert not window.isVisible()


def test_a_training_that_failed_is_told_of_until_somebody_has_looked(trained: Desk) -> None:
    window = trained.window
    run = left_run(trained, "Reading.\nOut of memory: close other programs.\n")
    window.trainings.look()
    assert window.messages.text().endswith("could not go on.</b> Out of memory: close other programs.")
    press(window.messages)
    (dialog,) = dialogs(window)
    assert "Out of memory" in dialog.says.text() and dialog.again.isVisible() and run.seen
    dialog.close()
    window.messages.hide()
    window.trainings.look()
    assert window.messages.text() == ""
    window.controller.run("train")
    assert dialogs(window)[0].setup.isVisible()


def test_one_that_was_killed_ended_unexpectedly(trained: Desk) -> None:
    left_run(trained, "step 20   3.1%  9:40 min left  14.2 crops/s  2% waiting\n")
    trained.window.trainings.look()
    assert "It ended unexpectedly; the last it said: step 20" in trained.window.messages.text()


def test_the_start_page_tells_of_a_training_that_failed(trained: Desk, tmp_path: Path, qtbot) -> None:
    project = trained.window.session.project.path
    left_run(trained, "Disk is full: free some space.\n")
    trained.window.close()
    again = MainWindow(Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(again)
    again.show()
    again.open_again()
    qtbot.waitUntil(lambda: "A training of drawn could not go on" in again.start_messages.text())
    assert "Disk is full: free some space." in again.start_messages.text()
    press(again.start_messages)
    qtbot.waitUntil(lambda: "A training of this project could not go on" in again.messages.text())
    assert again.session.project.path == project
    again.close()


@pytest.mark.parametrize(
    "files, told",
    [
        (("table.txt", "last.safetensors"), "A training of this project is done."),
        (("state.safetensors",), "A training of this project ended early; it can go on."),
        (("state.safetensors", "stopped"), ""),
        (("table.txt", "last.safetensors", "seen"), ""),
        (("seen",), ""),
    ],
)
def test_what_else_is_told(trained: Desk, files: tuple[str, ...], told: str) -> None:
    left_run(trained, "Reading.\n", *files)
    trained.window.trainings.look()
    assert trained.window.messages.text() == told


def test_a_training_that_ends_while_one_labels_is_told_of_after_what_is_more_urgent(trained: Desk) -> None:
    window, run = trained.window, left_run(trained)
    with holding(run.folder):
        window.trainings.look()
        assert "under way" in window.messages.text() and window.trainings._timer.isActive()
        window.messages.hide()
        window.trainings.look()
        assert window.messages.text() == "", "it is told once"
    window.messages.trouble("Disk is full", "Free some space.")
    window.trainings.look()
    assert "Disk is full" in window.messages.text() and window.trainings._timer.isActive()
    window.messages.hide()
    window.trainings.look()
    assert "could not go on" in window.messages.text() and not window.trainings._timer.isActive()


def test_the_buttons_stay_on_the_screen_when_the_window_grows(trained: Desk, qtbot) -> None:
    window = trained.window
    window.controller.run("train")
    (dialog,) = dialogs(window)
    room = dialog.screen().availableGeometry()
    dialog.move(room.x() + 40, room.bottom() - dialog.height())
    run = left_run(trained)
    with holding(run.folder):
        dialog._show_run(run)
        qtbot.wait(50)
        assert dialog.stop.isVisible() and dialog.frameGeometry().bottom() <= room.bottom()
    dialog.close()


def test_a_model_that_was_not_compared_does_not_stand_out(trained: Desk) -> None:
    run = left_run(trained, "Stopped.\n", "state.safetensors", "last.safetensors", "stopped")
    trained.window.controller.run("train")
    (dialog,) = dialogs(trained.window)
    assert dialog.run.folder == run.folder and "Nothing to compare on" in dialog.outcome.words.text()
    assert dialog.outcome.use_new.isVisible() and not dialog.outcome.use_new.property("primary")
    dialog.close()
