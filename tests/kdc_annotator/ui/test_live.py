"""The real re-clusterer behind a drag in the window, over rendered fields; no network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from rendered import SIDE, accepted_desk, entry
from window_desk import Desk, until

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.mask_shapes import holes, parts, speck_limit
from kdc_annotator.engine.listen import Logits, Propagation
from kdc_annotator.ui.listening import Silent
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.live_masks import LiveMasks, proposals_of


def test_masks_follow_and_come_back(tmp_path: Path) -> None:
    made = entry()
    live = LiveMasks(made, np.full((SIDE, SIDE, 3), 90, np.uint8))
    people = [((True, n), p) for n, p in enumerate(proposals_of(made, (SIDE, SIDE)))]
    live.take(people)
    key, person = people[0]
    live.begin(key)
    k = COCO_17.index("left_wrist")
    home = (float(person.keypoints[k, 0]), float(person.keypoints[k, 1]))
    away, rectangle = live.moved({k: (home[0] - 40, home[1] - 30)})
    assert rectangle[2] > 0 and key in away
    live.moved({k: home})
    there_and_back = live.live.labels.copy()
    straight = LiveMasks(made, np.full((SIDE, SIDE, 3), 90, np.uint8))
    straight.take(people)
    straight.begin(key)
    straight.moved({k: home})
    assert np.array_equal(there_and_back, straight.live.labels)


def test_a_new_person_gets_a_mask(tmp_path: Path) -> None:
    made = entry()
    live = LiveMasks(made, np.full((SIDE, SIDE, 3), 90, np.uint8))
    (_, first), (_, second) = list(enumerate(proposals_of(made, (SIDE, SIDE))))
    points = {k: (float(x), float(y), 2) for k, (x, y, v) in enumerate(second.keypoints) if v}
    masks: Mapping = live.masks_of_new([((True, 0), first)], points)
    assert masks[None].area > 500
    assert live.live.labels.max() == 1  # nothing of the trial stays behind


def test_somebody_can_be_added_where_the_last_one_was_deleted(open_desk, tmp_path: Path) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    failures: list[str] = []
    desk.window.editor.failed.connect(lambda error: failures.append(error.message))
    start = desk.joint(1, "right_wrist")
    desk.drag([start + QPoint(-4 * n, 0) for n in range(6)])  # clustering knows both from now on
    desk.window.editor.execute(do.DeletePeople((desk.document.people[1].id,)))
    body = entry().people[1].keypoints
    desk.key(Qt.Key.Key_5)
    for name in ("nose", "left_shoulder", "right_shoulder"):
        desk.click(desk.at(*(body[COCO_17.index(name), :2] + 0.5)))
    desk.key(Qt.Key.Key_Return)
    until(lambda: len(desk.document.people) == 2 and desk.document.people[1].mask is not None)
    assert not failures
    assert len(desk.document.people) == 2 and desk.document.people[1].mask.area > 500


def test_a_drag_in_the_window_is_clustered_and_stored(open_desk, tmp_path: Path) -> None:
    engine = LiveEngine()  # never started: no process, no model; its thread alone is used
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    before = desk.document.people[0]
    start = desk.joint(0, "right_wrist")
    steps = [start + QPoint(-6 * n, -4 * n) for n in range(12)]
    desk.drag(steps, release=False)
    tool = desk.canvas.tool
    until(lambda: tool._followed)
    shown = desk.scene.figure((False, before.id)).annotation.mask
    assert shown.area != before.mask.area
    QTest.mouseRelease(desk.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, steps[-1])
    after = desk.document.people[0]
    assert after.mask.area != before.mask.area
    assert len(desk.document.history) == 2
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.document.people[0].mask.iou(before.mask) == 1.0


def test_no_gesture_in_the_next_photo_is_answered_by_the_last_one(open_desk, tmp_path: Path) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    key = (False, desk.document.people[0].id)
    drag = engine.begin_drag(key, [0], lambda masks, rectangle: None)
    assert drag is not None
    drag.cancel()
    desk.window.session.go(0)  # the engine is told of an image once it is painted
    assert engine.begin_drag(key, [0], lambda masks, rectangle: None) is None
    assert engine.begin_stroke(key, True, lambda masks, rectangle: None) is None


def test_without_a_photo_at_the_service_strokes_spread_by_colour(open_desk, tmp_path: Path) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    engine._photo = None
    key = (False, desk.document.people[0].id)
    stroke = engine.begin_stroke(key, True, lambda masks, rectangle: None)
    assert stroke is not None
    later: list[Mapping] = []
    now = stroke.finish(((18.0, 120.0), (18.0, 130.0)), 4.0, later.append)
    until(lambda: now or later)
    (mask,) = [m for masks in (now, *later) for k, m in masks.items() if k == key][:1]
    assert mask.to_full()[125, 18] and not desk.document.people[0].mask.to_full()[125, 18]


def test_a_drag_away_and_another_back_leave_no_slivers(open_desk, tmp_path: Path) -> None:
    """The masks are another tool's, a little wider than clustering's: those of before the drags come back, to the pixel."""
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    # A joint that is placed by hand already: clustering is then the same before and after.
    wrist = COCO_17.index("right_wrist")
    desk.window.editor.execute(do.ConfirmKeypoints(desk.document.people[0].id, (wrist,)))
    wide = {
        p.id: Mask.from_full(cv2.dilate(p.mask.to_full().astype(np.uint8), np.ones((7, 7))) > 0)
        for p in desk.document.people
    }
    desk.window.editor.execute(do.SetMasks(wide))
    before = [p.mask.to_full() for p in desk.document.people]
    for way in (1, -1):
        start = desk.joint(0, "right_wrist")
        areas = [p.mask.area for p in desk.document.people]
        desk.drag([start + QPoint(-9 * n * way, -6 * n * way) for n in range(9)])
        until(lambda areas=areas: [p.mask.area for p in desk.document.people] != areas)
    after = [p.mask.to_full() for p in desk.document.people]
    assert len(desk.document.history) == 5
    assert all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


class Telling:
    """As the service's model: the second rendered body's joints."""

    def joints(self, scene, people, index: int) -> np.ndarray:
        return entry().people[1].keypoints


def test_clicks_and_the_model_make_a_whole_person(open_desk, tmp_path: Path, monkeypatch) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    desk.window.editor.execute(do.DeletePeople((desk.document.people[1].id,)))
    asked: list[str] = []

    class Service:
        class state:
            completes, refines, phase = True, False, "ready"

        def close(self, seconds: float) -> None:
            asked.append("closed")

    engine._service = Service()
    monkeypatch.setattr("kdc_annotator.ui.live_desk.ServiceCompleter", lambda *_: Telling())
    body = entry().people[1].keypoints
    desk.key(Qt.Key.Key_5)
    for name in ("nose", "left_shoulder", "right_shoulder"):
        desk.click(desk.at(*(body[COCO_17.index(name), :2] + 0.5)))
    steps = desk.document.position
    desk.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    until(lambda: desk.document.position == steps + 2)
    added = desk.document.people[-1]
    assert added.present.all() and np.abs(added.keypoints[:, :2] - body[:, :2]).max() < 2
    assert np.flatnonzero(added.confirmed_keypoints).tolist() == [0, 5, 6]
    assert added.confidence[9] > 0.8 and added.mask.area > 500
    desk.key(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert int(desk.document.people[-1].present.sum()) == 3
    engine._service = None


class Hushed:
    """A refinement whose first word is cut off; then it says that what is to the right of the joints is not the person's."""

    learnt, asked = True, 0

    def listen(self, scene, people, which, hands) -> list[Logits]:
        self.asked += 1
        if self.asked == 1:
            raise Silent
        out = []
        for person in (people[j] for j in which):
            x, y = person.keypoints[person.keypoints[:, 2] > 0, :2].mean(0)
            sides = np.repeat(np.float32([8, -8]), 40)[None].repeat(80, 0)
            out.append(Logits(sides, (x - 40, y - 40, 80, 80)))
        return out


