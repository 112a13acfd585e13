"""Says that a training is under way, of the project that was opened or of a recent one. The training window is only loaded where it is wanted."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow


def under_way(project: Path) -> bool:
    """Whether that project is being trained on."""
    from kdc_annotator.jobs.train_process import Run, runs_of

    newest = runs_of(project)[:1]
    return bool(newest) and Run(newest[0]).state == "running"


def tell_of_recent(window: MainWindow) -> None:
    """The program was started and nothing is open: say where a training of a recent project goes on."""
    if window.session.project is not None or window.asked_for is not None or window.start_messages.text():
        return
    for path in map(Path, window.settings.recent()):
        if path.is_file() and under_way(path):
            text = tr("A training of {project} is under way.", project=path.stem)
            window.start_messages.news(text, tr("Open it"), partial(window.open, path), seconds=600)
            return


def tell_of_running(window: MainWindow) -> None:
    """A project was opened: say so where a training of it is under way."""
    project = window.session.project
    if project is not None and under_way(project.path):

        def show() -> None:
            from kdc_annotator.ui.dialogs.training import open_training

            open_training(window)

        window.messages.news(tr("A training of this project is under way."), tr("Show it"), show, seconds=20)
