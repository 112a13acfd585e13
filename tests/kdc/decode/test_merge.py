"""Flip and multi-scale testing are exact on exact fields."""

from __future__ import annotations

import numpy as np
import pytest

from kdc.decode.decoder import decode_people
from kdc.decode.merge import flip_fields, merge_fields, resample_fields
from kdc.decode.synthetic import render_fields, standing_person
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Affine
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema

CHAIN = PoseSchema.build("chain", ["left_hand", "neck", "right_hand"], [(0, 1), (1, 2)])


def mirrored(person: np.ndarray, schema: PoseSchema, width: int) -> np.ndarray:
    out = person[list(schema.flip)].copy()
    out[:, 0] = width - 1 - out[:, 0]
    return out


def people_of(schema: PoseSchema) -> list[np.ndarray]:
    if schema is CHAIN:
        return [np.array([[20, 70, 1], [60.5, 40, 1], [120, 90.25, 1]], np.float32)]
    return [standing_person(schema, 20, 10, 180), standing_person(schema, 170, 60, 150)]


@pytest.mark.parametrize("schema", [COCO_17, CROWDPOSE_14, CHAIN], ids=lambda s: s.name)
def test_flipping_the_mirrored_fields_gives_the_fields(schema: PoseSchema) -> None:
    size = (321, 257)
    people = people_of(schema)
    straight = render_fields(people, schema, size=size)
    back = flip_fields(render_fields([mirrored(p, schema, size[0]) for p in people], schema, size=size), schema)
    for name, array in straight.arrays.items():
        known = ~np.isnan(back[name])
        # Ties between two disks may fall to either side.
        assert np.isclose(array, back[name], atol=2e-3)[known].mean() > 0.999, name
    assert schema is CHAIN or not np.isnan(back["pairwise"]).any()


def test_a_mirrored_edge_may_run_the_other_way() -> None:
    assert CHAIN.tree == ((0, 1), (1, 2))
    size = (161, 129)
    person = people_of(CHAIN)[0]
    back = flip_fields(render_fields([mirrored(person, CHAIN, size[0])], CHAIN, size=size), CHAIN)
    assert not np.isnan(back["pairwise"]).any()


def test_an_edge_without_mirror_image_is_left_out() -> None:
    schema = PoseSchema.build("odd", ["left_hand", "right_hand", "tail"], [(0, 1), (1, 2)])
    person = np.array([[20, 70, 1], [60, 40, 1], [120, 90, 1]], np.float32)
    fields = render_fields([person], schema, size=(161, 129))
    back = flip_fields(fields, schema)
    assert np.isnan(back["pairwise"][4:]).all() and not np.isnan(back["pairwise"][:4]).any()
    merged = merge_fields([fields, back], schema)
    assert np.array_equal(merged["pairwise"][4:], fields["pairwise"][4:])


def test_merged_flip_decodes_the_same_people() -> None:
    size = (321, 257)
    people = people_of(COCO_17)
    straight = render_fields(people, COCO_17, size=size)
    back = flip_fields(render_fields([mirrored(p, COCO_17, size[0]) for p in people], COCO_17, size=size), COCO_17)
    found = decode_people(merge_fields([straight, back], COCO_17), COCO_17)
    assert len(found) == 2
    for person in people:
        assert min(np.abs(f.keypoints[:, :2] - person[:, :2]).max() for f in found) < 0.5


def test_another_scale_on_the_same_grid() -> None:
    people = people_of(COCO_17)
    like = render_fields(people, COCO_17, size=(321, 257))
    scaling = Affine.scaling(1.5, 1.5)
    larger = [np.column_stack([scaling.apply(p[:, :2]), p[:, 2]]).astype(np.float32) for p in people]
    again = resample_fields(render_fields(larger, COCO_17, size=(481, 385)), like, scaling.inverse())
    merged = merge_fields([like, again], COCO_17)
    assert merged["heatmap"].shape == like["heatmap"].shape
    found = decode_people(merged, COCO_17)
    assert len(found) == 2
    for person in people:
        assert min(np.abs(f.keypoints[:, :2] - person[:, :2]).max() for f in found) < 1.0


def test_merging_needs_one_grid() -> None:
    one = render_fields([], COCO_17, size=(97, 97))
    other = render_fields([], COCO_17, size=(97, 113))
    with pytest.raises(KdcError):
        merge_fields([one, other], COCO_17)
    with pytest.raises(KdcError):
        merge_fields([], COCO_17)
    with pytest.raises(KdcError):
        resample_fields(one, other, Affine.rotation(10, (0, 0)))


def test_each_prediction_counts_by_what_it_sees_there() -> None:
    """The mean as it is defined, in numpy, of three predictions of which some say nothing in places."""
    rng = np.random.default_rng(4)
    shapes = {"heatmap": 17, "keycentroid": 34, "pairwise": 64, "person": 1, "mask_offset": 34, "visibility": 17}
    several = []
    for _ in range(3):
        arrays = {n: rng.normal(size=(c, 9, 13)).astype(np.float32) for n, c in shapes.items()}
        arrays["heatmap"] = np.abs(arrays["heatmap"])
        arrays["pairwise"][rng.random((64, 9, 13)) < 0.3] = np.nan
        several.append(Fields(arrays, 4, 24.0))
    merged = merge_fields(several, COCO_17)
    gates = {
        "keycentroid": [np.repeat(f["heatmap"], 2, 0) for f in several],
        "pairwise": [f["heatmap"][np.repeat(np.array(COCO_17.tree).ravel(), 2)] for f in several],
        "mask_offset": [1 / (1 + np.exp(-f["person"])) for f in several],
    }
    for name, array in merged.arrays.items():
        values = np.array([f[name] for f in several], float)
        weights = np.array([np.broadcast_to(g, array.shape) for g in gates.get(name, [np.ones(1)] * 3)]) + 1e-3
        weights = np.where(np.isnan(values), 0, weights)
        expected = (weights * np.nan_to_num(values)).sum(0) / np.maximum(weights.sum(0), 1e-12)
        assert np.allclose(array, expected, atol=1e-5), name
