"""Doubt about a photo: none where the fields are exact, more where they waver, disagree or crowd."""

from __future__ import annotations

import numpy as np
import pytest

from kdc.decode.decoder import decode_people
from kdc.decode.merge import flip_fields
from kdc.decode.synthetic import render_fields, standing_person
from kdc.doubt import (
    Doubt,
    crowding,
    fields_doubt,
    flip_disagreement,
    limb_disagreement,
    oks,
    people_doubt,
    photo_doubt,
)
from kdc.fields import Fields
from kdc.schema import COCO_17
from kdc.structures import Person

APART = [standing_person(COCO_17, 30, 40, 160, 80), standing_person(COCO_17, 180, 40, 160, 80)]


def fields_of(people: list[np.ndarray], heat: float = 1.0) -> Fields:
    fields = render_fields(people, COCO_17, 4, 16.0, (321, 241))
    return Fields({**fields.arrays, "heatmap": fields["heatmap"] * np.float32(heat)}, fields.stride, fields.radius)


def mirrored(fields: Fields) -> Fields:
    """What a network without prejudice says of the mirrored photo."""
    return flip_fields(fields, COCO_17)


def test_a_sure_and_even_handed_model_doubts_little() -> None:
    fields = fields_of(APART)
    doubt, people = photo_doubt(fields, mirrored(fields), COCO_17)
    assert len([p for p in people if p.score > 0.5]) == 2
    assert doubt.flip < 0.05 and doubt.crowding == 0 and doubt.total < 1
    unsure, _ = photo_doubt(fields_of(APART, 0.5), mirrored(fields_of(APART, 0.5)), COCO_17)
    assert unsure.heat > doubt.heat + 1 and unsure.grouping > doubt.grouping


def test_nobody_is_no_doubt() -> None:
    fields = fields_of([])
    assert photo_doubt(fields, mirrored(fields), COCO_17) == (Doubt(), [])
    assert people_doubt([]).total == 0
    assert people_doubt([Person(APART[0] * np.float32([1, 1, 0.5]), 0.05)]).total == 0


def test_the_mirrored_photo_disagrees() -> None:
    both, one = fields_of(APART), fields_of(APART[:1])
    doubt, _ = photo_doubt(both, mirrored(one), COCO_17)
    assert doubt.flip == pytest.approx(0.5, abs=0.15), "half of one person, whom only one view has"
    people = decode_people(both, COCO_17)
    moved = [Person(p.keypoints + np.float32([40, 0, 0]), p.score) for p in people]
    assert flip_disagreement(people, moved, COCO_17) > 10 * max(flip_disagreement(people, people, COCO_17), 0.01)
    assert flip_disagreement(people, [], COCO_17) == pytest.approx(0.5 * sum(p.score for p in people if p.score >= 0.1))


def test_limbs_that_miss_each_other_are_doubt() -> None:
    fields = fields_of(APART)
    poses = np.stack(APART)
    assert limb_disagreement(fields, poses, COCO_17).max() < 0.05
    wrong = Fields({**fields.arrays, "pairwise": fields["pairwise"] + np.float32(60)}, fields.stride, fields.radius)
    assert limb_disagreement(wrong, poses, COCO_17).min() > 0.9
    people = [Person(p, 0.9) for p in APART]
    assert fields_doubt(wrong, people, COCO_17).grouping > fields_doubt(fields, people, COCO_17).grouping + 0.5


def test_crowding_counts_covered_boxes() -> None:
    near = np.stack([standing_person(COCO_17, 30, 40, 160, 80), standing_person(COCO_17, 50, 40, 160, 80)])
    assert crowding(np.stack(APART), np.ones(2)).tolist() == [0, 0]
    assert (crowding(near, np.ones(2)) > 0.3).all()
    assert crowding(near, np.array([1, 0.5])).max() == pytest.approx(0.5 * crowding(near, np.ones(2)).max())
    assert crowding(near[:0], np.zeros(0)).shape == (0,)


def test_likeness_of_poses() -> None:
    a = np.stack(APART)
    like = oks(a, a, COCO_17)
    assert np.diag(like) == pytest.approx([1, 1]) and like[0, 1] < 0.01
    half = a[:1].copy()
    half[0, 8:, 2] = 0
    assert oks(half, a[:1], COCO_17)[0, 0] == pytest.approx(8 / 17)
