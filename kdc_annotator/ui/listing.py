"""Which images fit a filter, and in which order: asked on a thread where there are many of them."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from kdc.errors import KdcError
from kdc_annotator.io.project import Project
from kdc_annotator.ui.readers import Readers

AT_ONCE = 5000
"""A project of no more images than this is asked on the window's thread: a thread would only come later."""


class Listing(QObject):
    """Only the last question is answered. ``stop`` must be called before the project is closed."""

    found = Signal(object)
    """The ids, an array of int64; see ``Project.image_ids``."""
    failed = Signal(object)
    """The list can't be read: a KdcError."""
    _answered = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._readers = Readers(1, "kdc-list")
        self._asked = self._told = 0
        self._answered.connect(self._tell)

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._told < self._asked

    def ask(self, project: Project, conditions: Mapping[str, object]) -> None:
        """``found`` or ``failed`` tells: before this returns where the project is small, else later."""
        self.forget()
        self._asked += 1
        look = partial(self._look, self._asked, project, dict(conditions))
        if project.count() <= AT_ONCE:
            look()
        else:
            self._readers.start(look)

    def forget(self) -> None:
        """What was asked need not be answered any more."""
        self._readers.clear()
        self._told = self._asked

    def stop(self) -> None:
        """As ``forget``; when this returns nobody reads the project here."""
        self.forget()
        self._readers.drain()

    def close(self) -> None:
        """The window closes."""
        self.forget()
        self._readers.close()

    def _look(self, number: int, project: Project, conditions: dict[str, object]) -> None:
        answer: array[int] | KdcError
        try:
            answer = project.image_ids(**conditions)  # type: ignore[arg-type]
        except KdcError as error:
            answer = error
        self._answered.emit(number, answer)

    def _tell(self, number: int, answer: array[int] | KdcError) -> None:
        if number != self._asked or not self.waiting:
            return
        self._told = number
        if isinstance(answer, KdcError):
            self.failed.emit(answer)
        else:
            self.found.emit(answer)
