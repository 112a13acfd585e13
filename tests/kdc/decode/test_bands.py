"""Work in bands covers everything once, also from several threads and after a failure."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from kdc.decode.bands import run_bands


@pytest.mark.parametrize("count", [0, 1, 2, 7, 1000])
@pytest.mark.parametrize("least", [1, 4, 5000])
def test_each_item_once(count: int, least: int) -> None:
    done = np.zeros(count, int)

    def work(start: int, stop: int) -> None:
        done[start:stop] += 1

    run_bands(work, count, least)
    assert (done == 1).all()


def test_a_failure_reaches_the_caller() -> None:
    def work(start: int, stop: int) -> None:
        raise ValueError(start)

    with pytest.raises(ValueError):
        run_bands(work, 100)


def test_from_several_threads() -> None:
    totals = np.zeros(4, int)

    def caller(i: int) -> None:
        part = np.zeros(500, int)

        def work(start: int, stop: int) -> None:
            part[start:stop] += 1

        for _ in range(20):
            run_bands(work, 500)
        totals[i] = part.sum()

    threads = [threading.Thread(target=caller, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (totals == 10_000).all()
