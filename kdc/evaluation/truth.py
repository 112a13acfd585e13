"""The true people that results are measured against, read from a COCO person_keypoints file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from kdc.dataset_paths import find_image, is_there
from kdc.errors import MISFITS, KdcError, json_trouble
from kdc.images import read_frame
from kdc.rle import MAX_PIXELS, checked_polygon, checked_runs
from kdc.schema import PoseSchema

PERSON_FILE = "person_keypoints.json"
BOX_SHARE = 0.53
"""The share of its box that a person without area and mask is taken to fill (CrowdPose's tool)."""


@dataclass(frozen=True, eq=False)
class TruePerson:
    """One annotated person of a photo.

    ``id``: unique over the file, 1 or more. ``keypoints``: (K, 3) float64: x, y in pixels (``kdc.geometry``) and COCO's
    visibility 0, 1, 2. ``count``: COCO's num_keypoints. ``area``: square pixels, what OKS divides by. ``box``: x, y, w, h
    in COCO's continuous frame. ``crowd``: a region of many people, which no prediction is blamed for. ``rle``: the mask
    as compressed COCO RLE, or None where nobody drew one. ``max_iou``: OCHuman's overlap with the nearest neighbour.
    """

    id: int
    keypoints: np.ndarray
    count: int
    area: float
    box: tuple[float, float, float, float]
    crowd: bool
    rle: dict[str, Any] | None
    max_iou: float | None = None

    @property
    def labelled(self) -> np.ndarray:
        """(K,) bool: which joints have a position."""
        return self.keypoints[:, 2] > 0


@dataclass(frozen=True, eq=False)
class TrueImage:
    """A photo and its people. ``masks_known``: every person in it has a mask, so that masks can be counted.

    ``text``: what its file calls it, where that is no number; ``id`` is then one that no other photo has.
    """

    id: int
    file_name: str
    width: int
    height: int
    people: tuple[TruePerson, ...]
    masks_known: bool = True
    crowd_index: float | None = None
    text: str | None = None


@dataclass(frozen=True, eq=False)
class Truth:
    """Photos with their true people, and where the photos lie (None where nobody looked).

    ``category_id``: of people in the figures; ``category_text``: what the file calls it, where that is no number.
    """

    name: str
    schema: PoseSchema
    images: tuple[TrueImage, ...]
    folder: Path | None = None
    category_id: int = 1
    category_text: str | None = None

    def first(self, count: int | None) -> Truth:
        """The first ``count`` photos (all of them for None). Raises ``KdcError`` for a count below 1."""
        if count is not None and count < 1:
            raise KdcError("Bad limit", f"A limit is a number of photos, 1 or more, not {count}.")
        return self if count is None else replace(self, images=self.images[:count])

    def only(self, images: Sequence[TrueImage]) -> Truth:
        """The same file with these photos."""
        return replace(self, images=tuple(images))

    def path(self, image: TrueImage) -> Path:
        """Where a photo lies. Raises ``KdcError`` where the folder does not hold it."""
        if self.folder is not None and is_there(file := find_image([self.folder], image.file_name)):
            return file
        where = self.folder if self.folder is not None else "the folder of the annotations"
        raise KdcError("Photo missing", f"{image.file_name} is not in {where}; name the folder with --images.")

    def refuse_missing(self) -> None:
        """Raises ``KdcError`` where a photo is not there: better said before the work than when it is its turn."""
        for image in self.images:
            self.path(image)

    def files(self) -> Iterator[Path]:
        """Where each photo is, or should be; none where the folder is not known."""
        if self.folder is not None:
            for image in self.images:
                with suppress(KdcError):
                    yield find_image([self.folder], image.file_name)


def truth_file(data: Path) -> Path:
    """The annotation file that ``data`` names. Raises ``KdcError`` where there is none."""
    file = data / PERSON_FILE if data.is_dir() else data
    if not file.is_file():
        hint = f"the folder has no {PERSON_FILE}" if data.is_dir() else "there is no such file"
        raise KdcError("No annotations", f"{data}: {hint}; give a COCO person_keypoints file or a folder with one.")
    return file


def photo_folder(file: Path, images: Path | None) -> Path:
    """Where the photos of an annotation file lie: ``images``, else ``images`` beside the file, else the file's folder."""
    if images is not None and not images.is_dir():
        raise KdcError("No photo folder", f"{images} is not a folder; --images names the folder that holds the photos.")
    beside = file.parent / "images"
    return images if images is not None else beside if beside.is_dir() else file.parent


def read_json(file: Path) -> Any:
    """What a JSON file holds. Raises ``KdcError`` that names the file when it can't be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise KdcError("File can't be read", f"{file}: {error.strerror or error}.") from None
    except (ValueError, RecursionError) as error:
        raise KdcError("Not a JSON file", f"{file} is no JSON text ({json_trouble(error)}).") from None


def truth_from_coco(content: Any, name: str, folder: Path | None = None) -> Truth:
    """The truth in a COCO dictionary; ``name`` is what errors call it.

    Missing ``area``, ``bbox``, ``num_keypoints`` and ``keypoints`` are filled in from the rest, ``width`` and ``height`` from
    the upright photo in ``folder``; ids that are missing, doubled or zero (pycocotools takes a match with id 0 for none) are
    replaced. Everything else is kept as it is.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get("images"), list):
        raise KdcError("Not a COCO file", f"{name} has no list of images; give a COCO person_keypoints file.")
    annotations = content.get("annotations")
    if not isinstance(annotations, list):
        raise KdcError("Not a COCO file", f"{name} has no list of annotations; give a COCO person_keypoints file.")
    category = person_category(content.get("categories"), name)
    schema = PoseSchema.from_coco_category(category)
    key = whole_id(category["id"])
    category_id, category_text = (key, None) if isinstance(key, int) else (1, key)
    by_image: dict[Any, list[Mapping[str, Any]]] = {}
    for annotation in annotations:
        if not isinstance(annotation, Mapping) or "image_id" not in annotation:
            raise KdcError("Not a COCO file", f"{name}: an annotation names no image_id.")
        if whole_id(annotation.get("category_id", key)) == key:
            by_image.setdefault(whole_id(annotation["image_id"]), []).append(annotation)
    ids = [a.get("id") for group in by_image.values() for a in group]
    keep_ids = all(isinstance(i, int) and i > 0 for i in ids) and len(set(ids)) == len(ids)
    images, next_id, seen = [], 1, set()
    heads = [_image_head(raw, f"{name}: images[{place}]", folder) for place, raw in enumerate(content["images"])]
    free = max((told for told, *_ in heads if isinstance(told, int)), default=0)
    for raw, (told, file_name, width, height) in zip(content["images"], heads, strict=True):
        if told in seen:
            raise KdcError("Not a COCO file", f"{name} lists the image id {told} twice.")
        seen.add(told)
        free += isinstance(told, str)
        image_id, text = (free, told) if isinstance(told, str) else (told, None)
        people = []
        for annotation in by_image.get(told, ()):
            number = int(annotation["id"]) if keep_ids else next_id
            next_id += 1
            people.append(_person(annotation, number, schema, (height, width), f"{name}, {file_name}"))
        known = raw.get("masks", "complete") == "complete" and all(p.rle is not None for p in people)
        index = raw.get("crowdIndex")
        crowd_index = None if index is None else float(index)
        images.append(TrueImage(image_id, file_name, width, height, tuple(people), known, crowd_index, text))
    if not images:
        raise KdcError("No photos", f"{name} lists no image.")
    return Truth(name, schema, tuple(images), folder, category_id, category_text)


