"""Work behind the window's back has a lower priority, and never a higher one than before."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from kdc_annotator.engine.niceness import ASKED, BEHIND, step_back, thread_steps_back

pytestmark = pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system has no such call")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    if process.poll() is None:
        process.communicate(b"\n")


def test_a_process_steps_back_and_stays_there(child: subprocess.Popen[bytes]) -> None:
    before = os.getpriority(os.PRIO_PROCESS, child.pid)
    step_back(BEHIND, child.pid)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == max(before, BEHIND)
    os.setpriority(os.PRIO_PROCESS, child.pid, 19)
    step_back(BEHIND, child.pid)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 19


def test_a_process_that_has_ended_is_no_trouble(child: subprocess.Popen[bytes]) -> None:
    child.communicate(b"\n")
    step_back(BEHIND, child.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own here")
def test_a_thread_steps_back_alone() -> None:
    found: list[int] = []

    def work() -> None:
        thread_steps_back(ASKED)
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [max(before, ASKED)]
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
