import numpy as np

from kdc.merging import merge_people, oks, same_person
from kdc.schema import COCO_17
from kdc.structures import Mask, Person


def person(x, y, size=100.0, score=0.5, mask_box=None, photo=(1000, 800)):
    rng = np.random.default_rng(3)
    points = np.column_stack([x + size * rng.random(17), y + size * rng.random(17), np.full(17, 0.9)])
    mask = None
    if mask_box:
        left, top, w, h = mask_box
        mask = Mask(np.ones((h, w), bool), left, top, *photo)
    return Person(points.astype(np.float32), score, mask=mask)


def test_oks_is_one_for_itself_and_falls_with_distance():
    a = person(100, 100)
    assert oks(a, a, COCO_17) == 1.0
    assert oks(a, person(110, 100), COCO_17) > oks(a, person(140, 100), COCO_17)
    assert oks(a, person(600, 100), COCO_17) < 0.01


def test_same_person_by_joints_or_by_pixels():
    assert same_person(person(100, 100), person(102, 101), COCO_17)
    assert not same_person(person(100, 100), person(400, 100), COCO_17)
    a, b = person(100, 100, mask_box=(90, 90, 120, 120)), person(400, 400, mask_box=(95, 95, 120, 120))
    assert same_person(a, b, COCO_17)
    inner = person(400, 400, mask_box=(100, 100, 40, 40))
    assert same_person(a, inner, COCO_17)


def test_merge_keeps_the_surest_and_adds_the_new():
    whole = [person(100, 100, score=0.4)]
    tile = [person(101, 100, score=0.8), person(300, 300, score=0.3)]
    merged = merge_people([whole, tile], [(0, 0, 500, 500)], (1000, 800), COCO_17)
    assert [round(p.score, 1) for p in merged] == [0.8, 0.3]


def test_a_person_cut_by_a_tile_loses_to_the_whole_one():
    whole = [person(420, 100, score=0.4)]
    cut = [person(421, 100, score=0.9, mask_box=(420, 100, 80, 100))]
    merged = merge_people([whole, cut], [(0, 0, 500, 500)], (1000, 800), COCO_17)
    assert [p.score for p in merged] == [0.4]
    alone = merge_people([[], cut], [(0, 0, 500, 500)], (1000, 800), COCO_17)
    assert len(alone) == 1
