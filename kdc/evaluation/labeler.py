"""What matters to a labeler: who is missed, who is made up, how far off joints and masks are, by size and crowding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kdc.evaluation.results import Detection
from kdc.evaluation.truth import TrueImage, TruePerson, Truth
from kdc.structures import Mask

MATCH_OKS = 0.5
"""A prediction is a person from this OKS on (mask IoU where results have no keypoints)."""
MIN_JOINTS = 3
"""Mask IoUs are taken over people with a mask and at least so many labelled joints."""
OVERLAP = 0.1
"""People are neighbours when their box covers this share of a person's box."""
SIZES = (("small", 32.0**2), ("medium", 96.0**2), ("large", float("inf")))
CROWDING = ("0 neighbours", "1 neighbour", "2 neighbours", "3+ neighbours")
HIDDEN = (("hidden 0-30 %", 0.3), ("hidden 30-70 %", 0.7), ("hidden > 70 %", float("inf")))


@dataclass(frozen=True)
class PersonRecord:
    """One countable true person (labelled joints, no crowd) and what was found of it.

    ``found``: a prediction matched. ``oks`` (None where results have no keypoints), ``iou`` and ``hits`` are of that
    prediction. ``iou`` is None where mask or prediction's mask is missing; ``iou_true``: the masker's with true keypoints. ``masked``: has a mask and
    ``MIN_JOINTS`` joints. ``hidden``: share of the joints that are not visible (occluded or unlabelled). ``hits``: joints
    with v = 1 that were called so, called so wrongly, and overlooked; None where visibility is not predicted.
    """

    image_id: int
    person_id: int
    size: str
    crowding: str
    hidden: float
    masked: bool
    found: bool
    oks: float | None = None
    iou: float | None = None
    iou_true: float | None = None
    hits: tuple[int, int, int] | None = None

    @property
    def hidden_group(self) -> str:
        """The group of ``HIDDEN`` that the person is in."""
        return next(name for name, most in HIDDEN if self.hidden <= most)


@dataclass(frozen=True)
class FalseRecord:
    """A predicted person where nobody is."""

    image_id: int
    size: str
    crowding: str


@dataclass(frozen=True)
class Group:
    """Figures of a group of people; None where nobody could be counted.

    ``people``, ``missed``, ``false``: counts; ``*_per_image``: divided by the photos of the whole evaluation. ``oks``: mean
    over matched people. ``iou``: mean mask IoU of matched people, ``iou_missed_as_zero`` with missed people as 0;
    ``iou_true_keypoints``: the masker's, given everybody's true joints. ``occluded_*``: v = 1 against v = 2.
    """

    people: int
    missed: int
    false: int
    missed_per_image: float
    false_per_image: float
    oks: float | None
    iou_people: int
    iou: float | None
    iou_missed_as_zero: float | None
    iou_true_people: int
    iou_true_keypoints: float | None
    occluded_f1: float | None
    occluded_precision: float | None
    occluded_recall: float | None


@dataclass(frozen=True)
class LabelerFigures:
    """All of it: ``groups`` by name (``all``, sizes, crowding, hidden share), at the score ``min_score``.

    ``chosen``: nobody asked for ``min_score``; it is the one with the fewest misses and false people together.
    """

    min_score: float
    chosen: bool
    groups: Mapping[str, Group]
    people: tuple[PersonRecord, ...] = field(repr=False)
    false: tuple[FalseRecord, ...] = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "min_score": self.min_score,
            "min_score_chosen": self.chosen,
            "groups": {name: vars(group) for name, group in self.groups.items()},
        }


