"""The steps of this image's history; a click goes there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListView, QWidget

from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.ui.step_names import step_name
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens, font

Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractListModel):
    """Newest first; the last row is the image as it was opened first."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: tuple[str, ...] = ()
        self.position = 0
        self.theme: Tokens = DARK

    def show(self, document: ImageDocument | None) -> None:
        """Take over a document's history. Where only the position is another, the rows stay where they are."""
        labels = document.history if document else ()
        position = document.position if document else 0
        if labels and labels == self.labels:
            self.position = position
            self.dataChanged.emit(self.index(0), self.index(len(labels)))
            return
        self.beginResetModel()
        self.labels, self.position = labels, position
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() or not self.labels else len(self.labels) + 1

    def position_of(self, row: int) -> int:
        """How many steps are applied at that row."""
        return len(self.labels) - row

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid():
            return None
        position = self.position_of(index.row())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return step_name(self.labels[position - 1]) if position else tr("As it came")
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(self.theme.text if position <= self.position else self.theme.muted)
        if role == Qt.ItemDataRole.FontRole:
            chosen = font(13, position == self.position)
            chosen.setItalic(position > self.position)
            return chosen
        return None


class HistoryPanel(QListView):
    """``went_to`` carries the number of steps to be applied."""

    went_to = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = HistoryModel()
        self.setModel(self._model)
        self.setUniformItemSizes(True)
        self.setSpacing(1)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("History of this image"))
        self.setStyleSheet("QListView { padding: 0 8px; } QListView::item { padding: 3px 6px; border-radius: 4px; }")
        self.clicked.connect(lambda index: self.went_to.emit(self._model.position_of(index.row())))
        self.activated.connect(lambda index: self.went_to.emit(self._model.position_of(index.row())))

    def show_document(self, document: ImageDocument | None) -> None:
        """Take over a document's history."""
        self._model.show(document)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._model.theme = theme
        self.viewport().update()
