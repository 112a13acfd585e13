"""The re-clusterer: same labels whatever path, locks and pins kept, nobody else harmed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kdc.decode.centroids import ClusterConfig
from kdc.decode.masker import CentroidMasker
from kdc.decode.synthetic import render_fields, standing_person
from kdc.errors import KdcError
from kdc.geometry import Letterbox
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask, Person
from kdc_annotator.engine.live import Correction, LivePerson, State
from kdc_annotator.engine.recluster import Reclusterer, colour_index, warm_up
from kdc_annotator.engine.site import EdgeConfig

SIZE = (260, 200)
BOX = Letterbox.fit(*SIZE, 321)


def crowd(count: int, seed: int, noise: float = 3.0) -> tuple[Reclusterer, list[np.ndarray]]:
    """A rendered crowd with noisy fields and a photo of coloured people; also the people's photo keypoints (K, 3)."""
    rng = np.random.default_rng(seed)
    bodies = [
        standing_person(
            COCO_17, 20 + 250 / count * j + rng.uniform(-8, 8), 20 + rng.uniform(0, 40), rng.uniform(120, 180), 80
        )
        for j in range(count)
    ]
    fields = render_fields(bodies, COCO_17, size=(BOX.input_width, BOX.input_height))
    for name in ("mask_offset", "person", "pairwise"):
        fields.arrays[name][...] += rng.normal(0, noise, fields[name].shape).astype(np.float32)
    photo = rng.integers(0, 255, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    placed = []
    for body in bodies:
        flags = np.where(rng.random(17) < 0.85, 2, 0)
        placed.append(np.column_stack([BOX.to_image.apply(body[:, :2]), flags]))
    people = [
        LivePerson.found(j + 1, Person(np.column_stack([p[:, :2], np.where(p[:, 2] > 0, rng.uniform(0.1, 1, 17), 0)])))
        for j, p in enumerate(placed)
    ]
    return Reclusterer(fields, BOX, COCO_17, photo, people), placed


def stroke(rng: np.random.Generator) -> Mask:
    """A small painted rectangle somewhere."""
    h, w = int(rng.integers(1, 30)), int(rng.integers(1, 30))
    x, y = int(rng.integers(0, SIZE[0] - w)), int(rng.integers(0, SIZE[1] - h))
    return Mask(np.ones((h, w), bool), x, y, *SIZE)


def gesture(live: Reclusterer, rng: np.random.Generator) -> None:
    """One random operation that the app offers, on an unlocked person where there is one."""
    free = [n for n, p in live.people.items() if not p.locked]
    point = rng.uniform([-10, -10], [SIZE[0] + 10, SIZE[1] + 10])
    kinds = ["add", "unlock"] + ["move"] * 6 * bool(free)
    kinds += ["visibility", "remove", "merge", "split", "paint", "erase", "background", "lock", "draw", "release", "swap", "correct"] * bool(free)  # fmt: skip
    kind = str(rng.choice(kinds))
    n = int(rng.choice(free)) if free else 0
    k = int(rng.integers(17))
    if kind == "add":
        points = np.zeros((17, 3))
        points[rng.choice(17, 3, replace=False)] = [*point, 2]
        points[:, :2] += rng.normal(0, 15, (17, 2))
        live.add_person(points)
    elif kind == "move":
        live.move_keypoint(n, k, *point)
    elif kind == "visibility":
        live.set_visibility(n, k, int(rng.integers(3)))
    elif kind == "remove":
        live.remove(n)
    elif kind == "merge" and len(free) > 1:
        live.merge(n, int(rng.choice([m for m in free if m != n])))
    elif kind == "split":
        live.split(n, rng.choice(17, 8, replace=False).tolist())
    elif kind in ("paint", "erase"):
        live.pin(n, stroke(rng), kind)
    elif kind == "background":
        live.pin(0, stroke(rng), str(rng.choice(["paint", "erase"])))
    elif kind == "lock":
        live.lock(n)
    elif kind == "unlock":
        for m in [m for m, p in live.people.items() if p.locked][:1]:
            live.unlock(m)
    elif kind == "draw":
        live.draw(n, stroke(rng))
    elif kind == "release":
        live.release(n)
    elif kind == "swap":
        live.swap_sides(n)
    elif kind == "correct":
        values = rng.normal(0, 0.4, (6, 5)).astype(np.float32)
        live.set_correction(n, Correction(values, *rng.uniform(0, 100, 2), 12.0, 15.0))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_incremental_equals_recomputing_after_any_gestures(seed: int) -> None:
    rng = np.random.default_rng(seed)
    live, _ = crowd(int(rng.integers(1, 5)), seed)
    before = live.labels.copy()
    start = live.state
    assert live.indexed.shape == before.shape
    for step in range(14):
        was, pins = live.labels.copy(), {n: p.frozen for n, p in live.people.items() if p.locked}
        gesture(live, rng)
        for n, frozen in pins.items():
            if n in live.people and live.people[n].locked and frozen is not None:
                assert (live.mask(n).to_full() == frozen.to_full()).all()
        if step % 5 == 4:
            assert np.array_equal(live.fresh().labels, live.labels)
        assert was.shape == live.labels.shape
    assert np.array_equal(live.fresh().labels, live.labels)
    assert np.array_equal(colour_index(live.labels), live.indexed)
    live.restore(start)
    assert np.array_equal(live.labels, before)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 10**6))
