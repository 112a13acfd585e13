"""Return in dialogs where no button may be pressed by it from elsewhere, as from the field that is being typed into."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QDialog


def pressed_by_return(dialog: QDialog, event: QKeyEvent) -> bool:
    """Press the button that has the keyboard, if the key is Return; whether that was done. Qt does so for default buttons alone."""
    focus = dialog.focusWidget()
    if (
        event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    ):
        return False
    if not isinstance(focus, QAbstractButton) or isinstance(focus, QCheckBox):
        return False
    focus.click()
    return True
