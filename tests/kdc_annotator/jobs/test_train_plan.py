"""What the training dialog says is what a training takes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kdc.schema import COCO_17
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.records import annotation_from_raw
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.train_from_project import ProjectDataset
from kdc_annotator.jobs.train_plan import Plan, plan_of

sys.path.insert(0, str(Path(__file__).parents[2] / "kdc" / "training"))
from people_files import write_dataset

CATEGORIES = [
    {"id": 2, "name": "cat", "keypoints": ["nose", "tail"]},
    COCO_17.to_coco_category(),
    {"id": 3, "name": "dog"},
]
BOX = [[10, 10, 60, 10, 60, 80, 10, 80]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """One photo with a person, a cat and a dog, and one with a cat alone."""
    write_dataset(tmp_path / "d", photos=2)
    path = tmp_path / "p.kdcproj"
    person = {"category_id": 1, "keypoints": [20, 20, 2] * 17, "segmentation": BOX}
    cat = {"category_id": 2, "keypoints": [9, 9, 2, 20, 9, 2], "segmentation": BOX}
    dog = {"category_id": 3, "bbox": [5, 5, 20, 10], "segmentation": BOX}
    with Project.create(path, tmp_path / "d" / "images") as made:
        made.set_categories(CATEGORIES)
        made.add_images([PhotoRecord(i, f"00{i}.png", 160, 128, status="done") for i in (1, 2)])
        with made.bulk() as writer:
            for number, (image, raw, joints) in enumerate([(1, person, 17), (1, cat, 2), (1, dog, 0), (2, cat, 2)], 1):
                writer.add_people(image, [annotation_from_raw(raw, number, (160, 128), joints)[0]])
    return path


def test_cats_and_dogs_are_not_counted(project: Path) -> None:
    assert plan_of(project) == Plan(images=2, empty=1, people=1, with_keypoints=1, with_masks=1)


def test_the_count_is_the_training_s(project: Path) -> None:
    data, plan = ProjectDataset(project, COCO_17), plan_of(project)
    everybody = [p for i in range(len(data)) for p in data.people(i)]
    assert (len(data), len(everybody)) == (plan.images, plan.people)
    assert sum(p.has_mask for p in everybody) == plan.with_masks


def test_a_project_without_anybody_called_person_keeps_all(project: Path) -> None:
    with Project.open(project) as opened:
        opened.set_categories([c | {"name": f"{c['name']}s"} for c in CATEGORIES])
    assert plan_of(project).people == 4
