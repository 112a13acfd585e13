"""What a labeler does without meaning it, or where tools meet: stacked people, isolation, lost releases, the photo's edge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from window_desk import SIZE, Desk, drag_move, make_photos, proposal, until

from kdc.errors import KdcError
from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.engine_bridge import EngineBridge

NONE, SHIFT, ALT, CONTROL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
)
WRIST, HIP = COCO_17.index("left_wrist"), COCO_17.index("left_hip")


def select(desk: Desk, person: int) -> tuple[bool, int]:
    key = (False, desk.document.people[person].id)
    desk.scene.select(key)
    return key


# Stacked people


def test_clicks_on_a_joint_go_through_those_beneath_too(desk: Desk) -> None:
    """Seen from afar most of a person lies within reach of some joint."""
    desk.propose(proposal(110, 220, 180), proposal(116, 222, 182), proposal(122, 224, 184))
    desk.key(Qt.Key.Key_Q)
    at = desk.joint(1, "left_hip")
    assert desk.canvas.joint_at(QPointF(at)) and len(desk.canvas.figures_at(QPointF(at))) == 3
    seen = []
    for _ in range(4):
        desk.click(at)
        seen.append(desk.scene.selected)
    assert len(set(seen[:3])) == 3 and seen[3] == seen[0]
    steps = desk.document.position
    desk.drag([at, at + QPoint(8, 0), at + QPoint(20, 0)])
    assert desk.document.position == steps + 1, "a drag from there is a drag of the joint"
    moved = desk.scene.selected
    desk.click(desk.at(300, 20))
    desk.click(desk.joint(0, "nose"))
    once = desk.scene.selected
    assert moved is not None and once is not None, "one click on a joint takes its person and no other"


def test_a_joint_outside_its_mask_and_the_person_there_take_turns(crowd: Desk) -> None:
    select(crowd, 0)
    start, there = crowd.joint(0, "left_wrist"), crowd.at(160, 100)
    crowd.drag([start, start + QPoint(10, 0), there])
    crowd.scene.select(None)
    owner, beneath = ((False, p.id) for p in crowd.document.people)
    seen = []
    for _ in range(3):
        crowd.click(there)
        seen.append(crowd.scene.selected)
    assert seen == [owner, beneath, owner]


# Isolation


def test_a_click_beside_the_isolated_person_changes_nothing(crowd: Desk) -> None:
    key = select(crowd, 0)
    crowd.key(Qt.Key.Key_F)
    for at in (crowd.at(300, 20), crowd.joint(1, "left_ankle")):
        crowd.click(at)
        assert crowd.scene.isolated and crowd.scene.selected == key
    crowd.key(Qt.Key.Key_F)
    crowd.click(crowd.at(300, 20))
    assert crowd.scene.selected is None


# Releases and keys that get lost


def test_a_view_whose_button_went_up_elsewhere_stays_where_it_is(desk: Desk) -> None:
    QTest.mousePress(desk.canvas, Qt.MouseButton.RightButton, NONE, QPoint(300, 300))
    drag_move(desk.canvas, QPoint(320, 300), NONE, Qt.MouseButton.RightButton)
    moved = desk.canvas.mapping
    drag_move(desk.canvas, QPoint(380, 340), NONE, Qt.MouseButton.NoButton)  # The screen was locked meanwhile.
    drag_move(desk.canvas, QPoint(420, 340), NONE, Qt.MouseButton.NoButton)
    assert desk.canvas.mapping == moved
    assert desk.canvas.cursor().shape() != Qt.CursorShape.ClosedHandCursor


@pytest.mark.parametrize("tool", [None, Qt.Key.Key_B])
def test_alt_alone_leaves_the_keyboard_to_the_photo(crowd: Desk, tool: Qt.Key | None) -> None:
    select(crowd, 0)
    if tool is not None:
        crowd.key(tool)
    QTest.keyPress(crowd.canvas, Qt.Key.Key_Alt, ALT)
    QTest.keyRelease(crowd.canvas, Qt.Key.Key_Alt, NONE)
    assert QApplication.focusWidget() is crowd.canvas
    assert crowd.window.top.menus.activeAction() is None


# The photo's edge


def test_a_joint_stays_on_the_photo(crowd: Desk) -> None:
    select(crowd, 0)
    start = crowd.joint(0, "left_wrist")
    out = crowd.at(-30, 120)
    crowd.drag([start, start + QPoint(-10, 0), out], release=False)
    assert crowd.scene.selection.annotation.keypoints[WRIST, 0] == -0.5
    back = crowd.at(20, 120)
    drag_move(crowd.canvas, back, NONE)
    assert crowd.scene.selection.annotation.keypoints[WRIST, :2] == pytest.approx((20, 120), abs=0.6)
    drag_move(crowd.canvas, out, NONE)
    QTest.mouseRelease(crowd.canvas, Qt.MouseButton.LeftButton, NONE, out)
    assert crowd.document.people[0].keypoints[WRIST, :2] == pytest.approx((-0.5, 120), abs=0.6)
    inside = crowd.document.people[0].keypoints
    assert (inside[:, 0] >= -0.5).all() and not any(f.check == "outside image" for f in findings(crowd))


def test_who_began_beyond_the_photo_is_not_pulled_onto_it(desk: Desk) -> None:
    desk.propose(proposal(10, 220, 180))
    before = desk.document.proposals[0].keypoints
    assert (before[:, 0] < -0.5).any()
    desk.scene.select((True, desk.document.proposals[0].id))
    start = desk.at(*before[COCO_17.index("left_shoulder"), :2])
    desk.drag([start, start + QPoint(6, 0), start + QPoint(0, 30)], ALT | SHIFT)
    step = (desk.document.people[0].keypoints - before)[:, :2]
    assert np.allclose(step[before[:, 0] < -0.5], (0, 30 / desk.canvas.mapping.scale), atol=0.5)


def findings(desk: Desk) -> list:
    from kdc_annotator.document.checks import check_document

    return list(check_document(desk.document))


# The network on a part of the photo


def looked_at(desk: Desk, part: tuple[int, int, int, int], *people: Annotation) -> None:
    desk.window.engine.proposals_ready.emit(desk.document.photo.id, list(people), "test", part)


def cut(person: Annotation, part: tuple[int, int, int, int]) -> Annotation:
    """Of that person what lies in a part of the photo."""
    x, y, w, h = part
    inside = np.zeros((SIZE[1], SIZE[0]), bool)
    inside[y : y + h, x : x + w] = True
    points = person.keypoints.copy()
    points[~((x <= points[:, 0]) & (points[:, 0] < x + w) & (y <= points[:, 1]) & (points[:, 1] < y + h))] = 0
    return person.edited(keypoints=points, mask=Mask.from_full(person.mask.to_full() & inside))


@pytest.mark.parametrize("accepted", [False, True])
def test_whom_the_edge_of_the_view_cuts_is_not_proposed_a_second_time(desk: Desk, accepted: bool) -> None:
    tall = proposal(110, 225, 200)
    desk.propose(tall)
    if accepted:
        desk.key(Qt.Key.Key_Q)
    legs = (60, 150, 120, 90)
    assert cut(tall, legs).mask.iou(tall.mask) < 0.5
    child = proposal(150, 235, 50)
    looked_at(desk, legs, cut(tall, legs), child)
    assert len(desk.document.proposals) == 2 - accepted, "the child is new, the legs are not"
    assert np.array_equal(desk.document.proposals[-1].keypoints, child.keypoints)


def test_whom_the_labeler_threw_away_does_not_come_back_from_a_part(crowd: Desk) -> None:
    crowd.window.engine.proposals_ready.emit(
        crowd.document.photo.id, [proposal(280, 220, 100), proposal(250, 120, 60)], "test", (0, 0, *SIZE)
    )
    poster, child = (p.id for p in crowd.document.proposals)
    crowd.scene.select((True, poster))
    crowd.key(Qt.Key.Key_Delete)  # a proposal that is nobody
    select(crowd, 0)
    crowd.key(Qt.Key.Key_Delete)  # somebody who had been accepted
    looked_at(crowd, (0, 0, *SIZE), proposal(280, 220, 100), proposal(110, 220, 180), proposal(20, 60, 40))
    assert crowd.document.proposals[0].id == child and len(crowd.document.proposals) == 2


class Looks(EngineBridge):
    """Says that it looks at the part."""

    def predict_region(self, image_id, path, size, box):
        self.box = box
        return True


def test_looking_at_a_part_says_so_and_what_came_of_it(open_desk, tmp_path: Path) -> None:
    desk = open_desk(make_photos(tmp_path / "photos"), Looks())
    desk.key(Qt.Key.Key_F5)
    assert desk.window.engine.box == (0, 0, *SIZE) and "Looking for people" in desk.window.messages.text()
    looked_at(desk, (0, 0, *SIZE), proposal(110, 220, 180))
    assert desk.window.messages.text() == "" and len(desk.scene.figures) == 1
    desk.key(Qt.Key.Key_F5)
    looked_at(desk, (0, 0, *SIZE), proposal(250, 220, 100, 0.2), proposal(30, 220, 100, 0.1))
    assert "2 people were found whose scores are below the slider (0.30)" in desk.window.messages.text()
    desk.key(Qt.Key.Key_F5)
    looked_at(desk, (0, 0, *SIZE), proposal(110, 220, 180))
    assert "Nobody new" in desk.window.messages.text()
    desk.canvas.pan(5000, 0)
    del desk.window.engine.box
    desk.key(Qt.Key.Key_F5)
    assert "Nothing of the photo is in sight" in desk.window.messages.text() and not hasattr(desk.window.engine, "box")


# Tools where they meet something else


def test_merging_while_somebody_is_isolated_says_why_nothing_happens(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_F)
    for key, modifiers in ((Qt.Key.Key_R, SHIFT), (Qt.Key.Key_R, NONE)):
        crowd.key(key, modifiers)
        assert "F: show everybody again" in crowd.window.status.hint.text()
        crowd.click(crowd.at(190, 180))
        assert len(crowd.document.people) == 2 and "isolated" in crowd.window.messages.text()
        crowd.window.messages.hide()
    crowd.key(Qt.Key.Key_R, SHIFT)
    crowd.click(crowd.at(190, 180))
    crowd.window.messages._button.click()
    assert not crowd.scene.isolated and crowd.canvas.tool.name == "merge"
    crowd.click(crowd.at(190, 180))
    assert len(crowd.document.people) == 1


def test_the_strip_shows_that_a_merge_is_in_hand(crowd: Desk) -> None:
    actions = crowd.window.actions_by_name
    select(crowd, 0)
    crowd.key(Qt.Key.Key_R, SHIFT)
    assert actions["merge"].isChecked() and not actions["tool_select"].isChecked()
    crowd.key(Qt.Key.Key_Escape)
    assert actions["tool_select"].isChecked() and not actions["merge"].isChecked()
    crowd.key(Qt.Key.Key_R, SHIFT)
    crowd.click(crowd.at(190, 180))
    assert actions["tool_select"].isChecked() and not actions["merge"].isChecked()


def test_whoever_is_locked_can_be_unlocked_where_that_is_said(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_G, SHIFT)
    start = crowd.joint(0, "left_wrist")
    crowd.drag([start, start + QPoint(20, 0)])
    assert "Person 1 is locked" in crowd.window.messages.text()
    crowd.window.messages._button.click()
    assert not crowd.document.people[0].locked
    crowd.drag([start, start + QPoint(10, 0), start + QPoint(20, 0)])
    assert crowd.joint(0, "left_wrist") != start


def test_specks_beside_a_mask_are_no_people(crowd: Desk) -> None:
    person = select(crowd, 0)[1]
    full = crowd.document.people[0].mask.to_full()
    full[5:7, 300] = full[20, 305:308] = True
    crowd.document.execute(do.SetMasks({person: Mask.from_full(full)}))
    crowd.move(crowd.at(250, 20))
    crowd.key(Qt.Key.Key_T)
    assert len(crowd.document.people) == 2 and "put the pointer on the joint" in crowd.window.messages.text()
    full[100:180, 250:290] = True
    crowd.document.execute(do.SetMasks({person: Mask.from_full(full)}))
    crowd.key(Qt.Key.Key_T)
    assert len(crowd.document.people) == 3 and crowd.document.people[-1].mask.area == 80 * 40


@pytest.mark.parametrize(
    "key, modifiers, people",
    [
        (Qt.Key.Key_T, NONE, 2), (Qt.Key.Key_D, CONTROL, 2), (Qt.Key.Key_G, SHIFT, 1), (Qt.Key.Key_S, SHIFT, 1),
        (Qt.Key.Key_Up, CONTROL, 1), (Qt.Key.Key_Down, CONTROL, 1),
    ],
)  # fmt: skip
def test_whoever_edits_a_proposal_accepts_it_by_that_whatever_the_edit(desk: Desk, key, modifiers, people: int) -> None:
    person = proposal(110, 220, 180)
    full, points = person.mask.to_full(), person.keypoints.copy()
    full[100:180, 250:290] = True
    points[WRIST] = 0
    desk.propose(person.edited(mask=Mask.from_full(full), keypoints=points))
    before = desk.document.state()
    desk.scene.select((True, desk.document.proposals[0].id))
    desk.move(desk.at(5, 5))
    desk.key(key, modifiers)
    assert len(desk.document.people) == people and not desk.document.proposals
    while desk.document.position:
        desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.document.state() == before and desk.scene.selected == (True, desk.document.proposals[0].id)


def test_strokes_that_touch_make_one_crowd_region(desk: Desk) -> None:
    desk.key(Qt.Key.Key_B, SHIFT)
    desk.drag([desk.at(200, 60), desk.at(220, 60), desk.at(240, 60)])
    desk.drag([desk.at(240, 60), desk.at(240, 70), desk.at(240, 100)])
    (region,) = desk.document.people
    assert region.crowd and region.mask.to_full()[60, 205] and region.mask.to_full()[98, 240]
    desk.drag([desk.at(60, 200), desk.at(70, 200), desk.at(80, 200)])
    assert len(desk.document.people) == 2, "one elsewhere is another region"
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert not desk.document.people[0].mask.to_full()[98, 240]


def test_a_whole_arm_is_swapped_by_one_key(crowd: Desk) -> None:
    select(crowd, 0)
    before = crowd.document.people[0].keypoints
    crowd.drag([crowd.joint(0, "left_ankle"), crowd.joint(0, "left_ankle") + QPoint(9, 0)])
    crowd.key(Qt.Key.Key_Z, CONTROL)
    crowd.move(crowd.joint(0, "left_elbow"))
    crowd.key(Qt.Key.Key_X, ALT)
    flip, order = COCO_17.flip, list(range(17))
    for k in (COCO_17.index("left_elbow"), COCO_17.index("right_elbow"), WRIST, COCO_17.index("right_wrist")):
        order[k] = flip[k]
    assert np.array_equal(crowd.document.people[0].keypoints, before[order])
    assert crowd.document.history[-1] == "Swap left and right elbow and beyond of person 1"
    crowd.key(Qt.Key.Key_X, ALT)
    assert np.array_equal(crowd.document.people[0].keypoints, before)


def test_people_of_a_larger_image_come_as_far_as_they_fit(open_desk, tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "photos", 1)
    make_photos(tmp_path / "small", 1, (160, 160))
    (tmp_path / "small" / "photo0.png").rename(folder / "photo1.png")
    desk = open_desk(folder)
    desk.propose(proposal(60, 140, 130), proposal(150, 150, 140), proposal(250, 225, 190))
    desk.key(Qt.Key.Key_Q)
    desk.key(Qt.Key.Key_D)
    assert until(lambda: desk.document.photo.size == (160, 160))
    desk.key(Qt.Key.Key_A, SHIFT)
    assert len(desk.document.people) == 2 and "1 person of photo0.png does not fit" in desk.window.messages.text()
    for person in desk.document.people:
        assert (person.keypoints[:, :2] <= 159.5).all() and person.present.sum() > 5
    assert desk.document.people[1].present.sum() < 17 and not any(f.check == "outside image" for f in findings(desk))


def test_skipping_the_last_image_says_that_it_was_the_last(desk: Desk) -> None:
    desk.window.session.go(2)
    desk.key(Qt.Key.Key_Space, SHIFT)
    assert desk.document.photo.status == "skipped" and "last image of the list" in desk.window.messages.text()


def test_an_image_that_could_not_be_skipped_is_not_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise KdcError("Disk is full", "photos.kdcproj could not be written because the disk is full.")

    monkeypatch.setattr(desk.window.session.project, "append", full)
    desk.key(Qt.Key.Key_Space, SHIFT)
    assert desk.window.session.index == 0 and "Disk is full" in desk.window.messages.text()


def test_the_polygons_own_key_throws_no_corner_away(crowd: Desk) -> None:
    select(crowd, 0)
    crowd.key(Qt.Key.Key_G)
    crowd.click(crowd.at(20, 20))
    crowd.click(crowd.at(60, 20))
    crowd.key(Qt.Key.Key_G)
    assert len(crowd.canvas.tool._corners) == 2
    crowd.click(crowd.at(60, 60))
    area = crowd.document.people[0].mask.area
    crowd.key(Qt.Key.Key_G)
    assert crowd.document.people[0].mask.area > area + 500 and not crowd.canvas.tool._corners
