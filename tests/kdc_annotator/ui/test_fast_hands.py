"""What labelers do while something else is still going on."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from window_desk import Desk, drag_move, make_photos, proposal

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.attribute_kinds import AttributeKind
from kdc_annotator.ui.engine_bridge import EngineBridge
from kdc_annotator.ui.photo_loader import PhotoLoader, PhotoRequest

NONE = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
WRIST = COCO_17.index("left_wrist")


class LateEngine(EngineBridge):
    """Its last word on every gesture comes when ``speak`` is called."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list = []
        self.mask = Mask.from_full(np.ones((240, 320), bool))

    def begin_drag(self, key, joints, follow):
        return Late(self, key)

    def masks_for_new(self, points, category, later=None):
        if later is not None:
            self.said.append((later, None))
        return {}

    def speak(self) -> None:
        for later, key in self.said:
            later({key: self.mask})
        self.said = []


class Late:
    def __init__(self, engine: LateEngine, key) -> None:
        self.engine, self.key = engine, key

    def move(self, to) -> None:
        pass

    def finish(self, to, later=None):
        self.engine.said.append((later, self.key))
        return {}

    def cancel(self) -> None:
        pass


def proposed_joint(desk: Desk, name: str, number: int = 0) -> QPoint:
    row = desk.document.proposals[number].keypoints[COCO_17.index(name)]
    return desk.at(row[0], row[1])


def test_the_joint_under_the_pointer_stays_under_it_when_its_proposal_is_accepted(desk: Desk) -> None:
    desk.propose(proposal(110, 220, 180))
    desk.scene.select((True, desk.document.proposals[0].id))
    desk.move(proposed_joint(desk, "left_wrist"))
    desk.key(Qt.Key.Key_V)
    assert desk.document.people[0].keypoints[WRIST, 2] == 1
    desk.key(Qt.Key.Key_V)
    assert desk.document.people[0].keypoints[WRIST, 2] == 0
    desk.key(Qt.Key.Key_V)
    desk.key(Qt.Key.Key_Delete)
    assert len(desk.document.people) == 1 and not desk.document.people[0].keypoints[WRIST].any()
    assert int(desk.document.people[0].present.sum()) == 16


def test_an_undone_acceptance_leaves_the_proposal_in_hand(desk: Desk) -> None:
    desk.propose(proposal(110, 220, 180))
    number = desk.document.proposals[0].id
    desk.scene.select((True, number))
    desk.key(Qt.Key.Key_C)
    assert desk.scene.selected == (False, desk.document.people[0].id)
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.scene.selected == (True, number)


def test_panning_in_the_middle_of_a_drag_leaves_the_joint_under_the_pointer(crowd: Desk) -> None:
    desk = crowd
    desk.scene.select((False, desk.document.people[0].id))
    start = desk.joint(0, "left_wrist")
    desk.drag([start, start + QPoint(-20, 0)], release=False)
    here = start + QPoint(-20, 0)
    QTest.mousePress(desk.canvas, Qt.MouseButton.MiddleButton, NONE, here)
    both = Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton
    drag_move(desk.canvas, here + QPoint(60, 40), NONE, both)
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.MiddleButton, NONE, here + QPoint(60, 40))
    end = here + QPoint(64, 40)
    drag_move(desk.canvas, end, NONE)
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, NONE, end)
    assert (desk.joint(0, "left_wrist") - end).manhattanLength() <= 2


def test_a_merge_that_cannot_be_done_changes_nothing(desk: Desk) -> None:
    desk.propose(proposal(80, 220, 180), proposal(230, 225, 190))
    first = desk.document.proposals[0].id
    desk.window.editor.execute(do.AcceptProposals((first,)))
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_G, SHIFT)
    desk.key(Qt.Key.Key_R, SHIFT)
    steps = desk.document.position
    desk.click(desk.at(230, 150))
    assert desk.document.position == steps and len(desk.document.proposals) == 1
    desk.key(Qt.Key.Key_G, SHIFT)
    steps = desk.document.position
    desk.key(Qt.Key.Key_R, SHIFT)
    desk.click(desk.at(230, 150))
    assert desk.document.position == steps + 1 and len(desk.document.people) == 1 and not desk.document.proposals


