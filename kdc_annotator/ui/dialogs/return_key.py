"""Return presses the button that has the keyboard, and no other: not one that is the default of who types into a field."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QWidget


def pressed_by_return(window: QWidget, event: QKeyEvent) -> bool:
    """Press the button of ``window`` that has the keyboard, if the key is Return; whether that was done. Qt does so for default buttons alone."""
    focus = window.focusWidget()
    if (
        event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    ):
        return False
    if not isinstance(focus, QAbstractButton) or isinstance(focus, QCheckBox):
        return False
    focus.click()
    return True
