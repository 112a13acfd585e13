"""F1: all keys, from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from kdc_annotator.ui.actions import ACTIONS, MENUS
from kdc_annotator.ui.text import mark, tr

MOUSE: tuple[tuple[str, str], ...] = (
    (mark("Wheel"), mark("Zoom at the pointer")),
    (mark("Middle or right button"), mark("Move the view")),
    (mark("Drag a joint"), mark("The masks follow")),
    (mark("Drag + Shift"), mark("Fine")),
    (mark("Drag + Alt"), mark("The limb beyond follows")),
    (mark("Drag + Alt + Shift"), mark("The whole person")),
    (mark("Click again"), mark("The person beneath")),
    (mark("Shift + wheel"), mark("Size of the brush")),
    (mark("Alt + stroke"), mark("Erase while painting")),
)


def key_text(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class CheatSheet(QFrame):
    """A sheet over the window; any key or click closes it."""

    def __init__(self, parent: QWidget, keys: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Keys"))
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(24, 20, 24, 20)
        columns.setSpacing(36)
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for menu, title in MENUS:
            rows = [(key_text(keys[a.name][0]), tr(a.text)) for a in ACTIONS if a.menu == menu and keys.get(a.name)]
            if rows:
                groups.append((tr(title), rows))
        groups.append((tr("Mouse"), [(tr(k), tr(v)) for k, v in MOUSE]))
        total = sum(len(rows) + 2 for _, rows in groups)
        filled, column = 0, self._column(columns)
        placed = 0
        for title, rows in groups:
            if filled and filled + len(rows) / 2 > total / 3 and placed < 2:
                column.addStretch(1)
                column, filled = self._column(columns), 0
                placed += 1
            self._group(column, title, rows)
            filled += len(rows) + 2
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        area.setStyleSheet("QScrollArea { background: transparent; }")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(4, 4, 4, 4)
        outer.addWidget(area)
        wanted = content.sizeHint()
        self.resize(min(wanted.width() + 24, parent.width() - 32), min(wanted.height() + 16, parent.height() - 32))
        corner = parent.mapToGlobal(parent.rect().center())
        self.move(corner.x() - self.width() // 2, corner.y() - self.height() // 2)

    @staticmethod
    def _column(columns: QHBoxLayout) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        columns.addLayout(column)
        return column

    @staticmethod
    def _group(column: QVBoxLayout, title: str, rows: list[tuple[str, str]]) -> None:
        heading = QLabel(title.upper())
        heading.setProperty("role", "section")
        column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for n, (key, text) in enumerate(rows):
            label = QLabel(key)
            label.setProperty("role", "key")
            grid.addWidget(label, n, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(QLabel(text), n, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addSpacing(12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close()
