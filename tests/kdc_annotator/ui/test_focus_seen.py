"""Whoever goes through the window with the keyboard alone sees where it is, at every stop, in both themes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton, QWidget
from window_desk import Desk

SEEN = 12
"""So many pixels differ at least between a part with the keyboard and the same one without."""


def pixels(top: QWidget, place: QRect) -> np.ndarray:
    image = top.grab(place).toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].astype(int)


def stops(top: QWidget) -> list[QWidget]:
    """Whatever Tab can reach, but for the photo: where nothing else shows the keyboard, it is the photo's."""
    found = []
    for part in [top, *top.findChildren(QWidget)]:
        reached = part.isVisible() and part.isEnabled() and part.focusPolicy() & Qt.FocusPolicy.TabFocus
        if reached and part.focusProxy() is None and part.accessibleName() != "Photo" and part.window() is top:
            found.append(part)
    return found


def unseen(top: QWidget) -> list[str]:
    found = []
    parts = stops(top)
    for part in parts:
        corner = part.mapTo(top, QPoint(0, 0))
        place = QRect(corner, part.size()).adjusted(-3, -3, 3, 3).intersected(top.rect())
        other = next(
            (p for p in parts if not place.intersects(QRect(p.mapTo(top, QPoint(-8, -8)), p.size() * 2))), None
        )
        part.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        if top.focusWidget() is not part and not part.isAncestorOf(top.focusWidget() or top):
            continue
        there = pixels(top, place)
        if other is not None:
            other.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            part.clearFocus()
        QApplication.processEvents()
        differ = int((np.abs(there - pixels(top, place)).max(-1) > 40).sum())
        if differ < SEEN:
            found.append(f"{type(part).__name__} {part.accessibleName() or part.objectName()} {differ}")
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_keyboard_is_seen_wherever_it_is_in_the_window(crowd: Desk, theme: str, qtbot) -> None:
    window = crowd.window
    window.controller.run(f"theme_{theme}")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    crowd.key(Qt.Key.Key_S)
    crowd.key(Qt.Key.Key_I)
    qtbot.wait(50)
    assert len(stops(window)) > 20
    assert unseen(window) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("action", ["export", "rebind", "train"])
def test_the_keyboard_is_seen_in_dialogs(crowd: Desk, action: str, theme: str, qtbot) -> None:
    window = crowd.window
    window.controller.run(f"theme_{theme}")
    window.controller.run(action)
    dialog = next(w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not window and w.isWindow())
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.wait(50)
    assert len(stops(dialog)) > 2
    assert unseen(dialog) == []
    dialog.close()


@pytest.mark.parametrize("kind, left", [(QPushButton, 3), (QCheckBox, 20)])
def test_what_has_the_keyboard_has_one_frame_and_its_words_stay_where_they_are(
    crowd: Desk, qtbot, kind: type[QWidget], left: int
) -> None:
    crowd.window.controller.run("export")
    dialog = next(w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not crowd.window and w.isWindow())
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    button = next(p for p in stops(dialog) if isinstance(p, kind))
    inside = QRect(button.mapTo(dialog, QPoint(0, 0)), button.size()).adjusted(left, 3, -3, -3)
    looks = []
    for on_it in (True, False):
        while (dialog.focusWidget() is button) != on_it:
            QTest.keyClick(
                dialog.focusWidget(), Qt.Key.Key_Tab
            )  # Qt draws a frame of its own only for who came by Tab.
        QApplication.processEvents()
        looks.append(pixels(dialog, inside))
    assert (looks[0] == looks[1]).all()
    dialog.close()


@pytest.mark.parametrize("action", ["export", "rebind", "train"])
def test_tab_goes_through_a_dialog_and_back_to_where_it_began(crowd: Desk, action: str, qtbot) -> None:
    crowd.window.controller.run(action)
    dialog = next(w for w in QApplication.topLevelWidgets() if w.isVisible() and w is not crowd.window and w.isWindow())
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.wait(100)
    for key, modifiers in (
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier),
    ):
        wanted = stops(dialog)
        first = dialog.focusWidget()
        seen = []
        for _ in range(2 * len(wanted) + 2):
            seen.append(dialog.focusWidget())
            QTest.keyClick(dialog.focusWidget(), key, modifiers)
            if dialog.focusWidget() is first:
                break
        assert dialog.focusWidget() is first
        assert [p for p in wanted if not any(p is s or p.isAncestorOf(s) for s in seen)] == []
    dialog.close()
