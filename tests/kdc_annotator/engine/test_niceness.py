"""Work behind the window's back has a lower priority, and never a higher one than before."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

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


def _autogroup(process: int) -> str:
    """As the kernel states it; empty where the process is in no session that the kernel made a group of, as in some containers."""
    try:
        return Path(f"/proc/{process}/autogroup").read_text("ascii")
    except OSError:
        return ""


def test_a_session_of_its_own_steps_back_as_a_whole() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True) as leader:
        before = _autogroup(leader.pid)
        # Whoever is no administrator may set one every tenth of a second, all users together.
        for _ in range(50 if before else 1):
            step_back(BEHIND, leader.pid)
            after = _autogroup(leader.pid)
            if after != before:
                break
            time.sleep(0.15)
        leader.communicate(b"\n")
    if not before:
        pytest.skip("this system shares by priorities alone")
    assert int(after.split()[-1]) == max(int(before.split()[-1]), BEHIND)


def test_the_session_of_others_stays_as_it_is(child: subprocess.Popen[bytes]) -> None:
    before = _autogroup(child.pid)
    if not before:
        pytest.skip("this system shares by priorities alone")
    step_back(BEHIND, child.pid)
    assert _autogroup(child.pid) == before


ASKS = """
from multiprocessing import get_context
import os, sys

def main():
    from kdc_annotator.engine.protocol import ModelChoice
    from kdc_annotator.engine.worker import work
    here, there = get_context("spawn").Pipe()
    there.close()
    work(here, ModelChoice(factory="nothing:here"), ".", 1)

try:
    main()
except (OSError, EOFError):
    pass
assert "torch" not in sys.modules
import torch
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the name of a library on Linux")
@pytest.mark.parametrize("set_by_user", ["", "ACTIVE"])
def test_the_threads_of_the_worker_wait_asleep_unless_its_user_wants_them_awake(set_by_user: str) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")} | {
        "OMP_DISPLAY_ENV": "VERBOSE"
    }
    if set_by_user:
        environment["OMP_WAIT_POLICY"] = set_by_user
    done = subprocess.run([sys.executable, "-c", ASKS], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    if "GOMP_SPINCOUNT" not in done.stderr:
        pytest.skip("this torch brings another library of threads")
    assert ("GOMP_SPINCOUNT = '0'" in done.stderr) != bool(set_by_user)
