"""Labelers who go on before something is finished: nothing that they drew is lost, and what can't be done is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from rendered import accepted_desk
from window_desk import SIZE, Desk, make_photos, proposal, until

from kdc.schema import COCO_17, CROWDPOSE_14
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.ui.engine_bridge import EngineBridge
from kdc_annotator.ui.listening import Silent
from kdc_annotator.ui.live_engine import LiveEngine

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
WRIST = COCO_17.index("left_wrist")


class SlowEngine(EngineBridge):
    """Answers when it is told to."""

    completes = True

    def __init__(self) -> None:
        super().__init__()
        self.later: list = []
        self.then: list = []
        self.mask = Mask.from_full(np.ones((SIZE[1], SIZE[0]), bool))

    def masks_for_new(self, points, category, later=None):
        self.later.append(later)
        return {}

    def missing_joints(self, key, then) -> bool:
        if self.completes:
            self.then.append(then)
        return self.completes


def begun(open_desk, folder: Path) -> tuple[Desk, SlowEngine]:
    """Somebody was made of two joints with Shift+Return, and nothing has come yet."""
    engine = SlowEngine()
    desk: Desk = open_desk(make_photos(folder), engine)
    desk.propose(proposal(250, 220, 180))
    desk.key(Qt.Key.Key_Q)
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.click(desk.at(90, 130))
    desk.key(Qt.Key.Key_Return, SHIFT)
    assert len(desk.document.people) == 2
    return desk, engine


def test_a_mask_that_comes_after_another_gesture_is_a_step_of_its_own(open_desk, tmp_path: Path) -> None:
    desk, engine = begun(open_desk, tmp_path / "p")
    new = desk.document.people[1].id
    start = desk.joint(0, "left_wrist")
    desk.drag([start, start + QPoint(-20, 0), start + QPoint(-40, 0)])
    steps = desk.document.position
    engine.later[0]({None: engine.mask})
    assert desk.document.person(new).mask.area == SIZE[0] * SIZE[1] and desk.document.position == steps + 1
    engine.then[0]({WRIST: (80.0, 150.0, 0.9)}, {})
    assert desk.document.person(new).keypoints[WRIST, 2] == 2 and desk.document.position == steps + 2


def test_a_mask_that_comes_when_another_image_is_open_still_comes(open_desk, tmp_path: Path) -> None:
    desk, engine = begun(open_desk, tmp_path / "p")
    desk.window.session.go(1)
    engine.later[0]({None: engine.mask})
    engine.then[0](None, {})
    desk.wait(10)
    assert "photo0.png" in desk.window.messages.text() and "Shift+S" in desk.window.messages.text()
    desk.window.session.go(0)
    assert desk.document.people[1].mask is not None


def test_a_late_mask_takes_no_redo_away(open_desk, tmp_path: Path) -> None:
    desk, engine = begun(open_desk, tmp_path / "p")
    new = desk.document.people[1].id
    start = desk.joint(0, "left_wrist")
    desk.drag([start, start + QPoint(-20, 0), start + QPoint(-40, 0)])
    desk.key(Qt.Key.Key_Z, CONTROL)
    engine.later[0]({None: engine.mask})
    desk.wait(150)
    assert len(desk.document.history) == desk.document.position + 1 and desk.document.person(new).mask is None
    desk.key(Qt.Key.Key_Y, CONTROL)
    assert until(lambda: desk.document.person(new).mask is not None)


def test_joints_for_somebody_who_was_changed_meanwhile_are_said_not_to_be_placed(open_desk, tmp_path: Path) -> None:
    desk, engine = begun(open_desk, tmp_path / "p")
    new = desk.document.people[1].id
    desk.window.editor.execute(do.SetVisibility(new, (0,), 1))
    engine.then[0]({WRIST: (80.0, 150.0, 0.9)}, {})
    desk.wait(10)
    assert "Person 2" in desk.window.messages.text() and not desk.document.person(new).keypoints[WRIST, 2]


def test_without_a_model_for_joints_the_late_mask_comes_besides_those_by_symmetry(open_desk, tmp_path: Path) -> None:
    engine = SlowEngine()
    engine.completes = False
    desk: Desk = open_desk(make_photos(tmp_path / "p"), engine)
    desk.key(Qt.Key.Key_5)
    for x, y in ((100, 60), (115, 90), (85, 90), (110, 150), (90, 150), (125, 120)):
        desk.click(desk.at(x, y))
    desk.key(Qt.Key.Key_Return, SHIFT)
    assert int(desk.document.people[0].present.sum()) > 6
    engine.later[0]({None: engine.mask})
    assert desk.document.people[0].mask is not None


class Service:
    """A model that completes."""

    class state:
        completes, refines, phase = True, False, "ready"

    def close(self, seconds: float) -> None:
        pass

    def predict(self, key: str, path: Path) -> None:
        pass

    def prefetch(self, photos) -> None:
        pass


def completing_desk(open_desk, folder: Path, monkeypatch, silent: int) -> tuple[Desk, LiveEngine, list[int], int]:
    """Somebody lacks the left wrist; the first ``silent`` questions are interrupted, as by strokes on somebody else."""
    engine, asked = LiveEngine(), []
    desk: Desk = accepted_desk(open_desk, folder, engine)
    joints = {k: (float(x), float(y), 2) for k, (x, y, _) in enumerate(desk.document.people[0].keypoints)}
    place = joints.pop(WRIST)[:2]
    desk.window.editor.execute(do.DeletePeople((desk.document.people[0].id,)))
    person = desk.window.editor.add_person(joints, {})
    desk.scene.select((False, person))
    engine._service = Service()

    class Completer:
        def joints(self, scene, people, index: int):
            asked.append(index)
            if len(asked) <= silent:
                engine._mailbox.interrupt()
                raise Silent
            found = np.zeros((17, 3), np.float32)
            found[WRIST] = (*place, 0.9)
            return found

    monkeypatch.setattr("kdc_annotator.ui.live_desk.ServiceCompleter", lambda *_: Completer())
    desk.key(Qt.Key.Key_S, SHIFT)
    until(lambda: len(asked) > silent or desk.window.messages.text())
    desk.wait(50)
    engine._service = None
    return desk, engine, asked, person


def test_an_interrupted_completion_is_asked_for_again(open_desk, tmp_path: Path, monkeypatch) -> None:
    desk, _, asked, person = completing_desk(open_desk, tmp_path / "p", monkeypatch, 2)
    until(lambda: desk.document.person(person).keypoints[WRIST, 2])
    assert desk.document.person(person).keypoints[WRIST, 2] == 2 and len(asked) == 3


def test_a_completion_that_is_always_interrupted_is_said_not_to_have_come(
    open_desk, tmp_path: Path, monkeypatch
) -> None:
    desk, engine, asked, person = completing_desk(open_desk, tmp_path / "p", monkeypatch, 100)
    assert "Shift+S" in desk.window.messages.text() and len(asked) == 3 and not engine._completing
    assert not desk.document.person(person).keypoints[WRIST, 2]


def test_a_completion_of_an_image_that_is_left_is_said_not_to_have_come(open_desk, tmp_path: Path) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    told: list = []
    engine._completing.append(lambda joints, masks: told.append(joints))
    engine.leave_image()
    assert told == [None] and desk.document is not None


def test_an_unfinished_person_is_made_when_the_image_is_left(desk: Desk) -> None:
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_D)
    assert desk.document.photo.path == "photo1.png" and not desk.document.people
    assert desk.canvas.tool.name == "add-person"
    bar = desk.window.messages
    assert bar.text() and bar._button.text()
    bar._button.click()
    assert desk.document.photo.path == "photo0.png" and len(desk.document.people) == 1


def test_an_unfinished_person_is_made_when_another_tool_is_taken(desk: Desk) -> None:
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_B)
    assert len(desk.document.people) == 1 and desk.canvas.tool.name == "brush"
    assert desk.scene.selected == (False, desk.document.people[0].id)


def test_an_unfinished_person_is_given_up_with_escape(desk: Desk) -> None:
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_Escape)
    desk.key(Qt.Key.Key_Escape)
    assert not desk.document.people and desk.canvas.tool.name == "select" and not desk.window.messages.text()


def test_what_escape_threw_away_is_brought_back_by_undo(crowd: Desk) -> None:
    desk, control = crowd, Qt.KeyboardModifier.ControlModifier
    steps = desk.document.position
    desk.key(Qt.Key.Key_5)
    for x in (100, 120, 140):
        desk.click(desk.at(x, 60))
    desk.key(Qt.Key.Key_Escape)
    assert "Ctrl+Z: the joints again" in desk.window.status.hint.text()
    desk.key(Qt.Key.Key_Z, control)
    assert desk.document.position == steps, "undo was for the joints"
    desk.key(Qt.Key.Key_Return)
    assert int(desk.document.people[-1].present.sum()) == 3
    desk.scene.select((False, desk.document.people[0].id))
    desk.key(Qt.Key.Key_G)
    for x, y in ((5, 5), (40, 5), (40, 40)):
        desk.click(desk.at(x, y))
    desk.key(Qt.Key.Key_Escape)
    assert "Ctrl+Z: the polygon again" in desk.window.status.hint.text()
    desk.key(Qt.Key.Key_Z, control)
    area = desk.document.people[0].mask.area
    desk.key(Qt.Key.Key_Return)
    assert desk.document.people[0].mask.area > area + 300
    for x, y in ((5, 50), (40, 50), (40, 90)):
        desk.click(desk.at(x, y))
    desk.key(Qt.Key.Key_Escape)
    steps = desk.document.position
    desk.window.controller.run("mirror")
    desk.key(Qt.Key.Key_Z, control)
    assert desk.document.position == steps, "what was done since is taken back first"


def test_a_click_on_the_arrow_goes_on_to_it_and_loses_nothing(crowd: Desk) -> None:
    desk = crowd
    arrow = desk.window.tools.focusProxy()
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(250, 60))
    QTest.mouseClick(arrow, Qt.MouseButton.LeftButton)
    assert len(desk.document.people) == 3 and desk.canvas.tool.name == "select"
    assert "joints placed so far" in desk.window.messages.text() and desk.scene.selected is not None
    first = desk.document.people[0]
    begun_polygon(desk, first.id)
    desk.key(Qt.Key.Key_Q, SHIFT)
    assert desk.document.person(first.id).mask.area > first.mask.area + 300
    assert desk.window.review.active and desk.canvas.tool.name == "select", "whoever looks on does not paint"


def test_a_polygon_is_closed_when_the_image_is_left_or_said_to_be_gone(crowd: Desk) -> None:
    desk = crowd
    desk.scene.select((False, desk.document.people[0].id))
    area = desk.document.people[0].mask.area
    desk.key(Qt.Key.Key_G)
    for x, y in ((5, 5), (40, 5), (40, 40)):
        desk.click(desk.at(x, y))
    desk.scene.select((False, desk.document.people[1].id))  # it stays the polygon of the first
    desk.key(Qt.Key.Key_D)
    assert "closed" in desk.window.messages.text()
    desk.key(Qt.Key.Key_A)
    assert desk.document.people[0].mask.area > area + 300
    desk.scene.select((False, desk.document.people[0].id))
    for x, y in ((5, 50), (40, 50)):
        desk.click(desk.at(x, y))
    desk.window.controller.run("confirm_image")
    assert "three corners" in desk.window.messages.text()


def begun_polygon(desk: Desk, person: int, corners=((5, 5), (40, 5), (40, 40))) -> None:
    desk.scene.select((False, person))
    desk.key(Qt.Key.Key_G)
    for x, y in corners:
        desk.click(desk.at(x, y))


def test_a_polygon_outlives_the_deletion_of_its_person(crowd: Desk) -> None:
    desk = crowd
    first, second = (p.id for p in desk.document.people)
    area = desk.document.person(first).mask.area
    begun_polygon(desk, first)
    desk.window.controller.run("delete")
    desk.key(Qt.Key.Key_Return)
    assert "click the person" in desk.window.messages.text() and len(desk.canvas.tool._corners) == 3
    desk.key(Qt.Key.Key_Z, CONTROL)
    desk.key(Qt.Key.Key_Return)
    assert desk.document.person(first).mask.area > area + 300

    begun_polygon(desk, first, ((5, 60), (40, 60), (40, 100)))
    desk.window.controller.run("delete")
    area = desk.document.person(second).mask.area
    desk.click(desk.at(165, 130))
    assert desk.scene.selected == (False, second) and len(desk.canvas.tool._corners) == 3
    desk.key(Qt.Key.Key_Return)
    assert desk.document.person(second).mask.area > area + 300


def test_a_polygon_of_somebody_who_is_locked_meanwhile_stays_in_hand(crowd: Desk) -> None:
    desk = crowd
    person = desk.document.people[0].id
    begun_polygon(desk, person)
    desk.key(Qt.Key.Key_G, SHIFT)
    desk.key(Qt.Key.Key_Return)
    assert "Person 1 is locked" in desk.window.messages.text() and len(desk.canvas.tool._corners) == 3
    desk.key(Qt.Key.Key_D)
    assert "changed nothing and is gone" in desk.window.messages.text()


def test_a_polygon_whose_person_is_gone_is_said_to_be_gone_when_another_tool_is_taken(crowd: Desk) -> None:
    desk = crowd
    begun_polygon(desk, desk.document.people[0].id)
    desk.window.controller.run("delete")
    desk.key(Qt.Key.Key_B)
    assert "so is the polygon" in desk.window.messages.text()


def test_corners_are_set_whoever_is_selected_meanwhile(crowd: Desk) -> None:
    desk = crowd
    first, second = desk.document.people
    begun_polygon(desk, first.id)
    desk.scene.select(None)
    desk.click(desk.at(10, 60))
    desk.scene.select((False, second.id))
    desk.click(desk.at(6, 50))
    assert len(desk.canvas.tool._corners) == 5 and desk.scene.selected == (False, second.id)
    desk.key(Qt.Key.Key_Return)
    assert desk.document.person(first.id).mask.area > first.mask.area + 300


def test_an_unfinished_person_is_made_when_the_project_is_closed(open_desk, tmp_path: Path) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    project = desk.window.session.project.path
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_W, CONTROL)
    assert desk.window.session.project is None
    assert len(open_desk(project, settings=tmp_path / "other.ini").document.people) == 1


def test_the_add_tool_asks_for_the_joints_of_the_image_that_is_open(desk: Desk, monkeypatch) -> None:
    monkeypatch.setattr(ImageDocument, "schema", lambda self, c=1: {1: COCO_17, 2: CROWDPOSE_14}[c])
    desk.key(Qt.Key.Key_5)
    assert len(desk.canvas.tool._schema) == 17
    category = {"photo0.png": 1, "photo1.png": 2}
    monkeypatch.setattr(desk.window.editor, "category", lambda: category[desk.scene.document.photo.path])
    desk.key(Qt.Key.Key_D)
    assert len(desk.canvas.tool._schema) == 14
    desk.click(desk.at(100, 100))
    desk.key(Qt.Key.Key_Return)
    assert desk.document.people[0].category_id == 2 and len(desk.document.people[0].keypoints) == 14


def test_whoever_is_hidden_is_not_worked_on(crowd: Desk) -> None:
    desk = crowd
    first = (False, desk.document.people[0].id)
    desk.scene.select(first)
    desk.move(desk.joint(0, "left_wrist"))
    assert desk.canvas.hot == (first, WRIST)
    steps = desk.document.position
    desk.key(Qt.Key.Key_F, SHIFT)
    assert desk.scene.selected is None and first in desk.scene.hidden
    desk.key(Qt.Key.Key_V)
    assert desk.document.position == steps
    desk.scene.select(first)  # in the list of people
    assert not desk.scene.hidden


def test_hidden_proposals_are_not_accepted_with_the_others(desk: Desk) -> None:
    desk.propose(proposal(80, 220, 180), proposal(230, 225, 190))
    hidden = desk.document.proposals[0].id
    desk.scene.set_hidden((True, hidden), True)
    desk.key(Qt.Key.Key_Q)
    assert [p.id for p in desk.document.proposals] == [hidden] and len(desk.document.people) == 1
    assert desk.window.messages.text()
    desk.window.messages._button.click()
    assert not desk.scene.hidden


def test_the_key_that_places_joints_is_named_as_it_is_now(open_desk, tmp_path: Path) -> None:
    desk, engine = begun(open_desk, tmp_path / "p")
    desk.window.settings.set_keys("place_missing", ("F9",))
    desk.window.apply_keys()
    desk.window.session.go(1)
    engine.later[0]({None: engine.mask})
    engine.then[0](None, {})
    desk.wait(10)
    assert "F9 places them" in desk.window.messages.text() and "Shift+S" not in desk.window.messages.text()
