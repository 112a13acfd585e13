"""A mask that a human drew stays as it is, whatever becomes of the joints, until the labeler releases it. Rendered fields, no network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from rendered import accepted_desk
from window_desk import Desk

from kdc.schema import COCO_17
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Provenance
from kdc_annotator.engine.listen import Logits
from kdc_annotator.ui.live_engine import LiveEngine

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pair(open_desk, tmp_path: Path) -> Desk:
    """Two people side by side, with clustering's masks."""
    return accepted_desk(open_desk, tmp_path / "p", LiveEngine())


def masks(desk: Desk) -> list[np.ndarray]:
    return [p.mask.to_full() for p in desk.document.people]


def settled(desk: Desk) -> None:
    for _ in range(3):
        desk.window.engine.submit(int).result(60)
        desk.wait(20)


def outlined(desk: Desk) -> None:
    """The first person's mask is a polygon's, and nothing else."""
    first = desk.document.people[0]
    desk.window.editor.execute(do.Erase(first.id, first.mask))
    desk.window.editor.execute(do.Polygon(first.id, ((40, 40), (140, 40), (140, 220), (40, 220))))


def imported(desk: Desk, score: float | None = None) -> None:
    """The first person came with a file, with the mask that somebody drew there."""
    first = desk.document.people[0]
    raw = {"segmentation": first.segmentation}
    came = replace(first, provenance=Provenance("imported", "people.json"), raw=raw, score=score)
    desk.document._people[first.id] = replace(came, touched=came.touched - {"segmentation", "score"})
    desk.scene.show(desk.document)


def imported_and_painted(desk: Desk) -> None:
    imported(desk)
    first = desk.document.people[0]
    stroke = np.zeros_like(first.mask.to_full())
    stroke[30:50, 60:90] = True
    desk.window.editor.execute(do.Paint(first.id, type(first.mask).from_full(stroke)))


def drag_wrist(desk: Desk, person: int = 0) -> None:
    start = desk.joint(person, "left_wrist")
    desk.drag([start, start + QPoint(20, -25), start + QPoint(45, -60)])
    settled(desk)


DRAWN = pytest.mark.parametrize("make", [outlined, imported, imported_and_painted])


@DRAWN
def test_a_drag_moves_no_mask_that_a_human_drew(pair: Desk, make) -> None:
    make(pair)
    old, joints = masks(pair), pair.document.people[0].keypoints
    drag_wrist(pair)
    assert (pair.document.people[0].keypoints != joints).any()
    assert np.array_equal(masks(pair)[0], old[0])


def test_neighbours_take_and_give_it_nothing(pair: Desk) -> None:
    outlined(pair)
    old = masks(pair)
    start = pair.joint(1, "left_hip")
    pair.drag([start, start - QPoint(40, 0), pair.joint(0, "left_hip")])
    settled(pair)
    assert np.array_equal(masks(pair)[0], old[0])
    assert not np.array_equal(masks(pair)[1], old[1])


@pytest.mark.parametrize(
    "make", [lambda desk: None, lambda desk: imported(desk, 0.7)], ids=["clustered", "with a score"]
)
def test_a_models_mask_follows(pair: Desk, make) -> None:
    make(pair)
    old = masks(pair)
    drag_wrist(pair)
    assert (masks(pair)[0] != old[0]).sum() > 50


@DRAWN
def test_released_it_follows_and_one_undo_gives_it_back(pair: Desk, make) -> None:
    make(pair)
    first = pair.document.people[0]
    pair.scene.select((False, first.id))
    action = pair.window.actions_by_name["release_mask"]
    assert first.drawn and action.isEnabled()
    before, old = pair.document.state(), masks(pair)
    pair.key(Qt.Key.Key_G, CTRL)
    assert not pair.document.people[0].drawn and not action.isEnabled()
    assert np.array_equal(masks(pair)[0], old[0])  # nothing jumps before the labeler does something
    drag_wrist(pair)
    assert (masks(pair)[0] != old[0]).sum() > 50
    pair.key(Qt.Key.Key_Z, CTRL)
    pair.key(Qt.Key.Key_Z, CTRL)
    assert pair.document.state() == before and pair.document.people[0].drawn
    drag_wrist(pair)
    assert np.array_equal(masks(pair)[0], old[0])


class Everything:
    """A refinement that gives everybody whatever it looks at."""

    learnt = True

    def listen(self, scene, people, which, hands) -> list[Logits]:
        return [Logits(np.full((120, 120), 8, np.float32), (0, 0, 240, 240)) for _ in which]


