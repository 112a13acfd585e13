"""Missing joints: only what somebody lacks, only inside the photo, in photo pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from kdc.decode.masker import Scene
from kdc.decode.synthetic import render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.pose_refinement import PoseConfig
from kdc.schema import COCO_17
from kdc.structures import Person
from kdc_annotator.engine.completing import LIKELY, LearntCompleter, missing_joints, with_joints
from kdc_annotator.engine.recluster import Reclusterer

BODY = standing_person(COCO_17, 60, 30, 180)


class Knows:
    """Answers with the true joints; ``sure``: their confidence. Remembers what it was given."""

    def __init__(self, sure: np.ndarray) -> None:
        self.sure, self.given = sure, Person(BODY.astype(np.float32))

    def joints(self, scene: Scene, people: Sequence[Person], index: int) -> np.ndarray:
        self.given = people[index]
        return np.column_stack([BODY[:, :2], self.sure]).astype(np.float32)


@pytest.fixture
def live() -> Reclusterer:
    box = Letterbox.fit(514, 514, 257)  # input pixels are two photo pixels
    fields = render_fields([BODY], COCO_17, size=(257, 257))
    return Reclusterer(fields, box, COCO_17, np.full((514, 514, 3), 90, np.uint8))


def add(live: Reclusterer, joints: Sequence[int]) -> int:
    rows = np.zeros((17, 3))
    rows[list(joints), :2] = live.site.letterbox.to_image.apply(BODY[list(joints), :2])
    rows[list(joints), 2] = 2
    return live.add_person(rows).number


def test_what_is_missing_and_likely_is_told_in_photo_pixels(live: Reclusterer) -> None:
    sure = np.full(17, 0.9)
    sure[3] = LIKELY - 0.01
    number = add(live, (0, 5, 16))
    before = live.person(number)
    completer = Knows(sure)
    found = missing_joints(live, completer, number)
    assert sorted(found) == [k for k in range(17) if k not in (0, 3, 5, 16)]
    expected = live.site.letterbox.to_image.apply(BODY[:, :2])
    assert all(np.allclose(found[k][:2], expected[k], atol=1e-3) for k in found)
    assert live.person(number) is before and np.flatnonzero(completer.given.keypoints[:, 2]).tolist() == [0, 5, 16]
    small = live.mask(number).area
    live.put(with_joints(before, found))
    after = live.person(number)
    assert after.confirmed.tolist() == before.confirmed.tolist() and after.visibility[6] == 2
    assert live.mask(number).area > small


def test_what_the_labeler_took_away_stays_away(live: Reclusterer) -> None:
    number = add(live, range(12))
    live.set_visibility(number, 5, 0)
    assert sorted(missing_joints(live, Knows(np.ones(17)), number)) == [12, 13, 14, 15, 16]


def test_one_joint_tells_nothing_and_joints_outside_the_photo_are_none(live: Reclusterer) -> None:
    assert missing_joints(live, Knows(np.ones(17)), add(live, [0])) == {}

    class Outside(Knows):
        def joints(self, scene: Scene, people: Sequence[Person], index: int) -> np.ndarray:
            rows = super().joints(scene, people, index)
            rows[7, 0] = 300
            return rows

    assert 7 not in missing_joints(live, Outside(np.ones(17)), add(live, (0, 5, 6)))


def test_likely_means_the_same_as_where_people_are_found() -> None:
    assert PoseConfig().present == LIKELY


def test_another_photo_at_the_address_of_one_that_is_gone_is_looked_at_anew() -> None:
    box = Letterbox.fit(257, 257, 257)
    fields = render_fields([BODY], COCO_17, size=(257, 257))

    class Bright:
        def complete(self, image: np.ndarray, *_: object) -> np.ndarray:
            return np.full((17, 3), image[0, 0, 0], np.float32)

    completer = LearntCompleter(Bright())

    def said(photo: np.ndarray) -> float:
        return float(completer.joints(Scene(photo, box, fields, COCO_17), [Person(BODY.astype(np.float32))], 0)[0, 0])

    photo, others = np.full((257, 257, 3), 10, np.uint8), []
    assert said(photo) == 10
    address = id(photo)
    del photo
    for _ in range(1000):
        others.append(np.full((257, 257, 3), 90, np.uint8))
        if id(others[-1]) == address:
            break
    assert said(others[-1]) == 90
