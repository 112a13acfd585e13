"""A model as a source of results, and its masks where everybody's true joints are given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from kdc.errors import KdcError
from kdc.evaluation.labeler import MIN_JOINTS, countable
from kdc.evaluation.results import Detection, Results
from kdc.evaluation.truth import TrueImage, TruePerson, Truth
from kdc.images import read_image
from kdc.schema import PoseSchema, map_keypoints
from kdc.structures import Mask, Person


class Model(Protocol):
    """What is measured: ``kdc.predictor.Predictor``, or anything that finds people and fills their masks."""

    @property
    def schema(self) -> PoseSchema:
        """The joints that it predicts."""

    def predict(self, image: np.ndarray) -> Any:
        """``people`` found in an (H, W, 3) uint8 RGB photo, in its pixels, and the ``scene`` that masks are made from."""

    def scene_masks(self, scene: Any, people: Sequence[Person]) -> Sequence[Mask]:
        """A mask for each of ``people`` in photo pixels, whoever placed their keypoints."""


def measure(
    model: Model,
    truth: Truth,
    name: str,
    true_keypoints: bool = True,
    progress: Callable[[int, int], None] | None = None,
    load: Callable[[Truth, TrueImage], np.ndarray] | None = None,
) -> tuple[Results, dict[int, float]]:
    """The people that the model finds in each photo, and the mask IoU by person id with true keypoints.

    IoUs are taken over people with a mask and ``MIN_JOINTS`` labelled joints; everybody with a labelled joint is given,
    at confidence 1. ``progress``: called with photos done and photos in all. ``load``: reads a photo (``load_photo``).
    """
    people: dict[int, tuple[Detection, ...]] = {}
    ious: dict[int, float] = {}
    if load is None:
        truth.refuse_missing()
    for done, image in enumerate(truth.images):
        pixels = (load or load_photo)(truth, image)
        prediction = model.predict(pixels)
        found = (Detection.from_person(p) for p in prediction.people)
        people[image.id] = tuple(in_schema(d, model.schema, truth.schema) for d in found)
        if true_keypoints:
            ious |= true_keypoint_ious(model, truth.schema, image, prediction.scene)
        if progress is not None:
            progress(done + 1, len(truth.images))
    return Results(name, people), ious


def true_keypoint_ious(model: Model, schema: PoseSchema, image: TrueImage, scene: Any) -> dict[int, float]:
    """Mask IoU by person id of one photo, everybody's true joints given. ``scene``: what the model saw in the photo."""
    given = [p for p in image.people if countable(p)]
    wanted = [p.rle is not None and int(p.labelled.sum()) >= MIN_JOINTS for p in given]
    if not any(wanted):
        return {}
    masks = model.scene_masks(scene, [true_person(p, schema, model.schema) for p in given])
    return {
        person.id: mask.iou(Mask.from_rle(person.rle))
        for person, mask, want in zip(given, masks, wanted, strict=True)
        if want and person.rle is not None
    }


def true_person(person: TruePerson, source: PoseSchema, target: PoseSchema) -> Person:
    """A true person as if the model had found exactly it: labelled joints at confidence 1, the others absent."""
    points = (
        person.keypoints if source.keypoints == target.keypoints else map_keypoints(person.keypoints, source, target)
    )
    there = points[:, 2] > 0
    keypoints = np.where(there[:, None], np.column_stack([points[:, :2], np.ones(len(points))]), 0.0)
    return Person(keypoints.astype(np.float32), 1.0, points[:, 2].astype(np.uint8))


def in_schema(detection: Detection, source: PoseSchema, target: PoseSchema) -> Detection:
    """The detection with the joints of ``target``."""
    if source.keypoints == target.keypoints or detection.keypoints is None:
        return detection
    flags = detection.visibility
    if flags is not None:
        seen = np.column_stack([detection.keypoints[:, :2], flags.astype(np.float64)])
        flags = map_keypoints(seen, source, target)[:, 2].astype(np.uint8)
    return Detection(detection.score, map_keypoints(detection.keypoints, source, target), flags, detection.rle)


def load_photo(truth: Truth, image: TrueImage) -> np.ndarray:
    """(H, W, 3) uint8 RGB in the frame of the annotations: upright, or as stored where they were made so."""
    path: Path = truth.path(image)
    photo = read_image(path)
    to_upright = photo.frame.published_to_upright(image.width, image.height)
    if to_upright is None:
        raise KdcError(
            "Sizes differ",
            f"{path} is {photo.frame.width}x{photo.frame.height}, its annotations are for {image.width}x{image.height}.",
        )
    if photo.pixels.shape[:2] == (image.height, image.width):
        return photo.pixels
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(photo.pixels, to_upright.matrix, (image.width, image.height), flags=flags)