def test_people_found_in_a_part_of_an_image_that_was_left_come_besides_the_others(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 120))
    image, number = desk.document.photo.id, desk.document.proposals[0].id
    desk.window.session.go(1)
    found = [proposal(60, 220, 120), proposal(250, 220, 120)]
    desk.window.engine.proposals_ready.emit(image, found, "test", (0, 0, 320, 240))
    desk.window.session.go(0)
    assert len(desk.document.proposals) == 2 and desk.document.proposals[0].id == number


def test_people_found_during_a_drag_do_not_undo_it(desk: Desk) -> None:
    desk.propose(proposal(60, 220, 120))
    image = desk.document.photo.id
    desk.scene.select((True, desk.document.proposals[0].id))
    start = proposed_joint(desk, "left_wrist")
    before = desk.document.proposals[0].keypoints[WRIST, 0]
    desk.drag([start, start + QPoint(-20, 0), start + QPoint(-40, 0)], release=False)
    desk.window.engine.proposals_ready.emit(image, [proposal(250, 220, 120)], "test", (0, 0, 320, 240))
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, NONE, start + QPoint(-40, 0))
    assert len(desk.document.people) == 1 and desk.document.people[0].keypoints[WRIST, 0] < before
    assert len(desk.document.proposals) == 1


def test_the_previous_image_is_another_one(crowd: Desk) -> None:
    desk = crowd
    desk.window.session.go(1)
    desk.window.session.go(1)  # its picture in the strip was clicked again
    desk.key(Qt.Key.Key_A, SHIFT)
    assert len(desk.document.people) == 2


def test_the_previous_image_is_there_tomorrow_too(crowd: Desk, open_desk) -> None:
    crowd.key(Qt.Key.Key_D)
    crowd.window.close()
    desk = open_desk(crowd.folder)
    assert desk.window.session.index == 1
    desk.key(Qt.Key.Key_A, SHIFT)
    assert len(desk.document.people) == 2 and "photo0" in desk.document.history[-1]


def test_going_back_does_not_make_the_next_image_the_previous_one(crowd: Desk) -> None:
    desk = crowd
    desk.window.session.go(2)
    desk.propose(proposal(110, 220, 180))
    desk.key(Qt.Key.Key_Q)
    desk.key(Qt.Key.Key_A)
    assert desk.window.session.index == 1
    desk.key(Qt.Key.Key_A, SHIFT)
    assert len(desk.document.people) == 2, "those of the image before, not of the one after"


def test_people_of_another_project_are_not_those_of_the_previous_image(crowd: Desk, tmp_path: Path, qtbot) -> None:
    desk = crowd
    desk.window.session.go(1)
    first = desk.window.session.project
    desk.window.open(make_photos(tmp_path / "others"))
    qtbot.waitUntil(lambda: desk.document is not None and desk.window.session.project is not first)
    desk.key(Qt.Key.Key_A, SHIFT)
    assert not desk.document.people


def test_a_late_answer_leaves_selection_isolation_and_colour(open_desk, tmp_path: Path) -> None:
    engine = LateEngine()
    desk: Desk = open_desk(make_photos(tmp_path / "p"), engine)
    desk.propose(proposal(110, 220, 180), proposal(250, 225, 100))
    desk.scene.select((True, desk.document.proposals[0].id))
    desk.key(Qt.Key.Key_F)
    start = proposed_joint(desk, "left_wrist")
    desk.drag([start, start + QPoint(-20, 0), start + QPoint(-40, 0)])
    person = desk.document.people[0].id
    colour = desk.scene.selection.hue
    assert desk.scene.isolated
    engine.speak()
    assert desk.document.people[0].mask.area == 320 * 240 and len(desk.document.history) == 1
    assert desk.scene.isolated and desk.scene.selected == (False, desk.document.people[0].id)
    assert desk.document.people[0].id == person and desk.scene.selection.hue == colour