def person_category(categories: Any, name: str) -> Mapping[str, Any]:
    """The category that has keypoints: the one called person where several have."""
    found = [
        c
        for c in categories or ()
        if isinstance(c, Mapping) and c.get("keypoints") and isinstance(whole_id(c.get("id")), int | str)
    ]
    found.sort(key=lambda c: c.get("name") != "person")
    if not found:
        raise KdcError(
            "No keypoints", f"{name} has no category with keypoint names; give a COCO person_keypoints file."
        )
    return found[0]


def whole_id(image_id: Any) -> Any:
    """An id as it is compared: 1 for 1.0 and for "1", because some files write numbers so; else as it is."""
    try:
        return int(image_id)
    except MISFITS:
        return image_id


def _image_head(raw: Any, name: str, folder: Path | None) -> tuple[int | str, str, int, int]:
    try:
        number, file_name = whole_id(raw["id"]), str(raw["file_name"])
    except MISFITS:
        number, file_name = None, ""
    if not isinstance(number, int | str) or number == "":
        raise KdcError("Not a COCO file", f"{name}: an image needs an id (a whole number or text) and a file_name.")
    with suppress(*MISFITS):
        return number, file_name, int(raw["width"]), int(raw["height"])
    silent = f"{name} says no width and height of {file_name}"
    if folder is None or not is_there(photo := find_image([folder], file_name)):
        where = folder if folder is not None else "the folder of the annotations"
        raise KdcError("No size", f"{silent}, and the photo is not in {where}; name the folder with --images.")
    try:
        frame = read_frame(photo)
    except KdcError as error:
        raise KdcError("No size", f"{silent}. {error.message}") from None
    return number, file_name, frame.width, frame.height


