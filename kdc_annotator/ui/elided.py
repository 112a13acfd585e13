"""Labels that give way where they have no room, instead of being cut."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QLabel

from kdc_annotator.ui.theme import font

SMALL = 11
PART = " · "


class ElidedLabel(QLabel):
    """One line, with … at its end; what torch says of a model may have several."""

    def setText(self, text: str) -> None:
        super().setText(" ".join(line.strip() for line in text.splitlines()))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.rect(), self.alignment(), text)


class HintLabel(ElidedLabel):
    """One line where it fits, else two smaller ones, with … at the end of the second."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.fontMetrics().horizontalAdvance(self.text()) <= self.width():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(font(SMALL))
        lines = self.lines()
        height = QFontMetrics(font(SMALL)).height()
        top = (self.height() - height * len(lines)) / 2
        for n, line in enumerate(lines):
            painter.drawText(QPointF(0, top + n * height + QFontMetrics(font(SMALL)).ascent()), line)

    def lines(self) -> list[str]:
        """What is shown, line by line."""
        small = QFontMetrics(font(SMALL))
        if min(m.horizontalAdvance(self.text()) for m in (self.fontMetrics(), small)) <= self.width():
            return [self.text()]
        layout = QTextLayout(self.text(), font(SMALL))
        layout.beginLayout()
        first = layout.createLine()
        first.setLineWidth(self.width())
        layout.endLayout()
        end = first.textLength()
        part = self.text().rfind(PART, 0, end + 1) + len(PART)
        # Better between two parts than within one, where the rest still fits.
        if part > len(PART) and small.horizontalAdvance(self.text()[part:]) <= self.width():
            end = part
        rest = small.elidedText(self.text()[end:], Qt.TextElideMode.ElideRight, self.width())
        return [self.text()[:end].rstrip(), rest]
