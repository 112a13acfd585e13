"""The joints that a person lacks, from those that it has: a few clicks make a whole pose.

completer = LearntCompleter(predictor.poser)            # or the service's
for joint, (x, y, confidence) in missing_joints(live, completer, number).items(): ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from kdc.decode.masker import Scene
from kdc.structures import Person
from kdc_annotator.engine.live import LivePerson
from kdc_annotator.engine.recluster import Reclusterer

LIKELY = 0.45
"""Confidence from which a joint counts as being there, as where the model finds people (``PoseConfig.present``)."""
LEAST = 2
"""Joints that somebody must have before the others can be told: one says neither how large the person is nor where it looks."""


class Completer(Protocol):
    """Whoever can tell where a person's missing joints are."""

    def joints(self, scene: Scene, people: Sequence[Person], index: int) -> np.ndarray:
        """(K, 3) float32 INPUT x, y and confidence, of ``people[index]``; ``people``: all of the photo, INPUT pixels. (0, 3) where
        there is nothing to say."""
        ...


class LearntCompleter:
    """The model's refinement of poses (``kdc.pose_refinement``)."""

    def __init__(self, poser: Any) -> None:
        self._poser = poser

    def joints(self, scene: Scene, people: Sequence[Person], index: int) -> np.ndarray:
        """See ``Completer``; the scene has a photo and the features."""
        assert scene.input is not None
        return self._poser.complete(scene.input, scene.fields, people, index)  # type: ignore[no-any-return]


def missing_joints(
    live: Reclusterer, completer: Completer, number: int, least: float = LIKELY
) -> dict[int, tuple[float, float, float]]:
    """Joint -> photo x, y and confidence (at least ``least``) of the joints that a person lacks and that lie in the photo.

    Joints that the labeler marked as absent stay absent; ``live`` is not changed.
    """
    person = live.person(number)
    if int(person.present.sum()) < LEAST:
        return {}
    scene, people, index = live.scene_people()
    found = completer.joints(scene, people, index[number])
    if not len(found):
        return {}
    box = scene.letterbox
    points = box.to_image.apply(found[:, :2].astype(np.float64))
    inside = ((points > -0.5) & (points < (box.width - 0.5, box.height - 0.5))).all(1)
    wanted = ~person.present & ~person.confirmed & inside & (found[:, 2] >= least)
    return {int(k): (*(float(v) for v in points[k]), float(found[k, 2])) for k in np.flatnonzero(wanted)}  # type: ignore[misc]


def with_joints(person: LivePerson, joints: Mapping[int, tuple[float, float, float]]) -> LivePerson:
    """The person with these joints besides, as the network would have found them: visible, not confirmed."""
    points, confidence, flags = person.points.copy(), person.confidence.copy(), person.visibility.copy()
    for k, (x, y, sure) in joints.items():
        points[k], confidence[k], flags[k] = (x, y), sure, 2
    return replace(person, points=points, confidence=confidence, visibility=flags)
