"""Adds the photos that a folder holds and its project does not, after the first image is on the screen."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from kdc.errors import KdcError
from kdc_annotator.io.project import Project
from kdc_annotator.ui import new_images
from kdc_annotator.ui.readers import Readers
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.session import Session

SOON = 250
"""Milliseconds after the first image is ready: it and the thumbnails are painted by then."""
EVERY = 1.0
"""Seconds between two looks at the list while it grows."""
MOVED_AT_ONCE = 50


class Newcomers(QObject):
    """Works on a Python thread. ``stop`` must be called before the project is closed or others add images to it."""

    more = Signal()
    """The project has more images than before."""
    moved = Signal(object)
    """Files lie elsewhere, which is not stored yet: image id -> relative path."""
    failed = Signal(object)
    progress = Signal(str, int, int)
    """As ``Session.progress``."""
    _said = Signal(int, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = Readers(1, "kdc-new-images")
        self._using = threading.Lock()
        self._number = 0
        self._wanted: tuple[Project, Path, list[str] | None] | None = None
        self._working = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON)
        self._timer.timeout.connect(self._start)
        self._said.connect(self._hear)

    @property
    def waiting(self) -> bool:
        """Whether a folder is still to be looked at, or being looked at."""
        return self._wanted is not None

    def expect(self, project: Project, folder: Path, names: list[str] | None = None) -> None:
        """Look at that folder once ``begin`` is called. ``names``: the photos that lack, where that is known."""
        self.stop()
        self._wanted = (project, folder, names)

    def begin(self) -> None:
        """The first image is ready, or there is none."""
        if self._wanted is not None and not self._working and not self._timer.isActive():
            self._timer.start()

    def pause(self) -> None:
        """When this returns nobody works on the project here; ``begin`` looks at the folder anew."""
        self._timer.stop()
        self._number += 1
        self._readers.clear()
        with self._using:  # Listing the folder may go on: nothing is done with what it finds.
            pass
        if self._working:
            self._working = False
            self.progress.emit("", 0, 0)
        if self._wanted is not None:
            self._wanted = (*self._wanted[:2], None)

    def stop(self) -> None:
        """As ``pause``, and the folder is forgotten."""
        self.pause()
        self._wanted = None

    def close(self) -> None:
        """The window closes."""
        self.stop()
        self._readers.close()

    def _start(self) -> None:
        if self._wanted is not None and not self._working:  # Else the same images would be added twice.
            self._working = True
            number, wanted = self._number, self._wanted
            self._readers.start(lambda: self._work(number, *wanted))

    def _work(self, number: int, project: Project, folder: Path, names: list[str] | None) -> None:
        from kdc.images import photo_names

        try:
            found = photo_names(folder) if names is None else []
            with self._using:
                if number == self._number:
                    self._add(number, project, folder, names, found)
        except KdcError as error:
            self._said.emit(number, "failed", error)

    def _add(self, number: int, project: Project, folder: Path, new: list[str] | None, found: list[str]) -> None:
        def stopped() -> bool:
            return number != self._number

        last = time.monotonic()

        def told(done: int) -> None:
            nonlocal last
            if time.monotonic() - last > EVERY:
                last = time.monotonic()
                self._said.emit(number, "more", (done, count))

        if new is None:
            seen = new_images.look_at(project, folder, found, stopped)
            new, moved = seen.new, list(seen.moved.items())
            for start in range(0, len(moved), MOVED_AT_ONCE):
                self._said.emit(number, "moved", dict(moved[start : start + MOVED_AT_ONCE]))
                time.sleep(0.01)
        count = len(new)
        new_images.add_images(project, new, stopped, told)
        self._said.emit(number, "end", count)

    def _hear(self, number: int, what: str, value: object) -> None:
        if number != self._number or self._wanted is None:
            return
        if what == "moved":
            self.moved.emit(value)
            return
        if what == "more":
            assert isinstance(value, tuple)
            self.progress.emit(tr("Adding images"), *value)
            self.more.emit()
            return
        self._working, self._wanted = False, None
        self.progress.emit("", 0, 0)
        if what == "failed":
            self.failed.emit(value)
        elif value:
            self.more.emit()


def newcomers_of(session: Session) -> Newcomers:
    """A session's: begins when an image is shown, and what it finds is shown by the session."""
    newcomers = Newcomers(session)

    def moved(places: dict[int, str]) -> None:
        try:
            if session.project is not None:
                new_images.store_moved(session.project, places)
        except KdcError as error:
            session.failed.emit(error)
        else:
            session.show_moved(places)

    newcomers.more.connect(session.list_again)
    newcomers.moved.connect(moved)
    newcomers.failed.connect(session.failed)
    newcomers.progress.connect(session.progress)
    session.photo_ready.connect(newcomers.begin)
    session.photo_failed.connect(newcomers.begin)
    return newcomers
