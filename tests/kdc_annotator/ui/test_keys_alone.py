"""Functions that had to be reached with the mouse: the score from which proposals count, another key for an action, menus, buttons."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from window_desk import Desk, proposal

from kdc_annotator.ui.main_window import TOLD_LATER, MainWindow
from kdc_annotator.ui.part_menus import place_of
from kdc_annotator.ui.settings import Settings
from kdc_annotator.ui.window_layout import FIRST_SIZE, inside

K = Qt.Key


def test_the_score_from_which_proposals_count_has_keys(desk: Desk) -> None:
    slider, scene = desk.window.status.threshold, desk.scene
    desk.propose(proposal(110, 220, 180, 0.9), proposal(220, 225, 190, 0.42))
    slider.setValue(40)
    assert len(scene.visible_proposals()) == 2
    desk.key(K.Key_P)
    assert slider.value() == 45 and [p.score for p in scene.visible_proposals()] == [0.9]
    assert "0.45" in desk.window.status.threshold_label.text()
    desk.key(K.Key_O)
    assert slider.value() == 40 and len(scene.visible_proposals()) == 2
    for _ in range(30):
        desk.key(K.Key_O)
    assert slider.value() == 0
    assert slider.toolTip().endswith("(O, P)")
    desk.window.settings.set_keys("score_lower", ("Ctrl+9",))
    desk.window.apply_keys()
    assert slider.toolTip().endswith("(Ctrl+9, P)")


@pytest.mark.parametrize("new, taken", [(K.Key_L, "L"), (K.Key_H, "H")])
def test_an_action_gets_another_key_without_the_mouse(desk: Desk, new: Qt.Key, taken: str) -> None:
    from kdc_annotator.ui.dialogs.keys import KeysDialog

    dialog = KeysDialog(desk.window)

    def press(key: Qt.Key) -> None:
        QTest.keyClick(dialog.focusWidget(), key)

    dialog.open()
    dialog.search.setFocus()
    QTest.keyClicks(dialog.search, "Brush")
    press(K.Key_Return)
    assert dialog.focusWidget() is dialog.table
    press(K.Key_Tab)
    assert dialog.focusWidget() is dialog.edit or dialog.edit.isAncestorOf(dialog.focusWidget())
    press(new)
    press(K.Key_Tab)
    assert dialog.focusWidget() is dialog.apply
    press(K.Key_Return)
    assert desk.window.keys()["tool_brush"] == (taken,)
    press(K.Key_Tab)
    press(K.Key_Space)
    assert desk.window.keys()["tool_brush"] == ("B",)
    dialog.close()


def open_menu(desk: Desk) -> QMenu | None:
    """The menu that is open, which is closed again as by Escape."""
    menu = QApplication.activePopupWidget()
    if menu is not None:
        QTest.keyClick(menu, K.Key_Escape)
    assert menu is None or isinstance(menu, QMenu)
    return menu


def test_f10_opens_the_menus_and_escape_leaves_the_keyboard_where_it_was(crowd: Desk) -> None:
    menus = crowd.window.top.menu_of
    crowd.key(K.Key_F10)
    first = QApplication.activePopupWidget()
    assert first is menus["file"]
    QTest.keyClick(first, K.Key_Right)
    assert QApplication.activePopupWidget() is menus["edit"]
    assert open_menu(crowd) is menus["edit"] and QApplication.activePopupWidget() is None
    if (
        QApplication.focusWidget() is crowd.window.top.menus
    ):  # From menu to menu: the bar has the keyboard, and gives it back.
        QTest.keyClick(crowd.window.top.menus, K.Key_Escape)
    assert QApplication.focusWidget() is crowd.canvas


def test_each_part_of_the_window_has_its_menu(crowd: Desk) -> None:
    window, menus = crowd.window, crowd.window.top.menu_of
    crowd.key(K.Key_S)
    parts: list[tuple[QWidget, str]] = [
        (window.canvas, "person"), (window.people, "person"), (window.strip.view, "image"), (window.side.history, "edit"),
    ]  # fmt: skip
    for part, name in parts:
        part.setFocus()
        QTest.keyClick(part, K.Key_F10, Qt.KeyboardModifier.ShiftModifier)
        menu = open_menu(crowd)
        assert menu is menus[name] and part.rect().contains(part.mapFromGlobal(place_of(window, part)))
        assert QApplication.focusWidget() is part


def asked_by_mouse(part: QWidget, at: QPoint) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, part.mapToGlobal(at))
    QApplication.sendEvent(part, event)


def test_the_right_button_opens_the_lists_menus_and_moves_the_photo(crowd: Desk) -> None:
    window = crowd.window
    asked_by_mouse(window.people.viewport(), QPoint(40, 20))
    assert open_menu(crowd) is window.top.menu_of["person"]
    asked_by_mouse(window.canvas, QPoint(200, 200))
    assert open_menu(crowd) is None


def test_f6_finds_a_message_first_and_shift_f6_goes_back(crowd: Desk) -> None:
    window, done = crowd.window, []
    window.messages.news("Something", "Do it", lambda: done.append("done"))
    crowd.key(K.Key_F6)
    button = QApplication.focusWidget()
    assert window.messages.isAncestorOf(button)
    QTest.keyClick(button, K.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is crowd.canvas
    crowd.key(K.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is window.tools.focusProxy()


def test_return_presses_the_button_that_has_the_keyboard(crowd: Desk) -> None:
    brush = next(b for b in crowd.window.tools.findChildren(QWidget) if b.accessibleName() == "Brush")
    brush.setFocus()
    QTest.keyClick(brush, K.Key_Return)
    assert crowd.canvas.tool.name == "brush"


@pytest.mark.parametrize(
    "framed, fits", [((1280, 800), (1280, 800)), ((1282, 830), (1278, 730)), ((1290, 700), (1270, 800))]
)
def test_a_first_window_fits_into_a_small_screen_with_its_frame(framed, fits) -> None:
    assert inside(QSize(1280, 800), QSize(*framed), QSize(1280, 760)) == QSize(*fits)


def test_a_window_without_a_screen_stays_as_large_as_it_was_made(qtbot, tmp_path: Path) -> None:
    window = MainWindow(Settings(tmp_path / "s.ini"))
    qtbot.addWidget(window)
    window.show()
    qtbot.wait(TOLD_LATER + 200)
    assert window.size() == FIRST_SIZE
