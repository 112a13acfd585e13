"""Work split over a few threads: for kernels that let go of the interpreter lock.

Plain threads instead of numba's own parallel loops, because those need a threading layer that is safe to enter
from several threads at once, and not every machine has one.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

MAX_THREADS = 4


def thread_count() -> int:
    """How many threads ``run_bands`` uses: the processors this process may use, at most ``MAX_THREADS``."""
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity else (os.cpu_count() or 1)
    return max(1, min(MAX_THREADS, count))


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    # Keyed by process: the threads of a parent do not exist in a forked child.
    return ThreadPoolExecutor(max(1, thread_count() - 1), thread_name_prefix="kdc-decode")


def run_bands(work: Callable[[int, int], None], count: int, least: int = 1) -> None:
    """Calls ``work(start, stop)`` over consecutive bands of ``range(count)``, one band a thread.

    The calling thread takes the first band. ``least``: the smallest band worth a thread. Each band must write to its
    own part of the output, so the result does not depend on the number of threads.
    """
    bands = min(thread_count(), count // max(least, 1))
    if bands <= 1:
        if count:
            work(0, count)
        return
    edges = [count * i // bands for i in range(bands + 1)]
    pending = [_pool(os.getpid()).submit(work, edges[i], edges[i + 1]) for i in range(1, bands)]
    work(edges[0], edges[1])
    for future in pending:
        future.result()