class LabelerEvaluator:
    """Matches people greedily, best score first, as COCO does at OKS ``MATCH_OKS``.

    People without labelled joints and crowd regions are neither missed nor is a prediction on them false.
    ``min_score``: predictions below are left out; None: the score with the fewest misses and false people together.
    ``true_ious``: mask IoU with true keypoints by person id, where a model's masker was run.
    """

    def __init__(
        self, truth: Truth, min_score: float | None = None, true_ious: Mapping[int, float] | None = None
    ) -> None:
        self._truth = truth
        self._min_score = min_score
        self._true_ious = true_ious or {}
        self.reset()

    def reset(self) -> None:
        """Forgets all photos."""
        self._people: dict[int, Sequence[Detection]] = {}

    def process(self, image_id: int, people: Sequence[Detection]) -> None:
        """Takes the people of one photo."""
        self._people[image_id] = people

    def evaluate(self) -> LabelerFigures:
        """The figures over all photos."""
        sigmas = np.array(self._truth.schema.sigmas)
        matched = {i.id: match(i, self._people.get(i.id, ()), sigmas) for i in self._truth.images}
        cut = best_score(matched, self._people) if self._min_score is None else self._min_score
        people: list[PersonRecord] = []
        false: list[FalseRecord] = []
        for image in self._truth.images:
            found = self._people.get(image.id, ())
            of_person = {p: (d, oks) for d, (p, oks) in matched[image.id].items() if p >= 0 and found[d].score >= cut}
            boxes = [p.box for p in image.people if not p.crowd]
            for n, person in enumerate(image.people):
                if countable(person):
                    people.append(self._record(image, person, boxes, found, of_person.get(n)))
            for d, (p, _) in matched[image.id].items():
                if p == FALSE and found[d].score >= cut:
                    box, area = detection_box(found[d])
                    false.append(FalseRecord(image.id, size_of(area), crowding_of(box, boxes, itself=False)))
        groups = group_figures(people, false, len(self._truth.images))
        return LabelerFigures(float(cut), self._min_score is None, groups, tuple(people), tuple(false))

    def _record(
        self,
        image: TrueImage,
        person: TruePerson,
        boxes: Sequence[tuple[float, float, float, float]],
        found: Sequence[Detection],
        match: tuple[int, float] | None,
    ) -> PersonRecord:
        masked = person.rle is not None and int(person.labelled.sum()) >= MIN_JOINTS
        oks = iou = hits = None
        if match is not None:
            prediction = found[match[0]]
            oks = match[1] if prediction.keypoints is not None else None
            mask = prediction.mask()
            if masked and mask is not None and person.rle is not None:
                iou = mask.iou(Mask.from_rle(person.rle))
            if prediction.visibility is not None:
                hits = occlusion_hits(person, prediction.visibility)
        return PersonRecord(
            image_id=image.id,
            person_id=person.id,
            size=size_of(person.area),
            crowding=crowding_of(person.box, boxes, itself=True),
            hidden=float((person.keypoints[:, 2] != 2).mean()),
            masked=masked,
            found=match is not None,
            oks=oks,
            iou=iou,
            iou_true=self._true_ious.get(person.id),
            hits=hits,
        )


FALSE, IGNORED = -1, -2


def countable(person: TruePerson) -> bool:
    """A person whom a prediction can find or miss."""
    return not person.crowd and person.count > 0 and bool(person.labelled.any())


def oks_of(person: TruePerson, points: np.ndarray, sigmas: np.ndarray) -> float:
    """COCO's object keypoint similarity of (K, >= 2) ``points``; 0 to 1.

    For a person without labelled joints, the distance of each point to the box doubled around its centre counts, as in
    pycocotools: it says whether a prediction lies on somebody whom nobody labelled.
    """
    variance = 2 * (2 * sigmas) ** 2 * (person.area + np.spacing(1))
    there = person.labelled
    if there.any():
        distance = ((points[there, :2] - person.keypoints[there, :2]) ** 2).sum(1)
        return float(np.exp(-distance / variance[there]).mean())
    x, y, w, h = person.box
    low, high = np.array([x - w, y - h]), np.array([x + 2 * w, y + 2 * h])
    outside = np.maximum(low - points[:, :2], 0) + np.maximum(points[:, :2] - high, 0)
    return float(np.exp(-(outside**2).sum(1) / variance).mean())


def similarity(person: TruePerson, detection: Detection, sigmas: np.ndarray) -> float:
    """OKS, or mask IoU for a prediction without keypoints (its covered share on a crowd region)."""
    if detection.keypoints is not None:
        return oks_of(person, detection.keypoints, sigmas)
    mask = detection.mask()
    if mask is None or person.rle is None:
        return 0.0
    true = Mask.from_rle(person.rle)
    if person.crowd:
        iou, area = mask.iou(true), mask.area
        return iou * (true.area + area) / (1 + iou) / area if area else 0.0
    return mask.iou(true)


def match(image: TrueImage, found: Sequence[Detection], sigmas: np.ndarray) -> dict[int, tuple[int, float]]:
    """Who each prediction is: index of the person, ``FALSE`` or ``IGNORED``, and the similarity.

    Best score first; each takes the most similar free person from ``MATCH_OKS`` on, countable people before others. Leaving
    out predictions below a score does not change the matches of those above.
    """
    free = set(range(len(image.people)))
    out: dict[int, tuple[int, float]] = {}
    for d in sorted(range(len(found)), key=lambda n: -found[n].score):
        values = {n: similarity(image.people[n], found[d], sigmas) for n in free}
        good = [n for n, v in values.items() if v >= MATCH_OKS]
        best = max((n for n in good if countable(image.people[n])), key=lambda n: values[n], default=None)
        if best is not None:
            out[d] = (best, values[best])
            free.discard(best)
            continue
        ignored = max(good, key=lambda n: values[n], default=None)
        out[d] = (FALSE, 0.0) if ignored is None else (IGNORED, values[ignored])
        if ignored is not None and not image.people[ignored].crowd:
            free.discard(ignored)
    return out


