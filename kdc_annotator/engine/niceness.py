"""Work behind the window's back lets the window go first where the processor is short."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

BEHIND = 10
"""POSIX niceness of work that nobody's hand waits for at every moment: about a tenth of the window's share when both want all."""


def step_back(process: int = 0) -> None:
    """Lowers the priority of ``process`` (0: this one, before it starts threads). Does nothing where the system has no such call or
    the process has ended; never raises a priority."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, process, max(BEHIND, os.getpriority(os.PRIO_PROCESS, process)))


def thread_steps_back() -> None:
    """The same for the thread that calls it, halfway, where threads have priorities of their own (Linux)."""
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, max(BEHIND // 2, os.getpriority(os.PRIO_PROCESS, thread)))
