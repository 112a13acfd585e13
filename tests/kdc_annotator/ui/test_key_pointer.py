"""Everything that the mouse does on the photo, done by keys alone."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from window_desk import Desk

from kdc.schema import COCO_17
from kdc_annotator.ui.cheat_sheet import POINTER, CheatSheet

K = Qt.Key
ALT, SHIFT, CONTROL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
ARROWS = ((K.Key_Left, K.Key_Right), (K.Key_Up, K.Key_Down))


def go(desk: Desk, x: int, y: int) -> None:
    """The pointer to that pixel, by arrows alone."""
    for axis, wanted in enumerate((x, y)):
        for _ in range(400):
            now = int(desk.canvas.keys._at[axis])
            if now == wanted:
                break
            far = abs(wanted - now) >= 10
            desk.key(ARROWS[axis][wanted > now], SHIFT if far else Qt.KeyboardModifier.NoModifier)
        assert int(desk.canvas.keys._at[axis]) == wanted


@pytest.fixture
def keys(crowd: Desk) -> Desk:
    """Two people, the left one selected, and the pointer by keys in their midst."""
    crowd.key(K.Key_S)
    crowd.key(K.Key_K)
    assert crowd.canvas.keys.on and crowd.window.actions_by_name["key_pointer"].isChecked()
    return crowd


def test_arrows_move_it_and_without_it_they_go_to_images(keys: Desk) -> None:
    before = keys.canvas.keys._at
    keys.key(K.Key_Right)
    keys.key(K.Key_Down, SHIFT)
    assert keys.canvas.keys._at == pytest.approx((before[0] + 1, before[1] + 10))
    assert keys.canvas.pointer == keys.canvas.keys.place
    assert keys.window.session.index == 0
    keys.key(K.Key_K)
    assert not keys.canvas.keys.on and not keys.window.actions_by_name["key_pointer"].isChecked()
    keys.key(K.Key_Right)
    assert keys.window.session.index == 1


def test_a_joint_is_moved_by_keys_as_one_step(keys: Desk) -> None:
    person = keys.document.people[0]
    for _ in range(COCO_17.index("left_wrist") + 1):
        keys.key(K.Key_J)
    assert keys.canvas.hot == ((False, person.id), COCO_17.index("left_wrist"))
    steps = keys.document.position
    keys.key(K.Key_Return)
    assert "lets go" in keys.window.status.hint.toolTip()
    keys.key(K.Key_Right, SHIFT)
    for _ in range(5):
        keys.key(K.Key_Up)
    assert keys.scene.previewing
    keys.key(K.Key_Return)
    moved = keys.document.people[0].keypoints - person.keypoints
    wrist = COCO_17.index("left_wrist")
    assert moved[wrist, :2] == pytest.approx([10, -5]) and not moved[np.arange(17) != wrist].any()
    assert keys.document.position == steps + 1 and not keys.scene.previewing


def test_a_button_that_is_clicked_while_a_joint_is_held_comes_after_the_drag(keys: Desk) -> None:
    """Undo must not take away whom the keys hold: the drag would end with an error."""
    before, steps = keys.document.state(), keys.document.position
    keys.key(K.Key_J)
    keys.key(K.Key_Return)
    keys.key(K.Key_Right, SHIFT)
    assert keys.canvas.tool.busy
    keys.window.actions_by_name["undo"].trigger()
    assert keys.document.state() == before and keys.document.position == steps and not keys.canvas.tool.busy
    keys.key(K.Key_Y, CONTROL)
    assert keys.document.history[steps].startswith("Move nose")


def test_escape_gives_the_joint_back_and_then_the_pointer(keys: Desk) -> None:
    state = keys.document.state()
    keys.key(K.Key_J)
    keys.key(K.Key_Return)
    keys.key(K.Key_Left, SHIFT)
    assert keys.scene.previewing
    keys.key(K.Key_Escape)
    assert not keys.scene.previewing and keys.document.state() == state and keys.canvas.keys.on
    keys.key(K.Key_Right, SHIFT)
    assert not keys.scene.previewing
    keys.key(K.Key_Escape)
    assert not keys.canvas.keys.on and keys.scene.selected
    keys.key(K.Key_Escape)
    assert keys.scene.selected is None


def test_alt_takes_the_limb_along(keys: Desk) -> None:
    person = keys.document.people[0]
    for _ in range(COCO_17.index("left_elbow") + 1):
        keys.key(K.Key_J)
    keys.key(K.Key_Return)
    for _ in range(12):
        keys.key(K.Key_Left, ALT)
    keys.key(K.Key_Return, ALT)
    moved = (keys.document.people[0].keypoints - person.keypoints)[:, 0]
    assert {COCO_17.keypoints[k] for k in np.flatnonzero(moved)} == {"left_elbow", "left_wrist"}


def test_a_joint_that_is_missing_is_dragged_in_from_its_ring(keys: Desk) -> None:
    keys.key(K.Key_J)
    keys.key(K.Key_D, SHIFT)
    assert keys.document.people[0].present.sum() == 16
    keys.key(K.Key_J, SHIFT)
    keys.key(K.Key_J)
    assert keys.canvas.hot == (keys.scene.selected, 0)
    keys.key(K.Key_Return)
    keys.key(K.Key_Right, SHIFT)
    keys.key(K.Key_Return)
    assert keys.document.people[0].present.all()


def test_visibility_and_people_beneath_follow_the_pointer(keys: Desk) -> None:
    keys.key(K.Key_J)
    keys.key(K.Key_V)
    assert keys.document.people[0].keypoints[0, 2] == 1
    free = next(y for y in range(60, 200, 4) if keys.canvas.joint_at(QPointF(keys.at(135, y))) is None)
    go(keys, 135, free)
    keys.key(K.Key_Space)
    first = keys.scene.selected
    keys.key(K.Key_Space)
    assert keys.scene.selected != first and keys.scene.selected is not None
    keys.key(K.Key_Tab)
    assert keys.scene.selected == first


def test_a_person_is_added_joint_by_joint(keys: Desk) -> None:
    keys.key(K.Key_5)
    go(keys, 250, 60)
    keys.key(K.Key_Space)
    go(keys, 240, 90)
    keys.key(K.Key_Space, SHIFT)
    keys.key(K.Key_Return)
    person = keys.document.people[2]
    places = person.keypoints[person.present]
    assert sorted(places[:, 2].tolist()) == [1, 2]
    assert np.abs(np.sort(places[:, 0]) - [240, 250]).max() < 1


def test_a_polygon_is_drawn_and_too_few_corners_are_not_lost(keys: Desk) -> None:
    before = keys.document.people[0].mask.area
    keys.key(K.Key_G)
    for n, (x, y) in enumerate(((20, 20), (60, 20), (60, 60))):
        go(keys, x, y)
        keys.key(K.Key_Return if n == 0 else K.Key_Space)
        if n == 1:
            keys.key(K.Key_Return)
    keys.key(K.Key_Return)
    person = keys.document.people[0]
    assert person.mask.area > before + 600 and person.mask.to_full()[25, 50]


def test_the_brush_paints_while_space_is_held_and_has_its_size_from_keys(keys: Desk) -> None:
    keys.key(K.Key_B)
    radius = keys.canvas.tool.radius
    keys.key(K.Key_BracketRight)
    keys.key(K.Key_Period)
    assert keys.canvas.tool.radius > radius
    go(keys, 20, 20)
    steps = keys.document.position
    QTest.keyPress(keys.canvas, K.Key_Space)
    for _ in range(4):
        keys.key(K.Key_Right, SHIFT)
    again = QKeyEvent(QEvent.Type.KeyRelease, K.Key_Space, Qt.KeyboardModifier.NoModifier, " ", True)
    QApplication.sendEvent(keys.canvas, again)
    assert keys.document.position == steps, "a key that repeats itself has not been let go"
    QTest.keyRelease(keys.canvas, K.Key_Space)
    full = keys.document.people[0].mask.to_full()
    assert keys.document.position == steps + 1 and full[20, 20] and full[20, 60]
    keys.key(K.Key_E)
    go(keys, 40, 20)
    keys.key(K.Key_Return)
    keys.key(K.Key_Down)
    keys.key(K.Key_Return)
    assert not keys.document.people[0].mask.to_full()[20, 40]


def test_pixels_are_given_people_merged_and_a_crowd_painted(keys: Desk) -> None:
    keys.key(K.Key_R)
    go(keys, 185, 120)  # the other one's
    assert not keys.document.people[0].mask.to_full()[120, 185]
    keys.key(K.Key_Space)
    assert keys.document.people[0].mask.to_full()[120, 185]
    keys.key(K.Key_B, SHIFT)
    go(keys, 290, 30)
    keys.key(K.Key_Return)
    keys.key(K.Key_Down, SHIFT)
    keys.key(K.Key_Return)
    assert keys.document.people[-1].crowd and keys.document.people[-1].mask.to_full()[35, 290]
    keys.key(K.Key_Escape)
    keys.key(K.Key_R, SHIFT)
    go(keys, 190, 200)
    keys.key(K.Key_Space)
    assert [p.crowd for p in keys.document.people] == [False, True]


def test_the_pointer_stays_on_its_pixel_and_in_sight(keys: Desk) -> None:
    go(keys, 135, 120)
    at = keys.canvas.keys._at
    for _ in range(8):
        keys.key(K.Key_Plus)
    assert keys.canvas.keys._at == at and keys.canvas.keys.place == keys.canvas.pointer
    for _ in range(30):
        keys.key(K.Key_Left, SHIFT)
        assert keys.canvas.rect().contains(keys.canvas.pointer.toPoint())
    assert keys.canvas.keys._at[0] == 0
    keys.key(K.Key_Z)
    keys.canvas.grab()
    assert keys.canvas.pointer == keys.canvas.mapping.to_widget(*keys.canvas.keys._at)


def test_a_key_that_is_held_goes_faster(keys: Desk) -> None:
    def held() -> float:
        before = keys.canvas.keys._at[0]
        event = QKeyEvent(QEvent.Type.KeyPress, K.Key_Left, Qt.KeyboardModifier.NoModifier, "", True)
        QApplication.sendEvent(keys.canvas, event)
        return before - keys.canvas.keys._at[0]

    keys.key(K.Key_Right)
    steps = [held() for _ in range(20)]
    assert steps[0] == pytest.approx(1) and steps[-1] > 3
    keys.key(K.Key_Right)
    assert held() == pytest.approx(1)


def mouse(desk: Desk, at: QPoint) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(at), QPointF(desk.canvas.mapToGlobal(at)), Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    QApplication.sendEvent(desk.canvas, event)


def test_a_mouse_that_trembles_takes_nothing_and_one_that_moves_takes_over(keys: Desk) -> None:
    keys.key(K.Key_J)
    where = keys.canvas.pointer
    mouse(keys, QPoint(300, 300))
    mouse(keys, QPoint(301, 301))
    QApplication.sendEvent(keys.canvas, QEvent(QEvent.Type.Leave))
    assert keys.canvas.keys.on and keys.canvas.pointer == where and keys.canvas.hot
    mouse(keys, QPoint(320, 310))
    assert not keys.canvas.keys.on and keys.canvas.pointer == QPointF(320, 310)
    assert not keys.window.actions_by_name["key_pointer"].isChecked()


def test_another_image_keeps_the_pointer_and_lets_the_button_go(keys: Desk) -> None:
    keys.key(K.Key_B)
    keys.key(K.Key_Return)
    keys.key(K.Key_Right, SHIFT)
    state = keys.document.state()
    keys.window.session.step(1)
    assert keys.canvas.keys.on and not keys.canvas.keys._down
    keys.window.session.step(-1)
    assert keys.document.state() == state
    keys.window.session.close_project()
    keys.window._project_changed()
    assert not keys.canvas.keys.on


def test_the_sheet_of_keys_has_them(keys: Desk) -> None:
    keys.key(K.Key_F1)
    (sheet,) = keys.window.findChildren(CheatSheet)
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {text for row in POINTER for text in row} <= texts
    assert {"Pointer to the next joint", "Larger brush"} <= texts
    sheet.close()


def test_f6_reaches_messages_and_sliders(keys: Desk) -> None:
    window = keys.window
    window.messages.news("Something", "Do it", lambda: None)
    seen = []
    for _ in range(14):
        keys.key(K.Key_F6, widget=QApplication.focusWidget())
        seen.append(QApplication.focusWidget())
    assert window.status.threshold in seen and keys.canvas in seen
    (button,) = [w for w in seen if w is not None and window.messages.isAncestorOf(w)][:1]
    done: list[str] = []
    window.messages.news("Something", "Do it", lambda: done.append("done"))
    button.setFocus()
    keys.key(K.Key_Space, widget=button)
    assert done == ["done"]
