"""``kdc-annotator agree`` on a file and copies of it with known differences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

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


def unsized(path: Path, people: list[dict[str, Any]]) -> Path:
    data = json.loads(coco(path, people).read_bytes())
    for image in data["images"]:
        del image["width"], image["height"]
    path.write_text(json.dumps(data))
    return path


def test_sizes_that_a_file_does_not_say_are_the_photo_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left, right = person(0), {**person(0), "segmentation": [[20, 10, 60, 10, 60, 60, 20, 60]]}
    a, b = unsized(tmp_path / "a.json", [left]), unsized(tmp_path / "b.json", [right])
    assert cli.main(["agree", str(a), str(b), "--json"]) == 0
    told = outcome(capsys)
    assert told["iou"] is None and "width and height" in told["notes"][0] and "--images" in told["notes"][0]
    near = told["joints"]["nose"]["oks"]
    assert cli.main(["agree", str(a), str(b)]) == 0
    assert "No mask IoU for 1 of 1 person in both" in capsys.readouterr().out
    (tmp_path / "photos").mkdir()
    Image.new("RGB", (200, 200)).save(tmp_path / "photos" / "a.png")
    assert cli.main(["agree", str(a), str(b), "--images", str(tmp_path / "photos"), "--json"]) == 0
    told = outcome(capsys)
    assert told["iou"] == pytest.approx(1 / 3) and told["notes"] == []
    assert told["joints"]["nose"]["oks"] == near == 1
    Image.new("RGB", (200, 200)).save(tmp_path / "a.png")
    assert cli.main(["agree", str(a), str(b), "--json"]) == 0
    assert outcome(capsys)["iou"] == pytest.approx(1 / 3)


def test_a_size_that_one_of_two_files_says_goes_for_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = coco(tmp_path / "a.json", [person(0)]), unsized(tmp_path / "b.json", [person(0)])
    for first, second in ((a, b), (b, a)):
        assert cli.main(["agree", str(first), str(second), "--json"]) == 0
        assert outcome(capsys)["iou"] == 1
    whole = {"size": [200, 200], "counts": [10, 50, 39940]}
    c = unsized(tmp_path / "c.json", [person(0), {**person(100), "segmentation": whole}])
    assert cli.main(["agree", str(b), str(c), "--json"]) == 0
    assert outcome(capsys)["iou"] == 1


def test_a_project_without_sizes_has_those_of_its_photos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = unsized(tmp_path / "a.json", [person(0)])
    assert cli.main(["import", str(a), "-o", str(tmp_path / "p.kdcproj")]) == 0
    Image.new("RGB", (200, 200)).save(tmp_path / "a.png")
    capsys.readouterr()
    assert cli.main(["agree", str(tmp_path / "p.kdcproj"), str(tmp_path / "p.kdcproj"), "--json"]) == 0
    assert outcome(capsys)["iou"] == 1


def test_why_there_is_no_iou_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = coco(tmp_path / "a.json", [person(0), person(100)])
    b = coco(tmp_path / "b.json", [{**person(0), "segmentation": []}, {**person(100), "segmentation": [[1, 2, 3]]}])
    assert cli.main(["agree", str(a), str(b), "--json"]) == 0
    [sentence] = outcome(capsys)["notes"]
    assert (
        "no mask in one of the two (1)" in sentence and "a mask that can't be read, which `check` lists (1)" in sentence
    )
    data = json.loads(b.read_bytes())
    data["images"][0]["width"] = 100
    b.write_text(json.dumps(data))
    assert cli.main(["agree", str(a), str(b), "--json"]) == 0
    assert "1 photo has another width and height in the second (such as a.png)" in outcome(capsys)["notes"][1]


def test_people_without_a_size_have_an_area_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    points = {"keypoints": [float(v) for k in range(17) for v in (10 + 3 * k, 20 + 4 * k, 2)]}
    moved = {"keypoints": [float(v) for k in range(17) for v in (11 + 3 * k, 20 + 4 * k, 2)]}
    sized = [coco(tmp_path / f"{n}.json", [p]) for n, p in (("a", points), ("b", moved))]
    assert cli.main(["agree", *map(str, sized), "--json"]) == 0
    expected = outcome(capsys)["oks"]
    bare = [unsized(tmp_path / f"{n}.json", [p]) for n, p in (("c", points), ("d", moved))]
    assert cli.main(["agree", *map(str, bare), "--json"]) == 0
    assert outcome(capsys)["oks"] == pytest.approx(expected) and expected > 0.5


def test_the_first_of_two_images_of_one_name_is_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    once, twice = coco(tmp_path / "a.json", [person(0)]), coco(tmp_path / "b.json", [person(0)])
    data = json.loads(twice.read_bytes())
    data["images"].append({**data["images"][0], "id": 2})
    data["annotations"].append({**data["annotations"][0], **person(100), "id": 9, "image_id": 2})
    twice.write_text(json.dumps(data))
    for pair in ((once, twice), (twice, once)):
        assert cli.main(["agree", *map(str, pair), "--json"]) == 0
        told = outcome(capsys)
        assert (told["images"], told["images_in_one_only"], told["matched"], told["oks"]) == (1, 0, 1, 1)
        assert told["notes"] == ["1 image was left out, because one before has the same file name (such as a.png)."]
