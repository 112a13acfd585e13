"""Which images are worked on, and in which order: a line of filters above the strip of thumbnails."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kdc_annotator.io.project_facts import FactKind
from kdc_annotator.ui.calm_box import CalmBox
from kdc_annotator.ui.panels.film_view import FilmView
from kdc_annotator.ui.session import Session
from kdc_annotator.ui.text import counted, mark, number, tr
from kdc_annotator.ui.theme import Tokens

Choice = tuple[str, dict[str, object]]
FILTERS: tuple[Choice, ...] = (
    (mark("All images"), {}),
    (mark("Not done"), {"status": ("untouched", "proposed", "in progress")}),
    (mark("Done"), {"status": ("done", "done and empty")}),
    (mark("In progress"), {"status": "in progress"}),
    (mark("With proposals"), {"status": "proposed"}),
    (mark("Skipped"), {"status": "skipped"}),
    (mark("To be reviewed"), {"review": "waiting"}),
    (mark("Sent back"), {"review": "returned"}),
    (mark("Accepted in review"), {"review": "accepted"}),
)
ORDERS: tuple[tuple[str, str], ...] = (
    (mark("In order of adding"), "added"),
    (mark("By name"), "path"),
    (mark("Most doubtful first"), "doubt"),
    (mark("Most people first"), "people"),
    (mark("Longest work first"), "time"),
    (mark("By status"), "status"),
)
PEOPLE: tuple[Choice, ...] = (
    (mark("Any number"), {}),
    (mark("Nobody"), {"people": (0, 0)}),
    (mark("One person"), {"people": (1, 1)}),
    (mark("2 to 4 people"), {"people": (2, 4)}),
    (mark("5 to 14 people"), {"people": (5, 14)}),
    (mark("15 people and more"), {"people": (15, None)}),
)
CHECKS: tuple[Choice, ...] = (
    (mark("All checks"), {}),
    (mark("With errors"), {"findings": "errors"}),
    (mark("Errors, warnings"), {"findings": "warnings"}),
    (mark("Nothing found"), {"findings": "none"}),
    (mark("Not checked yet"), {"findings": "unknown"}),
)


class ImageStrip(QWidget):
    """Filter line and strip."""

    filtered = Signal()
    facts_wanted = Signal(object)
    """The kinds of facts (see ``FactKind``) that images are sorted or looked for by, and that may not be known of all."""
    gone_to_first = Signal()
    given_up = Signal()
    """The filter was taken away by the button in its empty list."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filmstrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        self.view = FilmView(session, self)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find by name or note"))
        self.search.setAccessibleName(tr("Find by name or note"))
        self.search.setClearButtonEnabled(True)
        self.search.setAcceptDrops(False)  # A file that is dropped there is to be opened.
        self.search.setMinimumWidth(90)
        self.search.setMaximumWidth(210)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.status = _box(tr("Which images"), [tr(text) for text, _ in FILTERS])
        self.people = _box(tr("By number of people"), [tr(text) for text, _ in PEOPLE])
        self.checks = _box(tr("By what the checks found"), [tr(text) for text, _ in CHECKS])
        self.order = _box(tr("Order of the images"), [tr(text) for text, _ in ORDERS])
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        nothing = QLabel(tr("No image fits."))
        nothing.setProperty("role", "muted")
        self.show_all = QPushButton(tr("Show all images"))
        self.show_all.setAutoDefault(True)
        self.show_all.clicked.connect(self.take_filter_away)
        self._empty = QWidget()
        line = QHBoxLayout(self._empty)
        line.addStretch(1)
        line.addWidget(nothing)
        line.addWidget(self.show_all)
        line.addStretch(1)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 2)
        row.setSpacing(8)
        row.addWidget(self.search, 4)
        for widget in (self.status, self.people, self.checks, self.order):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._empty)
        column.addWidget(self.view)
        self._empty.setFixedHeight(self.view.height())
        self._empty.hide()
        self._go_first = self._asked_anew = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(150)
        self._timer.timeout.connect(self._apply)
        self.search.textChanged.connect(lambda _: self._timer.start())
        self.search.returnPressed.connect(self._first)
        for box in self._boxes():
            box.currentIndexChanged.connect(lambda _: self._apply())
        session.list_changed.connect(self._list_changed)
        session.project_changed.connect(self._project_changed)
        session.image_changed.connect(self.follow)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.view.theme = theme
        self.view.viewport().update()

    def follow(self) -> None:
        """Mark the open image and keep it in sight."""
        index = self.view.images.place(self.session.index)
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)

    def refresh_row(self) -> None:
        """The open image's status has changed."""
        self.view.images.forget(self.session.index)
        self.view.viewport().update()

    def _apply(self) -> None:
        self._asked_anew = True
        self.session.filter(**self._conditions())
        self.filtered.emit()
        if self.wanted_facts():
            self.facts_wanted.emit(self.wanted_facts())

    def _conditions(self) -> dict[str, object]:
        conditions: dict[str, object] = {}
        for box, table in ((self.status, FILTERS), (self.people, PEOPLE), (self.checks, CHECKS)):
            conditions.update(table[box.currentIndex()][1])
        if self.search.text().strip():
            conditions["text"] = self.search.text().strip()
        conditions["order"] = ORDERS[self.order.currentIndex()][1]
        return conditions

    def take_filter_away(self) -> None:
        """Every image again, in the order that is chosen; the next keys are for the photo."""
        self._timer.stop()
        self._clear((self.status, self.people, self.checks))
        self._apply()
        self.given_up.emit()

    def _clear(self, boxes: tuple[QComboBox, ...]) -> None:
        for box in boxes:
            box.blockSignals(True)
            box.setCurrentIndex(0)
            box.blockSignals(False)
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)

    def wanted_facts(self) -> tuple[FactKind, ...]:
        """What the present filter and order stand on. Whoever looks for images that are not checked wants them as they are."""
        checks: tuple[FactKind, ...] = ("findings",)
        doubts: tuple[FactKind, ...] = ("doubt",)
        known = CHECKS[self.checks.currentIndex()][1].get("findings") in (None, "unknown")
        ordered = ORDERS[self.order.currentIndex()][1] == "doubt"
        return (doubts if ordered else ()) + (() if known else checks)

    def look_again(self) -> None:
        """More is known about the images: filter and sort anew, where that stands on it."""
        if self.wanted_facts():
            self.session.filter(**self._conditions())

    def _boxes(self) -> tuple[QComboBox, QComboBox, QComboBox, QComboBox]:
        return (self.status, self.people, self.checks, self.order)

    def _first(self) -> None:
        """The first image that fits what is typed now, also where the list of those is still to come."""
        if self._timer.isActive():
            self._timer.stop()
            self._apply()
        self._go_first = self.session.listing.waiting
        if not self._go_first:
            self._go_to_first()

    def _go_to_first(self) -> None:
        """Of what was looked for; the next keys are for the photo."""
        if len(self.session.ids):
            self.session.go(0)
            self.gone_to_first.emit()

    def _project_changed(self) -> None:
        self.view.forget()
        self._go_first = False
        self._clear(self._boxes())

    def _list_changed(self) -> None:
        self.view.images.refresh()
        shown, project = len(self.session.ids), self.session.project
        total = project.count() if project else 0
        self.count.setText(
            tr("{shown} of {total}", shown=number(shown), total=number(total))
            if shown != total
            else counted(total, mark("1 image"), mark("{count} images"))
        )
        self.view.setVisible(bool(shown) or not total)
        self._empty.setVisible(not shown and bool(total))
        self.follow()
        if self._asked_anew and self.session.index < 0:
            # The open image is not among them: those are in sight between which it would be, the next one first.
            beside = self.view.images.place(min(self.session.beside(1), shown - 1))
            self.view.scrollTo(beside, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._asked_anew = False
        if self._go_first:
            self._go_first = False
            self._go_to_first()


def _box(name: str, words: list[str]) -> QComboBox:
    box = CalmBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.addItems(words)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(13)
    return box