def test_change_names_every_changed_pixel_and_only_the_person_gains_or_loses(seed: int) -> None:
    rng = np.random.default_rng(seed)
    live, _ = crowd(4, seed)
    for _ in range(6):
        n, k = int(rng.integers(1, 5)), int(rng.integers(17))
        before = live.labels.copy()
        change = live.move_keypoint(n, k, *rng.uniform([0, 0], SIZE))
        moved = before != live.labels
        assert ((before[moved] == n) | (live.labels[moved] == n)).all()
        x, y, w, h = change.rect
        moved[y : y + h, x : x + w] = False
        assert not moved.any()


def test_drag_there_and_back_restores_the_map() -> None:
    live, _ = crowd(3, 5)
    person = live.person(2)
    start = live.move_keypoint(2, 9, *person.points[9]).labels.copy()
    for t in np.linspace(0, 1, 7):
        live.move_keypoint(2, 9, person.points[9, 0] + 60 * t, person.points[9, 1] - 50 * t)
    assert (live.labels != start).any()
    live.move_keypoint(2, 9, *person.points[9])
    assert np.array_equal(live.labels, start)


def test_order_of_edits_does_not_matter() -> None:
    a, _ = crowd(3, 8)
    b, _ = crowd(3, 8)
    a.move_keypoint(1, 5, 40, 50)
    a.move_keypoint(3, 9, 120, 90)
    b.move_keypoint(3, 9, 10, 10)
    b.move_keypoint(1, 5, 40, 50)
    b.move_keypoint(3, 9, 120, 90)
    assert np.array_equal(a.labels, b.labels)


def test_locked_people_and_pinned_pixels_stay() -> None:
    live, _ = crowd(4, 2)
    rng = np.random.default_rng(0)
    live.lock(2)
    painted = Mask(np.ones((12, 9), bool), 5, 5, *SIZE)
    erased = Mask(np.ones((30, 30), bool), 60, 60, *SIZE)
    nobody = Mask(np.ones((6, 40), bool), 100, 100, *SIZE)
    live.pin(1, painted, "paint")
    live.pin(3, erased, "erase")
    live.pin(0, nobody, "paint")
    frozen = live.mask(2).to_full()
    for _ in range(12):
        n = int(rng.choice([1, 3, 4]))
        live.move_keypoint(n, int(rng.integers(17)), *rng.uniform([0, 0], SIZE))
        assert (live.labels[frozen] == 2).all()
        assert (live.labels[painted.to_full() & ~frozen] == 1).all()
        assert not (live.labels[erased.to_full()] == 3).any()
        assert (live.labels[nobody.to_full() & ~frozen] == 0).all()
    with pytest.raises(KdcError, match="locked"):
        live.move_keypoint(2, 3, 10, 10)
    assert np.array_equal(live.fresh().labels, live.labels)


