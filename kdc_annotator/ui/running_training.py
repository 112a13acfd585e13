"""Says, after a project was opened, that a training of it is under way. The training window is only loaded where it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow


def tell_of_running(window: MainWindow) -> None:
    """A project was opened: say so where a training of it is under way."""
    from kdc_annotator.jobs.train_process import Run, runs_of

    project = window.session.project
    newest = runs_of(project.path)[:1] if project is not None else []
    if newest and Run(newest[0]).state == "running":

        def show() -> None:
            from kdc_annotator.ui.dialogs.training import open_training

            open_training(window)

        window.messages.news(tr("A training of this project is under way."), tr("Show it"), show, seconds=20)
