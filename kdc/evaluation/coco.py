"""COCO's keypoint and mask figures, computed by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from kdc.evaluation.results import Detection
from kdc.evaluation.truth import TrueImage, TruePerson, Truth

KEYPOINT_FIGURES = ("AP", "AP50", "AP75", "APM", "APL", "AR", "AR50", "AR75", "ARM", "ARL")
MASK_FIGURES = ("AP", "AP50", "AP75", "APS", "APM", "APL", "AR1", "AR10", "AR100", "ARS", "ARM", "ARL")
KINDS = ("keypoints", "segm")


class Evaluator(Protocol):
    """Takes the predicted people of one photo after the other, free of the model that made them."""

    def reset(self) -> None:
        """Forgets all photos."""

    def process(self, image_id: int, people: Sequence[Detection]) -> None:
        """Takes the people of one photo."""

    def evaluate(self) -> Any:
        """The figures over the photos of the truth; a photo that was never processed counts as one without people."""


class CocoEvaluator:
    """The figures of ``KEYPOINT_FIGURES`` or ``MASK_FIGURES``, -1 where nobody could be counted (as COCO has it).

    For masks, only photos in which every person has one count (``TrueImage.masks_known``). For keypoints, people without
    labelled joints and crowd regions are ignored, as COCO does.
    """

    def __init__(self, truth: Truth, kind: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {KINDS}, not {kind!r}")
        self._truth = truth
        self._kind = kind
        self._images = [i for i in truth.images if kind == "keypoints" or i.masks_known]
        self.reset()

    @property
    def photos(self) -> int:
        """How many photos count."""
        return len(self._images)

    def reset(self) -> None:
        """Forgets all photos."""
        self._people: dict[int, Sequence[Detection]] = {}

    def process(self, image_id: int, people: Sequence[Detection]) -> None:
        """Takes the people of one photo."""
        self._people[image_id] = people

    def evaluate(self) -> tuple[float, ...] | None:
        """The figures in COCO's order; None where no photo counts."""
        if not self._images:
            return None
        entries = result_entries(self._truth, self._kind, self._people, {i.id for i in self._images})
        engine = run_cocoeval(self._truth, self._images, entries, self._kind)
        return tuple(float(v) for v in engine.stats)


def result_entries(
    truth: Truth, kind: str, people: dict[int, Sequence[Detection]], image_ids: set[int]
) -> list[dict[str, Any]]:
    """The COCO result list of all people, in the order of the photos."""
    found = (
        d.entry(kind, image_id, truth.category_id)
        for image_id, group in people.items()
        if image_id in image_ids
        for d in group
    )
    entries = [entry for entry in found if entry is not None]
    # loadRes looks at the first entry only to learn what all of them hold.
    for key in ("bbox", "segmentation") if kind == "keypoints" else ("bbox",):
        if not all(entry.get(key) for entry in entries):
            for entry in entries:
                entry.pop(key, None)
    return entries


def run_cocoeval(
    truth: Truth, images: Sequence[TrueImage], entries: list[dict[str, Any]], kind: str, box_area: float | None = None
) -> COCOeval:
    """pycocotools' evaluation, summed up and silent. ``box_area``: use this share of the box as a person's area."""
    with contextlib.redirect_stdout(io.StringIO()):
        gt = coco_truth(truth, images, kind, box_area)
        if entries:
            dt = gt.loadRes(entries)
        else:
            dt = COCO()
            dt.dataset = {"images": gt.dataset["images"], "categories": gt.dataset["categories"], "annotations": []}
            dt.createIndex()
        engine = COCOeval(gt, dt, kind)
        engine.params.imgIds = sorted(i.id for i in images)
        engine.params.catIds = [truth.category_id]
        if kind == "keypoints":
            engine.params.kpt_oks_sigmas = np.array(truth.schema.sigmas)
        engine.evaluate()
        engine.accumulate()
        engine.summarize()
    return engine


def coco_truth(truth: Truth, images: Sequence[TrueImage], kind: str, box_area: float | None = None) -> COCO:
    """The photos as pycocotools' ``COCO``."""
    gt = COCO()
    gt.dataset = {
        "info": {},
        "images": [{"id": i.id, "file_name": i.file_name, "width": i.width, "height": i.height} for i in images],
        "categories": [truth.schema.to_coco_category(truth.category_id)],
        "annotations": [_annotation(p, i, truth.category_id, kind, box_area) for i in images for p in i.people],
    }
    gt.createIndex()
    return gt


def _annotation(
    person: TruePerson, image: TrueImage, category_id: int, kind: str, box_area: float | None
) -> dict[str, Any]:
    area = person.area if box_area is None else person.box[2] * person.box[3] * box_area
    entry: dict[str, Any] = {
        "id": person.id,
        "image_id": image.id,
        "category_id": category_id,
        "iscrowd": int(person.crowd),
        "area": area,
        "bbox": list(person.box),
        "num_keypoints": person.count,
    }
    if kind == "segm":
        entry["segmentation"] = person.rle
    else:
        entry["keypoints"] = person.keypoints.ravel().tolist()
    return entry
