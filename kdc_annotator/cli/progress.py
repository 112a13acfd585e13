"""How far a command is: a bar on a terminal, plain lines in a log."""

from __future__ import annotations

import os
import shutil
import sys
import time
from types import TracebackType
from typing import TextIO

_REDRAW_SECONDS = 0.1
_LINE_EVERY = 10


class Progress:
    """Counts finished things and says so on ``stream`` (stderr).

    On a terminal one line is redrawn: bar, count, rate and time left. Elsewhere a line ``30/90 images`` is written every
    tenth thing and at the end. Used as a context manager, so that the bar's line is always ended.
    """

    def __init__(self, total: int, unit: str = "images", stream: TextIO | None = None) -> None:
        self.total = total
        self.unit = unit if total != 1 else unit.removesuffix("s")
        self.done = 0
        self._stream = sys.stderr if stream is None else stream
        self._bar = bool(self._stream and self._stream.isatty()) and os.environ.get("TERM") != "dumb"
        self._start = self._drawn = time.monotonic()
        self._said = 0

    def __enter__(self) -> Progress:
        if self._bar:
            self._draw()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._draw()
            self._put("\n")
        elif self._said != self.done:
            self._line()

    def advance(self, count: int = 1) -> None:
        """``count`` more things are finished."""
        before = self.done
        self.done += count
        if self._bar:
            if time.monotonic() - self._drawn >= _REDRAW_SECONDS:
                self._draw()
        elif self.done // _LINE_EVERY > before // _LINE_EVERY:
            self._line()

    def note(self, sentence: str) -> None:
        """Writes a line of its own; the bar moves down."""
        self._put(f"\r\x1b[K{sentence}\n" if self._bar else f"{sentence}\n")
        if self._bar:
            self._draw()

    def _line(self) -> None:
        self._said = self.done
        self._put(f"{self.done}/{self.total} {self.unit}\n")

    def _draw(self) -> None:
        self._drawn = time.monotonic()
        text = self.describe(self._drawn - self._start)
        width = shutil.get_terminal_size().columns
        room = max(0, min(30, width - len(text) - 4))
        filled = round(room * self.done / max(self.total, 1))
        bar = f"{'━' * filled}{'╌' * (room - filled)} " if room >= 8 and self._can_draw() else ""
        self._put(f"\r\x1b[K{bar}{text[: width - 1]}")

    def describe(self, seconds: float) -> str:
        """``30/90 images  4.2/s  0:14 left`` after ``seconds`` of work."""
        text = f"{self.done}/{self.total} {self.unit}"
        if not self.done or seconds <= 0:
            return text
        rate = self.done / seconds
        left = (self.total - self.done) / rate
        speed = f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
        return (
            f"{text}  {speed}  {clock(left)} left"
            if self.done < self.total
            else f"{text}  {speed}  in {clock(seconds)}"
        )

    def _can_draw(self) -> bool:
        encoding = getattr(self._stream, "encoding", None) or "ascii"
        return encoding.lower().replace("-", "").startswith("utf")

    def _put(self, text: str) -> None:
        if self._stream is not None:
            self._stream.write(text)
            self._stream.flush()


def clock(seconds: float) -> str:
    """Seconds as ``m:ss`` or ``h:mm:ss``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
