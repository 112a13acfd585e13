"""The labeler's figures: matching, the score, visibility, groups."""

from __future__ import annotations

import contextlib
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from kdc.evaluating import (
    Detection,
    LabelerEvaluator,
    TrueImage,
    TruePerson,
    Truth,
    evaluate,
    results_from_list,
    truth_from_coco,
)
from kdc.evaluation.coco import result_entries, run_cocoeval
from kdc.evaluation.labeler import crowding_of, match, oks_of
from kdc.schema import PoseSchema

World = tuple[dict[str, Any], list[dict[str, Any]]]
SCHEMA = PoseSchema.build("four", ["a", "b", "c", "d"], [(0, 1), (1, 2), (2, 3)])


def square(x: int, side: int) -> dict[str, Any]:
    bits = np.zeros((200, 300), np.uint8)
    bits[20 : 20 + side, x : x + side] = 1
    return dict(coco_mask.encode(np.asfortranarray(bits)))


def someone(number: int, x: int, side: int = 60, flags: tuple[int, ...] = (2, 2, 1, 0), **more: Any) -> TruePerson:
    corners = [(x, 20), (x + side, 20), (x, 20 + side), (x + side, 20 + side)]
    points = np.array([(*c, v) if v else (0, 0, 0) for c, v in zip(corners, flags, strict=True)], float)
    count = int((points[:, 2] > 0).sum())
    return TruePerson(number, points, count, float(side**2), (x, 20, side, side), False, square(x, side), **more)


def found(
    x: int, score: float, side: int = 60, flags: tuple[int, ...] | None = (2, 2, 1, 2), wide: int = 0
) -> Detection:
    corners = [(x, 20), (x + side, 20), (x, 20 + side), (x + side, 20 + side)]
    points = np.array([(*c, 0.8) for c in corners], float)
    seen = None if flags is None else np.array(flags, np.uint8)
    return Detection(score, points, seen, square(x, side + wide))


def figures(people: tuple[TruePerson, ...], predictions: list[Detection], **options: Any) -> Any:
    evaluator = LabelerEvaluator(Truth("t", SCHEMA, (TrueImage(1, "a.jpg", 300, 200, people),)), **options)
    evaluator.process(1, predictions)
    return evaluator.evaluate()


def test_oks_is_pycocotools_own(coco_world: World) -> None:
    truth, predictions = coco_world
    read = truth_from_coco(truth, "gt")
    results = results_from_list([{k: v for k, v in d.items() if k != "segmentation"} for d in predictions], read, "dt")
    entries = result_entries(read, "keypoints", dict(results.people), {i.id for i in read.images})
    with contextlib.redirect_stdout(io.StringIO()):
        peer = run_cocoeval(read, read.images, entries, "keypoints")
    sigmas = np.array(read.schema.sigmas)
    compared = 0
    for image in read.images:
        mine = sorted(results.people.get(image.id, ()), key=lambda d: -d.score)
        table = peer.ious[image.id, 1]
        for d, row in zip(mine, table, strict=False):
            for person, value in zip(image.people, row, strict=True):
                assert oks_of(person, d.keypoints, sigmas) == pytest.approx(value, abs=1e-12)
                compared += 1
    assert compared > 50


def test_found_missed_and_false() -> None:
    result = figures((someone(1, 10), someone(2, 200)), [found(10, 0.9), found(120, 0.8)], min_score=0.5)
    everybody = result.groups["all"]
    assert (everybody.people, everybody.missed, everybody.false) == (2, 1, 1)
    assert everybody.oks == pytest.approx(1) and everybody.iou == pytest.approx(1)
    assert everybody.iou_missed_as_zero == pytest.approx(0.5)
    below = figures((someone(1, 10), someone(2, 200)), [found(10, 0.9), found(120, 0.8)], min_score=0.85)
    assert below.groups["all"].false == 0 and not below.chosen


def test_the_score_with_fewest_mistakes_is_chosen() -> None:
    predictions = [found(10, 0.9), found(120, 0.6), found(200, 0.5), found(121, 0.2), found(118, 0.1)]
    result = figures((someone(1, 10), someone(2, 200), someone(3, 230)), predictions)
    assert result.chosen and result.min_score in (0.9, 0.5)
    best = result.groups["all"].missed + result.groups["all"].false
    for score in (0.95, 0.9, 0.6, 0.5, 0.2, 0.1):
        other = figures((someone(1, 10), someone(2, 200), someone(3, 230)), predictions, min_score=score).groups["all"]
        assert other.missed + other.false >= best
    assert figures((someone(1, 10),), []).groups["all"].missed == 1


def test_one_person_is_found_once_and_by_the_surest() -> None:
    result = figures((someone(1, 10),), [found(12, 0.6), found(10, 0.9)], min_score=0)
    assert result.groups["all"].false == 1 and result.groups["all"].oks == pytest.approx(1)


