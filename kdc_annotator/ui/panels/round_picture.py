"""Small pictures with round corners."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPixmap


def rounded(image: QImage, radius: float) -> QPixmap:
    """The picture with its corners cut, once and not at every paint; ``radius`` in its own pixels. A null one stays null."""
    if image.isNull():
        return QPixmap()
    picture = QImage(image.size(), QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QBrush(image))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(picture.rect()), radius, radius)
    painter.end()
    return QPixmap.fromImage(picture)
