"""What a labeler can do about a trouble: the button beside the sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kdc.errors import KdcError
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

IN_USE = ("Project is in use", "Project is open elsewhere")
GONE = "Project has gone"
WRITING = (
    GONE,
    "Disk is full",
    "Disk trouble",
    "Project can't be written",
    "Project is in use",
    "Project trouble",
)
"""What is over once something could be stored."""
LOCKED_OUT = ("Project is read-only", "Project can't be written", "Folder can't lock files")


def way_on(window: MainWindow, error: KdcError) -> tuple[str, Callable[[], None] | None]:
    """The button's text and what it does; ("", None) where there is nothing to do but read."""
    run, session, path = window.controller.run, window.session, window.asked_for
    if error.title in (*IN_USE, *LOCKED_OUT) and session.refused is error and path is not None:
        return tr("Open for reading"), lambda: session.open(path, True)
    if error.title == GONE and session.project is not None and session.project.path.parent.is_dir():
        return tr("Save and open it"), window.controller.rescue_project
    if "read-only" in error.title.lower():
        return tr("Open another"), partial(run, "open_folder")
    if error.title == tr("Isolated"):
        return tr("Show everybody"), lambda: window.scene.set_isolated(False)
    selected = window.scene.selection
    if error.title in ("Person is locked", tr("Person is locked")) and selected and selected.annotation.locked:
        return tr("Unlock"), partial(run, "lock")
    if window.engine.trouble is error and window.engine.model_file:
        return tr("Use the bundled model again"), partial(run, "bundled_model")
    if window.engine.trouble is error:
        return tr("Try again"), window.engine.try_again
    # The worker, which can't read the photo either, says the same.
    if session.photo_error is not None and str(session.photo_error) == str(error):
        if error.title == "File not found" and window.situation().writable:
            return tr("Look for it…"), partial(run, "find_photos")
        if window.situation().next:
            return tr("Next image"), partial(run, "next_image")
    return "", None