def test_a_countable_person_is_taken_before_one_that_nobody_labelled() -> None:
    unlabelled = replace(someone(2, 10), keypoints=np.zeros((4, 3)), count=0)
    image = TrueImage(1, "a.jpg", 300, 200, (unlabelled, someone(1, 12)))
    assert match(image, [found(10, 0.9), found(10, 0.8)], np.array(SCHEMA.sigmas)) == {
        0: (1, pytest.approx(oks_of(image.people[1], found(10, 0.9).keypoints, np.array(SCHEMA.sigmas)))),
        1: (-2, pytest.approx(1)),
    }


def test_occlusion_is_counted_on_joints_that_both_sides_have() -> None:
    person = someone(1, 10, flags=(2, 1, 1, 0))
    one = figures((person,), [found(10, 0.9, flags=(1, 1, 2, 1))], min_score=0).groups["all"]
    assert (one.occluded_precision, one.occluded_recall, one.occluded_f1) == (0.5, 0.5, 0.5)
    absent = figures((person,), [found(10, 0.9, flags=(2, 1, 0, 0))], min_score=0).groups["all"]
    assert (absent.occluded_precision, absent.occluded_recall) == (1, 1)
    assert figures((person,), [found(10, 0.9, flags=None)], min_score=0).groups["all"].occluded_f1 is None


def test_mask_ious_need_a_mask_and_three_joints() -> None:
    two_joints = someone(2, 200, flags=(2, 2, 0, 0))
    no_mask = replace(someone(3, 120), rle=None)
    people = (someone(1, 10), two_joints, no_mask)
    result = figures(people, [found(10, 0.9, wide=20), found(200, 0.9), found(120, 0.9)], min_score=0)
    everybody = result.groups["all"]
    assert everybody.missed == 0 and everybody.iou_people == 1
    assert everybody.iou == pytest.approx(60**2 / 80**2)


def test_true_keypoint_ious_come_by_person() -> None:
    result = figures((someone(1, 10, 30), someone(2, 150, 120)), [], true_ious={1: 0.4, 2: 0.8})
    assert result.groups["all"].iou_true_keypoints == pytest.approx(0.6)
    assert result.groups["small"].iou_true_keypoints == pytest.approx(0.4)
    assert result.groups["large"].iou_true_keypoints == pytest.approx(0.8)


def test_groups_hold_everybody_once() -> None:
    people = (someone(1, 10, 30), someone(2, 15, 90), someone(3, 140, 120), someone(4, 265, 32, flags=(2, 0, 0, 0)))
    groups = figures(people, [found(15, 0.9, 90), found(240, 0.9, 8)], min_score=0).groups
    for names in (("small", "medium", "large"), ("0 neighbours", "1 neighbour", "2 neighbours", "3+ neighbours")):
        assert sum(groups[n].people for n in names) == 4
        assert sum(groups[n].false for n in names) == groups["all"].false == 1
    assert (groups["small"].people, groups["medium"].people, groups["large"].people) == (1, 2, 1)
    assert groups["1 neighbour"].people == 1, "the small one lies inside the other, which it hardly covers"
    assert groups["hidden > 70 %"].people == 1 and groups["hidden 30-70 %"].people == 3


def test_neighbours_cover_a_tenth_of_the_box() -> None:
    box = (0.0, 0.0, 10.0, 10.0)
    assert crowding_of(box, [box, (9.0, 0.0, 5.0, 10.0), (9.5, 0.0, 5.0, 10.0)], itself=True) == "1 neighbour"
    assert crowding_of(box, [box] * 9, itself=False) == "3+ neighbours"
    assert crowding_of((5.0, 5.0, 0.0, 0.0), [(5.0, 5.0, 0.0, 0.0)], itself=True) == "0 neighbours"


def test_results_with_masks_only_are_matched_by_masks() -> None:
    masks = [replace(found(10, 0.9, wide=4), keypoints=None), replace(found(120, 0.8), keypoints=None)]
    everybody = figures((someone(1, 10), someone(2, 200)), masks, min_score=0).groups["all"]
    assert (everybody.missed, everybody.false, everybody.oks) == (1, 1, None)
    assert everybody.iou == pytest.approx(60**2 / 64**2)


def test_the_report_says_it_all_as_plain_values(coco_world: World) -> None:
    truth, predictions = coco_world
    read = truth_from_coco(truth, "gt")
    plain = evaluate(read, results_from_list(predictions, read, "dt"), true_ious={1: 0.5}).to_json()
    assert len(plain["keypoints"]) == 10 and len(plain["segm"]) == 12 and plain["iou_true_keypoints"] == 0.5
    assert plain["labeler"]["groups"]["all"]["people"] == sum(
        not a["iscrowd"] and a["num_keypoints"] > 0 for a in truth["annotations"]
    )
