"""Curves of a training that is under way, read from its ``log.csv``."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from kdc_annotator.ui.text import number
from kdc_annotator.ui.theme import Tokens, font

Line = Sequence[tuple[float, float]]
DARK_LINES = ("#4e9bff", "#ffb000", "#1fbfa0", "#ff7a90", "#b58cff", "#a4d65e", "#ff9a5c", "#35c3f2")
LIGHT_LINES = ("#1f5fd6", "#9a6200", "#0b7a66", "#b8324f", "#6d43c9", "#4b7a12", "#b04c12", "#0b7196")


def read_log(path: Path) -> tuple[dict[str, Line], dict[str, Line]]:
    """(losses, each relative to its first value; validation figures), over steps. Empty where there is nothing to read yet."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError:
        return {}, {}
    losses: dict[str, list[tuple[float, float]]] = {}
    figures: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        for name, value in row.items():
            for start, lines in (("loss_", losses), ("val_", figures)):
                if name and value and name.startswith(start):
                    try:
                        lines.setdefault(name[len(start) :], []).append((float(row["step"]), float(value)))
                    except ValueError:  # A row that is being written at this moment.
                        continue
    return {n: [(x, y / max(p[0][1], 1e-9)) for x, y in p] for n, p in losses.items()}, dict(figures)


class Chart(QWidget):
    """Lines over steps with their names and last values; ``empty`` stands where there are none yet."""

    def __init__(self, title: str, empty: str, theme: Tokens) -> None:
        super().__init__()
        self._title, self._empty, self._theme = title, empty, theme
        self.lines: Mapping[str, Line] = {}
        self.setMinimumSize(QSize(240, 150))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(title)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self._theme = theme
        self.update()

    def show_lines(self, lines: Mapping[str, Line]) -> None:
        """Draw these, with names as a person reads them."""
        self.lines = lines
        values = ", ".join(f"{name} {number(line[-1][1], 3)}" for name, line in lines.items())
        self.setAccessibleDescription(values)
        self.setToolTip(values)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11, bold=True))
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QPointF(0, 11), self._title)
        painter.setFont(font(11))
        metrics = QFontMetricsF(font(11))
        names = sorted(self.lines)
        beside = max((metrics.horizontalAdvance(f"{n} 0.000") for n in names), default=0) + 12 if names else 0
        area = QRectF(0.5, 18.5, self.width() - 1 - beside, self.height() - 36)
        painter.setPen(QPen(QColor(self._theme.line), 1))
        painter.drawRoundedRect(area, 6, 6)
        if not names:
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(
                area.adjusted(12, 0, -12, 0), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty
            )
            return
        points = [p for line in self.lines.values() for p in line]
        right = max(max(x for x, _ in points), 1.0)
        top = max(max(y for _, y in points), 1e-3) * 1.08
        inner = area.adjusted(6, 6, -6, -6)
        colours = DARK_LINES if self._theme.dark else LIGHT_LINES
        step = min(15.0, area.height() / max(len(names), 1))
        for n, name in enumerate(names):
            colour = QColor(colours[n % len(colours)])
            line = [
                QPointF(inner.left() + x / right * inner.width(), inner.bottom() - y / top * inner.height())
                for x, y in self.lines[name]
            ]
            painter.setPen(QPen(colour, 1.8))
            painter.drawPolyline(QPolygonF(line))
            painter.setBrush(colour)
            painter.drawEllipse(line[-1], 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawText(
                QPointF(area.right() + 10, area.top() + 11 + step * n), f"{name} {number(self.lines[name][-1][1], 3)}"
            )
        painter.setPen(QColor(self._theme.muted))
        painter.drawText(QPointF(0, self.height() - 3), "0")
        text = number(right)
        painter.drawText(QPointF(area.right() - metrics.horizontalAdvance(text), self.height() - 3), text)