def test_a_late_answer_about_a_new_person_selects_nobody_again(open_desk, tmp_path: Path) -> None:
    engine = LateEngine()
    desk: Desk = open_desk(make_photos(tmp_path / "p"), engine)
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_Return)
    person, colour = desk.document.people[0].id, desk.scene.selection.hue
    desk.key(Qt.Key.Key_Escape)
    assert desk.scene.selected is None
    engine.speak()
    assert desk.document.people[0].mask is not None and desk.scene.selected is None
    assert desk.document.people[0].id == person and desk.scene.figures[0].hue == colour


def test_a_late_answer_between_press_and_drag_loses_no_drag(open_desk, tmp_path: Path) -> None:
    engine = LateEngine()
    desk: Desk = open_desk(make_photos(tmp_path / "p"), engine)
    desk.propose(proposal(110, 220, 180))
    desk.scene.select((True, desk.document.proposals[0].id))
    start = proposed_joint(desk, "left_wrist")
    desk.drag([start, start + QPoint(-20, 0), start + QPoint(-40, 0)])
    start = desk.joint(0, "right_wrist")
    before = desk.document.people[0].keypoints[COCO_17.index("right_wrist"), 0]
    desk.drag([start], release=False)
    engine.speak()
    for x in (20, 40):
        drag_move(desk.canvas, start - QPoint(x, 0), NONE)
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, NONE, start - QPoint(40, 0))
    assert desk.document.people[0].keypoints[COCO_17.index("right_wrist"), 0] < before


def test_a_note_that_is_being_written_stays_with_its_image(desk: Desk) -> None:
    note = desk.window.side.details.note
    desk.key(Qt.Key.Key_I)
    note.setFocus()
    QTest.keyClicks(note, "blurred")
    assert note.hasFocus()
    desk.window.session.go(1)
    assert desk.document.photo.notes == "" and note.toPlainText() == ""
    desk.canvas.setFocus()
    assert desk.document.photo.notes == ""
    desk.window.session.go(0)
    assert desk.document.photo.notes == "blurred"


def test_words_that_are_being_written_stay_with_their_person(crowd: Desk) -> None:
    desk = crowd
    desk.window.controller.define_attribute(AttributeKind("team", "text"))
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_I)
    editor = desk.window.side.details.rows["team"].editor
    editor.setFocus()
    QTest.keyClicks(editor, "red")
    assert editor.hasFocus()
    desk.window.session.go(1)
    desk.window.session.go(0)
    assert desk.document.people[0].attributes == {"team": "red"}


def test_a_step_that_cannot_be_done_anew_stays_as_it_was(open_desk, tmp_path: Path) -> None:
    engine = LateEngine()
    desk: Desk = open_desk(make_photos(tmp_path / "p"), engine)
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_Return)
    engine.mask = Mask.from_full(np.ones((5, 5), bool))  # of no photo of this size
    engine.said = [(later, (False, 999)) for later, _ in engine.said]
    engine.speak()
    assert len(desk.document.people) == 1 and desk.document.position == 1


def test_undo_takes_the_last_click_of_an_unfinished_person_or_polygon_back(crowd: Desk) -> None:
    desk = crowd
    steps = desk.document.position
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(250, 60))
    desk.click(desk.at(260, 90))
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.document.position == steps and len(desk.canvas.tool._placed) == 1
    desk.key(Qt.Key.Key_Escape)
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_G)
    desk.click(desk.at(10, 10))
    desk.click(desk.at(30, 10))
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert desk.document.position == steps and len(desk.canvas.tool._corners) == 1


