"""Annotations keep what they were read from, and masks decode as pycocotools decodes them."""

from __future__ import annotations

import json

import document_cases as given
import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco_mask

from kdc.errors import KdcError
from kdc.rle import unpack
from kdc.structures import Mask, Person
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.crowds import unpack_masks
from kdc_annotator.document.mask_shapes import common, holes, parts, shifted, united, without
from kdc_annotator.document.proposals import proposal_from_person
from kdc_annotator.document.records import (
    annotation_from_raw,
    annotation_from_record,
    annotation_to_raw,
    annotation_to_record,
    compact_json,
    reads_back_alike,
)
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask, segmentation_area

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
numbers = st.integers(-100, 100) | st.floats() | st.booleans() | st.text(max_size=2)
raws = st.fixed_dictionaries(
    {},
    optional={
        "id": json_values,
        "category_id": json_values,
        "keypoints": st.lists(numbers, min_size=6, max_size=6) | json_values,
        "segmentation": st.lists(st.lists(st.integers(-50, 50) | st.floats(), max_size=9), max_size=3) | json_values,
        "bbox": st.lists(numbers, min_size=4, max_size=4) | json_values,
        "iscrowd": json_values,
        "score": json_values,
        "attributes": json_values,
        "surprise": json_values,
    },
)
bits = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(lambda shape: arrays(bool, shape))


@drawn(raws)
@settings(max_examples=250, deadline=None)
def test_whatever_came_goes_out_unchanged(raw: dict) -> None:
    annotation, _ = annotation_from_raw(raw, 5, (30, 20), 2)
    assert compact_json(annotation_to_raw(annotation)) == compact_json(raw)
    text = compact_json(annotation_to_record(annotation))
    again = annotation_from_record(json.loads(text), (30, 20), 2)
    assert compact_json(annotation_to_record(again)) == text
    assert annotation.mask is None or annotation.mask.width == 30
    edited = annotation.edited(keypoints=annotation.keypoints + np.array((1, 1, 0)))
    json.dumps(annotation_to_raw(edited))


@drawn(bits)
@settings(max_examples=150, deadline=None)
def test_rle_agrees_with_pycocotools(full: np.ndarray) -> None:
    mask = Mask.from_full(full)
    rle = encode_mask(mask)
    assert rle == mask.to_rle()
    height, width = full.shape
    again = decode_segmentation(rle, width, height)
    assert np.array_equal(again.to_full(), full)
    assert segmentation_area(rle, width, height) == full.sum()
    flat, counts, value = full.T.ravel(), [0], False
    for bit in flat:
        if bit != value:
            counts.append(0)
            value = bit
        counts[-1] += 1
    uncompressed = decode_segmentation({"size": [height, width], "counts": counts}, width, height)
    assert np.array_equal(uncompressed.to_full(), full)


@drawn(
    st.lists(
        st.lists(st.floats(-20, 60), min_size=6, max_size=12).filter(lambda p: len(p) % 2 == 0), min_size=1, max_size=3
    )
)
@settings(max_examples=100, deadline=None)
def test_polygons_agree_with_pycocotools(polygons: list) -> None:
    merged = coco_mask.merge(coco_mask.frPyObjects(polygons, 30, 40))
    mask = decode_segmentation(polygons, 40, 30)
    assert np.array_equal(mask.to_full(), coco_mask.decode(merged).astype(bool))


@drawn(st.text(max_size=12) | st.lists(st.integers(-5, 2**70), max_size=5), st.lists(st.integers(-1, 9), max_size=3))
@settings(max_examples=200, deadline=None)
def test_broken_rle_is_refused_in_words(counts: object, size: list) -> None:
    try:
        mask = decode_segmentation({"size": size, "counts": counts}, 4, 5)
    except KdcError:
        return
    assert mask is not None and size == [5, 4]


