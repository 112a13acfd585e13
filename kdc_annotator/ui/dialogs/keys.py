"""Change keys: every action's, with a word where two want the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from kdc_annotator.ui.actions import ACTIONS, MENUS, by_name
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.dialogs.return_key import pressed_by_return
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

NAME = int(Qt.ItemDataRole.UserRole)


class KeysDialog(QDialog):
    """Choose a row, press the new key. What takes a key away from another action says so and does it."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window_ = window
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Change keys"))
        self.resize(640, 600)
        title = QLabel(tr("Keys"))
        title.setProperty("role", "heading")
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find an action"))
        self.search.setAccessibleName(tr("Find an action"))
        self.search.textChanged.connect(self._filter)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels([tr("Action"), tr("Menu"), tr("Key")])
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.table.setAccessibleName(tr("Actions and their keys"))
        self.table.currentCellChanged.connect(lambda *_: self._chosen())
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(tr("New key"))
        for line in self.edit.findChildren(QLineEdit):  # It is what has the keyboard.
            line.setAccessibleName(tr("New key"))
        self.edit.installEventFilter(self)
        self.apply = QPushButton(tr("Use this key"))
        self.apply.setProperty("primary", True)
        self.apply.clicked.connect(self._apply)
        self.reset = QPushButton(tr("As it was"))
        self.reset.clicked.connect(self._reset)
        self.reset_all = QPushButton(tr("All as they were"))
        self.reset_all.clicked.connect(self._reset_all)
        self.says = QLabel(tr("Choose an action, then press its new key."))
        self.says.setProperty("role", "muted")
        self.says.setWordWrap(True)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.accept)
        # Return finds: it must not give the chosen action a key.
        for button in (self.apply, self.reset, self.reset_all, close):
            button.setAutoDefault(False)
        self.search.returnPressed.connect(self.table.setFocus)
        self.table.setTabKeyNavigation(False)  # Tab goes on to the new key, not through hundreds of cells.
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(self.apply)
        row.addWidget(self.reset)
        bottom = QHBoxLayout()
        bottom.addWidget(self.reset_all)
        bottom.addStretch(1)
        bottom.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for item in (title, self.search, self.table):
            column.addWidget(item)
        column.addLayout(row)
        column.addWidget(self.says)
        column.addLayout(bottom)
        self.edit.keySequenceChanged.connect(lambda _: self._warn())
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Qt lets Tab go on from the field, but takes Shift+Tab and Esc for the new key.
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Backtab:
                return self.focusNextPrevChild(False)
            if event.key() == Qt.Key.Key_Escape and not event.modifiers():
                self._chosen()
                self.says.setText("")
                self.table.setFocus()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not pressed_by_return(self, event):
            super().keyPressEvent(event)

    def _fill(self) -> None:
        menus = dict(MENUS)
        self.table.setRowCount(len(ACTIONS))
        for row, spec in enumerate(ACTIONS):
            keys = self.window_.keys()[spec.name]
            name = QTableWidgetItem(tr(spec.text))
            name.setData(NAME, spec.name)
            self.table.setItem(row, 0, name)
            self.table.setItem(row, 1, QTableWidgetItem(tr(menus[spec.menu])))
            self.table.setItem(row, 2, QTableWidgetItem("  ".join(key_text(k) for k in keys)))

    def _filter(self, text: str) -> None:
        for row in range(self.table.rowCount()):
            item = self.table.item(row, 0)
            self.table.setRowHidden(row, item is None or text.lower() not in item.text().lower())
        if self.table.currentRow() < 0 or self.table.isRowHidden(self.table.currentRow()):
            # What can't be seen gets no key.
            shown = [row for row in range(self.table.rowCount()) if not self.table.isRowHidden(row)]
            self.table.setCurrentCell(shown[0] if shown else -1, 0)

    def _name(self) -> str | None:
        item = self.table.item(self.table.currentRow(), 0)
        return None if item is None else item.data(NAME)

    def _chosen(self) -> None:
        name = self._name()
        if name:
            keys = self.window_.keys()[name]
            self.edit.setKeySequence(QKeySequence(keys[0]) if keys else QKeySequence())

    def taken_by(self, key: str) -> str | None:
        """The other action that has this key."""
        wanted = QKeySequence(key)
        for name, keys in self.window_.keys().items():
            if name != self._name() and any(QKeySequence(k) == wanted for k in keys):
                return name
        return None

    def _warn(self) -> None:
        key = self.edit.keySequence().toString()
        other = self.taken_by(key) if key else None
        self.says.setText(
            tr(
                "{key} belongs to “{action}” now; it would lose it.",
                key=key_text(key),
                action=tr(by_name()[other].text),
            )
            if other
            else ""
        )

    def _apply(self) -> None:
        name, key = self._name(), self.edit.keySequence().toString()
        if not name or (key and any(QKeySequence(k) == QKeySequence(key) for k in self.window_.keys()[name])):
            return  # An action that has the key already keeps its others, too.
        if key:
            self._take_away(key)
        self.window_.settings.set_keys(name, (key,) if key else ())
        self._again()

    def _take_away(self, key: str) -> None:
        """From whichever other action has it."""
        other = self.taken_by(key)
        if other:
            left = tuple(k for k in self.window_.keys()[other] if QKeySequence(k) != QKeySequence(key))
            self.window_.settings.set_keys(other, left)

    def _reset(self) -> None:
        name = self._name()
        if name:
            # Two actions with one key: Qt would run neither.
            for key in by_name()[name].keys:
                self._take_away(key)
            self.window_.settings.set_keys(name, None)
            self._again()

    def _reset_all(self) -> None:
        for spec in ACTIONS:
            self.window_.settings.set_keys(spec.name, None)
        self._again()

    def _again(self) -> None:
        row = self.table.currentRow()
        self.window_.apply_keys()
        self._fill()
        if row >= 0:
            self.table.setCurrentCell(row, 0)
        self.says.setText(tr("Taken over."))