@pytest.mark.parametrize("tool, count", [(Qt.Key.Key_5, "_placed"), (Qt.Key.Key_G, "_corners")])
def test_undo_and_redo_by_other_keys_and_by_buttons_mean_the_clicks_of_unfinished_work(
    open_desk, tmp_path: Path, tool: Qt.Key, count: str
) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    desk.propose(proposal(110, 220, 180))
    desk.scene.select((True, desk.document.proposals[0].id))
    window, actions = desk.window, desk.window.actions_by_name
    for name, keys in (("undo", ("U",)), ("redo", ("L",))):
        window.settings.set_keys(name, keys)
    window.apply_keys()
    desk.key(tool)
    assert not actions["undo"].isEnabled()

    def clicks() -> int:
        return len(getattr(desk.canvas.tool, count))

    for x, y in ((250, 60), (260, 90), (280, 120)):
        desk.click(desk.at(x, y))
    assert actions["undo"].isEnabled() and not actions["redo"].isEnabled()
    desk.key(Qt.Key.Key_U)
    assert clicks() == 2 and actions["redo"].isEnabled()
    actions["undo"].trigger()
    assert clicks() == 1
    desk.key(Qt.Key.Key_L)
    actions["redo"].trigger()
    assert clicks() == 3 and not actions["redo"].isEnabled()
    desk.key(Qt.Key.Key_Escape)
    assert clicks() == 0 and "U: the" in window.status.hint.toolTip()
    desk.key(Qt.Key.Key_U)
    assert clicks() == 3 and not desk.document.history
    desk.key(Qt.Key.Key_Return)
    desk.key(Qt.Key.Key_U)
    desk.key(Qt.Key.Key_L)
    assert len(desk.document.history) == desk.document.position == 1


def test_undo_takes_back_what_was_done_to_the_document_since_the_last_click(crowd: Desk) -> None:
    desk = crowd
    person = desk.document.people[0].id
    desk.scene.select((False, person))
    desk.key(Qt.Key.Key_G)
    desk.click(desk.at(10, 10))
    desk.click(desk.at(30, 10))
    desk.window.controller.run("delete")
    assert len(desk.document.people) == 1
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert len(desk.document.people) == 2 and len(desk.canvas.tool._corners) == 2
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert len(desk.canvas.tool._corners) == 1
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.key(Qt.Key.Key_Z, CONTROL)
    assert not desk.canvas.tool._corners and not desk.document.people
    desk.key(Qt.Key.Key_Y, CONTROL)
    assert len(desk.document.people) == 2 and not desk.canvas.tool._corners
    desk.key(Qt.Key.Key_Y, CONTROL)
    assert len(desk.canvas.tool._corners) == 1 and len(desk.document.people) == 2


def test_a_polygon_for_somebody_who_is_locked_is_not_begun(crowd: Desk) -> None:
    desk, shown = crowd, []
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_G, SHIFT)
    desk.window.editor.failed.connect(shown.append)
    desk.key(Qt.Key.Key_G)
    desk.click(desk.at(10, 10))
    assert not desk.canvas.tool._corners and len(shown) == 1
    desk.key(Qt.Key.Key_G, SHIFT)
    desk.click(desk.at(10, 10))
    assert len(desk.canvas.tool._corners) == 1


@pytest.mark.parametrize("tool, locked", [(Qt.Key.Key_B, 0), (Qt.Key.Key_E, 0), (Qt.Key.Key_R, 0), (Qt.Key.Key_R, 1)])
def test_a_stroke_that_would_be_lost_is_not_begun(crowd: Desk, tool: Qt.Key, locked: int) -> None:
    """Somebody who is locked, or whose pixels would be given away, says so at the press, not after the work."""
    desk = crowd
    people = desk.document.people
    desk.window.editor.execute(do.LockPeople((people[locked].id,)))
    desk.scene.select((False, people[0].id))
    desk.key(tool)
    state = desk.document.state()
    desk.drag([desk.at(190, 150), desk.at(194, 160)], release=False)
    assert not desk.canvas.tool._stroke and f"Person {locked + 1} is locked" in desk.window.messages.text()
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, NONE, desk.at(194, 160))
    assert desk.document.state() == state


