"""The parts of the training window: what will be trained on, how it goes, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kdc_annotator.jobs.train_compare import Comparison
from kdc_annotator.jobs.train_plan import Plan
from kdc_annotator.jobs.train_process import Run
from kdc_annotator.ui.dialogs.training_charts import Chart, Line, read_log
from kdc_annotator.ui.text import counted, mark, number, tr
from kdc_annotator.ui.theme import Tokens

FIGURES = {
    "keypoint AP": mark("Joints (AP)"),
    "mask AP": mark("Masks (AP)"),
    "mask IoU, true keypoints": mark("Mask overlap where the joints are right"),
    "missed per photo": mark("People missed in a photo"),
    "false per photo": mark("People seen who are none, in a photo"),
}
LOSSES = {
    "heatmap": mark("joints"),
    "keycentroid": mark("near offsets"),
    "pairwise": mark("limbs"),
    "person": mark("people"),
    "mask_offset": mark("mask offsets"),
    "visibility": mark("visibility"),
    "centre": mark("centres"),
    "embedding": mark("embedding"),
    "keypoints": mark("joints AP"),
    "keypoints_50": mark("joints AP50"),
    "masks": mark("masks AP"),
    "masks_50": mark("masks AP50"),
    "iou": mark("mask overlap"),
}
PICTURE_HEIGHT = 118


def label(text: str = "", role: str = "", wrap: bool = False) -> QLabel:
    """A label of one of the theme's roles."""
    made = QLabel(text)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
    return made


TILES: dict[str, tuple[str, str]] = {
    "images": (mark("finished image"), mark("finished images")),
    "people": (mark("person"), mark("people")),
    "with_keypoints": (mark("with joints"), mark("with joints")),
    "with_masks": (mark("with a mask"), mark("with a mask")),
    "held_back": (mark("image held back to compare"), mark("images held back to compare")),
}
"""What a plan's figures are of: one, and many."""


