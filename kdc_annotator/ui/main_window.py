"""The window: puts the parts together and keeps them told of each other. What actions do is in ``controller.py``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMenuBar,
    QProgressBar,
    QPushButton,
    QSlider,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kdc.errors import KdcError
from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.ui import theme as themes
from kdc_annotator.ui.actions import ACTIONS, MENUS, ActionSpec
from kdc_annotator.ui.canvas.canvas import Canvas
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.controller import Controller
from kdc_annotator.ui.editing import Editor
from kdc_annotator.ui.elided import ElidedLabel
from kdc_annotator.ui.engine_bridge import EngineBridge, EngineStatus
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.message_bar import MessageBar
from kdc_annotator.ui.panels.checks import Checker, ChecksPanel
from kdc_annotator.ui.panels.history import HistoryPanel
from kdc_annotator.ui.panels.image_list import ImageStrip
from kdc_annotator.ui.panels.people import PeoplePanel
from kdc_annotator.ui.panels.section import Section
from kdc_annotator.ui.scene import Figure, Scene
from kdc_annotator.ui.session import Session
from kdc_annotator.ui.settings import Settings
from kdc_annotator.ui.situation import Situation
from kdc_annotator.ui.start_page import StartPage
from kdc_annotator.ui.text import tr

SIDE_WIDTH = 268
SUBMENUS = {"theme_dark": "theme", "theme_light": "theme", "theme_system": "theme"}


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
        self.engine.set_source(self.scene.stored_people)
        self.session = Session(self.scene, self.engine, self)
        self.canvas = Canvas(self.scene)
        self.controller = Controller(self)
        self.actions_by_name: dict[str, QAction] = {}
        self._specs: dict[str, ActionSpec] = {a.name: a for a in ACTIONS}
        self._waiting: Path | None = None
        self.setWindowTitle("KDC Annotator")
        self.setMinimumSize(820, 520)
        self.setAcceptDrops(True)
        self._make_actions()
        self._make_layout()
        self._connect()
        self.set_theme(self._theme_choice())
        self.controller.take_tool("select")
        self.refresh()
        size = settings.bytes("window/geometry")
        if size is None or not self.restoreGeometry(size):
            self.resize(1280, 800)
        self.installEventFilter(self)

    # Building

    def _make_actions(self) -> None:
        self._tools = QActionGroup(self)
        self._tools.setExclusive(True)
        for spec in ACTIONS:
            action = QAction(tr(spec.text), self)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            if spec.tool:
                self._tools.addAction(action)
            action.triggered.connect(lambda _=False, name=spec.name: self.controller.run(name))
            self.actions_by_name[spec.name] = action
            self.addAction(action)
        self.apply_keys()

    def apply_keys(self) -> None:
        """Take over the keys from the settings."""
        for spec in ACTIONS:
            keys = self.settings.keys(spec.name, spec.keys)
            action = self.actions_by_name[spec.name]
            action.setShortcuts([QKeySequence(k) for k in keys])
            text = tr(spec.text).rstrip("…")
            tip = f"{text} · {tr(spec.tip)}" if spec.tip else text
            action.setToolTip(f"{tip}  ({key_text(keys[0])})" if keys else tip)

    def keys(self) -> dict[str, tuple[str, ...]]:
        """Name -> keys, as they are now."""
        return {spec.name: self.settings.keys(spec.name, spec.keys) for spec in ACTIONS}

    def _make_layout(self) -> None:
        self.setMenuWidget(self._make_top_bar())
        self.start = StartPage()
        self.messages = MessageBar()
        self.hint = ElidedLabel()
        self.hint.setProperty("role", "muted")
        self.side = self._make_side()
        self.strip = ImageStrip(self.session)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addWidget(self.canvas, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(centre)
        self.split.addWidget(self.side)
        self.split.setStretchFactor(0, 1)
        self.split.setSizes([1000, SIDE_WIDTH])
        work = QWidget()
        rows = QVBoxLayout(work)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        upper = QHBoxLayout()
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self._make_tool_strip())
        upper.addWidget(self.split, 1)
        rows.addLayout(upper, 1)
        rows.addWidget(self.strip)
        rows.addWidget(self._make_status_strip())
        self.start_messages = MessageBar()
        opening = QWidget()
        first = QVBoxLayout(opening)
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(0)
        first.addWidget(self.start_messages)
        first.addWidget(self.start, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(opening)
        self.stack.addWidget(work)
        self.setCentralWidget(self.stack)
        self.strip.setVisible(self.settings.flag("window/strip", True))
        self.side.setVisible(self.settings.flag("window/side", True))
        self.actions_by_name["toggle_strip"].setChecked(self.settings.flag("window/strip", True))
        self.actions_by_name["toggle_side"].setChecked(self.settings.flag("window/side", True))
        for name in ("show_masks", "show_outlines", "show_skeletons"):
            self.actions_by_name[name].setChecked(True)

    def _make_top_bar(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("topBar")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        menus = QMenuBar()
        menus.setNativeMenuBar(False)
        for name, title in MENUS:
            menu = menus.addMenu(tr(title))
            self._fill_menu(menu, name)
        self.menus = menus
        pill = QPushButton(tr("Search actions and images"))
        pill.setObjectName("palettePill")
        pill.setFixedSize(300, 28)
        pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pill.setToolTip(self.actions_by_name["palette"].toolTip())
        pill.clicked.connect(lambda: self.controller.run("palette"))
        self.pill = pill
        key = QLabel(key_text("Ctrl+K"), pill)
        key.setProperty("role", "key")
        key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner = QHBoxLayout(pill)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addStretch(1)
        inner.addWidget(key)
        self.engine_label = QLabel()
        self.engine_label.setProperty("role", "muted")
        row = QHBoxLayout(bar)
        row.setContentsMargins(4, 4, 12, 4)
        left, right = QWidget(), QWidget()
        a, b = QHBoxLayout(left), QHBoxLayout(right)
        for layout in (a, b):
            layout.setContentsMargins(0, 0, 0, 0)
        a.addWidget(menus)
        a.addStretch(1)
        b.addStretch(1)
        b.addWidget(self.engine_label)
        row.addWidget(left, 1)
        row.addWidget(pill)
        row.addWidget(right, 1)
        return bar

    def _fill_menu(self, menu: QMenu, name: str) -> None:
        breaks = {
            "import_coco", "quit", "tool_select", "delete", "confirm_person", "cycle_visibility", "merge", "copy_previous",
            "lock", "confirm_image", "filter_images", "isolate", "show_masks", "toggle_side", "theme_dark", "rebind",
            "tour", "train",
        }  # fmt: skip
        themed: QMenu | None = None
        for spec in ACTIONS:
            if spec.menu != name:
                continue
            if spec.name in breaks:
                menu.addSeparator()
            if SUBMENUS.get(spec.name) == "theme":
                themed = themed or menu.addMenu(tr("Theme"))
                themed.addAction(self.actions_by_name[spec.name])
            else:
                menu.addAction(self.actions_by_name[spec.name])

    def _make_tool_strip(self) -> QWidget:
        strip = QWidget()
        strip.setObjectName("toolStrip")
        strip.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        strip.setFixedWidth(48)
        column = QVBoxLayout(strip)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(2)
        groups = (
            (
                "tool_select",
                "tool_add_person",
                "tool_brush",
                "tool_eraser",
                "tool_polygon",
                "tool_reassign",
                "tool_crowd",
            ),
            ("isolate", "merge", "split", "delete"),
            ("undo", "redo"),
        )
        for n, group in enumerate(groups):
            if n:
                line = QFrame()
                line.setFixedHeight(1)
                line.setStyleSheet("background: palette(mid);")
                column.addSpacing(2)
                column.addWidget(line)
                column.addSpacing(2)
            for name in group:
                column.addWidget(self._button(name))
        column.addStretch(1)
        for name in ("show_masks", "show_outlines", "show_skeletons", "fit"):
            button = self._button(name)
            button.setObjectName("viewToggle")
            column.addWidget(button)
        return strip

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(self.actions_by_name[name])
        button.setIconSize(QSize(20, 20))
        button.setFixedSize(36, 30)
        button.setAccessibleName(tr(self._specs[name].text))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _make_side(self) -> QWidget:
        side = QWidget()
        side.setObjectName("sidePanel")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        side.setMinimumWidth(220)
        side.setMaximumWidth(420)
        self.people = PeoplePanel(self.scene)
        self.history = HistoryPanel()
        self.people_section = Section(tr("People"), self.people)
        self.checks = ChecksPanel()
        self.checker = Checker(self)
        self.checks_section = Section(tr("Checks"), self.checks)
        self.history_section = Section(tr("History"), self.history)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(0)
        column.addWidget(self.people_section, 5)
        column.addWidget(self.checks_section, 2)
        column.addWidget(self.history_section, 2)
        return side

    def _make_status_strip(self) -> QWidget:
        strip = QWidget()
        strip.setObjectName("statusStrip")
        strip.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        strip.setFixedHeight(34)
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setRange(0, 100)
        self.threshold.setFixedWidth(110)
        self.threshold.setAccessibleName(tr("Score from which proposals count"))
        self.threshold.setToolTip(tr("Score from which proposals count"))
        self.threshold_label = QLabel()
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setFixedWidth(90)
        self.opacity.setAccessibleName(tr("Opacity of the masks"))
        self.opacity.setToolTip(tr("Opacity of the masks"))
        self.opacity_label = QLabel(tr("Masks"))
        self.brightness = QSlider(Qt.Orientation.Horizontal)
        self.brightness.setRange(-50, 50)
        self.brightness.setFixedWidth(80)
        self.brightness.setAccessibleName(tr("Brightness of the photo"))
        self.brightness.setToolTip(tr("Brightness of the photo"))
        self.brightness_label = QLabel(tr("Light"))
        self.zoom_label = QLabel()
        self.counts = QLabel()
        self.progress_label = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(110, 6)
        for label in (
            self.threshold_label,
            self.opacity_label,
            self.brightness_label,
            self.zoom_label,
            self.counts,
            self.progress_label,
        ):
            label.setProperty("role", "muted")
        self.progress.hide()
        self.stop_all = QPushButton(tr("Stop"))
        self.stop_all.setProperty("quiet", True)
        self.stop_all.setFixedHeight(26)
        self.stop_all.hide()
        row = QHBoxLayout(strip)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        row.addWidget(self.progress_label)
        row.addWidget(self.progress)
        row.addWidget(self.stop_all)
        for label, slider in (
            (self.threshold_label, self.threshold), (self.opacity_label, self.opacity), (self.brightness_label, self.brightness),
        ):  # fmt: skip
            row.addSpacing(4)
            row.addWidget(label)
            row.addWidget(slider)
        row.addSpacing(4)
        row.addWidget(self.zoom_label)
        row.addSpacing(4)
        row.addWidget(self.counts)
        self.hint.setMinimumWidth(60)
        return strip

    def _connect(self) -> None:
        self._refresh_soon = QTimer(self)
        self._refresh_soon.setSingleShot(True)
        self._refresh_soon.setInterval(30)
        self._refresh_soon.timeout.connect(self.refresh)
        self._counts_soon = QTimer(self)
        self._counts_soon.setSingleShot(True)
        self._counts_soon.setInterval(120)
        self._counts_soon.timeout.connect(self._refresh_counts)
        self._brightness_soon = QTimer(self)
        self._brightness_soon.setSingleShot(True)
        self._brightness_soon.setInterval(120)
        self._brightness_soon.timeout.connect(lambda: self.session.set_brightness(self.brightness.value() / 50))
        run = self.controller.run
        self.start.folder_wanted.connect(lambda: run("open_folder"))
        self.start.file_wanted.connect(lambda: run("open_file"))
        self.start.sample_wanted.connect(lambda: run("open_sample"))
        self.start.tour_wanted.connect(lambda: run("tour"))
        self.start.recent_wanted.connect(lambda path: self.open(Path(path)))
        self.canvas.hint_changed.connect(self.show_hint)
        self.canvas.zoom_changed.connect(lambda scale: self.zoom_label.setText(f"{scale:.0%}"))
        self.canvas.tool_finished.connect(lambda: self.controller.take_tool("select"))
        self.people.zoom_wanted.connect(self._zoom_to)
        self.history.went_to.connect(self.controller.go_to_step)
        self.checks.jump_wanted.connect(self.controller.jump)
        self.checks.repair_wanted.connect(self.controller.repair)
        self.checker.found.connect(self._checked)
        self.editor.failed.connect(self.show_error)
        self.editor.done.connect(lambda _: self._edited())
        self.scene.selection_changed.connect(self.refresh_actions)
        self.scene.figures_changed.connect(lambda _: self._refresh_later())
        self.scene.look_changed.connect(self._refresh_later)
        session = self.session
        session.leaving.connect(lambda: self.checker.check(None))
        self.engine.all_progress.connect(self._all_progress)
        self.stop_all.clicked.connect(self.engine.cancel_all)
        session.project_changed.connect(self._project_changed)
        session.image_changed.connect(self._image_changed)
        session.photo_ready.connect(self._photo_ready)
        session.photo_failed.connect(self.show_error)
        session.counts_changed.connect(self._edited)
        session.opening.connect(self._opening)
        session.progress.connect(self.show_progress)
        session.failed.connect(self.show_error)
        session.note.connect(lambda text: self.messages.news(text, seconds=12))
        self.engine.status_changed.connect(self._engine_status)
        self.engine.failed.connect(self.show_error)
        self.threshold.valueChanged.connect(self._threshold_moved)
        self.threshold.setValue(round(self.settings.number("threshold", 0.3) * 100))
        self.opacity.valueChanged.connect(self._opacity_moved)
        self.opacity.setValue(round(self.settings.number("opacity", 0.35) * 100))
        self.brightness.valueChanged.connect(lambda _: self._brightness_soon.start())

    # What happens

    def open(self, path: Path) -> None:
        """Open what a person named."""
        self.session.open(path)

    def show_hint(self, text: str) -> None:
        """The line that says what the mouse does now."""
        self.hint.setText(text)
        self.hint.setToolTip(text)

    def show_error(self, error: KdcError) -> None:
        """One sentence and a way on."""
        bar = self.messages if self.session.project else self.start_messages
        if error.title == "Project is read-only" or "read-only" in error.title.lower():
            bar.trouble(error.title, error.message, tr("Open another"), lambda: self.controller.run("open_folder"))
        elif error.title in ("Project is in use", "Project is open elsewhere"):
            path = self._waiting
            button = tr("Open for reading") if path else ""
            bar.trouble(error.title, error.message, button, (lambda: self.session.open(path, True)) if path else None)
        elif self.session.photo_error is error:
            bar.trouble(error.title, error.message, tr("Next image"), lambda: self.controller.run("next_image"))
        else:
            bar.trouble(error.title, error.message)

    def show_progress(self, text: str, done: int, of: int) -> None:
        """Work in the background; an empty text ends it."""
        self.progress.setVisible(bool(text))
        self.progress_label.setText(f"{text} {done:,} / {of:,}" if of else text)
        self.progress.setRange(0, of)
        self.progress.setValue(done)
        if not self.session.project and text:
            self.start_messages.news(self.progress_label.text() + " …", seconds=30)

    def _all_progress(self, done: int, of: int) -> None:
        self.stop_all.setVisible(bool(of))
        self.show_progress(tr("Finding people") if of else "", done, of)
        if not of:
            self.refresh()

    def _opening(self, name: str) -> None:
        self.start_messages.news(tr("Opening {name} …", name=name), seconds=60)

    def _project_changed(self) -> None:
        project = self.session.project
        self.start_messages.hide()
        self.messages.hide()
        self.stack.setCurrentIndex(1 if project else 0)
        if project:
            self._waiting = None
            self.settings.add_recent(project.path)
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
        self.canvas.show_image((0, 0), None)
        self.refresh()

    def _image_changed(self) -> None:
        photo = self.session.photo
        if photo is None:
            return
        self.messages.hide()
        self.people.set_photo(None)
        self.canvas.show_image(photo.size, None)
        self._edited()

    def _photo_ready(self, photo: PhotoLevels) -> None:
        record = self.session.photo
        if record is not None and record.size == (0, 0):
            self.canvas.show_image((photo.width, photo.height), photo)
        self.canvas.set_photo(photo)
        self.people.set_photo(photo)

    def _checked(self, findings: tuple[Finding, ...]) -> None:
        self.checks.show_findings(findings)
        self.checks_section.set_count(str(len(findings)) if findings else "")

    def _edited(self) -> None:
        self.checker.check(self.session.document)
        self.history.show_document(self.session.document)
        self.strip.refresh_row()
        self.refresh()

    def _threshold_moved(self, value: int) -> None:
        self.threshold_label.setText(tr("Score ≥ {score}", score=f"{value / 100:.2f}"))
        self.settings.put("threshold", value / 100)
        self.scene.set_threshold(value / 100)

    def _opacity_moved(self, value: int) -> None:
        self.settings.put("opacity", value / 100)
        self.controller.look(opacity=value / 100)

    def _engine_status(self, status: EngineStatus) -> None:
        parts = [p for p in (status.device, status.model) if p]
        self.engine_label.setText(" · ".join(parts) + (" …" if status.busy else ""))
        self.engine_label.setToolTip(status.reason)

    def _zoom_to(self, figure: Figure) -> None:
        self.canvas.zoom_to(figure.box)

    # Keeping the parts up to date

    def _refresh_later(self) -> None:
        if not self._refresh_soon.isActive():
            self._refresh_soon.start()

    def situation(self) -> Situation:
        """What there is at the moment."""
        session, scene = self.session, self.scene
        document = session.document
        selection = scene.selection
        hot = self.canvas.hot is not None
        writable = session.project is not None and not session.project.read_only
        return Situation(
            project=session.project is not None,
            writable=writable,
            image=document is not None,
            figures=bool(scene.figures),
            figure=selection is not None,
            proposal=selection is not None and selection.proposal,
            proposals=any(f.proposal for f in scene.figures),
            joint=hot,
            undo=document is not None and document.position > 0,
            redo=document is not None and document.position < len(document.history),
            next=session.index + 1 < len(session.ids) and session.project is not None,
            previous=session.index > 0,
        )

    def refresh_actions(self) -> None:
        """Say again what is possible."""
        situation = self.situation()
        for spec in ACTIONS:
            # Keys that need a joint under the pointer stay alive: they say what they need.
            on = situation.allows(spec.when) or (spec.when == "joint" and situation.image)
            if self.actions_by_name[spec.name].isEnabled() != on:
                self.actions_by_name[spec.name].setEnabled(on)
        self.actions_by_name["isolate"].setChecked(self.scene.isolated)
        look = self.scene.look
        for name, on in (
            ("show_masks", look.masks),
            ("show_outlines", look.outlines),
            ("show_skeletons", look.skeleton),
        ):
            self.actions_by_name[name].setChecked(on)

    def refresh(self) -> None:
        """Say again what is possible, who is there and how far the work is."""
        self.refresh_actions()
        people = [f for f in self.scene.figures if not f.proposal]
        proposals = len(self.scene.figures) - len(people)
        self.people_section.set_count(f"{len(people)}" + (f" + {proposals}" if proposals else ""))
        history = self.session.document.history if self.session.document else ()
        self.history_section.set_count(str(len(history)) if history else "")
        if not self._counts_soon.isActive():
            self._counts_soon.start()

    def _refresh_counts(self) -> None:
        project = self.session.project
        if project is None:
            self.counts.setText("")
            return
        try:
            counts = project.counts()
        except KdcError:
            return
        done = counts.get("done", 0) + counts.get("done and empty", 0)
        text = tr("{done} / {all} done", done=f"{done:,}", all=f"{sum(counts.values()):,}")
        rate = self.session.rate()
        if rate:
            text += " · " + tr("{rate} / h", rate=f"{rate:.0f}")
        self.counts.setText(text + " · " + (tr("read only") if project.read_only else tr("saved")))

    def _theme_choice(self) -> themes.ThemeChoice:
        stored = self.settings.text("theme", "dark")
        return stored if stored in ("dark", "light", "system") else "dark"  # type: ignore[return-value]

    def set_theme(self, choice: themes.ThemeChoice) -> None:
        """Light, dark, or as the desktop."""
        self.settings.put("theme", choice)
        if themes.tokens(choice) is not self.theme:
            self.theme = themes.tokens(choice)
            self._dress()
        for spec in ACTIONS:
            if spec.icon:
                colour = self.theme.accent if spec.checkable else None
                self.actions_by_name[spec.name].setIcon(icon(spec.icon, self.theme.text, colour))
        self.pill.setIcon(icon("search", self.theme.muted))
        for part in (
            self.start,
            self.messages,
            self.start_messages,
            self.canvas,
            self.people,
            self.history,
            self.strip,
            self.people_section,
            self.checks,
            self.checks_section,
            self.history_section,
        ):
            part.set_theme(self.theme)
        for name in ("dark", "light", "system"):
            self.actions_by_name[f"theme_{name}"].setChecked(choice == name)

    def _dress(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            themes.apply(app, self.theme)

    def palette_place(self) -> QPoint:
        """Where the palette opens: under its button."""
        return self.pill.mapToGlobal(QPoint(self.pill.width() // 2, self.pill.height() + 6))

    # Qt's events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress):
            self.session.touched()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.session.touched()
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.open(Path(url.toLocalFile()))
                event.acceptProposedAction()
                return

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.canvas.tool:
            self.canvas.tool.cancel()
        self.settings.put_bytes("window/geometry", self.saveGeometry())
        self.settings.sync()
        self.strip.view.close_threads()
        self.checker.close()
        self.session.shut_down()
        self.engine.close()
        event.accept()
