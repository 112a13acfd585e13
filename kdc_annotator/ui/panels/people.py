"""The people of the photo as a list with small crops."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPainterPath, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kdc_annotator.ui.canvas.photo_layer import PhotoLevels
from kdc_annotator.ui.colours import person_colour
from kdc_annotator.ui.icon_set import pixmap
from kdc_annotator.ui.panels.round_picture import rounded
from kdc_annotator.ui.scene import Figure, Key, Scene
from kdc_annotator.ui.text import number, tr
from kdc_annotator.ui.theme import DARK, Tokens, font

Index = QModelIndex | QPersistentModelIndex
FIGURE = int(Qt.ItemDataRole.UserRole)
ROW = 52
CROP = 40


class PeopleModel(QAbstractListModel):
    """Everybody who is on the canvas, the topmost first, proposals last."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.scene = scene
        self.rows: list[Figure] = []

    def refresh(self) -> bool:
        """Take the scene's figures over; True where people came or went."""
        order = [f for f in reversed(self.scene.figures) if not f.proposal]
        order += sorted((f for f in self.scene.figures if f.proposal), key=lambda f: -(f.annotation.score or 0))
        if [f.key for f in order] == [f.key for f in self.rows]:
            self.rows = order
            if order:
                self.dataChanged.emit(self.index(0), self.index(len(order) - 1))
            return False
        self.beginResetModel()
        self.rows = order
        self.endResetModel()
        return True

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        figure = self.rows[index.row()]
        if role == FIGURE:
            return figure
        if role == Qt.ItemDataRole.DisplayRole:
            return title_of(figure)
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return f"{title_of(figure)} · {detail_of(figure)}"
        return None

    def row_of(self, key: Key | None) -> int:
        """The row of a figure, -1 where it is not there."""
        return next((n for n, f in enumerate(self.rows) if f.key == key), -1)


def title_of(figure: Figure) -> str:
    """ "Person 3", "Proposal", "Crowd region"."""
    if figure.annotation.crowd:
        return tr("Crowd region")
    return tr("Proposal") if figure.proposal else tr("Person {number}", number=figure.number)


def detail_of(figure: Figure) -> str:
    """One line about the person."""
    annotation = figure.annotation
    parts = []
    if figure.proposal and annotation.score is not None:
        parts.append(tr("score {score}", score=number(annotation.score, 2)))
    elif annotation.crowd:
        pass
    elif annotation.provenance.confirmed:
        parts.append(tr("confirmed"))
    elif annotation.provenance.source == "imported":
        parts.append(tr("imported"))
    if not annotation.crowd:
        parts.append(tr("{n} of {of} joints", n=int(annotation.present.sum()), of=len(annotation.keypoints)))
    if annotation.mask is None:
        parts.append(tr("no mask"))
    return " · ".join(parts)


