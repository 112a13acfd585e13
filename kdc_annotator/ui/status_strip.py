"""The lowest line of the window: what the mouse does now, work under way, sliders, zoom, and how far the work is."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSlider, QWidget

from kdc_annotator.ui.elided import HintLabel
from kdc_annotator.ui.panels.film_view import STATUS_TEXT
from kdc_annotator.ui.text import number, tr


class StatusStrip(QWidget):
    """Only shows; the window connects the sliders and the button."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("statusStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(34)
        self.hint = HintLabel()
        self.hint.setMinimumWidth(60)
        self.threshold = _slider(tr("Score from which proposals count"), 0, 100, 96)
        self.threshold_label = QLabel()
        self.opacity = _slider(tr("Opacity of the masks"), 0, 100, 64)
        opacity_label = QLabel(tr("Masks"))
        self.brightness = _slider(tr("Brightness of the photo"), -50, 50, 64)
        brightness_label = QLabel(tr("Light"))
        self.zoom_label = QLabel()
        self.counts = QLabel()
        self.progress_label = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(110, 6)
        self.progress.hide()
        for label in (
            self.hint, self.threshold_label, opacity_label, brightness_label, self.zoom_label, self.counts, self.progress_label,
        ):  # fmt: skip
            label.setProperty("role", "muted")
        self.stop_all = QPushButton(tr("Stop"))
        self.stop_all.setProperty("quiet", True)
        self.stop_all.setFixedHeight(26)
        self.stop_all.hide()
        self.setFocusProxy(self.threshold)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        row.addWidget(self.progress_label)
        row.addWidget(self.progress)
        row.addWidget(self.stop_all)
        for label, slider in (
            (self.threshold_label, self.threshold), (opacity_label, self.opacity), (brightness_label, self.brightness),
        ):  # fmt: skip
            row.addSpacing(2)
            row.addWidget(label)
            row.addWidget(slider)
        row.addSpacing(4)
        row.addWidget(self.zoom_label)
        row.addSpacing(4)
        row.addWidget(self.counts)

    def show_hint(self, text: str) -> None:
        """The line that says what the mouse does now."""
        self.hint.setText(text)
        self.hint.setToolTip(text)

    def show_progress(self, text: str, done: int, of: int) -> None:
        """Work in the background; an empty text ends it."""
        self.progress.setVisible(bool(text))
        self.progress_label.setText(f"{text} {number(done)} / {number(of)}" if of else text)
        self.progress.setRange(0, of)
        self.progress.setValue(done)

    def show_counts(self, counts: Mapping[str, int] | None, rate: float, read_only: bool) -> None:
        """``counts``: status -> number of images, None without a project. ``rate``: images confirmed per hour."""
        if counts is None:
            self.counts.setText("")
            return
        done = counts.get("done", 0) + counts.get("done and empty", 0)
        left = sum(n for status, n in counts.items() if status in ("untouched", "proposed", "in progress"))
        text = tr("{done} / {all} done", done=number(done), all=number(sum(counts.values())))
        text += " · " + tr("{left} left", left=number(left))
        if rate:
            text += " · " + tr("{rate} / h", rate=number(rate))
        lines = [f"{tr(STATUS_TEXT.get(status, status))}: {number(n)}" for status, n in sorted(counts.items())]
        self.counts.setToolTip("\n".join(lines))
        self.counts.setText(text + " · " + (tr("read only") if read_only else tr("saved")))


def _slider(name: str, low: int, high: int, width: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(low, high)
    slider.setFixedWidth(width)
    slider.setAccessibleName(name)
    slider.setToolTip(name)
    return slider
