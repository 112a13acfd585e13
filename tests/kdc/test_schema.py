import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kdc.errors import KdcError
from kdc.schema import (
    COCO_17,
    CROWDPOSE_14,
    DEFAULT_SIGMA,
    PoseSchema,
    flip_pairs,
    map_keypoints,
    people_schemas,
    spanning_tree,
)


def test_known_schemas_survive_coco_and_json():
    for schema in (COCO_17, CROWDPOSE_14):
        assert PoseSchema.from_coco_category(schema.to_coco_category()) == schema
        assert PoseSchema.from_json(json.loads(json.dumps(schema.to_json()))) == schema


def test_crowdposes_own_skeleton_names_joints_it_does_not_have():
    category = CROWDPOSE_14.to_coco_category() | {"skeleton": [[16, 14], [14, 12], [6, 8]]}
    assert PoseSchema.from_coco_category(category) == CROWDPOSE_14


@settings(deadline=None)
@given(st.integers(1, 30), st.data())
def test_any_skeleton_gives_one_tree(count, data):
    joint = st.integers(0, count - 1)
    edges = data.draw(st.lists(st.tuples(joint, joint), max_size=60))
    names = [f"joint {k}" for k in range(count)]
    schema = PoseSchema.build("any", names, edges)
    assert len(schema.tree) == count - 1
    assert schema.tree == spanning_tree(names, [e for e in edges if e[0] != e[1]])
    reached = {0}
    for parent, child in schema.tree:
        assert parent in reached and child not in reached
        reached.add(child)
    assert reached == set(range(count))


def test_cycles_are_cut_and_parts_are_joined():
    tree = spanning_tree(list("abcdef"), [(0, 1), (1, 2), (2, 0), (4, 5)])
    assert tree == ((0, 1), (0, 2), (0, 3), (0, 4), (4, 5))


def test_flip_pairs_follow_left_and_right():
    assert flip_pairs(["left_hand", "nose", "right_hand", "left_foot"]) == (2, 1, 0, 3)
    assert flip_pairs(["L-Hand", "R-Hand"]) == (1, 0)
    assert flip_pairs(COCO_17.keypoints) == COCO_17.flip


@pytest.mark.parametrize(
    "names",
    [
        ("leftEye", "rightEye"), ("LEye", "REye"), ("lefteye", "righteye"), ("upper_left_arm", "upper_right_arm"),
        ("thumb_l_1", "thumb_r_1"), ("hand.L.001", "hand.R.001"), ("eye (left)", "eye (right)"), ("EyeL", "EyeR"),
    ],
)  # fmt: skip
def test_sides_are_found_however_they_are_written(names: tuple[str, str]):
    assert flip_pairs([*names, "nose"]) == (1, 0, 2)


def test_a_word_that_only_holds_a_side_is_no_side():
    assert flip_pairs(["bright_spot", "left_eye", "cleft"]) == (0, 1, 2)


def test_coco_names_in_camel_case_are_coco():
    words = [n.split("_") for n in COCO_17.keypoints]
    names = ["".join([w[0], *(part.title() for part in w[1:])]) for w in words]
    schema = PoseSchema.from_coco_category({"id": 1, "name": "person", "keypoints": names})
    assert names[1] == "leftEye" and schema.flip == COCO_17.flip and schema.sigmas == COCO_17.sigmas


def test_other_creatures_keypoints_are_nobodys():
    person, child = COCO_17.to_coco_category(1), COCO_17.to_coco_category(5, "child")
    cat = {"id": 2, "name": "cat", "keypoints": ["nose", "tail"]}
    schemas = {c["id"]: PoseSchema.from_coco_category(c) for c in (cat, person, child)}
    assert list(people_schemas(schemas, [cat, person, {"id": 3, "name": "car"}, child])) == [1, 5]
    assert list(people_schemas(schemas, [cat, {**person, "name": "dancer"}, child])) == [2, 1, 5]


def test_sigmas_are_published_or_the_default():
    schema = PoseSchema.build("mine", ["nose", "tail", "left_hip"], [])
    assert schema.sigmas == (0.026, DEFAULT_SIGMA, 0.107)


def test_coco_people_in_a_crowdpose_project():
    points = np.column_stack([np.arange(17) * 10.0, np.arange(17) * 5.0, np.full(17, 0.8)])
    mapped = map_keypoints(points, COCO_17, CROWDPOSE_14)
    assert mapped[0].tolist() == points[5].tolist()
    neck, head = mapped[CROWDPOSE_14.index("neck")], mapped[CROWDPOSE_14.index("head")]
    assert neck[:2].tolist() == points[[5, 6], :2].mean(0).tolist() and neck[2] == 0.8
    assert head.tolist() == [0, 0, 0]
    points[6, 2] = 0
    assert map_keypoints(points, COCO_17, CROWDPOSE_14)[CROWDPOSE_14.index("neck"), 2] == 0


def test_derived_joints_and_other_spellings():
    project = PoseSchema.build(
        "mine", ["L-Shoulder", "right shoulder", "Mid_Hip", "spine", "thorax", "tail", "Left.Knee"]
    )
    points = np.column_stack([np.arange(17) * 10.0, np.arange(17) * 5.0, np.linspace(0.9, 0.3, 17)])
    mapped = map_keypoints(points, COCO_17, project)
    np.testing.assert_array_equal(mapped[[0, 1, 6]], points[[5, 6, 13]])
    for name, parts in (("Mid_Hip", [11, 12]), ("spine", [5, 6, 11, 12]), ("thorax", [5, 6])):
        row = mapped[project.index(name)]
        np.testing.assert_allclose(row[:2], points[parts, :2].mean(0))
        assert row[2] == points[parts, 2].min()
    assert mapped[project.index("tail")].tolist() == [0, 0, 0]


def test_mapping_to_itself_changes_nothing():
    points = np.random.default_rng(0).random((14, 3))
    np.testing.assert_array_equal(map_keypoints(points, CROWDPOSE_14, CROWDPOSE_14), points)


@pytest.mark.parametrize(
    "category",
    [
        {},
        {"keypoints": []},
        {"keypoints": "nose"},
        {"keypoints": ["a", "a"]},
        {"keypoints": ["a", 3]},
        {"keypoints": ["a", "b"], "skeleton": [[1]]},
        {"keypoints": ["a", "b"], "skeleton": "x"},
        {"keypoints": [str(k) for k in range(600)]},
    ],
)
def test_bad_categories_are_one_sentence(category):
    with pytest.raises(KdcError):
        PoseSchema.from_coco_category(category)


def test_bad_stored_schemas_are_one_sentence():
    good = COCO_17.to_json()
    for key, value in (("tree", [[0, 1]]), ("flip", [0] * 17), ("sigmas", [0.0] * 17), ("keypoints", None)):
        with pytest.raises(KdcError):
            PoseSchema.from_json(good | {key: value})


def test_one_keypoint_is_said_in_the_singular() -> None:
    with pytest.raises(KdcError, match="the edge 0-1 does not join two keypoints, because there is 1"):
        PoseSchema.build("a", ["nose"], [(0, 1)])
    with pytest.raises(KdcError, match="the edge 0-5 does not join two of the 2 keypoints"):
        PoseSchema.build("a", ["nose", "neck"], [(0, 5)])
    with pytest.raises(KdcError, match="the tree needs 1 edge, it has 0"):
        PoseSchema("a", ("nose", "neck"), (), (), (0, 1), (0.1, 0.1))
    with pytest.raises(KdcError, match="a has 1 keypoint of 3 values"):
        map_keypoints(np.zeros((2, 3)), PoseSchema.build("a", ["nose"]), COCO_17)
