"""The overview in the corner: there when something is out of sight; click, drag and arrows go there."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_desk import Desk, drag_move, make_photos

K = Qt.Key


@pytest.fixture
def large(open_desk, tmp_path: Path) -> Desk:
    desk = open_desk(make_photos(tmp_path / "large", 1, (2000, 1000)))
    desk.wait(20)
    return desk


def zoomed(desk: Desk, qtbot) -> None:
    desk.key(K.Key_Z, Qt.KeyboardModifier.ShiftModifier)
    desk.canvas.set_scale(4.0)
    qtbot.waitUntil(desk.window.minimap.isVisible)


def middle(desk: Desk) -> tuple[float, float]:
    x, y, w, h = desk.canvas.visible_box()
    return x + w / 2, y + h / 2


def test_it_comes_and_goes_with_the_zoom(large: Desk, qtbot) -> None:
    minimap = large.window.minimap
    assert not minimap.isVisible()
    zoomed(large, qtbot)
    assert abs(minimap.width() / minimap.height() - 2) < 0.1
    assert large.canvas.rect().contains(minimap.geometry())
    large.key(K.Key_Z)
    qtbot.waitUntil(lambda: not minimap.isVisible())


def test_click_and_drag_go_there(large: Desk, qtbot) -> None:
    zoomed(large, qtbot)
    minimap = large.window.minimap
    QTest.mouseClick(
        minimap,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QPoint(minimap.width() // 4, minimap.height() // 2),
    )
    x, y = middle(large)
    assert abs(x - 500) < 15 and abs(y - 500) < 15
    assert large.scene.selected is None and large.canvas.mapping.scale == 4.0
    start = QPoint(minimap.width() // 2, minimap.height() // 2)
    QTest.mousePress(minimap, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    drag_move(minimap, QPoint(3 * minimap.width() // 4, minimap.height() // 2), Qt.KeyboardModifier.NoModifier)
    QTest.mouseRelease(minimap, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    assert abs(middle(large)[0] - 1500) < 15


def test_arrows_move_the_view(large: Desk, qtbot) -> None:
    zoomed(large, qtbot)
    minimap = large.window.minimap
    minimap.setFocus()
    before, (_, _, w, h) = middle(large), large.canvas.visible_box()
    QTest.keyClick(minimap, K.Key_Right)
    QTest.keyClick(minimap, K.Key_Up)
    after = middle(large)
    assert abs(after[0] - before[0] - w / 4) < 2 and abs(after[1] - before[1] + h / 4) < 2


def test_the_frame_is_where_the_view_is(large: Desk, qtbot) -> None:
    zoomed(large, qtbot)
    minimap = large.window.minimap
    large.canvas.centre_on(500, 500)
    large.wait(50)
    picture = minimap.grab().toImage()
    ratio = picture.width() / minimap.width()

    def light(x: float, y: float) -> int:
        return picture.pixelColor(
            int(x / 2000 * minimap.width() * ratio), int(y / 1000 * minimap.height() * ratio)
        ).red()

    assert light(500, 500) > light(1500, 500), "what is out of sight is darkened"


def test_the_key_puts_it_away_for_good(large: Desk, qtbot, open_desk) -> None:
    zoomed(large, qtbot)
    large.key(K.Key_M)
    assert not large.window.minimap.isVisible()
    large.canvas.zoom_by(1.1)
    large.wait(50)
    assert not large.window.minimap.isVisible()
    large.window.close()
    again = open_desk(large.folder)
    assert not again.window.minimap.wanted and not again.window.actions_by_name["toggle_minimap"].isChecked()
