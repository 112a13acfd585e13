"""Trouble and news: a bar above the canvas with one sentence and one button. Nothing modal."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from kdc_annotator.ui.icon_set import icon as make_icon
from kdc_annotator.ui.icon_set import pixmap
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens

BREAK = "\u200b"
"""Where a line may end without a mark."""
LONG = re.compile(r"\S{24}")


class MessageBar(QFrame):
    """Shows one message at a time; news goes by itself, trouble stays until it is closed or the next one comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._theme = DARK
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._close = QToolButton()
        self._close.setAccessibleName(tr("Close the message"))
        self._close.setToolTip(tr("Close the message"))
        self._close.clicked.connect(self.hide)
        self._action: Callable[[], None] | None = None
        self._button.clicked.connect(self._act)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        for widget in (self._icon, self._text, self._button, self._close):
            row.addWidget(widget)
        self.hide()

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        self._close.setIcon(make_icon("close", theme.text))

    def text(self) -> str:
        """What it says now, "" while it is away."""
        return self._text.text().replace(BREAK, "") if self.isVisible() else ""

    def trouble(self, title: str, message: str, button: str = "", action: Callable[[], None] | None = None) -> None:
        """Something could not be done."""
        self._show("warning", self._theme.bad, f"<b>{_plain(title)}.</b> {_plain(message)}", "", button, action)

    def news(
        self, message: str, button: str = "", action: Callable[[], None] | None = None, seconds: float = 6
    ) -> None:
        """Something worth knowing."""
        self._show("info", self._theme.accent, _plain(message), "info", button, action)
        self._timer.start(int(seconds * 1000))

    def _show(
        self, icon: str, colour: str, text: str, kind: str, button: str, action: Callable[[], None] | None
    ) -> None:
        self._timer.stop()
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.setPixmap(pixmap(icon, colour, 18, self.devicePixelRatioF()))
        self._text.setText(text)
        self._action = action
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setFocusProxy(self._button if button else self._close)
        self.show()

    def _act(self) -> None:
        action = self._action
        self.hide()
        if action:
            action()


def _plain(text: str) -> str:
    """As a label takes it; a file's name without spaces shall not make the window wider than the screen."""
    text = LONG.sub(lambda part: part.group() + BREAK, text)
    return text.replace("&", "&amp;").replace("<", "&lt;")
