"""One attribute with the editor that fits it."""

from __future__ import annotations

import json
import math
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from kdc_annotator.document.attribute_kinds import AttributeKind
from kdc_annotator.ui.calm_box import CalmBox
from kdc_annotator.ui.elided import ElidedLabel
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens

NAME_WIDTH = 88
STORED = object()
"""Said in place of a value that could not be stored: there is none."""


class _NumberKeys(QValidator):
    """Keeps letters out. Whether it is a number is asked when the field is left: Qt keeps silent about an unfinished one."""

    def validate(self, text: str, place: int) -> object:
        fine = all(sign in "0123456789.,+-eE " for sign in text)
        return (QValidator.State.Acceptable if fine else QValidator.State.Invalid, text, place)


def read_number(text: str) -> int | float | None:
    """What was typed as a number, with a point or a comma before the fractions; None where it is none."""
    try:
        return int(text.replace(" ", ""))
    except ValueError:
        pass
    if text.count(".") + text.count(",") > 1:  # 1,234.5: a comma that groups digits would be read as a point.
        return None
    try:
        number = float(text.replace(" ", "").replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_typed(text: str, number: bool) -> str | int | float | None:
    """The value that was typed; None where nothing was, or where it is to be a number and is none."""
    text = text.strip()
    return (read_number(text) if number else text) if text else None


class AttributeRow(QWidget):
    """``changed`` carries the new value, None where it was taken away. A value that nobody gave is shown as none."""

    changed = Signal(object)
    refused = Signal(str)
    """What was typed and is no number; the value of before is shown again."""
    typing = Signal()
    """Something was typed that is not taken over yet."""

    def __init__(self, kind: AttributeKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._value: Any = None
        self._unstored: Any = STORED
        label = ElidedLabel()
        label.setText(kind.name)
        label.setToolTip(kind.name)
        label.setFixedWidth(NAME_WIDTH)
        self.editor = self._make_editor()
        self.editor.setAccessibleName(kind.name)
        self.editor.setFixedHeight(28)
        self.away = QToolButton()
        self.away.setAccessibleName(tr("Take {name} away", name=kind.name))
        self.away.setToolTip(tr("Take {name} away", name=kind.name))
        self.away.setFixedSize(22, 22)
        self.away.setObjectName("fold")
        self.away.clicked.connect(lambda: self.changed.emit(None))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(self.editor, 1)
        row.addWidget(self.away)

    def _make_editor(self) -> QWidget:
        if self.kind.kind == "flag":
            box = QCheckBox(tr("yes"))
            box.clicked.connect(lambda on: self.changed.emit(on))
            return box
        if self.kind.kind == "choice":
            choice = CalmBox()
            choice.addItem("–")
            choice.addItems(list(self.kind.choices))
            choice.activated.connect(lambda n: self._tell(choice.itemText(n) if n else None))
            return choice
        if self.kind.kind == "other":
            shown = QLabel()
            shown.setProperty("role", "muted")
            return shown
        line = QLineEdit()
        line.setMaxLength(1000)
        line.setAcceptDrops(False)
        if self.kind.kind == "number":
            line.setValidator(_NumberKeys(line))
            line.setPlaceholderText(tr("number"))
        line.editingFinished.connect(self._typed)
        line.textEdited.connect(lambda _: self.typing.emit())
        return line

    def _typed(self) -> None:
        """The line is left, or Return was pressed."""
        line = self.editor
        assert isinstance(line, QLineEdit)
        text, value = line.text().strip(), self._value
        line.setModified(False)
        told = read_typed(text, self.kind.kind == "number")
        if text and told is None:
            self.show_value(value, self._unstored)
            self.refused.emit(text)
        elif told == value and self._unstored is STORED:
            self.show_value(value)
        else:
            self.changed.emit(told)

    def _tell(self, value: Any) -> None:
        if value != self._value or self._unstored is not STORED:
            self.changed.emit(value)

    def show_value(self, value: Any, unstored: Any = STORED) -> None:
        """The person's value, None for none. What is being typed stays, unless the value is another one now. ``unstored``: a value that
        could not be stored, which is shown until it is."""
        same, self._value, self._unstored = value == self._value, value, unstored
        value = value if unstored is STORED else unstored
        self.away.setVisible(value is not None or self._value is not None)
        editor = self.editor
        if isinstance(editor, QCheckBox):
            editor.setChecked(value is True)
            editor.setText(tr("not said") if value is None else tr("yes") if value else tr("no"))
        elif isinstance(editor, QComboBox):
            at = editor.findText(value) if isinstance(value, str) else 0
            if at < 0:
                editor.addItem(value)
                at = editor.count() - 1
            editor.setCurrentIndex(at)
        elif isinstance(editor, QLineEdit):
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            if editor.text() != text and not (same and editor.hasFocus() and editor.isModified()):
                editor.setText(text)
        elif isinstance(editor, QLabel):
            editor.setText(json.dumps(value, ensure_ascii=False)[:60])
            editor.setToolTip(json.dumps(value, ensure_ascii=False, indent=1)[:2000])

    @property
    def being_typed(self) -> tuple[Any, str] | None:
        """The value that is stored, and the text that is typed in its place by now."""
        line = self.editor
        return (self._value, line.text().strip()) if isinstance(line, QLineEdit) and line.isModified() else None

    def finish(self) -> None:
        """Take over what is being written; what could not be stored is tried again."""
        if isinstance(self.editor, QLineEdit) and self.editor.hasFocus() and self.editor.isModified():
            self._typed()
        elif self._unstored is not STORED:
            self.changed.emit(self._unstored)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.away.setIcon(icon("close", theme.muted))
