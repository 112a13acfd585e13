"""Work on a whole project during which no image may be open. No Qt here; runs on a worker thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.io.project import Project
from kdc_annotator.ui.opening import Progress
from kdc_annotator.ui.text import counted, mark, number, tr

ClosedWork = Callable[[Project, Progress], list[str]]
"""Does it, and returns what a person shall be told."""


class Import:
    """Import a COCO file, all or nothing; ``stop`` may be called on another thread. ``stored``: it is in the project."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stored = False
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Have nothing of it in the project, unless it is there already."""
        self._stopped.set()

    def not_imported(self) -> KdcError:
        """What to say of an import that was stopped."""
        text = tr("{name} was not imported: nothing of it is in the project.", name=self.path.name)
        return KdcError(tr("Import stopped"), text)

    def __call__(self, project: Project, tell: Progress) -> list[str]:
        from kdc_annotator.ui.coco_bridge import import_into

        def told(text: str, done: int, of: int) -> None:
            if self._stopped.is_set():
                raise self.not_imported()
            tell(text, done, of)

        notes = import_into(project, self.path, project.images_root, told)
        self.stored = True
        return notes


def looking(folder: Path, stopped: Callable[[], bool]) -> ClosedWork:
    """Look in a folder for photos that are not where they should be; see ``jobs.photo_places``."""

    def work(project: Project, tell: Progress) -> list[str]:
        from kdc_annotator.jobs.photo_places import look_in

        def said(done: int, of: int) -> None:
            tell(tr("Looking through files: {n}", n=number(done)), 0, 0)

        places = look_in(project, folder, said, stopped)
        if not places.found and not places.missing:
            return [tr("Every photo is where it should be.")]
        return [
            counted(
                places.found,
                mark("1 photo found again, {missing} still missing."),
                mark("{count} photos found again, {missing} still missing."),
                missing=number(places.missing),
            )
        ]

    return work
