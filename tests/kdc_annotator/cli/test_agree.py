"""``kdc-annotator agree`` on a file and copies of it with known differences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kdc.schema import COCO_17
from kdc_annotator import cli
from kdc_annotator.jobs.agreement import greedy


def coco(path: Path, people: list[dict[str, Any]], name: str = "a.png") -> Path:
    data = {
        "images": [{"id": 1, "file_name": name, "width": 200, "height": 200}],
        "annotations": [{"id": n, "image_id": 1, "category_id": 1, **p} for n, p in enumerate(people, 1)],
        "categories": [COCO_17.to_coco_category()],
    }
    path.write_text(json.dumps(data))
    return path


def person(x: float, nose: tuple[float, float, int] | None = None, **more: Any) -> dict[str, Any]:
    points = [[x + 10.0, 30.0, 2] for _ in range(17)]
    if nose is not None:
        points[0] = list(nose)
    square = [x, 10, x + 40, 10, x + 40, 60, x, 60]
    return {"keypoints": [v for p in points for v in p], "num_keypoints": 17, "segmentation": [square], **more}


def outcome(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_the_same_file_agrees_fully(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = coco(tmp_path / "a.json", [person(0), person(100)])
    assert cli.main(["agree", str(a), str(a), "--json"]) == 0
    told = outcome(capsys)
    assert (told["matched"], told["oks"], told["iou"], told["disagreements"]) == (2, 1.0, 1.0, [])


def test_differences_are_counted_and_ranked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = coco(tmp_path / "a.json", [person(0), person(60), person(140), {**person(0), "iscrowd": 1}])
    b = coco(tmp_path / "b.json", [person(60, (73.0, 34.0, 1)), person(0, (0, 0, 0))])
    assert cli.main(["agree", str(a), str(b), "--json"]) == 0
    told = outcome(capsys)
    assert (told["matched"], told["only_in_first"], told["only_in_second"]) == (2, 1, 0)
    nose = told["joints"]["nose"]
    near = np.exp(-25 / (2 * 2000 * (2 * COCO_17.sigmas[0]) ** 2))
    assert nose["oks"] == pytest.approx(near) and nose["median_distance"] == pytest.approx(5)
    assert (nose["compared"], nose["labelled_by_one"], nose["same_visibility"]) == (1, 1, 0)
    assert told["joints"]["left_eye"] == {
        "compared": 2, "oks": 1, "median_distance": 0, "labelled_by_one": 0, "same_visibility": 1,
    }  # fmt: skip
    assert told["oks"] == pytest.approx((1 + (16 + near) / 17) / 2)
    assert [d["people"] for d in told["disagreements"]] == [[3, None], [2, 1], [1, 2]]
    assert "nose 5 px apart" in told["disagreements"][1]["sentence"]
    assert "nose labelled by one only" in told["disagreements"][2]["sentence"]
    assert cli.main(["agree", str(a), str(b)]) == 0
    assert "least agreed:" in capsys.readouterr().out


def test_nothing_in_common_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = coco(tmp_path / "a.json", [person(0)]), coco(tmp_path / "b.json", [person(0)], "b.png")
    assert cli.main(["agree", str(a), str(b)]) == 1
    assert "share no photo" in capsys.readouterr().err


def test_names_with_backslashes_are_the_same_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = coco(tmp_path / "a.json", [person(0)], "in/a.png"), coco(tmp_path / "b.json", [person(0)], "in\\a.png")
    assert cli.main(["agree", str(a), str(b), "--json"]) == 0
    assert outcome(capsys)["matched"] == 1


def test_pairs_are_made_from_the_best_on() -> None:
    assert greedy(np.array([[0.9, 0.8], [0.85, 0.05]]), 0.1) == [(0, 0)]
    assert greedy(np.zeros((0, 3)), 0.1) == []


def test_results_of_different_photos_have_nothing_in_common(tmp_path: Path) -> None:
    for image in (5, 6):
        found = [{"image_id": image, "category_id": 1, "keypoints": [1, 2, 2] * 17, "score": 0.5}]
        (tmp_path / f"{image}.json").write_text(json.dumps(found))
    assert cli.main(["agree", str(tmp_path / "5.json"), str(tmp_path / "6.json")]) == 1
    assert cli.main(["agree", str(tmp_path / "5.json"), str(tmp_path / "5.json")]) == 0
