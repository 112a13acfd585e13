"""The lowest line of the window says what the mouse and keys do now: the tool's sentence, unless the photo has something to say first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kdc_annotator.ui.hint_keys import with_keys
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow


def looked_for(window: MainWindow) -> bool:
    """Whether the model is at work and has said nothing of the open image yet, in which nobody is."""
    photo, project = window.session.photo, window.session.project
    return (
        photo is not None
        and project is not None
        and not project.read_only
        and photo.status == "untouched"
        and not window.scene.figures
        and window.engine.status.busy
    )


def hint_now(window: MainWindow, of_tool: str) -> str:
    """What to show where the tool in hand says ``of_tool``; keys are the labeler's own."""
    if window.session.photo_error is not None:
        of_tool = tr("The photo can't be read · Shift+Space: skip it, go on · D: next image")
    elif window.session.project is not None and window.session.project.read_only:
        of_tool = tr("For reading only, nothing can be changed · S: next person · D: next image")
    elif window.canvas.tool is not None and window.canvas.tool.name == "select" and looked_for(window):
        of_tool = tr("The model is looking for people … · 5: add a person yourself · D: next image")
    return with_keys(of_tool, window.actions_made.now)
