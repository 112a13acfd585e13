"""Words have the room that they need, in German too."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTranslator
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from window_desk import Desk, make_photos

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


def test_the_start_page(language: str, qtbot, tmp_path: Path) -> None:
    window = MainWindow(Settings(tmp_path / "s.ini"))
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    assert len(window.start.findChildren(QPushButton)) >= 4
    qtbot.waitUntil(lambda: cut(window.start) == [], timeout=3000)
    shown = [p for kind in (QLabel, QPushButton) for p in window.start.findChildren(kind) if p.isVisible()]
    low = [
        p.text() for p in shown if p.height() < p.heightForWidth(p.width()) or p.height() < p.minimumSizeHint().height()
    ]
    assert low == [] and window.start._logo.height() >= 36
    window.close()


def test_the_review(language: str, open_desk, tmp_path: Path) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    desk.window.resize(1280, 800)
    desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    desk.wait(100)
    assert desk.window.side.review.send_back.isVisible() and cut(desk.window.side.review) == []
