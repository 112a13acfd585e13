"""Work behind the window's back lets the window go first where the processor is short."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

ASKED = 5
"""POSIX niceness of what the labeler waits for besides the window itself: predictions, photos that are read."""
BEHIND = 10
"""Of what nobody waits for at the window: trainings, comparisons. About a tenth of the window's share when both want all."""

ASLEEP = {"OMP_WAIT_POLICY": "PASSIVE"}
"""Environment of a process whose threads wait for each other asleep, to be set before torch is imported. By default they wait awake, which is
quicker by itself; where other programs want the same cores, a thread that waits awake keeps the one it waits for from going on: at a load
of eleven on two cores a photo took 5 seconds in place of more than 24."""


def step_back(niceness: int, process: int = 0) -> None:
    """Lowers the priority of ``process`` (0: this one, before it starts threads). Does nothing where the system has no such call or
    the process has ended; never raises a priority."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, process, max(niceness, os.getpriority(os.PRIO_PROCESS, process)))
    if sys.platform == "linux" and process:
        _session_steps_back(niceness, process)


def _session_steps_back(niceness: int, process: int) -> None:
    """The same for a session that ``process`` leads: Linux shares a desktop's processor out among sessions first, and asks for priorities
    only within each."""
    group = Path(f"/proc/{process}/autogroup")
    with suppress(OSError, ValueError, IndexError):
        if os.getsid(process) == process and int(group.read_text("ascii").split()[-1]) < niceness:
            group.write_text(f"{niceness}\n", "ascii")


def wait_asleep() -> None:
    """Sets ``ASLEEP`` for this process, where its user set nothing else."""
    for name, value in ASLEEP.items():
        os.environ.setdefault(name, value)


def thread_steps_back(niceness: int) -> None:
    """The same for the thread that calls it, where threads have priorities of their own (Linux)."""
    if sys.platform == "linux":
        step_back(niceness, threading.get_native_id())
