"""Masks follow edits that are no drags: joints there or not, sides swapped, people deleted, merged and split. Rendered fields, no network."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from rendered import SIDE, accepted_desk, entry, grey
from window_desk import Desk

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Provenance
from kdc_annotator.engine.listen import Logits
from kdc_annotator.io.project import Project
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.live_masks import LiveMasks

NONE, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def pair(open_desk, tmp_path: Path) -> Desk:
    """Two people side by side, with clustering's masks."""
    return accepted_desk(open_desk, tmp_path / "p", LiveEngine())


def masks(desk: Desk) -> list[np.ndarray]:
    return [p.mask.to_full() for p in desk.document.people]


def clustered(desk: Desk) -> list[np.ndarray]:
    """What clustering gives everybody as they are, from nothing."""
    live = LiveMasks(entry(), grey())
    live.take([((False, p.id), p) for p in desk.document.people])
    return [live.live.labels == n for n, _ in enumerate(desk.document.people, 1)]


def settled(desk: Desk) -> None:
    """All that was asked of clustering has been answered, and the window has heard it."""
    for _ in range(3):
        desk.window.engine.submit(int).result(60)
        desk.wait(20)


def over(desk: Desk, person: int, joint: str) -> None:
    desk.move(desk.joint(person, joint))
    assert desk.canvas.hot == ((False, desk.document.people[person].id), COCO_17.index(joint))


def pixels_off(one: list[np.ndarray], other: list[np.ndarray]) -> int:
    assert len(one) == len(other)
    return sum(int((a != b).sum()) for a, b in zip(one, other, strict=True))


def assert_one_step(desk: Desk, before: bytes, steps: int) -> None:
    """Undo gives back everything at once, redo what was there."""
    after = desk.document.state()
    assert desk.document.position == len(desk.document.history) == steps + 1
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.document.state() == before
    desk.key(Qt.Key.Key_Y, CTRL)
    settled(desk)
    assert desk.document.state() == after


@pytest.mark.parametrize(
    ("joint", "key", "modifiers"),
    [
        ("left_wrist", Qt.Key.Key_D, SHIFT),
        ("left_wrist", Qt.Key.Key_X, NONE),
        ("left_wrist", Qt.Key.Key_X, SHIFT),
        ("left_hip", Qt.Key.Key_T, NONE),
    ],
    ids=["remove", "swap a pair", "swap the person", "split"],
)
def test_masks_follow_an_edit_of_one_person(pair: Desk, joint: str, key: Qt.Key, modifiers) -> None:
    pair.scene.select((False, pair.document.people[0].id))
    before, old, steps = pair.document.state(), masks(pair), pair.document.position
    over(pair, 0, joint)
    pair.key(key, modifiers)
    settled(pair)
    assert pixels_off(masks(pair)[:2], old) > 20
    # Crumbs of a few pixels are taken back.
    assert pixels_off(masks(pair), clustered(pair)) < 20
    assert_one_step(pair, before, steps)


def test_masks_follow_a_joint_that_is_there_not_there_and_there_again(pair: Desk) -> None:
    old, steps = masks(pair), pair.document.position
    over(pair, 0, "left_wrist")
    pair.key(Qt.Key.Key_V)
    settled(pair)
    assert pair.document.people[0].keypoints[9, 2] == 1
    assert pixels_off(masks(pair), old) == 0  # hidden or not, it is a centroid
    before = pair.document.state()
    pair.key(Qt.Key.Key_V)
    settled(pair)
    assert pair.document.people[0].keypoints[9, 2] == 0
    assert pixels_off(masks(pair), old) > 50 and pixels_off(masks(pair), clustered(pair)) < 20
    assert_one_step(pair, before, steps + 1)
    pair.scene.select((False, pair.document.people[0].id))
    x, y = pair.canvas.ghosts_of(pair.scene.selection)[9] - 0.5
    pair.move(pair.at(x, y))
    pair.key(Qt.Key.Key_V)
    settled(pair)
    assert pair.document.people[0].keypoints[9, 2] == 2
    assert pixels_off(masks(pair), old) == 0
    assert len(pair.document.history) == steps + 3


