"""People who keep a format's own record, and got more than it says: what was added is written, not the old record."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pycocotools.coco import COCO

from kdc.structures import Mask
from kdc_annotator.document.commands import MoveKeypoints, Paint
from kdc_annotator.document.edit import Command
from kdc_annotator.io import coco_read, crowdpose, formats, labelme, ochuman, yolo_pose
from kdc_annotator.io.exporting import project_dataset
from kdc_annotator.io.importing import import_dataset
from kdc_annotator.io.project import Project


def shape(kind: str, points: list[list[float]], label: str = "person", **more: Any) -> dict[str, Any]:
    return {"label": label, "points": points, "group_id": 1, "shape_type": kind, "flags": {}, **more}


def labelme_file(folder: Path, *shapes: dict[str, Any]) -> Path:
    folder.mkdir()
    values = {"version": "5.2.0", "shapes": shapes, "imagePath": "a.png", "imageHeight": 20, "imageWidth": 20}
    (folder / "a.json").write_text(json.dumps(values))
    return folder


def edited(source: Path, form: str, folder: Path, command: Command) -> Path:
    """``source`` through a project with one edit and out again in its own format."""
    with Project.create(folder / "p.kdcproj") as project:
        with formats.read(source, form) as dataset:
            import_dataset(project, dataset)
        project.document(1).execute(command)
        formats.write(project_dataset(project), folder / "out", form)
    return folder / "out"


SQUARE = Mask(np.ones((5, 5), bool), 3, 3, 20, 20)
POLYGON = shape("polygon", [[1, 1], [9, 1], [9, 9], [1, 9]])
MOVE = MoveKeypoints(1, {0: (3.0, 4.0)})


@pytest.mark.parametrize(
    "came, command, kind",
    [(POLYGON, MOVE, "point"), (shape("point", [[3, 3]], "nose"), Paint(1, SQUARE), "polygon")],
    ids=["keypoint", "mask"],
)
def test_labelme_writes_what_was_added(tmp_path: Path, came: dict[str, Any], command: Command, kind: str) -> None:
    out = edited(labelme_file(tmp_path / "in", came), "labelme", tmp_path, command)
    kinds = [s["shape_type"] for s in json.loads((out / "a.json").read_text())["shapes"]]
    assert kind in kinds and came["shape_type"] in kinds


JOINTS = [shape("point", [[3.5, 4.5]], "nose", note="mine"), shape("point", [[8.5, 12.0]], "left_hip")]


def test_a_labelme_person_of_joints_alone_has_a_box_in_coco(tmp_path: Path) -> None:
    source = labelme_file(tmp_path / "in", *JOINTS)
    data = labelme.read(source)
    formats.write(data, tmp_path / "o.json", "coco")
    (person,) = json.loads((tmp_path / "o.json").read_text())["annotations"]
    # As people who are made here get theirs: whole pixels around the joints, which lie at (3, 4) and (8, 11.5).
    assert person["bbox"] == [3, 4, 6, 9] and person["area"] == 54 and "segmentation" not in person
    assert COCO(str(tmp_path / "o.json")).getAnnIds(areaRng=[0, 1e5]) == [1]
    with coco_read.read(tmp_path / "o.json") as coco:
        for name, read in (("out", data), ("back", coco)):
            labelme.write(read, tmp_path / name)
            assert json.loads((tmp_path / name / "a.json").read_text()) == json.loads((source / "a.json").read_text())
    for entry in data.people(0):  # As projects hold people who were imported before they got a box.
        del entry.value["bbox"], entry.value["area"]
    labelme.write(data, tmp_path / "older")
    assert json.loads((tmp_path / "older" / "a.json").read_text()) == json.loads((source / "a.json").read_text())


def test_the_box_of_joints_alone_follows_them(tmp_path: Path) -> None:
    source = labelme_file(tmp_path / "in", *JOINTS)
    (tmp_path / "1").mkdir()
    out = edited(source, "labelme", tmp_path / "1", MoveKeypoints(1, {0: (1.0, 2.0)}))
    shapes = json.loads((out / "a.json").read_text())["shapes"]
    assert [(s["shape_type"], s["points"][0]) for s in shapes] == [("point", [1.5, 2.5]), ("point", [8.5, 12])]
    with Project.open(tmp_path / "1" / "p.kdcproj") as project:
        formats.write(project_dataset(project), tmp_path / "o.json", "coco")
    (person,) = json.loads((tmp_path / "o.json").read_text())["annotations"]
    assert person["bbox"] == [1, 2, 8, 11] and person["area"] == 88


def test_a_box_of_its_own_stays_when_joints_move(tmp_path: Path) -> None:
    """It says more than the joints do."""
    source = labelme_file(tmp_path / "in", *JOINTS, shape("rectangle", [[1, 1], [12, 18]]))
    (tmp_path / "1").mkdir()
    edited(source, "labelme", tmp_path / "1", MoveKeypoints(1, {0: (2.0, 2.0)}))
    with Project.open(tmp_path / "1" / "p.kdcproj") as project:
        assert project_dataset(project).people(0)[0].value["bbox"] == [1, 1, 11, 17]


def test_ochuman_writes_keypoints_that_were_added(tmp_path: Path) -> None:
    person = {"bbox": [1, 1, 9, 9], "keypoints": None, "segms": None}
    image = {"file_name": "a.png", "width": 20, "height": 20, "annotations": [person]}
    source = tmp_path / "in.json"
    names = [f"k{k}" for k in range(19)]
    source.write_text(json.dumps({"keypoint_names": names, "keypoint_visible": {}, "images": [image]}))
    out = json.loads(edited(source, "ochuman", tmp_path, MOVE).read_text())
    assert out["images"][0]["annotations"][0]["keypoints"][:3] == [3, 4, 1]


def test_polygons_and_masks_of_one_labelme_person_are_all_hers(tmp_path: Path) -> None:
    mask = shape("mask", [[12, 12], [14, 14]], mask=labelme._encode_png(np.ones((3, 3), bool)))
    data = labelme.read(labelme_file(tmp_path / "in", POLYGON, mask))
    assert Mask.from_rle(data.people(0)[0].value["segmentation"]).area == 64 + 9
    assert data.people(0)[0].value["bbox"] == [1, 1, 14, 14], "a mask's points are pixels: it ends behind the last one"


def test_categories_with_odd_ids(tmp_path: Path) -> None:
    people = {"id": "p", "name": "person", "keypoints": ["nose", "left_hip", "right_hip"]}
    other = {"id": "q", "name": "dog", "keypoints": ["tail"]}
    image = {"id": 1, "file_name": "a.png", "width": 20, "height": 20}
    dog = {"id": 1, "image_id": 1, "category_id": "q", "keypoints": [1, 2, 2], "bbox": [1, 1, 3, 3]}
    file = tmp_path / "in.json"
    file.write_text(
        json.dumps({"images": [image], "annotations": [dog], "categories": [people, other, {"id": [1], "name": "x"}]})
    )
    with coco_read.read(file) as data:
        crowdpose.write(data, tmp_path / "crowd.json")
        yolo_pose.write(data, tmp_path / "yolo")
        assert ochuman.losses(data) == ["OCHuman drops 1 keypoint of people with other keypoints"]
    assert json.loads((tmp_path / "crowd.json").read_text())["categories"][0]["id"] == "p"


def test_a_full_disk_does_not_keep_a_project_shut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Project.create(tmp_path / "p.kdcproj").close()

    def full(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with Project.open(tmp_path / "p.kdcproj") as project:
        assert project.count() == 0
