"""YOLO folders whose photos lie elsewhere, or under other names than ``images/SPLIT``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc.schema import COCO_17
from kdc_annotator.cli import main
from kdc_annotator.io import formats
from kdc_annotator.io.dataset import Dataset, in_memory
from kdc_annotator.io.project import Project

W, H = 40, 30
POINTS = [v for k in range(17) for v in (k + 3.0, k + 5.5, 2)]


def dataset(folder: Path, *names: str, **split: str) -> Dataset:
    """A person in each photo, which is in ``folder`` under its name; ``split``: stem -> split."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (W, H)).save(folder / name)
    images: list[Any] = [{"id": n, "file_name": name, "width": W, "height": H} for n, name in enumerate(names, 1)]
    images = [i | ({"split": s} if (s := split.get(Path(i["file_name"]).stem)) else {}) for i in images]
    person = {"category_id": 1, "iscrowd": 0, "bbox": [2.0, 4.0, 20.0, 20.0], "keypoints": POINTS}
    person |= {"num_keypoints": 17, "area": 400.0, "segmentation": [[2.0, 4.0, 22.0, 4.0, 22.0, 24.0, 2.0, 24.0]]}
    people = [[{"id": n, "image_id": n, **person}] for n in range(1, len(names) + 1)]
    return in_memory("typed", images, people, [COCO_17.to_coco_category()])


def names_of(data: Dataset) -> list[str]:
    return [data.image(i)["file_name"] for i in range(data.image_count)]


