"""Who works on what when workers may die: plain bookkeeping, without Ray.

Photos go out in shares. What a dead worker had goes to others; a share that was with several dead workers is divided, and a
photo that kills every worker is told as one that could not be used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from kdc_annotator.jobs.photo_pipeline import PhotoResult, PhotoTask

TRIES = 3
"""Workers that may die over one share."""


@dataclass(frozen=True)
class Share:
    """Photos that go to a worker together. ``deaths``: workers that died with it."""

    tasks: tuple[PhotoTask, ...]
    deaths: int = 0


class Shares:
    """Every photo is in exactly one place: not yet handed out, with one worker, or answered."""

    def __init__(self, tasks: Iterable[PhotoTask], size: int) -> None:
        self._fresh = iter(tasks)
        self._size = size
        self._again: deque[Share] = deque()
        self._out: dict[Hashable, Share] = {}

    @property
    def out(self) -> bool:
        """Whether a worker has anything."""
        return bool(self._out)

    def next(self) -> Share | None:
        """The next share to hand out; None where nothing is left."""
        if self._again:
            return self._again.popleft()
        tasks = tuple(islice(self._fresh, self._size))
        return Share(tasks) if tasks else None

    def give(self, ticket: Hashable, share: Share) -> None:
        """Notes that ``share`` is out under ``ticket``."""
        self._out[ticket] = share

    def answered(self, ticket: Hashable, results: Sequence[PhotoResult]) -> Iterator[PhotoResult]:
        """The results of a share, each photo once; what the answer lacks goes out again."""
        share = self._out.pop(ticket)
        wanted = {task.key: task for task in share.tasks}
        for result in results:
            if wanted.pop(result.task.key, None) is not None:
                yield result
        if wanted:
            yield from self._return(Share(tuple(wanted.values()), share.deaths))

    def lost(self, ticket: Hashable) -> Iterator[PhotoResult]:
        """The worker with ``ticket`` died: its photos go out again, or are given up."""
        yield from self._return(self._out.pop(ticket))

    def _return(self, share: Share) -> Iterator[PhotoResult]:
        deaths = share.deaths + 1
        if deaths < TRIES:
            self._again.append(Share(share.tasks, deaths))
        elif len(share.tasks) > 1:
            # One of them may be what kills: alone it takes nobody along.
            self._again.extend(Share((task,), TRIES - 1) for task in share.tasks)
        else:
            task = share.tasks[0]
            yield PhotoResult(task, error=f"{task.path}: Every worker that looked at it died ({deaths} of them).")
