"""Pixels find their person, by every rule."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kdc.decode.centroids import RULES, ClusterConfig, assign, cluster, joint_weights, rule_distance
from kdc.decode.distances import (
    Box,
    assign_nearest,
    assign_nearest_reference,
    embedding_nearest,
    embeddings_at,
    pointing_sum,
)
from kdc.decode.igo import smooth_instance
from kdc.decode.limbs import imagine_joints, limb_distance, limb_segments, person_scale, spread_scale
from kdc.decode.synthetic import person_shape, render_fields, standing_person
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Person

SIZE = (481, 401)


def two_people() -> list[np.ndarray]:
    return [standing_person(COCO_17, 60, 30, 320, 220), standing_person(COCO_17, 170, 60, 300, 220)]


def true_labels(people: list[np.ndarray], fields: Fields) -> np.ndarray:
    xs = np.arange(fields.width) * fields.stride
    ys = np.arange(fields.height) * fields.stride
    labels = np.zeros((fields.height, fields.width), int)
    for j in reversed(range(len(people))):
        labels[person_shape(people[j], COCO_17, 14, xs, ys)] = j + 1
    return labels


def iou(labels: np.ndarray, truth: np.ndarray, label: int) -> float:
    a, b = labels == label, truth == label
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_parts_two_crossing_people(rule: str) -> None:
    people = two_people()
    fields = render_fields(people, COCO_17, size=SIZE)
    config = ClusterConfig.paper(rule, sigma=0.8)
    labels = cluster(fields, [Person(p) for p in people], COCO_17, config).labels
    assert labels.dtype == np.int32 and labels.shape == (fields.height, fields.width)
    for label in (1, 2):
        assert iou(labels, true_labels(people, fields), label) > 0.9


def test_default_rule_with_limbs_and_prior() -> None:
    people = two_people()
    fields = render_fields(people, COCO_17, size=SIZE)
    clusters = cluster(fields, [Person(p) for p in people], COCO_17)
    for label in (1, 2):
        assert iou(clusters.labels, true_labels(people, fields), label) > 0.9
    for maps in clusters.maps:
        shape = (maps.box.height, maps.box.width)
        assert all(m.shape == shape for m in (maps.distance, maps.limb, maps.logit, maps.phi, maps.score))
    assert np.array_equal(clusters.labels, assign(clusters.maps, fields.height, fields.width))


def test_unknown_rule_and_missing_head_say_so() -> None:
    with pytest.raises(KdcError, match="no clustering rule"):
        ClusterConfig(rule="magic")
    fields = render_fields(two_people(), COCO_17, size=SIZE)
    arrays = {k: v for k, v in fields.arrays.items() if k != "centre"}
    with pytest.raises(KdcError, match="centre"):
        cluster(Fields(arrays, 4, 32), [Person(two_people()[0])], COCO_17, ClusterConfig(rule="static_centre"))


@pytest.mark.parametrize("names", [("nose",), ("left_shoulder", "right_hip"), ("nose", "left_hip", "left_knee")])
def test_few_keypoints_by_hand_give_the_person(names: tuple[str, ...]) -> None:
    people = two_people()
    fields = render_fields(people, COCO_17, size=SIZE)
    keep = np.isin(COCO_17.keypoints, names)
    by_hand = np.where(keep[:, None], people[1], 0)
    other = cluster(fields, [Person(people[0]), Person(by_hand)], COCO_17).labels
    assert iou(other, true_labels(people, fields), 2) > 0.8


def test_a_person_the_network_missed_gets_pixels() -> None:
    person = standing_person(COCO_17, 60, 30, 320, 220)
    fields = render_fields([person], COCO_17, size=SIZE)
    arrays = dict(fields.arrays, person=np.full_like(fields["person"], -1.0))
    labels = cluster(Fields(arrays, 4, 32), [Person(person)], COCO_17, ClusterConfig(prior_large=6.0)).labels
    assert (labels == 1).sum() > 300
    bare = cluster(Fields(arrays, 4, 32), [Person(person)], COCO_17, ClusterConfig.paper("d1")).labels
    assert not bare.any()


def test_people_without_joints_and_nobody() -> None:
    fields = render_fields(two_people(), COCO_17, size=SIZE)
    assert not cluster(fields, [], COCO_17).labels.any()
    clusters = cluster(fields, [Person(np.zeros((17, 3))), Person(two_people()[0])], COCO_17)
    assert set(np.unique(clusters.labels)) == {0, 2}


def test_distances_equal_their_formulas() -> None:
    random = np.random.default_rng(0)
    fields = Fields({"mask_offset": random.normal(0, 30, (34, 12, 17)).astype(np.float32)}, 4, 32)
    box = Box(3, 2, 9, 7)
    q, w = random.uniform(0, 60, (17, 2)).astype(np.float32), random.uniform(0, 1, 17)
    w[[2, 5]] = 0
    rows, cols = np.mgrid[2:9, 3:12] * 4.0
    e = fields["mask_offset"].reshape(17, 2, 12, 17)[:, :, 2:9, 3:12] + np.stack([cols, rows])
    expected = (w[:, None, None] * np.hypot(*(e - q[:, :, None, None]).transpose(1, 0, 2, 3))).sum(0)
    assert np.allclose(pointing_sum(fields, q, w, box), expected, rtol=1e-4)
    c = embeddings_at(fields, q[:3]).reshape(3, 34)
    d = e[None] - c.reshape(3, 17, 2, 1, 1)
    expected = np.sqrt((d**2).sum(2).mean(1)).min(0)
    assert np.allclose(embedding_nearest(fields, c, box), expected, rtol=1e-4)


def test_pointing_sums_add_up() -> None:
    people = two_people()
    fields = render_fields(people, COCO_17, size=SIZE)
    box, w = Box(0, 0, fields.width, fields.height), np.ones(17, np.float32)
    rest, one = w.copy(), np.zeros(17, np.float32)
    rest[4], one[4] = 0, 1
    q = people[0][:, :2]
    assert np.allclose(
        pointing_sum(fields, q, rest, box) + pointing_sum(fields, q, one, box),
        pointing_sum(fields, q, w, box),
        atol=0.02,
    )


def test_limb_distance() -> None:
    fields = render_fields([], COCO_17, size=(65, 65))
    segments = np.array([[8, 8, 40, 8], [60, 60, 60, 60]], np.float32)
    d = limb_distance(segments, fields, Box(0, 0, 17, 17))
    assert d[2, 2] == 0 and d[5, 6] == pytest.approx(12) and d[15, 15] == 0
    assert d[2, 0] == pytest.approx(8) and d[15, 13] == pytest.approx(8)
    present = np.zeros(17, bool)
    present[[5, 7, 16]] = True
    points = np.random.default_rng(0).uniform(0, 60, (17, 2)).astype(np.float32)
    found = limb_segments(points, present, COCO_17)
    assert len(found) == 2
    assert np.array_equal(found[1], np.tile(points[16], 2))


def test_scale_does_not_collapse() -> None:
    person = standing_person(COCO_17, 60, 30, 320, 220)
    fields = render_fields([person], COCO_17, size=SIZE)
    full = person_scale(fields, person[:, :2], person[:, 2], COCO_17)
    for keep in ([0], [5, 6], [5, 7, 9]):
        weights = np.zeros(17)
        weights[keep] = 1
        assert person_scale(fields, person[:, :2], weights, COCO_17) > 0.2 * full
    empty = render_fields([], COCO_17, size=SIZE)
    assert person_scale(empty, person[:, :2], np.eye(17)[0], COCO_17) > 0


def heads_alone(joints: list[tuple[float, float]], noise: float = 0.0) -> tuple[PoseSchema, Fields, list[np.ndarray]]:
    """A schema of one joint, and the fields of people of 70 x 200 pixels below it; where each is, (H, W) bool."""
    schema = PoseSchema.from_coco_category({"id": 1, "name": "person", "keypoints": ["head"], "skeleton": []})
    fields = render_fields([np.array([[*q, 1]], np.float32) for q in joints], schema, size=SIZE)
    arrays = {k: v.copy() for k, v in fields.arrays.items()}
    arrays["person"][:], arrays["mask_offset"][:] = -8, 0
    xs, ys = np.arange(fields.width) * 4.0, np.arange(fields.height)[:, None] * 4.0
    rng, shapes = np.random.default_rng(0), []
    for x, y in joints:
        shape = ((xs - x) / 35) ** 2 + ((ys - y - 80) / 100) ** 2 <= 1
        offset = np.stack(np.broadcast_arrays(x - xs, y - ys))
        offset = offset + noise * np.hypot(*offset) * rng.standard_normal(offset.shape)
        arrays["person"][0][shape], arrays["mask_offset"][:, shape] = 8, offset[:, shape]
        shapes.append(shape)
    return schema, Fields(arrays, fields.stride, fields.radius), shapes


@pytest.mark.parametrize("noise", [0.0, 0.15])
def test_one_joint_of_a_schema_of_one_finds_the_whole_person(noise: float) -> None:
    joints = [(100.0, 90.0), (175.0, 90.0)]
    schema, fields, shapes = heads_alone(joints, noise)
    people = [Person(np.array([[*q, 0.9]], np.float32)) for q in joints]
    clusters = cluster(fields, people, schema)
    for number, shape in enumerate(shapes, 1):
        assert iou(clusters.labels, shape * number, number) > 0.9
        assert 1.5 * 180 < clusters.maps[number - 1].scale < 3 * 180
    nobody = Person(np.array([[400, 300, 0.9]], np.float32))
    assert cluster(fields, [nobody], schema).maps[0].scale == fields.radius


def test_scale_of_the_pixels_is_that_of_who_points_at_the_joint() -> None:
    person = standing_person(COCO_17, 60, 30, 320, 220)
    fields = render_fields([person, standing_person(COCO_17, 330, 300, 60)], COCO_17, size=SIZE)
    knee = COCO_17.index("left_knee")
    scale = spread_scale(fields, person[:, :2], np.eye(17)[knee], COCO_17)
    farthest = np.hypot(*(person[:, :2] - person[knee, :2]).T).max()
    assert 2 * farthest < scale < 2.5 * farthest
    assert spread_scale(render_fields([], COCO_17, size=SIZE), person[:, :2], np.eye(17)[knee], COCO_17) == 0


def test_imagined_joints() -> None:
    people = two_people()
    fields = render_fields(people, COCO_17, size=SIZE)
    # The hip in front: its surroundings belong to the same person.
    weights = np.eye(17)[COCO_17.index("right_hip")]
    assert np.abs(imagine_joints(fields, people[0][:, :2], weights) - people[0][:, :2]).max() < 0.5


def test_joint_weights() -> None:
    points = np.zeros((17, 3), np.float32)
    points[:3, 2] = 0.9, 0.1, 0.5
    assert joint_weights(points, ClusterConfig(confident=0.2))[:4].tolist() == pytest.approx([0.9, 0, 0.5, 0])
    assert joint_weights(points, ClusterConfig(confident=0.95))[:4].tolist() == pytest.approx([0.9, 0.1, 0.5, 0])


def test_moving_a_joint_moves_its_centroid_only() -> None:
    person = standing_person(COCO_17, 60, 30, 320, 220)
    fields = render_fields([person], COCO_17, size=SIZE)
    box, config = Box(0, 0, fields.width, fields.height), ClusterConfig(rule="d1")
    w = np.ones(17, np.float32)
    before = rule_distance(fields, person[:, :2], w, 200.0, box, COCO_17, config)
    moved = person[:, :2].copy()
    moved[9] += [34, 0]
    after = rule_distance(fields, moved, w, 200.0, box, COCO_17, config)
    v, u = 30, 40
    assert abs(after - before).max() <= 34 / 17 / 200 + 1e-4
    assert before[v, u] != after[v, u]


def test_igo_smooths_more_with_sigma_and_stays_a_share() -> None:
    phi = np.zeros((41, 41), np.float32)
    phi[20, 20] = 1
    peaks = [smooth_instance(phi, s, 200, 4).max() for s in (0.0, 0.1, 0.5, 1.0)]
    assert peaks[0] == 1 and all(a > b for a, b in pairwise(peaks))
    assert smooth_instance(np.ones((9, 9), np.float32), 1.0, 200, 4) == pytest.approx(1)


def test_prior_falls_with_size() -> None:
    config = ClusterConfig(prior_small=6, prior_large=2, prior_size=96)
    assert config.prior(0) == 6 and config.prior(96) == 4 and config.prior(10_000) == pytest.approx(2, abs=0.01)


@given(st.integers(0, 2**32 - 1), st.integers(0, 25), st.integers(1, 40), st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_fast_rule_equals_the_numpy_rule(seed: int, people: int, rows: int, cols: int) -> None:
    random = np.random.default_rng(seed)
    # Whole numbers make ties, which both must give to the first.
    embedding = random.integers(0, 20, (2, rows, cols)).astype(np.float32)
    if seed % 2:
        embedding += random.random((2, rows, cols), np.float32)
    centres, sigmas = random.integers(0, 20, (people, 2)), random.choice([1.0, 3.0, 7.5], people)
    foreground = random.random((rows, cols)) < 0.8
    fast = assign_nearest(embedding, centres, sigmas, foreground)
    assert np.array_equal(fast, assign_nearest_reference(embedding, centres, sigmas, foreground))


def test_fast_rule_on_a_field_split_over_threads() -> None:
    random = np.random.default_rng(5)
    embedding = random.uniform(0, 900, (2, 700, 900)).astype(np.float32)
    centres, sigmas = random.uniform(0, 900, (20, 2)), random.uniform(20, 200, 20)
    foreground = np.ones((700, 900), bool)
    fast = assign_nearest(embedding, centres, sigmas, foreground)
    assert np.array_equal(fast, assign_nearest_reference(embedding, centres, sigmas, foreground))