def _person(raw: Mapping[str, Any], number: int, schema: PoseSchema, size: tuple[int, int], where: str) -> TruePerson:
    flat = raw.get("keypoints") or [0.0] * (3 * len(schema))
    if len(flat) != 3 * len(schema):
        raise KdcError(
            "Bad keypoints",
            f"{where}: annotation {raw.get('id')} has {len(flat)} keypoint numbers, not {3 * len(schema)}.",
        )
    try:
        points = np.array(flat, np.float64).reshape(-1, 3)
        box = None if raw.get("bbox") is None else tuple(float(v) for v in raw["bbox"])
        count = int(raw["num_keypoints"]) if "num_keypoints" in raw else int((points[:, 2] > 0).sum())
        overlap = raw.get("max_iou")
        rle = rle_of(raw.get("segmentation"), size)
        area = raw.get("area")
        if box is None or len(box) != 4:
            box = _box(points, rle)
        if area is None:
            area = float(coco_mask.area(rle)) if rle is not None else BOX_SHARE * box[2] * box[3]
        return TruePerson(
            number, points, count, float(area), box, bool(raw.get("iscrowd", 0)), rle,
            None if overlap is None else float(overlap),
        )  # fmt: skip
    except MISFITS as error:
        raise KdcError("Bad annotation", f"{where}: annotation {raw.get('id')} can't be read ({error}).") from None


def _box(points: np.ndarray, rle: dict[str, Any] | None) -> tuple[float, float, float, float]:
    if rle is not None:
        x, y, w, h = (float(v) for v in coco_mask.toBbox(rle))
        return (x, y, w, h)
    there = points[points[:, 2] > 0, :2]
    if not len(there):
        return (0.0, 0.0, 0.0, 0.0)
    (x0, y0), (x1, y1) = there.min(0), there.max(0)
    return (float(x0), float(y0), float(x1 - x0), float(y1 - y0))


def rle_of(segmentation: Any, size: tuple[int, int]) -> dict[str, Any] | None:
    """Compressed RLE (``counts`` as bytes) of polygons or an RLE of a photo of ``size`` (height, width); None where there is none.

    Raises ``ValueError`` when it is neither, or an RLE of another size.
    """
    height, width = size
    if not segmentation:
        return None
    if isinstance(segmentation, Mapping):
        checked_runs(segmentation, width, height)
        counts = segmentation["counts"]
        if isinstance(counts, list):
            packed: dict[str, Any] = coco_mask.frPyObjects({"size": [height, width], "counts": counts}, height, width)
            return packed
        return {"size": [height, width], "counts": counts.encode("ascii") if isinstance(counts, str) else bytes(counts)}
    if isinstance(segmentation, str | bytes) or not isinstance(segmentation, Sequence):
        raise ValueError("neither polygons nor RLE")
    if height * width > MAX_PIXELS:
        raise ValueError(f"made for {width}x{height} pixels, more than {MAX_PIXELS // 1_000_000} million")
    polygons = [p for p in (checked_polygon(p, width, height) for p in segmentation) if len(p) >= 6]
    if not polygons:
        return None
    merged: dict[str, Any] = coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))
    return merged
