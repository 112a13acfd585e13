"""No command writes over a photo or an annotation that it reads, also where it is told of their folder only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from kdc.schema import COCO_17
from kdc_annotator import cli


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with person_keypoints.json and images/, a project of it, ``yolo`` and ``labelme``, and ``res.json`` with scores."""
    monkeypatch.chdir(tmp_path)
    images = tmp_path / "data" / "images"
    images.mkdir(parents=True)
    for name in ("a.png", "b.png"):
        Image.new("RGB", (40, 40), "red").save(images / name)
    points = [v for k in range(17) for v in (k + 2, k + 3, 2)]
    person = {"category_id": 1, "iscrowd": 0, "bbox": [1, 1, 30, 30], "area": 900, "keypoints": points,
              "num_keypoints": 17, "segmentation": [[1, 1, 31, 1, 31, 31, 1, 31]], "score": 0.9}  # fmt: skip
    value = {
        "images": [{"id": i, "file_name": n, "width": 40, "height": 40} for i, n in ((1, "a.png"), (2, "b.png"))],
        "annotations": [{"id": i, "image_id": i, **person} for i in (1, 2)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(COCO_17.keypoints)}],
    }
    file = tmp_path / "data" / "person_keypoints.json"
    file.write_text(json.dumps(value))
    shutil.copy(file, "res.json")
    for form, out in (("yolo-pose", "yolo"), ("labelme", "labelme")):
        assert cli.main(["convert", str(file), "--to", form, "-o", out, "--copy-images"]) == 0
    assert cli.main(["import", str(file), "-o", "p.kdcproj"]) == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        "stats data/person_keypoints.json --picture data/images/a.png",
        "stats p.kdcproj --picture data/images/a.png",
        "stats labelme --picture labelme/a.png",
        "stats labelme --picture labelme/a.json",
        "stats yolo --picture yolo/data.yaml",
        "stats yolo --picture yolo/labels/train/a.txt",
        "stats yolo --picture yolo/images/train/a.png",
        "stats yolo/data.yaml --picture yolo/images/train/a.png",
        "evaluate res.json data --worst data/images/a.png",
        "evaluate res.json data --limit 1 --worst data/images/b.png",
        "evaluate res.json data --worst data/person_keypoints.json",
        "evaluate res.json data -o data/person_keypoints.json",
        "bench labeler data -o data/person_keypoints.json",
        "bench labeler data --limit 1 --picture data/images/b.png",
        "import labelme -o n.kdcproj --problems labelme/a.json",
        "import yolo -o n.kdcproj --problems yolo/data.yaml",
        "import yolo -o n.kdcproj --problems yolo/labels/train/a.txt",
        "convert labelme --to coco -o out.json --problems labelme/a.json",
        "preannotate yolo -o out.json --problems yolo/data.yaml",
        "preannotate yolo/data.yaml -o n.kdcproj --problems yolo/labels/train/a.txt",
    ],
)
def test_what_is_read_stays(words: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert cli.main(words.split()) == cli.FAILED
    said = capsys.readouterr()
    assert said.err.startswith("Same file: ") and said.err.count("\n") == 1 and said.out == ""
    new = {path.name for path in data.rglob("*") if path.is_file()} - {path.name for path in before}
    assert {path: path.read_bytes() for path in before} == before and new <= {"p.kdcproj-shm", "p.kdcproj-wal"}


def test_a_picture_of_ours_is_replaced_by_the_next(data: Path) -> None:
    for words in (
        "stats labelme --picture labelme/stats.png",
        "stats yolo --picture yolo/stats.png",
        "evaluate res.json data --worst data/worst.png -o data/figures.json",
        "import yolo -o n.kdcproj --problems yolo/problems.txt",
    ):
        assert cli.main(words.split()) == 0 == cli.main(words.split()), words
