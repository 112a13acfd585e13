"""COCO person_keypoints files as a training dataset."""

from __future__ import annotations

import json
from collections.abc import Container, Hashable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kdc.data.samples import PersonLabel, Sample, ever_labelled, mask_state
from kdc.dataset_paths import is_there, relative_path
from kdc.errors import MISFITS, KdcError, refusing
from kdc.images import MAX_PIXELS, read_frame, read_image
from kdc.rle import checked_polygon, checked_runs
from kdc.schema import PoseSchema, map_keypoints, people_schemas


class CocoDataset:
    """Photos of a COCO file, joints mapped by name onto ``schema``.

    ``problems`` lists the annotations that can't be used, each with image and reason; their people stay as some of whom nothing
    is known. Of several categories with keypoints see ``people_schemas``. An image without width and height has those of its photo.
    Images may say
    ``masks: complete|partial|none`` and ``crowd_regions: known|unknown``; without a word masks count as complete when each
    person has one, else as partial, or none.
    """

    def __init__(
        self, path: str | Path, images: str | Path, schema: PoseSchema, only: Iterable[int] | None = None
    ) -> None:
        self.schema = schema
        self.path, self.root = Path(path), Path(images)
        data = _load(self.path)
        self.problems: list[str] = []
        with refusing("Not a COCO file", f"{self.path} can't be read as a COCO file"):
            sources = {}
            categories = data.get("categories", [])
            for category in categories:
                if isinstance(category, dict) and category.get("keypoints"):
                    sources[category["id"]] = PoseSchema.from_coco_category(category)
            sources = people_schemas(sources, categories)
            if not sources and data.get("annotations"):
                raise KdcError(
                    "No keypoint category",
                    f"{self.path} has no category with keypoints; it can't train a pose network.",
                )
            wanted = set(only) if only is not None else None
            others = {c.get("id") for c in categories if isinstance(c, dict)} - sources.keys()
            self._listed: set[Any] = set()
            self.images = [i for i in data["images"] if self._usable(i) and (wanted is None or i["id"] in wanted)]
            self._people: dict[int, list[PersonLabel]] = {i["id"]: [] for i in self.images}
            self._masks: dict[int, str] = {}
            names = {i["id"]: i["file_name"] for i in self.images}
            sizes = {i["id"]: (int(i["width"]), int(i["height"])) for i in self.images}
            for annotation in data.get("annotations", []):
                if not isinstance(annotation, dict) or not isinstance(annotation.get("image_id"), Hashable):
                    self.problems.append(f"{self.path.name}: an annotation belongs to no image: {str(annotation)[:80]}")
                    continue
                image_id: Any = _meant(annotation.get("image_id"), self._listed)
                kind: Any = _meant(annotation.get("category_id"), sources)
                if image_id not in self._listed:
                    self.problems.append(
                        f"{self.path.name}: annotation {annotation.get('id', '?')} belongs to no image: no image has the id {image_id!r}."
                    )
                if image_id not in names or _meant(kind, others) in others:
                    continue
                if kind not in sources:
                    self.problems.append(
                        f"{names[image_id]}: annotation {annotation.get('id', '?')} can't be used: no category has the id {kind!r}."
                    )
                    self._people[image_id].append(_somebody(annotation, sizes[image_id], len(schema)))
                    continue
                try:
                    self._people[image_id].append(
                        self._label(annotation, sources[kind], sizes[image_id], names[image_id])
                    )
                except (*MISFITS, KdcError) as error:
                    reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
                    self.problems.append(
                        f"{names[image_id]}: annotation {annotation.get('id', '?')} can't be used: {reason}."
                    )
                    self._people[image_id].append(_somebody(annotation, sizes[image_id], len(schema)))
            self._known = np.zeros(len(schema), bool)
            for source in sources.values():
                probe = map_keypoints(np.ones((len(source), 3), np.float32), source, schema)
                self._known |= probe[:, 2] > 0
            self._known = ever_labelled(self._known, self._people.values())
            for image in self.images:
                self._masks[image["id"]] = mask_state(image.get("masks"), self._people[image["id"]])

    def _usable(self, image: Any) -> bool:
        with suppress(KdcError, *MISFITS):
            if image.get("width") is None or image.get("height") is None:
                frame = read_frame(self.root / relative_path(image["file_name"]))
                image |= {"width": frame.width, "height": frame.height}
        try:
            name, width, height, _ = (
                str(image["file_name"]),
                int(image["width"]),
                int(image["height"]),
                hash(image["id"]),
            )
            if width < 1 or height < 1:
                raise ValueError
        except MISFITS:
            with suppress(*MISFITS):
                self._listed.add(image["id"])
            self.problems.append(
                f"{self.path.name}: an image has no file_name, id, width or height and can't be used: {str(image)[:80]}"
            )
            return False
        if image["id"] in self._listed:
            self.problems.append(
                f"{name}: its image id {image['id']!r} is another image's, too, which has the annotations; it can't be used."
            )
            return False
        self._listed.add(image["id"])
        try:
            there = is_there(self.root / relative_path(name))
        except KdcError as error:
            self.problems.append(error.message)
            return False
        if not there:
            self.problems.append(f"{name}: the photo is not in {self.root}.")
        return there

    def _label(
        self, annotation: Mapping[str, Any], source: PoseSchema, size: tuple[int, int], photo: str
    ) -> PersonLabel:
        points = np.zeros((len(source), 3), np.float32)
        flat = annotation.get("keypoints") or []
        if flat:
            if len(flat) != 3 * len(source):
                raise ValueError(f"it has {len(flat)} keypoint numbers, not {3 * len(source)}")
            points = np.asarray(flat, np.float32).reshape(len(source), 3)
        if not np.isfinite(points).all():
            raise ValueError("a keypoint is not a finite number")
        points = points if source.keypoints == self.schema.keypoints else map_keypoints(points, source, self.schema)
        points[points[:, 2] <= 0] = 0
        points[:, 2] = np.minimum(points[:, 2], 2)
        box = tuple(float(v) for v in annotation["bbox"])
        if len(box) != 4 or not np.isfinite(box).all():
            raise ValueError("the box is not four finite numbers")
        segmentation = None
        try:
            segmentation = checked_segmentation(annotation.get("segmentation"), *size)
        except (ValueError, TypeError) as error:
            # The person stays, as one whose pixels nobody knows.
            self.problems.append(f"{photo}: the mask of annotation {annotation.get('id', '?')} can't be used: {error}.")
        crowd = bool(annotation.get("iscrowd"))
        return PersonLabel(
            points, bool((points[:, 2] > 0).any()), segmentation, (box[0], box[1], box[2], box[3]), crowd
        )

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
        pixels = read_photo(self.root, self.name(index), int(image["width"]), int(image["height"]))
        people = self._people[image["id"]]
        return Sample(self.name(index), pixels, people, self._masks[image["id"]], self._known)


