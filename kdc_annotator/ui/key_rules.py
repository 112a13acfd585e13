"""Which keys belong to the part of the window that has the keyboard, and not to the table of actions."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

K = Qt.Key
WRITING = QLineEdit | QPlainTextEdit | QAbstractSpinBox
SIDEWAYS = (K.Key_Left, K.Key_Right)
UPRIGHT = (K.Key_Up, K.Key_Down, K.Key_Home, K.Key_End, K.Key_PageUp, K.Key_PageDown)


def belongs_to(widget: QWidget | None, key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Whether ``widget``, which has the keyboard, shall get the key although an action has it, too.

    The photo leaves all keys to the actions and tools; elsewhere Tab goes on, arrows move within lists and sliders,
    Space presses buttons, Return chooses, and Escape leaves a field.
    """
    if widget is None or modifiers & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier):
        return False
    if key in (K.Key_Tab, K.Key_Backtab):
        return True
    if isinstance(widget, WRITING | QComboBox) and key == K.Key_Escape:
        return True
    if isinstance(widget, WRITING):
        return key in (*UPRIGHT, K.Key_Return, K.Key_Enter, K.Key_Space)
    if widget.property("takesArrows") and key in (*SIDEWAYS, *UPRIGHT):
        return True
    if key == K.Key_Space:
        return isinstance(widget, QAbstractButton | QComboBox)
    if key in (K.Key_Return, K.Key_Enter):
        return isinstance(widget, QAbstractItemView | QAbstractButton)
    if isinstance(widget, QComboBox) and chooses(widget, key, modifiers):
        return True
    if isinstance(widget, QAbstractSlider | QComboBox):
        return key in (*SIDEWAYS, *UPRIGHT)
    if widget.property("leavesArrows"):
        return False
    return isinstance(widget, QAbstractItemView) and key in UPRIGHT


def chooses(box: QComboBox, key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Whether the key is a letter or digit: in a choice box, which has the keyboard, it looks for a choice that begins so."""
    return not modifiers & Qt.KeyboardModifier.KeypadModifier and 0 < key < K.Key_Escape and chr(key).isalnum()
