"""OCHuman's own format, its splits and its ranges of overlap."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kdc.errors import KdcError
from kdc.evaluating import evaluate, read_data, results_from_list
from kdc.evaluation import ochuman
from kdc.schema import COCO_17
from kdc.structures import Mask

NAMES = [*reversed(COCO_17.keypoints), "head", "neck"]


def someone(x: int, max_iou: float, whole: bool = True) -> dict[str, Any]:
    flags = [n % 4 for n in range(19)]
    outer = [[x, 10, x + 60, 10, x + 60, 90, x, 90]]
    inner = [[x + 20, 30, x + 40, 30, x + 40, 50, x + 20, 50]]
    return {
        "bbox": [x, 10, x + 60, 90],
        "keypoints": [v for n in range(19) for v in (x + 3 * n, 10 + 4 * n, flags[n])] if whole else None,
        "segms": {"outer": outer, "inner": inner} if whole else None,
        "max_iou": max_iou,
    }


@pytest.fixture
def content(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(ochuman, "VAL_PHOTOS", 2)
    photos = [
        {"image_id": "000003", "file_name": "c.jpg", "annotations": [someone(10, 0.8)]},
        {
            "image_id": "000001",
            "file_name": "a.jpg",
            "annotations": [someone(10, 0.6), someone(100, 0.9), someone(5, 0.7, False)],
        },
        {"image_id": "000002", "file_name": "b.jpg", "annotations": [someone(10, 0.3, False)]},
        {"image_id": "000004", "file_name": "d.jpg", "annotations": [someone(10, 0.2)]},
    ]
    visible = {"missing": 0, "vis": 1, "self_occluded": 2, "others_occluded": 3}
    images = [p | {"width": 200, "height": 100} for p in photos]
    return {"keypoint_names": NAMES, "keypoint_visible": visible, "images": images}


def test_val_comes_first_by_id_and_people_are_whole(content: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "ochuman.json"
    file.write_text(json.dumps(content))
    val, test = read_data(file), read_data(file, split="test")
    assert [i.file_name for i in val.images] == ["a.jpg", "c.jpg"] and [i.file_name for i in test.images] == ["d.jpg"]
    assert [len(i.people) for i in val.images] == [2, 1]
    first = val.images[0].people[0]
    assert first.box == (10, 10, 60, 80) and first.area == 4800
    # nose is the 17th name: n = 16, flag 0; left eye n = 15, flag 3 (others); right eye n = 14, 2; left ear n = 13, 1.
    assert first.keypoints[:4, 2].tolist() == [0, 1, 2, 2] and first.keypoints[1, :2].tolist() == [55, 70]
    mask = Mask.from_rle(first.rle or {}).to_full()
    assert mask[20, 15] and not mask[40, 40] and mask.sum() == 60 * 80 - 20 * 20


def test_ranges_are_measured_apart(content: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "ochuman.json"
    file.write_text(json.dumps(content))
    truth = read_data(file)
    found = [
        {"image_id": i.id, "category_id": 1, "score": 0.9 - 0.01 * p.id, "keypoints": np.where(p.max_iou == 0.6, p.keypoints + 99, p.keypoints).ravel().tolist()}
        for i in truth.images for p in i.people
    ]  # fmt: skip
    report = evaluate(truth, results_from_list(found, truth, "dt"), ["keypoints"], "ochuman")
    assert set(report.ranges) == {"moderate", "hard"}
    assert report.ranges["moderate"]["keypoints"][0] == 0
    assert report.keypoints is not None and 0 < report.keypoints[0] < report.ranges["hard"]["keypoints"][0]
    assert report.ranges["hard"]["keypoints"][5] == 1, "the hard people are all found"


def test_a_coco_file_made_of_it_has_no_ranges(content: dict[str, Any], coco_world: Any, tmp_path: Path) -> None:
    file = tmp_path / "gt.json"
    file.write_text(json.dumps(coco_world[0]))
    truth = read_data(file)
    assert evaluate(truth, results_from_list(coco_world[1], truth, "dt"), protocol="ochuman").ranges == {}


def test_broken_and_short_files_are_named(content: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "ochuman.json"
    file.write_text(json.dumps(content | {"images": content["images"][:1]}))
    with pytest.raises(KdcError, match="no test photos"):
        read_data(file, split="test")
    file.write_text(json.dumps(content | {"keypoint_names": NAMES[3:]}))
    with pytest.raises(KdcError, match=r"ochuman\.json"):
        read_data(file)
