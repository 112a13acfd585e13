"""A picture of the photos that went worst: truth on the left, prediction on the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from kdc.evaluation.labeler import LabelerFigures
from kdc.evaluation.model import load_photo
from kdc.evaluation.results import Detection, Results
from kdc.evaluation.truth import TrueImage, Truth
from kdc.schema import PoseSchema

WORST = 10
_TILE = 420
_COLOURS = (
    (66, 135, 245),
    (245, 130, 48),
    (60, 200, 90),
    (230, 60, 120),
    (180, 110, 240),
    (240, 220, 60),
    (70, 220, 220),
)


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
        true = [Detection(1.0, p.keypoints, None, p.rle) for p in image.people if not p.crowd]
        found = [d for d in results.people.get(image.id, ()) if d.score >= figures.min_score]
        left = _tile(pixels, true, truth.schema, f"{image.file_name}: true")
        right = _tile(pixels, found, truth.schema, f"found, quality {quality:.2f}")
        cells.append(np.hstack([left, right]))
    if not cells:
        cells = [np.full((_TILE, 2 * _TILE, 3), 32, np.uint8)]
    if len(cells) % 2:
        cells.append(np.full_like(cells[0], 32))
    sheet = np.vstack([np.hstack(cells[n : n + 2]) for n in range(0, len(cells), 2)])
    return bytes(cv2.imencode(".png", sheet[:, :, ::-1])[1])


def _tile(pixels: np.ndarray, people: Sequence[Detection], schema: PoseSchema, title: str) -> np.ndarray:
    height, width = pixels.shape[:2]
    factor = min(_TILE / width, (_TILE - 20) / height)
    w, h = max(1, round(width * factor)), max(1, round(height * factor))
    small = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA)
    for n, person in enumerate(people):
        colour = _COLOURS[n % len(_COLOURS)]
        mask = person.mask()
        if mask is not None:
            full = cv2.resize(mask.to_full().astype(np.uint8), (w, h), interpolation=cv2.INTER_NEAREST)
            small[full > 0] = (0.6 * small[full > 0] + 0.4 * np.array(colour)).astype(np.uint8)
            outline = cv2.findContours(full, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
            cv2.drawContours(small, outline, -1, colour, 1)
        if person.keypoints is None:
            continue
        at = [tuple(round(float(v)) for v in ((p[:2] + 0.5) * factor - 0.5)) for p in person.keypoints]
        there = person.keypoints[:, 2] > 0
        for a, b in schema.skeleton:
            if there[a] and there[b]:
                cv2.line(small, at[a], at[b], colour, 2, cv2.LINE_AA)
        for k in np.flatnonzero(there):
            cv2.circle(small, at[k], 3, (255, 255, 255), -1, cv2.LINE_AA)
            cv2.circle(small, at[k], 2, colour, -1, cv2.LINE_AA)
    tile = np.full((_TILE, _TILE, 3), 32, np.uint8)
    tile[20 : 20 + h, :w] = small
    cv2.putText(tile, title[:58], (4, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1, cv2.LINE_AA)
    return tile
