"""Strokes as evidence: corrections, propagation, previews."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from kdc.decode.centroids import ClusterConfig, person_maps
from kdc.decode.masker import Scene
from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.refinement import Question
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.engine.listen import (
    Hand,
    LearntListener,
    Logits,
    Propagation,
    _to_input,
    correction_from,
    listen,
    listen_around,
    previews,
    refine,
    stroke_mask,
)
from kdc_annotator.engine.live import LivePerson
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.engine.site import EdgeConfig

SIZE = (240, 200)
BOX = Letterbox.fit(*SIZE, 241)


def scene(hole: tuple[slice, slice] | None = None) -> tuple[Reclusterer, np.ndarray]:
    """One person of one colour on another; in ``hole`` (photo rows, columns) the network sees no person. And the true mask."""
    body = standing_person(COCO_17, 60, 15, 170, 110)
    fields = render_fields([body], COCO_17, size=(BOX.input_width, BOX.input_height), thickness=16)
    rows, cols = np.mgrid[: SIZE[1], : SIZE[0]]
    at = np.clip(
        (np.stack([cols, rows], -1) * BOX.scale / 4).round().astype(int), 0, [fields.width - 1, fields.height - 1]
    )
    true = fields["person"][0][at[..., 1], at[..., 0]] > 0
    photo = np.where(true[..., None], [200, 60, 40], [30, 90, 160]).astype(np.uint8)
    if hole is not None:
        cells = tuple(slice(int(s.start * BOX.scale / 4), int(s.stop * BOX.scale / 4)) for s in hole)
        fields.arrays["person"][0][cells] = -8
    points = np.column_stack([BOX.to_image.apply(body[:, :2]), np.full(17, 2)])
    people = [LivePerson.placed(1, points)]
    return Reclusterer(fields, BOX, COCO_17, photo, people, edge=EdgeConfig(hand_radius=0)), true


class Says:
    """A listener that answers with given logits over the whole input."""

    def __init__(self, values: np.ndarray) -> None:
        self.values, self.heard = values, []

    def listen(
        self, scene: Scene, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> list[Logits]:
        self.heard.append((list(which), list(hands)))
        return [Logits(self.values, (-0.5, -0.5, BOX.content_width, BOX.content_height))] * len(which)


def test_the_mask_follows_the_listener_and_the_next_drag_carries_it_along() -> None:
    live, _ = scene()
    values = np.full((100, 120), -8, np.float32)
    values[20:60, 30:90] = 8
    listen(live, Says(values), [1])
    wanted = np.zeros((SIZE[1], SIZE[0]), bool)
    wanted[40:120, 60:180] = True
    assert live.mask(1).iou(Mask.from_full(wanted)) > 0.93
    assert np.array_equal(live.fresh().labels, live.labels)
    live.move_keypoint(1, 9, *(live.person(1).points[9] + [1, 1]))
    assert live.mask(1).iou(Mask.from_full(wanted)) > 0.85


def test_previews_leave_everything_as_it_was() -> None:
    live, _ = scene()
    before, state = live.labels.copy(), live.state
    stroke = stroke_mask(np.array([[100, 100], [130, 120]]), 6, *SIZE)
    says = Says(np.zeros((40, 50), np.float32))
    shown = previews(live, says, 1, [("paint", stroke), ("erase", stroke)])
    assert live.state is not None
    assert np.array_equal(live.labels, before)
    which, hands = says.heard[0]
    assert which == [0, 0]
    assert hands[0].positive is not None
    assert hands[1].negative is not None
    assert hands[0].previous is not None
    assert (crop := shown[0][0].to_full()[stroke.to_full()]).all(), crop
    assert not shown[1][0].to_full()[stroke.to_full()].any()
    proposal = refine(live, says, 1, None, ("paint", stroke))
    assert np.array_equal(proposal.to_full(), shown[0][0].to_full())
    assert live.state.people[1] is state.people[1]


def test_without_a_hand_there_is_no_previous_mask() -> None:
    live, _ = scene()
    says = Says(np.zeros((40, 50), np.float32))
    listen(live, says, [1])
    assert says.heard[0][1][0].previous is None
    assert says.heard[0][1][0].confirmed.all()


def test_locked_and_drawn_people_are_not_asked_for() -> None:
    live, _ = scene()
    live.lock(1)
    says = Says(np.zeros((40, 50), np.float32))
    listen(live, says, [1])
    assert says.heard == []


def test_a_stroke_without_a_model_does_more_than_its_pixels() -> None:
    live, true = scene((slice(70, 110), slice(60, 170)))
    missing = true & ~(live.labels == 1)
    assert missing.sum() > 300
    ys, xs = np.nonzero(missing)
    middle = np.array([[xs.min() + 6, np.median(ys)], [xs.max() - 6, np.median(ys)]])
    stroke = stroke_mask(middle, 3, *SIZE)
    gained = live.mask(1).iou(Mask.from_full(true))
    literal = live.labels.copy()
    live.pin(1, stroke, "paint")
    literal = live.mask(1).iou(Mask.from_full(true))
    live.clear_pins(1)
    listen(live, Propagation(), [1], None, ("paint", stroke))
    listened = live.mask(1).iou(Mask.from_full(true))
    assert listened > literal > gained
    assert live.mask(1).to_full()[stroke.to_full()].all()


def test_correction_is_the_difference_to_the_rule() -> None:
    live, _ = scene()
    correction = correction_from(live, 1, Logits(np.zeros((30, 40), np.float32), (10, 20, 120, 90)))
    x0, y0, x1, y1 = correction.extent
    inner = BOX.to_image.apply(np.array([[10 + 1.5 - 0.5, 20 + 1.5 - 0.5], [130 - 1.5 - 0.5, 110 - 1.5 - 0.5]]))
    assert np.allclose([[x0, y0], [x1, y1]], inner)
    xs = np.linspace(x0, x1, 40)
    ys = np.linspace(y0, y1, 30)
    assert np.allclose(correction.values, -live.rule_score(1, xs, ys), atol=1e-5)


def test_stroke_is_round_and_stays_in_the_photo() -> None:
    dot = stroke_mask(np.array([[50.0, 40.0]]), 10, *SIZE)
    assert abs(dot.area - np.pi * 100) < 40
    edge = stroke_mask(np.array([[-5.0, 3.0], [300.0, 3.0]]), 4, *SIZE)
    assert edge.bits.shape[1] == SIZE[0]


def test_painting_only_adds_and_erasing_only_takes_away() -> None:
    live, _ = scene()
    values = np.full((100, 120), -8, np.float32)
    values[20:60, 30:90] = 8
    listen(live, Says(values), [1])
    before = live.mask(1).to_full()
    elsewhere = np.full((100, 120), -8, np.float32)
    elsewhere[70:90, 30:90] = 8
    dot = stroke_mask(np.array([[100.0, 150.0]]), 4, *SIZE)
    (painted, _), (erased, _) = previews(live, Says(elsewhere), 1, [("paint", dot), ("erase", dot)])
    assert painted.to_full()[before].mean() > 0.97  # All but pixels at the edge: grids are read bilinearly.
    assert painted.to_full()[145:175, 70:170].all()
    assert erased.to_full()[~before].mean() < 0.01
    assert erased.area < 0.1 * before.sum()


def test_after_a_stroke_a_drag_there_and_back_restores_the_map() -> None:
    live, _ = scene((slice(70, 110), slice(60, 170)))
    stroke = stroke_mask(np.array([[100.0, 90.0], [120.0, 90.0]]), 4, *SIZE)
    live.pin(1, stroke, "paint")
    listen(live, Propagation(), [1])
    before, at = live.labels.copy(), live.person(1).points[9].copy()
    live.move_keypoint(1, 9, *(at + 25))
    listen(live, Propagation(), [1])
    assert not np.array_equal(before, live.labels)
    live.move_keypoint(1, 9, *at)
    listen(live, Propagation(), [1])
    assert np.array_equal(before, live.labels)


def test_the_listener_is_heard_beyond_the_rules_reach() -> None:
    live, _ = scene()
    near = Reclusterer(live.site.fields, BOX, COCO_17, live.site.photo, live.people.values(), ClusterConfig(reach=0.02))
    values = np.full((100, 120), -8, np.float32)
    values[80:98, 2:118] = 8
    listen(near, Says(values), [1])
    wanted = np.zeros((SIZE[1], SIZE[0]), bool)
    wanted[160:196, 4:236] = True
    assert (near.labels[170:190, 10:230] == 1).mean() > 0.98
    assert near.mask(1).iou(Mask.from_full(wanted)) > 0.7
    assert np.array_equal(near.fresh().labels, near.labels)


def test_three_joints_are_scored_as_the_predictor_scores_them() -> None:
    live, _ = scene()
    few = np.zeros((17, 3))
    for joint in (0, 9, 16):
        few[joint] = [*live.person(1).points[joint], 2]
    sparse = Reclusterer(
        live.site.fields, BOX, COCO_17, None, [LivePerson.placed(1, few)], edge=EdgeConfig(hand_radius=0)
    )
    _, inputs, _ = sparse.scene_people()
    maps = person_maps(live.site.fields, inputs[0], COCO_17, ClusterConfig())
    cols = live.site.xs[maps.box.left : maps.box.left + maps.box.width]
    rows = live.site.ys[maps.box.top : maps.box.top + maps.box.height]
    assert np.allclose(sparse.rule_score(1, cols, rows), maps.score, atol=0.02)
    assert sparse.scale(1) == pytest.approx(maps.scale / BOX.scale)


def test_later_strokes_are_heard_near_themselves() -> None:
    live, _ = scene()
    listen(live, Says(np.full((100, 120), -8, np.float32)), [1])
    first, second = (stroke_mask(np.array([[x, 60.0]]), 4, *SIZE) for x in (60.0, 180.0))
    everywhere = Says(np.full((100, 120), 8, np.float32))
    wide = refine(live, everywhere, 1, None, ("paint", first))
    live.pin(1, first)
    near = refine(live, everywhere, 1, None, ("paint", second))
    reach = 0.15 * live.scale(1)
    xs = np.nonzero(near.to_full() & ~first.to_full())[1]
    assert wide.area > 0.8 * SIZE[0] * SIZE[1]
    assert second.area < near.area < 0.3 * wide.area
    assert xs.min() > 176 - reach - 6


def test_neighbours_are_asked_again_where_somebody_comes() -> None:
    live, _ = scene()
    first, second = live.person(1), live.free_number()
    live.put(LivePerson.placed(second, np.column_stack([first.points + np.array([25, 0]), np.full(17, 2)])))
    assert live.neighbours(1) == []  # nothing was ever said of them
    says = Says(np.full((100, 120), 1, np.float32))
    listen(live, says, [1, second])
    assert live.mask(second).area > 0 or live.mask(1).area > 0
    there = 1 if live.mask(1).area else second
    other = second if there == 1 else 1
    assert live.neighbours(other) == [there]
    says.heard.clear()
    listen_around(live, says, other)
    assert sorted(says.heard[0][0]) == [0, 1]
    live.lock(there)
    assert live.neighbours(other) == []


class Painted:
    """A refinement that answers with the brightness of the input it is given."""

    def __init__(self) -> None:
        self.rounds: list[int] = []

    def logits(self, asked: Question, rounds: int) -> np.ndarray:
        self.rounds.append(rounds)
        return np.full((1, 4, 4), float(asked.image[0, 0, 0]), np.float32)


def test_joints_alone_are_answered_in_two_rounds_and_strokes_in_one() -> None:
    body = standing_person(COCO_17, 60, 15, 170, 110)
    fields = render_fields([body], COCO_17, size=(BOX.input_width, BOX.input_height))
    painted = Painted()
    listener = LearntListener(painted, ClusterConfig())
    scene = Scene(np.full((SIZE[1], SIZE[0], 3), 10, np.uint8), BOX, fields, COCO_17)
    shown = Mask(np.ones((9, 9), bool), 20, 20, *SIZE)
    for hands in ([Hand()], [Hand(confirmed=np.ones(17, bool))], [Hand(previous=shown, positive=shown)]):
        listener.listen(scene, [Person(body)], [0], hands)
    assert painted.rounds == [2, 2, 1]


def test_another_photo_at_the_address_of_one_that_is_gone_is_looked_at_anew() -> None:
    body = standing_person(COCO_17, 60, 15, 170, 110)
    fields = render_fields([body], COCO_17, size=(BOX.input_width, BOX.input_height))
    listener = LearntListener(Painted(), ClusterConfig())

    def said(photo: np.ndarray) -> float:
        hand = Hand(confirmed=np.zeros(17, bool))
        return float(listener.listen(Scene(photo, BOX, fields, COCO_17), [Person(body)], [0], [hand])[0].values.max())

    photo, others = np.full((SIZE[1], SIZE[0], 3), 10, np.uint8), []
    assert said(photo) == 10
    address = id(photo)
    del photo
    for _ in range(1000):
        others.append(np.full((SIZE[1], SIZE[0], 3), 90, np.uint8))
        if id(others[-1]) == address:
            break
    assert said(others[-1]) == 90


@pytest.mark.parametrize("size", [(1283, 857), (640, 1920), (90, 60), (31, 1400), (5, 7)])
def test_masks_on_the_networks_input_are_shares_of_area_worked_out_in_their_box_alone(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(3)
    width, height = size
    box = Letterbox.fit(width, height, 321)
    for kind in range(12):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        shape = int(rng.integers(1, height - y + 1)), int(rng.integers(1, width - x + 1))
        speckled = rng.random(shape).astype(np.float32)
        bits = cv2.GaussianBlur(speckled, (0, 0), 3) > 0.5 if kind % 2 else speckled > 0.6
        mask = Mask(bits, x, y, width, height)
        full = mask.to_full().view(np.uint8) * np.uint8(255)
        small = cv2.resize(full, (box.content_width, box.content_height), interpolation=cv2.INTER_AREA)
        seen = _to_input(mask, box)
        assert seen is not None and seen.shape == (box.input_height, box.input_width)
        assert np.array_equal(seen[: box.content_height, : box.content_width] > 0, small >= 96)
        assert not seen[box.content_height :].any() and not seen[:, box.content_width :].any()
    nothing = _to_input(Mask.empty(width, height), box)
    assert nothing is not None and not nothing.any() and _to_input(None, box) is None
    if min(size) > 100:
        monkeypatch.setattr(Mask, "to_full", lambda _: pytest.fail("a large photo has no time for this"))
        _to_input(mask, box)


def test_the_picture_is_made_once_for_each_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    live, true = scene()
    strokes = [("paint", stroke_mask(np.array([[60.0 + n, 60], [70, 80]]), 4, *SIZE)) for n in range(3)]
    times: list[int] = []
    apply = Reclusterer._apply
    monkeypatch.setattr(Reclusterer, "_apply", lambda self, *values: times.append(1) or apply(self, *values))
    start, labels = live.state, live.labels.copy()
    says = Says(np.where(true, 8.0, -8.0).astype(np.float32))
    made = previews(live, says, 1, strokes)
    assert len(made) == 3 and len(times) == 4, "three, and back"
    assert live.state is start and np.array_equal(live.labels, labels)
    assert all(state.people[1].painted is not None for _, state in made) and live.person(1).painted is None