@drawn(arrays(bool, (7, 9)), arrays(bool, (7, 9)), st.integers(-9, 9), st.integers(-9, 9))
@settings(max_examples=100, deadline=None)
def test_mask_shapes(a: np.ndarray, b: np.ndarray, dx: int, dy: int) -> None:
    x, y = Mask.from_full(a), Mask.from_full(b)
    assert np.array_equal(united(x, y).to_full(), a | b)
    assert np.array_equal(without(x, y).to_full(), a & ~b)
    assert np.array_equal(common(x, y).to_full(), a & b)
    assert sum(p.area for p in parts(x)) == a.sum()
    filled = a.copy()
    for hole in holes(x):
        assert not (hole.to_full() & a).any()
        filled |= hole.to_full()
    assert not holes(Mask.from_full(filled))
    moved = np.zeros_like(a)
    for row, col in zip(*np.nonzero(a), strict=True):
        if 0 <= row + dy < 7 and 0 <= col + dx < 9:
            moved[row + dy, col + dx] = True
    assert np.array_equal(shifted(x, dx, dy).to_full(), moved)


def test_problems_are_said_in_words() -> None:
    raw = {
        "keypoints": [1, 2, 5, 1, 2, 1],
        "bbox": [1, 2],
        "iscrowd": "yes",
        "score": "high",
        "category_id": "x",
        "attributes": 3,
    }
    annotation, problems = annotation_from_raw(raw, 1, (9, 9), 2)
    assert len(problems) == 6 and annotation.keypoints[0, 2] == 2


def test_arrays_are_frozen_and_checked() -> None:
    annotation = given.people()[0]
    with pytest.raises(ValueError):
        annotation.keypoints[0, 0] = 1
    with pytest.raises(KdcError):
        Annotation(1, (9, 9), np.array([[1, 2, 3.0]]))
    assert annotation.extra == {"strange": {"deep": [1, None, "ä"]}}


def test_a_new_person_exports_everything_coco_needs() -> None:
    points = np.zeros((17, 3))
    points[3] = (4, 5.5, 2)
    raw = annotation_to_raw(Annotation.new(3, given.SIZE, points, given.disk(5, 5, 2)))
    assert raw["area"] == 13 and raw["bbox"] == [3, 3, 5, 5] and raw["num_keypoints"] == 1 and raw["iscrowd"] == 0
    assert raw["id"] == 3 and raw["keypoints"][9:12] == [4, 5.5, 2]
    box_only = annotation_to_raw(Annotation.new(4, given.SIZE, np.zeros((17, 3)), box=(1, 2, 3, 4)))
    assert box_only["area"] == 12 and box_only["segmentation"] == []


def test_a_predicted_person_becomes_an_unconfirmed_annotation() -> None:
    points = np.array([[1, 2, 0.5], [3, 4, 0.0], [5, 6, 1.0]], np.float32)
    proposal = proposal_from_person(Person(points, 0.75, mask=given.disk(5, 5, 2)), given.SIZE, "model", "1")
    assert not proposal.provenance.human and proposal.score == 0.75
    assert proposal.keypoints.tolist() == [[1, 2, 2], [0, 0, 0], [5, 6, 2]] and proposal.confidence.tolist() == [
        0.5,
        0,
        1,
    ]


@drawn(raws)
@settings(max_examples=60, deadline=None)
def test_who_reads_back_alike_is_the_same_as_what_is_read(raw: dict) -> None:
    came, _ = annotation_from_raw(raw, 5, given.SIZE, 2)
    made = Annotation.new(5, given.SIZE, came.keypoints, given.disk(9, 9, 4), score=0.5, attributes={"hat": 1})
    unsaid = Annotation(5, given.SIZE, came.keypoints, box=came.box, touched=frozenset({"keypoints"}))
    for one in (came, made, unsaid):
        read = annotation_from_record(json.loads(compact_json(annotation_to_record(one))), given.SIZE, 2)
        if reads_back_alike(one):
            for name in ("category_id", "segmentation", "box", "crowd", "attributes", "track", "score", "touched"):
                assert getattr(read, name) == getattr(one, name)
            assert np.array_equal(read.keypoints, one.keypoints)
    assert (
        reads_back_alike(made)
        and reads_back_alike(unsaid) == (came.box is None)
        and (not raw or not reads_back_alike(came))
    )


