"""Training from the app: starts ``kdc-annotator train`` as a process of its own and shows what it does."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from kdc_annotator.io.project import Project
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens, font

OUTPUT = "output.txt"
LINES = ("#4e9bff", "#ffb000", "#1fbfa0", "#ff5c7a", "#b58cff", "#a4d65e", "#ff8442", "#35c3f2")


class TrainingDialog(QDialog):
    """Not modal: labeling goes on. Closing it asks whether the run shall go on."""

    def __init__(self, parent: QWidget, project: Project) -> None:
        super().__init__(parent)
        self.project = project
        self.run_folder = project.path.parent / f"{project.path.stem}-runs" / datetime.now().strftime("%Y%m%d-%H%M")
        self.process: subprocess.Popen[bytes] | None = None
        self._read = 0
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Train on this project"))
        self.resize(720, 640)
        theme: Tokens = getattr(parent, "theme", DARK)
        counts = project.counts()
        done = counts.get("done", 0) + counts.get("done and empty", 0)
        title = QLabel(tr("Train on this project"))
        title.setProperty("role", "heading")
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.minutes = QSpinBox()
        self.minutes.setRange(1, 100000)
        self.minutes.setValue(10)
        self.minutes.setSuffix(" " + tr("minutes"))
        self.minutes.setAccessibleName(tr("Length"))
        self.everything = QCheckBox(tr("Also images that are not marked as done"))
        self.everything.toggled.connect(lambda on: self._describe(sum(counts.values()) if on else done, on))
        self.curves = Curves(theme)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(2000)
        self.log.setFixedHeight(130)
        self.log.setAccessibleName(tr("What the training says"))
        self.start = QPushButton(tr("Start training"))
        self.start.setProperty("primary", True)
        self.start.clicked.connect(self.begin)
        self.stop = QPushButton(tr("Stop and keep"))
        self.stop.clicked.connect(self._stop)
        self.stop.hide()
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.addWidget(QLabel(tr("Length")), 0, 0)
        grid.addWidget(self.minutes, 0, 1)
        grid.addWidget(self.everything, 0, 2)
        grid.setColumnStretch(2, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.stop)
        buttons.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(self.says)
        column.addLayout(grid)
        column.addWidget(self.curves, 1)
        column.addWidget(self.picture)
        column.addWidget(self.log)
        column.addLayout(buttons)
        self._timer = QTimer(self)
        self._timer.setInterval(2000)
        self._timer.timeout.connect(self._look)
        self._asked = False
        self._describe(done, False)

    def _describe(self, images: int, everything: bool) -> None:
        if images:
            text = tr(
                "The model in use will be trained further on {images} images of this project. The result goes to {folder}.",
                images=images,
                folder=self.run_folder,
            )
        elif everything:
            text = tr("This project has no images.")
        else:
            text = tr("No image is marked as done yet: confirm some with the space bar, or take all.")
        self.says.setText(text)
        self.start.setEnabled(bool(images))

    def begin(self) -> None:
        """Start the process."""
        arguments = ["-m", "kdc_annotator", "train", str(self.project.path), "-o", str(self.run_folder)]
        arguments += ["--minutes", str(self.minutes.value())]
        if self.everything.isChecked():
            arguments.append("--all-images")
        try:
            self.run_folder.mkdir(parents=True, exist_ok=True)
            with (self.run_folder / OUTPUT).open("wb") as output:
                # A session of its own: the run outlives the window where the labeler wants it to.
                self.process = subprocess.Popen(
                    [sys.executable, *arguments],
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env=os.environ | {"PYTHONUNBUFFERED": "1"},
                    start_new_session=True,
                )
        except OSError as error:
            self.says.setText(tr("The training can't be started ({why}).", why=error.strerror))
            return
        self._read = 0
        self.start.hide()
        self.stop.show()
        self._timer.start()

    def _look(self) -> None:
        try:
            with (self.run_folder / OUTPUT).open("rb") as file:
                file.seek(self._read)
                text = file.read()
        except OSError:
            text = b""
        if text:
            self._read += len(text)
            self.log.appendPlainText(text.decode("utf-8", "replace").rstrip())
        self.curves.read(self.run_folder / "log.csv")
        pictures = sorted((self.run_folder / "pictures").glob("*.jpg"), key=lambda p: p.stat().st_mtime)
        if pictures:
            picture = QPixmap(str(pictures[-1]))
            if not picture.isNull():
                self.picture.setPixmap(picture.scaledToHeight(150, Qt.TransformationMode.SmoothTransformation))
        if self.process is not None and self.process.poll() is not None:
            self._finished(self.process.returncode)

    def _stop(self) -> None:
        """As Ctrl-C does: the run saves itself."""
        if self.process is not None:
            if os.name == "nt":
                self.process.terminate()
            else:
                os.kill(self.process.pid, signal.SIGINT)

    def _finished(self, code: int) -> None:
        self._timer.stop()
        self.process = None
        self._look()
        self.stop.hide()
        self.start.show()
        model = self.run_folder / "best.safetensors"
        model = model if model.is_file() else self.run_folder / "last.safetensors"
        if code in (0, 130) and model.is_file():
            self.says.setText(tr("Done. The model is {model}; pass it to any command with --model.", model=model))
        else:
            self.says.setText(tr("The training ended without a model; the last lines below say why."))

    def closeEvent(self, event: QCloseEvent) -> None:
        running = self.process is not None and self.process.poll() is None
        if running and not self._asked:
            self._asked = True
            self.says.setText(
                tr(
                    "The training is running. Close again: it goes on without this window, and its result stays in the folder."
                )
            )
            event.ignore()
            return
        event.accept()


class Curves(QWidget):
    """The columns of ``log.csv`` that begin with loss_, each relative to its first value."""

    def __init__(self, theme: Tokens) -> None:
        super().__init__()
        self._theme = theme
        self._lines: dict[str, list[tuple[float, float]]] = {}
        self.setMinimumHeight(160)
        self.setAccessibleName(tr("Losses over time"))

    def read(self, path: Path) -> None:
        """Read the file again."""
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.DictReader(file))
        except OSError:
            return
        lines: dict[str, list[tuple[float, float]]] = {}
        for row in rows:
            for name, value in row.items():
                if name and name.startswith("loss_") and value:
                    lines.setdefault(name[5:], []).append((float(row["step"]), float(value)))
        self._lines = {n: [(x, y / max(p[0][1], 1e-9)) for x, y in p] for n, p in lines.items()}
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -110, -1)
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.drawRoundedRect(area, 6, 6)
        points = [p for line in self._lines.values() for p in line]
        painter.setFont(font(11))
        painter.setPen(QColor(self._theme.muted))
        if not points:
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, tr("Curves appear here once the training runs."))
            return
        right = max(max(p[0] for p in points), 1.0)
        top = max(max(p[1] for p in points), 1.0) * 1.05
        for n, (name, line) in enumerate(sorted(self._lines.items())):
            colour = QColor(LINES[n % len(LINES)])
            painter.setPen(QPen(colour, 1.8))
            painter.drawPolyline(
                QPolygonF(
                    [
                        QPointF(area.left() + x / right * area.width(), area.bottom() - y / top * area.height())
                        for x, y in line
                    ]
                )
            )
            painter.drawText(QPointF(area.right() + 8, area.top() + 14 + 15 * n), name)
