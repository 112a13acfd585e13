"""Where the view is in a large photo: a small copy in the canvas's corner; click or drag goes there."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from kdc_annotator.ui.canvas.canvas import Canvas
from kdc_annotator.ui.canvas.mapping import Mapping
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import DARK, Tokens

LONGEST = 168
MARGIN = 12
STEP = 0.25
ARROWS = {
    Qt.Key.Key_Left: (-STEP, 0.0), Qt.Key.Key_Right: (STEP, 0.0), Qt.Key.Key_Up: (0.0, -STEP), Qt.Key.Key_Down: (0.0, STEP),
}  # fmt: skip


class Minimap(QWidget):
    """Shown while a part of the photo is out of sight. With the keyboard, arrows move the view by a quarter of it."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.theme: Tokens = DARK
        self.wanted = True
        self._picture: QPixmap | None = None
        self._drawn: PhotoLevels | None = None
        self._seen: tuple[Mapping, int, int, object] | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self.refresh)
        self.setAccessibleName(tr("Overview of the photo"))
        self.setToolTip(tr("Click or drag to go there"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("takesArrows", True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        canvas.overlays.append(self._painted)
        canvas.scene.figures_changed.connect(lambda _: self.update() if self.isVisible() else None)

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.theme = theme
        self.update()

    def set_wanted(self, on: bool) -> None:
        """Whether it may be shown at all."""
        self.wanted = on
        self.refresh()

    def refresh(self) -> None:
        """Show itself where a part of the photo is out of sight, as large as the photo's shape wants."""
        canvas = self.canvas
        width, height = canvas.image_size
        _, _, w, h = canvas.visible_box()
        hidden = width > 0 and height > 0 and w * h < 0.98 * width * height
        show = self.wanted and hidden and canvas.width() > 3 * LONGEST and canvas.height() > 2 * LONGEST
        if not show:
            if self.hasFocus():
                canvas.setFocus()
            self.hide()
            return
        scale = LONGEST / max(width, height)
        size = QSize(max(round(width * scale), 24), max(round(height * scale), 24))
        self.setGeometry(MARGIN, canvas.height() - size.height() - MARGIN, size.width(), size.height())
        self.show()
        self.update()

    def _painted(self, painter: QPainter) -> None:
        """The canvas was painted: if the view has moved, so shall the frame."""
        canvas = self.canvas
        now = (canvas.mapping, canvas.width(), canvas.height(), canvas.photo)
        if now != self._seen:
            self._seen = now
            self._soon.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        canvas, area = self.canvas, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        shape.addRoundedRect(area, 6, 6)
        painter.setClipPath(shape)
        painter.fillPath(shape, QColor(self.theme.raised))
        picture = self._scaled()
        if picture is not None:
            painter.drawPixmap(self.rect(), picture)
        x, y, w, h = canvas.visible_box()
        frame = QRectF(self._to_map(x, y), self._to_map(x + w, y + h))
        outside = QPainterPath()
        outside.addRect(QRectF(self.rect()))
        inside = QPainterPath()
        inside.addRect(frame)
        painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, 110))
        for figure in canvas.scene.figures:
            if canvas.scene.visible(figure):
                left, top, wide, high = figure.box
                at = self._to_map(left + wide / 2, top + high / 2)
                painter.setPen(QPen(QColor(0, 0, 0, 160), 5, c=Qt.PenCapStyle.RoundCap))
                painter.drawPoint(at)
                painter.setPen(QPen(person_colour(figure.hue), 3.4, c=Qt.PenCapStyle.RoundCap))
                painter.drawPoint(at)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(255, 255, 255, 235), 1.6))
        painter.drawRect(frame.adjusted(0.8, 0.8, -0.8, -0.8))
        painter.setClipping(False)
        painter.setPen(
            QPen(QColor(self.theme.accent if self.hasFocus() else self.theme.line), 2 if self.hasFocus() else 1)
        )
        painter.drawPath(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons():
            self._go(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = ARROWS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        x, y, w, h = self.canvas.visible_box()
        self.canvas.centre_on(x + w / 2 + step[0] * w, y + h / 2 + step[1] * h)

    def _go(self, at: QPointF) -> None:
        width, height = self.canvas.image_size
        self.canvas.centre_on(
            min(max(at.x() / self.width(), 0.0), 1.0) * width, min(max(at.y() / self.height(), 0.0), 1.0) * height
        )

    def _to_map(self, x: float, y: float) -> QPointF:
        width, height = self.canvas.image_size
        return QPointF(x / max(width, 1) * self.width(), y / max(height, 1) * self.height())

    def _scaled(self) -> QPixmap | None:
        photo = self.canvas.photo
        if photo is None:
            return None
        if self._drawn is not photo or self._picture is None or self._picture.width() != 2 * self.width():
            small = photo.levels[-1].scaled(
                2 * self.width(), 2 * self.height(), Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
            self._drawn, self._picture = photo, QPixmap.fromImage(small)
        return self._picture