class SetupPart(QWidget):
    """The counts, the length, and whether unfinished images count too. ``changed``: the counts are wanted again."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.figures: dict[str, QLabel] = {}
        self.words: dict[str, QLabel] = {}
        tiles = QHBoxLayout()
        tiles.setSpacing(12)
        for name, (_, many) in TILES.items():
            tile = QFrame()
            tile.setObjectName("card")
            inner = QVBoxLayout(tile)
            inner.setContentsMargins(12, 8, 12, 8)
            inner.setSpacing(0)
            self.figures[name] = label("…", "title")
            words = label(tr(many), "small", wrap=True)
            words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self.words[name] = words
            inner.addWidget(self.figures[name])
            inner.addWidget(words, 1)
            tiles.addWidget(tile, 1)
        self.says = label(wrap=True)
        self.model = label(role="muted", wrap=True)
        self.bundled = QPushButton(tr("Use the bundled model again"))
        self.bundled.setProperty("quiet", True)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, 100000)
        self.minutes.lineEdit().setTextMargins(6, 0, 0, 0)
        self.minutes.valueChanged.connect(
            lambda n: self.minutes.setSuffix(" " + counted(n, mark("minute"), mark("minutes")))
        )
        self.minutes.setValue(10)
        self.minutes.setAccessibleName(tr("Length"))
        self.everything = QCheckBox(tr("Also images that are not marked as done"))
        self.everything.toggled.connect(lambda _: self.changed.emit())
        length = QHBoxLayout()
        length.setSpacing(12)
        length.addWidget(label(tr("Length")))
        length.addWidget(self.minutes)
        length.addSpacing(12)
        length.addWidget(self.everything)
        length.addStretch(1)
        model = QHBoxLayout()
        model.addWidget(self.model, 1)
        model.addWidget(self.bundled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(tiles)
        column.addWidget(self.says)
        column.addLayout(length)
        column.addLayout(model)
        column.addStretch(1)

    def show_plan(self, plan: Plan) -> None:
        """The counts and what they mean."""
        for name, figure in self.figures.items():
            figure.setText(number(getattr(plan, name)))
        for name, (one, many) in TILES.items():
            if name == "images" and self.everything.isChecked():
                one, many = mark("image"), mark("images")
            self.words[name].setText(counted(getattr(plan, name), one, many))
        if not plan.images:
            text = (
                tr("This project has nobody to learn from yet.")
                if self.everything.isChecked()
                else tr(
                    "No image is marked as done yet: confirm some with the space bar, or take all that have people."
                )
            )
        elif not plan.people:
            text = tr("Nobody is in these images: mark people in some and confirm them.")
        elif not plan.held_back:
            text = tr(
                "Too few images to hold some back, so old and new model can't be compared afterwards; six are enough."
            )
        else:
            text = tr("Every tenth image is held back: on those the old and the new model are compared.")
        if plan.images and plan.unfinished and not self.everything.isChecked():
            text += " " + tr("Images with people that are not marked as done: {count}.", count=number(plan.unfinished))
        self.says.setText(text)


class WatchPart(QWidget):
    """Progress, curves, pictures and what the process says."""

    def __init__(self, theme: Tokens) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(tr("Progress"))
        self.where = label(role="muted")
        empty = tr("Curves appear here once the training runs.")
        self.losses = Chart(tr("Losses, beginning = 1"), empty, theme)
        self.figures = Chart(
            tr("On the images held back"), tr("After each pass over the images, and at the end."), theme
        )
        charts = QHBoxLayout()
        charts.setSpacing(24)
        charts.addWidget(self.losses, 1)
        charts.addWidget(self.figures, 1)
        self.pictures = QWidget()
        row = QHBoxLayout(self.pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._shown: tuple[Path, ...] = ()
        self._row = row
        self.picture_words = label(role="small")
        self.details = QToolButton()
        self.details.setText(tr("What the training says"))
        self.details.setCheckable(True)
        self.details.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(2000)
        self.log.setFixedHeight(120)
        self.log.setAccessibleName(tr("What the training says"))
        self.log.hide()
        self.details.toggled.connect(self.log.setVisible)
        self._read = 0
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.where)
        column.addWidget(self.bar)
        column.addSpacing(4)
        column.addLayout(charts, 1)
        column.addWidget(self.picture_words)
        column.addWidget(self.pictures)
        column.addWidget(self.details, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.log)
        self.picture_words.hide()
        self.pictures.hide()

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        for chart in (self.losses, self.figures):
            chart.set_theme(theme)

    def look(self, run: Run, running: bool) -> None:
        """Read again what the process wrote."""
        text, size = run.output(1_000_000)
        if size != self._read:
            new = text[-(size - self._read) :] if 0 < size - self._read <= len(text) else text
            self._read = size
            self.log.appendPlainText(new.rstrip())
        progress = run.progress
        if progress is not None:
            self.bar.setRange(0, 1000)
            self.bar.setValue(round(progress.share * 1000))
            unit = tr("h") if progress.unit == "h" else tr("min")
            parts = [f"{progress.share:.0%}"]
            if progress.left:
                parts.append(tr("{left} {unit} left", left=progress.left, unit=unit))
            if progress.step is None:
                parts.append(tr("the refinement of poses and masks"))
            else:
                parts.append(tr("step {step}", step=number(progress.step)))
            self.where.setText(" · ".join(parts))
        elif running:
            self.bar.setRange(0, 0)
            self.where.setText(tr("Reading the photos and the model …"))
        self.bar.setVisible(running)
        self.where.setVisible(running)
        losses, figures = read_log(run.folder / "log.csv")
        self.losses.show_lines(_named(losses))
        self.figures.show_lines(_named(figures))
        self._show_pictures(tuple(run.pictures()))

    def _show_pictures(self, files: tuple[Path, ...]) -> None:
        if files == self._shown:
            return
        self._shown = files
        while (item := self._row.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        room = max(self.width(), 600)
        for n, file in enumerate(files):
            picture = QPixmap(str(file))
            if picture.isNull():
                continue
            picture = picture.scaled(
                QSize(260, PICTURE_HEIGHT),
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            if picture.width() > room:
                break
            room -= picture.width() + 6
            shown = QLabel()
            shown.setPixmap(picture)
            shown.setAccessibleName(tr("Held-back photo {number}", number=n + 1))
            self._row.addWidget(shown)
        self._row.addStretch(1)
        self.pictures.setVisible(bool(files))
        self.picture_words.setVisible(bool(files))
        if files:
            step = int(files[0].stem.rpartition("step")[2])
            self.picture_words.setText(tr("What it finds in images held back, at step {step}", step=number(step)))


def _named(lines: dict[str, Line]) -> dict[str, Line]:
    return {tr(LOSSES.get(name, name.replace("_", " "))): line for name, line in lines.items()}


class ResultPart(QFrame):
    """Old and new model beside each other, and the switch. ``switched``: the new model is wanted (or the old one again)."""

    switched = Signal(bool)

    def __init__(self, theme: Tokens) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("card")
        self.words = label(wrap=True)
        self.grid = QGridLayout()
        self.grid.setHorizontalSpacing(24)
        self.grid.setVerticalSpacing(4)
        self.grid.setColumnStretch(0, 1)
        self.cells: dict[str, tuple[str, str]] = {}
        self._verdicts: list[tuple[int, QLabel]] = []
        self.use_new = QPushButton(tr("Use the new model"))
        self.use_new.setProperty("primary", True)
        self.use_new.clicked.connect(lambda: self.switched.emit(True))
        self.use_old = QPushButton(tr("Use the old model again"))
        self.use_old.clicked.connect(lambda: self.switched.emit(False))
        self.again = QPushButton(tr("Compare again"))
        self.again.setProperty("quiet", True)
        self._retry: Callable[[], None] | None = None
        self.again.clicked.connect(lambda: self._retry and self._retry())
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addStretch(1)
        buttons.addWidget(self.use_old)
        buttons.addWidget(self.use_new)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.words)
        column.addLayout(self.grid)
        column.addLayout(buttons)

    def show_words(self, text: str, retry: Callable[[], None] | None = None) -> None:
        """A sentence in place of the table; ``retry``: what "Compare again" does."""
        self._clear()
        self._prefer_new(False)  # Nobody knows yet whether it is better.
        self.words.setText(text)
        self._retry = retry
        self.again.setVisible(retry is not None)

    def show_comparison(self, comparison: Comparison) -> None:
        """The table."""
        self._clear()
        self._prefer_new(comparison.better)
        self.again.hide()
        self.words.setText(
            tr("The old and the new model on the images held back ({count}):", count=number(comparison.photos))
        )
        for column, text in enumerate(("", tr("old"), tr("new"), "")):
            head = label(text, "small")
            head.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.grid.addWidget(head, 0, column)
        for n, row in enumerate(comparison.rows, 1):
            numbers = tuple("–" if v is None else number(v, 3) for v in (row.old, row.new))
            self.cells[row.name] = (numbers[0], numbers[1])
            self.grid.addWidget(label(tr(FIGURES[row.name])), n, 0)
            for column, text in enumerate(numbers, 1):
                cell = label(text, "" if column == 2 else "muted")
                cell.setAlignment(Qt.AlignmentFlag.AlignRight)
                self.grid.addWidget(cell, n, column)
            verdict = {1: tr("better"), -1: tr("worse"), 0: ""}[row.verdict]
            said = label(verdict, "small")
            if row.verdict:
                self._verdicts.append((row.verdict, said))
            self.grid.addWidget(said, n, 3)
        self.set_theme(self._theme)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        for verdict, said in self._verdicts:
            said.setStyleSheet(f"color: {theme.good if verdict > 0 else theme.warn};")

    def _prefer_new(self, better: bool) -> None:
        """The button that stands out is the new model's where that is better."""
        self.use_new.setProperty("primary", better)
        self.use_new.style().unpolish(self.use_new)
        self.use_new.style().polish(self.use_new)

    def show_switch(self, new_in_use: bool, possible: bool) -> None:
        """Which of the two is in use."""
        self.use_new.setVisible(possible and not new_in_use)
        self.use_old.setVisible(possible and new_in_use)

    def _clear(self) -> None:
        self.cells, self._verdicts = {}, []
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
