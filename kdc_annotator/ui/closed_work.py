"""Work on a whole project during which no image may be open. No Qt here; runs on a worker thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kdc_annotator.io.project import Project
from kdc_annotator.ui.opening import Progress
from kdc_annotator.ui.text import counted, mark, tr

ClosedWork = Callable[[Project, Progress], list[str]]
"""Does it, and returns what a person shall be told."""


def importing(path: Path) -> ClosedWork:
    """Import a COCO file."""

    def work(project: Project, tell: Progress) -> list[str]:
        from kdc_annotator.ui.coco_bridge import import_into

        return import_into(project, path, project.images_root, tell)

    return work


def looking(folder: Path, stopped: Callable[[], bool]) -> ClosedWork:
    """Look in a folder for photos that are not where they should be; see ``jobs.photo_places``."""

    def work(project: Project, tell: Progress) -> list[str]:
        from kdc_annotator.jobs.photo_places import look_in

        def said(done: int, of: int) -> None:
            tell(tr("Looking through files: {n}", n=f"{done:,}"), 0, 0)

        places = look_in(project, folder, said, stopped)
        if not places.found and not places.missing:
            return [tr("Every photo is where it should be.")]
        return [
            counted(
                places.found,
                mark("1 photo found again, {missing} still missing."),
                mark("{count} photos found again, {missing} still missing."),
                missing=f"{places.missing:,}",
            )
        ]

    return work
