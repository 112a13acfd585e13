"""The tools at the window's left edge."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from kdc_annotator.ui.actions import by_name
from kdc_annotator.ui.text import tr

GROUPS: tuple[tuple[str, ...], ...] = (
    (
        "tool_select",
        "tool_add_person",
        "tool_brush",
        "tool_eraser",
        "tool_polygon",
        "tool_reassign",
        "tool_crowd",
        "exact_strokes",
    ),
    ("isolate", "merge", "split", "delete"),
    ("undo", "redo"),
)
TOGGLES = ("show_masks", "show_outlines", "show_skeletons", "fit")


class ToolStrip(QWidget):
    """A button for each action named above; ``actions``: the window's by name."""

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("toolStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(48)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(2)
        for n, group in enumerate(GROUPS):
            if n:
                line = QFrame()
                line.setFixedHeight(1)
                line.setStyleSheet("background: palette(mid);")
                column.addSpacing(2)
                column.addWidget(line)
                column.addSpacing(2)
            for name in group:
                button = _button(name, actions[name])
                column.addWidget(button)
                if name == GROUPS[0][0]:
                    self.setFocusProxy(button)
        column.addStretch(1)
        for name in TOGGLES:
            button = _button(name, actions[name])
            button.setObjectName("viewToggle")
            column.addWidget(button)


def _button(name: str, action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(20, 20))
    button.setFixedSize(36, 30)
    button.setAccessibleName(tr(by_name()[name].text))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
