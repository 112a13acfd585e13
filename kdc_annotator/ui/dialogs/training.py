"""Training from the app: starts ``kdc-annotator train`` as a process of its own, watches it, compares the models and switches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeyEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kdc.errors import KdcError
from kdc_annotator.jobs.train_compare import Comparing, comparison_of
from kdc_annotator.jobs.train_plan import Plan, plan_of
from kdc_annotator.jobs.train_process import Length, Run, RunRecord, State, runs_folder, runs_of
from kdc_annotator.ui.dialogs.return_key import pressed_by_return
from kdc_annotator.ui.dialogs.training_parts import ResultPart, SetupPart, WatchPart, label
from kdc_annotator.ui.error_words import sentence
from kdc_annotator.ui.running_training import why_failed
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens
from kdc_annotator.ui.work import Work

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

LOOK_MS = 1000


def open_training(window: MainWindow) -> TrainingDialog | None:
    """The training window of the open project, raised where it is open already. That of another project stays where it is."""
    project = window.session.project
    if project is None:
        return None
    for dialog in window.findChildren(TrainingDialog):
        if dialog.isVisible() and dialog.path == project.path:
            dialog.raise_()
            dialog.activateWindow()
            return dialog
    dialog = TrainingDialog(window)
    dialog.show()
    dialog.activateWindow()  # Where it took long to come, a window manager leaves the keyboard to the main window.
    return dialog


class TrainingDialog(QDialog):
    """Not modal: labeling goes on. Closing it while a training runs asks what shall become of it."""

    def __init__(
        self,
        window: MainWindow,
        train_options: tuple[str, ...] = (),
        evaluate_options: tuple[str, ...] = (),
        steps: int = 0,
    ) -> None:
        super().__init__(window)
        assert window.session.project is not None
        self.window_ = window
        # What the project says now: it may be closed while this window stays.
        self.path, self.images = window.session.project.path, window.session.project.images_root
        self.run: Run | None = None
        self.comparing: Comparing | None = None
        self._options, self._evaluate_options, self._steps = train_options, evaluate_options, steps
        self._state: State | None = None
        self._decided = False
        self._then: Callable[[], object] | None = None
        self._focus_before: QWidget | None = None
        self._work: Work | None = None
        self._stopped = threading.Event()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # It stays when another project is opened.
        self.setWindowTitle(tr("Train on {project}", project=self.path.stem))
        self.resize(820, 360)
        theme: Tokens = getattr(window, "theme", DARK)
        self.title = label(tr("Train on this project"), "heading")
        self.says = label(wrap=True)
        self.setup = SetupPart()
        self.setup.changed.connect(self._count)
        self.setup.bundled.clicked.connect(self._use_bundled)
        window.engine.status_changed.connect(self._show_model)
        self.watch = WatchPart(theme)
        self.outcome = ResultPart(theme)
        self.outcome.switched.connect(self._switch)
        self.question = self._make_question()
        self.folder = self._button(tr("Show the folder"), self._show_folder, quiet=True)
        self.again = self._button(tr("New training"), self._new, quiet=True)
        self.go_on = self._button(tr("Go on with it"), self._resume)
        self.stop = self._button(tr("Stop and keep"), self._stop)
        self.start = self._button(tr("Start training"), self.begin)
        self.start.setProperty("primary", True)
        close = self._button(tr("Close"), self.close)
        buttons = QHBoxLayout()
        for button in (self.folder, self.again):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (close, self.go_on, self.stop, self.start):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        parts: tuple[QWidget, ...] = (self.title, self.says, self.setup, self.watch, self.outcome)
        for part in parts:
            column.addWidget(part, 1 if part is self.watch else 0)
        column.addStretch(0)
        column.addWidget(self.question)
        column.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)
        window.session.leaving.connect(self._end_counting)
        newest = runs_of(self.path)[:1]
        found = Run(newest[0]) if newest else None
        if found is not None and (found.state == "running" or _unfinished(found)):
            self._show_run(found)
        else:
            self._new()

    def _button(self, text: str, do: object, quiet: bool = False) -> QPushButton:
        button = QPushButton(text)
        button.setAutoDefault(False)
        if quiet:
            button.setProperty("quiet", True)
        button.clicked.connect(do)
        return button

    def _make_question(self) -> QFrame:
        frame = QFrame()
        frame.setObjectName("messageBar")
        frame.setProperty("kind", "info")
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 8, 12, 8)
        row.addWidget(QLabel(tr("The training is still running.")), 1)
        self.let_go_on = self._button(tr("Let it go on"), self._leave)
        row.addWidget(self.let_go_on)
        row.addWidget(self._button(tr("Stop and keep"), self._stop_and_leave))
        row.addWidget(self._button(tr("Stay here"), self._stay))
        frame.hide()
        return frame

    # Before

    def _new(self) -> None:
        self._stop_comparing()  # Its figures are of a run that is not looked at any more.
        self.run, self._state = None, None
        self._timer.stop()
        before: tuple[QWidget, ...] = (self.says, self.setup, self.start)
        later: tuple[QWidget, ...] = (self.watch, self.outcome, self.folder, self.again, self.go_on, self.stop)
        for part in later:
            part.hide()
        self.title.setText(tr("Train on this project"))
        self.says.setText(
            tr("The model learns from what you finished. It runs as a process of its own: go on labelling meanwhile.")
        )
        for part in before:
            part.show()
        self._show_model()
        self._count()

    def _show_model(self, *_: object) -> None:
        name = Path(self.window_.engine.model_file)
        ours = name.parent.parent == runs_folder(self.path)
        used = tr("the bundled one") if not name.name else name.parent.name if ours else name.stem
        text = tr("Model in use, from which the training starts: {model}.", model=used)
        device = self.window_.engine.status.runs_on
        if device:
            text += " " + tr("It runs on: {device}.", device=device)
        self.setup.model.setText(text)
        self.setup.bundled.setVisible(bool(name.name))

    def _use_bundled(self) -> None:
        self.window_.controller.use_model("")
        self._show_model()

    def _count(self) -> None:
        """The counts, on a thread: a project may have 100,000 images."""
        self.start.setEnabled(False)
        path, everything = self.path, self.setup.everything.isChecked()
        self._end_counting()
        self.setup.says.setText(tr("Counting …"))
        stopped = self._stopped = threading.Event()

        def seen(_: int) -> None:
            if stopped.is_set():
                raise KdcError("", "")  # Nobody listens any more.

        self._work = Work(lambda tell: plan_of(path, everything, seen), self.window_)
        self._work.done.connect(self._counted)
        self._work.failed.connect(self._trouble)
        self._work.start()

    def _end_counting(self) -> None:
        """Wait for the thread that counts: it must not outlive the window it belongs to."""
        if self._work is not None:
            self._stopped.set()
            self._work.done.disconnect(self._counted)
            self._work.failed.disconnect(self._trouble)
            self._work.wait()
            self._work.deleteLater()
            self._work = None

    def _counted(self, plan: Plan) -> None:
        self.setup.show_plan(plan)
        self.start.setEnabled(plan.trainable)

    def begin(self) -> None:
        """Start the process."""
        record = RunRecord(
            str(self.path),
            str(self.images),
            Length(float(self.setup.minutes.value()), self._steps),
            self.window_.engine.model_file,
            self.setup.everything.isChecked(),
            self._options,
        )
        try:
            self._show_run(Run.start(record))
        except KdcError as error:
            self._trouble(error)

    def _trouble(self, error: KdcError) -> None:
        self.says.setText(sentence(error))
        self.says.show()

    # Meanwhile

    def _show_run(self, run: Run) -> None:
        self.run, self._state = run, None
        self.setup.hide()
        self.start.hide()
        self.says.hide()
        self.watch.show()
        self.resize(max(self.width(), 820), max(self.height(), 660))
        self._keep_on_screen()
        self.folder.show()
        self._timer.start()
        self._look()

    def _keep_on_screen(self) -> None:
        """It grows downwards, where the screen may end above its buttons."""
        if self.isVisible():  # Else Qt finds a place for it.
            room, frame = self.screen().availableGeometry(), self.frameGeometry()
            x = min(frame.x(), room.right() + 1 - frame.width())
            y = min(frame.y(), room.bottom() + 1 - frame.height())
            self.move(max(x, room.x()), max(y, room.y()))

    def _look(self) -> None:
        run = self.run
        if run is None:
            return
        state = run.state
        self.watch.look(run, state == "running")
        if state != self._state:
            self._state = state
            self._changed(run, state)
        if state == "running" and run.stopping:
            self._show_stopping()
        if self.comparing is not None:
            self._look_at_comparing()

    def _show_stopping(self) -> None:
        """It was asked to end and has not yet."""
        self.stop.setEnabled(False)
        self.stop.setText(tr("Stopping …"))
        self.title.setText(tr("The training is being stopped"))
        self.says.setText(tr("It ends the step it is at and saves what it has learnt."))
        self.says.show()
        self.question.hide()

    def _changed(self, run: Run, state: State) -> None:
        running = state == "running"
        self.stop.setVisible(running)
        self.stop.setEnabled(True)
        self.stop.setText(tr("Stop and keep"))
        self.go_on.setVisible(state == "stopped" and run.resumable)
        self.again.setVisible(not running)
        self.question.hide()
        self.outcome.setVisible(state in ("done", "stopped") and run.model is not None)
        titles = {
            "running": tr("The model is being trained"),
            "done": tr("The training is done"),
            "stopped": tr("The training was stopped"),
            "failed": tr("The training could not go on"),
        }
        self.title.setText(titles[state])
        if running:
            self.says.hide()
            return
        run.see()
        if state == "failed":
            self.watch.details.setChecked(True)
            self.says.setText(why_failed(run))
            self.says.show()
        elif state == "stopped":
            self.says.setText(
                tr("What it learnt until then is kept; it can go on from there.")
                if run.resumable
                else tr("It had not learnt anything yet.")
            )
            self.says.show()
        else:
            self.says.hide()
        if self.outcome.isVisibleTo(self):
            self._compare(run)

    def _compare(self, run: Run) -> None:
        known = comparison_of(run)
        self.outcome.show_switch(self._new_in_use(run), True)
        if known is not None:
            self.outcome.show_comparison(known)
            return
        try:
            self.comparing = Comparing(run, self._evaluate_options)
        except KdcError as error:
            self.outcome.show_words(sentence(error))
            return
        self.outcome.show_words(tr("Comparing the old and the new model on the images held back …"))

    def _look_at_comparing(self) -> None:
        comparing = self.comparing
        assert comparing is not None
        try:
            if not comparing.poll():
                return
        except KdcError as error:
            self.comparing = None
            self.outcome.show_words(sentence(error), lambda: self._compare(comparing.run))
            return
        self.comparing = None
        found = comparison_of(comparing.run)
        if found is not None:
            self.outcome.show_comparison(found)

    def _stop(self) -> None:
        """As Ctrl-C does: the run saves itself."""
        if self.run is not None:
            self.run.stop()
            self._show_stopping()

    def _resume(self) -> None:
        if self.run is None:
            return
        self._stop_comparing()
        try:
            self.run.resume()
        except KdcError as error:
            self._trouble(error)
        self._look()

    def _show_folder(self) -> None:
        if self.run is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.run.folder)))

    # Afterwards

    def _new_in_use(self, run: Run) -> bool:
        return run.model is not None and self.window_.engine.model_file == str(run.model)

    def _switch(self, new: bool) -> None:
        run = self.run
        if run is None or run.model is None:
            return
        self.window_.controller.use_model(str(run.model) if new else run.record.old_model)
        self.outcome.show_switch(self._new_in_use(run), True)

    # Closing

    def asks(self, then: Callable[[], object]) -> bool:
        """The main window is about to be closed: whether a training is running of which it was not said what shall become of it. Then that
        is asked, and ``then`` is called with the answer."""
        if not self._undecided():
            return False
        self._then = then
        self._ask()
        self.raise_()
        self.activateWindow()
        return True

    def _undecided(self) -> bool:
        run = self.run
        return run is not None and not self._decided and run.state == "running" and not run.stopping

    def _ask(self) -> None:
        if not self.question.isVisible():
            self._focus_before = self.focusWidget()
        self.question.show()
        self.let_go_on.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self) -> None:
        self._decided = True
        if self.run is not None and not self.run.stopping:
            self.run.leave()
        then, self._then = self._then, None
        self.close()
        if then is not None:
            then()

    def _stay(self) -> None:
        self._then = None
        if self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)
        self.question.hide()

    def _stop_and_leave(self) -> None:
        self._stop()
        self._leave()

    def _stop_comparing(self) -> None:
        if self.comparing is not None:
            self.comparing.cancel()
            self.comparing = None

    def reject(self) -> None:
        """Escape closes; where that asks, it takes it back."""
        if self.question.isVisible():
            self._stay()
        else:
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by_return(self, event):
            super().keyPressEvent(event)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.watch.set_theme(theme)
        self.outcome.set_theme(theme)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._undecided():
            self._then = None
            self._ask()
            event.ignore()
            return
        self._timer.stop()
        self._stop_comparing()
        self._end_counting()
        event.accept()
        self.window_.trainings.look()  # What comes is told elsewhere now.


def _unfinished(run: Run) -> bool:
    """A training that can go on, or that has ended and nobody has looked at what came of it."""
    state = run.state
    if state == "stopped":
        return run.resumable
    return not run.seen if state == "failed" else comparison_of(run) is None
