"""Models as a source of results: what they are given and what is taken from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.errors import KdcError
from kdc.evaluating import TrueImage, TruePerson, Truth, evaluate, measure, truth_from_coco
from kdc.evaluation.model import load_photo
from kdc.evaluation.worst import worst_images, worst_picture
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema
from kdc.structures import Mask, Person

World = tuple[dict[str, Any], list[dict[str, Any]]]


def same_joints(true: TruePerson, person: Person) -> bool:
    there = person.present
    return np.array_equal(true.labelled, there) and np.allclose(true.keypoints[there, :2], person.keypoints[there, :2])


class Knowing:
    """A model that finds everybody exactly; its masks lose their left half. It remembers whom it was given."""

    def __init__(self, truth: Truth, schema: PoseSchema = COCO_17) -> None:
        self.schema = schema
        self.truth = {i.file_name: i for i in truth.images}
        self.given: list[Sequence[Person]] = []
        self.at = ""

    def load(self, truth: Truth, image: TrueImage) -> np.ndarray:
        self.at = image.file_name
        return np.zeros((image.height, image.width, 3), np.uint8)

    def predict(self, image: np.ndarray) -> Any:
        people = [p for p in self.truth[self.at].people if p.count]
        return SimpleNamespace(people=[self.person(p) for p in people], scene=self.at)

    def person(self, true: Any) -> Person:
        points = np.zeros((len(self.schema), 3))
        points[: len(true.keypoints)] = true.keypoints[: len(self.schema)]
        flags = points[:, 2].astype(np.uint8)
        points[:, 2] = np.where(flags > 0, 0.9, 0)
        return Person(points, 0.8, flags, Mask.from_rle(true.rle))

    def scene_masks(self, scene: str, people: Sequence[Person]) -> list[Mask]:
        self.given.append(people)
        out = []
        for person in people:
            true = next(p for p in self.truth[scene].people if same_joints(p, person))
            full = Mask.from_rle(true.rle).to_full()
            full[:, : round(true.box[0] + true.box[2] / 2)] = False
            out.append(Mask.from_full(full))
        return out


def test_a_model_that_knows_everything_has_full_marks_and_half_masks(coco_world: World) -> None:
    truth = truth_from_coco(coco_world[0], "gt")
    model = Knowing(truth)
    seen: list[tuple[int, int]] = []
    results, ious = measure(model, truth, "m", progress=lambda a, b: seen.append((a, b)), load=model.load)
    report = evaluate(truth, results, true_ious=ious)
    assert report.keypoints is not None and report.keypoints[0] == pytest.approx(1)
    assert report.everybody.iou == pytest.approx(1) and report.everybody.occluded_f1 == 1
    assert report.to_json()["iou_true_keypoints"] == pytest.approx(0.5, abs=0.06)
    assert seen == [(n, len(truth.images)) for n in range(1, len(truth.images) + 1)]


def test_everybodys_true_joints_are_given_but_only_fit_people_counted(coco_world: World) -> None:
    truth = truth_from_coco(coco_world[0], "gt")
    model = Knowing(truth)
    _, ious = measure(model, truth, "m", load=model.load)
    countable = [p for i in truth.images for p in i.people if p.count and not p.crowd]
    fit = {p.id for p in countable if p.labelled.sum() >= 3}
    assert set(ious) == fit
    given = [p for group in model.given for p in group]
    assert len(given) == len(countable)
    for person in given:
        assert set(person.keypoints[:, 2].tolist()) <= {0.0, 1.0}
    assert {v for p in given for v in (p.visibility if p.visibility is not None else ())} == {0, 1, 2}


def test_no_true_keypoints_where_nobody_asked(coco_world: World) -> None:
    truth = truth_from_coco(coco_world[0], "gt")
    model = Knowing(truth)
    assert measure(model, truth, "m", true_keypoints=False, load=model.load)[1] == {} and not model.given


def test_a_model_of_another_skeleton_is_mapped(coco_world: World) -> None:
    truth = truth_from_coco(coco_world[0], "gt")
    model = Knowing(truth, CROWDPOSE_14)
    results, _ = measure(model, truth, "m", true_keypoints=False, load=model.load)
    first = next(p for group in results.people.values() for p in group)
    assert first.keypoints is not None and first.keypoints.shape == (17, 3)
    assert (first.keypoints[:5] == 0).all(), "CrowdPose has no eyes, ears and nose"


def photo_truth(folder: Path, width: int, height: int) -> Truth:
    return Truth("t", COCO_17, (TrueImage(1, "a.jpg", width, height, ()),), folder)


def test_photos_come_in_the_frame_of_their_annotations(tmp_path: Path) -> None:
    stored = np.zeros((20, 30, 3), np.uint8)
    stored[:, :15] = 255
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(stored).save(tmp_path / "a.jpg", exif=exif, quality=95)
    upright = photo_truth(tmp_path, 20, 30)
    assert load_photo(upright, upright.images[0])[:13].mean() > 250
    as_stored = photo_truth(tmp_path, 30, 20)
    pixels = load_photo(as_stored, as_stored.images[0])
    assert pixels.shape == (20, 30, 3) and pixels[:, :13].mean() > 250 and pixels[:, 18:].mean() < 5
    other = photo_truth(tmp_path, 31, 20)
    with pytest.raises(KdcError, match=r"20x30.*31x20"):
        load_photo(other, other.images[0])


def test_a_missing_photo_is_named(tmp_path: Path) -> None:
    truth = photo_truth(tmp_path, 3, 3)
    with pytest.raises(KdcError, match=r"a\.jpg.*--images"):
        load_photo(truth, truth.images[0])


def test_worst_photos_first_and_as_a_picture(coco_world: World) -> None:
    truth = truth_from_coco(coco_world[0], "gt")
    model = Knowing(truth)
    results, _ = measure(model, truth, "m", true_keypoints=False, load=model.load)
    spoilt = max(truth.images, key=lambda i: len([p for p in i.people if p.count and not p.crowd])).id
    worse = type(results)("m", {k: v for k, v in results.people.items() if k != spoilt})
    figures = evaluate(truth, worse).labeler
    ranked = worst_images(truth, figures, 3)
    assert ranked[0][0].id == spoilt and ranked[0][1] == 0 and ranked[1][1] == pytest.approx(1)
    png = worst_picture(truth, worse, figures, 3, model.load)
    assert png.startswith(b"\x89PNG")
