"""Attributes of the selected person and the image's note."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.attribute_kinds import AttributeKind, Kind, shown_kinds
from kdc_annotator.ui.calm_box import CalmBox
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.panels.attribute_row import STORED, AttributeRow
from kdc_annotator.ui.panels.people import title_of
from kdc_annotator.ui.scene import Key, Scene
from kdc_annotator.ui.text import mark, tr
from kdc_annotator.ui.theme import DARK, Tokens

KINDS: tuple[tuple[Kind, str], ...] = (
    ("flag", mark("yes / no")), ("number", mark("number")), ("text", mark("text")), ("choice", mark("one of")),
)  # fmt: skip

BY_HAND = mark("The mask was drawn by hand. It stays as it is, also where joints are moved.")
BY_FILE = mark("The mask came with the file. It stays as it is, also where joints are moved.")


class NoteEdit(QPlainTextEdit):
    """Says what was written when it is left, and at Ctrl+Return."""

    finished = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self._stored = ""

    def show_text(self, text: str, unstored: str | None = None) -> None:
        """What is stored; words being written are left alone unless the stored ones have changed. ``unstored``: words that could not be
        stored, which stand there until they are."""
        if unstored is not None:
            self._stored = text
            if self.toPlainText() != unstored:
                self.setPlainText(unstored)
        elif text != self._stored or not self.hasFocus():
            self._stored = text
            if self.toPlainText() != text:
                self.setPlainText(text)

    def finish(self) -> None:
        """Say it now."""
        text = self.toPlainText().strip()
        if text != self._stored.strip():
            self._stored = text
            self.finished.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            self.finish()
        else:
            super().keyPressEvent(event)


class DetailsPanel(QWidget):
    """``attribute_wanted``: (Key, name, value or None). ``crowd_wanted``: (Key, bool). ``release_wanted``: of the selected person's mask. ``note_wanted``: text. ``kind_wanted``: an AttributeKind."""

    attribute_wanted = Signal(object, str, object)
    crowd_wanted = Signal(object, bool)
    note_wanted = Signal(str)
    kind_wanted = Signal(object)
    release_wanted = Signal()
    number_refused = Signal(str, str, str)
    """Whose value of which attribute was to be what, which is no number."""
    typing = Signal()
    """The note or a value is being written."""

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.rows: dict[str, AttributeRow] = {}
        self.kinds: dict[str, AttributeKind] = {}
        self.unstored: dict[int, str] = {}
        """Image id -> a note that could not be stored, as where the disk is full."""
        self.unstored_values: dict[tuple[Key, str], Any] = {}
        """Whose attribute -> its value that could not be stored."""
        self.waits_in: dict[Key, int] = {}
        """Who has, or had, such a value -> the image that they are in."""
        self._theme: Tokens = DARK
        self._key: Key | None = None
        self._image: int | None = None
        self._shown: tuple[object, ...] = ()
        self.person = QLabel()
        self.crowd = QCheckBox(tr("Crowd region"))
        self.crowd.clicked.connect(lambda on: self._key and self.crowd_wanted.emit(self._key, on))
        self.drawn = QLabel()
        self.drawn.setWordWrap(True)
        self.drawn.setProperty("role", "small")
        self.release = QPushButton(tr("Let it follow the joints"))
        self.release.clicked.connect(self.release_wanted)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("New attribute"))
        self.name.setAccessibleName(tr("Name of a new attribute"))
        self.name.setMaxLength(80)
        self.kind = CalmBox()
        self.kind.setAccessibleName(tr("Kind of the new attribute"))
        for _, text in KINDS:
            self.kind.addItem(tr(text))
        self.choices = QLineEdit()
        self.choices.setPlaceholderText(tr("Words, with commas between them"))
        self.choices.setAccessibleName(tr("Words of the new attribute, with commas between them"))
        self.choices.hide()
        for part in (self.name, self.kind, self.choices):
            part.setFixedHeight(28)
            part.setAcceptDrops(False)
        self.add = QToolButton()
        self.add.setAccessibleName(tr("Add the attribute"))
        self.add.setToolTip(tr("Add the attribute"))
        self.kind.currentIndexChanged.connect(lambda n: self.choices.setVisible(KINDS[n][0] == "choice"))
        self.add.clicked.connect(self._add)
        self.name.returnPressed.connect(self._add)
        self.choices.returnPressed.connect(self._add)
        note_label = QLabel(tr("Note on the image"))
        note_label.setProperty("role", "small")
        self.note = NoteEdit()
        self.note.setAccessibleName(tr("Note on the image"))
        self.note.setFixedHeight(52)
        self.note.setAcceptDrops(False)  # A file that is dropped there is to be opened, like everywhere.
        self.note.finished.connect(self.note_wanted)
        self.note.textChanged.connect(self._note_changed)
        self.setFocusProxy(self.note)
        self._build(note_label)
        scene.selection_changed.connect(self.refresh)
        scene.figures_changed.connect(lambda _: self.refresh())

    def _build(self, note_label: QLabel) -> None:
        inner = self._inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(12, 0, 12, 4)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self.person)
        head.addStretch(1)
        head.addWidget(self.crowd)
        column.addLayout(head)
        column.addWidget(self.drawn)
        column.addWidget(self.release)
        column.addLayout(self._list)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.name, 1)
        row.addWidget(self.kind)
        row.addWidget(self.add)
        column.addLayout(row)
        column.addWidget(self.choices)
        column.addSpacing(2)
        column.addWidget(note_label)
        column.addWidget(self.note)
        column.addStretch(1)
        area = self._area = QScrollArea()
        area.setWidget(inner)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def sizeHint(self) -> QSize:
        return QSize(200, self._inner.sizeHint().height())

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        self.add.setIcon(icon("plus", theme.text))
        for row in self.rows.values():
            row.set_theme(theme)

    def set_kinds(self, kinds: dict[str, AttributeKind]) -> None:
        """The attributes that the project defines."""
        self.kinds = kinds
        self.refresh()

    def show_photo(self, photo: PhotoRecord | None, writable: bool) -> None:
        """Whose note it is."""
        self._image = photo.id if photo else None
        self.note.show_text(photo.notes if photo else "", self.unstored.get(photo.id) if photo else None)
        self.setEnabled(photo is not None and writable)

    def _note_changed(self) -> None:
        if self._image is not None and self._image in self.unstored:
            self.unstored[self._image] = self.note.toPlainText()
        self.typing.emit()

    def focus_first(self) -> None:
        """The keyboard comes here."""
        self._area.verticalScrollBar().setValue(0)
        first = next((row.editor for row in self.rows.values() if row.kind.kind != "other"), None)
        (first or (self.name if self._key else self.note)).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def being_typed(self) -> tuple[Key, AttributeKind, Any, str] | None:
        """Whose value of which attribute is being typed: the stored one and the text so far."""
        for row in self.rows.values():
            typed = row.being_typed
            if typed is not None and self._key is not None:
                return (self._key, row.kind, *typed)
        return None

    def finish(self) -> None:
        """Take over what is being written."""
        self.note.finish()
        for row in tuple(self.rows.values()):
            row.finish()

    def refresh(self) -> None:
        """Show the selected person's values."""
        if self.scene.previewing or not self.isVisibleTo(self.window()):
            return
        figure = self.scene.selection
        self.person.setText(title_of(figure) if figure else tr("Nobody is selected."))
        self.person.setEnabled(figure is not None)
        self._key = figure.key if figure else None
        for part in (self.crowd, self.name, self.kind, self.add):
            part.setVisible(figure is not None)
        stored = self.scene.stored(figure.key) if figure is not None else None
        for said in (self.drawn, self.release):
            said.setVisible(stored is not None and stored.drawn)
        if stored is not None and stored.drawn:
            self.drawn.setText(tr(BY_FILE if stored.came_drawn else BY_HAND))
        self.choices.setVisible(figure is not None and KINDS[self.kind.currentIndex()][0] == "choice")
        if figure is None:
            self._show_rows(())
            return
        self.crowd.setChecked(figure.annotation.crowd)
        attributes = figure.annotation.attributes
        everybody = [f.annotation.attributes for f in self.scene.figures if f.annotation.attributes]
        self._show_rows((figure.key, *shown_kinds(self.kinds, attributes, everybody)))
        for name, row in self.rows.items():
            row.show_value(attributes.get(name), self.unstored_values.get((figure.key, name), STORED))
        self.updateGeometry()

    def showEvent(self, event: object) -> None:
        self.refresh()

    def _show_rows(self, shown: tuple[object, ...]) -> None:
        if shown == self._shown:
            return
        self._shown = shown
        for row in self.rows.values():
            row.hide()
            row.deleteLater()
        self.rows = {}
        QWidget.setTabOrder(self.crowd, self.release)
        previous: QWidget = self.release
        shown_person = self.person.text()
        for kind in shown[1:]:
            assert isinstance(kind, AttributeKind)
            row = AttributeRow(kind)
            row.changed.connect(
                lambda value, key=self._key, name=kind.name: self.attribute_wanted.emit(key, name, value)
            )
            row.refused.connect(
                lambda text, who=shown_person, name=kind.name: self.number_refused.emit(who, name, text)
            )
            row.typing.connect(self.typing)
            row.set_theme(self._theme)
            self._list.addWidget(row)
            row.show()
            self.rows[kind.name] = row
            for part in (row.editor, row.away):
                QWidget.setTabOrder(previous, part)
                previous = part
        for part in (self.name, self.kind, self.add, self.choices, self.note):
            QWidget.setTabOrder(previous, part)
            previous = part

    def _add(self) -> None:
        name = self.name.text().strip()
        kind = KINDS[self.kind.currentIndex()][0]
        words = tuple(dict.fromkeys(w.strip() for w in self.choices.text().split(",") if w.strip()))
        if not name:
            self.name.setFocus()
            return
        if kind == "choice" and not words:
            self.choices.setFocus()
            return
        self.kind_wanted.emit(AttributeKind(name, kind, words if kind == "choice" else ()))
        self.name.clear()
        self.choices.clear()
        if name in self.rows:
            self.rows[name].editor.setFocus()
