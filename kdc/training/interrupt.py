"""Ctrl-C that lets the step end, so that the run can be saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """While entered, the first Ctrl-C sets ``stop``; a second one interrupts at once, as usual.

    True where a stop was asked for. Outside the main thread it leaves signals alone.
    """

    def __init__(self) -> None:
        self.stop = False
        self._at_once = False
        self._before: Any = None

    def __bool__(self) -> bool:
        return self.stop

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.stop = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._at_once:
            raise KeyboardInterrupt

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """For what may be left unfinished: meanwhile the first Ctrl-C ends it, and the block is left with ``stop`` set."""
        asked = self.stop
        try:
            self._at_once = True
            yield
        except KeyboardInterrupt:
            if asked:
                raise
            self.stop = True
        finally:
            self._at_once = False

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