def test_lock_and_unlock_change_nothing() -> None:
    live, _ = crowd(4, 3)
    before = live.labels.copy()
    live.lock(3)
    assert np.array_equal(live.labels, before)
    live.unlock(3)
    assert np.array_equal(live.labels, before)


def test_absent_joint_counts_for_nothing_and_confirmed_one_for_all() -> None:
    live, _ = crowd(2, 4)
    person = live.person(1)
    live.set_visibility(1, 9, 0)
    there = live.labels.copy()
    moved = replace(live.person(1), points=np.where(np.arange(17)[:, None] == 9, 1.0, live.person(1).points))
    live.put(moved)
    assert np.array_equal(live.labels, there)
    weights = person.with_joint(9, 5, 5, 1).weights(0.2)
    assert weights[9] == 1
    assert person.with_joint(9, 5, 5, 0).weights(0.2)[9] == 0


def test_person_whom_the_network_missed_gets_a_mask_from_three_joints() -> None:
    live, placed = crowd(3, 6, noise=0.3)
    true = live.mask(2)
    live.remove(2)
    assert not (live.labels == 2).any()
    points = placed[1].copy()
    points[:, 2] = 0
    points[[5, 6, 11], 2] = 2
    change = live.add_person(points)
    assert live.mask(change.number).iou(true) > 0.4


def test_drawn_mask_stands_until_released_and_may_overlap() -> None:
    live, _ = crowd(3, 7)
    before = live.labels.copy()
    drawn = Mask(np.ones((90, 120), bool), 30, 30, *SIZE)
    live.lock(1)
    live.draw(2, drawn)
    assert live.mask(2).area == drawn.area
    live.move_keypoint(2, 9, 100, 100)
    assert live.mask(2).area == drawn.area
    assert (live.labels[live.mask(1).to_full()] == 1).all()
    live.unlock(1)
    live.restore(State({n: crowd(3, 7)[0].people[n] for n in (1, 2, 3)}))
    assert np.array_equal(live.labels, before)


def test_merge_and_split_keep_the_joints() -> None:
    live, _ = crowd(3, 9)
    a, b = live.person(1), live.person(2)
    number = live.split(1, [5, 7, 9]).number
    assert set(np.flatnonzero(live.person(number).confidence > 0)) <= {5, 7, 9}
    live.merge(1, number)
    assert np.array_equal(live.person(1).confidence, a.confidence)
    live.merge(1, 2)
    assert 2 not in live.people
    assert np.array_equal(live.person(1).confidence, np.maximum(a.confidence, b.confidence))


def test_more_than_255_people_have_their_own_numbers_and_a_colour() -> None:
    live, _ = crowd(1, 1)
    points = np.zeros((17, 3))
    points[5] = [200, 150, 2]
    live.add_person(points, number=700)
    live.pin(700, Mask(np.ones((5, 5), bool), 9, 9, *SIZE))
    assert live.labels.dtype == np.uint16
    assert (live.labels == 700).any()
    assert live.indexed.dtype == np.uint8
    assert live.indexed[live.labels == 700].max() == (700 - 1) % 255 + 1
    with pytest.raises(KdcError, match="Number taken"):
        live.add_person(points, number=700)


