"""Fixtures: a window over a small project, offscreen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parent))

import pytest
from PySide6.QtCore import QAbstractEventDispatcher, QEventLoop, Qt
from pytestqt.qtbot import QtBot
from window_desk import PATIENCE, Desk, make_photos, proposal, until

from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings


class PatientBot(QtBot):
    """Gives a machine that has much else to do the time that it needs, by a clock that nobody sets."""

    def wait(self, ms: int) -> None:
        """Waits, and then for what is due by then: a moment in which this process had no processor is no moment."""
        super().wait(ms)
        dispatcher = QAbstractEventDispatcher.instance()
        for _ in range(100):
            if not dispatcher.processEvents(QEventLoop.ProcessEventsFlag.AllEvents):
                break

    def waitUntil(self, condition: Callable[[], object], *, timeout: int = 1000 * PATIENCE) -> None:
        assert until(condition, timeout / 1000), f"it did not come within {timeout} ms"


@pytest.fixture
def qtbot(qapp, request: pytest.FixtureRequest) -> QtBot:
    return PatientBot(request)


@pytest.fixture
def open_desk(qtbot, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    windows: list[MainWindow] = []

    def make(path: Path, engine=None, settings: Path | None = None) -> Desk:
        window = MainWindow(Settings(settings or tmp_path / "settings.ini"), engine)
        windows.append(window)
        window.resize(1100, 760)
        window.show()
        qtbot.waitExposed(window)
        window.open(path)
        qtbot.waitUntil(lambda: window.canvas.photo is not None or window.session.photo_error is not None)
        qtbot.waitUntil(lambda: not window.session._after.isActive())  # the engine has the image
        window.activateWindow()
        window.canvas.setFocus()
        return Desk(window, path, qtbot.wait)

    yield make
    for window in windows:
        window.close()
        window.deleteLater()
    qtbot.wait(1)


@pytest.fixture
def desk(open_desk, tmp_path: Path) -> Desk:
    """Three photos, nobody in them."""
    return open_desk(make_photos(tmp_path / "photos"))


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Two people who overlap, accepted, the first one (left) selected by nobody."""
    desk.propose(proposal(110, 220, 180), proposal(160, 225, 190))
    desk.key(Qt.Key.Key_Q)
    assert len(desk.document.people) == 2
    return desk
