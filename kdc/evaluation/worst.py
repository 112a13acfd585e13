"""A picture of the photos that went worst: truth on the left, prediction on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from kdc.evaluation.labeler import LabelerFigures
from kdc.evaluation.model import load_photo
from kdc.evaluation.results import Detection, Results
from kdc.evaluation.truth import TrueImage, TruePerson, Truth
from kdc.overlay import draw_people
from kdc.schema import PoseSchema
from kdc.structures import Person

WORST = 10
_TILE, _TITLE, _GREY = 420, 20, 32


def worst_images(truth: Truth, figures: LabelerFigures, count: int = WORST) -> list[tuple[TrueImage, float]]:
    """Photos and their quality, worst first: the sum of OKS (missed: 0) over the number of true and false people."""
    total = {i.id: 0.0 for i in truth.images}
    people = {i.id: 0 for i in truth.images}
    for person in figures.people:
        total[person.image_id] += (person.oks if person.oks is not None else 0.5) if person.found else 0.0
        people[person.image_id] += 1
    for false in figures.false:
        people[false.image_id] += 1
    rated = [(image, total[image.id] / people[image.id]) for image in truth.images if people[image.id]]
    return sorted(rated, key=lambda pair: pair[1])[:count]


def worst_picture(
    truth: Truth,
    results: Results,
    figures: LabelerFigures,
    count: int = WORST,
    load: Callable[[Truth, TrueImage], np.ndarray] | None = None,
) -> bytes:
    """PNG of the worst photos, one row of two tiles each, two photos side by side."""
    cells = []
    for image, quality in worst_images(truth, figures, count):
        pixels = (load or load_photo)(truth, image)
        true = [_person(true_detection(p), truth.schema) for p in image.people if not p.crowd]
        everybody = sorted(results.people.get(image.id, ()), key=lambda d: -d.score)
        found = [_person(d, truth.schema) for d in everybody if d.score >= figures.min_score]
        left = _tile(pixels, true, truth.schema, f"{image.file_name}: true")
        right = _tile(pixels, found, truth.schema, f"found, quality {quality:.2f}")
        cells.append(np.hstack([left, right]))
    if not cells:
        cells = [np.full((_TILE, 2 * _TILE, 3), _GREY, np.uint8)]
    if len(cells) % 2:
        cells.append(np.full_like(cells[0], _GREY))
    sheet = np.vstack([np.hstack(cells[n : n + 2]) for n in range(0, len(cells), 2)])
    return bytes(cv2.imencode(".png", sheet[:, :, ::-1])[1])


def true_detection(person: TruePerson) -> Detection:
    """A true person as if it had been found."""
    flags = person.keypoints[:, 2].astype(np.uint8)
    return Detection(1.0, person.keypoints, flags, person.rle)


def _tile(pixels: np.ndarray, people: Sequence[Person], schema: PoseSchema, title: str) -> np.ndarray:
    height, width = pixels.shape[:2]
    factor = min(_TILE / width, (_TILE - _TITLE) / height)
    w, h = max(1, round(width * factor)), max(1, round(height * factor))
    drawn = draw_people(pixels, people, schema)
    tile = np.full((_TILE, _TILE, 3), _GREY, np.uint8)
    tile[_TITLE : _TITLE + h, :w] = cv2.resize(drawn, (w, h), interpolation=cv2.INTER_AREA)
    cv2.putText(tile, title[:58], (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1, cv2.LINE_AA)
    return tile


def _person(detection: Detection, schema: PoseSchema) -> Person:
    points = np.zeros((len(schema), 3)) if detection.keypoints is None else detection.keypoints.copy()
    points[:, 2] = np.clip(points[:, 2], 0, 1)
    return Person(points, float(np.clip(detection.score, 0, 1)), detection.visibility, detection.mask())
