"""What is drawn, where, and with which colours."""

from __future__ import annotations

import numpy as np

from kdc.overlay import PALETTE, assign_colours, draw_people, palette_distances
from kdc.schema import COCO_17
from kdc.structures import Mask, Person


def person(left: int, top: int, size: int, shape: tuple[int, int], visibility: int = 2) -> Person:
    """A standing person ``size`` pixels high whose mask is an ellipse."""
    rng = np.random.default_rng(left + top)
    points = np.column_stack(
        [left + rng.uniform(0.2, 0.8, 17) * size / 2, top + rng.uniform(0.1, 0.9, 17) * size, np.ones(17)]
    )
    y, x = np.mgrid[: shape[0], : shape[1]]
    full = ((x - left - size / 4) / (size / 4)) ** 2 + ((y - top - size / 2) / (size / 2)) ** 2 <= 1
    return Person(points.astype(np.float32), 0.9, np.full(17, visibility, np.uint8), Mask.from_full(full))


def test_the_palette_stays_apart_for_every_eye() -> None:
    distances = palette_distances()
    assert len(set(PALETTE)) == 12
    assert distances[~np.eye(12, dtype=bool)].min() > 25


def test_neighbours_differ_and_far_people_do_not_matter() -> None:
    crowd = [person(3 * i, 10, 100, (220, 260)) for i in range(12)]
    colours = assign_colours(crowd)
    assert len(set(colours)) == 12
    scattered = [person(400 * (i % 6), 400 * (i // 6), 100, (2400, 2400)) for i in range(36)]
    assert len(assign_colours(scattered)) == 36
    in_pairs = [person(400 * (i // 2), 20 * (i % 2), 100, (200, 4000)) for i in range(18)]
    places = [PALETTE.index(c) for c in assign_colours(in_pairs)]
    assert min(palette_distances()[a, b] for a, b in zip(places[::2], places[1::2], strict=True)) >= 40
    assert assign_colours([]) == []


def test_only_the_person_and_its_rim_change() -> None:
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 256, (240, 320, 3), dtype=np.uint8)
    before = photo.copy()
    somebody = person(100, 40, 150, (240, 320))
    assert somebody.mask is not None
    out = draw_people(photo, [somebody], COCO_17)
    assert np.array_equal(photo, before) and out.shape == photo.shape and out.dtype == np.uint8
    changed = (out != photo).any(2)
    assert changed[somebody.mask.to_full()].mean() > 0.98
    assert not changed[:, :80].any() and not changed[:, 200:].any() and not changed[:20].any()


def test_tint_is_about_a_third() -> None:
    y, x = np.mgrid[:400, :400]
    nobody = np.zeros((17, 3), np.float32)
    disk = Mask.from_full((x - 200) ** 2 + (y - 200) ** 2 < 150**2)
    out = draw_people(np.full((400, 400, 3), 100, np.uint8), [Person(nobody, 1.0, None, disk)], COCO_17)
    wanted = np.array(PALETTE[0]) * 0.35 + 65
    assert np.abs(out[200, 200] - wanted).max() <= 1


def test_outlines_read_on_black_and_on_white() -> None:
    somebody = person(100, 40, 150, (240, 320))
    for ground in (0, 128, 255):
        out = draw_people(np.full((240, 320, 3), ground, np.uint8), [somebody], COCO_17).astype(int)
        row = out[115, 90:125].sum(1) / 3
        assert row.max() - row.min() > 90, ground


def test_a_hidden_joint_is_hollow() -> None:
    points = np.zeros((17, 3), np.float32)
    points[0] = (100, 100, 1)
    pictures = []
    for v in (1, 2):
        flags = np.zeros(17, np.uint8)
        flags[0] = v
        body = Mask.from_full(np.pad(np.ones((180, 180), bool), 10))
        pictures.append(draw_people(np.full((200, 200, 3), 40, np.uint8), [Person(points, 1.0, flags, body)], COCO_17))
    hollow, full = pictures[0][100, 100].astype(int), pictures[1][100, 100].astype(int)
    assert np.abs(hollow - full).sum() > 100
    assert np.abs(full - np.array(PALETTE[0])).max() < 30


def test_joints_that_are_not_labelled_are_not_drawn() -> None:
    photo = np.full((240, 320, 3), 90, np.uint8)
    whole = person(100, 40, 150, (240, 320))
    bare = Person(whole.keypoints, 0.9, whole.visibility)
    guessed = Person(whole.keypoints, 0.9, np.zeros(17, np.uint8))
    assert (draw_people(photo, [bare], COCO_17) != photo).any()
    assert np.array_equal(draw_people(photo, [guessed], COCO_17), photo)


def test_absent_joints_and_wild_places_do_no_harm() -> None:
    photo = np.zeros((60, 80, 3), np.uint8)
    nobody = Person(np.zeros((17, 3), np.float32), 0.5)
    assert np.array_equal(draw_people(photo, [nobody], COCO_17), photo)
    far = np.ones((17, 3), np.float32)
    far[:, :2] = np.linspace(-1e6, 1e6, 34).reshape(17, 2)
    draw_people(photo, [Person(far, 0.5), Person(far, 0.5, None, Mask.empty(80, 60))], COCO_17)
    whole = Mask.from_full(np.ones((60, 80), bool))
    draw_people(photo, [nobody.with_mask(whole)], COCO_17)
    draw_people(np.zeros((1, 1, 3), np.uint8), [Person(far, 0.5, None, Mask.from_full(np.ones((1, 1))))], COCO_17)
    draw_people(np.zeros((1, 900, 3), np.uint8), [Person(far, 0.5)], COCO_17)
