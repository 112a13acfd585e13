"""The COCO figures are pycocotools' own, to the last digit."""

from __future__ import annotations

import contextlib
import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from kdc.evaluating import evaluate, results_from_coco, results_from_list, truth_from_coco

World = tuple[dict[str, Any], list[dict[str, Any]]]


def peer(truth: dict[str, Any], found: list[dict[str, Any]], kind: str, folder: Path) -> tuple[float, ...]:
    """What pycocotools says, by its own files."""
    (folder / "gt.json").write_text(json.dumps(truth))
    (folder / "dt.json").write_text(json.dumps(found))
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO(str(folder / "gt.json"))
        engine = COCOeval(gt, gt.loadRes(str(folder / "dt.json")), kind)
        engine.evaluate()
        engine.accumulate()
        engine.summarize()
    return tuple(float(v) for v in engine.stats)


def only(found: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [{k: d[k] for k in ("image_id", "category_id", "score", *keys)} for d in found]


def test_result_list_has_pycocotools_figures(coco_world: World, tmp_path: Path) -> None:
    truth, found = coco_world
    read = truth_from_coco(copy.deepcopy(truth), "gt")
    keypoints = evaluate(read, results_from_list(only(found, "keypoints"), read, "dt"), ["keypoints"]).keypoints
    masks = evaluate(read, results_from_list(only(found, "segmentation"), read, "dt"), ["segm"]).segm
    assert keypoints == peer(truth, only(found, "keypoints"), "keypoints", tmp_path)
    assert masks == peer(truth, only(found, "segmentation"), "segm", tmp_path)
    assert 0.1 < keypoints[0] < 0.9 and 0.1 < masks[0] < 0.9
    assert all(v >= 0 for v in (*keypoints, *masks)), "every size must occur, or the test says little"


@pytest.mark.parametrize("extra", [("bbox",), ("segmentation",), ("bbox", "segmentation")])
def test_entries_with_more_than_keypoints_go_to_pycocotools_as_they_are(
    coco_world: World, tmp_path: Path, extra: tuple[str, ...]
) -> None:
    truth, found = coco_world
    entries = [d | {"bbox": [1.0, 2.0, 40.0, 30.0 + 10 * n]} for n, d in enumerate(found)]
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_list(only(entries, "keypoints", *extra), read, "dt"), ["keypoints"])
    assert report.keypoints == peer(truth, only(entries, "keypoints", *extra), "keypoints", tmp_path)


def test_predicted_file_joined_by_name_has_the_same_figures(
    coco_world: World, predicted_file: dict[str, Any], tmp_path: Path
) -> None:
    truth, found = coco_world
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_coco(predicted_file, read, "people.json"))
    assert report.keypoints == peer(truth, only(found, "keypoints"), "keypoints", tmp_path)
    assert report.segm == peer(truth, only(found, "segmentation"), "segm", tmp_path)


def test_other_skeletons_use_their_own_sigmas(crowd_world: World) -> None:
    truth, found = crowd_world
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_list(only(found, "keypoints"), read, "dt"), ["keypoints"])
    assert report.keypoints is not None and 0.1 < report.keypoints[0] < 1


def test_nothing_found_is_zero_and_nobody_there_is_minus_one(coco_world: World) -> None:
    truth, _ = coco_world
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_list([], read, "dt"))
    assert report.keypoints is not None and report.segm is not None
    assert report.keypoints[0] == 0 and report.segm[0] == 0
    empty = truth_from_coco(truth | {"annotations": []}, "gt")
    assert set(evaluate(empty, results_from_list([], empty, "dt"), ["keypoints"]).keypoints or ()) == {-1.0}


def test_photos_whose_masks_are_not_all_known_do_not_count_for_masks(coco_world: World, tmp_path: Path) -> None:
    truth, found = copy.deepcopy(coco_world)
    partial, none, silent = (i["id"] for i in truth["images"][1:4])
    for image in truth["images"]:
        image["masks"] = {partial: "partial", none: "none"}.get(image["id"], "complete")
    for annotation in truth["annotations"]:
        if annotation["image_id"] in (none, silent):
            annotation["segmentation"] = []
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_list(only(found, "keypoints", "segmentation"), read, "dt"))
    out = {partial, none, silent}
    kept = {
        "categories": truth["categories"],
        "images": [i for i in truth["images"] if i["id"] not in out],
        "annotations": [a for a in truth["annotations"] if a["image_id"] not in out],
    }
    masks = [d for d in only(found, "segmentation") if d["image_id"] not in out]
    assert report.segm_images == len(kept["images"])
    assert report.segm == peer(kept, masks, "segm", tmp_path)
    assert report.keypoints == peer(truth, only(found, "keypoints", "segmentation"), "keypoints", tmp_path)


