"""The heap of processes that run a network over many photos."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kdc.heap import Trimmer, share_heap

ROUNDS, PAGES = 20, 5000
COUNT = f"""
import ctypes, resource, sys, threading
ctypes.CDLL(None).prctl(41, 1, 0, 0, 0)  # No huge pages here: they hide how much memory is made anew.
from kdc.heap import Trimmer, share_heap
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


HOLES = """
import sys
from kdc.heap import Trimmer, resident_bytes, share_heap
print(share_heap())
trim = Trimmer(100 << 20)
trim()
kept = [(b"x" * 50_000, b"x" * 50_000) for _ in range(4000)]
full = resident_bytes()
kept = [b for _, b in kept]
torn = resident_bytes()
print(trim(), full > 380 << 20, torn > full - (50 << 20), resident_bytes() < full - (150 << 20), trim())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_what_is_free_between_what_is_used_is_given_back_once_the_process_has_grown() -> None:
    done = subprocess.run([sys.executable, "-c", HOLES], capture_output=True, text=True, check=True, timeout=60)
    shared, said = done.stdout.split("\n", 1)
    if shared != "True":
        pytest.skip("another C library than glibc")
    assert said.split() == ["True", "True", "True", "True", "False"]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_memory_is_given_back_by_how_much_there_is_more_than_at_the_least() -> None:
    sizes = iter([100, 140, 60, 100, 110, 70, 119, 120, 65])
    trim = Trimmer(50, lambda: next(sizes))
    assert [trim() for _ in range(7)] == [False, False, False, False, True, False, True]
