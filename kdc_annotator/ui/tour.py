"""A tour in a minute: five cards beside what they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kdc_annotator.ui.text import mark, tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

CARDS: tuple[tuple[str, str, str], ...] = (
    ("canvas", mark("People first"), mark("The model proposes people: dashed outlines, dotted limbs. Click one to take it, press again for the one beneath. S and W step through them.")),
    ("canvas", mark("Drag what is wrong"), mark("Drag a joint: the masks follow your hand. Shift is fine, Alt takes the limb along, Esc gives all back. Dotted rings are joints that nobody has placed.")),
    ("tools", mark("Paint what is left"), mark("B paints, E erases, G draws a polygon, 5 adds a person joint by joint. Shift and the wheel change the size of the brush.")),
    ("side", mark("See who is right"), mark("V cycles visible, occluded, not labelled. C confirms a person, Q takes all proposals. F isolates one person in a crowd.")),
    ("strip", mark("Go on"), mark("Space confirms the image and shows the next. Everything is saved as you go; Ctrl+Z goes back without end. F1 shows all keys.")),
)  # fmt: skip


class Tour:
    """Opens the sample where nothing is open, then shows the cards one by one."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.card: Card | None = None

    def start(self) -> None:
        """From the first card on."""
        if self.window.session.project is None:
            self.window.controller.run("open_sample")
        self.show(0)

    def show(self, number: int) -> None:
        """A card; beyond the last one the tour ends."""
        if self.card is not None:
            self.card.close()
            self.card = None
        if number >= len(CARDS):
            self.window.canvas.setFocus()
            return
        self.card = Card(self.window, self, number)
        self.card.show()
        self.card.raise_()
        self.card.next.setFocus()


class Card(QFrame):
    """One card."""

    def __init__(self, window: MainWindow, tour: Tour, number: int) -> None:
        super().__init__(window)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tour, self._number = tour, number
        place, title, text = CARDS[number]
        heading = QLabel(tr(title))
        heading.setProperty("role", "heading")
        body = QLabel(tr(text))
        body.setWordWrap(True)
        step = QLabel(f"{number + 1} / {len(CARDS)}")
        step.setProperty("role", "small")
        leave = QPushButton(tr("End the tour"))
        leave.setProperty("quiet", True)
        leave.clicked.connect(lambda: tour.show(len(CARDS)))
        last = number == len(CARDS) - 1
        self.next = QPushButton(tr("Begin") if last else tr("Next"))
        self.next.setProperty("primary", True)
        self.next.clicked.connect(lambda: tour.show(number + 1))
        row = QHBoxLayout()
        row.addWidget(step)
        row.addStretch(1)
        if not last:
            row.addWidget(leave)
        row.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(heading)
        column.addWidget(body)
        column.addLayout(row)
        self.setFixedWidth(380)
        self.adjustSize()
        self.move(self._corner(window, place))

    def _corner(self, window: MainWindow, place: str) -> QPoint:
        width, height = window.width(), window.height()
        if place == "tools":
            return QPoint(64, 120)
        if place == "side":
            return QPoint(width - self.width() - 24 - window.side.width(), 90)
        if place == "strip":
            return QPoint((width - self.width()) // 2, height - self.height() - 210)
        return QPoint((width - self.width()) // 2, 90)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._tour.show(len(CARDS))
        else:
            super().keyPressEvent(event)


def is_open(window: QWidget) -> bool:
    """Whether a card is to be seen."""
    return any(card.isVisible() for card in window.findChildren(Card))
