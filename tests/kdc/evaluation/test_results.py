"""Results files: how they are joined with the truth, and what is refused with which sentence."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc.evaluating import evaluate, read_data, read_results, results_from_coco, results_from_list, truth_from_coco
from kdc.images import read_image
from kdc.schema import COCO_17
from kdc.structures import Mask

World = tuple[dict[str, Any], list[dict[str, Any]]]


def test_joined_by_file_name_whatever_the_ids(coco_world: World, predicted_file: dict[str, Any]) -> None:
    truth, found = coco_world
    read = truth_from_coco(truth, "gt")
    results = results_from_coco(predicted_file, read, "people.json")
    assert sum(len(p) for p in results.people.values()) == len(found)
    for image_id, people in results.people.items():
        scores = sorted(d["score"] for d in found if d["image_id"] == image_id)
        assert sorted(p.score for p in people) == scores


def test_whole_names_win_over_names_without_folders(coco_world: World) -> None:
    truth = copy.deepcopy(coco_world[0])
    truth["images"] = truth["images"][:2]
    truth["annotations"] = []
    truth["images"][0]["file_name"], truth["images"][1]["file_name"] = "a/x.jpg", "b/x.jpg"
    read = truth_from_coco(truth, "gt")
    size = {"width": 320, "height": 240}
    results = {"images": [{"id": 1, "file_name": "b/x.jpg"} | size], "annotations": [], "categories": []}
    assert set(results_from_coco(results, read, "r").people) == {truth["images"][1]["id"]}
    results["images"][0]["file_name"] = "c/x.jpg"
    with pytest.raises(KdcError, match=r"several are called x\.jpg"):
        results_from_coco(results, read, "r")


def test_other_photos_are_counted_and_silence_too(coco_world: World) -> None:
    truth, found = coco_world
    part = truth_from_coco(truth | {"images": truth["images"][:4]}, "gt")
    here = {i.id for i in part.images}
    results = results_from_list(found, part, "dt")
    assert results.elsewhere == sum(d["image_id"] not in here for d in found) > 0
    assert results.silent == 4 - len({d["image_id"] for d in found} & here)
    with pytest.raises(KdcError, match="No image_id of dt is in gt"):
        results_from_list([d for d in found if d["image_id"] not in here], part, "dt")


def test_keypoints_of_another_order_are_mapped_by_name(coco_world: World, predicted_file: dict[str, Any]) -> None:
    read = truth_from_coco(coco_world[0], "gt")
    straight = results_from_coco(predicted_file, read, "r")
    turned = copy.deepcopy(predicted_file)
    turned["categories"][0]["keypoints"].reverse()
    turned["categories"][0]["skeleton"] = []
    for annotation in turned["annotations"]:
        annotation["keypoints"] = np.array(annotation["keypoints"]).reshape(-1, 3)[::-1].ravel().tolist()
    back = results_from_coco(turned, read, "r")
    for image_id, people in straight.people.items():
        for a, b in zip(people, back.people[image_id], strict=True):
            assert a.keypoints is not None and b.keypoints is not None
            there = a.keypoints[:, 2] > 0
            assert np.array_equal(a.keypoints[there], b.keypoints[there])


def test_visibility_is_known_from_flags_and_unknown_from_confidences(
    coco_world: World, predicted_file: dict[str, Any]
) -> None:
    read = truth_from_coco(coco_world[0], "gt")
    first = next(p for group in results_from_coco(predicted_file, read, "r").people.values() for p in group)
    assert first.visibility is not None and set(first.visibility.tolist()) <= {0, 1, 2}
    unsure = copy.deepcopy(predicted_file)
    for annotation in unsure["annotations"]:
        annotation["keypoints"][2::3] = [0.7] * 17
    first = next(p for group in results_from_coco(unsure, read, "r").people.values() for p in group)
    assert first.visibility is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"score": None}, "no score"),
        ({"keypoints": [1, 2, 3]}, "must be 51 finite numbers"),
        ({"keypoints": [float("nan")] * 51}, "must be 51 finite numbers"),
        ({"segmentation": {"size": [240, 320], "counts": "PPPPPP"}}, "RLE"),
        ({"segmentation": {"size": [240, 320], "counts": "0000"}}, "do not add up"),
        ({"segmentation": {"size": [240, 320], "counts": "~"}}, "RLE"),
        ({"segmentation": {"size": [10, 10], "counts": "0"}}, "made for 10x10 pixels, the image has 320x240"),
    ],
)
def test_bad_annotations_are_named(
    coco_world: World, predicted_file: dict[str, Any], change: dict[str, Any], words: str
) -> None:
    read = truth_from_coco(coco_world[0], "gt")
    broken = copy.deepcopy(predicted_file)
    broken["annotations"][2] |= change
    with pytest.raises(KdcError, match=words) as error:
        results_from_coco(broken, read, "people.json")
    assert "people.json" in error.value.message and "annotation 2" in error.value.message


def test_photos_of_another_size_are_refused(coco_world: World, predicted_file: dict[str, Any]) -> None:
    broken = copy.deepcopy(predicted_file)
    broken["images"][1]["width"] = 321
    with pytest.raises(KdcError, match="321x240"):
        results_from_coco(broken, truth_from_coco(coco_world[0], "gt"), "r")


def test_files_that_are_no_results(coco_world: World, tmp_path: Path) -> None:
    read = truth_from_coco(coco_world[0], "gt")
    file = tmp_path / "r.json"
    for text, words in (("{", "no JSON text"), ("3", "neither a COCO file"), ("[3]", "entry 0"), ("{}", "no lists")):
        file.write_text(text)
        with pytest.raises(KdcError, match=words) as error:
            read_results(file, read)
        assert "r.json" in error.value.message
    with pytest.raises(KdcError, match="r2"):
        read_results(tmp_path / "r2.json", read)


def test_data_is_a_file_or_a_folder(coco_world: World, tmp_path: Path) -> None:
    (tmp_path / "person_keypoints.json").write_text(json.dumps(coco_world[0]))
    assert read_data(tmp_path).folder == tmp_path
    (tmp_path / "images").mkdir()
    assert read_data(tmp_path).folder == tmp_path / "images"
    assert read_data(tmp_path / "person_keypoints.json").folder == tmp_path / "images"
    assert read_data(tmp_path, tmp_path).folder == tmp_path
    for wrong in (tmp_path / "images", tmp_path / "nothing.json"):
        with pytest.raises(KdcError, match="person_keypoints"):
            read_data(wrong)
    with pytest.raises(KdcError, match="--images"):
        read_data(tmp_path, tmp_path / "no folder")


@pytest.mark.parametrize(
    "content", [3, {}, {"images": [], "annotations": [], "categories": []}, {"images": [{}], "annotations": []}]
)
def test_data_that_is_no_coco_file(content: Any, tmp_path: Path) -> None:
    file = tmp_path / "gt.json"
    file.write_text(json.dumps(content))
    with pytest.raises(KdcError, match=r"gt\.json"):
        read_data(file)


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_upright_results_are_turned_into_a_truth_that_ignored_exif(orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.zeros((20, 40), bool)
    stored[2:9, 3:18] = True
    Image.fromarray(stored.astype(np.uint8) * 255).save(tmp_path / "a.png", exif=exif)
    joints = [[5, 4, 2], [16, 7, 1]] + [[0, 0, 0]] * 15
    person = {"id": 1, "image_id": 1, "category_id": 1, "score": 0.9, "bbox": [3, 2, 15, 7]}
    mask = Mask.from_full(stored)
    categories = [COCO_17.to_coco_category()]
    head = {"id": 1, "file_name": "a.png"}
    truth = {"images": [head | {"width": 40, "height": 20}], "categories": categories, "annotations": [
        person | {"keypoints": np.ravel(joints).tolist(), "segmentation": mask.to_rle()}]}  # fmt: skip
    photo = read_image(tmp_path / "a.png")
    upright = np.array(joints, float)
    upright[:2, :2] = photo.frame.to_upright.apply(upright[:2, :2])
    seen = Mask.from_full(photo.pixels[..., 0] > 99)
    results = {"images": [head | {"width": 20, "height": 40}], "categories": categories, "annotations": [
        person | {"keypoints": upright.ravel().tolist(), "segmentation": seen.to_rle()}]}  # fmt: skip
    (found,) = results_from_coco(results, truth_from_coco(truth, "gt", tmp_path), "r").people[1]
    assert found.keypoints is not None and found.keypoints.tolist() == joints
    assert found.visibility is not None and found.visibility[:2].tolist() == [2, 1]
    there = found.mask()
    assert there is not None and there.iou(mask) == 1
    with pytest.raises(KdcError, match=r"is 20x40 in r and 40x20 in gt; only the photo says .* --images"):
        results_from_coco(results, truth_from_coco(truth, "gt"), "r")
    Image.fromarray(stored).save(tmp_path / "a.png")
    with pytest.raises(KdcError, match="is 20x40 in r and 40x20 in gt"):
        results_from_coco(results, truth_from_coco(truth, "gt", tmp_path), "r")


@pytest.mark.parametrize("text", ["1", "human"])
def test_category_ids_that_are_text(coco_world: World, text: str) -> None:
    truth, found = (copy.deepcopy(part) for part in coco_world)
    number = truth["categories"][0]["id"]
    as_numbers = evaluate(truth_from_coco(truth, "gt"), results_from_list(found, truth_from_coco(truth, "gt"), "dt"))
    for entry in (truth["categories"][0], *truth["annotations"], *found):
        key = "id" if entry is truth["categories"][0] else "category_id"
        assert entry[key] == number
        entry[key] = text
    read = truth_from_coco(truth, "gt")
    report = evaluate(read, results_from_list(found, read, "dt"))
    assert report.keypoints == as_numbers.keypoints and report.keypoints[0] > 0
    with_other = results_from_list([{**d, "category_id": "cat"} for d in found], read, "dt")
    assert not any(with_other.people.values())
