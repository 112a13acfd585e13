"""Work behind the window's back has a lower priority, and never a higher one than before."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from kdc_annotator.engine.niceness import BEHIND, step_back

pytestmark = pytest.mark.skipif(not hasattr(os, "setpriority"), reason="this system has no such call")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    if process.poll() is None:
        process.communicate(b"\n")


def test_a_process_steps_back_and_stays_there(child: subprocess.Popen[bytes]) -> None:
    before = os.getpriority(os.PRIO_PROCESS, child.pid)
    step_back(child.pid)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == max(before, BEHIND)
    os.setpriority(os.PRIO_PROCESS, child.pid, 19)
    step_back(child.pid)
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 19


def test_a_process_that_has_ended_is_no_trouble(child: subprocess.Popen[bytes]) -> None:
    child.communicate(b"\n")
    step_back(child.pid)
