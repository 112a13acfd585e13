"""How good results are: COCO, CrowdPose and OCHuman figures, and what a labeler gains.

    truth = read_data(Path("person_keypoints.json"))
    report = evaluate(truth, read_results(Path("people.json"), truth))

A model is a source of results like any other: ``measure`` turns it into ``Results`` and the mask IoU with true keypoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kdc.errors import KdcError, refusing
from kdc.evaluation.coco import KEYPOINT_FIGURES, KINDS, MASK_FIGURES, CocoEvaluator, Evaluator
from kdc.evaluation.crowdpose import CROWDPOSE_FIGURES, CrowdPoseEvaluator
from kdc.evaluation.labeler import Group, LabelerEvaluator, LabelerFigures
from kdc.evaluation.model import Model, measure
from kdc.evaluation.ochuman import RANGES, SPLITS, in_range, is_ochuman, truth_from_ochuman
from kdc.evaluation.results import Detection, Results, read_results, results_from_coco, results_from_list
from kdc.evaluation.truth import (
    TrueImage,
    TruePerson,
    Truth,
    photo_folder,
    read_json,
    truth_file,
    truth_from_coco,
)

__all__ = [
    "CROWDPOSE_FIGURES",
    "KEYPOINT_FIGURES",
    "KINDS",
    "MASK_FIGURES",
    "PROTOCOLS",
    "SPLITS",
    "CocoEvaluator",
    "CrowdPoseEvaluator",
    "Detection",
    "Evaluator",
    "LabelerEvaluator",
    "Model",
    "Report",
    "Results",
    "TrueImage",
    "TruePerson",
    "Truth",
    "check_request",
    "evaluate",
    "measure",
    "read_data",
    "read_results",
    "results_from_coco",
    "results_from_list",
    "truth_file",
    "truth_from_coco",
]

PROTOCOLS = ("coco", "crowdpose", "ochuman")


@dataclass(frozen=True)
class Report:
    """What was measured. Figures that nobody could be counted for are None, or -1 inside COCO's tuples.

    ``keypoints``, ``segm``: in the order of ``figure_names``. ``ranges``: the same two for OCHuman's moderate and hard people.
    ``segm_images``: photos whose masks count, because everybody in them has one.
    """

    name: str
    protocol: str
    images: int
    segm_images: int
    keypoints: tuple[float, ...] | None
    segm: tuple[float, ...] | None
    labeler: LabelerFigures
    ranges: Mapping[str, Mapping[str, tuple[float, ...] | None]] = field(default_factory=dict)
    elsewhere: int = 0
    silent: int = 0
    other: int = 0

    @property
    def everybody(self) -> Group:
        """The labeler's figures over all people."""
        return self.labeler.groups["all"]

    def figure_names(self, kind: str) -> tuple[str, ...]:
        """What the numbers of ``keypoints`` or ``segm`` are called."""
        if kind == "segm":
            return MASK_FIGURES
        return CROWDPOSE_FIGURES if self.protocol == "crowdpose" else KEYPOINT_FIGURES

    def to_json(self) -> dict[str, Any]:
        """The report as plain values."""
        people = self.everybody
        return {
            "name": self.name,
            "protocol": self.protocol,
            "images": self.images,
            "segm_images": self.segm_images,
            "figures": {kind: list(self.figure_names(kind)) for kind in KINDS},
            "keypoints": None if self.keypoints is None else list(self.keypoints),
            "segm": None if self.segm is None else list(self.segm),
            "iou_true_keypoints": people.iou_true_keypoints,
            "iou_predicted_keypoints": people.iou,
            "iou_predicted_keypoints_missed_as_zero": people.iou_missed_as_zero,
            "oks_matched": people.oks,
            "occluded_f1": people.occluded_f1,
            "missed_per_image": people.missed_per_image,
            "false_per_image": people.false_per_image,
            "ranges": {name: dict(figures) for name, figures in self.ranges.items()},
            "labeler": self.labeler.to_json(),
            "entries_of_other_photos": self.elsewhere,
            "photos_without_entries": self.silent,
            "entries_of_other_categories": self.other,
        }


def read_data(data: Path, images: Path | None = None, split: str = "val") -> Truth:
    """The truth in ``data``: a COCO file, a folder that holds ``person_keypoints.json``, or OCHuman's own file.

    ``images``: the photo folder; by default ``images`` beside the file where there is one, else the file's own folder.
    ``split``: ``val`` or ``test`` of OCHuman's own file. Raises ``KdcError`` that names the file when it is missing or
    holds no people.
    """
    file = truth_file(data)
    content = read_json(file)
    folder = photo_folder(file, images)
    with refusing("Not an annotation file", f"{file} holds values of a wrong kind"):
        if is_ochuman(content):
            return truth_from_ochuman(content, split, str(file), folder)
        return truth_from_coco(content, str(file), folder)


def check_request(truth: Truth, kinds: Sequence[str], protocol: str) -> None:
    """``KdcError`` for figures that ``evaluate`` can't give: better said before a model looks at all the photos."""
    if isinstance(kinds, str) or any(kind not in KINDS for kind in kinds):
        raise KdcError("Unknown type", f"The kinds of figures are {' and '.join(KINDS)}, not {kinds!r}.")
    if protocol not in PROTOCOLS:
        raise KdcError("Unknown protocol", f"The protocols are {', '.join(PROTOCOLS)}, not {protocol!r}.")
    if "keypoints" in kinds and protocol == "crowdpose" and any(i.crowd_index is None for i in truth.images):
        raise KdcError(
            "No crowd index",
            f"{truth.name}: a photo has no crowdIndex, which CrowdPose's easy, medium and hard need.",
        )


def evaluate(
    truth: Truth,
    results: Results,
    kinds: Sequence[str] = KINDS,
    protocol: str = "coco",
    true_ious: Mapping[int, float] | None = None,
    min_score: float | None = None,
) -> Report:
    """All figures of ``results`` against ``truth``.

    ``kinds``: of ``KINDS``; ``protocol``: of ``PROTOCOLS``. ``true_ious``, ``min_score``: see ``LabelerEvaluator``.
    """
    check_request(truth, kinds, protocol)
    keypoints: tuple[float, ...] | None = None
    if "keypoints" in kinds and protocol == "crowdpose":
        keypoints = run(CrowdPoseEvaluator(truth), results)
    elif "keypoints" in kinds:
        keypoints = run(CocoEvaluator(truth, "keypoints"), results)
    segm = run(CocoEvaluator(truth, "segm"), results) if "segm" in kinds else None
    ranges = {}
    if protocol == "ochuman":
        for name, low, high in RANGES[1:]:
            part = in_range(truth, low, high)
            if part is not None:
                ranges[name] = {kind: run(CocoEvaluator(part, kind), results) for kind in kinds}
    return Report(
        name=results.name,
        protocol=protocol,
        images=len(truth.images),
        segm_images=sum(i.masks_known for i in truth.images),
        keypoints=keypoints,
        segm=segm,
        labeler=run(LabelerEvaluator(truth, min_score, true_ious), results),
        ranges=ranges,
        elsewhere=results.elsewhere,
        silent=results.silent,
        other=results.other,
    )


def run(evaluator: Evaluator, results: Results) -> Any:
    """What the evaluator says of the results."""
    evaluator.reset()
    for image_id, people in results.people.items():
        evaluator.process(image_id, people)
    return evaluator.evaluate()