def test_no_photo_with_known_masks_gives_no_mask_figures(coco_world: World) -> None:
    truth, found = copy.deepcopy(coco_world)
    for image in truth["images"]:
        image["masks"] = "none"
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_list(only(found, "keypoints", "segmentation"), read, "dt"))
    assert report.segm is None and report.keypoints is not None


def one_photo(*people: dict[str, Any]) -> dict[str, Any]:
    category = {"id": 1, "name": "person", "keypoints": ["a", "b", "c"], "skeleton": [[1, 2], [2, 3]]}
    image = {"id": 1, "file_name": "a.jpg", "width": 200, "height": 200}
    return {"images": [image], "annotations": list(people), "categories": [category]}


def true_person(x: float, **more: Any) -> dict[str, Any]:
    points = [x, 50, 2, x + 20, 60, 2, x + 10, 90, 1]
    box = [x - 5, 40, 30, 60]
    return {
        "image_id": 1,
        "category_id": 1,
        "keypoints": points,
        "num_keypoints": 3,
        "area": 1500.0,
        "bbox": box,
    } | more


def found_at(x: float, score: float) -> dict[str, Any]:
    return {"image_id": 1, "category_id": 1, "score": score, "keypoints": true_person(x)["keypoints"]}


def test_people_without_keypoints_and_crowds_are_ignored() -> None:
    nobody_knows = {"keypoints": [0] * 9, "num_keypoints": 0}
    truth = one_photo(
        true_person(20, id=1),
        true_person(80, id=2, **nobody_knows),
        true_person(140, id=3, iscrowd=1, **nobody_knows),
    )
    read = truth_from_coco(truth, "gt")
    found = [found_at(80, 0.9), found_at(140, 0.8), found_at(145, 0.75), found_at(20, 0.7)]
    report = evaluate(read, results_from_list(found, read, "dt"), ["keypoints"])
    assert report.keypoints is not None and report.keypoints[0] == pytest.approx(1.0)
    assert (report.everybody.people, report.everybody.missed, report.everybody.false) == (1, 0, 0)
    without = truth_from_coco(one_photo(true_person(20, id=1)), "gt")
    blamed = evaluate(without, results_from_list(found, without, "dt"), ["keypoints"])
    assert blamed.keypoints is not None and blamed.keypoints[0] < 0.5


def test_id_zero_and_doubled_ids_are_people_like_others() -> None:
    for ids in ((0, 1), (4, 4), (None, None)):
        people = [true_person(20 + 80 * n) | ({} if i is None else {"id": i}) for n, i in enumerate(ids)]
        read = truth_from_coco(one_photo(*people), "gt")
        report = evaluate(read, results_from_list([found_at(20, 0.9), found_at(100, 0.8)], read, "dt"), ["keypoints"])
        assert report.keypoints is not None and report.keypoints[0] == pytest.approx(1.0)


def test_what_annotations_leave_out_is_filled_in() -> None:
    bare = {"image_id": 1, "category_id": 1, "keypoints": [20, 50, 2, 40, 60, 2, 30, 90, 1]}
    polygon = {"segmentation": [[10, 10, 60, 10, 60, 60, 10, 60]]}
    read = truth_from_coco(one_photo(bare, bare | polygon), "gt")
    first, second = read.images[0].people
    assert (first.count, first.box, first.rle) == (3, (20.0, 50.0, 20.0, 40.0), None)
    assert second.area == 2500 and second.box == (10, 10, 50, 50)
    assert first.area == pytest.approx(0.53 * 20 * 40)


def test_ids_of_images_may_be_numbers_as_text() -> None:
    truth = one_photo(true_person(20, id=1))
    for image in truth["images"]:
        image["id"] = str(image["id"])
    for annotation in truth["annotations"]:
        annotation["image_id"] = str(annotation["image_id"])
    read = truth_from_coco(truth, "gt")
    for found in (found_at(20, 0.9), found_at(20, 0.9) | {"image_id": str(read.images[0].id)}):
        report = evaluate(read, results_from_list([found], read, "dt"), ["keypoints"])
        assert report.keypoints is not None and report.keypoints[0] == pytest.approx(1.0)
