"""The reviewer's panel: what was changed, and two ways on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.comparing import Difference
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.review import Review
from kdc_annotator.ui.review_words import detail_of, state_of, summary_of, title_of
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens

Index = QModelIndex | QPersistentModelIndex
DIFFERENCE = int(Qt.ItemDataRole.UserRole)
ICONS = {"changed": "changed", "added": "person-add", "deleted": "trash", "left out": "eye-off"}


class DifferencesModel(QAbstractListModel):
    """A row for each difference."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Difference, ...] = ()
        self.theme: Tokens = DARK

    def show(self, rows: tuple[Difference, ...]) -> None:
        """Other differences."""
        if rows is not self.rows:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        difference = self.rows[index.row()]
        if role == DIFFERENCE:
            return difference
        title, detail = title_of(difference), detail_of(difference)
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{title}\n{detail}" if detail else title
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{title} · {detail}" if detail else title
        if role == Qt.ItemDataRole.DecorationRole:
            colour = self.theme.accent if difference.kind == "added" else self.theme.warn
            return icon(ICONS[difference.kind], self.theme.text if difference.kind == "changed" else colour)
        return None


class ReviewPanel(QWidget):
    """``accept_wanted``, and ``return_wanted`` with the note."""

    accept_wanted = Signal()
    return_wanted = Signal(str)
    drafts_changed = Signal()
    """Something was written, sent or taken away."""

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.review = review
        self._model = DifferencesModel()
        self._image: int | None = None
        self._drafts: dict[int, str] = {}
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.state = QLabel()
        self.state.setProperty("role", "muted")
        self.state.setWordWrap(True)
        self.view = QListView()
        self.view.setModel(self._model)
        self.view.setWordWrap(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setAccessibleName(tr("Differences from what the image came with"))
        self.view.setStyleSheet(
            "QListView { padding: 0 8px; } QListView::item { padding: 4px 4px; border-radius: 4px; }"
        )
        self.note = QLineEdit()
        self.note.setPlaceholderText(tr("What shall be different?"))
        self.note.setToolTip(tr("Return sends the image back with this note"))
        self.note.setAccessibleName(tr("Note to the labeler"))
        self.note.setMaxLength(500)
        self.note.setAcceptDrops(False)
        self.accept = QPushButton(tr("Accept"))
        self.accept.setProperty("primary", True)
        self.send_back = QPushButton(tr("Send back"))
        for part in (self.accept, self.send_back):
            part.setMinimumHeight(28)
            part.setStyleSheet("QPushButton { padding: 6px 8px; }")
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.accept, self.send_back):
            row.addWidget(button)  # As wide as their words, which differ.
        lower = QVBoxLayout()
        lower.setContentsMargins(12, 4, 12, 4)
        lower.setSpacing(6)
        lower.addWidget(self.state)
        lower.addWidget(self.note)
        lower.addLayout(row)
        upper = QVBoxLayout()
        upper.setContentsMargins(12, 0, 12, 2)
        upper.addWidget(self.summary)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(upper)
        column.addWidget(self.view, 1)
        column.addLayout(lower)
        self.accept.clicked.connect(self.accept_wanted)
        self.send_back.clicked.connect(self._send)
        self.note.returnPressed.connect(self._send)
        self.note.textChanged.connect(lambda _: self.drafts_changed.emit())
        self.view.clicked.connect(lambda index: review.look_at(index.data(DIFFERENCE)))
        self.view.activated.connect(lambda index: review.look_at(index.data(DIFFERENCE)))
        review.changed.connect(self._refresh)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._model.theme = theme
        self.view.viewport().update()

    def show_photo(self, photo: PhotoRecord | None, writable: bool) -> None:
        """Whose image it is and where it stands. A note that was begun stays with its image."""
        image = photo.id if photo else None
        if image != self._image:
            if self._image is not None:
                self._drafts[self._image] = self.note.text()
            self._image = image
            self.note.setText(self._drafts.pop(image, "") if image is not None else "")
        self.state.setText(state_of(photo) if photo else "")
        for part in (self.note, self.accept, self.send_back):
            part.setEnabled(photo is not None and writable)

    def clear_note(self) -> None:
        """The words were sent, or are not needed any more."""
        self.note.clear()

    @property
    def drafts(self) -> dict[int, str]:
        """Image id -> words that were not sent yet."""
        here = {} if self._image is None else {self._image: self.note.text()}
        return {image: text for image, text in {**self._drafts, **here}.items() if text}

    def take_drafts(self, drafts: Mapping[int, str]) -> None:
        """Another project, with the notes that were begun there."""
        self._drafts, self._image = dict(drafts), None
        self.note.clear()

    def _send(self) -> None:
        self.return_wanted.emit(self.note.text().strip())

    def _refresh(self) -> None:
        review = self.review
        self._model.show(review.differences)
        self.summary.setText(summary_of(review.differences) if review.known else tr("Comparing …"))
        current = review.current
        row = next((n for n, d in enumerate(self._model.rows) if d is current), -1)
        if row < 0:
            self.view.selectionModel().clear()
        elif self.view.currentIndex().row() != row:
            self.view.setCurrentIndex(self._model.index(row))
