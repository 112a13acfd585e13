"""How far two labelers agree on the same photos: OKS and IoU of matched people, joint by joint, disagreements ranked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kdc.counted import counted
from kdc.schema import PoseSchema, canonical_name, map_keypoints
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.io.dataset import Dataset
from kdc_annotator.io.merge_photos import found_again
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.annotated import People, annotated_images

SAME = 0.1
"""Two annotations can be of one person from this mean of OKS and mask IoU on."""
_BOX_SHARE = 0.53
"""A person's area as a share of the box, for people without a mask (COCO's usual value)."""


@dataclass(frozen=True)
class Disagreement:
    """``score``: 0 to 1, 0 is worst. ``people``: numbers (1-based) in A and in B, None for a person that only one has."""

    image: str
    score: float
    people: tuple[int | None, int | None]
    sentence: str


@dataclass
class JointAgreement:
    """Over people who are matched. ``oks``: of joints that both labelled. ``distances``: in pixels. ``one_only``: labelled by one.
    ``visibility``: both labelled it, and with the same visibility."""

    oks: list[float] = field(default_factory=list)
    distances: list[float] = field(default_factory=list)
    one_only: int = 0
    visibility: int = 0


@dataclass
class Agreement:
    """``only``: people without a partner, in A and in B. ``oks``, ``iou``: of each matched pair that has what it takes. ``no_iou``: why
    matched pairs have no IoU -> how many. ``resized``: images to which A and B give different sizes. ``repeated``: file names that A or B
    gives to another image, too, which was left out."""

    images: int = 0
    images_elsewhere: int = 0
    matched: int = 0
    only: tuple[int, int] = (0, 0)
    oks: list[float] = field(default_factory=list)
    iou: list[float] = field(default_factory=list)
    no_iou: dict[str, int] = field(default_factory=dict)
    resized: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    joints: dict[str, JointAgreement] = field(default_factory=dict)
    disagreements: list[Disagreement] = field(default_factory=list)

    def to_json(self, most: int | None = None) -> dict[str, Any]:
        """Plain values; means are None where nothing was compared."""
        joints = {
            name: {
                "compared": len(j.oks),
                "oks": _mean(j.oks),
                "median_distance": float(np.median(j.distances)) if j.distances else None,
                "labelled_by_one": j.one_only,
                "same_visibility": j.visibility / len(j.oks) if j.oks else None,
            }
            for name, j in self.joints.items()
        }
        return {
            "images": self.images,
            "images_in_one_only": self.images_elsewhere,
            "matched": self.matched,
            "only_in_first": self.only[0],
            "only_in_second": self.only[1],
            "oks": _mean(self.oks),
            "iou": _mean(self.iou),
            "notes": self.notes(),
            "joints": joints,
            "disagreements": [
                {"image": d.image, "score": round(d.score, 4), "people": list(d.people), "sentence": d.sentence}
                for d in self.disagreements[:most]
            ],
        }

    def notes(self) -> list[str]:
        """What makes the figures less than they could be, in sentences."""
        found = []
        if self.no_iou:
            why = "; ".join(f"{reason} ({count:,})" for reason, count in sorted(self.no_iou.items()))
            found.append(
                f"No mask IoU for {sum(self.no_iou.values()):,} of {counted(self.matched, 'person')} in both: {why}."
            )
        if self.resized:
            found.append(
                f"{counted(len(self.resized), 'photo has', 'photos have')} another width and height in the second (such as "
                f"{self.resized[0]}), so places and masks there may not be comparable."
            )
        if self.repeated:
            found.append(
                f"{counted(len(self.repeated), 'image was', 'images were')} left out, because one before has the same file name (such as "
                f"{self.repeated[0]})."
            )
        return found


def agreement(first: Project | Dataset, second: Project | Dataset) -> Agreement:
    """Compares two sources, image by image by file name, or by id and content where one of two parts found the photo in another
    place since. Crowd regions take no part."""
    found = Agreement()
    theirs: dict[str, tuple[tuple[int, int], People]] = {}
    moved: dict[str, str] = {}
    if isinstance(first, Project) and isinstance(second, Project):
        moved = {path: second.photo(i).path for path, i in found_again(first, second).items()}
    for photo, people in annotated_images(second):
        if photo.path in theirs:
            found.repeated.append(photo.path)
        else:
            theirs[photo.path] = (photo.size, _single(people))
    seen: set[str] = set()
    for photo, people in annotated_images(first):
        if photo.path in seen:
            found.repeated.append(photo.path)
            continue
        seen.add(photo.path)
        size, other = theirs.pop(moved.get(photo.path, photo.path), ((0, 0), None))
        if other is None:
            found.images_elsewhere += 1
            continue
        found.images += 1
        if all(photo.size) and all(size) and photo.size != size:
            found.resized.append(photo.path)
        mine = _single(people)
        known = _known_size((photo.size, size), [*mine, *other])
        _compare(found, photo.path, _in_photo(mine, known), _in_photo(other, known))
    found.images_elsewhere += len(theirs)
    found.disagreements.sort(key=lambda d: d.score)
    return found


def _single(people: People) -> People:
    return [(person, schema) for person, schema in people if not person.crowd]


def _known_size(sizes: Sequence[tuple[int, int]], people: People) -> tuple[int, int]:
    """The photo's size as one of the two says it, else as the first RLE does; zeros where none does."""
    told = next((size for size in sizes if all(size)), None)
    packed = (p.mask for p, _ in people if told is None and isinstance(p.segmentation, dict))
    return told or next(((m.width, m.height) for m in packed if m is not None), (0, 0))


