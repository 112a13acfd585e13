"""The name that work and reviews are signed with."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from kdc_annotator.ui.text import tr


class NameDialog(QDialog):
    """One line. ``given``: the name that was typed, not when it is left by Escape."""

    given = Signal(str)

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Your name"))
        title = QLabel(tr("Your name"))
        title.setProperty("role", "heading")
        words = QLabel(tr("Work and reviews are signed with this name:"))
        self.line = QLineEdit(name)
        self.line.setAccessibleName(tr("Your name"))
        self.line.setMinimumWidth(320)
        self.line.selectAll()
        leave = QPushButton(tr("Cancel"))
        leave.clicked.connect(self.reject)
        take = QPushButton(tr("Take over"))
        take.setProperty("primary", True)
        take.setDefault(True)
        take.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(leave)
        buttons.addWidget(take)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for part in (title, words, self.line):
            column.addWidget(part)
        column.addLayout(buttons)
        self.accepted.connect(lambda: self.given.emit(self.line.text()))