def test_a_gesture_whose_release_was_not_told_ends_where_it_was_seen_last(crowd: Desk) -> None:
    """As on a screen that was locked meanwhile: else a joint would stick to a pointer without a button."""
    desk = crowd
    start, steps = desk.joint(0, "right_wrist"), desk.document.position
    before = desk.document.people[0].keypoints[COCO_17.index("right_wrist"), 0]
    desk.drag([start, start - QPoint(20, 0), start - QPoint(40, 0)], release=False)
    desk.move(desk.at(300, 20))
    joint = desk.document.people[0].keypoints[COCO_17.index("right_wrist")]
    assert desk.document.position == steps + 1 and not desk.scene.previewing
    assert abs(before - joint[0] - 40 / desk.canvas.mapping.scale) < 1
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_B)
    desk.canvas.set_exact_strokes(True)
    desk.drag([desk.at(300, 20), desk.at(310, 30)], release=False)
    desk.drag([desk.at(20, 20), desk.at(30, 30)])
    mask = desk.document.people[0].mask.to_full()
    assert desk.document.position == steps + 3 and mask[25, 305] and mask[25, 25]


def test_a_stroke_stays_with_whom_it_was_begun_for(desk: Desk) -> None:
    """Also where the model's answer comes meanwhile, in which they are not."""
    desk.propose(proposal(110, 220, 180), proposal(250, 220, 100))
    desk.scene.select((True, desk.document.proposals[0].id))
    desk.key(Qt.Key.Key_B)
    desk.drag([desk.at(20, 20), desk.at(30, 30)], release=False)
    desk.scene.select((True, desk.document.proposals[1].id))
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, NONE, desk.at(30, 30))
    (person,) = desk.document.people
    assert person.keypoints[0, 0] < 150 and person.mask.to_full()[25, 25]
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.scene.select((True, desk.document.proposals[0].id))
    desk.drag([desk.at(20, 20), desk.at(30, 30)], release=False)
    desk.window.session.project.set_proposals(desk.document.photo.id, [proposal(250, 220, 100)], "another")
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, NONE, desk.at(30, 30))
    assert "gone from the image" in desk.window.messages.text() and not desk.document.people


def test_whoever_is_nowhere_is_not_zoomed_to(crowd: Desk) -> None:
    desk = crowd
    desk.window.editor.execute(do.AddPerson({}, None))
    desk.scene.select((False, desk.document.people[-1].id))
    view = desk.canvas.mapping
    desk.key(Qt.Key.Key_W, SHIFT)
    assert desk.canvas.mapping == view and "neither joints nor a mask" in desk.window.messages.text()


def test_a_key_held_a_little_too_long_confirms_or_deletes_nothing_more(desk: Desk) -> None:
    actions = desk.window.actions_by_name
    for name in ("confirm_image", "skip_image", "delete", "accept_review", "cycle_visibility", "duplicate"):
        assert not actions[name].autoRepeat(), name
    for name in ("undo", "redo", "next_person", "previous_person", "next_image", "previous_image", "zoom_in"):
        assert actions[name].autoRepeat(), name


def test_a_photo_of_the_last_project_is_not_shown_in_the_next(qtbot, tmp_path: Path, monkeypatch) -> None:
    """Both images have the number 1, and the first one's file is slow."""
    slow, told = threading.Event(), []

    def read(request: PhotoRequest) -> np.ndarray:
        if request.path.name == "old.png":
            slow.wait(20)
        return np.zeros((4, 3, 3), np.uint8)

    monkeypatch.setattr("kdc_annotator.ui.photo_loader.read_pixels", read)
    loader = PhotoLoader()
    loader.loaded.connect(lambda image_id, _: told.append(image_id))
    old = PhotoRequest(1, tmp_path / "old.png", (3, 4))
    loader.request(old, [])
    qtbot.waitUntil(lambda: old in loader._begun)
    loader.clear()
    loader.request(PhotoRequest(1, tmp_path / "new.png", (3, 4)), [])
    qtbot.waitUntil(lambda: told == [1])
    slow.set()
    qtbot.waitUntil(lambda: old not in loader._running)
    assert told == [1]
    loader.close()


def test_a_project_that_is_closed_while_a_file_is_imported_says_no_more(crowd: Desk, qtbot) -> None:
    session, going, shown = crowd.window.session, threading.Event(), []
    session.failed.connect(shown.append)

    def work(project, tell):
        going.wait(20)
        project.image_ids()
        return []

    session._with_all_images_closed(work, session.progress)
    crowd.window.controller.run("close_project")
    going.set()
    qtbot.waitUntil(lambda: not session._busy)
    assert not shown and session.project is None
