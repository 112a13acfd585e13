"""What the window shows without a project: what to do first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kdc_annotator.ui.icon_set import icon, pixmap
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens


class StartPage(QWidget):
    """Open, the sample, recent projects."""

    folder_wanted = Signal()
    file_wanted = Signal()
    sample_wanted = Signal()
    tour_wanted = Signal()
    recent_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self._theme = DARK
        self._logo = QLabel()
        title = QLabel(tr("Annotate people in crowds"))
        title.setProperty("role", "title")
        lead = QLabel(
            tr("Open photos: the model proposes people, you drag what is wrong, and the masks follow your hand.")
        )
        lead.setProperty("role", "muted")
        lead.setWordWrap(True)
        self._folder = QPushButton(tr("Open a folder of photos"))
        self._folder.setProperty("primary", True)
        self._file = QPushButton(tr("Open a project or COCO file"))
        self._sample = QPushButton(tr("Try the sample crowd"))
        self._tour = QPushButton(tr("60-second tour"))
        self._tour.setProperty("quiet", True)
        for button, signal in (
            (self._folder, self.folder_wanted), (self._file, self.file_wanted),
            (self._sample, self.sample_wanted), (self._tour, self.tour_wanted),
        ):  # fmt: skip
            button.clicked.connect(signal)
            button.setAutoDefault(True)  # Return presses it, too.
            button.setMinimumHeight(36)
        drop = QLabel(tr("Or drop a folder or a file anywhere in this window."))
        drop.setProperty("role", "small")
        self._recent_title = QLabel(tr("RECENT"))
        self._recent_title.setProperty("role", "section")
        self._recent = QVBoxLayout()
        self._recent.setSpacing(4)
        card = QFrame()
        card.setObjectName("card")
        card.setMinimumWidth(560)
        inner = QVBoxLayout(card)
        inner.setContentsMargins(32, 28, 32, 28)
        inner.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self._logo)
        head.addWidget(title)
        head.addStretch(1)
        inner.addLayout(head)
        inner.addWidget(lead)
        inner.addSpacing(8)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self._folder, 1)
        first.addWidget(self._file, 1)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self._sample, 1)
        second.addWidget(self._tour, 1)
        inner.addLayout(first)
        inner.addLayout(second)
        inner.addWidget(drop)
        inner.addSpacing(8)
        inner.addWidget(self._recent_title)
        inner.addLayout(self._recent)
        column = QVBoxLayout(self)
        column.addStretch(2)
        # An aligned item is as high as it would be over the whole width, where the words need fewer lines: too low for them here.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(card)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(3)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        self._logo.setPixmap(pixmap("app", theme.accent, 36, self.devicePixelRatioF()))
        self._folder.setIcon(icon("folder", theme.on_accent))
        self._file.setIcon(icon("file", theme.text))
        self._sample.setIcon(icon("spark", theme.text))
        self._tour.setIcon(icon("info", theme.text))

    def set_recent(self, paths: Sequence[str]) -> None:
        """The projects opened last, newest first."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            if item and item.widget():
                item.widget().deleteLater()  # type: ignore[union-attr]
        self._recent_title.setVisible(bool(paths))
        for path in paths[:5]:
            place = Path(path)
            button = QPushButton()
            button.setProperty("quiet", True)
            button.setToolTip(path)
            button.setAccessibleName(tr("Open {name}", name=place.stem))
            row = QHBoxLayout(button)
            row.setContentsMargins(8, 2, 8, 2)
            name = QLabel(place.stem)
            where = QLabel(button.fontMetrics().elidedText(str(place.parent), Qt.TextElideMode.ElideMiddle, 300))
            where.setProperty("role", "small")
            for label in (name, where):
                label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            row.addWidget(name)
            row.addStretch(1)
            row.addWidget(where)
            button.setMinimumHeight(30)
            button.setAutoDefault(True)
            button.clicked.connect(lambda _=False, path=path: self.recent_wanted.emit(path))
            self._recent.addWidget(button)