def test_who_is_told_of_otherwise_is_the_same_person() -> None:
    imported, other = given.people()[1], given.proposals()[0]
    assert imported.drawn and imported.came_drawn
    free = imported.told(released=True, locked=True, order=4, id=99)
    assert (free.id, free.order, free.locked, free.drawn, free.came_drawn) == (99, 4, True, False, False)
    assert free.mask is imported.mask and imported.drawn and not imported.locked
    assert annotation_to_record(other.told(id=3)) == {**annotation_to_record(other), "id": 3}


@pytest.mark.parametrize("bits", [np.ones((30, 40), bool), np.zeros((30, 40), bool), given.disk(9, 9, 4).to_full()])
def test_a_mask_at_hand_is_what_would_be_decoded(bits: np.ndarray) -> None:
    made = Annotation.new(1, given.SIZE, np.zeros((17, 3)), Mask(bits, 0, 0, *given.SIZE))
    read = annotation_from_record(annotation_to_record(made), given.SIZE, 17)
    assert (made.mask.x, made.mask.y) == (read.mask.x, read.mask.y) and np.array_equal(made.mask.bits, read.mask.bits)


def pieces(full: np.ndarray) -> list[list[float]]:
    """Each pixel as a polygon."""
    return [[float(v) for v in (x, y, x + 1, y, x + 1, y + 1, x, y + 1)] for y, x in np.argwhere(full).tolist()]


@drawn(
    bits, st.sampled_from(("text", "runs", "with runs of no length", "polygons", "none", "unreadable")), st.booleans()
)
@settings(max_examples=150, deadline=None)
def test_a_mask_that_nobody_has_decoded_is_measured_and_packed_as_if_somebody_had(
    full: np.ndarray, form: str, touched: bool
) -> None:
    height, width = full.shape
    rle = Mask.from_full(full).to_rle()
    runs = unpack(rle["counts"]).tolist()
    segmentation = {
        "text": rle,
        "runs": {**rle, "counts": runs},
        "with runs of no length": {**rle, "counts": [v for run in runs for v in (run // 2, 0, run - run // 2)]},
        "polygons": pieces(full),
        "none": None,
        "unreadable": {**rle, "counts": "o"},
    }[form]
    if touched:
        lazy = Annotation(
            1, (width, height), np.zeros((2, 3)), segmentation=segmentation, touched=frozenset({"segmentation"})
        )
    else:
        lazy = annotation_from_raw({"segmentation": segmentation}, 1, (width, height), 2)[0]
    eager = lazy.told(id=2)
    mask = eager.mask
    facts = (lazy.has_mask, lazy.extent(), lazy.packed_mask())
    assert not lazy.decoded and eager.decoded
    packed = None if mask is None or not mask.bits.any() else encode_mask(mask)
    assert facts == (mask is not None, eager.extent(), packed) and eager.packed_mask() == packed
    box = lazy.extent()
    assert (lazy.mask is None) == (mask is None) and lazy.extent() is box, "measured once"


def test_masks_unpacked_together_are_those_of_each_and_damage_stays_with_its_person() -> None:
    rng = np.random.default_rng(4)
    size = (40, 30)
    people = [Annotation.new(n, size, np.zeros((2, 3)), Mask.from_full(rng.random((30, 40)) < 0.1)) for n in range(5)]
    records = [json.loads(compact_json(annotation_to_record(p))) for p in people]
    records[1]["segmentation"]["counts"] = records[0]["segmentation"]["counts"][:-2] + "1"  # does not fill the image
    read = [annotation_from_record(record, size, 2) for record in records]
    unpack_masks(read)
    assert [p.mask is None for p in read] == [False, True, False, False, False]
    for n in (0, 2, 3, 4):
        assert np.array_equal(read[n].mask.to_full(), people[n].mask.to_full())
    records[2]["segmentation"]["counts"] = "o"
    read = [annotation_from_record(record, size, 2) for record in records]
    unpack_masks(read)
    assert [p.mask is None for p in read] == [False, True, True, False, False]
