"""The heap of processes that run a network over many photos."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kdc.heap import share_heap

ROUNDS, PAGES = 20, 5000
COUNT = f"""
import resource, sys, threading
from kdc.heap import share_heap
shared = sys.argv[1] == "shared" and share_heap()
def work():
    for _ in range({ROUNDS}):
        b"x" * ({PAGES} * 4096)
work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(3):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
print(shared, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def run(how: str) -> tuple[str, int]:
    """Whether the heap is shared, and pages that the system had to make anew."""
    done = subprocess.run([sys.executable, "-c", COUNT, how], capture_output=True, text=True, check=True, timeout=60)
    shared, faults = done.stdout.split()
    return shared, int(faults)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_threads_find_the_memory_that_others_freed() -> None:
    own, shared = run("own"), run("shared")
    if shared[0] != "True":
        pytest.skip("another C library than glibc")
    assert shared[1] < PAGES < own[1]


def test_nothing_is_asked_of_other_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not share_heap()