@pytest.mark.parametrize("drawn", [True, False])
def test_strokes_on_it_count_as_they_are_painted(pair: Desk, drawn: bool) -> None:
    if drawn:
        outlined(pair)
    pair.window.engine.listener = Everything()
    pair.scene.select((False, pair.document.people[0].id))
    old = masks(pair)[0]
    pair.key(Qt.Key.Key_B)
    pair.drag([pair.at(30, 60), pair.at(30, 70), pair.at(30, 80)])
    settled(pair)
    gained = masks(pair)[0] & ~old
    assert gained.any() and not (old & ~masks(pair)[0]).any()
    assert gained[:, 45:].any() != drawn
    assert pair.document.people[0].drawn == drawn


def test_the_window_says_why_it_stays(pair: Desk) -> None:
    side, hints = pair.window.side, []
    pair.canvas.hint_changed.connect(hints.append)
    side.open_details()
    pair.scene.select((False, pair.document.people[0].id))
    assert side.details.drawn.isHidden()
    outlined(pair)
    assert not side.details.drawn.isHidden() and "drawn by hand" in side.details.drawn.text()
    assert "Ctrl+G" in side.details.release.toolTip()
    pair.move(pair.at(4, 4))
    assert "drawn by hand" in hints[-1] and "Ctrl+G: " in hints[-1]
    start = pair.joint(0, "left_wrist")
    pair.drag([start, start + QPoint(20, -25)], release=False)
    assert "drawn by hand" in hints[-1]
    pair.key(Qt.Key.Key_Escape)
    side.details.release.click()
    assert side.details.drawn.isHidden() and not pair.document.people[0].drawn
    pair.move(pair.at(4, 4))
    assert "drawn by hand" not in hints[-1]


def test_what_a_human_drew_stays_drawn_in_other_peoples_hands(pair: Desk) -> None:
    """Merged, split or mirrored: no pixel of it is clustering's afterwards."""
    imported(pair)
    first, second = pair.document.people
    document = pair.document
    document.execute(do.MergePeople(second.id, first.id))
    pinned = document.people[0].pinned_in
    assert pinned is not None and not document.people[0].drawn
    document.undo()
    document.execute(do.SplitByKeypoints(first.id, (COCO_17.index("left_wrist"), COCO_17.index("left_elbow"))))
    assert [p.drawn for p in document.people] == [True, False, True]
    document.undo()
    document.execute(do.MirrorPerson(first.id))
    assert document.people[0].drawn


def test_all_drawn_masks_of_the_image_are_released_in_one_step(pair: Desk) -> None:
    outlined(pair)
    imported_second = pair.document.people[1]
    raw = {"segmentation": imported_second.segmentation}
    came = replace(imported_second, provenance=Provenance("imported", "people.json"), raw=raw, score=None)
    pair.document._people[came.id] = replace(came, touched=came.touched - {"segmentation", "score"})
    pair.scene.show(pair.document)
    pair.window.refresh_actions()
    action = pair.window.actions_by_name["release_masks"]
    before, steps = pair.document.state(), pair.document.position
    assert all(p.drawn for p in pair.document.people) and action.isEnabled()
    action.trigger()
    assert not any(p.drawn for p in pair.document.people) and not action.isEnabled()
    assert pair.document.position == steps + 1 and pair.document.history[-1] == "Release the masks of 2 people"
    pair.key(Qt.Key.Key_Z, CTRL)
    assert pair.document.state() == before and action.isEnabled()
    pair.window.editor.execute(do.LockPeople((came.id,)))
    action.trigger()
    assert [p.drawn for p in pair.document.people] == [False, True]
    assert pair.document.history[-1] == "Release the mask of person 1"
    assert "1 locked person" in pair.window.messages.text()


def test_a_mask_of_a_file_is_not_called_drawn_by_hand(pair: Desk) -> None:
    details, hints = pair.window.side.details, []
    pair.canvas.hint_changed.connect(hints.append)
    imported(pair)
    pair.window.side.open_details()
    pair.scene.select((False, pair.document.people[0].id))
    assert "came with the file" in details.drawn.text()
    pair.move(pair.at(4, 4))
    assert "came with the file" in hints[-1] and "Ctrl+G: " in hints[-1]
    pair.key(Qt.Key.Key_B)
    assert "came with the file" in hints[-1]
    pair.key(Qt.Key.Key_Escape)
    start = pair.joint(0, "left_wrist")
    pair.drag([start, start + QPoint(20, -25)], release=False)
    assert "came with the file" in hints[-1]
    pair.key(Qt.Key.Key_Escape)
    outlined(pair)  # What came was erased, and another outline drawn instead.
    assert "drawn by hand" in details.drawn.text()
