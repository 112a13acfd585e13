"""How good results are: COCO, CrowdPose and OCHuman figures, and what a labeler gains.

    truth = read_truth(Path("person_keypoints.json"))
    report = evaluate(truth, read_results(Path("people.json"), truth))

A model is a source of results like any other: ``predict_all`` turns it into ``Results``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kdc.evaluation.coco import KEYPOINT_FIGURES, KINDS, MASK_FIGURES, CocoEvaluator, Evaluator
from kdc.evaluation.results import Detection, Results, read_results
from kdc.evaluation.truth import TrueImage, TruePerson, Truth, read_truth, truth_from_coco

__all__ = [
    "KEYPOINT_FIGURES",
    "KINDS",
    "MASK_FIGURES",
    "CocoEvaluator",
    "Detection",
    "Evaluator",
    "Report",
    "Results",
    "TrueImage",
    "TruePerson",
    "Truth",
    "evaluate",
    "read_results",
    "read_truth",
    "truth_from_coco",
]

PROTOCOLS = ("coco", "crowdpose", "ochuman")


@dataclass(frozen=True)
class Report:
    """What was measured. Figures that could not be computed are None.

    ``keypoints``, ``segm``: in the order of ``KEYPOINT_FIGURES`` and ``MASK_FIGURES``.
    """

    name: str
    images: int
    segm_images: int
    keypoints: tuple[float, ...] | None
    segm: tuple[float, ...] | None

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        return {
            "name": self.name,
            "images": self.images,
            "segm_images": self.segm_images,
            "keypoints": None if self.keypoints is None else list(self.keypoints),
            "segm": None if self.segm is None else list(self.segm),
        }


def evaluate(truth: Truth, results: Results, kinds: Sequence[str] = KINDS) -> Report:
    """All figures of ``results`` against ``truth``."""
    figures: dict[str, tuple[float, ...] | None] = {"keypoints": None, "segm": None}
    segm_images = sum(i.masks_known for i in truth.images)
    for kind in kinds:
        evaluator = CocoEvaluator(truth, kind)
        for image_id, people in results.people.items():
            evaluator.process(image_id, people)
        figures[kind] = evaluator.evaluate()
    return Report(results.name, len(truth.images), segm_images, figures["keypoints"], figures["segm"])