def _in_photo(people: People, size: tuple[int, int]) -> People:
    return [(person if all(person.size) else replace(person, size=size), schema) for person, schema in people]


def _compare(found: Agreement, image: str, a: People, b: People) -> None:
    scores = np.zeros((len(a), len(b)))
    pairs = {}
    for i, (mine, schema) in enumerate(a):
        for j, (other, other_schema) in enumerate(b):
            pair = Pair.of(mine, schema, other, other_schema)
            pairs[i, j] = pair
            scores[i, j] = pair.score
    matched = greedy(scores, SAME)
    found.matched += len(matched)
    for i, j in matched:
        pair = pairs[i, j]
        if pair.oks is not None:
            found.oks.append(pair.oks)
        if pair.iou is not None:
            found.iou.append(pair.iou)
        else:
            why = _why_no_iou(a[i][0], b[j][0])
            found.no_iou[why] = found.no_iou.get(why, 0) + 1
        worst = pair.tell(found.joints)
        if pair.score < 1 - 1e-9 or worst:
            parts = [
                f"OKS {pair.oks:.2f}" if pair.oks is not None else "",
                f"IoU {pair.iou:.2f}" if pair.iou is not None else "",
            ]
            text = ", ".join([*(p for p in parts if p), *([worst] if worst else [])])
            found.disagreements.append(Disagreement(image, pair.score, (i + 1, j + 1), text))
    for i in sorted(set(range(len(a))) - {i for i, _ in matched}):
        found.only = (found.only[0] + 1, found.only[1])
        found.disagreements.append(Disagreement(image, 0.0, (i + 1, None), "only the first has this person"))
    for j in sorted(set(range(len(b))) - {j for _, j in matched}):
        found.only = (found.only[0], found.only[1] + 1)
        found.disagreements.append(Disagreement(image, 0.0, (None, j + 1), "only the second has this person"))


def _why_no_iou(a: Annotation, b: Annotation) -> str:
    if not a.segmentation or not b.segmentation:
        return "no mask in one of the two"
    if not all(a.size) or not all(b.size):
        return (
            "neither says the photo's width and height, and the photo is not there; --images names the photos' folder"
        )
    return "a mask that can't be read, which `check` lists"


def greedy(scores: np.ndarray, least: float) -> list[tuple[int, int]]:
    """Pairs (row, column) from the best on, each row and column once, none below ``least``."""
    left = scores.copy()
    pairs = []
    while left.size and left.max() >= least:
        i, j = (int(v) for v in np.unravel_index(int(left.argmax()), left.shape))
        pairs.append((i, j))
        left[i] = left[:, j] = -1
    return sorted(pairs)


@dataclass(frozen=True, eq=False)
class Pair:
    """Two annotations compared. ``points``: (2, K, 3) x, y, v. ``near``: (K,) joint similarity exp(-d^2 / 2 s^2 k^2) (COCO's, symmetric:
    with the mean of both areas)."""

    schema: PoseSchema
    points: np.ndarray
    near: np.ndarray
    oks: float | None
    iou: float | None

    @classmethod
    def of(cls, a: Annotation, schema: PoseSchema, b: Annotation, other: PoseSchema) -> Pair:
        """Compares; ``b``'s joints are taken in the order of ``a``'s schema."""
        theirs = b.keypoints
        if [canonical_name(n) for n in other.keypoints] != [canonical_name(n) for n in schema.keypoints]:
            theirs = map_keypoints(theirs, other, schema)
        points = np.stack([a.keypoints, theirs])
        both = (points[:, :, 2] > 0).all(0)
        area = max(1.0, (_area(a) + _area(b)) / 2)
        distance = ((points[0, :, :2] - points[1, :, :2]) ** 2).sum(1)
        near = np.exp(-distance / (2 * area * (2 * np.asarray(schema.sigmas)) ** 2))
        oks = float(near[both].mean()) if both.any() else None
        iou = a.mask.iou(b.mask) if a.mask is not None and b.mask is not None else None
        return cls(schema, points, near, oks, iou)

    @property
    def score(self) -> float:
        """Mean of OKS and IoU, or what there is of them; 0 where there is neither."""
        told = [v for v in (self.oks, self.iou) if v is not None]
        return float(np.mean(told)) if told else 0.0

    def tell(self, joints: dict[str, JointAgreement]) -> str:
        """Adds to the joints' figures; returns what is worst in words, "" where nothing is."""
        worst: tuple[float, str] = (0.9, "")
        for k, name in enumerate(self.schema.keypoints):
            joint = joints.setdefault(name, JointAgreement())
            v, w = (int(flag) for flag in self.points[:, k, 2])
            words = name.replace("_", " ")
            if bool(v) != bool(w):
                joint.one_only += 1
                worst = min(worst, (0.5, f"{words} labelled by one only"))
            elif v:
                joint.oks.append(float(self.near[k]))
                joint.distances.append(float(np.hypot(*(self.points[0, k, :2] - self.points[1, k, :2]))))
                joint.visibility += v == w
                worst = min(worst, (float(self.near[k]), f"{words} {joint.distances[-1]:.0f} px apart"))
        return worst[1]


def _area(person: Annotation) -> float:
    if person.mask is not None and person.mask.bits.size:
        return float(person.mask.area)
    _, _, width, height = person.box if person.box is not None else person.extent()
    return _BOX_SHARE * width * height


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