class PeopleDelegate(QStyledItemDelegate):
    """A crop in the person's colour, name, detail, and signs for what it is."""

    def __init__(self, panel: PeoplePanel) -> None:
        super().__init__(panel)
        self._panel = panel

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        figure: Figure = index.data(FIGURE)
        panel, theme = self._panel, self._panel.theme
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent_soft if state & QStyle.StateFlag.State_Selected else theme.hover))
            painter.drawRoundedRect(QRectF(rect).adjusted(6, 1, -6, -1), 6, 6)
        crop = QRectF(rect.left() + 14, rect.top() + (ROW - CROP) / 2, CROP, CROP)
        shape = QPainterPath()
        shape.addRoundedRect(crop, 6, 6)
        faint = not panel.scene.visible(figure)
        painter.setOpacity(0.4 if faint else 1.0)
        picture = panel.crop(figure)
        if picture is not None:
            painter.drawPixmap(crop.toRect(), picture)
        else:
            painter.fillPath(shape, QColor(theme.raised))
        pen = QPen(person_colour(figure.hue), 2)
        if figure.proposal:
            pen.setDashPattern([2.5, 2])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(crop, 6, 6)
        left = crop.right() + 10
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        signs = self.signs(figure, hovered)
        width = rect.right() - left - 14 - 20 * len(signs)
        painter.setFont(font(13, not figure.proposal))
        painter.setPen(QColor(theme.text))
        name = painter.fontMetrics().elidedText(title_of(figure), Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(QRectF(left, rect.top() + 8, width, 18), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font(11))
        painter.setPen(QColor(theme.muted))
        wide = rect.right() - left - 12
        detail = painter.fontMetrics().elidedText(detail_of(figure), Qt.TextElideMode.ElideRight, int(wide))
        painter.drawText(QRectF(left, rect.top() + 26, wide, 18), Qt.AlignmentFlag.AlignVCenter, detail)
        for place, name, colour, _ in self.places(figure, rect, hovered):
            painter.drawPixmap(place, pixmap(name, colour, 16, panel.devicePixelRatioF()))
        painter.restore()

    def places(self, figure: Figure, row: QRect, hovered: bool) -> list[tuple[QRect, str, str, str]]:
        """Where a row's signs are, as (place, icon, colour, what a click on it does), the rightmost first."""
        found = []
        for n, (name, colour, does) in enumerate(self.signs(figure, hovered)):
            found.append((QRect(row.right() - 30 - 20 * n, row.top() + 9, 16, 16), name, colour, does))
        return found

    def signs(self, figure: Figure, hovered: bool) -> list[tuple[str, str, str]]:
        """What is true of the person; under the pointer also what could be: (icon, colour, what a click does)."""
        theme, visible = self._panel.theme, self._panel.scene.visible(figure)
        signs = []
        if figure.annotation.provenance.confirmed and not figure.proposal:
            signs.append(("check", theme.good, ""))
        if figure.annotation.locked:
            signs.append(("lock", theme.text if hovered else theme.muted, "lock"))
        elif hovered and not figure.proposal:
            signs.append(("unlock", theme.muted, "lock"))
        if not visible or hovered:
            signs.append(
                ("eye" if visible else "eye-off", theme.text if hovered and not visible else theme.muted, "hide")
            )
        return signs


class PeoplePanel(QListView):
    """Click selects, a double click zooms there."""

    zoom_wanted = Signal(object)
    hide_wanted = Signal(object)
    lock_wanted = Signal(object)

    def __init__(self, scene: Scene, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.theme: Tokens = DARK
        self.photo: PhotoLevels | None = None
        self._crops: dict[Key, tuple[object, QPixmap]] = {}
        self._model = PeopleModel(scene)
        self.setModel(self._model)
        self._delegate = PeopleDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(tr("People in this image"))
        scene.figures_changed.connect(lambda _: self._refresh())
        scene.selection_changed.connect(self._follow)
        scene.look_changed.connect(self.viewport().update)
        self.selectionModel().currentChanged.connect(self._chosen)
        self.doubleClicked.connect(lambda index: self.zoom_wanted.emit(index.data(FIGURE)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        sign = self._sign_at(event.position().toPoint())
        if sign is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        else:
            (self.lock_wanted if sign[1] == "lock" else self.hide_wanted).emit(sign[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._sign_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.mousePressEvent(event)

    def _sign_at(self, at: QPoint) -> tuple[Figure, str] | None:
        index = self.indexAt(at)
        if not index.isValid():
            return None
        figure: Figure = index.data(FIGURE)
        places = self._delegate.places(figure, self.visualRect(index), True)
        return next(
            ((figure, does) for place, _, _, does in places if does and place.adjusted(-2, -4, 2, 4).contains(at)), None
        )

    def set_photo(self, photo: PhotoLevels | None) -> None:
        """Crops are cut from this photo."""
        self.photo = photo
        self._crops.clear()
        self.viewport().update()

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.theme = theme
        self.viewport().update()

    def crop(self, figure: Figure) -> QPixmap | None:
        """A square cut-out around the person, made once per shape."""
        if self.photo is None:
            return None
        box = figure.box
        kept = self._crops.get(figure.key)
        if kept and kept[0] == box:
            return kept[1]
        if self.scene.previewing and kept:
            return kept[1]
        x, y, w, h = box
        if w <= 0 or h <= 0:
            return None
        side = max(min(w, h) * 1.15, 0.45 * max(w, h), 8)
        ratio = 2
        level = 0
        while level + 1 < len(self.photo.levels) and side / 2 ** (level + 1) >= CROP * ratio:
            level += 1
        image = self.photo.levels[level]
        scale = image.width() / self.photo.width
        top = y if h > 1.3 * w else y + h / 2 - side / 2
        source = QRect(
            round((x + w / 2 - side / 2) * scale),
            round(top * scale),
            max(round(side * scale), 1),
            max(round(side * scale), 1),
        )
        cut = image.copy(source).scaled(
            CROP * ratio, CROP * ratio, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        picture = rounded(cut, 6 * ratio)
        self._crops[figure.key] = (box, picture)
        return picture

    def _refresh(self) -> None:
        if self.scene.previewing:
            return
        if self._model.refresh():
            self._follow()

    def _follow(self) -> None:
        row = self._model.row_of(self.scene.selected)
        flags = QItemSelectionModel.SelectionFlag
        if row < 0:
            self.selectionModel().clear()
        elif self.currentIndex().row() != row:
            self.selectionModel().setCurrentIndex(self._model.index(row), flags.ClearAndSelect)
        else:
            self.selectionModel().select(self._model.index(row), flags.ClearAndSelect)

    def _chosen(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self.scene.select(current.data(FIGURE).key)
