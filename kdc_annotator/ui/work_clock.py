"""How long the labeler worked on an image, and how fast the work goes."""

from __future__ import annotations

import time

IDLE_SECONDS = 60.0
"""Whoever does nothing for longer is away: only so much of a pause counts."""


class WorkClock:
    """Counts from one image to the next."""

    def __init__(self) -> None:
        self._since = self._last_touch = time.monotonic()
        self._confirmed: list[float] = []

    def touched(self) -> None:
        """The labeler did something."""
        at = time.monotonic()
        if at - self._last_touch > IDLE_SECONDS:
            self._since += at - self._last_touch - IDLE_SECONDS
        self._last_touch = at

    def restart(self) -> None:
        """Another image is open."""
        self._since = self._last_touch = time.monotonic()

    def take(self) -> float:
        """The seconds of work since the last call or the last restart."""
        seconds = min(time.monotonic(), self._last_touch + IDLE_SECONDS) - self._since
        self._since = time.monotonic()
        return seconds

    def confirmed(self) -> None:
        """An image is done."""
        self._confirmed = [*self._confirmed[-29:], time.monotonic()]

    def rate(self) -> float:
        """Images confirmed per hour over the last thirty of them since the window opened."""
        times = self._confirmed
        if len(times) < 2:
            return 0.0
        return (len(times) - 1) / max(times[-1] - times[0], 1.0) * 3600
