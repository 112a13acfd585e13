"""The tour of somebody who has just started the program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from window_desk import Desk

from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings
from kdc_annotator.ui.tour import CARDS, Card, Tour


def test_the_tour_opens_the_crowd_and_keeps_the_keyboard(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    window = MainWindow(Settings(tmp_path / "settings.ini"))
    window.resize(1100, 760)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    try:
        window.controller.run("tour")
        qtbot.waitUntil(lambda: bool(window.findChildren(Card)))
        assert window.session.photo is not None and window.session.photo.path == "crowd.jpg"
        (card,) = window.findChildren(Card)
        canvas = QRect(window.canvas.mapTo(window, QPoint()), window.canvas.size())
        assert canvas.contains(card.geometry()) and not card.geometry().contains(canvas.center())
        at = QPointF(canvas.width() / 2, canvas.height() / 2)
        QApplication.sendEvent(window.canvas, QEnterEvent(at, at, at))
        assert card.next.hasFocus(), "the pointer comes to lie on the photo when the start page goes"
        for n in range(4):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return if n % 2 else Qt.Key.Key_Space)
            qtbot.waitUntil(lambda n=n: any(c._number == n + 1 for c in window.findChildren(Card)))
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not window.findChildren(Card))
        assert window.canvas.hasFocus()
    finally:
        window.close()
        window.deleteLater()


def test_there_is_one_card_and_none_on_the_start_page(desk: Desk, qtbot) -> None:
    for _ in range(2):
        desk.window.controller.run("tour")
        qtbot.waitUntil(lambda: [c.isVisible() for c in desk.window.findChildren(Card)] == [True])
    desk.window.controller.close_project()
    qtbot.waitUntil(lambda: not desk.window.findChildren(Card))


def test_the_cards_name_the_keys_as_they_are_now(desk: Desk) -> None:
    def said() -> str:
        texts = []
        for n in range(len(CARDS)):
            card = Card(desk.window, Tour(desk.window), n)
            texts += [label.text() for label in card.findChildren(QLabel)]
            card.close()
        return " ".join(texts)

    before = said()
    assert "S and W step" in before and "5 adds a person" in before and "Ctrl+Z goes back" in before
    keys = {"next_person": ("J",), "tool_add_person": ("F9",), "undo": ("U",), "isolate": (), "cheat_sheet": ("F4",)}
    for name, now in keys.items():
        desk.window.settings.set_keys(name, now)
    desk.window.apply_keys()
    after = said()
    for text in ("J and W step", "F9 adds a person", "U goes back", "F4 shows", "Isolate the person isolates one"):
        assert text in after
    assert "Ctrl+Z" not in after and "{" not in after
