"""The strip of thumbnails; a hundred thousand rows open at once because only those in sight are read."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QLineF,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.reviewing import review_state
from kdc_annotator.ui.icon_set import pixmap
from kdc_annotator.ui.panels.round_picture import rounded
from kdc_annotator.ui.photo_loader import THUMBNAIL, ThumbnailLoader
from kdc_annotator.ui.session import Session
from kdc_annotator.ui.text import mark, tr
from kdc_annotator.ui.theme import DARK, Tokens, font

Index = QModelIndex | QPersistentModelIndex
RECORD = int(Qt.ItemDataRole.UserRole)
PAGE = 64
CELL = QSize(THUMBNAIL[0] + 8, THUMBNAIL[1] + 24)

STATUS_TEXT: dict[str, str] = {
    "untouched": mark("not begun"),
    "proposed": mark("proposals"),
    "in progress": mark("in progress"),
    "done": mark("done"),
    "done and empty": mark("done, nobody in it"),
    "skipped": mark("skipped"),
}
REVIEW_TEXT: dict[str, str] = {"accepted": mark("accepted in review"), "returned": mark("sent back")}


class ImageModel(QAbstractTableModel):
    """One row; a column is an id. Records are read a page at a time."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._ids: array[int] = array("q")
        self._records: dict[int, PhotoRecord] = {}

    def refresh(self) -> None:
        """Another list."""
        self.beginResetModel()
        self._ids = self._session.ids
        self._records.clear()
        self.endResetModel()

    def forget(self, place: int) -> None:
        """A record has changed."""
        if 0 <= place < len(self._ids):
            self._records.pop(self._ids[place], None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() or not len(self._ids) else 1

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def place(self, number: int) -> QModelIndex:
        """The index of the image at that place of the list; an invalid one where there is none."""
        return self.index(0, number)

    def record(self, place: int) -> PhotoRecord | None:
        """The image at that place."""
        project = self._session.project
        if project is None or not 0 <= place < len(self._ids):
            return None
        found = self._records.get(self._ids[place])
        if found is None:
            if len(self._records) > 4000:
                self._records.clear()
            start = place // PAGE * PAGE
            # Of a page that is known but for the open image, whose record has just changed, one is read.
            lacking = [i for i in self._ids[start : start + PAGE] if i not in self._records]
            try:
                for photo in project.photos_of(lacking):
                    self._records[photo.id] = photo
            except KdcError:
                return None
            found = self._records.get(self._ids[place])
        return found

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        if not index.isValid() or role not in (
            RECORD,
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        photo = self.record(index.column())
        if role == RECORD or photo is None:
            return photo
        if role == Qt.ItemDataRole.DisplayRole:
            return photo.path.rsplit("/", 1)[-1]
        state = review_state(photo)
        word = tr(REVIEW_TEXT[state]) if state in REVIEW_TEXT else tr(STATUS_TEXT[photo.status])
        return f"{photo.path} · {word}"


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: FilmView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, theme = self._view, self._view.theme
        rect: QRect = option.rect  # type: ignore[attr-defined]
        look = option.state  # type: ignore[attr-defined]
        photo: PhotoRecord | None = index.data(RECORD)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(rect.left() + 4, rect.top() + 3, *THUMBNAIL)
        shape = QPainterPath()
        shape.addRoundedRect(area, 5, 5)
        picture = view.thumbnail(photo) if photo is not None else None
        if picture is None or picture.isNull():
            painter.fillPath(shape, QColor(theme.raised))
        if photo is not None:
            if picture is not None and not picture.isNull():
                painter.drawPixmap(area.toRect(), picture)
            elif picture is not None:
                painter.drawPixmap(
                    QRect(int(area.center().x()) - 10, int(area.center().y()) - 10, 20, 20),
                    pixmap("warning", theme.warn, 20, view.devicePixelRatioF()),
                )
        current = bool(look & QStyle.StateFlag.State_Selected)
        if current or look & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.accent if current else theme.muted), 2))
            painter.drawRoundedRect(area.adjusted(-1, -1, 1, 1), 6, 6)
        if photo is not None:
            top = int(area.bottom()) + 3
            place = QRectF(area.left() + 1, top + 3, 9, 9)
            state = review_state(photo)
            if state in ("accepted", "returned"):
                name, colour = ("check-all", theme.good) if state == "accepted" else ("back", theme.warn)
                painter.drawPixmap(
                    place.adjusted(-2, -2, 2, 2).toRect(), pixmap(name, colour, 13, view.devicePixelRatioF())
                )
            else:
                self._status(painter, photo.status, place, theme)
            painter.setPen(QColor(theme.text if current else theme.muted))
            painter.setFont(font(11))
            title = photo.path.rsplit("/", 1)[-1]
            width = int(area.width()) - 14
            text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, width)
            painter.drawText(QRectF(area.left() + 14, top, width, 15), Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    @staticmethod
    def _status(painter: QPainter, status: str, box: QRectF, theme: Tokens) -> None:
        """Told by shape as well as colour: ring, half, dot, tick, dash."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if status in ("done", "done and empty"):
            painter.setPen(QPen(QColor(theme.good), 2, c=Qt.PenCapStyle.RoundCap))
            middle = box.center()
            painter.drawLine(QLineF(box.left(), middle.y(), box.left() + 3, box.bottom() - 1))
            painter.drawLine(QLineF(box.left() + 3, box.bottom() - 1, box.right(), box.top() + 1))
        elif status == "skipped":
            painter.setPen(QPen(QColor(theme.muted), 2))
            painter.drawLine(QLineF(box.left(), box.center().y(), box.right(), box.center().y()))
        else:
            colour = QColor(
                theme.warn if status == "in progress" else theme.accent if status == "proposed" else theme.muted
            )
            painter.setPen(QPen(colour, 1.5))
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))
            if status == "in progress":
                painter.setBrush(colour)
                painter.drawPie(box.adjusted(1, 1, -1, -1), 90 * 16, -180 * 16)


class FilmView(QTableView):
    """The strip itself: a table of one row, since a list would lay out every image before it shows one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.theme: Tokens = DARK
        self.images = ImageModel(session)
        self._pictures: OrderedDict[int, QPixmap] = OrderedDict()
        self._thumbnails = ThumbnailLoader(self)
        self._thumbnails.ready.connect(self._take)
        self._repaint = QTimer(self)
        self._repaint.setSingleShot(True)
        self._repaint.setInterval(30)
        self._repaint.timeout.connect(self.viewport().update)
        self.setModel(self.images)
        self.setItemDelegate(_Delegate(self))
        self.horizontalHeader().hide()
        self.horizontalHeader().setDefaultSectionSize(CELL.width())
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(CELL.height())
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setShowGrid(False)
        self.setStyleSheet(
            "QTableView { selection-background-color: transparent; } QTableView::item:selected { background: transparent; }"
        )
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setProperty("leavesArrows", True)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(CELL.height() + 14)
        self.setAccessibleName(tr("Images"))
        self.clicked.connect(lambda index: self._go(index.column()))
        self.activated.connect(lambda index: self._go(index.column()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (event.angleDelta().y() or event.angleDelta().x()))
        event.accept()

    def _go(self, place: int) -> None:
        """The open image is not opened anew: whoever is selected, isolated or hidden there stays so."""
        if place != self.session.index or self.session.photo_error is not None:
            self.session.go(place)

    def thumbnail(self, photo: PhotoRecord) -> QPixmap | None:
        """The picture, None while it is being made; a null one where the file can't be read."""
        found = self._pictures.get(photo.id)
        if found is None and self.session.project is not None:
            self._thumbnails.request(photo.id, self.session.project.image_path(photo), photo.size)
        return found

    def _take(self, image_id: int, image: QImage) -> None:
        self._pictures[image_id] = rounded(image, 5 * image.width() / THUMBNAIL[0])
        while len(self._pictures) > 600:
            self._pictures.popitem(last=False)
        if not self._repaint.isActive():
            self._repaint.start()

    def forget(self) -> None:
        """Another project."""
        self._pictures.clear()
        self._thumbnails.clear()

    def close_threads(self) -> None:
        """The window closes."""
        self._thumbnails.close()
