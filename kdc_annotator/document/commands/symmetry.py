"""Left and right of a person: mirroring it, and guessing a keypoint from its other side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdc.schema import PoseSchema
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.commands.pins import pins_of, with_pins
from kdc_annotator.document.mask_shapes import mirrored


def placed(points: np.ndarray) -> np.ndarray:
    """(K,) bool: which of (K, 3) keypoints have a place: labelled ones, and those that keep theirs while they are not."""
    return (points != 0).any(1)  # type: ignore[no-any-return]


def mirrored_person(person: Annotation, flip: Sequence[int]) -> Annotation:
    """The person mirrored about the vertical line through the middle of its extent, rounded to half pixels."""
    x, _, w, _ = person.extent()
    axis = x + (w - 1) / 2
    order = np.array(flip) if len(flip) == len(person.keypoints) else np.arange(len(person.keypoints))
    points = person.keypoints.copy()
    there = placed(points)
    points[there, 0] = 2 * axis - points[there, 0]
    confidence = None if person.confidence is None else person.confidence[order]
    flags = person.confirmed_keypoints[order]
    moved = person.edited(keypoints=points[order], confirmed_keypoints=flags, confidence=confidence)
    if person.mask is not None:
        moved = moved.edited(mask=mirrored(person.mask, axis))
    inside, outside = pins_of(person)
    pins = [None if pin is None else mirrored(pin, axis) for pin in (person.mask if person.drawn else inside, outside)]
    moved = with_pins(moved, *pins)
    if person.box is not None and person.mask is None:
        bx, by, bw, bh = person.box
        moved = moved.edited(box=(2 * axis + 1 - bx - bw, by, bw, bh))
    return moved


def symmetric_guess(
    person: Annotation, schema: PoseSchema, keypoints: Sequence[int] | None = None
) -> dict[int, tuple[float, float, int]]:
    """Rows x, y, v = 1 for missing keypoints (of those asked for) whose other side is labelled, where that place lies in the photo.

    The body's axis runs through the mean of the middles of all complete pairs, along the line between the middles of
    shoulders and hips where both are complete; a line straight down where not. Without any pair: through the mean of
    the joints that have no other side, else of all.
    """
    points, there = person.keypoints, person.present
    if len(schema.flip) != len(points):
        return {}
    wanted = range(len(points)) if keypoints is None else keypoints
    missing = [
        k for k in wanted if 0 <= k < len(points) and not there[k] and schema.flip[k] != k and there[schema.flip[k]]
    ]
    if not missing:
        return {}
    pairs = [(k, m) for k, m in enumerate(schema.flip) if k < m and there[k] and there[m]]
    middles = np.array([(points[k, :2] + points[m, :2]) / 2 for k, m in pairs]).reshape(-1, 2)
    if len(middles):
        origin = middles.mean(0)
    else:
        single = [k for k in range(len(points)) if schema.flip[k] == k and there[k]]
        origin = points[single or np.flatnonzero(there), :2].mean(0)
    axis = np.array([0.0, 1.0])
    if len(middles) > 1:
        spread = middles - origin
        if np.ptp(middles, axis=0).max() > 1e-6:
            axis = np.linalg.svd(spread, full_matrices=False)[2][0]
    rows = {}
    width, height = person.size
    for k in missing:
        offset = points[schema.flip[k], :2] - origin
        x, y = (float(v) for v in origin + 2 * (offset @ axis) * axis - offset)
        if not (width and height) or (-0.5 <= x <= width - 0.5 and -0.5 <= y <= height - 0.5):
            rows[k] = (x, y, 1)
    return rows
