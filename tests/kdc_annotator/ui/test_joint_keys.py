"""Which joint or person a key means: what is under the pointer now, and nothing that was there before."""

from __future__ import annotations

from PySide6.QtCore import Qt
from window_desk import Desk

K = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def joints(desk: Desk) -> list[int]:
    return [int(p.present.sum()) for p in desk.document.people]


def select(desk: Desk, person: int) -> None:
    desk.scene.select((False, desk.document.people[person].id))


def test_delete_over_somebody_elses_joint_takes_the_joint(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.joint(1, "right_wrist"))
    assert crowd.canvas.hot is not None and "remove it" in crowd.window.status.hint.toolTip()
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [17, 16]


def test_delete_over_a_joint_needs_nobody_selected(crowd: Desk) -> None:
    crowd.scene.select(None)
    crowd.move(crowd.joint(1, "right_wrist"))
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [17, 16]
    crowd.move(crowd.at(5, 5))
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [17, 16]


def test_delete_pressed_twice_over_a_joint_leaves_the_person(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(K.Key_D, SHIFT)
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [16, 17] and "not labelled" in crowd.window.messages.text()
    crowd.move(crowd.at(5, 5))
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [17]


def test_with_another_tool_the_joint_of_before_is_nobodys(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(K.Key_B)
    crowd.move(crowd.at(10, 10))
    state = crowd.document.state()
    crowd.key(K.Key_V)
    assert crowd.document.state() == state and crowd.window.messages.text()
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [17]


def test_whoever_was_stepped_to_is_deleted_wherever_the_pointer_was_left(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(K.Key_S)
    assert crowd.scene.selected == (False, crowd.document.people[1].id)
    kept = crowd.document.people[0].id
    crowd.key(K.Key_D, SHIFT)
    assert joints(crowd) == [17] and crowd.document.people[0].id == kept


def test_the_joint_that_a_check_found_is_meant(crowd: Desk) -> None:
    from kdc_annotator.document.checks.finding import Finding

    select(crowd, 0)
    crowd.window.controller.jump(Finding("test", "warning", "", people=(crowd.document.people[1].id,), keypoint=9))
    crowd.key(K.Key_V)
    assert crowd.document.people[1].keypoints[9, 2] == 1


def test_a_joint_that_was_left_out_by_mistake_is_asked_for_again(desk: Desk) -> None:
    desk.key(K.Key_5)
    first = desk.window.status.hint.toolTip()
    desk.key(K.Key_Tab)
    second = desk.window.status.hint.toolTip()
    desk.key(K.Key_Tab)
    desk.key(K.Key_Backtab, SHIFT)
    assert desk.window.status.hint.toolTip() == second != first
    desk.click(desk.at(100, 60))
    placed = desk.window.status.hint.toolTip()
    desk.key(K.Key_Backtab, SHIFT)
    assert desk.window.status.hint.toolTip() == placed, "what was clicked stays"
    desk.key(K.Key_Return)
    assert joints(desk) == [1]
