"""The window: puts the parts together and keeps them told of each other. What actions do is in ``controller.py``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QContextMenuEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from kdc.errors import KdcError
from kdc_annotator.document.reviewing import review_state
from kdc_annotator.ui import theme as themes
from kdc_annotator.ui.action_set import ActionSet
from kdc_annotator.ui.canvas.canvas import Canvas
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels
from kdc_annotator.ui.controller import Controller
from kdc_annotator.ui.dialogs.return_key import pressed_by_return
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.engine_bridge import EngineBridge
from kdc_annotator.ui.error_words import said
from kdc_annotator.ui.facts import FactsKeeper
from kdc_annotator.ui.key_rules import belongs_to
from kdc_annotator.ui.message_bar import MessageBar
from kdc_annotator.ui.next_pictures import NextPictures
from kdc_annotator.ui.panels.checks import Checker
from kdc_annotator.ui.panels.image_list import ImageStrip
from kdc_annotator.ui.panels.minimap import Minimap
from kdc_annotator.ui.photo_places import PhotoPlaces
from kdc_annotator.ui.review import Review
from kdc_annotator.ui.review_overlay import ReviewOverlay
from kdc_annotator.ui.review_words import state_of
from kdc_annotator.ui.running_training import Trainings
from kdc_annotator.ui.scene import Scene
from kdc_annotator.ui.session import Session
from kdc_annotator.ui.settings import Settings
from kdc_annotator.ui.side_panel import SidePanel
from kdc_annotator.ui.situation import Situation, situation_of
from kdc_annotator.ui.start_page import StartPage
from kdc_annotator.ui.status_strip import StatusStrip
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.tool_strip import ToolStrip
from kdc_annotator.ui.top_bar import TopBar
from kdc_annotator.ui.ways_on import IN_USE, WRITING, way_on
from kdc_annotator.ui.window_layout import FIRST_SIZE, fit_frame, lay_out
from kdc_annotator.ui.wiring import connect_background, connect_parts, connect_sliders

TOLD_LATER = 500
"""Milliseconds after a project was opened: its first image comes first."""


class MainWindow(QMainWindow):
    """One screen: canvas in the middle, tools left, people right, images below."""

    def __init__(self, settings: Settings, engine: EngineBridge | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.engine = engine or EngineBridge()
        self.engine.setParent(self)
        self.theme = themes.tokens(self._theme_choice())
        self._dress()
        self.scene = Scene(self)
        self.editor = Editor(self.scene, self)
        self.engine.set_source(self.scene.stored_people, self.scene.schemas)
        self.session = Session(self.scene, self.engine, self)
        self.session.labeler = settings.labeler()
        self.canvas = Canvas(self.scene)
        self.review = Review(self.scene, self)
        self.facts = FactsKeeper(self.session.gives_way, self)
        self.places = PhotoPlaces(self.session.gives_way, lambda: self.session.newcomers.waiting, self)
        self.minimap = Minimap(self.canvas)
        self.next_pictures = NextPictures(self.session, self.canvas, self)
        self.canvas.overlays.append(ReviewOverlay(self.review, self.canvas).paint)
        self.controller = Controller(self)
        self.trainings = Trainings(self)
        self.actions_made = ActionSet(self, settings, self.controller.run)
        self.actions_by_name = self.actions_made.by_name
        self.asked_for: Path | None = None
        self._reopening = False
        self._said: KdcError | None = None
        """The trouble that was told of last."""
        self._model_trouble: KdcError | None = None
        self._just_opened = False
        self._to_tell = ""
        """What is said a moment after a project was opened."""
        self.setWindowTitle("KDC Annotator")
        self.setMinimumSize(820, 520)
        self.setAcceptDrops(True)
        self._make_parts()
        self._connect()
        self.set_theme(self._theme_choice())
        self.controller.take_tool("select")
        self.refresh()
        size, parts = settings.bytes("window/geometry"), settings.bytes("window/split")
        if size is None or not self.restoreGeometry(size):
            self.resize(FIRST_SIZE)
            QTimer.singleShot(TOLD_LATER, self, lambda: fit_frame(self))  # Its frame is known once it has been shown.
        if parts is not None:
            self.split.restoreState(parts)
        self.installEventFilter(self)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_changed)

    def apply_keys(self) -> None:
        """Take over the keys from the settings."""
        self.actions_made.apply_keys()
        self.top.show_keys(self.keys()["palette"])
        self.canvas.refresh_hint()

    def keys(self) -> dict[str, tuple[str, ...]]:
        """Name -> keys, as they are now."""
        return self.actions_made.keys()

    def _make_parts(self) -> None:
        self.top = TopBar(self.actions_by_name, lambda: self.controller.run("palette"))
        self.top.show_keys(self.keys()["palette"])
        self.start = StartPage()
        self.messages, self.start_messages = MessageBar(), MessageBar()
        self.status = StatusStrip()
        self.side = SidePanel(self.scene, self.review)
        self.checker = Checker(self)
        self.people, self.checks, self.history = self.side.people, self.side.checks, self.side.history
        self.strip = ImageStrip(self.session)
        self.tools = ToolStrip(self.actions_by_name)
        self.split, self.stack = lay_out(self)
        for name, part in (("strip", self.strip), ("side", self.side)):
            part.setVisible(self.settings.flag(f"window/{name}", True))
            self.actions_made.check(**{f"toggle_{name}": self.settings.flag(f"window/{name}", True)})
        self.minimap.set_wanted(self.settings.flag("window/minimap", True))
        self.actions_made.check(
            toggle_minimap=self.minimap.wanted, show_masks=True, show_outlines=True, show_skeletons=True
        )

    def _connect(self) -> None:
        self._refresh_soon = self._timer(30, self.refresh)
        self._counts_soon = self._timer(120, self._refresh_counts)
        connect_parts(self)
        self.editor.failed.connect(self.show_error)
        self.editor.done.connect(lambda _: self.writing_works())
        self.editor.done.connect(lambda _: self._edited())
        self.scene.selection_changed.connect(self.refresh_actions)
        self.scene.figures_changed.connect(lambda _: self._refresh_later())
        self.scene.look_changed.connect(self._refresh_later)
        session = self.session
        session.leaving.connect(lambda: self.checker.check(None))
        connect_background(self)
        self.engine.all_progress.connect(self._all_progress)
        self.status.stop_all.clicked.connect(self.engine.cancel_all)
        session.rescued.connect(self.controller.keep_rescued)
        session.project_changed.connect(self._project_changed)
        session.going.connect(self._photo_first)
        session.image_changed.connect(self._image_changed)
        session.photo_ready.connect(self._photo_ready)
        session.photo_failed.connect(self._photo_failed)
        session.photo_failed.connect(lambda _: self.canvas.refresh_hint())
        session.counts_changed.connect(self._edited)
        session.list_changed.connect(self.refresh_actions)
        session.opening.connect(self._opening)
        session.progress.connect(self.show_progress)
        session.failed.connect(self.show_error)
        session.note.connect(lambda text: self.bar.news(text, seconds=12))
        self.engine.status_changed.connect(self.top.show_engine)
        self.engine.status_changed.connect(lambda _: self._engine_said())
        self.engine.failed.connect(self.show_error)
        connect_sliders(self)

    def _timer(self, milliseconds: int, then: Callable[[], object]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

    # What happens

    def open(self, path: Path, read_only: bool = False, tell: str = "") -> None:
        """Open what a person named. ``tell``: is said once it is open."""
        if self.controller.held_by_unstored(lambda: self.open(path, read_only, tell)):
            return
        self.asked_for, self._reopening, self._to_tell = path, False, tell
        self.session.open(path, read_only)

    def open_again(self, tell: str = "") -> None:
        """What was open when the program ended without being closed, if something was."""
        left = self.settings.left_open()
        if left is not None:
            self.open(left, tell=tell)
            self._reopening = True
        elif not self.controller.tell_rescued():
            QTimer.singleShot(TOLD_LATER, self, self._tell_of_recent)

    def _tell_of_recent(self) -> None:
        self.trainings.tell_of_recent()

    def show_error(self, error: KdcError) -> None:
        """One sentence and a way on."""
        if self._reopening and error.title in IN_USE:
            self.start_messages.hide()  # Another window has it, and nobody asked for it here.
            return
        self._said = error
        self.bar.trouble(*said(error), *way_on(self, error), about=error)

    def writing_works(self) -> None:
        """Something of the labeler's was stored: what was told of the disk, or of the file, is over."""
        error = self.bar.about
        if isinstance(error, KdcError) and error.title in WRITING and error is not self.session.refused:
            self.bar.hide()

    def _engine_said(self) -> None:
        """What was told of a model that could not be loaded goes when one may come after all."""
        self.canvas.refresh_hint()
        now = self.engine.trouble
        if now is not self._model_trouble:
            if self._model_trouble is not None and self.bar.about is self._model_trouble:
                self.bar.hide()
            self._model_trouble = now
            self.refresh_actions()

    @property
    def bar(self) -> MessageBar:
        """Where something is said now."""
        return self.messages if self.session.project else self.start_messages

    def show_progress(self, text: str, done: int, of: int) -> None:
        """Work in the background; an empty text ends it."""
        self.status.show_progress(text, done, of)
        if not self.session.project and text:
            self.start_messages.news(self.status.progress_label.text() + " …", seconds=30)

    def stoppable_progress(self, text: str, done: int, of: int) -> None:
        """``show_progress`` with a button that stops it."""
        self.status.stop_all.setVisible(bool(text))
        self.show_progress(text, done, of)

    def _all_progress(self, done: int, of: int) -> None:
        self.stoppable_progress(tr("Finding people") if of else "", done, of)
        if not of:
            self.refresh()

    def _opening(self, name: str) -> None:
        self.start_messages.news(tr("Opening {name} …", name=name), seconds=60)

    def _project_changed(self) -> None:
        project = self.session.project
        self.start_messages.hide()
        self.messages.hide()
        self._just_opened = project is not None
        self.stack.setCurrentIndex(1 if project else 0)
        if project:
            self.settings.add_recent(project.path)
            if not project.read_only:
                self.settings.remember_open(project.path)
            self.setWindowTitle(f"{project.path.stem} — KDC Annotator")
            self.canvas.setFocus()
            if project.read_only:
                self.messages.news(tr("Opened for reading only: nothing can be changed."), seconds=12)
            elif not project.count():
                self.messages.trouble(
                    tr("No images"),
                    tr("This project has no images yet."),
                    tr("Open a folder"),
                    lambda: self.controller.run("open_folder"),
                )
        else:
            self.setWindowTitle("KDC Annotator")
        self.start.set_recent(self.settings.recent())
        self.controller.load_kinds()
        self.controller.take_up_written()
        self.canvas.show_image((0, 0), None, keep_zoom=False)
        self.refresh()
        QTimer.singleShot(TOLD_LATER, self, self._tell_later)

    def _tell_later(self) -> None:
        if not self.controller.tell_rescued() and self.session.project is not None:
            self._tell_of_training()

    def _tell_of_training(self) -> None:
        told, self._to_tell = self._to_tell, ""
        if told:
            self.messages.news(told, seconds=20)
            return
        self.trainings.tell()

    def _photo_first(self) -> None:
        """The panels are painted after the photo: half of the time to the next image would be theirs."""
        for panel in (self.side, self.strip):
            panel.setUpdatesEnabled(False)
        QTimer.singleShot(0, self, self._then_panels)

    def _then_panels(self) -> None:
        """One after the other: what is asked of the window meanwhile waits for one of them, not for both."""
        self.side.setUpdatesEnabled(True)
        QTimer.singleShot(0, self, lambda: self.strip.setUpdatesEnabled(True))

    def _image_changed(self) -> None:
        photo = self.session.photo
        if photo is None:
            return
        opened, self._just_opened = self._just_opened, False
        self._said = None
        if not opened:
            self.messages.hide()  # What is said of a project while it opens stays to be read.
        elif self.engine.trouble is not None:
            self.show_error(self.engine.trouble)
        self.controller.tell_put_down()
        if review_state(photo) == "returned":
            self.messages.trouble(tr("Sent back"), state_of(photo))
        self.people.set_photo(None)
        self.canvas.show_image(photo.size, None)
        self._edited()

    def _photo_ready(self, photo: PhotoLevels) -> None:
        record = self.session.photo
        if record is not None and record.size == (0, 0):
            self.canvas.show_image((photo.width, photo.height), photo)
        self.canvas.set_photo(photo)
        self.people.set_photo(photo)

    def _photo_failed(self, error: KdcError) -> None:
        """The line at the bottom says it, too; the message stays with what was asked for last where that could not be opened."""
        if self._said is None or self._said is not self.session.refused or not self.messages.isVisible():
            self.show_error(error)

    def _edited(self) -> None:
        self.checker.check(self.session.document)
        self.history.show_document(self.session.document)
        self.strip.refresh_row()
        self.refresh()

    # Keeping the parts up to date

    def _refresh_later(self) -> None:
        # While a gesture is under way nothing is possible that was not; its end tells again.
        if not self.scene.previewing and not self._refresh_soon.isActive():
            self._refresh_soon.start()

    def situation(self) -> Situation:
        """What there is at the moment."""
        return situation_of(self.session, self.scene, self.review, self.canvas.tool, self.canvas.hot is not None)

    def refresh_actions(self) -> None:
        """Say again what is possible."""
        self.actions_made.allow(self.situation())
        look = self.scene.look
        self.actions_made.check(
            isolate=self.scene.isolated,
            review_mode=self.review.active,
            show_masks=look.masks,
            show_outlines=look.outlines,
            show_skeletons=look.skeleton,
        )

    def refresh(self) -> None:
        """Say again what is possible, who is there and how far the work is."""
        self.refresh_actions()
        self.canvas.refresh_hint()
        self.side.refresh_counts(self.session.document)
        for panel in (self.side.review, self.side.details):
            panel.show_photo(self.session.photo, self.situation().writable)
        if not self._counts_soon.isActive():
            self._counts_soon.start()

    def _refresh_counts(self) -> None:
        project = self.session.project
        if self.session.newcomers.waiting or self.session.listing.waiting:  # They will be others in a moment.
            self._counts_soon.start()
            return
        try:
            counts = project.counts() if project else None
        except KdcError:
            return
        self.status.show_counts(counts, self.session.clock.rate(), project is not None and project.read_only)

    def _theme_choice(self) -> themes.ThemeChoice:
        stored = self.settings.text("theme", "dark")
        return stored if stored in ("dark", "light", "system") else "dark"  # type: ignore[return-value]

    def set_theme(self, choice: themes.ThemeChoice) -> None:
        """Light, dark, or as the desktop."""
        self.settings.put("theme", choice)
        if themes.tokens(choice) is not self.theme:
            self.theme = themes.tokens(choice)
            self._dress()
        for part in (
            self.actions_made, self.start, self.messages, self.start_messages, self.top, self.canvas, self.minimap, self.side, self.strip,
        ):  # fmt: skip
            part.set_theme(self.theme)
        self.controller.dress_training(self.theme)
        for name in ("dark", "light", "system"):
            self.actions_by_name[f"theme_{name}"].setChecked(choice == name)

    def _desktop_changed(self) -> None:
        if self._theme_choice() == "system":
            self.set_theme("system")

    def _dress(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            themes.apply(app, self.theme)

    # Qt's events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
            self.session.touched()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focus = QApplication.focusWidget()
            if focus is not self.canvas and belongs_to(focus, event.key(), event.modifiers()):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.session.touched()
        if event.key() == Qt.Key.Key_Escape and self.session.project:
            # A field was left: the photo gets the keyboard.
            self.canvas.setFocus()
        if not pressed_by_return(self, event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        from kdc_annotator.ui.part_menus import show_menu

        show_menu(self, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not paths:
            return
        event.acceptProposedAction()
        # Photos of one folder come with it.
        others = [p for p in paths[1:] if p.is_dir() or p.parent != paths[0].parent]
        tell = tr("Only {name} was opened: one thing at a time.", name=paths[0].name) if others else ""
        self.open(paths[0], tell=tell)

    def closeEvent(self, event: QCloseEvent) -> None:
        do = self.controller
        if do.held_by_import(self.close) or do.held_by_training(self.close) or do.held_by_unstored(self.close):
            event.ignore()
            return
        for dialog in self.findChildren(QDialog):
            if dialog.isVisible() and not dialog.close():  # It is exporting: that stops, and nothing is written.
                dialog.done(QDialog.DialogCode.Rejected)
        self.canvas.put_down()
        self.side.details.finish()
        self.settings.put_bytes("window/geometry", self.saveGeometry())
        self.settings.put_bytes("window/split", self.split.saveState())
        if self.session.project is not None:
            self.settings.remember_open(None)
        self.settings.sync()
        self.hide()  # Whoever closed it need not watch the threads end.
        self.strip.view.close_threads()
        self.checker.close()
        self.review.close()
        self.session.shut_down()
        self.engine.close()
        event.accept()
