"""Two people that are most likely one."""

from __future__ import annotations

from collections.abc import Iterator

from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.checks.finding import Finding, Scene, middle
from kdc_annotator.document.checks.similarity import oks
from kdc_annotator.document.commands.people import MergePeople

MASK_IOU = 0.7
KEYPOINT_OKS = 0.85
COMMON_JOINTS = 3


def check(scene: Scene) -> Iterator[Finding]:
    """Pairs whose masks or keypoints nearly coincide; the repair merges the later one into the earlier."""
    singles = list(scene.singles)
    boxes = [person.extent() for _, person in singles]
    for i, (number, person) in enumerate(singles):
        for j in range(i + 1, len(singles)):
            other_number, other = singles[j]
            a, b = boxes[i], boxes[j]
            if min(a[0] + a[2], b[0] + b[2]) <= max(a[0], b[0]) or min(a[1] + a[3], b[1] + b[3]) <= max(a[1], b[1]):
                continue
            masks = person.mask is not None and other.mask is not None and person.mask.iou(other.mask) > MASK_IOU
            points = _same_points(scene, person, other, max(min(a[2] * a[3], b[2] * b[3]), 1))
            if masks or points:
                yield Finding(
                    "same person",
                    f"Person {number} and person {other_number} look like the same person.",
                    "warning",
                    (person.id, other.id),
                    middle(other),
                    None,
                    MergePeople(person.id, other.id) if person.keypoints.shape == other.keypoints.shape else None,
                )


def _same_points(scene: Scene, person: Annotation, other: Annotation, area: float) -> bool:
    schema = scene.skeleton(person)
    if schema is None or person.keypoints.shape != other.keypoints.shape:
        return False
    common = int((person.present & other.present).sum())
    return common >= COMMON_JOINTS and oks(person.keypoints, other.keypoints, schema.sigmas, area) > KEYPOINT_OKS