def best_score(
    matched: Mapping[int, Mapping[int, tuple[int, float]]], people: Mapping[int, Sequence[Detection]]
) -> float:
    """The score at which misses and false people together are fewest; the higher one of equals."""
    gains: dict[float, int] = {}
    for image_id, pairs in matched.items():
        for d, (p, _) in pairs.items():
            score = people[image_id][d].score
            gains[score] = gains.get(score, 0) + (1 if p >= 0 else -1 if p == FALSE else 0)
    best, total, cut = 0, 0, max(gains, default=0.0)
    for score in sorted(gains, reverse=True):
        total += gains[score]
        if total > best:
            best, cut = total, score
    return cut


def occlusion_hits(person: TruePerson, predicted: np.ndarray) -> tuple[int, int, int]:
    """Joints called occluded rightly, wrongly, and occluded joints called visible, over joints that both sides have."""
    true = person.keypoints[:, 2]
    both = (true > 0) & (predicted > 0)
    hidden, called = true[both] == 1, predicted[both] == 1
    return int((hidden & called).sum()), int((~hidden & called).sum()), int((hidden & ~called).sum())


def size_of(area: float) -> str:
    """COCO's size of a person of that many square pixels."""
    return next(name for name, limit in SIZES if area < limit or limit == float("inf"))


def crowding_of(
    box: tuple[float, float, float, float], boxes: Iterable[tuple[float, float, float, float]], itself: bool
) -> str:
    """How many of ``boxes`` cover at least ``OVERLAP`` of ``box``. ``itself``: ``box`` is among them."""
    x, y, w, h = box
    count = -1 if itself else 0
    for a, b, c, d in boxes:
        common = max(0.0, min(x + w, a + c) - max(x, a)) * max(0.0, min(y + h, b + d) - max(y, b))
        count += common >= OVERLAP * w * h if w * h > 0 else (a, b, c, d) == box
    return CROWDING[min(max(count, 0), len(CROWDING) - 1)]


def detection_box(detection: Detection) -> tuple[tuple[float, float, float, float], float]:
    """Box and area of a prediction: its mask's, else its joints'."""
    mask = detection.mask()
    if mask is not None and mask.area:
        return mask.box, float(mask.area)
    if detection.keypoints is None:
        return (0.0, 0.0, 0.0, 0.0), 0.0
    there = detection.keypoints[detection.keypoints[:, 2] > 0, :2]
    xy = there if len(there) else detection.keypoints[:, :2]
    (x0, y0), (x1, y1) = xy.min(0), xy.max(0)
    return (float(x0), float(y0), float(x1 - x0), float(y1 - y0)), float((x1 - x0) * (y1 - y0))


def group_figures(people: Sequence[PersonRecord], false: Sequence[FalseRecord], images: int) -> dict[str, Group]:
    """Figures of everybody, of each size, crowding and hidden share."""
    groups = {"all": _group(people, false, images)}
    for name, _ in SIZES:
        groups[name] = _group([p for p in people if p.size == name], [f for f in false if f.size == name], images)
    for name in CROWDING:
        groups[name] = _group(
            [p for p in people if p.crowding == name], [f for f in false if f.crowding == name], images
        )
    for name, _ in HIDDEN:
        groups[name] = _group([p for p in people if p.hidden_group == name], [], images)
    return groups


def _group(people: Sequence[PersonRecord], false: Sequence[FalseRecord], images: int) -> Group:
    missed = sum(not p.found for p in people)
    ious = [p.iou for p in people if p.iou is not None]
    lost = sum(p.masked and not p.found for p in people)
    true_ious = [p.iou_true for p in people if p.iou_true is not None]
    hits = [p.hits for p in people if p.hits is not None]
    right, wrong, overlooked = (sum(h[n] for h in hits) for n in range(3))
    return Group(
        people=len(people),
        missed=missed,
        false=len(false),
        missed_per_image=missed / max(images, 1),
        false_per_image=len(false) / max(images, 1),
        oks=_mean([p.oks for p in people if p.oks is not None]),
        iou_people=len(ious),
        iou=_mean(ious),
        iou_missed_as_zero=sum(ious) / (len(ious) + lost) if ious else None,
        iou_true_people=len(true_ious),
        iou_true_keypoints=_mean(true_ious),
        occluded_f1=2 * right / (2 * right + wrong + overlooked) if right + wrong + overlooked else None,
        occluded_precision=right / (right + wrong) if right + wrong else None,
        occluded_recall=right / (right + overlooked) if right + overlooked else None,
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if len(values) else None
