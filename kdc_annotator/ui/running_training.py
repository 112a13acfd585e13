"""Tells of trainings that nobody watches: one that is under way, or how one ended. The training window is only loaded where it is wanted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, QTimer

from kdc_annotator.ui.error_words import said_by_process
from kdc_annotator.ui.text import mark, tr

if TYPE_CHECKING:
    from kdc_annotator.jobs.train_process import Run
    from kdc_annotator.ui.main_window import MainWindow

LOOK_MS = 5000
News = Literal["running", "failed", "done", "interrupted"]
TOLD: dict[News, tuple[str, str]] = {
    "running": (mark("A training of {project} is under way."), mark("A training of this project is under way.")),
    "failed": (mark("A training of {project} could not go on"), mark("A training of this project could not go on")),
    "done": (mark("A training of {project} is done."), mark("A training of this project is done.")),
    "interrupted": (
        mark("A training of {project} ended early; it can go on."),
        mark("A training of this project ended early; it can go on."),
    ),
}
"""Of a project that is not open, and of the one that is."""


def newest_run(project: Path) -> Run | None:
    """The last training of that project."""
    from kdc_annotator.jobs.train_process import Run, runs_of

    newest = runs_of(project)[:1]
    return Run(newest[0]) if newest else None


def unattended(project: Path) -> Path | None:
    """Folder of a training that runs and of which nobody has said what shall become of it."""
    run = newest_run(project)
    return run.folder if run is not None and run.state == "running" and not run.left and not run.stopping else None


def news_of(run: Run) -> News | None:
    """What somebody who has not watched it would want to know."""
    state = run.state
    if state == "running":
        return "running"
    if run.seen or (state == "stopped" and run.stopping):
        return None
    if state == "done":
        from kdc_annotator.jobs.train_compare import comparison_of

        return "done" if comparison_of(run) is None else None
    return "failed" if state == "failed" else "interrupted"


def why_failed(run: Run) -> str:
    """Why it could not go on, as its process says it."""
    from kdc_annotator.jobs.train_process import PROGRESS

    why, code = run.why, run.exit_code
    said = said_by_process(why) or tr("it said nothing")
    if code is None and (not why or PROGRESS.match(why)):
        return tr("it ended unexpectedly; the last it said: {why}", why=said)
    if code not in (None, 1, 2, 3):
        return tr("it ended unexpectedly (code {code}); the last it said: {why}", code=code, why=said)
    return said


class Trainings(QObject):
    """Looks after the newest training of the open project while something may still be told of it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._told: set[tuple[Path, News]] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def tell(self) -> None:
        """The project was opened."""
        self._told.clear()
        self.look()

    def look(self) -> None:
        """Tell what is new of a training of the open project, unless its window is open or trouble is to be read first."""
        self._timer.stop()
        project = self._window.session.project
        run = newest_run(project.path) if project is not None else None
        news = news_of(run) if run is not None else None
        if project is None or run is None or news is None or not self._window.isVisible():
            return
        if news == "running":
            self._timer.start()
        if (run.folder, news) in self._told:
            return
        if self._watched(project.path):
            self._told.add((run.folder, news))
            return
        if self._window.messages.tells_trouble:
            self._timer.start()
            return
        self._told.add((run.folder, news))
        self._tell(run, news, "", self._show)

    def tell_of_recent(self) -> None:
        """The program was started and nothing is open: what is new of a training of a recent project."""
        window = self._window
        if window.session.project is not None or window.asked_for is not None or window.start_messages.text():
            return
        for path in map(Path, window.settings.recent()):
            run = newest_run(path) if path.is_file() else None
            news = news_of(run) if run is not None else None
            if run is not None and news is not None:
                self._tell(run, news, path.stem, partial(window.open, path))
                return

    def _tell(self, run: Run, news: News, project: str, show: Callable[[], None]) -> None:
        bar, button = self._window.bar, tr("Open it") if project else tr("Show it")
        named, this = TOLD[news]
        text = tr(named, project=project) if project else tr(this)
        if news == "failed":
            why = why_failed(run)
            bar.trouble(text, why[:1].upper() + why[1:], button, show)
            return
        bar.news(text, button, show, seconds=600 if project else 20)

    def _show(self) -> None:
        from kdc_annotator.ui.dialogs.training import open_training

        open_training(self._window)

    def _watched(self, project: Path) -> bool:
        module = sys.modules.get("kdc_annotator.ui.dialogs.training")
        dialogs = self._window.findChildren(module.TrainingDialog) if module is not None else []
        return any(dialog.isVisible() and dialog.path == project for dialog in dialogs)