def test_masks_follow_a_merge(pair: Desk) -> None:
    first = pair.document.people[0]
    pair.window.editor.execute(do.RemoveKeypoint(first.id, COCO_17.index("left_wrist")))
    pair.scene.select((False, first.id))
    before, steps = pair.document.state(), pair.document.position
    both = masks(pair)[0] | masks(pair)[1]
    pair.key(Qt.Key.Key_R, SHIFT)
    pair.click(pair.joint(1, "left_hip"))
    settled(pair)
    assert [p.id for p in pair.document.people] == [first.id]
    assert int((masks(pair)[0] != both).sum()) > 500 and pixels_off(masks(pair), clustered(pair)) < 20
    assert_one_step(pair, before, steps)


def test_a_piece_without_joints_is_split_off_for_good(pair: Desk) -> None:
    first = pair.document.people[0]
    left, piece = first.mask.to_full(), np.zeros((SIDE, SIDE), bool)
    piece[148:158, 104:114] = True  # in the middle of a thigh
    assert (left & piece).sum() > 50
    left[140:166, 96:122] = True
    left[145:161, 101:117] = piece[145:161, 101:117]
    pair.window.editor.execute(do.SetMasks({first.id: Mask.from_full(left)}))
    pair.scene.select((False, first.id))
    before, steps = pair.document.state(), pair.document.position
    pair.move(pair.at(4, 4))
    pair.key(Qt.Key.Key_T)
    settled(pair)
    rest, _, new = masks(pair)
    assert not pair.document.people[2].present.any() and np.array_equal(new, piece)
    assert np.array_equal(rest, left & ~piece)
    assert_one_step(pair, before, steps)


def test_a_deleted_persons_pixels_go_to_whom_they_belong(pair: Desk) -> None:
    before, steps, old = pair.document.state(), pair.document.position, masks(pair)
    pair.scene.select((False, pair.document.people[1].id))
    pair.move(pair.at(4, 4))
    pair.key(Qt.Key.Key_D, SHIFT)
    settled(pair)
    gained = masks(pair)[0] & ~old[0]
    assert gained.sum() > 500 and not (gained & ~old[1]).any() and not (old[0] & ~masks(pair)[0]).any()
    assert_one_step(pair, before, steps)


def test_a_proposal_that_is_put_aside_leaves_its_pixels(pair: Desk) -> None:
    pair.key(Qt.Key.Key_Z, CTRL)  # both are proposals again
    pair.scene.select((True, pair.document.proposals[0].id))
    pair.key(Qt.Key.Key_C, SHIFT)
    settled(pair)
    before, steps, old = pair.document.state(), pair.document.position, masks(pair)
    pair.scene.select((True, pair.document.proposals[0].id))
    pair.move(pair.at(4, 4))
    pair.key(Qt.Key.Key_D, SHIFT)
    settled(pair)
    assert not pair.document.proposals and (masks(pair)[0] & ~old[0]).sum() > 500
    assert_one_step(pair, before, steps)


def drawn_by_hand(desk: Desk) -> None:
    """The first person's mask is a polygon's and nothing else."""
    first = desk.document.people[0]
    desk.window.editor.execute(do.Erase(first.id, first.mask))
    desk.window.editor.execute(do.Polygon(first.id, ((40, 40), (140, 40), (140, 220), (40, 220))))


def imported(desk: Desk) -> None:
    """The first person came with a file, with the mask that somebody drew there."""
    first = desk.document.people[0]
    came = replace(first, provenance=Provenance("imported", "people.json")).with_mask_of(first)
    desk.document._people[first.id] = came
    desk.scene.show(desk.document)


def locked(desk: Desk) -> None:
    desk.window.editor.execute(do.LockPeople((desk.document.people[0].id,)))


@pytest.mark.parametrize("make", [drawn_by_hand, imported, locked], ids=["drawn", "imported", "locked"])
def test_masks_of_a_human_get_nothing_of_a_deleted_person(pair: Desk, make) -> None:
    make(pair)
    old = masks(pair)[0]
    pair.scene.select((False, pair.document.people[1].id))
    pair.move(pair.at(4, 4))
    pair.key(Qt.Key.Key_D, SHIFT)
    settled(pair)
    assert len(pair.document.people) == 1 and np.array_equal(masks(pair)[0], old)


