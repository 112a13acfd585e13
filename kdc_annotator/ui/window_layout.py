"""Where the parts of the window lie: tools left, canvas in the middle, panels right, images and the lowest line below."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

SIDE_WIDTH = 268
FIRST_SIZE = QSize(1280, 800)
Box = TypeVar("Box", bound=QLayout)


def lay_out(window: MainWindow) -> tuple[QSplitter, QStackedWidget]:
    """Put the window's parts into their places: the handle between canvas and panels, and the start page over the work."""
    centre = QWidget()
    column = _without_gaps(QVBoxLayout(centre))
    column.addWidget(window.canvas, 1)
    window.messages.float_over(centre)
    split = QSplitter(Qt.Orientation.Horizontal)
    split.setHandleWidth(1)
    split.setChildrenCollapsible(False)
    split.addWidget(centre)
    split.addWidget(window.side)
    split.setStretchFactor(0, 1)
    split.setSizes([1000, SIDE_WIDTH])
    upper = _without_gaps(QHBoxLayout())
    upper.addWidget(window.tools)
    upper.addWidget(split, 1)
    work = QWidget()
    rows = _without_gaps(QVBoxLayout(work))
    rows.addLayout(upper, 1)
    rows.addWidget(window.strip)
    rows.addWidget(window.status)
    opening = QWidget()
    first = _without_gaps(QVBoxLayout(opening))
    first.addWidget(window.start_messages)
    first.addWidget(window.start, 1)
    stack = QStackedWidget()
    stack.addWidget(opening)
    stack.addWidget(work)
    window.setMenuWidget(window.top)
    window.setCentralWidget(stack)
    return split, stack


def fit_frame(window: MainWindow) -> None:
    """On a small screen the first size leaves no room for the desktop's title bar and panels: the lowest line would lie beyond its edge."""
    screen = window.screen()
    if QGuiApplication.platformName() == "offscreen":
        return  # Its screen and its frames are made up.
    if screen is not None and window.size() == FIRST_SIZE:
        window.resize(inside(window.size(), window.frameGeometry().size(), screen.availableGeometry().size()))


def inside(size: QSize, framed: QSize, room: QSize) -> QSize:
    """``size`` of a window that is ``framed`` with its frame, made to fit into ``room``; as it is where nobody framed it."""
    return size if framed == size else size - (framed - room).expandedTo(QSize(0, 0))


def _without_gaps(layout: Box) -> Box:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
