"""Counts over a project or an annotation file: people, keypoints, visibility, sizes, crowding, who did what, and time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.io.dataset import Dataset
from kdc_annotator.io.json_numbers import finite
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.annotated import annotated_images

SIZES = ("small", "medium", "large")
"""COCO's: an area below 32 x 32 pixels, below 96 x 96, and above."""
CROWDED_IOU = 0.3
"""People whose boxes overlap someone else's by this much, or more, count as crowded (CrowdPose's and OCHuman's kind of people)."""
MANY = 20


@dataclass
class Statistics:
    """``keypoints``: joint name -> how often unlabelled, occluded, visible, over people who have keypoints.
    ``people_per_image``: number of people -> images, all above ``MANY`` counted there. ``labelers``: name -> images, people,
    seconds. ``overlap``: sum of each person's greatest box overlap, for the mean."""

    images: int = 0
    status: Counter[str] = field(default_factory=Counter)
    people: int = 0
    crowd_regions: int = 0
    with_keypoints: int = 0
    with_mask: int = 0
    with_both: int = 0
    keypoints: dict[str, list[int]] = field(default_factory=dict)
    sizes: Counter[str] = field(default_factory=Counter)
    people_per_image: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    crowded: int = 0
    overlap: float = 0.0
    proposals: int = 0
    seconds: float = 0.0
    labelers: dict[str, dict[str, float]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values, with the means and shares that follow."""
        return {
            "images": self.images,
            "status": dict(self.status),
            "people": self.people,
            "people_per_image": {str(k): n for k, n in sorted(self.people_per_image.items())},
            "crowd_regions": self.crowd_regions,
            "with_keypoints": self.with_keypoints,
            "with_mask": self.with_mask,
            "with_both": self.with_both,
            "sizes": {name: self.sizes[name] for name in SIZES},
            "keypoints": {
                name: dict(zip(("unlabelled", "occluded", "visible"), counts, strict=True))
                for name, counts in self.keypoints.items()
            },
            "crowded": self.crowded,
            "mean_overlap": self.overlap / self.people if self.people else 0.0,
            "sources": dict(self.sources),
            "open_proposals": self.proposals,
            "active_seconds": round(self.seconds, 1),
            "labelers": self.labelers,
        }


def statistics(source: Project | Dataset) -> Statistics:
    """Counts a project or an annotation file."""
    found = Statistics()
    for photo, people in annotated_images(source):
        _add(found, photo, [p for p, _ in people], [schema.keypoints for _, schema in people])
    if isinstance(source, Project):
        found.proposals = source.count_proposals()
    return found


def _add(found: Statistics, photo: PhotoRecord, people: Sequence[Annotation], names: Sequence[tuple[str, ...]]) -> None:
    found.images += 1
    found.status[photo.status] += 1
    found.seconds += photo.active_seconds
    single = [p for p in people if not p.crowd]
    found.crowd_regions += len(people) - len(single)
    found.people += len(single)
    found.people_per_image[min(len(single), MANY)] += 1
    for person, joints in zip(people, names, strict=True):
        if not person.crowd:
            _person(found, person, joints)
    overlaps = greatest_overlaps([_box(p) for p in single])
    found.crowded += int((overlaps >= CROWDED_IOU).sum())
    found.overlap += float(overlaps.sum())
    if photo.labeler:
        row = found.labelers.setdefault(photo.labeler, {"images": 0, "people": 0, "seconds": 0.0})
        row["images"] += 1
        row["people"] += len(single)
        row["seconds"] = round(row["seconds"] + photo.active_seconds, 1)


def _person(found: Statistics, person: Annotation, joints: tuple[str, ...]) -> None:
    has_keypoints, has_mask = bool(person.present.any()), bool(person.segmentation)
    found.with_keypoints += has_keypoints
    found.with_mask += has_mask
    found.with_both += has_keypoints and has_mask
    source = person.provenance.source
    found.sources[f"{source}, confirmed" if person.provenance.confirmed and source == "model" else source] += 1
    _, _, width, height = _box(person)
    told = person.raw.get("area")
    if "segmentation" in person.touched and person.mask is not None:
        area = float(person.mask.area)
    else:
        usable = finite(told) and "segmentation" not in person.touched
        area = float(told) if usable else width * height  # type: ignore[arg-type]
    found.sizes[SIZES[0] if area < 32**2 else SIZES[1] if area < 96**2 else SIZES[2]] += 1
    if has_keypoints:
        for name, v in zip(joints, person.keypoints[:, 2].astype(int), strict=False):
            found.keypoints.setdefault(name, [0, 0, 0])[v] += 1


def _box(person: Annotation) -> tuple[float, float, float, float]:
    if person.box is not None and person.box[2] > 0 and person.box[3] > 0 and "segmentation" not in person.touched:
        return person.box
    return person.extent()


def greatest_overlaps(boxes: Iterable[tuple[float, float, float, float]]) -> np.ndarray:
    """(N,) float: the greatest intersection over union of each box (x, y, w, h) with another; 0 for one alone."""
    array = np.array(list(boxes), np.float64).reshape(-1, 4)
    if len(array) < 2:
        return np.zeros(len(array))
    low, high = array[:, :2], array[:, :2] + array[:, 2:]
    best = np.zeros(len(array))
    areas = array[:, 2] * array[:, 3]
    for i in range(len(array)):
        sides = np.minimum(high[i], high) - np.maximum(low[i], low)
        common = np.prod(np.clip(sides, 0, None), 1)
        union = areas[i] + areas - common
        iou = np.where(union > 0, common / np.maximum(union, 1e-9), 0)
        iou[i] = 0
        best[i] = iou.max()
    return best