def test_bad_input_is_refused_and_changes_nothing() -> None:
    live, _ = crowd(2, 1)
    before, state = live.labels.copy(), live.state
    for bad in (
        lambda: live.move_keypoint(9, 0, 1, 1),
        lambda: live.move_keypoint(1, 17, 1, 1),
        lambda: live.move_keypoint(1, 0, float("nan"), 1),
        lambda: live.merge(1, 1),
        lambda: live.pin(1, Mask(np.ones((2, 2), bool), 0, 0, 9, 9)),
    ):
        with pytest.raises(KdcError):
            bad()
    assert live.state is state
    assert np.array_equal(live.labels, before)


def test_without_photo_it_agrees_with_the_masker_of_the_predictor() -> None:
    live, _ = crowd(4, 11)
    plain = Reclusterer(live.site.fields, BOX, COCO_17, None, live.people.values(), ClusterConfig())
    scene, people, index = plain.scene_people()
    for number, mask in zip(index, CentroidMasker(ClusterConfig()).masks(scene, people), strict=True):
        assert plain.mask(number).iou(mask) > 0.97


def test_edges_follow_the_photo() -> None:
    """A person whose colour ends where the coarse field does not: the guided step moves the edge to the colour."""
    body = standing_person(COCO_17, 90, 30, 200, 120)
    fields = render_fields([body], COCO_17, size=(BOX.input_width, BOX.input_height), thickness=20)
    true = np.zeros((SIZE[1], SIZE[0]), bool)
    rows, cols = np.mgrid[: SIZE[1], : SIZE[0]]
    at = np.stack([cols, rows], -1) * BOX.scale
    cells = np.clip((at / 4).round().astype(int), 0, [fields.width - 1, fields.height - 1])
    true = fields["person"][0][cells[..., 1], cells[..., 0]] > 0
    photo = np.where(true[..., None], [200, 60, 40], [30, 90, 160]).astype(np.uint8)
    points = np.column_stack([BOX.to_image.apply(body[:, :2]), np.full(17, 2)])
    people = [LivePerson.placed(1, points)]
    errors = {}
    for guided in (False, True):
        live = Reclusterer(fields, BOX, COCO_17, photo, people, edge=EdgeConfig(guided=guided))
        errors[guided] = int(((live.labels == 1) != true).sum())
    assert errors[True] < errors[False]


def test_the_hand_is_believed_where_the_network_sees_nobody() -> None:
    live, placed = crowd(1, 1, noise=0)
    live.site.fields.arrays["person"][...] = -8
    live.remove(1)
    points = placed[0].copy()
    points[:, 2] = 2
    number = live.add_person(points).number
    x, y = points[7, :2].round().astype(int)
    assert live.labels[y, x] == number
    live.set_visibility(number, 7, 1)
    live.set_visibility(number, 9, 1)
    assert live.labels[y, x] == 0


def test_warm_up_runs() -> None:
    warm_up()


def test_one_joint_alone_has_the_scale_that_its_pixels_suggest() -> None:
    schema = PoseSchema.from_coco_category({"id": 1, "name": "person", "keypoints": ["head"], "skeleton": []})
    fields = render_fields([np.array([[90, 60, 1]], np.float32)], schema, size=(BOX.input_width, BOX.input_height))
    rows, cols = np.mgrid[: fields.height, : fields.width] * 4.0
    body = ((cols - 90) / 25) ** 2 + ((rows - 110) / 60) ** 2 <= 1
    fields.arrays["person"][0] = np.where(body, 8, -8)
    fields.arrays["mask_offset"][:, body] = (90 - cols[body], 60 - rows[body])
    head = BOX.to_image.apply(np.array([[90.0, 60.0]]))
    people = [LivePerson.placed(1, np.column_stack([head, [2]]))]
    live = Reclusterer(fields, BOX, schema, None, people, ClusterConfig())
    scene, found, _ = live.scene_people()
    (mask,) = CentroidMasker(ClusterConfig()).masks(scene, found)
    assert live.mask(1).iou(mask) > 0.97
    size = BOX.to_image.apply(np.array([[0, 0], [50.0, 120.0]]))
    assert mask.area > 0.7 * np.prod(size[1] - size[0])