def test_the_refinement_is_heard_of_a_newcomer_to_whom_the_model_adds_no_joint(
    open_desk, tmp_path: Path, monkeypatch
) -> None:
    """Asking for the joints cut off what it was asked of the newcomer's mask."""
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    desk.window.editor.execute(do.DeletePeople(tuple(p.id for p in desk.document.people)))

    class Service:
        class state:
            completes, refines, phase = True, False, "ready"

        def close(self, seconds: float) -> None:
            pass

    engine._service, engine.listener = Service(), Hushed()
    monkeypatch.setattr("kdc_annotator.ui.live_desk.ServiceCompleter", lambda *_: Telling())
    nose = entry().people[1].keypoints[0, :2]
    desk.key(Qt.Key.Key_5)
    desk.click(desk.at(*(nose + 0.5)))
    desk.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    x, y = np.round(nose).astype(int)

    def sides() -> tuple[float, float]:
        """How much of the pixels to the left and to the right of the joint are the person's."""
        full = desk.document.people[0].mask.to_full()
        return float(full[y - 5 : y + 6, x - 7 : x - 1].mean()), float(full[y - 5 : y + 6, x + 2 : x + 8].mean())

    until(lambda: engine.listener.asked > 1 and sides()[1] < 0.1)
    assert sides()[0] > 0.9 and sides()[1] < 0.1
    engine._service = None


