"""What may be wrong in this image: a click goes there, a button repairs where that is safe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QListView, QPushButton, QVBoxLayout, QWidget

from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.readers import Readers
from kdc_annotator.ui.step_names import finding_text
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens

Index = QModelIndex | QPersistentModelIndex
FINDING = int(Qt.ItemDataRole.UserRole)


class Checker(QObject):
    """Runs the checks on another thread, half a second after the last edit; an answer for an older state is dropped."""

    found = Signal(object)
    checked = Signal(object, object)
    """(the ImageDocument, its findings), as soon as they are known."""
    _arrived = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document: ImageDocument | None = None
        self._asked = 0
        self._pool = Readers(1, "kdc-checks")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(450)
        self._timer.timeout.connect(self._start)
        self._arrived.connect(self._take)

    def check(self, document: ImageDocument | None) -> None:
        """Look at this document soon."""
        if document is not self._document:
            self.found.emit(())
        self._document = document
        self._asked += 1
        self._timer.start()

    def _start(self) -> None:
        document, asked = self._document, self._asked
        if document is None:
            return
        photo, people, schema, proposals = document.photo, document.people, document.schema, document.proposals

        def work() -> None:
            from kdc_annotator.document.checks import Scene, findings

            try:
                result = tuple(findings(Scene(photo, people, schema, proposals)))
                self._arrived.emit(asked, result)
            except RuntimeError:
                return

        self._pool.start(work)

    def _take(self, asked: int, result: Sequence[Finding]) -> None:
        if asked == self._asked:
            self.found.emit(result)
            self.checked.emit(self._document, result)

    def close(self) -> None:
        """End the thread."""
        self._timer.stop()
        self._pool.close()


class ChecksModel(QAbstractListModel):
    """The findings, errors first."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: Sequence[Finding] = ()
        self.theme: Tokens = DARK

    def show(self, findings: Sequence[Finding]) -> None:
        """Other findings. Where they say the same as before, whichever was chosen stays so."""
        same = [f.sentence for f in findings] == [f.sentence for f in self.findings]
        if same and findings:
            self.findings = findings
            self.dataChanged.emit(self.index(0), self.index(len(findings) - 1))
            return
        self.beginResetModel()
        self.findings = findings
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.findings)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self.findings):
            return None
        finding = self.findings[index.row()]
        if role == FINDING:
            return finding
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return finding_text(finding.sentence)
        if role == Qt.ItemDataRole.DecorationRole:
            theme = self.theme
            name = "info" if finding.severity == "hint" else "warning"
            colour = {"error": theme.bad, "warning": theme.warn, "hint": theme.muted}[finding.severity]
            return icon(name, colour)
        return None


class _FindingsView(QListView):
    """No higher than its rows, so that what belongs to them stands right below."""

    def fit(self) -> None:
        """The rows may be others, or break into more lines."""
        self.doItemsLayout()
        self.setMaximumHeight(max(self.contentsSize().height() + 2 * self.frameWidth(), 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()


class ChecksPanel(QWidget):
    """``jump_wanted`` and ``repair_wanted`` carry a Finding."""

    jump_wanted = Signal(object)
    repair_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ChecksModel()
        self.view = _FindingsView()
        self.view.setModel(self._model)
        self.view.setWordWrap(True)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName(tr("Checks of this image"))
        self.view.setStyleSheet(
            "QListView { padding: 0 8px; } QListView::item { padding: 3px 4px; border-radius: 4px; }"
        )
        self._fine = QLabel(tr("Nothing to complain about."))
        self._fine.setProperty("role", "muted")
        self._fine.setContentsMargins(12, 0, 12, 4)
        self._fine.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.repair = QPushButton(tr("Repair"))
        self.repair.clicked.connect(self._repair)
        self.repair.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(self._fine)
        column.addWidget(self.view, 1)
        column.addWidget(self.repair, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(0)
        self.view.hide()
        self.view.clicked.connect(lambda index: self.jump_wanted.emit(index.data(FINDING)))
        self.view.activated.connect(lambda index: self.jump_wanted.emit(index.data(FINDING)))
        self.view.selectionModel().currentChanged.connect(lambda *_: self._chosen())

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Other findings."""
        self._model.show(findings)
        self._fine.setVisible(not findings)
        self.view.setVisible(bool(findings))
        self.view.fit()
        self._chosen()

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._model.theme = theme
        self.view.viewport().update()

    def _chosen(self) -> None:
        finding = self.view.currentIndex().data(FINDING) if self.view.currentIndex().isValid() else None
        self.repair.setVisible(finding is not None and finding.repair is not None)

    def _repair(self) -> None:
        finding = self.view.currentIndex().data(FINDING)
        if finding is not None:
            self.repair_wanted.emit(finding)
