"""Predicted people: from a model, from the COCO file that ``kdc-annotator predict`` writes, from a COCO result list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import MISFITS, KdcError, refusing
from kdc.evaluation.frames import turned_points, turned_rle, upright_of
from kdc.evaluation.truth import TrueImage, Truth, read_json, rle_of, whole_id
from kdc.geometry import Affine
from kdc.schema import PoseSchema, map_keypoints
from kdc.structures import Mask, Person


@dataclass(frozen=True, eq=False)
class Detection:
    """One predicted person of a photo.

    ``keypoints``: (K, 3) float64 in the truth's schema: x, y in pixels of the photo and the file's third value, or None.
    ``visibility``: (K,) 0, 1, 2, or None where only confidences are known. ``rle``: the mask as compressed COCO RLE, or
    None. ``raw``: the entry of a COCO result list as it was, so that pycocotools sees what it would see by itself.
    """

    score: float
    keypoints: np.ndarray | None = None
    visibility: np.ndarray | None = None
    rle: dict[str, Any] | None = None
    raw: Mapping[str, Any] | None = None

    @classmethod
    def from_person(cls, person: Person) -> Detection:
        """The detection that a person is. Joints of confidence 0 keep the position that the model gave them."""
        rle = None if person.mask is None else rle_of(person.mask.to_rle(), (person.mask.height, person.mask.width))
        return cls(float(person.score), person.keypoints.astype(np.float64), person.visibility, rle)

    def mask(self) -> Mask | None:
        """The mask's pixels."""
        return None if self.rle is None else Mask.from_rle(self.rle)

    def entry(self, kind: str, image_id: int, category_id: int) -> dict[str, Any] | None:
        """The COCO result entry for ``keypoints`` or ``segm``; None where the person has none of that."""
        base: dict[str, Any] = dict(self.raw) if self.raw is not None else {}
        base |= {"image_id": image_id, "category_id": category_id, "score": self.score}
        if kind == "segm":
            return None if self.rle is None else base | {"segmentation": self.rle}
        if self.keypoints is None:
            return None
        base["keypoints"] = self.keypoints.ravel().tolist()
        base.pop("segmentation", None)
        if self.raw is not None and self.rle is not None:
            base["segmentation"] = self.rle
        return base


@dataclass(frozen=True, eq=False)
class Results:
    """The predicted people of each photo of a truth, by image id.

    ``elsewhere``: how many entries name a photo that the truth does not have. ``silent``: how many photos of the truth
    have no entry at all. ``other``: how many entries are of categories that are not the truth's people.
    """

    name: str
    people: Mapping[int, tuple[Detection, ...]]
    elsewhere: int = 0
    silent: int = 0
    other: int = 0


def read_results(file: Path, truth: Truth) -> Results:
    """The people in a results file, for the photos of ``truth``.

    A COCO dictionary (what ``kdc-annotator predict`` writes) is joined by file name, a COCO result list by image_id.
    Raises ``KdcError`` that names the file when it is neither, or when none of its photos, or of a list's categories, is in the truth.
    """
    content = read_json(file)
    with refusing("Not a results file", f"{file} holds values of a wrong kind"):
        if isinstance(content, Mapping):
            return results_from_coco(content, truth, str(file))
        if isinstance(content, list):
            found = results_from_list(content, truth, str(file))
            if content and found.other == len(content):
                wanted = truth.category_text or truth.category_id
                raise KdcError(
                    "Other categories",
                    f"No entry of {file} has the category_id {wanted!r}, which people have in {truth.name}; write that one for people.",
                )
            return found
    raise KdcError("Not a results file", f"{file} holds neither a COCO file with scores nor a COCO result list.")


def results_from_list(entries: Sequence[Any], truth: Truth, name: str) -> Results:
    """The people of a COCO result list (``image_id``, ``score``, ``keypoints`` and/or ``segmentation`` each)."""
    texts = any(image.text for image in truth.images)
    images = {image.text if texts and image.text else image.id: image for image in truth.images}
    people: dict[int, list[Detection]] = {}
    elsewhere = other = 0
    for number, entry in enumerate(entries):
        if not isinstance(entry, Mapping) or "image_id" not in entry or not _is_number(entry.get("score")):
            raise KdcError("Not a results file", f"{name}: entry {number} needs image_id and a numeric score.")
        category = whole_id(entry.get("category_id", truth.category_id))
        if category != truth.category_id and category != (truth.category_text or truth.category_id):
            other += 1
            continue
        image = images.get(whole_id(entry["image_id"]))
        if image is None:
            elsewhere += 1
            continue
        where = f"{name}, entry {number} ({image.file_name})"
        points = _points(entry.get("keypoints"), truth.schema, where)
        detection = Detection(
            score=float(entry["score"]), keypoints=points, visibility=None, rle=_rle(entry, image, where), raw=entry
        )
        people.setdefault(image.id, []).append(detection)
    if elsewhere and elsewhere + other == len(entries):
        raise KdcError(
            "Other photos", f"No image_id of {name} is in {truth.name}; are these results of the same photos?"
        )
    return Results(name, {k: tuple(v) for k, v in people.items()}, elsewhere, len(truth.images) - len(people), other)


