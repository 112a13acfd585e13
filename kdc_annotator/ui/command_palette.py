"""Ctrl+K: every action by name, and images by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens, font

ENTRY = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True)
class Entry:
    """One line: ``text``, greyed ``detail`` (a key, a path), what it does; ``possible`` now or not."""

    text: str
    detail: str
    icon: QIcon
    possible: bool
    run: Callable[[], None]


class _Delegate(QStyledItemDelegate):
    theme: Tokens

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(100, 34)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index) -> None:  # type: ignore[no-untyped-def]
        entry: Entry = index.data(ENTRY)
        rect = option.rect.adjusted(6, 1, -6, -1)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:  # type: ignore[attr-defined]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.accent_soft))
            painter.drawRoundedRect(rect, 6, 6)
        mode = QIcon.Mode.Normal if entry.possible else QIcon.Mode.Disabled
        entry.icon.paint(painter, rect.left() + 10, rect.top() + 6, 20, 20, mode=mode)
        beside = QFontMetrics(font(11)).horizontalAdvance(entry.detail)
        place = rect.adjusted(42, 0, -12 - (beside + 16 if beside else 0), 0)
        painter.setFont(font(13))
        painter.setPen(QColor(self.theme.text if entry.possible else self.theme.muted))
        shown = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideMiddle, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setFont(font(11))
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(
            rect.adjusted(0, 0, -12, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, entry.detail
        )
        painter.restore()


WIDTH, HEIGHT = 560, 420
STEM = 4
"""Letters of a word in a name from which a longer one that is typed is taken for another form of it."""


class CommandPalette(QFrame):
    """Type a part of the name; Return does it, Escape leaves."""

    def __init__(
        self, parent: QWidget, theme: Tokens, entries: Sequence[Entry], search: Callable[[str], list[Entry]]
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries = entries
        self._search = search
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("What do you want to do?"))
        self.line.setAccessibleName(tr("Command palette"))
        self.line.setMinimumHeight(34)
        self.list = QListWidget()
        self._delegate = _Delegate(self.list)
        self._delegate.theme = theme
        self.list.setItemDelegate(self._delegate)
        self.list.setAccessibleName(tr("Matching actions"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list.itemClicked.connect(self._run)
        self._fill("")

    def open_at(self, centre_x: int, top: int) -> None:
        """Show it there, in screen positions."""
        self.move(centre_x - self.width() // 2, top)
        self.show()
        self.line.setFocus()

    def _fill(self, text: str) -> None:
        self.list.clear()
        words = text.lower().split()
        scored = []
        for n, entry in enumerate(self._entries):
            name = entry.text.lower()
            literally = all(w in name or w == entry.detail.lower() for w in words)
            if literally or all(_meant(w, name) for w in words):
                starts = any(name.startswith(w) for w in words)
                scored.append((not literally, not entry.possible, not starts, n, entry))
        found = [s[-1] for s in sorted(scored, key=lambda s: s[:-1])]
        if len(text.strip()) > 1:
            found += self._search(text.strip())
        if not found:
            found = [Entry(tr("Nothing is called so."), "", QIcon(), False, lambda: None)]
        for entry in found[:60]:
            item = QListWidgetItem(entry.text)
            item.setData(ENTRY, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        # No higher than what was found: the photo below stays in sight.
        rows = self.list.count() * self.list.sizeHintForRow(0) + 2 * self.list.frameWidth() + 4
        self.resize(WIDTH, min(HEIGHT, self.line.minimumHeight() + 8 + 6 + rows + 8))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            row = self.list.currentRow()
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                by = 1 if event.key() == Qt.Key.Key_Down else -1
                if self.list.count():
                    self.list.setCurrentRow((row + by) % self.list.count())
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                if self.list.currentItem():
                    self._run(self.list.currentItem())
                return True
        return super().eventFilter(watched, event)

    def _run(self, item: QListWidgetItem) -> None:
        entry: Entry = item.data(ENTRY)
        if not entry.possible:
            return
        self.close()
        entry.run()


def _meant(word: str, name: str) -> bool:
    """Whether ``word`` stands in ``name``, or is a longer form of a word there: "training" for "Train on this project"."""
    parts = (part.strip(".,:…()") for part in name.split())
    return word in name or any(len(part) >= STEM and word.startswith(part) for part in parts)
