"""The panels at the window's right edge, one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.ui.panels.checks import ChecksPanel
from kdc_annotator.ui.panels.details import DetailsPanel
from kdc_annotator.ui.panels.history import HistoryPanel
from kdc_annotator.ui.panels.people import PeoplePanel
from kdc_annotator.ui.panels.review import ReviewPanel
from kdc_annotator.ui.panels.section import Section
from kdc_annotator.ui.review import Review
from kdc_annotator.ui.scene import Scene
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens

LOW = 760
"""Pixels of height below which the details and the history have no room beside the others."""


class SidePanel(QWidget):
    """People, checks, history; in a review the differences instead of people and history."""

    def __init__(self, scene: Scene, review: Review) -> None:
        super().__init__()
        self.setObjectName("sidePanel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(220)
        self.setMaximumWidth(420)
        self.scene = scene
        self.people = PeoplePanel(scene)
        self.checks = ChecksPanel()
        self.history = HistoryPanel()
        self.review = ReviewPanel(review)
        self._review = Section(tr("Review"), self.review)
        self.details = DetailsPanel(scene)
        self._details = Section(tr("Details"), self.details)
        # No more room than its content takes.
        self._details.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._people = Section(tr("People"), self.people)
        self._checks = Section(tr("Checks"), self.checks)
        self._history = Section(tr("History"), self.history)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(0)
        column.addWidget(self._review, 6)
        column.addWidget(self._people, 5)
        column.addWidget(self._details, 9)
        column.addWidget(self._checks, 2)
        column.addWidget(self._history, 2)
        self._review.hide()
        self._details.set_open(False)
        self._checks.set_empty(True)
        self._history.set_empty(True, hide=True)
        self.sections = {
            "details": self._details,
            "review": self._review,
            "people": self._people,
            "checks": self._checks,
            "history": self._history,
        }
        """By name, in an order in which they can be folded one by one."""
        self._gave_way = False
        self._details.opened.connect(self._give_way)
        review.changed.connect(lambda: self._review.set_count(str(len(review.differences) or "")))

    def _give_way(self, details: bool) -> None:
        """There is not room for all of them in a small window: there the history is folded while the details are open."""
        if details:
            self._gave_way = self._history.is_open and self.height() < LOW
        if self._gave_way:
            self._history.set_open(not details)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        for part in (
            self.people,
            self.checks,
            self.history,
            self.review,
            self.details,
            self._review,
            self._details,
            self._people,
            self._checks,
            self._history,
        ):
            part.set_theme(theme)

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """What the checks found in the open image."""
        self.checks.show_findings(findings)
        self._checks.set_count(str(len(findings)) if findings else "")

    def fit_checks(self, findings: Sequence[Finding]) -> None:
        """The checks are through: where they found nothing, the people get the room. Not before, else it would come and go with each image."""
        self._checks.set_empty(not findings)

    def show_review(self, on: bool) -> None:
        """The reviewer's panel, or the labeler's again."""
        self._review.setVisible(on)
        self._people.setVisible(not on)
        self._history.setVisible(not on)

    def open_details(self) -> None:
        """Unfold the attributes and give them the keyboard."""
        self._details.set_open(True)
        self.details.focus_first()

    def open_note(self) -> None:
        """Unfold the review and give the keyboard to the line for the note: what is written there must not be keys of actions."""
        self._review.set_open(True)
        self.review.note.setFocus()

    def refresh_counts(self, document: ImageDocument | None) -> None:
        """The numbers beside the titles."""
        people = [f for f in self.scene.figures if not f.proposal]
        proposals = len(self.scene.figures) - len(people)
        self._people.set_count(f"{len(people)}" + (f" + {proposals}" if proposals else ""))
        history = document.history if document else ()
        self._history.set_empty(not history, hide=True)
        self._history.set_count(str(len(history)) if history else "")