def test_a_mask_drawn_by_hand_stays_where_its_joints_are_edited(pair: Desk) -> None:
    drawn_by_hand(pair)
    old = masks(pair)
    over(pair, 0, "left_wrist")
    pair.key(Qt.Key.Key_D, SHIFT)
    settled(pair)
    assert pair.document.people[0].keypoints[9, 2] == 0 and np.array_equal(masks(pair)[0], old[0])


def test_strokes_and_people_far_away_stay(pair: Desk) -> None:
    """What is painted stays in, what is erased stays out, and a mask that clustering would draw otherwise stays where the edit is not."""
    first, second = pair.document.people
    wrist = first.keypoints[COCO_17.index("left_wrist"), :2].astype(int)
    inside, outside = np.zeros((SIDE, SIDE), bool), np.zeros((SIDE, SIDE), bool)
    inside[wrist[1] - 8 : wrist[1] + 8, wrist[0] - 8 : wrist[0]] = True
    outside[wrist[1] - 8 : wrist[1] + 8, wrist[0] : wrist[0] + 8] = True
    wide = Mask.from_full(cv2.dilate(second.mask.to_full().astype(np.uint8), np.ones((9, 9))) > 0)
    pair.window.editor.execute(do.Paint(first.id, Mask.from_full(inside)))
    pair.window.editor.execute(do.Erase(first.id, Mask.from_full(outside)))
    pair.window.editor.execute(do.SetMasks({second.id: wide}))
    for joint in ("left_wrist", "right_ankle"):
        over(pair, 0, joint)
        pair.key(Qt.Key.Key_D, SHIFT)
        settled(pair)
        now = masks(pair)
        assert now[0][inside].all() and not now[0][outside].any()
    right = np.zeros((SIDE, SIDE), bool)
    right[:, 190:] = True  # farther from the first person than half a scale
    assert np.array_equal(now[1] & right, wide.to_full() & right) and (now[1] & right).any()


class Sided:
    """A refinement that says that what is to the right of a person's joints is not the person's."""

    learnt, asked = True, 0

    def listen(self, scene, people, which, hands) -> list[Logits]:
        self.asked += len(which)
        out = []
        for person in (people[j] for j in which):
            x, y = person.keypoints[person.keypoints[:, 2] > 0, :2].mean(0)
            sides = np.repeat(np.float32([8, -8]), 40)[None].repeat(80, 0)
            out.append(Logits(sides, (x - 40, y - 40, 80, 80)))
        return out


def test_the_refinement_has_the_last_word_within_the_same_step(pair: Desk) -> None:
    pair.window.engine.listener = Sided()
    before, steps = pair.document.state(), pair.document.position
    over(pair, 0, "left_wrist")
    pair.key(Qt.Key.Key_D, SHIFT)
    settled(pair)
    x, y = (int(v) for v in pair.document.people[0].keypoints[:, :2][pair.document.people[0].present].mean(0))
    assert pair.window.engine.listener.asked == 1
    assert masks(pair)[0][y, x - 20 : x - 4].all() and not masks(pair)[0][y, x + 4 : x + 20].any()
    assert_one_step(pair, before, steps)


def test_what_a_kill_leaves_on_the_disk_is_what_was_seen(pair: Desk, tmp_path: Path) -> None:
    over(pair, 0, "left_wrist")
    pair.key(Qt.Key.Key_D, SHIFT)
    settled(pair)
    seen = pair.document.state()
    project = pair.window.session.project.path
    (tmp_path / "left").mkdir()
    for file in project.parent.glob(f"{project.name}*"):
        shutil.copy(file, tmp_path / "left")
    with Project.open(tmp_path / "left" / project.name) as left:
        assert left.document(pair.document.photo.id).state() == seen


def test_hands_that_are_faster_than_the_answers_lose_nothing(pair: Desk) -> None:
    """Whatever comes too late changes nothing any more: each key is one step, and undo leads back over the same states."""
    over(pair, 0, "left_wrist")
    seen = [pair.document.state()]
    for _ in range(6):
        pair.window.engine.submit(time.sleep, 0.05)
        pair.key(Qt.Key.Key_X)
        seen.append(pair.document.state())
        over(pair, 0, "left_wrist" if len(seen) % 2 else "right_wrist")
    start = pair.document.position
    settled(pair)
    assert pair.document.position == len(pair.document.history) == start
    for state in reversed(seen[:-1]):
        pair.key(Qt.Key.Key_Z, CTRL)
        assert pair.document.state() == state
