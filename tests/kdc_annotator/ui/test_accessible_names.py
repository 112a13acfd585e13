"""Whatever Tab can reach says to a screen reader what it is, in the window and in each dialog."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenuBar, QWidget
from window_desk import Desk

QTS_OWN = {"qt_spinbox_lineedit"}
"""The spin box speaks for it."""


def nameless(top: QWidget) -> list[str]:
    found = []
    for part in [top, *top.findChildren(QWidget)]:
        reached = part.isVisible() and part.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(part, QMenuBar)
        if not reached or part.objectName() in QTS_OWN:
            continue
        said = QAccessible.queryAccessibleInterface(part).text(QAccessible.Text.Name)
        if not said:
            found.append(f"{type(top).__name__}: {type(part).__name__} {part.objectName()}")
    return found


@pytest.mark.parametrize(
    "action", ["edit_details", "review_mode", "export", "palette", "cheat_sheet", "rebind", "train"]
)
def test_what_can_be_reached_has_a_name_and_escape_leaves_dialogs(crowd: Desk, action: str, qtbot) -> None:
    window = crowd.window
    window.controller.run(action)
    qtbot.wait(50)
    tops = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert [line for top in tops for line in nameless(top)] == []
    for dialog in [w for w in tops if isinstance(w, QDialog)]:
        left: list[int] = []
        dialog.finished.connect(left.append)
        QTest.keyClick(dialog.focusWidget() or dialog, Qt.Key.Key_Escape)
        assert left or not dialog.isVisible()
