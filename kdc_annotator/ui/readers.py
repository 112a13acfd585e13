"""A few threads for small work, in order of urgency. Python's own: Qt's pool deletes tasks that Python still holds, and that crashes."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from kdc_annotator.engine.niceness import ASKED, thread_steps_back

Work = Callable[[], None]
IDLE_SECONDS = 10.0
"""A thread without work ends after that."""


class Readers:
    """``count`` threads at most, there while there is something to do. ``name``: of the threads."""

    def __init__(self, count: int, name: str) -> None:
        self._count, self._name = count, name
        self._lock = threading.Condition()
        self._waiting: list[tuple[int, int, Work]] = []
        self._serial = 0
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._busy = 0

    def start(self, work: Work, urgency: int = 0) -> None:
        """Do it: the most urgent first, of equal ones the one that was asked first."""
        with self._lock:
            if self._closed:
                return
            self._serial += 1
            self._waiting.append((-urgency, self._serial, work))
            if len(self._threads) < self._count:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._threads.append(thread)
                thread.start()
            self._lock.notify_all()

    def clear(self) -> None:
        """Forget what has not begun."""
        with self._lock:
            self._waiting.clear()

    def drain(self, seconds: float = 30.0) -> None:
        """Wait until everything is done."""
        with self._lock:
            self._lock.wait_for(lambda: not self._waiting and not self._busy, seconds)

    def close(self, seconds: float = 3.0) -> None:
        """Forget what has not begun, and wait for the rest."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
            self._lock.notify_all()
            threads = tuple(self._threads)
        for thread in threads:
            thread.join(seconds)

    def _run(self) -> None:
        thread_steps_back(ASKED)
        while True:
            with self._lock:
                if not self._lock.wait_for(lambda: self._waiting or self._closed, IDLE_SECONDS) or self._closed:
                    self._threads.remove(threading.current_thread())
                    return
                first = min(self._waiting, key=lambda w: w[:2])
                self._waiting.remove(first)
                self._busy += 1
            try:
                first[2]()
            except Exception:
                threading.excepthook(threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread())))
            finally:
                with self._lock:
                    self._busy -= 1
                    self._lock.notify_all()