def results_from_coco(content: Mapping[str, Any], truth: Truth, name: str) -> Results:
    """The people of a COCO dictionary whose annotations carry ``score``, joined with the truth by file name.

    Names are compared whole, then without their folders. Keypoints of another schema are mapped by joint name. People of
    upright photos are turned into the frame of a truth that ignored EXIF.
    """
    images, annotations = content.get("images"), content.get("annotations")
    if not isinstance(images, list) or not isinstance(annotations, list):
        raise KdcError("Not a results file", f"{name} has no lists of images and annotations.")
    find = _by_name(truth.images, [_file_name(i, name) for i in images])
    joined: dict[Any, TrueImage] = {}
    turns: dict[int, Affine] = {}
    for raw in images:
        image = find.get(_file_name(raw, name))
        if image is None:
            continue
        turn = upright_of(truth, image, (raw.get("width", image.width), raw.get("height", image.height)), name)
        if turn is not None:
            turns[image.id] = turn
        joined[raw["id"]] = image
    if images and not joined:
        raise KdcError(
            "Other photos", f"No file name of {name} is in {truth.name}; are these results of the same photos?"
        )
    schemas = _schemas(content.get("categories"))
    of_people = _of_people(content.get("categories"), schemas)
    people: dict[int, list[Detection]] = {image.id: [] for image in joined.values()}
    elsewhere = other = 0
    for number, raw in enumerate(annotations):
        if not isinstance(raw, Mapping) or "image_id" not in raw or not _is_number(raw.get("score")):
            raise KdcError("No scores", f"{name}: annotation {number} has no score, so this is no results file.")
        if of_people and raw.get("category_id") not in of_people:
            other += 1
            continue
        if raw.get("iscrowd"):
            continue
        image = joined.get(raw["image_id"])
        if image is None:
            elsewhere += 1
            continue
        where = f"{name}, annotation {number} ({image.file_name})"
        schema = schemas.get(raw.get("category_id"), truth.schema)
        points = _points(raw.get("keypoints"), schema, where)
        if points is not None and schema.keypoints != truth.schema.keypoints:
            points = map_keypoints(points, schema, truth.schema)
        turn = turns.get(image.id)
        rle = _rle(raw, image, where, turn)
        if points is not None and turn is not None:
            points = turned_points(points, turn)
        flags = points is not None and bool(np.isin(points[:, 2], (0, 1, 2)).all())
        visibility = points[:, 2].astype(np.uint8) if points is not None and flags else None
        people[image.id].append(Detection(score=float(raw["score"]), keypoints=points, visibility=visibility, rle=rle))
    silent = len(truth.images) - len(people)
    return Results(name, {k: tuple(v) for k, v in people.items()}, elsewhere, silent, other)


def _by_name(images: Iterable[TrueImage], names: Sequence[str]) -> dict[str, TrueImage]:
    """Which photo of the truth each file name means; a name without its folders counts where it is unique on both sides."""
    images = list(images)
    whole = {image.file_name: image for image in images}
    short = {_tail(image.file_name): image for image in images}
    here = Counter(_tail(image.file_name) for image in images)
    there = Counter(_tail(n) for n in set(names))
    found = {}
    for name in names:
        tail = _tail(name)
        if name in whole:
            found[name] = whole[name]
        elif here[tail] == 1 and there[tail] == 1:
            found[name] = short[tail]
        elif here[tail]:
            raise KdcError("Ambiguous photo", f"{name} could be more than one photo: several are called {tail}.")
    return found


def _tail(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _file_name(raw: Any, name: str) -> str:
    if not isinstance(raw, Mapping) or "id" not in raw or not isinstance(raw.get("file_name"), str):
        raise KdcError("Not a results file", f"{name}: each image needs id and file_name.")
    return str(raw["file_name"])


def _schemas(categories: Any) -> dict[Any, PoseSchema]:
    found = [c for c in categories or () if isinstance(c, Mapping) and c.get("keypoints")]
    return {c.get("id"): PoseSchema.from_coco_category(c) for c in found}


def _of_people(categories: Any, schemas: Mapping[Any, PoseSchema]) -> set[Any]:
    """The ids of the categories that people are in: those with keypoints, else those called person; none where all are."""
    if schemas:
        return set(schemas)
    listed = [c for c in categories or () if isinstance(c, Mapping)]
    return {c.get("id") for c in listed if str(c.get("name", "")).strip().lower() in ("person", "people", "human")}


def _points(flat: Any, schema: PoseSchema, where: str) -> np.ndarray | None:
    if flat is None or (isinstance(flat, Sequence) and not len(flat)):
        return None
    try:
        points = np.array(flat, np.float64).reshape(-1)
    except (TypeError, ValueError, OverflowError):
        points = np.empty(0)
    if len(points) != 3 * len(schema) or not np.isfinite(points).all():
        raise KdcError("Bad keypoints", f"{where}: keypoints must be {3 * len(schema)} finite numbers.")
    return points.reshape(-1, 3)


def _rle(raw: Mapping[str, Any], image: TrueImage, where: str, turn: Affine | None = None) -> dict[str, Any] | None:
    height, width = image.height, image.width
    try:
        rle = rle_of(raw.get("segmentation"), (height, width) if turn is None else (width, height))
        return rle if rle is None or turn is None else turned_rle(rle, turn, width, height)
    except MISFITS as error:
        raise KdcError("Bad mask", f"{where}: {error}.") from None


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
