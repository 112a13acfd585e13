"""Crops: exact geometry with an inverse, left and right, people pasted in front."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kdc.data.augment import AugmentConfig, apply, colour, make_crop, paste, random_transform
from kdc.geometry import Affine
from kdc.schema import COCO_17

sys.path.insert(0, str(Path(__file__).parent))
from drawn import person, sample

CONFIG = AugmentConfig(size=97, long_side=129, rotation=30.0)


@pytest.mark.parametrize("seed", range(12))
def test_labels_move_with_the_pixels_and_back(seed: int):
    who = person()
    s = sample(who)
    transform, mirrored = random_transform(s, CONFIG, COCO_17, np.random.default_rng(seed))
    crop = apply(s, transform, mirrored, 97, COCO_17)
    if not crop.people:
        return
    moved = crop.people[0].keypoints
    order = list(COCO_17.flip) if mirrored else list(range(17))
    assert transform.apply(who.keypoints[order, :2]) == pytest.approx(moved[:, :2], abs=1e-3)
    assert transform.inverse().apply(moved[:, :2]) == pytest.approx(who.keypoints[order, :2], abs=1e-3)
    # The photo's pixels hold their own position: what the crop shows must be what the transform says.
    at = np.argwhere(crop.inside)[::97]
    at = at[(at > 3).all(1) & (at < 93).all(1)]
    back = transform.inverse().apply(at[:, ::-1])
    good = (back > 4).all(1) & (back[:, 0] < 124) & (back[:, 1] < 92)
    seen = crop.image[at[good, 0], at[good, 1]].astype(float)
    assert seen[:, 0] == pytest.approx(back[good, 0] * 250 / 128, abs=5)
    assert seen[:, 1] == pytest.approx(back[good, 1] * 250 / 96, abs=5)


@pytest.mark.parametrize("seed", range(6))
def test_masks_as_polygons_and_as_rle_land_on_the_joints(seed: int):
    s = sample(person())
    transform, mirrored = random_transform(s, CONFIG, COCO_17, np.random.default_rng(seed))
    crop = apply(s, transform, mirrored, 97, COCO_17)
    for p in crop.people:
        for x, y, _ in p.keypoints:
            if 1 < x < 95 and 1 < y < 95 and crop.inside[round(y), round(x)]:
                assert p.mask[round(y), round(x)] == 1


def test_polygons_are_drawn_in_the_continuous_frame():
    who = person(mask=False)
    square = [[20.0, 10.0, 40.0, 10.0, 40.0, 30.0, 20.0, 30.0]]
    mask = type(who)(who.keypoints, True, square, who.box).render(Affine.identity(), 129, 97)
    expected = np.zeros((97, 129), np.uint8)
    expected[10:30, 20:40] = 1
    assert np.array_equal(mask, expected)


@pytest.mark.parametrize("scale", [0.7, 1.0, 2.0])
def test_polygons_are_as_large_as_those_that_masks_are_judged_by(scale: float):
    who = person(mask=False)
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    blob = np.column_stack([60 + 9 * np.cos(turns), 50 + 14 * np.sin(turns)])
    pieces = [blob.ravel().tolist(), np.add(blob, (25, 3)).ravel().tolist()]
    mask = type(who)(who.keypoints, True, pieces, who.box).render(Affine.scaling(scale, scale), 129, 97)
    # Exactly: the share of 64 points inside each pixel that lie in the blob, seen from the scaled photo.
    fine = (np.arange(129 * 8) + 0.5) / 8 - 0.5
    x, y = np.meshgrid(fine, fine[: 97 * 8])
    points = np.stack([x, y], -1).reshape(-1, 2)
    back = Affine.scaling(scale, scale).inverse().apply(points) + 0.5
    inside = np.zeros(len(back), bool)
    for shift in (0, 25):
        moved = back - [60 + shift, 50 + (3 if shift else 0)]
        inside |= (moved[:, 0] / 9) ** 2 + (moved[:, 1] / 14) ** 2 < 1
    area = inside.sum() / 64
    assert mask.sum() == pytest.approx(area, rel=0.02)


def test_a_flip_swaps_left_and_right():
    who = person()
    crop = apply(sample(who), Affine.mirror(129), True, 129, COCO_17)
    left = COCO_17.index("left_wrist")
    right = COCO_17.index("right_wrist")
    assert crop.people[0].keypoints[left, 0] == pytest.approx(128 - who.keypoints[right, 0])
    assert crop.people[0].keypoints[right, 0] == pytest.approx(128 - who.keypoints[left, 0])


def test_pasted_people_hide_what_is_behind_them():
    behind = apply(sample(person(left=20)), Affine.identity(), False, 129, COCO_17)
    donor = apply(sample(person(left=28)), Affine.identity(), False, 129, COCO_17)
    donor.image[:] = 222
    mask = donor.people[0].mask.astype(bool)
    before = behind.people[0].mask.astype(bool)
    paste(behind, donor, np.random.default_rng(0), 1)
    back, front = behind.people
    assert (back.mask.astype(bool) == (before & ~mask)).all()
    assert (front.mask.astype(bool) == mask).all()
    assert not (back.mask & front.mask).any()
    core = cv2.erode(mask.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert core.any() and (np.abs(behind.image[core].astype(int) - 222) <= 3).all()
    for x, y, v in back.keypoints:
        assert v == (1 if mask[round(y), round(x)] else 2)
    assert (front.keypoints[:, 2] == 2).all()


def test_a_person_wholly_hidden_is_taken_out():
    behind = apply(sample(person(left=20)), Affine.identity(), False, 129, COCO_17)
    donor = apply(sample(person(left=20)), Affine.identity(), False, 129, COCO_17)
    paste(behind, donor, np.random.default_rng(0), 1)
    assert len(behind.people) == 1


def test_only_people_with_mask_and_keypoints_are_pasted():
    crop = apply(sample(person(left=20)), Affine.identity(), False, 129, COCO_17)
    donors = sample(
        person(left=60, labelled=False), person(left=60, mask=False), person(left=60, crowd=True), masks="partial"
    )
    paste(crop, apply(donors, Affine.identity(), False, 129, COCO_17), np.random.default_rng(0), 3)
    assert len(crop.people) == 1


def test_a_photo_of_one_row_or_column_is_no_reason_to_stop():
    for size in ((1, 900), (900, 1)):
        crop = apply(sample(size=size), Affine.scaling(0.1, 0.1), False, 97, COCO_17)
        assert crop.image.shape == (97, 97, 3)


def test_the_same_random_state_makes_the_same_crop():
    s = sample(person())
    a, b = (make_crop(s, s, CONFIG, COCO_17, np.random.default_rng(3)) for _ in range(2))
    assert (a.image == b.image).all()
    c = make_crop(s, s, CONFIG, COCO_17, np.random.default_rng(4))
    assert (a.image != c.image).any()


def test_colour_keeps_shape_and_kind():
    s = sample(person())
    config = AugmentConfig(size=97, colour=1, grey=1, blur=1, jpeg=1)
    out = colour(s.image, config, np.random.default_rng(0))
    assert out.shape == s.image.shape and out.dtype == np.uint8


@pytest.mark.parametrize("side", [641, 427, 640])
def test_pixels_and_labels_shrink_alike_also_where_a_side_is_odd(side: int):
    at = np.array([side - 41.0, side - 31.0])
    y, x = np.mgrid[:side, :side]
    image = np.round(255 * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 72)).astype(np.uint8)
    s = replace(sample(size=(side, side)), image=np.repeat(image[..., None], 3, 2))
    transform = Affine.scaling(0.55, 0.55)
    seen = apply(s, transform, False, 385, COCO_17).image[..., 0].astype(float)
    v, u = np.mgrid[:385, :385]
    where = transform.apply(at)
    seen[np.maximum(abs(u - where[0]), abs(v - where[1])) > 12] = 0
    assert np.array([(seen * u).sum(), (seen * v).sum()]) / seen.sum() == pytest.approx(where, abs=0.05)


@pytest.mark.parametrize("factor", [0.3, 0.15, 0.07])
def test_a_large_photo_is_averaged_not_skipped(factor: float):
    noise = np.random.default_rng(0).integers(0, 256, (1200, 1200, 3), np.uint8)
    s = replace(sample(size=(1200, 1200)), image=noise)
    shown = apply(s, Affine.scaling(factor, factor), False, 65, COCO_17).image.astype(float)
    # A mean over all pixels that a crop's pixel covers has ``factor`` times their deviation.
    assert shown.std() < 1.3 * factor * noise.std()
