"""Keypoints outside the image."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kdc_annotator.document.checks.finding import Finding, Scene
from kdc_annotator.document.commands.keypoints import MoveKeypoints


def check(scene: Scene) -> Iterator[Finding]:
    """Labelled keypoints that do not lie in the image; the repair pulls them to its border."""
    width, height = scene.photo.size
    if width <= 0 or height <= 0:
        return
    for number, person in scene.singles:
        points = person.keypoints
        out = (
            (points[:, 0] < -0.5) | (points[:, 1] < -0.5) | (points[:, 0] > width - 0.5) | (points[:, 1] > height - 0.5)
        )
        for k in np.flatnonzero(person.present & out):
            x, y = (float(v) for v in points[k, :2])
            inside = (min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0))
            yield Finding(
                "outside image",
                f"The {scene.name(person, int(k))} of person {number} lies outside the image.",
                "error",
                (person.id,),
                inside,
                int(k),
                MoveKeypoints(person.id, {int(k): inside}),
            )
