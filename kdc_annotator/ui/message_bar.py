"""Trouble and news: a bar with one sentence and one button. Nothing modal, and nothing that moves the photo."""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from kdc_annotator.ui.icon_set import icon as make_icon
from kdc_annotator.ui.icon_set import pixmap
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens

BREAK = "\u200b"
"""Where a line may end without a mark."""
LONG = re.compile(r"\S{24}")
GAP = 12


class MessageBar(QFrame):
    """Shows one message at a time; news goes by itself, trouble stays until it is closed or the next one comes.

    ``left``: it goes away while it has the keyboard, which shall not fall to whoever is next.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self._theme = DARK
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.setAutoDefault(True)  # Return presses it, too.
        self._close = QToolButton()
        self._close.setAccessibleName(tr("Close the message"))
        self._close.setToolTip(tr("Close the message"))
        self._close.clicked.connect(self.hide)
        for part in (self._button, self._close):
            part.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # A click leaves the keyboard where it is.
        self._over: QWidget | None = None
        self._plain = ""
        self._action: Callable[[], None] | None = None
        self._about: object = None
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

    def float_over(self, widget: QWidget) -> None:
        """Lie over the upper edge of ``widget`` instead of taking room from a layout: a photo that is fitted anew whenever a message
        comes or goes moves away under the pointer."""
        self.setParent(widget)
        self.setProperty("floating", True)
        self._over = widget
        widget.installEventFilter(self)

    def _place(self) -> None:
        over = self._over
        if over is None:
            return
        text = self._text.fontMetrics().horizontalAdvance(self._plain) * 1.06 + 8
        others = [self._icon, self._close, *([self._button] if self._action is not None else [])]
        natural = int(text) + 20 + sum(w.sizeHint().width() + 8 for w in others)
        width = max(min(natural, over.width() - 2 * GAP), 200)
        layout = self.layout()
        height = layout.totalHeightForWidth(width) if layout is not None else 0
        self.setGeometry((over.width() - width) // 2, GAP, width, max(height, self.minimumSizeHint().height()))
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def hide(self) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and self.isAncestorOf(focus):
            self.left.emit()
        super().hide()

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        self._close.setIcon(make_icon("close", theme.text))

    def text(self) -> str:
        """What it says now, "" while it is away."""
        return self._text.text().replace(BREAK, "") if self.isVisible() else ""

    @property
    def tells_trouble(self) -> bool:
        """Whether it says what could not be done."""
        return self.isVisible() and not self.property("kind")

    @property
    def about(self) -> object:
        """What ``trouble`` was given of that name for what it says now; None while it is away."""
        return self._about if self.isVisible() else None

    def trouble(
        self,
        title: str,
        message: str,
        button: str = "",
        action: Callable[[], None] | None = None,
        about: object = None,
    ) -> None:
        """Something could not be done. ``about``: what it is about."""
        self._show("warning", self._theme.bad, f"<b>{_plain(title)}.</b> {_plain(message)}", "", button, action)
        self._about = about

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
        self._about = None
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._icon.setPixmap(pixmap(icon, colour, 18, self.devicePixelRatioF()))
        self._text.setText(text)
        self._plain = re.sub(r"</?b>", "", text)
        self._action = action
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setFocusProxy(self._button if button else self._close)
        self._place()
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
