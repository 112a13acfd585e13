"""One attribute with the editor that fits it."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtCore import QLocale, Signal
from PySide6.QtGui import QDoubleValidator, QValidator
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from kdc_annotator.document.attribute_kinds import AttributeKind
from kdc_annotator.ui.elided import ElidedLabel
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens

NAME_WIDTH = 88


class _NumberOrNothing(QDoubleValidator):
    """Qt takes an empty field for an unfinished number; here it means that nobody said one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setLocale(QLocale.c())

    def validate(self, text: str, place: int) -> object:
        if not text:
            return (QValidator.State.Acceptable, text, place)
        return super().validate(text, place)


class AttributeRow(QWidget):
    """``changed`` carries the new value, None where it was taken away. A value that nobody gave is shown as none."""

    changed = Signal(object)

    def __init__(self, kind: AttributeKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self._value: Any = None
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
            choice = QComboBox()
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
        if self.kind.kind == "number":
            line.setValidator(_NumberOrNothing(line))
            line.setPlaceholderText(tr("number"))
        line.editingFinished.connect(lambda: self._tell(self._typed(line.text().strip())))
        return line

    def _typed(self, text: str) -> Any:
        if not text:
            return None
        if self.kind.kind != "number":
            return text
        number = float(text)
        return int(number) if number.is_integer() and "." not in text and "e" not in text.lower() else number

    def _tell(self, value: Any) -> None:
        if value != self._value:
            self.changed.emit(value)

    def show_value(self, value: Any) -> None:
        """The person's value, None for none."""
        self._value = value
        self.away.setVisible(value is not None)
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
            if editor.text() != text:
                editor.setText(text)
        elif isinstance(editor, QLabel):
            editor.setText(json.dumps(value, ensure_ascii=False)[:60])
            editor.setToolTip(json.dumps(value, ensure_ascii=False, indent=1)[:2000])

    def finish(self) -> None:
        """Take over what is being written."""
        if isinstance(self.editor, QLineEdit) and self.editor.hasFocus() and self.editor.hasAcceptableInput():
            self._tell(self._typed(self.editor.text().strip()))

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.away.setIcon(icon("close", theme.muted))
