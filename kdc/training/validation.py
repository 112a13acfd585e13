"""How good the model is while it trains: COCO figures on photos that the run does not see, and pictures of some."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from pycocotools import mask as coco_mask

from kdc.data.samples import Dataset, PersonLabel, Subset
from kdc.decode.centroids import ClusterConfig
from kdc.decode.decoder import DecodeConfig
from kdc.errors import KdcError
from kdc.evaluating import evaluate
from kdc.evaluation.model import true_keypoint_ious
from kdc.evaluation.results import Detection, Results
from kdc.evaluation.truth import BOX_SHARE, TrueImage, TruePerson, Truth, rle_of
from kdc.overlay import draw_people
from kdc.predictor import Predictor
from kdc.schema import PoseSchema
from kdc.structures import Person
from kdc.whole_files import replacing, write_whole

HELD_BACK = 50
"""Most photos that a run holds back by itself."""
PICTURES = 6
SHOWN = 0.15
"""Score from which people are drawn."""
SHARE = 0.15
"""Most of a run's time that validation between its start and end may take."""


def hold_back(dataset: Dataset, share: float) -> tuple[Dataset, Dataset | None]:
    """Training part and validation part: every n-th photo with people, so that the same photos are held back every time."""
    ready = [i for i in range(len(dataset)) if any(p.labelled for p in dataset.people(i))]
    count = min(HELD_BACK, round(len(ready) * share), len(dataset) - 1)
    if count < 1:
        return dataset, None
    held = {ready[int((k + 0.5) * len(ready) / count)] for k in range(count)}
    return Subset(dataset, [i for i in range(len(dataset)) if i not in held]), Subset(dataset, sorted(held))


class Validation:
    """Measures ``last.safetensors`` and keeps the best as ``best.safetensors``, both under ``out``.

    ``data``: photos with labels. ``decode``, ``cluster``: settings of the recipe. Figures are ``keypoints``, ``keypoints_50``, ``masks``,
    ``masks_50`` (COCO AP and AP50 where somebody has keypoints, or all have masks) and ``iou`` (masks with true keypoints given). Best is the model with the highest sum of the
    two APs.
    """

    def __init__(
        self,
        data: Dataset,
        out: Path,
        device: str = "auto",
        decode: Mapping[str, Any] | None = None,
        cluster: Mapping[str, Any] | None = None,
    ) -> None:
        self.data, self.out, self.device = data, out, device
        self.decode, self.cluster = configs(decode or {}, cluster or {})
        self.best = -1.0
        self.best_step = 0
        self._ended = time.monotonic()
        self._took = 0.0

    def due(self, last: bool) -> bool:
        """Whether validating now keeps to its share of the time."""
        return last or time.monotonic() - self._ended >= self._took / SHARE

    def __call__(self, model: Path, step: int) -> dict[str, float]:
        """Figures of ``model``; pictures into ``out/pictures``, the best model copied."""
        began = time.monotonic()
        predictor = Predictor(
            model, device=self.device, tiles="off", decode_config=self.decode, cluster_config=self.cluster
        )
        truth = truth_of(self.data)
        found: dict[int, tuple[Detection, ...]] = {}
        ious: list[float] = []
        for number, image in enumerate(truth.images):
            pixels = self.data[image.id - 1].image
            prediction = predictor.predict(pixels)
            found[image.id] = tuple(Detection.from_person(p) for p in prediction.people)
            ious += true_keypoint_ious(predictor, truth.schema, image, prediction.scene).values()
            if number < PICTURES:
                self._draw(number, step, pixels, prediction.people, predictor.schema)
        figures = figures_of(truth, Results(model.name, found))
        if ious:
            figures["iou"] = float(np.mean(ious))
        worth = figures.get("keypoints", 0.0) + figures.get("masks", 0.0)
        if worth >= self.best:
            self.best, self.best_step = worth, step
            copy_whole(model, self.out / "best.safetensors")
        self._took, self._ended = time.monotonic() - began, time.monotonic()
        return figures

    def _draw(self, number: int, step: int, pixels: np.ndarray, people: Sequence[Person], schema: PoseSchema) -> None:
        picture = draw_people(pixels, [p for p in people if p.score >= SHOWN], schema)
        done, packed = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        if done:
            write_whole(self.out / "pictures" / f"{number + 1}-step{step:06}.jpg", packed.tobytes())


def figures_of(truth: Truth, results: Results) -> dict[str, float]:
    """AP and AP50 by name, without those that nobody could be counted for."""
    report = evaluate(truth, results)
    figures = {}
    for name, values in (("keypoints", report.keypoints), ("masks", report.segm)):
        if values is not None and values[0] >= 0:
            figures[name], figures[f"{name}_50"] = float(values[0]), float(values[1])
    return figures


def truth_of(data: Dataset) -> Truth:
    """The labels of a dataset as ``kdc.evaluating`` wants them; image i of the dataset has id i + 1."""
    images, number = [], 1
    for i in range(len(data)):
        try:
            sample = data[i]
        except KdcError:
            continue
        height, width = sample.image.shape[:2]
        people = []
        for person in sample.people:
            people.append(true_person(person, number, (height, width)))
            number += 1
        known = sample.masks == "complete" and all(p.rle is not None for p in people)
        images.append(TrueImage(i + 1, sample.name, width, height, tuple(people), known))
    if not images:
        raise KdcError("No validation photos", "None of the photos held back for validation can be read.")
    return Truth("validation", data.schema, tuple(images))


def true_person(person: PersonLabel, number: int, size: tuple[int, int]) -> TruePerson:
    """A label with the area that OKS divides by: the mask's, else the usual share of the box."""
    segmentation = person.segmentation
    if isinstance(segmentation, list):
        segmentation = [np.asarray(p, np.float64).tolist() for p in segmentation]
    rle = rle_of(segmentation, size)
    area = float(coco_mask.area(rle)) if rle is not None else BOX_SHARE * person.box[2] * person.box[3]
    points = person.keypoints.astype(np.float64)
    return TruePerson(number, points, int((points[:, 2] > 0).sum()), area, person.box, person.crowd, rle)


def configs(decode: Mapping[str, Any], cluster: Mapping[str, Any]) -> tuple[DecodeConfig, ClusterConfig]:
    """A recipe's settings of decoding and clustering, refused in one sentence where one is not known."""
    try:
        return DecodeConfig(**decode), ClusterConfig(**cluster)
    except TypeError as error:
        raise KdcError(
            "Bad recipe", f"A setting of decode or cluster is not known ({str(error).split('__init__() ')[-1]})."
        ) from None


def copy_whole(source: Path, target: Path) -> None:
    """A copy that is there whole or not at all."""
    with replacing(target) as into, source.open("rb") as file:
        shutil.copyfileobj(file, into)
