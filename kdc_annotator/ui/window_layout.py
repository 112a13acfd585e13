"""Where the parts of the window lie: tools left, canvas in the middle, panels right, images and the lowest line below."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

SIDE_WIDTH = 268
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


def _without_gaps(layout: Box) -> Box:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    return layout
