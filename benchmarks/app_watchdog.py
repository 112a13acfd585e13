"""Measures how long the window's thread is blocked: a thread of its own asks it for a sign of life, again and again."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

SHORT = 0.005
"""Seconds of which it is not asked how many were work."""


@dataclass(frozen=True)
class Block:
    """The window's thread gave no sign for ``seconds``, of which it worked ``busy``. ``where``: what it was doing halfway."""

    seconds: float
    busy: float
    where: str


class _Question:
    """Asked of the window's thread, which says itself when it answers: whoever asked may wait for a core meanwhile, and it works on."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._event = threading.Event()
        self._start, self._busy = time.perf_counter(), clock()
        self.seconds = self.worked = 0.0

    def answer(self) -> None:
        self.seconds = time.perf_counter() - self._start
        self.worked = self.seconds if self.seconds < SHORT else self._clock() - self._busy  # The clock itself costs.
        self._event.set()

    def answered(self, within: float) -> bool:
        return self._event.wait(within)


class Watchdog(QObject):
    """Made on the window's thread, which must run its event loop. ``threshold``: shorter blocks are not kept."""

    _asked = Signal(object)

    def __init__(self, threshold: float = 0.05, pause: float = 0.002) -> None:
        super().__init__()
        self.threshold, self.pause = threshold, pause
        self.blocks: list[Block] = []
        self.longest = 0.0
        self.busiest = 0.0
        self.signs = 0
        self._main = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._main) if hasattr(time, "pthread_getcpuclockid") else None
        self._stop = threading.Event()
        self._asked.connect(lambda question: question.answer(), Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> Watchdog:
        """Begin."""
        self._thread.start()
        return self

    def stop(self) -> Watchdog:
        """End."""
        self._stop.set()
        self._thread.join(5)
        return self

    def clear(self) -> None:
        """Forget what was measured."""
        self.blocks, self.longest, self.busiest = [], 0.0, 0.0

    def _busy(self) -> float:
        return time.clock_gettime(self._clock) if self._clock is not None else time.perf_counter()

    def _watch(self) -> None:
        while not self._stop.wait(self.pause):
            question = _Question(self._busy)
            self._asked.emit(question)
            where = ""
            while not question.answered(self.threshold):
                if self._stop.is_set():
                    return
                where = where or _place(self._main)
            seconds, worked = question.seconds, question.worked
            self.signs += 1
            self.longest, self.busiest = max(self.longest, seconds), max(self.busiest, worked)
            if seconds >= self.threshold:
                self.blocks.append(Block(seconds, worked, where))


def _place(thread: int) -> str:
    """The innermost lines of our own that a thread is at."""
    frame, found = sys._current_frames().get(thread), []
    while frame is not None and len(found) < 4:
        if not any(part in frame.f_code.co_filename for part in ("site-packages", "/lib/python", "<frozen")):
            found.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        frame = frame.f_back
    return " < ".join(found)
