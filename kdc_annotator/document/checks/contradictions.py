"""Values of the imported file that contradict each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.checks.finding import Finding, Scene, middle
from kdc_annotator.document.commands.keypoints import RecountKeypoints, RemoveKeypoint
from kdc_annotator.document.commands.masks import RemeasureMask
from kdc_annotator.document.commands.photo import Together
from kdc_annotator.document.edit import Command
from kdc_annotator.document.records import annotation_to_raw, as_float

AREA_TOLERANCE = 0.1
"""Relative; COCO's own areas are those of the polygons, not of the pixels. Below 20 pixels of difference nothing is said."""


def check(scene: Scene) -> Iterator[Finding]:
    """v = 0 with coordinates, num_keypoints that miscounts, area that is not the mask's, a box without size."""
    for number, person in scene.singles:
        yield from _ghosts(scene, number, person)
        out: dict[str, Any] = annotation_to_raw(person)
        count = int(person.present.sum())
        said = out.get("num_keypoints")
        if said is not None and len(person.keypoints) and out.get("keypoints") and said != count:
            sentence = (
                f"Person {number} says num_keypoints {said}, but {count} {'is' if count == 1 else 'are'} labelled."
            )
            yield Finding(
                "num_keypoints", sentence, "error", (person.id,), middle(person), None, RecountKeypoints(person.id)
            )
        area = out.get("area")
        if person.mask is not None and isinstance(area, int | float) and not isinstance(area, bool):
            pixels, area = person.mask.area, as_float(area)
            if not abs(area - pixels) <= max(AREA_TOLERANCE * pixels, 20):
                sentence = f"Person {number} says area {area:g}, but its mask has {pixels} {'pixel' if pixels == 1 else 'pixels'}."
                yield Finding("area", sentence, "warning", (person.id,), middle(person), None, _rewrite_mask(person))
        if (
            person.box is not None
            and "segmentation" not in person.touched
            and (person.box[2] <= 0 or person.box[3] <= 0)
        ):
            repair = _rewrite_mask(person) if person.mask is not None else None
            yield Finding(
                "bad box",
                f"The box of person {number} has no size.",
                "error",
                (person.id,),
                middle(person),
                None,
                repair,
            )


def _ghosts(scene: Scene, number: int, person: Annotation) -> Iterator[Finding]:
    ghosts = [int(k) for k in np.flatnonzero(~person.present & (person.keypoints[:, :2] != 0).any(1))]
    # COCO's evaluation wants a place for every joint of a scored person: those of v = 0 are the model's guesses.
    if ghosts and person.score is None and "keypoints" not in person.touched:
        names = scene.name(person, ghosts[0]) if len(ghosts) == 1 else f"{len(ghosts)} keypoints"
        x, y = (float(v) for v in person.keypoints[ghosts[0], :2])
        removals: tuple[Command, ...] = tuple(RemoveKeypoint(person.id, k) for k in ghosts)
        sentence = f"Person {number} has coordinates for {names} although unlabelled (v = 0)."
        yield Finding("ghost keypoint", sentence, "hint", (person.id,), (x, y), ghosts[0], Together(removals))


def _rewrite_mask(person: Annotation) -> Command | None:
    return None if person.mask is None else RemeasureMask(person.id)
