"""COCO person_keypoints files as a training dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import cv2
import numpy as np

from kdc.data.samples import PersonLabel, Sample
from kdc.errors import KdcError
from kdc.schema import PoseSchema, map_keypoints


class CocoDataset:
    """Photos of a COCO file, joints mapped by name onto ``schema``.

    ``problems`` lists the annotations that can't be used, each with image and reason. Images may say
    ``masks: complete|partial|none`` and ``crowd_regions: known|unknown``; without a word masks count as complete when each
    person has one, else as partial, or none.
    """

    def __init__(self, path: str | Path, images: str | Path, schema: PoseSchema, only: Iterable[int] | None = None) -> None:
        self.schema = schema
        self.path, self.root = Path(path), Path(images)
        data = _load(self.path)
        self.problems: list[str] = []
        sources = {}
        for category in data.get("categories", []):
            if category.get("keypoints"):
                sources[category["id"]] = PoseSchema.from_coco_category(category)
        if not sources and data.get("annotations"):
            raise KdcError("No keypoint category", f"{self.path} has no category with keypoints; it can't train a pose network.")
        wanted = set(only) if only is not None else None
        self.images = [i for i in data.get("images", []) if wanted is None or i["id"] in wanted]
        self._people: dict[int, list[PersonLabel]] = {i["id"]: [] for i in self.images}
        self._masks: dict[int, str] = {}
        names = {i["id"]: i.get("file_name", "?") for i in self.images}
        for annotation in data.get("annotations", []):
            image_id = annotation.get("image_id")
            if image_id not in names or annotation.get("category_id") not in sources:
                continue
            try:
                self._people[image_id].append(_label(annotation, sources[annotation["category_id"]], schema))
            except (KeyError, TypeError, ValueError, KdcError) as error:
                self.problems.append(f"{names[image_id]}: annotation {annotation.get('id', '?')} can't be used ({error}).")
        self._known = np.zeros(len(schema), bool)
        for source in sources.values():
            probe = map_keypoints(np.ones((len(source), 3), np.float32), source, schema)
            self._known |= probe[:, 2] > 0
        for image in self.images:
            self._masks[image["id"]] = _mask_state(image, self._people[image["id"]])

    def __len__(self) -> int:
        return len(self.images)

    def name(self, index: int) -> str:
        """File name of a photo."""
        return str(self.images[index]["file_name"])

    def people(self, index: int) -> list[PersonLabel]:
        """Labels of a photo, without reading the photo."""
        return self._people[self.images[index]["id"]]

    def __getitem__(self, index: int) -> Sample:
        image = self.images[index]
        pixels = read_rgb(self.root, str(image["file_name"]))
        width, height = image.get("width"), image.get("height")
        if (width, height) != (pixels.shape[1], pixels.shape[0]):
            raise KdcError("Photo does not fit", f"{image['file_name']} has {pixels.shape[1]}x{pixels.shape[0]} pixels, its annotations say {width}x{height}.")
        people = self._people[image["id"]]
        return Sample(self.name(index), pixels, people, self._masks[image["id"]], self._known)


def read_rgb(root: Path, name: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB of a photo under ``root``, without EXIF rotation: COCO's coordinates belong to the stored pixels."""
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise KdcError("Path leaves the dataset", f"{name!r} points outside {root}; photos are named relative to their folder.")
    path = root / name
    try:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise KdcError("Photo not found", f"{path} can't be read ({error.strerror}).") from None
    image = cv2.imdecode(raw, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION) if len(raw) else None
    if image is None:
        raise KdcError("Not a photo", f"{path} is not an image that can be read.")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def _load(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except OSError as error:
        raise KdcError("Annotations not found", f"{path} can't be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        raise KdcError("Not a COCO file", f"{path} is not JSON.") from None
    if not isinstance(data, dict) or not isinstance(data.get("images"), list):
        raise KdcError("Not a COCO file", f"{path} has no list of images.")
    return data


def _label(annotation: Mapping[str, Any], source: PoseSchema, schema: PoseSchema) -> PersonLabel:
    points = np.zeros((len(source), 3), np.float32)
    flat = annotation.get("keypoints") or []
    if flat:
        points = np.asarray(flat, np.float32).reshape(len(source), 3)
    if not np.isfinite(points).all():
        raise ValueError("a keypoint is not a finite number")
    points = points if source.keypoints == schema.keypoints else map_keypoints(points, source, schema)
    points[points[:, 2] <= 0] = 0
    points[:, 2] = np.minimum(points[:, 2], 2)
    box = tuple(float(v) for v in annotation["bbox"])
    if len(box) != 4 or not np.isfinite(box).all():
        raise ValueError("the box is not four finite numbers")
    segmentation = annotation.get("segmentation") or None
    if isinstance(segmentation, list):
        segmentation = [p for p in segmentation if len(p) >= 6] or None
    crowd = bool(annotation.get("iscrowd"))
    return PersonLabel(points, bool((points[:, 2] > 0).any()), segmentation, (box[0], box[1], box[2], box[3]), crowd)


def _mask_state(image: Mapping[str, Any], people: list[PersonLabel]) -> str:
    said = image.get("masks")
    if said in ("complete", "partial", "none"):
        return str(said)
    single = [p for p in people if not p.crowd]
    with_mask = sum(p.has_mask for p in single)
    return "complete" if with_mask == len(single) else "partial" if with_mask else "none"
