"""A titled part of the side panel that can be folded."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens


class Section(QWidget):
    """Title, number, content."""

    opened = Signal(bool)

    def __init__(self, title: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content = content
        self._theme: Tokens | None = None
        self._hidden = False
        self._title = QLabel(title.upper())
        self._title.setProperty("role", "section")
        self._count = QLabel()
        self._count.setProperty("role", "small")
        self._fold = QToolButton()
        self._fold.setCheckable(True)
        self._fold.setChecked(True)
        self._fold.setObjectName("fold")
        self._fold.setFixedSize(24, 24)
        self._fold.setAccessibleName(tr("Fold {title}", title=title))
        self._fold.setToolTip(tr("Fold or unfold"))
        self._fold.toggled.connect(self._toggled)
        head = QHBoxLayout()
        head.setContentsMargins(12, 8, 8, 4)
        head.addWidget(self._title)
        head.addSpacing(6)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(content, 1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_count(self, text: str) -> None:
        """A number beside the title."""
        self._count.setText(text)

    def set_open(self, on: bool) -> None:
        """Fold or unfold."""
        self._fold.setChecked(on)

    @property
    def is_open(self) -> bool:
        """Not folded."""
        return self._fold.isChecked()

    def set_empty(self, on: bool, hide: bool = False) -> None:
        """No more room than it needs, since there is nothing in it; ``hide``: its title alone. Others get the room."""
        self._hidden = on and hide
        upright = QSizePolicy.Policy.Maximum if on else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Preferred, upright)
        self.content.setVisible(self._fold.isChecked() and not self._hidden)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        self._draw()

    def _toggled(self, on: bool) -> None:
        self.content.setVisible(on and not self._hidden)
        self.setMaximumHeight(16777215 if on else self.sizeHint().height())
        self._draw()
        self.opened.emit(on)

    def _draw(self) -> None:
        if self._theme:
            self._fold.setIcon(icon("chevron-down" if self._fold.isChecked() else "chevron-right", self._theme.muted))
