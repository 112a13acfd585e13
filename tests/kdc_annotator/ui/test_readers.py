"""Work in order of urgency; what has not begun can be forgotten; an error ends neither thread nor window."""

from __future__ import annotations

import threading

import pytest

from kdc_annotator.ui.readers import Readers


def test_the_most_urgent_goes_first_and_what_waits_can_be_forgotten() -> None:
    readers, gate, done = Readers(1, "test"), threading.Event(), []
    readers.start(lambda: gate.wait(20))
    for n in range(3):
        readers.start(lambda n=n: done.append(n))
    readers.start(lambda: done.append("urgent"), 5)
    gate.set()
    readers.drain()
    assert done == ["urgent", 0, 1, 2]
    gate.clear()
    readers.start(lambda: gate.wait(20), 9)
    readers.start(lambda: done.append("late"))
    readers.clear()
    gate.set()
    readers.close()
    readers.start(lambda: done.append("closed"))
    assert done == ["urgent", 0, 1, 2] and not [t for t in threading.enumerate() if t.name == "test"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_does_not_end_the_others_work() -> None:
    readers, done = Readers(1, "test"), []
    readers.start(lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    readers.start(lambda: done.append(1))
    readers.drain()
    readers.close()
    assert done == [1]
