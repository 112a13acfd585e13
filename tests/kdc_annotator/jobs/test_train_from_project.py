"""A project as training data: what a human finished, and nothing else."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from kdc.data.coco import CocoDataset
from kdc.errors import KdcError
from kdc.schema import COCO_17, CROWDPOSE_14
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.records import annotation_from_raw
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.train_from_project import ProjectDataset, project_schema

sys.path.insert(0, str(Path(__file__).parents[2] / "kdc" / "training"))
from people_files import write_dataset

STATUSES = ("done", "done and empty", "in progress", "proposed", "untouched", "skipped")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def write_project(folder: Path, unlabelled: tuple[int, ...] = ()) -> Path:
    """Six photos, one of each status; "done and empty" has nobody, "proposed" only proposals. ``unlabelled``: joints that nobody has."""
    coco = json.loads(write_dataset(folder / "d", photos=6).read_text())
    for annotation in coco["annotations"]:
        for joint in unlabelled:
            annotation["keypoints"][3 * joint : 3 * joint + 3] = [0, 0, 0]
    path = folder / "p.kdcproj"
    with Project.create(path, folder / "d" / "images") as made:
        photos = [
            PhotoRecord(i["id"], i["file_name"], i["width"], i["height"], status=status)
            for i, status in zip(coco["images"], STATUSES, strict=True)
        ]
        made.add_images(photos)
        everybody = [(a["image_id"], annotation_from_raw(a, a["id"], (160, 128), 17)[0]) for a in coco["annotations"]]
        with made.bulk() as writer:
            for image_id, person in everybody:
                if image_id not in (2, 4):
                    writer.add_people(image_id, [person])
        made.set_proposals(4, [p for i, p in everybody if i == 4], "model")
    return path


def test_only_finished_images_count(project: Path):
    data = ProjectDataset(project, COCO_17)
    assert [data.name(i) for i in range(len(data))] == ["001.png", "002.png"]
    assert [len(data.people(i)) for i in range(2)] == [2, 0]
    assert not data.problems


def test_a_flag_takes_more_but_never_proposals_nor_skipped_images(project: Path):
    data = ProjectDataset(project, COCO_17, all_images=True)
    assert [data.name(i) for i in range(len(data))] == ["001.png", "002.png", "003.png", "005.png"]


def test_labels_are_those_of_the_file_it_was_imported_from(project: Path, tmp_path: Path):
    theirs = CocoDataset(tmp_path / "d" / "person_keypoints.json", tmp_path / "d" / "images", COCO_17)[0]
    ours = ProjectDataset(project, COCO_17)[0]
    assert (ours.image == theirs.image).all() and ours.masks == theirs.masks == "complete"
    for a, b in zip(ours.people, theirs.people, strict=True):
        assert a.keypoints == pytest.approx(b.keypoints) and a.box == pytest.approx(b.box)
        assert a.segmentation["counts"] == b.segmentation["counts"]


def test_an_empty_image_is_complete(project: Path):
    sample = ProjectDataset(project, COCO_17)[1]
    assert sample.masks == "complete" and not sample.people and sample.joints_complete


def test_masks_that_are_not_all_there_are_partial(project: Path):
    with Project.open(project) as made:
        record = made.photo(1)
        made.update_photo(PhotoRecord(record.id, record.path, 160, 128, status="done", masks_complete=False))
    assert ProjectDataset(project, COCO_17)[0].masks == "partial"


def test_joints_are_mapped_by_name(project: Path):
    sample = ProjectDataset(project, CROWDPOSE_14)[0]
    head = CROWDPOSE_14.index("head")
    assert not sample.known_joints[head] and sample.known_joints[CROWDPOSE_14.index("left_wrist")]
    assert sample.people[0].keypoints[head, 2] == 0
    assert project_schema(project).keypoints == COCO_17.keypoints


def test_a_joint_that_nobody_ever_labelled_is_unknown(tmp_path: Path, project: Path):
    assert ProjectDataset(project, COCO_17)[0].known_joints.all()
    earless = write_project(tmp_path / "e", unlabelled=(3, 4))
    assert np.flatnonzero(~ProjectDataset(earless, COCO_17)[0].known_joints).tolist() == [3, 4]


def test_other_creatures_are_no_people(project: Path):
    cat = {"id": 2, "name": "cat", "keypoints": ["nose", "tail"]}
    raw = {"id": 99, "category_id": 2, "keypoints": [9, 9, 2, 20, 9, 2], "bbox": [5, 5, 20, 10]}
    with Project.open(project) as made:
        made.set_categories([cat, COCO_17.to_coco_category()])
        with made.bulk() as writer:
            writer.add_people(1, [annotation_from_raw(raw, 99, (160, 128), 2)[0]])
    assert project_schema(project).keypoints == COCO_17.keypoints
    assert [len(ProjectDataset(project, COCO_17).people(i)) for i in range(2)] == [2, 0]


def test_a_body_reaches_beyond_its_joints_where_nobody_drew_it(project: Path):
    points = [0] * 51
    points[0:3], points[45:48] = [40, 10, 2], [50, 110, 2]
    with Project.open(project) as made, made.bulk() as writer:
        raw = {"id": 99, "category_id": 1, "keypoints": points}
        writer.add_people(1, [annotation_from_raw(raw, 99, (160, 128), 17)[0]])
    x, y, w, h = ProjectDataset(project, COCO_17).people(0)[-1].box
    assert x <= 26 and x + w >= 64 and y <= 0 and y + h >= 125


def test_missing_photos_are_named(project: Path, tmp_path: Path):
    (tmp_path / "d" / "images" / "001.png").unlink()
    data = ProjectDataset(project, COCO_17)
    assert len(data) == 1 and "001.png" in data.problems[0]


def test_a_project_with_nothing_finished_says_what_to_do(tmp_path: Path):
    Project.create(tmp_path / "e.kdcproj").close()
    with pytest.raises(KdcError, match="--all-images"):
        ProjectDataset(tmp_path / "e.kdcproj", COCO_17)
