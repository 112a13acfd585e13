"""People whose fields are rendered exactly come back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kdc.decode.body import body_heat_map, with_body_heat
from kdc.decode.decoder import DecodeConfig, decode_people
from kdc.decode.grouping import walking_orders
from kdc.decode.peaks import find_peaks, hough_votes
from kdc.decode.synthetic import render_fields, standing_person
from kdc.fields import Fields
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema

SUPPRESSION = DecodeConfig().suppression


def crowd(count: int, seed: int, schema: PoseSchema = COCO_17, size: int = 641) -> list[np.ndarray]:
    """People with crossing limbs; joints of one type at least the suppression radius apart."""
    random = np.random.default_rng(seed)
    people: list[np.ndarray] = []
    while len(people) < count:
        height = random.uniform(70, 260)
        person = standing_person(schema, 0, 0, height, 0.7 * height)
        person[:, :2] += random.normal(0, 0.06 * height, (len(schema), 2))
        person[:, :2] += random.uniform(0, size - 1, 2) - person[:, :2].mean(0)
        inside = (person[:, :2] >= 0).all() and (person[:, :2] <= size - 1).all()
        if inside and all((np.hypot(*(person[:, :2] - other[:, :2]).T) >= SUPPRESSION).all() for other in people):
            people.append(person)
    return people


def assert_found(fields: Fields, people: list[np.ndarray], schema: PoseSchema, tolerance: float = 0.5) -> None:
    """Exactly these people, each keypoint within ``tolerance`` input pixels, absent ones absent."""
    found = [p.keypoints for p in decode_people(fields, schema)]
    assert len(found) == len(people)
    for person in people:
        shown = person[:, 2] > 0
        errors = [np.hypot(*(f[shown, :2] - person[shown, :2]).T).max() for f in found]
        best = found[int(np.argmin(errors))]
        assert min(errors) <= tolerance
        assert (best[shown, 2] > 0.5).all()
        assert (best[~shown, 2] == 0).all()


@pytest.mark.parametrize("count", [1, 2, 5, 15, 30, 60])
def test_crowds_come_back(count: int) -> None:
    people = crowd(count, seed=count)
    assert_found(render_fields(people, COCO_17), people, COCO_17)


@pytest.mark.parametrize("radius", [24.0, 32.0])
def test_other_schema_and_radius(radius: float) -> None:
    people = crowd(12, seed=3, schema=CROWDPOSE_14)
    assert_found(render_fields(people, CROWDPOSE_14, radius=radius), people, CROWDPOSE_14)


def test_one_person_right_behind_another() -> None:
    front = standing_person(COCO_17, 200, 150, 300)
    behind = front.copy()
    behind[:, :2] += [8, -7]
    assert_found(render_fields([front, behind], COCO_17), [front, behind], COCO_17)


def test_people_cut_by_the_border() -> None:
    people = [
        standing_person(COCO_17, -120, 300, 240),
        standing_person(COCO_17, 300, 520, 300),
        standing_person(COCO_17, 500, -150, 300),
    ]
    for person in people:
        outside = (person[:, :2] < 0).any(1) | (person[:, :2] > 640).any(1)
        assert outside.any() and not outside.all()
        person[outside] = 0
    assert_found(render_fields(people, COCO_17), people, COCO_17)


def test_joints_behind_an_absent_one_are_reached_through_the_mask() -> None:
    person = standing_person(COCO_17, 200, 100, 400)
    person[COCO_17.index("left_elbow")] = 0
    fields = render_fields([person], COCO_17)
    assert_found(fields, [person], COCO_17)
    assert len(decode_people(fields, COCO_17, DecodeConfig(bridge=False))) > 1


@given(st.integers(0, 10_000), st.integers(1, 6))
@settings(max_examples=15, deadline=None)
def test_any_small_crowd(seed: int, count: int) -> None:
    people = crowd(count, seed, size=401)
    assert_found(render_fields(people, COCO_17, size=(401, 401)), people, COCO_17)


@pytest.mark.parametrize("stride", [8, 16])
def test_coarse_fields(stride: int) -> None:
    people = [standing_person(COCO_17, x, 120, 400) for x in (10, 310)]
    assert_found(render_fields(people, COCO_17, stride), people, COCO_17)


def test_decoding_is_deterministic() -> None:
    fields = render_fields(crowd(20, 1), COCO_17)
    once, again = decode_people(fields, COCO_17), decode_people(fields, COCO_17)
    assert all(
        np.array_equal(a.keypoints, b.keypoints) and a.score == b.score for a, b in zip(once, again, strict=True)
    )


def test_nobody() -> None:
    assert decode_people(render_fields([], COCO_17, size=(97, 65)), COCO_17) == []


def test_a_schema_of_one_joint() -> None:
    schema = PoseSchema.build("dot", ["dot"])
    points = [np.array([[40.3, 50.6, 1]], np.float32), np.array([[120.0, 81.2, 1]], np.float32)]
    assert_found(render_fields(points, schema, size=(161, 129)), points, schema)


def test_visibility_head_decides_between_visible_and_occluded() -> None:
    fields = render_fields([standing_person(COCO_17, 100, 100, 300)], COCO_17)
    arrays = dict(fields.arrays)
    arrays["visibility"] = arrays["visibility"].copy()
    arrays["visibility"][3] = 0.2
    (person,) = decode_people(Fields(arrays, fields.stride, fields.radius), COCO_17)
    assert person.visibility is not None
    assert person.visibility[3] == 1
    assert (np.delete(person.visibility, 3) == 2).all()


def test_weak_joints_keep_their_place_but_are_unlabelled() -> None:
    truth = standing_person(COCO_17, 100, 100, 300)
    fields = render_fields([truth], COCO_17)
    arrays = dict(fields.arrays)
    arrays["heatmap"] = arrays["heatmap"].copy()
    arrays["heatmap"][9] *= 0.06
    (person,) = decode_people(Fields(arrays, fields.stride, fields.radius), COCO_17)
    assert person.visibility is not None and person.visibility[9] == 0
    assert 0 < person.keypoints[9, 2] < 0.1
    assert np.allclose(person.keypoints[9, :2], truth[9, :2], atol=0.5)


def test_a_shadow_of_a_person_scores_less() -> None:
    one = standing_person(COCO_17, 150, 100, 400)
    near = one.copy()
    near[:, 0] += 30
    far = one.copy()
    far[:, 0] += 180
    apart = decode_people(render_fields([one, far], COCO_17), COCO_17)
    close = decode_people(render_fields([one, near], COCO_17), COCO_17)
    assert len(close) == len(apart) == 2
    assert close[1].score < 0.9 * apart[1].score


def test_votes_of_a_whole_disk_sum_to_one() -> None:
    person = np.zeros((17, 3), np.float32)
    person[0] = 160.7, 161.2, 1
    fields = render_fields([person], COCO_17, size=(321, 321))
    assert hough_votes(fields, 0).sum() == pytest.approx(1, abs=0.03)
    peaks = find_peaks(fields)
    assert peaks.types.tolist() == [0]
    assert np.allclose(peaks.positions[0], person[0, :2], atol=0.01)


def test_each_joint_is_reached_from_each_root() -> None:
    orders = walking_orders(COCO_17.tree)
    for root in range(17):
        reached = {root}
        for a, b, channel in orders[root]:
            assert a in reached and b not in reached
            edge = COCO_17.tree[channel // 4]
            assert edge == ((a, b) if channel % 4 == 0 else (b, a))
            reached.add(b)
        assert len(reached) == 17


def test_body_heat_lowers_heat_off_the_body() -> None:
    truth = standing_person(COCO_17, 150, 100, 300)
    fields = render_fields([truth], COCO_17)
    arrays = dict(fields.arrays)
    arrays["heatmap"] = arrays["heatmap"].copy()
    arrays["heatmap"][0, 5, 5] = 0.7
    noisy = Fields(arrays, fields.stride, fields.radius)
    body = body_heat_map(decode_people(noisy, COCO_17), noisy)
    raised = with_body_heat(noisy, body, 0.4)
    assert raised["heatmap"][0, 5, 5] == pytest.approx(0.5)
    assert raised["heatmap"][0, 31, 75] == noisy["heatmap"][0, 31, 75] == 1
    assert_found(raised, [truth], COCO_17)
    assert len(decode_people(noisy, COCO_17, DecodeConfig(body_heat=0.4))) == 1
