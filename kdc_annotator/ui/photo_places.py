"""After a project was opened: are its photos there? And their fingerprints are taken, so that they can be found when they move."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from kdc_annotator.io.project import Project
from kdc_annotator.ui.gives_way import GivesWay
from kdc_annotator.ui.work import Work

LATER = 1500
"""Milliseconds: the first image comes first."""


class PhotoPlaces(QObject):
    """Works quietly in the background and gives way to the window; ``leave`` must be called before the project is closed."""

    missing = Signal(int)
    """So many photos are not where they should be; only told where there are some."""

    def __init__(self, gives_way: GivesWay, waits: Callable[[], bool], parent: QObject | None = None) -> None:
        """``waits``: whether photos are still being added; it begins when all are there."""
        super().__init__(parent)
        self._gives_way = gives_way
        self._waits = waits
        self._project: Project | None = None
        self._work: Work | None = None
        self._stop = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LATER)
        self._timer.timeout.connect(self._start)

    @property
    def running(self) -> bool:
        """Whether it is at work or about to begin."""
        return self._timer.isActive() or (self._work is not None and self._work.isRunning())

    def look_at(self, project: Project | None) -> None:
        """Another project is open."""
        if project is not self._project:
            self.leave()
            self._project = project
            if project is not None:
                self._timer.start()

    def leave(self) -> None:
        """The project will be closed, or its photos be looked for: end the work; what was done stays."""
        self._timer.stop()
        self._project = None
        if self._work is not None:
            self._stop = True
            self._work.done.disconnect(self._end)
            self._work.wait()
            self._work = None

    def _start(self) -> None:
        project = self._project
        if project is None:
            return
        if self._waits():
            self._timer.start()
            return
        self._stop = False

        def work(tell: Callable[[str, int, int], None]) -> int:
            from kdc_annotator.jobs.photo_places import PAUSE, count_missing, take_fingerprints

            def stopped() -> bool:
                return self._stop

            def rest() -> None:
                self._gives_way.rest(PAUSE, stopped)

            count = count_missing(project, stopped, rest)
            if not project.read_only and not self._stop:
                take_fingerprints(project, stopped=stopped, rest=rest)
            return count

        self._work = Work(work, self)
        self._work.done.connect(self._end)
        self._work.start()

    def _end(self, count: int) -> None:
        if count:
            self.missing.emit(count)
