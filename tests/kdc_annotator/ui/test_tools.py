"""Every tool with real mouse and key events: what it does to the document, and that one undo takes it back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import SIZE, Desk, body_mask, proposal, standing_points

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.ui.canvas.strokes import stroke_mask
from kdc_annotator.ui.canvas.tools.brush import BrushTool

ALT, SHIFT, CONTROL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
WRIST, ELBOW, SHOULDER = (COCO_17.index(n) for n in ("left_wrist", "left_elbow", "left_shoulder"))


def undone(desk: Desk, before: bytes) -> None:
    """One Ctrl+Z leads back."""
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.document.state() == before


def first(desk: Desk):
    return desk.document.people[0]


def select(desk: Desk, person: int) -> None:
    desk.scene.select((False, desk.document.people[person].id))


def wheel(desk: Desk, at: QPoint, steps: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(desk.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(desk.canvas, event)


def test_wheel_zooms_at_the_pointer(desk: Desk) -> None:
    at = desk.at(50, 60)
    before = desk.canvas.mapping.to_image(QPointF(at))
    wheel(desk, at, 3)
    assert desk.canvas.mapping.scale > 2
    assert desk.canvas.mapping.to_image(QPointF(at)) == pytest.approx(before)


def test_right_button_pans_and_zoom_survives_the_next_image(desk: Desk) -> None:
    wheel(desk, desk.at(50, 60), 4)
    start = desk.canvas.mapping
    QTest.mousePress(desk.canvas, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(300, 300))
    QTest.mouseMove(desk.canvas, QPoint(340, 320))
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.RightButton, Qt.KeyboardModifier.NoModifier, QPoint(340, 320))
    moved = desk.canvas.mapping
    assert (moved.x - start.x, moved.y - start.y) == (40, 20)
    desk.key(Qt.Key.Key_D)
    assert desk.window.session.index == 1 and desk.canvas.mapping == moved


def test_clicks_go_through_those_beneath(crowd: Desk) -> None:
    both = crowd.at(134, 150)
    crowd.click(both)
    top = crowd.scene.selected
    crowd.click(both)
    assert {top, crowd.scene.selected} == {(False, p.id) for p in crowd.document.people}
    crowd.click(both)
    assert crowd.scene.selected == top
    crowd.click(crowd.at(300, 20))
    assert crowd.scene.selected is None


def test_s_and_w_step_and_f_isolates(crowd: Desk) -> None:
    crowd.key(Qt.Key.Key_S)
    one = crowd.scene.selected
    crowd.key(Qt.Key.Key_F)
    assert crowd.scene.isolated
    other = next(p for p in crowd.document.people if (False, p.id) != one)
    crowd.click(crowd.at(*(other.keypoints[WRIST, :2])))
    assert crowd.scene.selected == one
    crowd.key(Qt.Key.Key_Escape)
    assert not crowd.scene.isolated and crowd.scene.selected == one
    crowd.key(Qt.Key.Key_S)
    assert crowd.scene.selected == (False, other.id)


def test_drag_with_alt_takes_the_limb_along_and_with_shift_the_whole_person(crowd: Desk) -> None:
    select(crowd, 0)
    before, state = first(crowd).keypoints.copy(), crowd.document.state()
    start = crowd.joint(0, "left_shoulder")
    crowd.drag([start, start + QPoint(10, 0), start + QPoint(30, 0)], ALT)
    moved = np.flatnonzero(np.abs(first(crowd).keypoints - before).sum(1) > 1e-9)
    assert {SHOULDER, ELBOW, WRIST} <= set(moved.tolist()) and COCO_17.index("right_wrist") not in moved
    undone(crowd, state)
    crowd.drag([start, start + QPoint(10, 0), start + QPoint(30, 0)], ALT | SHIFT)
    step = (first(crowd).keypoints - before)[:, 0]
    assert np.allclose(step, step[0]) and step[0] > 1
    undone(crowd, state)


def test_alt_in_the_middle_of_a_drag_takes_the_limb_along_and_lets_it_go(crowd: Desk) -> None:
    select(crowd, 0)
    before = first(crowd).keypoints.copy()
    key = (False, first(crowd).id)
    start = crowd.joint(0, "left_shoulder")

    def moved() -> set[int]:
        now = crowd.scene.figure(key).annotation.keypoints
        return set(np.flatnonzero(np.abs(now - before).sum(1) > 1e-9).tolist())

    crowd.drag([start, start + QPoint(10, 0), start + QPoint(20, 0)], release=False)
    assert moved() == {SHOULDER}
    QTest.keyPress(crowd.canvas, Qt.Key.Key_Alt, ALT)
    assert {SHOULDER, ELBOW, WRIST} <= moved() and COCO_17.index("right_wrist") not in moved()
    QTest.keyPress(crowd.canvas, Qt.Key.Key_Shift, ALT | SHIFT)
    assert len(moved()) == 17
    QTest.keyRelease(crowd.canvas, Qt.Key.Key_Shift, ALT)
    QTest.keyRelease(crowd.canvas, Qt.Key.Key_Alt)
    assert moved() == {SHOULDER}
    end = start + QPoint(20, 0)
    QTest.mouseRelease(crowd.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert set(np.flatnonzero(np.abs(first(crowd).keypoints - before).sum(1) > 1e-9).tolist()) == {SHOULDER}


def test_the_selected_persons_joint_is_grabbed_first_and_never_the_skeleton_by_accident(crowd: Desk) -> None:
    select(crowd, 0)
    other = crowd.document.people[1]
    at = crowd.joint(1, "left_hip")
    found = crowd.canvas.joint_at(QPointF(at))
    mine = crowd.scene.selection
    wanted = crowd.joint(0, "left_hip")
    assert found is not None and (found[0].key == (False, other.id)) == ((wanted - at).manhattanLength() > 12)
    near = crowd.joint(0, "left_wrist") + QPoint(9, 0)
    assert crowd.canvas.joint_at(QPointF(near)) == (mine, WRIST)
    between = (crowd.joint(0, "left_elbow") + crowd.joint(0, "left_shoulder")) / 2
    state = crowd.document.state()
    crowd.drag([between, between + QPoint(15, 5), between + QPoint(30, 10)])  # a limb is no handle
    assert crowd.document.state() == state


def test_the_joint_that_a_press_would_grab_is_ringed_whoever_has_it(crowd: Desk) -> None:
    key = (False, first(crowd).id)
    at = crowd.joint(0, "left_wrist")

    def picture() -> np.ndarray:
        image = crowd.canvas.grab(QRect(at - QPoint(10, 10), at + QPoint(10, 10))).toImage()
        return np.array([[image.pixel(x, y) for x in range(20)] for y in range(20)])

    crowd.scene.hovered = key
    crowd.canvas.update()
    plain = picture()
    crowd.move(at)
    assert crowd.canvas.hot == (key, WRIST) and crowd.scene.selected is None
    ringed = picture()
    assert (ringed[:, 9] != plain[:, 9]).any() and (ringed[9] != plain[9]).any()
    crowd.move(crowd.joint(0, "left_elbow"))
    assert (picture() == plain).all()


def test_a_crowd_regions_joints_are_neither_seen_nor_grabbed(crowd: Desk) -> None:
    """They stay in the data: whoever was made a region can become a person again."""
    at = crowd.joint(0, "left_wrist")
    assert crowd.canvas.joint_at(QPointF(at))[1] == WRIST
    crowd.document.execute(do.SetCrowd(first(crowd).id, True))
    assert crowd.canvas.joint_at(QPointF(at)) is None
    before = first(crowd).keypoints.copy()
    crowd.drag([at, at + QPoint(10, 0), at + QPoint(30, 0)])
    assert (first(crowd).keypoints == before).all() and before[WRIST, 2]


def test_names_and_magnifier_come_and_go_with_the_drag(crowd: Desk) -> None:
    select(crowd, 0)
    start = crowd.joint(0, "left_wrist")
    crowd.move(start)
    assert crowd.canvas.hot == ((False, first(crowd).id), WRIST) and crowd.canvas.magnify_at is None
    crowd.canvas.set_scale(1.0)
    start = crowd.joint(0, "left_wrist")
    crowd.drag([start, start + QPoint(6, 0), start + QPoint(14, 0)], release=False)
    assert crowd.canvas.magnify_at is not None and crowd.canvas.hot[1] == WRIST
    crowd.canvas.repaint()
    end = start + QPoint(14, 0)
    QTest.mouseRelease(crowd.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert crowd.canvas.magnify_at is None


def test_shift_drags_finely(crowd: Desk) -> None:
    select(crowd, 0)
    before = first(crowd).keypoints[WRIST, 0]
    start = crowd.joint(0, "left_wrist")
    crowd.drag([start, start + QPoint(20, 0), start + QPoint(40, 0)], SHIFT)
    moved = (first(crowd).keypoints[WRIST, 0] - before) * crowd.canvas.mapping.scale
    assert moved == pytest.approx(10, abs=1)


def test_a_locked_person_does_not_move(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_G, SHIFT)
    state = crowd.document.state()
    start = crowd.joint(0, "left_wrist")
    crowd.drag([start, start + QPoint(20, 0), start + QPoint(40, 0)])
    assert crowd.document.state() == state and "locked" in crowd.window.messages.text()


def test_v_cycles_visibility_of_the_joint_under_the_pointer(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.joint(0, "left_wrist"))
    seen = []
    for _ in range(3):
        crowd.key(Qt.Key.Key_V)
        seen.append(int(first(crowd).keypoints[WRIST, 2]))
    assert seen == [1, 0, 2]


def test_x_swaps_a_pair_and_shift_x_the_person(crowd: Desk) -> None:
    select(crowd, 0)
    before, state = first(crowd).keypoints.copy(), crowd.document.state()
    flip = list(COCO_17.flip)
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(Qt.Key.Key_X)
    after = first(crowd).keypoints
    assert np.array_equal(after[WRIST], before[flip[WRIST]]) and np.array_equal(after[ELBOW], before[ELBOW])
    undone(crowd, state)
    crowd.key(Qt.Key.Key_X, SHIFT)
    assert np.array_equal(first(crowd).keypoints, before[flip])
    undone(crowd, state)
    crowd.key(Qt.Key.Key_V, SHIFT)
    assert not np.array_equal(first(crowd).keypoints, before)
    undone(crowd, state)


def test_a_joint_that_was_removed_is_dragged_back_in_from_its_ring(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.joint(0, "left_wrist"))
    crowd.key(Qt.Key.Key_D, SHIFT)
    assert first(crowd).keypoints[WRIST].tolist() == [0, 0, 0]
    figure = crowd.scene.selection
    x, y = crowd.canvas.ghosts_of(figure)[WRIST]
    ring = crowd.canvas.mapping.to_widget(x, y).toPoint()
    crowd.drag([ring, ring + QPoint(6, 4), ring + QPoint(12, 8)])
    assert first(crowd).keypoints[WRIST, 2] == 2
    assert crowd.document.history[-1] == "Move left wrist of person 1"


def test_rings_of_somebody_cut_off_by_the_photo_lie_inside_it(crowd: Desk) -> None:
    select(crowd, 0)
    body = [COCO_17.index(n) for n in ("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip")]
    low = {k: (150.0 + 5 * n, 130.0 + 25 * n) for n, k in enumerate(body)}
    crowd.window.editor.execute(do.MoveKeypoints(first(crowd).id, low))
    legs = tuple(k for k in range(17) if k not in body)
    crowd.window.editor.execute(do.SetVisibility(first(crowd).id, legs, 0))
    crowd.window.editor.execute(do.MoveKeypoints(first(crowd).id, {body[4]: (155.0, 238.0)}))
    ghosts = crowd.canvas.ghosts_of(crowd.scene.selection)
    width, height = crowd.canvas.image_size
    assert np.isfinite(ghosts).all() and (ghosts > 0).all() and (ghosts < (width, height)).all()
    ankle = COCO_17.index("left_ankle")
    ring = crowd.canvas.mapping.to_widget(*ghosts[ankle]).toPoint()
    assert ghosts[ankle, 1] > height - 1  # where it was guessed there is no photo
    crowd.drag([ring, ring + QPoint(0, -6), ring + QPoint(0, -12)])
    assert first(crowd).present[ankle]


@pytest.mark.parametrize("chosen", [False, True])
def test_joints_beyond_the_photo_are_drawn_and_can_be_dragged_in(desk: Desk, chosen: bool) -> None:
    """People of other tools may have them; whoever is told of one must be able to see it."""
    points = standing_points(60, 200, 150)
    points[WRIST, :2] = (-60, 100)
    desk.propose(Annotation.new(0, SIZE, points, body_mask(60, 200, 150), score=0.9))
    desk.key(Qt.Key.Key_Q)
    desk.canvas.set_scale(1.0, QPointF(desk.canvas.rect().center()))
    at = desk.at(-60, 100)
    assert desk.canvas.rect().contains(at)
    desk.scene.select((False, first(desk).id) if chosen else None)
    desk.move(desk.at(300, 20))
    ground = QColor(desk.canvas.theme.canvas)
    assert desk.canvas.grab().toImage().pixelColor(at) != ground
    before = desk.document.position
    desk.drag([at, at + QPoint(20, 0), desk.at(20, 100)])
    assert desk.document.position == before + 1 and first(desk).keypoints[WRIST, 0] == pytest.approx(20, abs=1)
    assert desk.canvas.grab().toImage().pixelColor(at) == ground


def test_whoever_stands_beyond_the_photo_is_zoomed_to(desk: Desk) -> None:
    points = standing_points(-120, 200, 150)
    desk.propose(Annotation.new(0, SIZE, points, None, score=0.9))
    desk.key(Qt.Key.Key_S)
    desk.key(Qt.Key.Key_W, SHIFT)
    assert desk.window.messages.text() == "" and desk.canvas.rect().contains(desk.at(*points[0, :2]))


def test_brush_eraser_and_their_size(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_B)
    BrushTool.radius = 5.0
    state, area = crowd.document.state(), first(crowd).mask.area
    wheel(crowd, crowd.at(40, 100), 1, SHIFT)
    assert BrushTool.radius > 5
    crowd.drag([crowd.at(30, 60), crowd.at(40, 60), crowd.at(60, 60)])
    assert first(crowd).mask.area > area and first(crowd).pinned_in is not None
    assert first(crowd).mask.to_full()[60, 45]
    undone(crowd, state)
    crowd.drag([crowd.at(100, 100), crowd.at(110, 110), crowd.at(110, 120)], ALT)
    assert first(crowd).mask.area < area
    undone(crowd, state)
    crowd.key(Qt.Key.Key_E)
    crowd.drag([crowd.at(100, 100), crowd.at(110, 110)])
    assert not first(crowd).mask.to_full()[105, 105]
    undone(crowd, state)
    crowd.key(Qt.Key.Key_Escape)
    assert crowd.canvas.tool.name == "select" and crowd.scene.selected is not None


def test_escape_gives_a_stroke_up(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_B)
    state = crowd.document.state()
    crowd.drag([crowd.at(30, 60), crowd.at(60, 60)], release=False)
    crowd.key(Qt.Key.Key_Escape)
    QTest.mouseRelease(crowd.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, crowd.at(60, 60))
    assert crowd.document.state() == state and crowd.canvas.tool.name == "brush"


@pytest.mark.parametrize("tool", [Qt.Key.Key_B, Qt.Key.Key_E, Qt.Key.Key_Escape])
def test_no_key_reaches_the_document_in_the_middle_of_a_gesture(crowd: Desk, tool: Qt.Key) -> None:
    select(crowd, 0)
    state, people = crowd.document.state(), len(crowd.document.people)
    if tool != Qt.Key.Key_Escape:
        crowd.key(tool)
    start = crowd.joint(0, "left_wrist")
    crowd.drag([start, start + QPoint(10, 0), start + QPoint(30, 5)], release=False)
    for key, modifiers in (
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_D, SHIFT),
        (Qt.Key.Key_Z, CONTROL),
    ):
        crowd.key(key, modifiers, crowd.window.focusWidget())
    assert crowd.canvas.hasFocus() and crowd.canvas.tool.busy and len(crowd.document.people) == people
    crowd.key(Qt.Key.Key_Escape)
    assert not crowd.canvas.tool.busy and crowd.document.state() == state


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Backtab])
def test_tab_stays_on_the_photo_where_nobody_is_beneath(desk: Desk, key: Qt.Key) -> None:
    """On a button of the strip the next Space would press that, and not confirm the image."""
    desk.key(key, SHIFT if key == Qt.Key.Key_Backtab else Qt.KeyboardModifier.NoModifier)
    assert desk.canvas.hasFocus()


def test_a_stroke_covers_a_round_brush() -> None:
    mask = stroke_mask([(20.5, 20.5), (40.5, 20.5)], 5.0, 64, 48).to_full()
    assert mask[20, 30] and mask[24, 30] and not mask[27, 30]
    assert mask[20, 16] and not mask[20, 13] and mask.sum() == pytest.approx(20 * 11 + 25 * np.pi, rel=0.12)


def test_polygon_in_and_out(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_G)
    state, area = crowd.document.state(), first(crowd).mask.area
    for corner in ((20, 20), (60, 20), (60, 50)):
        crowd.click(crowd.at(*corner))
    crowd.key(Qt.Key.Key_Return)
    assert first(crowd).mask.area > area and first(crowd).mask.to_full()[25, 50]
    undone(crowd, state)
    for corner in ((100, 100), (120, 100), (120, 130), (100, 130)):
        crowd.click(crowd.at(*corner), ALT)
    crowd.click(crowd.at(100, 100), ALT)
    assert first(crowd).mask.area < area
    undone(crowd, state)


def test_reassign_gives_the_owners_pixels(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_R)
    BrushTool.radius = 6.0
    state = crowd.document.state()
    given = crowd.at(185, 150)
    crowd.drag([given, given + QPoint(4, 4), given + QPoint(8, 8)])
    assert first(crowd).mask.to_full()[150, 185] and not crowd.document.people[1].mask.to_full()[150, 185]
    undone(crowd, state)


def test_reassign_says_that_proposals_own_nothing_yet(crowd: Desk) -> None:
    crowd.window.engine.proposals_ready.emit(
        crowd.document.photo.id, [proposal(260, 220, 180)], "test", (0, 0, 320, 240)
    )
    select(crowd, 0)
    crowd.key(Qt.Key.Key_R)
    state = crowd.document.state()
    crowd.drag([crowd.at(260, 150), crowd.at(264, 154)])
    assert crowd.document.state() == state and "accept it first" in crowd.window.messages.text()
    crowd.drag([crowd.at(20, 20), crowd.at(24, 24)])
    assert "nobody else here" in crowd.window.messages.text()


def test_crowd_region(desk: Desk) -> None:
    desk.key(Qt.Key.Key_B, SHIFT)
    desk.drag([desk.at(100, 100), desk.at(150, 100), desk.at(150, 140)])
    (region,) = desk.document.people
    assert region.crowd and region.mask.area > 50


def test_a_person_is_added_joint_by_joint(desk: Desk) -> None:
    desk.key(Qt.Key.Key_5)
    assert "nose" in desk.window.status.hint.text()
    desk.click(desk.at(150, 40))
    desk.click(desk.at(170, 70))
    desk.key(Qt.Key.Key_Tab)
    desk.click(desk.at(165, 140), SHIFT)
    desk.key(Qt.Key.Key_Return)
    (person,) = desk.document.people
    names = {COCO_17.keypoints[k]: int(person.keypoints[k, 2]) for k in np.flatnonzero(person.present)}
    assert names == {"nose": 2, "left_shoulder": 2, "left_hip": 1}
    assert person.keypoints[0, :2] == pytest.approx([150, 40], abs=1)
    assert desk.canvas.tool.name == "select" and desk.scene.selected == (False, person.id)


def test_whoever_leaves_all_joints_out_is_asked_for_the_first_again(desk: Desk) -> None:
    desk.key(Qt.Key.Key_5)
    hint = desk.canvas.tool.hint()
    for _ in range(17):
        desk.key(Qt.Key.Key_Tab)
    assert desk.canvas.tool.hint() == hint
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_Return)
    assert len(desk.document.people) == 1, "the click was no lost one"


def test_merge_split_delete_copy(crowd: Desk) -> None:
    select(crowd, 0)
    state = crowd.document.state()
    crowd.key(Qt.Key.Key_R, SHIFT)
    crowd.click(crowd.at(190, 180))
    assert len(crowd.document.people) == 1
    undone(crowd, state)
    select(crowd, 0)
    crowd.move(crowd.joint(0, "left_shoulder"))
    crowd.key(Qt.Key.Key_T)
    assert len(crowd.document.people) == 3
    undone(crowd, state)
    select(crowd, 0)
    crowd.move(crowd.at(300, 20))
    crowd.key(Qt.Key.Key_D, SHIFT)
    assert len(crowd.document.people) == 1
    undone(crowd, state)
    crowd.key(Qt.Key.Key_D)
    crowd.key(Qt.Key.Key_A, SHIFT)
    assert len(crowd.document.people) == 2 and crowd.window.session.index == 1


def test_after_a_deletion_s_and_w_go_on_from_there(desk: Desk) -> None:
    desk.propose(*(proposal(x, 220, 100) for x in (40, 100, 160, 220, 280)))
    desk.key(Qt.Key.Key_Q)
    ids = [p.id for p in sorted(desk.document.people, key=lambda p: p.extent()[0])]

    def selected() -> int:
        return ids.index(desk.scene.selected[1])

    desk.move(desk.at(5, 5))
    for _ in range(3):
        desk.key(Qt.Key.Key_S)
    assert selected() == 2
    desk.key(Qt.Key.Key_D, SHIFT)
    assert desk.scene.selected is None
    desk.key(Qt.Key.Key_S)
    assert selected() == 3
    desk.key(Qt.Key.Key_D, SHIFT)
    desk.key(Qt.Key.Key_W)
    assert selected() == 1
    desk.key(Qt.Key.Key_F, SHIFT)  # hidden
    desk.key(Qt.Key.Key_S)
    assert selected() == 4
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_S)
    assert selected() == 0, "whoever lets go of everybody begins anew"


def test_people_who_are_here_already_are_not_copied_on_top_of_themselves(crowd: Desk) -> None:
    crowd.key(Qt.Key.Key_B, SHIFT)
    crowd.drag([crowd.at(250, 50), crowd.at(290, 50)])
    crowd.key(Qt.Key.Key_Escape)
    assert len(crowd.document.people) == 3
    crowd.key(Qt.Key.Key_D)
    for _ in range(2):
        crowd.key(Qt.Key.Key_A, SHIFT)
    assert len(crowd.document.people) == 3 and "all here already" in crowd.window.messages.text()
    at = crowd.joint(0, "nose")
    crowd.drag([at, at + QPoint(30, 10)])
    crowd.key(Qt.Key.Key_A, SHIFT)
    assert len(crowd.document.people) == 4, "who was changed since is another one"


def test_a_click_on_the_open_image_keeps_who_is_selected(crowd: Desk) -> None:
    select(crowd, 1)
    crowd.key(Qt.Key.Key_F)
    strip = crowd.window.strip.view
    here = strip.visualRect(strip.model().index(0, 0)).center()
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=here)
    assert crowd.scene.selected == (False, crowd.document.people[1].id) and crowd.scene.isolated
    there = strip.visualRect(strip.model().index(0, 1)).center()
    QTest.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=there)
    assert crowd.window.session.index == 1


def test_the_copy_is_in_hand_and_undo_gives_the_first_one_back(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.move(crowd.at(300, 20))
    first = crowd.document.people[0]
    crowd.key(Qt.Key.Key_D, CONTROL)
    assert len(crowd.document.people) == 3 and crowd.scene.selected == (False, crowd.document.people[-1].id)
    at = crowd.joint(2, "nose")
    crowd.drag([at, at + QPoint(60, 10)])
    assert crowd.document.people[0] is first, "it is the copy that is dragged away"
    crowd.key(Qt.Key.Key_Z, CONTROL)
    crowd.key(Qt.Key.Key_Z, CONTROL)
    assert len(crowd.document.people) == 2 and crowd.scene.selected == (False, first.id)


@pytest.mark.parametrize(("x", "moved"), [(110, (8, 8)), (285, (-8, 8)), (30, (8, 8))])
def test_a_copy_lies_in_the_photo(desk: Desk, x: float, moved: tuple[int, int]) -> None:
    desk.propose(proposal(x, 200, 170))
    desk.key(Qt.Key.Key_Q)
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_D, CONTROL)
    first, copy = desk.document.people
    assert np.allclose(copy.keypoints[:, :2] - first.keypoints[:, :2], moved)
    assert copy.mask.area == first.mask.area
    desk.key(Qt.Key.Key_D, CONTROL)
    assert (desk.document.people[-1].keypoints[:, :2] < np.array((320, 240)) - 0.5).all()


def test_alt_does_not_make_giving_pixels_away_look_like_rubbing_out(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_R)
    plain = crowd.canvas.tool.colour()
    crowd.drag([crowd.at(190, 180), crowd.at(185, 180)], ALT, release=False)
    assert crowd.canvas.tool.colour() == plain
    crowd.key(Qt.Key.Key_Escape)


def test_proposals_are_confirmed_rejected_and_edited_in_one_step(desk: Desk) -> None:
    desk.propose(proposal(80, 220, 180), proposal(230, 220, 180))
    state = desk.document.state()
    desk.key(Qt.Key.Key_S)
    desk.key(Qt.Key.Key_C, SHIFT)
    assert len(desk.document.people) == 1 and desk.scene.selected == (False, first(desk).id)
    undone(desk, state)
    desk.key(Qt.Key.Key_S)
    desk.move(desk.at(300, 5))
    desk.key(Qt.Key.Key_D, SHIFT)
    assert len(desk.document.proposals) == 1
    undone(desk, state)
    desk.key(Qt.Key.Key_S)
    row = desk.scene.selection.annotation.keypoints[WRIST]
    start = desk.at(row[0], row[1])
    desk.drag([start, start + QPoint(10, 0), start + QPoint(30, 0)])
    assert len(desk.document.people) == 1 and desk.document.history == ("Move left wrist of person 1",)
    undone(desk, state)


def test_whose_mask_was_mended_is_not_proposed_a_second_time(desk: Desk) -> None:
    """A joint was moved and the mask followed, or was painted: joints tell who it is all the same."""
    found = proposal(110, 220, 180)
    desk.propose(found)
    desk.key(Qt.Key.Key_Q)
    person = desk.document.people[0]
    left = np.zeros((SIZE[1], SIZE[0]), bool)
    left[100:130, 60:90] = True
    desk.document.execute(do.SetMasks({person.id: Mask.from_full(left)}))
    desk.document.execute(do.MoveKeypoints(person.id, {WRIST: (30, 30)}))
    assert desk.document.people[0].mask.iou(found.mask) < 0.5
    people = [found, proposal(150, 222, 178)]
    desk.window.engine.proposals_ready.emit(desk.document.photo.id, people, "test", (0, 0, *SIZE))
    assert len(desk.document.proposals) == 1, "who stands beside them is somebody else"


def test_the_history_stays_where_it_was_clicked(crowd: Desk) -> None:
    view = crowd.window.history
    select(crowd, 0)
    for _ in range(30):
        crowd.key(Qt.Key.Key_V, SHIFT)
    crowd.wait(30)
    bar = view.verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.viewport().rect().center())
    crowd.wait(30)
    assert 0 < crowd.document.position < 15 and bar.value() == bar.maximum() and view.currentIndex().isValid()
    crowd.key(Qt.Key.Key_V, SHIFT)
    crowd.wait(30)
    assert bar.value() == 0, "a new step is the first row"


def test_a_finding_that_is_still_there_stays_chosen(crowd: Desk) -> None:
    panel, view = crowd.window.checks, crowd.window.checks.view

    def findings() -> tuple[Finding, ...]:
        return tuple(Finding("test", f"Finding {n}.", "warning", repair=do.MirrorPerson(n)) for n in (1, 2))

    panel.show_findings(findings())
    crowd.wait(30)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(view.model().index(1, 0)).center())
    assert view.currentIndex().row() == 1 and not panel.repair.isHidden()
    panel.show_findings(findings())
    assert view.currentIndex().row() == 1 and not panel.repair.isHidden(), "the button goes away under the pointer"
    panel.show_findings(findings()[:1])
    assert panel.repair.isHidden()


def test_history_panel_goes_back_and_forth(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_X, SHIFT)
    crowd.key(Qt.Key.Key_V, SHIFT)
    end = crowd.document.state()
    model = crowd.window.history.model()
    assert model.rowCount() == 4
    crowd.window.history.clicked.emit(model.index(3))
    assert crowd.document.position == 0 and crowd.document.people == ()
    crowd.window.history.clicked.emit(crowd.window.history.model().index(0))
    assert crowd.document.state() == end
