"""The icons: our own drawings on a 20 px grid, tinted for the theme."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

FOLDER = Path(__file__).parent / "icons"


def drawing(name: str, colour: str) -> bytes:
    """The SVG text of an icon in that colour."""
    return (FOLDER / f"{name}.svg").read_text("utf-8").replace("currentColor", colour).encode("utf-8")


@cache
def pixmap(name: str, colour: str, size: int = 20, scale: float = 1.0) -> QPixmap:
    """An icon as pixels: ``size`` logical pixels at a device pixel ratio of ``scale``."""
    image = QImage(round(size * scale), round(size * scale), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(drawing(name, colour))).render(painter, QRectF(0, 0, image.width(), image.height()))
    painter.end()
    image.setDevicePixelRatio(scale)
    return QPixmap.fromImage(image)


@cache
def icon(name: str, colour: str, checked: str | None = None) -> QIcon:
    """An icon for buttons and menus; ``checked``: its colour while the button is down."""
    result = QIcon()
    faint = QColor(colour)
    faint.setAlphaF(0.38)
    for scale in (1.0, 2.0):
        result.addPixmap(pixmap(name, colour, 20, scale))
        if checked:
            result.addPixmap(pixmap(name, checked, 20, scale), QIcon.Mode.Normal, QIcon.State.On)
    source = QPixmap(pixmap(name, colour, 20, 2.0))
    pale = QPixmap(source.size())
    pale.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pale)
    painter.setOpacity(0.38)
    source.setDevicePixelRatio(1)
    painter.drawPixmap(0, 0, source)
    painter.end()
    pale.setDevicePixelRatio(2)
    result.addPixmap(pale, QIcon.Mode.Disabled)
    return result
