"""A tour in a minute: five cards beside what they speak of."""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kdc_annotator.ui.hint_keys import key_in
from kdc_annotator.ui.text import mark, tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

CARDS: tuple[tuple[str, str, str], ...] = (
    ("canvas", mark("People first"), mark("The model proposes people: dashed outlines, dotted limbs. Click one to select it, click again for the one beneath. {next_person} and {previous_person} step through them.")),
    ("canvas", mark("Drag what is wrong"), mark("Drag a joint: the masks follow your hand. Shift drags finely, Alt takes the limb along, Esc gives all back. Dotted rings are joints that nobody has placed.")),
    ("tools", mark("Paint what is left"), mark("{tool_brush} paints, {tool_eraser} erases, {tool_polygon} draws a polygon, {tool_add_person} adds a person joint by joint. Shift and the wheel change the size of the brush.")),
    ("side", mark("See who is right"), mark("{cycle_visibility} over a joint: visible, occluded, not labelled. {confirm_person} confirms a person, {accept_all} takes all proposals. {isolate} isolates one person in a crowd.")),
    ("strip", mark("Go on"), mark("{confirm_image} confirms the image and shows the next. Everything is saved as you go; {undo} goes back without end. {cheat_sheet} shows all keys.")),
)  # fmt: skip
GAP = 16


class Tour:
    """Opens the sample where nothing is open, then shows the cards one by one."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.card: Card | None = None

    def start(self) -> None:
        """From the first card on; on the sample, where nothing is open, once its first photo is there."""
        for card in self.window.findChildren(Card):
            card.close()  # Of a tour that was begun before.
        session = self.window.session
        if session.project is not None:
            self.show(0)
            return
        # Opening gives the keyboard to the photo: the card takes it afterwards.
        once = Qt.ConnectionType.SingleShotConnection
        session.image_changed.connect(lambda: QTimer.singleShot(0, self.window, lambda: self.show(0)), once)
        self.window.controller.run("open_sample")

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
        keys = {name: key_in(window, name) for _, name, _, _ in Formatter().parse(text) if name}
        body = QLabel(tr(text, **keys))
        body.setWordWrap(True)
        step = QLabel(f"{number + 1} / {len(CARDS)}")
        step.setProperty("role", "small")
        leave = QPushButton(tr("End the tour"))
        leave.setProperty("quiet", True)
        leave.clicked.connect(lambda: tour.show(len(CARDS)))
        last = number == len(CARDS) - 1
        self.next = QPushButton(tr("Begin") if last else tr("Next"))
        self.next.setProperty("primary", True)
        for button in (leave, self.next):
            button.setAutoDefault(True)  # Return presses it, too.
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
        window.session.project_changed.connect(self._project_changed)

    def _corner(self, window: MainWindow, place: str) -> QPoint:
        """Beside what it speaks of; not on the middle of the photo, where the people are."""
        canvas = QRect(window.canvas.mapTo(window, QPoint()), window.canvas.size())
        right, bottom = canvas.right() - self.width() - GAP, canvas.bottom() - self.height() - GAP
        if place == "tools":
            return QPoint(canvas.left() + GAP, canvas.top() + 3 * GAP)
        if place == "side":
            return QPoint(right, canvas.top() + 3 * GAP)
        if place == "strip":
            return QPoint(canvas.center().x() - self.width() // 2, bottom)
        return QPoint(right, bottom)

    def _project_changed(self) -> None:
        if self._tour.window.session.project is None:  # What it speaks of is not to be seen.
            self._tour.show(len(CARDS))

    def event(self, event: QEvent) -> bool:
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()  # Else it would be the window's shortcut.
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._tour.show(len(CARDS))
        else:
            super().keyPressEvent(event)


def is_open(window: QWidget) -> bool:
    """Whether a card is to be seen."""
    return any(card.isVisible() for card in window.findChildren(Card))
