"""The tour of somebody who has just started the program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings
from kdc_annotator.ui.tour import Card


def test_the_tour_opens_the_crowd_and_keeps_the_keyboard(qtbot, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    window = MainWindow(Settings(tmp_path / "settings.ini"))
    window.resize(1100, 760)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    try:
        window.controller.run("tour")
        qtbot.waitUntil(lambda: bool(window.findChildren(Card)), timeout=20000)
        assert window.session.photo is not None and window.session.photo.path == "crowd.jpg"
        (card,) = window.findChildren(Card)
        canvas = QRect(window.canvas.mapTo(window, QPoint()), window.canvas.size())
        assert canvas.contains(card.geometry()) and not card.geometry().contains(canvas.center())
        at = QPointF(canvas.width() / 2, canvas.height() / 2)
        QApplication.sendEvent(window.canvas, QEnterEvent(at, at, at))
        assert card.next.hasFocus(), "the pointer comes to lie on the photo when the start page goes"
        for n in range(4):
            QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return if n % 2 else Qt.Key.Key_Space)
            qtbot.waitUntil(lambda n=n: any(c._number == n + 1 for c in window.findChildren(Card)), timeout=2000)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: not window.findChildren(Card), timeout=2000)
        assert window.canvas.hasFocus()
    finally:
        window.close()
        window.deleteLater()
