"""Each check finds what it is for, is silent on a sound person, and its repair leaves nothing to find."""

from __future__ import annotations

from typing import Any

import document_cases as given
import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.checks import check_document
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.document.records import annotation_from_raw

SIZE = (200, 300)
STANDING = {
    "nose": (100, 30), "left_eye": (104, 26), "right_eye": (96, 26), "left_ear": (110, 30), "right_ear": (90, 30),
    "left_shoulder": (125, 60), "right_shoulder": (75, 60), "left_elbow": (135, 100), "right_elbow": (65, 100),
    "left_wrist": (138, 140), "right_wrist": (62, 140), "left_hip": (115, 140), "right_hip": (85, 140),
    "left_knee": (117, 195), "right_knee": (83, 195), "left_ankle": (118, 250), "right_ankle": (82, 250),
}  # fmt: skip


def body() -> np.ndarray:
    return np.array([(*xy, 2) for xy in STANDING.values()], float)


def mask() -> Mask:
    full = np.zeros((SIZE[1], SIZE[0]), bool)
    full[15:265, 55:146] = True
    return Mask.from_full(full)


def person(id: int = 1, points: np.ndarray | None = None, **values: Any) -> Annotation:
    values.setdefault("mask", mask())
    return Annotation.new(id, SIZE, body() if points is None else points, order=id, **values)


def document(*people: Annotation, status: str = "done", **values: Any) -> ImageDocument:
    return ImageDocument(PhotoRecord(1, "a.jpg", *SIZE, status=status), people, **values)


def names(found: list) -> list[str]:
    return [f.check for f in found]


def test_a_sound_person_passes() -> None:
    assert check_document(document(person())) == []


def repaired(work: ImageDocument, check: str, **values: Any) -> None:
    found = [f for f in check_document(work, **values) if f.check == check]
    assert len(found) == 1
    before = work.state()
    work.execute(found[0].repair)
    assert check not in names(check_document(work, **values))
    work.undo()
    assert work.state() == before


def test_outside_image() -> None:
    points = body()
    points[16] = (82, 310, 1)
    work = document(person(points=points))
    found = check_document(work)
    assert names(found) == ["outside image"] and found[0].place == (82, 299) and found[0].keypoint == 16
    assert found[0].sentence == "The right ankle of person 1 lies outside the image."
    repaired(work, "outside image")


def test_outside_mask() -> None:
    points = body()
    points[9] = (190, 140, 2)
    found = check_document(document(person(points=points)))
    assert ("outside mask", 9) in [(f.check, f.keypoint) for f in found]
    points[9] = (150, 140, 2)
    assert "outside mask" not in names(check_document(document(person(points=points))))


def test_swapped_sides_by_anatomy_and_by_the_model() -> None:
    points = body()
    points[[11, 12]] = points[[12, 11]]
    repaired(document(person(points=points)), "swapped sides")
    order = np.array([0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15])
    turned = document(person(points=body()[order]))
    assert "swapped sides" not in names(check_document(turned))
    repaired(turned, "swapped sides", predicted=[person(5)])
    assert "swapped sides" not in names(check_document(document(person()), predicted=[person(5)]))


def test_same_person() -> None:
    work = document(person(), person(2, points=body() + np.array((2, 2, 0)), mask=None, box=(1, 1, 9, 9)))
    repaired(work, "same person")
    assert check_document(work)[0].people == (1, 2)
    far = np.array((60, 0, 0))
    assert "same person" not in names(check_document(document(person(), person(2, points=body() + far, mask=None))))
    twins = document(person(points=np.zeros((17, 3))), person(2, points=np.zeros((17, 3))))
    repaired(twins, "same person")


def test_limb_length() -> None:
    points = body()
    points[15] = (118, 299, 2)
    points[13] = (117, 20, 2)
    assert "limb length" in names(check_document(document(person(points=points))))


def test_pieces_specks_and_holes() -> None:
    full = mask().to_full()
    full[280, 20:23] = True
    full[100:102, 100] = False
    work = document(person(mask=Mask.from_full(full)))
    assert sorted(names(check_document(work))) == ["specks", "tiny holes"]
    repaired(work, "specks")
    repaired(work, "tiny holes")
    scattered = np.zeros((SIZE[1], SIZE[0]), bool)
    scattered[20:50, 60:90] = scattered[200:240, 80:110] = True
    assert "far piece" in names(
        check_document(document(person(mask=Mask.from_full(scattered), points=np.zeros((17, 3)))))
    )


def test_half_people() -> None:
    bare = np.zeros((17, 3))
    assert names(check_document(document(person(points=bare)))) == ["no keypoints"]
    missing = document(person(mask=None))
    assert [(f.check, f.severity) for f in check_document(missing)] == [("no mask", "warning")]
    begun = document(person(mask=None), status="in progress")
    assert [(f.check, f.severity) for f in check_document(begun)] == [("no mask", "hint")]
    assert names(check_document(document(person(points=bare, mask=None), status="in progress"))) == ["empty person"]
    crowd = person(points=bare, mask=None, crowd=True)
    assert check_document(document(crowd)) == []


def imported(**raw: Any) -> ImageDocument:
    base = {"id": 1, "keypoints": [v for row in body().tolist() for v in row], "num_keypoints": 17, "iscrowd": 0}
    base |= {"segmentation": [[55, 15, 146, 15, 146, 265, 55, 265]], "area": 22750, "bbox": [55, 15, 91, 250]}
    return document(annotation_from_raw(base | raw, 1, SIZE, 17)[0])


def test_contradictions_of_an_imported_file() -> None:
    assert check_document(imported()) == []
    points = [v for row in body().tolist() for v in row]
    points[5] = 0
    repaired(imported(keypoints=points, num_keypoints=16), "ghost keypoint")
    repaired(imported(num_keypoints=3), "num_keypoints")
    repaired(imported(area=91 * 500), "area")
    repaired(imported(bbox=[55, 15, -91, 250]), "bad box")
    assert names(check_document(imported(area=float("nan")))) == ["area"]


def test_missing_image_and_unreadable_mask() -> None:
    work = imported(segmentation={"size": [4, 4], "counts": "?"})
    found = names(check_document(work, file_exists=False))
    assert found[:2] == ["missing image", "unreadable mask"]


@drawn(given.steps)
@settings(max_examples=60, deadline=None)
def test_checks_never_fail_and_repairs_can_be_undone(steps: list) -> None:
    work = given.document()
    for step in steps:
        try:
            work.execute(given.command(step, work))
        except KdcError:
            continue
    for finding in check_document(work):
        assert finding.sentence.endswith(".") and all(work.person(p) for p in finding.people)
        if finding.repair is not None:
            before = work.state()
            try:
                change = work.execute(finding.repair)
            except KdcError as error:
                assert "locked" in error.message
                continue
            if change is not None:
                work.undo()
            assert work.state() == before


@pytest.mark.parametrize("size", [(0, 0), (1, 1)])
def test_tiny_images(size: tuple[int, int]) -> None:
    raw = {"keypoints": [1, 1, 2] * 17, "segmentation": [[0, 0, 5, 0, 5, 5]], "bbox": [0, 0, 1, 1]}
    check_document(ImageDocument(PhotoRecord(1, "a.jpg", *size), [annotation_from_raw(raw, 1, size, 17)[0]]))
