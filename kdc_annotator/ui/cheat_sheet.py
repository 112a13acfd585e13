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
    (mark("Ctrl + stroke"), mark("Exactly these pixels, for one stroke")),
)
POINTER: tuple[tuple[str, str], ...] = (
    (mark("Arrows"), mark("Move the pointer")),
    (mark("Shift + arrows"), mark("Ten times as far")),
    (mark("Space"), mark("Click; held down: drag")),
    (mark("Return"), mark("Hold the button, let go")),
    (mark("Alt + arrows"), mark("The limb beyond follows")),
)
"""What keys do while the pointer is theirs; see ``canvas/key_pointer.py``."""


Group = tuple[str, list[tuple[str, str]]]
HEADING = 1.8
"""Height of a heading and the space before it, in rows."""


def balanced(groups: list[Group], columns: int = 3) -> list[list[Group]]:
    """The groups over columns of about equal height, in order; a group goes on in the next column, there without its heading."""
    limit = sum(len(rows) + HEADING for _, rows in groups) / columns
    out: list[list[Group]] = [[]]
    filled = 0.0
    for title, rows in groups:
        left, heading = rows, title
        while left:
            room = int(limit - filled - (HEADING if heading else 0) + 0.5)
            last = len(out) == columns
            if not last and room < min(3, len(left)):
                out.append([])
                filled = 0.0
                continue
            here = left if last else left[:room]
            # One row alone at the end of a group is better kept with the others.
            here = left if len(left) - len(here) == 1 else here
            out[-1].append((heading, here))
            filled += len(here) + (HEADING if heading else 0)
            left, heading = left[len(here) :], ""
    return out


def key_text(key: str) -> str:
    """A key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


class CheatSheet(QFrame):
    """A sheet over the window; any key or click closes it. Where it is higher than the window, arrows and page keys move it."""

    def __init__(self, parent: QWidget, keys: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(tr("Keys"))
        groups: list[Group] = []
        for menu, title in MENUS:
            rows = [(key_text(keys[a.name][0]), tr(a.text)) for a in ACTIONS if a.menu == menu and keys.get(a.name)]
            if rows:
                groups.append((tr(title), rows))
        groups.append((tr("Mouse"), [(tr(k), tr(v)) for k, v in MOUSE]))
        groups.append((tr("Pointer by arrow keys"), [(tr(k), tr(v)) for k, v in POINTER]))
        room = parent.width() - 32 - 24
        content = self._content(groups, 3)
        if content.sizeHint().width() > room:
            content = self._content(groups, 2)
        area = self._area = QScrollArea()
        area.setAccessibleName(tr("Keys"))
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
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

    def _content(self, groups: list[Group], count: int) -> QWidget:
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(16, 16, 16, 4)
        columns.setSpacing(24)
        for part in balanced(groups, count):
            column = self._column(columns)
            for title, rows in part:
                self._group(column, title, rows)
            column.addStretch(1)
        return content

    @staticmethod
    def _column(columns: QHBoxLayout) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        columns.addLayout(column)
        return column

    @staticmethod
    def _group(column: QVBoxLayout, title: str, rows: list[tuple[str, str]]) -> None:
        if title:
            heading = QLabel(title.upper())
            heading.setProperty("role", "section")
            column.addWidget(heading)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        for n, (key, text) in enumerate(rows):
            label = QLabel(key)
            label.setProperty("role", "key")
            grid.addWidget(label, n, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(QLabel(text), n, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addSpacing(12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self._area.verticalScrollBar()
        page = {Qt.Key.Key_PageDown: 1.0, Qt.Key.Key_PageUp: -1.0, Qt.Key.Key_Down: 0.1, Qt.Key.Key_Up: -0.1}
        by = page.get(Qt.Key(event.key()))
        if by is None or not bar.maximum():
            self.close()
        else:
            bar.setValue(bar.value() + round(by * bar.pageStep()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.close()
