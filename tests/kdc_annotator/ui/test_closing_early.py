"""Windows and projects that are closed while something runs, and dialogs under fast hands."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from window_desk import Desk

from kdc.errors import KdcError

CONTROL = Qt.KeyboardModifier.ControlModifier


class SlowImport:
    """Stands for the reading of a large file: goes on when it is told to, and says after each image how far it is."""

    def __init__(self, monkeypatch) -> None:
        self.begun, self.going = threading.Event(), threading.Event()
        self.ended = ""
        monkeypatch.setattr("kdc_annotator.ui.coco_bridge.import_into", self)

    def __call__(self, project, annotations, images, progress) -> list[str]:
        self.begun.set()
        try:
            for n in range(4000):
                if self.going.wait(0.005):
                    break
                progress("Importing", n, 4000)
        except KdcError:
            self.ended = "taken back"
            raise
        self.ended = "stored"
        return []


@pytest.fixture
def slow(desk: Desk, monkeypatch, tmp_path: Path) -> SlowImport:
    made = SlowImport(monkeypatch)
    desk.window.session.import_coco(tmp_path / "big.json")
    assert made.begun.wait(20)
    return made


def test_closing_a_project_during_an_import_says_so_first_and_then_imports_nothing(
    desk: Desk, slow: SlowImport
) -> None:
    window = desk.window
    window.controller.run("close_project")
    assert window.session.project is not None and "big.json" in window.messages.text()
    window.messages._button.click()
    assert window.session.project is None and slow.ended == "taken back"
    desk.wait(20)
    assert "big.json" in window.start_messages.text() and not window.session._busy


def test_closing_the_window_during_an_import_says_so_first(desk: Desk, slow: SlowImport) -> None:
    window = desk.window
    assert not window.close() and window.isVisible() and "big.json" in window.messages.text()
    assert window.close() and slow.ended == "taken back"


def test_an_import_that_is_not_disturbed_is_done(desk: Desk, slow: SlowImport, qtbot) -> None:
    window = desk.window
    assert not window.close()
    slow.going.set()
    qtbot.waitUntil(lambda: desk.document is not None, timeout=20000)
    assert slow.ended == "stored" and window.session.importing is None and not window.messages.text()
    window.controller.run("close_project")
    assert window.session.project is None


def test_what_is_opened_or_imported_during_an_import_is_refused_with_a_sentence(
    desk: Desk, slow: SlowImport, tmp_path: Path
) -> None:
    window, project = desk.window, desk.window.session.project
    window.open(tmp_path)
    assert "Still at work" in window.messages.text() and window.session.project is project
    window.messages.hide()
    window.session.import_coco(tmp_path / "second.json")
    assert "Still at work" in window.messages.text() and window.session.importing.path.name == "big.json"
    slow.going.set()
