"""The tools at the window's left edge."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
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
SPARED = (
    "fit", "show_skeletons", "show_outlines", "show_masks", "split", "merge", "exact_strokes", "isolate", "tool_crowd",
    "redo", "delete", "tool_reassign", "tool_polygon",
)  # fmt: skip
"""The buttons that a low window does without, the first ones first."""
BUTTON, SPACING = QSize(36, 28), 2
EDGES = 12 + 2 * 9
"""Pixels of height that are not for buttons: margins and the lines between the groups."""


class ToolStrip(QWidget):
    """A button for each action named above; ``actions``: the window's by name."""

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.setObjectName("toolStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(48)
        self.setMinimumHeight(EDGES + 8 * (BUTTON.height() + SPACING))
        self._buttons: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(SPACING)
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
                self._buttons[name] = button
                if name == GROUPS[0][0]:
                    self.setFocusProxy(button)
        column.addStretch(1)
        for name in TOGGLES:
            button = _button(name, actions[name])
            button.setObjectName("viewToggle")
            column.addWidget(button)
            self._buttons[name] = button

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low window the buttons that can be spared go; menus and keys have them all."""
        fits = (self.height() - EDGES) // (BUTTON.height() + SPACING)
        gone = set(SPARED[: max(len(self._buttons) - fits, 0)])
        for name, button in self._buttons.items():
            button.setVisible(name not in gone)


def _button(name: str, action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(20, 20))
    button.setFixedSize(BUTTON)
    button.setAccessibleName(tr(by_name()[name].text))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
