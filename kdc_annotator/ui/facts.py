"""Keeps what images are sorted and looked for by up to date: works out what is lacking, and stores what the checks just found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from kdc.errors import KdcError
from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_facts import FactKind, ImageFacts
from kdc_annotator.ui.gives_way import GivesWay
from kdc_annotator.ui.readers import Readers
from kdc_annotator.ui.text import mark, tr
from kdc_annotator.ui.work import Work

WORDS: dict[FactKind, str] = {"doubt": mark("Weighing doubts"), "findings": mark("Checking images")}
EVERY = 20.0
"""Seconds between two looks at the list while it is being worked out."""


class FactsKeeper(QObject):
    """Works in the background and gives way to the window; ``leave`` must be called before the project is closed."""

    progress = Signal(str, int, int)
    """As ``Session.progress``; an empty text ends it."""
    more = Signal()
    """More is known than before: the list may look different."""
    failed = Signal(object)

    def __init__(self, gives_way: GivesWay, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gives_way = gives_way
        self._project: Project | None = None
        self._pending: ImageFacts | None = None
        self._work: Work | None = None
        self._kinds: tuple[FactKind, ...] = ()
        self._stop = False
        self._told = 0.0
        self._pool = Readers(1, "kdc-facts")

    def look_at(self, project: Project | None) -> None:
        """Another project is open."""
        self._project = project

    @property
    def running(self) -> bool:
        """Whether something is being worked out."""
        return self._work is not None and self._work.isRunning()

    def ensure(self, kinds: Sequence[FactKind]) -> None:
        """Work out what is lacking; ``more`` tells when the list is worth another look."""
        project = self._project
        if project is None or project.read_only or (self.running and self._kinds == tuple(kinds)):
            return
        self.stop()
        self._stop, self._kinds, self._told = False, tuple(kinds), time.monotonic()

        def work(tell: Callable[[str, int, int], None]) -> int:
            from kdc_annotator.jobs.image_facts import PAUSE, work_out

            def stopped() -> bool:
                return self._stop

            def rest() -> None:
                self._gives_way.rest(PAUSE, stopped)

            done = 0
            for kind in kinds:
                said = partial(tell, tr(WORDS[kind]))
                done += work_out(project, kind, said, stopped, rest)
            return done

        self._work = Work(work, self)
        self._work.progress.connect(self._tell)
        self._work.done.connect(self._end)
        self._work.failed.connect(self._fail)
        self._work.start()

    def stop(self) -> None:
        """Stop working; what was worked out stays."""
        if self._work is not None:
            self._stop = True
            self._work.progress.disconnect(self._tell)
            self._work.done.disconnect(self._end)
            self._work.failed.disconnect(self._fail)
            self._work.wait()
            self._work = None
            self.progress.emit("", 0, 0)

    def found(self, image_id: int, findings: Sequence[Finding]) -> None:
        """The checks of the open image came to an end; stored when the image is left."""
        from kdc_annotator.jobs.image_facts import counted

        if self._project is not None and not self._project.read_only:
            token = self._project.change_token(image_id)
            self._pending = ImageFacts(image_id, token, findings=counted(findings))

    def image_left(self) -> None:
        """Store what is known of the image that was open, on another thread."""
        project, pending, self._pending = self._project, self._pending, None
        if project is not None and pending is not None:
            self._pool.start(partial(_store, project, pending))

    def leave(self) -> None:
        """The project will be closed."""
        self.stop()
        self.image_left()
        self._pool.drain()
        self._project = None

    def _tell(self, text: str, done: int, of: int) -> None:
        self.progress.emit(text, done, of)
        if time.monotonic() - self._told > EVERY:
            self._told = time.monotonic()
            self.more.emit()

    def _end(self, worked_out: int) -> None:
        self.progress.emit("", 0, 0)
        if worked_out:
            self.more.emit()

    def _fail(self, error: KdcError) -> None:
        self.progress.emit("", 0, 0)
        self.failed.emit(error)


def _store(project: Project, facts: ImageFacts) -> None:
    try:
        project.keep_facts([facts])
    except KdcError:  # They will be worked out again.
        return
