"""Work that nobody waits for stands still while the labeler goes to another image: beside it that image would come later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

AFTER = 400
"""Milliseconds from the last going on until work goes on, too: image, panels and thumbnails are painted by then."""
LOOK = 0.05
"""Seconds between two looks at whether work that stands still is to be given up."""


class GivesWay(QObject):
    """``hold`` on the window's thread; ``rest`` on those that work."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._free = threading.Event()
        self._free.set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(AFTER)
        self._timer.timeout.connect(self._free.set)

    def hold(self) -> None:
        """Another image is about to be shown."""
        self._free.clear()
        self._timer.start()

    def rest(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """A pause of the work, as long as the window needs. ``stopped``: whether the work is to be given up, which ends the pause."""
        time.sleep(seconds)
        while not self._free.wait(LOOK) and not stopped():
            pass
