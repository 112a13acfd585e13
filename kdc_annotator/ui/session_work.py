"""Work on the whole project, during which no image may be open: the part of the session that begins and ends it."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from kdc.errors import KdcError
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.io.project import Project
from kdc_annotator.ui.closed_work import ClosedWork, Import, looking
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.work import Work

if TYPE_CHECKING:
    from kdc_annotator.ui.listing import Listing
    from kdc_annotator.ui.newcomers import Newcomers
    from kdc_annotator.ui.photo_loader import PhotoLoader
    from kdc_annotator.ui.scene import Scene

STOP_MS = 10_000
"""How long closing waits until an import has taken back what it did."""


class SessionWork(QObject):
    """``Session`` says which project and image are open."""

    leaving = Signal()
    """The document will be closed: let go of it."""
    list_changed = Signal()
    photos_changed = Signal()
    """Files may lie elsewhere, or hold other pictures, than before."""
    progress = Signal(str, int, int)
    stoppable_progress = Signal(str, int, int)
    """As ``progress``, of work that ``stop_work`` stops."""
    failed = Signal(object)
    note = Signal(str)

    scene: Scene
    loader: PhotoLoader
    listing: Listing
    newcomers: Newcomers

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.document: ImageDocument | None = None
        self.ids: array[int] = array("q")
        self.index = -1
        self._gap = 0
        """Where in ``ids`` the open image would stand while it is not among them."""
        self._filter: dict[str, object] = {}
        self._work: Work | None = None
        self._busy = self._stop = False
        self.importing: Import | None = None

    @property
    def at_work(self) -> bool:
        """Whether something is done to the project for which no image may be open."""
        return self._busy

    def go(self, index: int) -> None:
        """Open the image at that place of the list."""
        raise NotImplementedError

    def _count_time(self) -> None:
        raise NotImplementedError

    def import_coco(self, path: Path) -> None:
        """Import a COCO file into the open project, on a thread; people whom a human worked on stay as they are."""
        importing = Import(path)
        if self._with_all_images_closed(importing, self.progress):
            self.importing = importing

    def look_for_photos(self, folder: Path) -> None:
        """Look in a folder for the photos that are not where they should be, on a thread; ``stop_work`` stops it."""
        self._with_all_images_closed(looking(folder, lambda: self._stop), self.stoppable_progress)

    def stop_work(self) -> None:
        """Stop looking for photos; what was found stays found."""
        self._stop = True

    def _with_all_images_closed(self, function: ClosedWork, progress: SignalInstance) -> bool:
        """Do it on a thread while no image is open, then tell its notes and go back to where the labeler was. False where it can't be
        begun now."""
        project = self.project
        if project is None or self._busy or (self._work and self._work.isRunning()):
            self._refuse()
            return False
        self._count_time()
        at = self.index
        self.leaving.emit()
        self.scene.show(None)
        self.document = None
        self.newcomers.pause()
        self._busy, self._stop = True, False

        conditions = dict(self._filter)

        def work(tell: Callable[[str, int, int], None]) -> tuple[list[str], array[int]]:
            notes = function(project, tell)
            return notes, project.image_ids(**conditions)  # type: ignore[arg-type]

        def end(result: tuple[list[str], array[int] | None]) -> None:
            notes, ids = result
            self._busy = False
            progress.emit("", 0, 0)
            self.importing = None
            if self.project is not project:
                return
            self.loader.clear()
            self.listing.forget()
            self.ids = project.image_ids(**conditions) if ids is None else ids  # type: ignore[arg-type]
            self.photos_changed.emit()
            self.list_changed.emit()
            self.go(max(at, 0))
            for note in notes:
                self.note.emit(note)

        def fail(error: KdcError) -> None:
            end(([], None))
            if self.project is project:  # Else it was closed meanwhile, and that is all that failed.
                self.failed.emit(error)

        self._work = Work(work, self)
        self._work.progress.connect(progress)
        self._work.done.connect(end)
        self._work.failed.connect(fail)
        self._work.start()
        return True

    def _stop_import(self) -> None:
        """The project is about to be closed."""
        importing, self.importing = self.importing, None
        if importing is not None and self._work is not None:
            importing.stop()
            self._work.wait(STOP_MS)
            QTimer.singleShot(0, self, lambda: self._tell_of_import(importing))

    def _tell_of_import(self, importing: Import) -> None:
        if importing.stored:
            self.note.emit(tr("{name} was imported before the project was closed.", name=importing.path.name))
        else:
            self.failed.emit(importing.not_imported())

    def _refuse(self) -> None:
        text = tr("Something else is still being read; try again when it is done.")
        self.failed.emit(KdcError(tr("Still at work"), text))