def test_without_a_model_missing_joints_are_placed_by_symmetry(open_desk, tmp_path: Path) -> None:
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", LiveEngine())
    person = desk.document.people[0].id
    desk.scene.select((False, person))
    desk.window.editor.execute(do.RemoveKeypoint(person, 9))
    desk.key(Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier)
    assert desk.document.people[0].keypoints[9, 2] == 1


def test_a_joint_that_is_not_labelled_pulls_no_pixels(tmp_path: Path) -> None:
    """The model was fairly sure of it, but not sure enough to label it: its place in the annotation is 0, 0."""
    made = entry()
    people = [((True, n), p) for n, p in enumerate(proposals_of(made, (SIDE, SIDE)))]
    points, confidence = people[0][1].keypoints.copy(), people[0][1].confidence.copy()
    points[[15, 16]], confidence[[15, 16]] = 0, 0.4
    doubtful = people[0][1].edited(keypoints=points, confidence=confidence)
    certain = doubtful.edited(confidence=np.where(points[:, 2] > 0, confidence, 0))
    labels = []
    for person in (doubtful, certain):
        live = LiveMasks(made, np.full((SIDE, SIDE, 3), 90, np.uint8))
        live.take([(people[0][0], person), people[1]])
        labels.append(live.live.labels.copy())
    assert np.array_equal(*labels)


def test_people_who_are_proposed_to_the_open_image_are_listened_to(open_desk, tmp_path: Path) -> None:
    engine = LiveEngine()
    desk: Desk = accepted_desk(open_desk, tmp_path / "p", engine)
    desk.wait(50)  # those that were accepted were proposed, too
    asked: list[int] = []
    engine._listen_all = lambda live, photo, listener: asked.append(len(engine._people()))
    photo = engine._photo
    assert photo is not None
    engine.proposals_ready.emit(photo[0] + 1, [], "rendered", None)
    desk.wait(100)
    assert not asked
    engine.proposals_ready.emit(photo[0], [], "rendered", None)
    until(lambda: asked)
    assert asked == [2]
    drag = engine.begin_drag((False, desk.document.people[0].id), [0], lambda masks, rectangle: None)
    assert drag is not None
    engine.proposals_ready.emit(photo[0], [], "rendered", None)
    desk.wait(100)
    assert asked == [2]  # people are not laid out anew under a joint in the hand
    drag.cancel()


def test_a_literal_stroke_does_not_take_back_what_the_refinement_said(tmp_path: Path) -> None:
    made = entry()
    live = LiveMasks(made, np.full((SIDE, SIDE, 3), 90, np.uint8))
    people = [((True, n), p) for n, p in enumerate(proposals_of(made, (SIDE, SIDE)))]
    live.listen_all(people, Propagation())
    key, person = people[0]
    said = live.live.person(1).correction
    dab = np.zeros((SIDE, SIDE), bool)
    dab[4:8, 4:8] = True
    painted = person.edited(pinned_in=Mask.from_full(dab).to_rle())
    live.take([(key, painted), *people[1:]])
    assert said is not None and live.live.person(1).correction is said
    assert live.live.mask(1).to_full()[5, 5]


def crumbs_beside(mask: Mask, before: Mask) -> int:
    """Tiny parts and holes of the mask that were not there before."""
    limit, old = speck_limit(mask), before.to_full()
    specks = [p for p in parts(mask) if p.area < limit and not (p.to_full() & old).any()]
    return len(specks) + sum(h.area < limit and bool((h.to_full() & old).any()) for h in holes(mask))


def test_while_a_joint_moves_no_crumbs_show(monkeypatch) -> None:
    """Masks of another tool, whose edges are not clustering's: what it gives and takes would leave specks."""
    made, left = entry(), []
    for clean in (True, False):
        if not clean:
            monkeypatch.setattr("kdc_annotator.ui.live_masks.without_crumbs", lambda mask, *_: mask)
        live = LiveMasks(made, np.full((SIDE, SIDE, 3), 90, np.uint8))
        people = [((True, n), p) for n, p in enumerate(proposals_of(made, (SIDE, SIDE)))]
        live.take(people)
        rough = np.random.default_rng(0).random((SIDE, SIDE)) < 0.35
        people = [
            (k, p.edited(mask=Mask.from_full(live.live.mask(n).to_full() & ~rough)))
            for n, (k, p) in enumerate(people, 1)
        ]
        live.take(people)
        live.begin(people[0][0])
        x, y = people[0][1].keypoints[9, :2]
        count = 0
        for step in range(10):
            masks, _ = live.moved({9: (x + 5 * step, y - 8 * step)})
            count += sum(crumbs_beside(mask, dict(people)[key].mask) for key, mask in masks.items())
        left.append(count)
    assert left[0] == 0 and left[1] > 0
