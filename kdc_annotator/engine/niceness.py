"""Work behind the window's back lets the window go first where the processor is short."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

ASKED = 5
"""POSIX niceness of what the labeler waits for besides the window itself: predictions, photos that are read."""
BEHIND = 10
"""Of what nobody waits for at the window: trainings, comparisons. About a tenth of the window's share when both want all."""


def step_back(niceness: int, process: int = 0) -> None:
    """Lowers the priority of ``process`` (0: this one, before it starts threads). Does nothing where the system has no such call or
    the process has ended; never raises a priority."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, process, max(niceness, os.getpriority(os.PRIO_PROCESS, process)))


def thread_steps_back(niceness: int) -> None:
    """The same for the thread that calls it, where threads have priorities of their own (Linux)."""
    if sys.platform == "linux":
        step_back(niceness, threading.get_native_id())
