"""Words have the room that they need, in German too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from training_data import finished_project
from window_desk import Desk, make_photos

from kdc_annotator.ui.dialogs.training import open_training
from kdc_annotator.ui.language import install
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, qapp: QApplication):
    before = set(qapp.findChildren(QTranslator))
    install(qapp, request.param)
    yield request.param
    for translator in set(qapp.findChildren(QTranslator)) - before:  # Qt's own German, too.
        qapp.removeTranslator(translator)


def cut(part: QWidget) -> list[str]:
    """Words of visible buttons that have less room than they need."""
    return [b.text() for b in part.findChildren(QPushButton) if b.isVisible() and b.width() < b.sizeHint().width()]


def low(parts: Sequence[QWidget]) -> list[QWidget]:
    """Those in sight that have less height than their words need."""
    return [
        p
        for p in parts
        if p.isVisible() and p.height() < max(p.heightForWidth(p.width()), p.minimumSizeHint().height())
    ]


def test_the_start_page(language: str, qtbot, tmp_path: Path) -> None:
    window = MainWindow(Settings(tmp_path / "s.ini"))
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    assert len(window.start.findChildren(QPushButton)) >= 4
    qtbot.waitUntil(lambda: cut(window.start) == [])
    shown = [p for kind in (QLabel, QPushButton) for p in window.start.findChildren(kind)]
    qtbot.waitUntil(lambda: low(shown) == [] and window.start._logo.height() >= 36)
    window.close()


def test_the_review(language: str, open_desk, tmp_path: Path) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    desk.window.resize(1280, 800)
    desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    desk.wait(100)
    assert desk.window.side.review.send_back.isVisible() and cut(desk.window.side.review) == []


def test_the_training_window(language: str, open_desk, tmp_path: Path, qtbot) -> None:
    desk: Desk = open_desk(finished_project(tmp_path / "d"))
    dialog = open_training(desk.window)
    qtbot.waitUntil(dialog.start.isEnabled)
    dialog.setup.says.setText("Every tenth image is held back. " * 12)
    qtbot.waitUntil(lambda: dialog.setup.says.height() > 60 and low(dialog.findChildren(QLabel)) == [])
    dialog.close()


def test_the_history_gives_way_to_the_details_where_there_is_no_room_for_both(open_desk, tmp_path: Path) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    history, details = (desk.window.side.sections[name] for name in ("history", "details"))
    for height, both in ((700, False), (1300, True)):
        desk.window.resize(1280, height)
        desk.wait(20)
        details.set_open(True)
        assert history.is_open == both
        details.set_open(False)
        assert history.is_open
    history.set_open(False)
    details.set_open(True)
    details.set_open(False)
    assert not history.is_open
