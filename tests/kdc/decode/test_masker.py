"""The masker protocol, its engine by clustering, and another that proves the protocol is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from kdc.decode.centroids import cluster
from kdc.decode.masker import CentroidMasker, Masker, Scene
from kdc.decode.synthetic import person_shape, render_fields, standing_person
from kdc.geometry import Letterbox
from kdc.schema import COCO_17
from kdc.structures import Mask, Person


@dataclass(frozen=True)
class BoxMasker:
    """A mask is the box around the joints: an engine that reads neither fields nor photo."""

    def masks(self, scene: Scene, people: Sequence[Person]) -> list[Mask]:
        box = scene.letterbox
        taken = np.zeros((box.height, box.width), bool)
        out = []
        for person in people:
            full = np.zeros_like(taken)
            if person.present.any():
                xy = box.to_image.apply(person.keypoints[person.present, :2])
                (x0, y0), (x1, y1) = np.floor(xy.min(0)).astype(int).clip(0), np.ceil(xy.max(0)).astype(int).clip(0)
                full[y0 : y1 + 1, x0 : x1 + 1] = True
            out.append(Mask.from_full(full & ~taken))
            taken |= full
        return out


def scene(width: int, height: int) -> tuple[Scene, list[Person]]:
    letterbox = Letterbox.fit(width, height, 401)
    size = letterbox.input_width, letterbox.input_height
    points = [standing_person(COCO_17, 40, 20, 240, 170), standing_person(COCO_17, 120, 30, 250, 170)]
    fields = render_fields(points, COCO_17, size=size)
    return Scene(None, letterbox, fields, COCO_17), [Person(p) for p in points]


@pytest.mark.parametrize("masker", [CentroidMasker(), BoxMasker()], ids=lambda m: type(m).__name__)
@pytest.mark.parametrize("size", [(401, 301), (1000, 750), (97, 73)])
def test_engines_are_interchangeable(masker: Masker, size: tuple[int, int]) -> None:
    place, people = scene(*size)
    masks = masker.masks(place, people)
    assert len(masks) == len(people)
    full = [m.to_full() for m in masks]
    assert all(f.shape == (size[1], size[0]) and f.any() for f in full)
    assert not (full[0] & full[1]).any()
    assert masker.masks(place, []) == []


@pytest.mark.parametrize("size", [(401, 301), (1200, 900), (203, 152)])
def test_masks_lie_where_the_people_are(size: tuple[int, int]) -> None:
    place, people = scene(*size)
    box = place.letterbox
    xy = box.to_input.apply(np.column_stack([np.arange(size[0]), np.zeros(size[0])]))
    xs = xy[:, 0]
    ys = box.to_input.apply(np.column_stack([np.zeros(size[1]), np.arange(size[1])]))[:, 1]
    front = person_shape(people[0].keypoints, COCO_17, 14, xs, ys)
    mask = CentroidMasker().masks(place, people)[0].to_full()
    assert (mask & front).sum() / (mask | front).sum() > 0.85


def test_photo_labels_agree_with_field_labels() -> None:
    place, people = scene(401, 301)
    labels = cluster(place.fields, people, COCO_17).labels
    masks = CentroidMasker().masks(place, people)
    stride = place.fields.stride
    for j, mask in enumerate(masks):
        at_cells = mask.to_full()[::stride, ::stride]
        assert np.array_equal(at_cells, labels[: at_cells.shape[0], : at_cells.shape[1]] == j + 1)


def test_a_person_without_joints_gets_an_empty_mask() -> None:
    place, people = scene(401, 301)
    masks = CentroidMasker().masks(place, [Person(np.zeros((17, 3))), *people])
    assert masks[0].area == 0 and masks[1].area > 0


def test_joints_outside_the_photo_do_no_harm() -> None:
    place, _ = scene(401, 301)
    outside = standing_person(COCO_17, -900, 5000, 100)
    (mask,) = CentroidMasker().masks(place, [Person(outside)])
    assert mask.width == 401