def _meant(value: Any, ids: Container[Any]) -> Any:
    """The id in ``ids`` that ``value`` is as a number or as text; ``value`` where there is none."""
    if value in ids:
        return value
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 19:
        return int(value) if int(value) in ids else value
    return str(value) if type(value) is int and str(value) in ids else value


def _somebody(annotation: Mapping[str, Any], size: tuple[int, int], joints: int) -> PersonLabel:
    """Whom an annotation that can't be used leaves: somebody in its box, or anywhere in the photo, so that nothing there counts
    as background."""
    box = (0.0, 0.0, float(size[0]), float(size[1]))
    try:
        x, y, w, h = (float(v) for v in annotation["bbox"])
        if np.isfinite([x, y, w, h]).all() and w > 0 and h > 0:
            box = (x, y, w, h)
    except MISFITS:
        pass
    return PersonLabel(np.zeros((joints, 3), np.float32), False, None, box, bool(annotation.get("iscrowd")))


def read_photo(root: Path, name: str, width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8 RGB of a photo under ``root``, in the frame of annotations made for that size.

    Upright where the upright photo has that size, else as stored (COCO's own coordinates belong to the stored pixels).
    Raises KdcError where it has neither size, or can't be read.
    """
    path = root / relative_path(name)
    _check_size(path)
    try:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise KdcError("Photo not found", f"{path} can't be read ({error.strerror}).") from None
    # OpenCV reads common photos several times faster; the rest goes the way of every other photo of this program. So do PNG files:
    # OpenCV makes room for as many bytes as a chunk says it has, and a damaged one may say two gigabytes.
    image = None if raw[:4].tobytes() == b"\x89PNG" else _decoded(raw, cv2.IMREAD_COLOR)
    if image is None:
        return _fitted(read_image(path).pixels, name, width, height)
    if image.shape[:2] != (height, width):
        stored = _decoded(raw, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        image = image if stored is None else stored
    return _fitted(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), name, width, height)


def _check_size(path: Path) -> None:
    """OpenCV would unpack what does not fit in memory: the header decides first."""
    frame = read_frame(path)
    if frame.width * frame.height > MAX_PIXELS:
        raise KdcError(
            "Photo too large",
            f"{path} has {frame.width}x{frame.height} pixels, more than {MAX_PIXELS // 10**6} million; scale it down.",
        )


def _decoded(raw: np.ndarray, flags: int) -> np.ndarray | None:
    try:
        return cv2.imdecode(raw, flags) if len(raw) else None
    except cv2.error:
        return None


def _fitted(pixels: np.ndarray, name: str, width: int, height: int) -> np.ndarray:
    if pixels.shape[:2] != (height, width):
        raise KdcError(
            "Photo does not fit",
            f"{name} has {pixels.shape[1]}x{pixels.shape[0]} pixels, its annotations say {width}x{height}.",
        )
    return pixels


def read_grey(path: Path) -> np.ndarray | None:
    """(H, W) uint8 of a picture as its pixels are stored, or None where it is none."""
    try:
        _check_size(path)
    except KdcError:
        return None
    return _decoded(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION)


def read_rgb(root: Path, name: str) -> np.ndarray:
    """(H, W, 3) uint8 RGB of a photo under ``root``, as its pixels are stored."""
    path = root / relative_path(name)
    _check_size(path)
    try:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise KdcError("Photo not found", f"{path} can't be read ({error.strerror}).") from None
    image = _decoded(raw, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
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


def checked_segmentation(segmentation: Any, width: int, height: int) -> Any:
    """The polygons of three points and more, or the RLE, of a COCO segmentation; None where there is none.

    Raises ValueError, saying why, for what C code must not see: numbers that are none, an RLE of another size or length.
    """
    if not segmentation:
        return None
    if isinstance(segmentation, list):
        polygons = [checked_polygon(p, width, height) for p in segmentation]
        return [np.array(p, np.float32) for p in polygons if len(p) >= 6] or None
    if not isinstance(segmentation, Mapping):
        raise ValueError("neither polygons nor RLE")
    checked_runs(segmentation, width, height)
    return dict(segmentation)