@pytest.mark.parametrize("form, key", [("yolo-pose", "keypoints"), ("yolo-seg", "segmentation")])
def test_labels_without_photos_are_read_with_those_of_a_folder(form: str, key: str, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    data = dataset(photos, "a.png", "sub/b.c.jpg", "d.png", d="val")
    formats.write(data, tmp_path / "set", form)
    again = formats.read(tmp_path / "set", form, photos=photos)
    assert sorted(names_of(again)) == ["a.png", "d.png", "sub/b.c.jpg"] and not again.problems
    assert {again.image(i)["file_name"]: again.image(i)["split"] for i in range(3)}["d.png"] == "val"
    for i in range(3):
        assert (again.image(i)["width"], again.image(i)["height"]) == (W, H)
        wanted, read = data.people(0)[0].value[key], again.people(i)[0].value[key]
        assert np.ravel(read) == pytest.approx(np.ravel(wanted))
    formats.write(again, tmp_path / "once more", form)
    for file in (tmp_path / "set").rglob("*.txt"):
        assert (tmp_path / "once more" / file.relative_to(tmp_path / "set")).read_text() == file.read_text()


def test_without_their_photos_the_sentence_says_what_to_do(tmp_path: Path) -> None:
    data = dataset(tmp_path / "photos", "a.png")
    formats.write(data, tmp_path / "set", "yolo-pose")
    with pytest.raises(KdcError, match=r"images/train, where there are no photos.*their folder with --images"):
        formats.read(tmp_path / "set", "yolo-pose")
    (tmp_path / "none").mkdir()
    with pytest.raises(KdcError, match=r"None of the labels has its photo in .*none"):
        formats.read(tmp_path / "set", "yolo-pose", photos=tmp_path / "none")
    (tmp_path / "bare" / "labels").mkdir(parents=True)
    (tmp_path / "bare" / "labels" / "a.txt").write_text("0 0.1 0.1 0.5 0.1 0.5 0.5\n")
    with pytest.raises(KdcError, match="--images"):
        formats.read(tmp_path / "bare", "yolo-seg")
    assert names_of(formats.read(tmp_path / "bare", "yolo-seg", photos=tmp_path / "photos")) == ["a.png"]


def test_labels_without_a_photo_and_photos_of_one_name_are_listed(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    formats.write(dataset(tmp_path / "all", "a.png", "b.png", "c.png"), tmp_path / "set", "yolo-pose")
    (tmp_path / "set" / "labels" / "val").mkdir()
    (tmp_path / "set" / "labels" / "val" / "a.txt").write_text("")
    settings = (tmp_path / "set" / "data.yaml").read_text()
    (tmp_path / "set" / "data.yaml").write_text(settings.replace("train: ", "val: images/val\ntrain: "))
    dataset(photos, "a.png", "b.jpg", "b.png")
    data = formats.read(tmp_path / "set", "yolo-pose", photos=photos)
    assert names_of(data) == ["a.png", "b.jpg"]
    told = {p.place: (p.what, p.left_out) for p in data.problems}
    assert told["labels/train/c.txt"] == (f"no photo of its name is in {photos}; left out", True)
    assert told["labels/val/a.txt"] == ("a.png has its labels in labels/train/a.txt; left out", True)
    assert told["labels/train/b.txt"] == ("b.jpg, b.png have its name; the first one counts", False)


def test_photos_that_a_list_names_are_looked_for_too(tmp_path: Path) -> None:
    dataset(tmp_path / "photos", "a.png")
    (tmp_path / "set" / "labels" / "train").mkdir(parents=True)
    (tmp_path / "set" / "labels" / "train" / "a.txt").write_text("0 0.1 0.1 0.5 0.1 0.5 0.5\n")
    (tmp_path / "set" / "data.yaml").write_text("train: train.txt\nnames: [person]\n")
    (tmp_path / "set" / "train.txt").write_text("./images/train/a.jpg\n")
    data = formats.read(tmp_path / "set", "yolo-seg", photos=tmp_path / "photos")
    assert names_of(data) == ["a.png"] and len(data.people(0)) == 1 and not data.problems


def test_a_photo_that_a_link_leads_to_is_not_opened(tmp_path: Path) -> None:
    formats.write(dataset(tmp_path / "all", "a.png"), tmp_path / "set", "yolo-pose")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.png").symlink_to(tmp_path / "all" / "a.png")
    data = formats.read(tmp_path / "set", "yolo-pose", photos=tmp_path / "photos")
    assert "width" not in data.image(0) and "leads out of" in data.problems[0].what


@pytest.mark.parametrize(
    "names, split, source",
    [
        (["images/a.png"], {}, "images"),
        (["images/train/a.png"], {}, "images/train"),
        (["images/a.png", "b.png"], {}, "images"),
        (["images/a.png", "images/b.png"], {"b": "val"}, "train.txt"),
    ],
)
def test_a_written_folder_names_the_place_of_its_photos(
    names: list[str], split: dict[str, str], source: str, tmp_path: Path
) -> None:
    data = dataset(tmp_path / "photos", *names, **split)
    formats.write(data, tmp_path / "set", "yolo-pose", formats.ImageCopier(tmp_path / "photos"))
    assert f"train: {source}\n" in (tmp_path / "set" / "data.yaml").read_text()
    again = formats.read(tmp_path / "set", "yolo-pose")
    assert again.image_count == len(names) and not again.problems
    assert {again.image(i)["split"] for i in range(len(names))} == {"train", *split.values()}


def test_folders_that_lie_the_other_way_round_stay_there(tmp_path: Path) -> None:
    """As Roboflow has them: train/images, not images/train."""
    dataset(tmp_path / "set", "train/images/a.png")
    (tmp_path / "set" / "train" / "labels").mkdir()
    (tmp_path / "set" / "train" / "labels" / "a.txt").write_text("0 0.1 0.1 0.5 0.1 0.5 0.5\n")
    (tmp_path / "set" / "data.yaml").write_text("train: ../train/images\nnames: [person]\n")
    data = formats.read(tmp_path / "set", "yolo-seg")
    formats.write(data, tmp_path / "out", "yolo-seg", formats.ImageCopier(tmp_path / "set"))
    assert (tmp_path / "out" / "train" / "labels" / "a.txt").is_file()
    assert names_of(formats.read(tmp_path / "out", "yolo-seg")) == ["train/images/a.png"]


def test_the_commands_take_the_photos_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    photos, labels = tmp_path / "photos", tmp_path / "set"
    formats.write(dataset(photos, "a.png", "b.png"), labels, "yolo-pose")
    formats.write(dataset(photos, "a.png", "b.png"), tmp_path / "coco.json", "coco")
    assert main(["import", str(labels), "-o", str(tmp_path / "no.kdcproj")]) == 1
    assert "--images" in capsys.readouterr().err and not (tmp_path / "no.kdcproj").exists()
    assert main(["convert", str(labels), "-o", str(tmp_path / "o.json"), "--to", "coco", "--images", str(photos)]) == 0
    out = json.loads((tmp_path / "o.json").read_text())
    assert out["images"][0]["width"] == W and out["annotations"][0]["keypoints"] == pytest.approx(POINTS)
    for command in ("check", "stats"):
        capsys.readouterr()
        assert main([command, str(labels), "--images", str(photos), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["images"] == 2
    assert main(["import", str(labels), "--images", str(photos), "-o", str(tmp_path / "p.kdcproj")]) == 0
    with Project.open(tmp_path / "p.kdcproj", read_only=True) as project:
        assert [p.path for p in project.photos()] == ["a.png", "b.png"] and project.count_people() == 2
        assert all(project.image_path(p).is_file() for p in project.photos())
    # Into a project that has the photos nobody has to name their folder.
    project_file = str(tmp_path / "q.kdcproj")
    assert main(["import", str(tmp_path / "coco.json"), "--images", str(photos), "-o", project_file]) == 0
    capsys.readouterr()
    assert main(["import", str(labels), "-o", project_file, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["images_new"] == 0
