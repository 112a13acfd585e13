"""Left and right that are swapped, against the model's say or against anatomy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kdc.schema import PoseSchema
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.checks.finding import Finding, Scene, joints, middle
from kdc_annotator.document.checks.similarity import oks
from kdc_annotator.document.commands.keypoints import SwapSides


def check(scene: Scene) -> Iterator[Finding]:
    """A person whose sides would fit a predicted person much better when swapped, or whose shoulders or hips cross."""
    for number, person in scene.singles:
        schema = scene.skeleton(person)
        if schema is None:
            continue
        swapped = SwapSides(person.id)
        if _model_says(scene, person, schema):
            sentence = f"Left and right of person {number} look swapped: the model sees them the other way round."
            yield Finding("swapped sides", sentence, "warning", (person.id,), middle(person), None, swapped)
        elif (part := crossed(person, schema)) is not None:
            sentence = f"Left and right of person {number} look swapped: shoulders and hips cross."
            yield Finding(
                "swapped sides", sentence, "warning", (person.id,), middle(person), None, SwapSides(person.id, part)
            )


def _model_says(scene: Scene, person: Annotation, schema: PoseSchema) -> bool:
    flip = np.array(schema.flip)
    paired = person.present & (flip != np.arange(len(flip)))
    if paired.sum() < 4:
        return False
    area = _area(person)
    for guess in scene.predicted:
        if guess.keypoints.shape != person.keypoints.shape:
            continue
        same = oks(person.keypoints, guess.keypoints, schema.sigmas, area, paired)
        other = oks(person.keypoints, guess.keypoints[flip], schema.sigmas, area, paired)
        if other > 0.6 and other > same + 0.3:
            return True
    return False


def crossed(person: Annotation, schema: PoseSchema) -> int | None:
    """The hip to swap where shoulders and hips are ordered clearly the other way round, None where they are not."""
    where = joints(schema)
    names = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
    if not all(n in where and person.present[where[n]] for n in names):
        return None
    ls, rs, lh, rh = (person.keypoints[where[n], :2] for n in names)
    shoulders, hips = ls - rs, lh - rh
    torso = float(np.linalg.norm((ls + rs) / 2 - (lh + rh) / 2))
    lengths = np.linalg.norm(shoulders), np.linalg.norm(hips)
    if not (torso >= 1e-6 and min(lengths) >= 0.25 * torso):  # Nor where absurd places make a torso that is no number.
        return None
    cosine = float(shoulders @ hips) / float(lengths[0] * lengths[1])
    return where["left_hip"] if cosine < -0.7 else None


def _area(person: Annotation) -> float:
    w, h = person.extent()[2:]
    return max(float(w * h), 1.0)
