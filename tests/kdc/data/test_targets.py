"""What is not labelled is never a negative."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from kdc.data import targets
from kdc.data.augment import apply, paste
from kdc.data.targets import Targets, encode
from kdc.geometry import Affine
from kdc.schema import COCO_17

sys.path.insert(0, str(Path(__file__).parent))
from drawn import person, sample

STRIDE, RADIUS, SIZE = 4, 12.0, 129


def encoded(*people, **facts) -> Targets:
    return encode(apply(sample(*people, **facts), Affine.identity(), False, SIZE, COCO_17), COCO_17, STRIDE, RADIUS)


def cell(x: float, y: float) -> tuple[int, int]:
    return round(y / STRIDE), round(x / STRIDE)


def test_disks_hold_exactly_the_cells_within_the_radius():
    who = person()
    t = encoded(who)
    axis = np.arange(t.owner.shape[1]) * STRIDE
    for k, (x, y, _) in enumerate(who.keypoints):
        inside = (axis[None] - x) ** 2 + (axis[:, None] - y) ** 2 <= RADIUS**2
        assert ((t.owner[k] == 0) == inside).all()


def test_of_two_people_the_nearer_joint_owns_a_cell():
    a, b = person(left=20), person(left=34)
    t = encoded(a, b)
    axis = np.arange(t.owner.shape[1]) * STRIDE
    for k in range(17):
        da = (axis[None] - a.keypoints[k, 0]) ** 2 + (axis[:, None] - a.keypoints[k, 1]) ** 2
        db = (axis[None] - b.keypoints[k, 0]) ** 2 + (axis[:, None] - b.keypoints[k, 1]) ** 2
        both = (da <= RADIUS**2) & (db < da)
        assert both.any() and (t.owner[k][both] == 1).all()


def test_a_person_without_keypoints_is_no_negative_for_any_joint():
    who, other = person(left=10), person(left=70, labelled=False)
    t = encoded(who, other)
    nose = standing_nose(70)
    assert (t.owner != 1).all()
    assert not t.heat_valid[:, cell(*nose)[0], cell(*nose)[1]].any()
    # The disk of a joint at the person's edge would reach beyond the person.
    row, column = cell(nose[0], nose[1] - 8)
    assert not t.heat_valid[0, row, column]
    assert t.heat_valid[0, -1, 0]


def standing_nose(left: float) -> tuple[float, float]:
    return tuple(person(left=left).keypoints[0, :2])


def test_a_box_alone_keeps_its_pixels_unknown_for_joints_and_mask():
    t = encoded(person(left=10), person(left=70, labelled=False, mask=False), masks="partial")
    row, column = cell(90, 50)
    assert not t.heat_valid[:, row, column].any()
    assert not t.person_valid[row, column]
    assert t.person_valid[cell(30, 92)]


def test_a_crowd_region_is_neither_person_nor_background():
    t = encoded(person(left=10), person(left=70, labelled=False, crowd=True))
    row, column = cell(*standing_nose(70))
    assert not t.heat_valid[:, row, column].any()
    assert not t.person_valid[row, column]
    assert t.mask_owner[row, column] == -1
    assert len(t.scales) == 1


def test_keypoints_without_masks_leave_the_mask_unknown_everywhere():
    t = encoded(person(mask=False), masks="none")
    inside = np.zeros_like(t.person_valid)
    inside[: 96 // STRIDE + 1, : 128 // STRIDE + 1] = True
    assert not t.person_valid[inside].any()
    assert (t.mask_owner == -1).all()
    assert t.heat_valid.all()


def test_in_a_photo_without_masks_a_mask_that_is_there_counts():
    t = encoded(person(left=10), person(left=70, mask=False), masks="none")
    row, column = cell(*standing_nose(10))
    assert t.person_valid[row, column] and t.mask_owner[row, column] == 0


def test_of_partial_masks_only_the_unmasked_person_is_unknown():
    t = encoded(person(left=10), person(left=70, mask=False), masks="partial")
    assert not t.person_valid[cell(*standing_nose(70))]
    assert t.person_valid[cell(*standing_nose(10))]
    assert t.person_valid[cell(60, 92)]


def test_masks_without_keypoints_leave_every_joint_unknown():
    t = encoded(person(labelled=False), joints_complete=False)
    assert not t.heat_valid[:, : 96 // STRIDE, : 128 // STRIDE].any()
    assert t.person_valid.all()
    assert (t.mask_owner == 0).any()


@pytest.mark.parametrize("mirrored", [False, True])
def test_joints_that_a_dataset_never_labels_are_unknown(mirrored: bool):
    known = np.ones(17, bool)
    known[9] = False
    who = person()
    who.keypoints[9] = 0
    s = sample(who, known=known)
    transform = Affine.mirror(129) if mirrored else Affine.identity()
    t = encode(apply(s, transform, mirrored, SIZE, COCO_17), COCO_17, STRIDE, RADIUS)
    unknown = 10 if mirrored else 9
    assert [k for k in range(17) if not t.heat_valid[k].any()] == [unknown]


def test_joints_that_a_pasted_persons_dataset_never_labels_are_unknown_around_it():
    crop = apply(sample(), Affine.identity(), False, SIZE, COCO_17)
    who, known = person(left=28), np.ones(17, bool)
    nose = who.keypoints[0, :2].copy()
    known[:5], who.keypoints[:5] = False, 0
    donor = apply(sample(who, known=known), Affine.identity(), False, SIZE, COCO_17)
    paste(crop, donor, np.random.default_rng(0), 1)
    t = encode(crop, COCO_17, STRIDE, RADIUS)
    row, column = cell(*nose)
    assert not t.heat_valid[:5, row, column].any() and t.heat_valid[5:, row, column].all()
    assert t.heat_valid[:, cell(120, 90)[0], cell(120, 90)[1]].all()


def test_people_beyond_the_most_are_unknown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(targets, "MAX_PEOPLE", 1)
    t = encoded(person(left=10), person(left=70))
    assert len(t.scales) == 1
    row, column = cell(*standing_nose(70))
    assert not t.heat_valid[0, row, column]
    assert not t.person_valid[row, column] and t.mask_owner[row, column] == -1


def test_outside_the_photo_is_background():
    t = encoded(person(labelled=False, mask=False), masks="none", joints_complete=False)
    assert t.heat_valid[:, -1, :].all() and t.person_valid[-1].all()


def test_centres_are_the_mean_of_the_mask():
    who = person()
    crop = apply(sample(who), Affine.identity(), False, SIZE, COCO_17)
    rows, columns = np.nonzero(crop.people[0].mask)
    assert encode(crop, COCO_17, STRIDE, RADIUS).centres[0] == pytest.approx([columns.mean(), rows.mean()])
    assert np.isnan(encoded(person(mask=False)).centres).all()
