"""labelme: a JSON file for each photo, shapes with a label and a group. One group is one person.

Polygons, rectangles, masks and points of a group belong together; a shape without a group stands alone. A point's label
is the keypoint's name; its flag ``occluded`` is COCO's visibility 1. labelme's coordinates are continuous, so a keypoint
on the centre of pixel 0 stands at 0.5 there.
"""

from __future__ import annotations

import base64
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from PIL import Image

from kdc.dataset_paths import stays_below
from kdc.errors import KdcError
from kdc.rle import MAX_PIXELS
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema, canonical_name
from kdc.structures import Mask
from kdc_annotator.document.records import box_is_of_joints, box_of_joints, plain
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask
from kdc_annotator.io.dataset import Dataset, Json, Problem, in_memory, relative_path
from kdc_annotator.io.json_numbers import finite, finite_all
from kdc_annotator.io.json_stream import parse_json
from kdc_annotator.io.json_write import encode
from kdc_annotator.io.outline import outline
from kdc_annotator.io.person_view import KNOWN, Tally, hashable, image_size, person_view, says_the_same, views
from kdc_annotator.io.yolo import new_folder

NAME = "labelme"
NEWEST = 6
WRITTEN_VERSION = "5.2.0"
"""The oldest labelme that knows every shape we write (masks)."""
MOST_BYTES = 512 << 20
"""A file may hold its photo, but no gigabytes."""
CANT_READ = "Can't read the file"
_SHAPES = ("polygon", "rectangle", "point", "mask")


def read(path: Path, progress: Callable[[int, int], None] | None = None) -> Dataset:
    """The dataset of a folder of labelme files, or of one file.

    Each annotation keeps its shapes under the key ``labelme``, each image the rest of its file. In a folder, a file that is no JSON is
    listed and left out. Raises ``KdcError`` for files of a newer labelme than we know.
    """
    files = [path] if path.is_file() else files_in(path)
    root = path.parent if path.is_file() else path
    problems: list[Problem] = []
    found: list[tuple[Path, Json]] = []
    for file in files:
        try:
            content = _load(file)
        except KdcError as error:
            if file == path or error.title != CANT_READ:
                raise
            what = error.message.removeprefix(f"{file.name} ").removeprefix(f"{file}: ").removesuffix(".")
            problems.append(Problem(file.relative_to(root).as_posix(), f"{what}; left out", left_out=True))
            continue
        if content is not None:
            found.append((file, content))
    if not found:
        raise KdcError("Not labelme files", f"{path} holds no labelme JSON file (one with shapes and imagePath).")
    labels = {
        s["label"]
        for _, d in found
        for s in _shapes(d)
        if s.get("shape_type") == "point" and isinstance(s.get("label"), str)
    }
    schema = _schema(labels)
    names: dict[str, int] = {"person": 1}
    images: list[Json] = []
    people: list[list[Json]] = []
    for i, (file, data) in enumerate(found):
        place = file.relative_to(root).as_posix()
        image, group = _Reader(place, data, schema, names, problems).read(i + 1)
        images.append(image)
        people.append(group)
        if progress is not None:
            progress(i + 1, len(found))
    numbers = iter(range(1, 1 + sum(map(len, people))))
    for group in people:
        for k, person in enumerate(group):
            group[k] = {"id": next(numbers), **person}
    categories = [
        schema.to_coco_category() if name == "person" and schema is not None else {"id": number, "name": name}
        for name, number in names.items()
    ]
    return in_memory(path.name, images, people, categories, {}, problems)


def files_in(folder: Path) -> list[Path]:
    """The JSON files of a folder, sorted; links that lead out of it are left out."""
    return sorted(p for p in folder.rglob("*.json") if p.is_file() and stays_below(folder, p))


def losses(dataset: Dataset) -> list[str]:
    """What of ``dataset`` labelme can't hold, in sentences."""
    tally = Tally(NAME)
    for _, view in views(dataset):
        if "labelme" in view.raw:
            tally.unknown_keys(view.raw, KNOWN | {"labelme", "kdc"})
            continue
        tally.unknown_keys(view.raw)
        points = (view.keypoints[:, 2] > 0).any()
        if view.segmentation and view.mask() is None:
            tally.add("masks that can't be read")
        if not view.segmentation and not points and view.box is None:
            tally.add("annotations without box, mask and keypoints")
        tally.add("ids of annotations")
    return tally.sentences()


def write(
    dataset: Dataset,
    path: Path,
    copy: Callable[[Json, Path], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes a new folder ``path``, a JSON file for each image. What did not change since reading comes out as it was."""
    names = {hashable(c.get("id")): str(c.get("name", "object")) for c in dataset.categories}
    numbers = {n: i for i, n in names.items()}
    taken: dict[str, str] = {}
    with new_folder(path) as folder:
        for i in range(dataset.image_count):
            raw = dataset.image(i)
            came = raw.get("labelme")
            kept: Mapping[str, Any] = came if isinstance(came, dict) else {}
            name = relative_path(raw.get("file_name"))
            place = (
                kept.get("file") if isinstance(kept.get("file"), str) else str(PurePosixPath(name).with_suffix(".json"))
            )
            place = relative_path(place)
            if place in taken:
                raise KdcError(
                    "Names collide", f"{taken[place]} and {name} would share the file {place}; rename one of them."
                )
            taken[place] = name
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shapes = _written_shapes(dataset, i, names, numbers, kept)
            text = encode(_document(raw, place, shapes, kept))
            target.write_text(text + "\n", "utf-8")
            if copy is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                copy(raw, folder / name)
            if progress is not None:
                progress(i + 1, dataset.image_count)


def _load(file: Path) -> Json | None:
    """The content of a labelme file, None where it is some other JSON."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise KdcError("File too large", f"{file} has more than {MOST_BYTES >> 20} MiB; labelme files have a few.")
        data = file.read_bytes()
    except OSError as error:
        raise KdcError(CANT_READ, f"{file}: {error.strerror or error}.") from None
    value = parse_json(data, file.name)
    if not isinstance(value, dict) or not isinstance(value.get("shapes"), list):
        return None
    version = value.get("version")
    major = re.match(r"\d{1,9}", version) if isinstance(version, str) else None
    if major and int(major.group()) > NEWEST:
        raise KdcError(
            "File is too new", f"{file.name} was written by labelme {version}; this version reads up to {NEWEST}."
        )
    return value


def _shapes(data: Json) -> Iterator[Json]:
    return (s for s in data["shapes"] if isinstance(s, dict))


def _schema(labels: set[str]) -> PoseSchema | None:
    """The known schema that has most of the labels, their own where none has any."""
    if not labels:
        return None
    canonical = {canonical_name(n) for n in labels}
    best = max((COCO_17, CROWDPOSE_14), key=lambda s: len(canonical & set(s.keypoints)))
    if canonical <= set(best.keypoints):
        return best
    return PoseSchema.build("labelme", [*sorted(labels)][:512])


class _Reader:
    """Turns one file into an image and its annotations."""

    def __init__(
        self, place: str, data: Json, schema: PoseSchema | None, names: dict[str, int], problems: list[Problem]
    ) -> None:
        self.place, self.data, self.schema, self.names, self.problems = place, data, schema, names, problems
        width, height = data.get("imageWidth"), data.get("imageHeight")
        self.size = image_size({"width": width, "height": height})

    def read(self, number: int) -> tuple[Json, list[Json]]:
        """The image's dict with the id ``number`` and its annotations."""
        groups: dict[Any, list[tuple[int, Json]]] = {}
        left: list[list[Any]] = []
        for i, shape in enumerate(self.data["shapes"]):
            wrong = self._wrong(shape)
            if wrong:
                self.problems.append(Problem(f"{self.place}: shapes[{i}]", wrong))
                left.append([i, shape])
                continue
            group = shape.get("group_id")
            key = (group, None) if isinstance(group, (int, str)) else (None, i)
            groups.setdefault(key, []).append((i, shape))
        image: Json = {"id": number, "file_name": self._file_name()}
        if all(self.size):
            image |= {"width": self.size[0], "height": self.size[1]}
        image["labelme"] = {"file": self.place, **{k: v for k, v in self.data.items() if k != "shapes"}}
        if left:
            image["labelme"]["left"] = left
        return image, [
            {"image_id": number, **self._annotation(g), "labelme": [[i, s] for i, s in g]} for g in groups.values()
        ]

    def _file_name(self) -> str:
        name = self.data.get("imagePath")
        folder = PurePosixPath(self.place).parent
        joined = os.path.normpath(str(folder / str(name).replace("\\", "/"))).replace("\\", "/")
        try:
            return relative_path(joined if isinstance(name, str) and name else None)
        except KdcError as error:
            self.problems.append(Problem(f"{self.place}: imagePath", error.message.removesuffix(".")))
            return str(PurePosixPath(self.place).with_suffix(".jpg"))

    def _wrong(self, shape: Any) -> str | None:
        if not isinstance(shape, dict):
            return "not a table of names and values"
        kind, points = shape.get("shape_type", "polygon"), shape.get("points")
        if kind not in _SHAPES:
            return f"a {kind} has no place in an annotation of people"
        if not isinstance(shape.get("label"), str):
            return "no label"
        if not isinstance(points, list) or not all(
            isinstance(p, list) and len(p) == 2 and finite_all(p) for p in points
        ):
            return "points are not pairs of finite numbers"
        needed = {"polygon": 3, "rectangle": 2, "point": 1, "mask": 2}[kind]
        if len(points) < needed:
            return f"a {kind} needs {needed} point{'s' if needed > 1 else ''}"
        if kind == "point" and (self.schema is None or self._joint(shape) is None):
            return f"{shape['label']!r} is no keypoint"
        if kind == "mask" and self._mask(shape) is None:
            return "the mask can't be read"
        return None

    def _joint(self, shape: Json) -> int | None:
        names = [canonical_name(n) for n in self.schema.keypoints] if self.schema else []
        label = canonical_name(shape["label"])
        return names.index(label) if label in names else None

    def _mask(self, shape: Json) -> Mask | None:
        return _decode_mask(shape, self.size)

    def _annotation(self, group: Sequence[tuple[int, Json]]) -> Json:
        by_kind: dict[str, list[Json]] = {}
        for _, shape in group:
            by_kind.setdefault(shape.get("shape_type", "polygon"), []).append(shape)
        area_shapes = [s for k in ("polygon", "mask", "rectangle") for s in by_kind.get(k, ())]
        label = area_shapes[0]["label"] if area_shapes else "person"
        flags = area_shapes[0].get("flags") if area_shapes else None
        out: Json = {
            "category_id": self.names.setdefault(label, len(self.names) + 1),
            "iscrowd": int(isinstance(flags, dict) and flags.get("crowd") is True),
        }
        polygons = [[float(v) for p in s["points"] for v in p] for s in by_kind.get("polygon", ())]
        masks = [m for s in by_kind.get("mask", ()) if (m := self._mask(s)) is not None]
        whole = None
        if masks:
            full = np.zeros((self.size[1], self.size[0]), bool)
            drawn = decode_segmentation(polygons, *self.size)
            for mask in [*masks, *([] if drawn is None else [drawn])]:
                full |= mask.to_full()
            whole = Mask.from_full(full)
            out["segmentation"] = encode_mask(whole)
        elif polygons:
            out["segmentation"] = polygons
            whole = self._filled(polygons)
        corners = [p for s in by_kind.get("rectangle", ()) for p in s["points"]]
        if not corners:
            corners = [p for s in by_kind.get("polygon", ()) for p in s["points"]]
            # A mask's points are its first and its last pixel, a box ends behind the last one.
            corners += [p for x, y, w, h in (m.box for m in masks if m.area) for p in ((x, y), (x + w, y + h))]
        if corners:
            (left, top), (right, bottom) = (
                np.array(corners, float).min(0).tolist(),
                np.array(corners, float).max(0).tolist(),
            )
            out["bbox"] = [left, top, right - left, bottom - top]
            # Evaluators of COCO files read no annotation without one.
            out["area"] = (right - left) * (bottom - top) if whole is None else whole.area
        if by_kind.get("point") and self.schema is not None:
            out |= self._keypoints(by_kind["point"])
            if "bbox" not in out:
                out |= box_of_joints(out, self.size, len(self.schema))
        return out

    def _filled(self, polygons: list[list[float]]) -> Mask | None:
        """The pixels in ``polygons``; None where they can't be drawn, as in a photo of unknown size."""
        try:
            return decode_segmentation(polygons, *self.size)
        except KdcError:
            return None

    def _keypoints(self, shapes: Sequence[Json]) -> Json:
        schema = self.schema or COCO_17
        rows: list[list[Any]] = [[0, 0, 0] for _ in range(len(schema))]
        for shape in shapes:
            k = self._joint(shape)
            if k is None:
                continue
            flags = shape.get("flags")
            hidden = isinstance(flags, dict) and flags.get("occluded") is True
            (x, y), *_ = shape["points"]
            rows[k] = [x - 0.5, y - 0.5, 1 if hidden else 2]
        return {"keypoints": [v for r in rows for v in r], "num_keypoints": sum(r[2] > 0 for r in rows)}


def _decode_mask(shape: Json, size: tuple[int, int]) -> Mask | None:
    """The pixels of a ``mask`` shape: a PNG in base64 whose first pixel lies at the first point."""
    width, height = size
    if not width or width * height > MAX_PIXELS:
        return None
    try:
        with Image.open(
            io.BytesIO(base64.b64decode(shape.get("mask") or "", validate=True)), formats=("PNG",)
        ) as image:
            if image.width * image.height > width * height:
                return None
            crop = np.asarray(image.convert("L")) > 0
        x, y = (round(v) for v in shape["points"][0])
        if not (finite(x) and 0 <= x < width and 0 <= y < height):
            return None
        full = np.zeros((height, width), bool)
        crop = crop[: height - y, : width - x]
        full[y : y + crop.shape[0], x : x + crop.shape[1]] = crop
        return Mask.from_full(full)
    except (ValueError, TypeError, OSError, SyntaxError, OverflowError, Image.DecompressionBombError):
        return None


def _document(raw: Json, place: str, shapes: list[Any], kept: Mapping[str, Any]) -> Json:
    if kept:
        out = {k: v for k, v in kept.items() if k not in ("file", "left")}
        return out | {"shapes": shapes}
    width, height = image_size(raw)
    up = "../" * (len(PurePosixPath(place).parts) - 1)
    return {
        "version": WRITTEN_VERSION,
        "flags": {},
        "shapes": shapes,
        "imagePath": f"{up}{relative_path(raw.get('file_name'))}" if up else relative_path(raw.get("file_name")),
        "imageData": None,
        "imageHeight": height or None,
        "imageWidth": width or None,
    }


def _written_shapes(
    dataset: Dataset, i: int, names: Mapping[Any, str], numbers: dict[str, Any], kept: Mapping[str, Any]
) -> list[Any]:
    raw = dataset.image(i)
    size = image_size(raw)
    placed: list[tuple[float, Any]] = []
    left = kept.get("left")
    if isinstance(left, list):
        placed += [(p[0], p[1]) for p in left if isinstance(p, list) and len(p) == 2]
    used = [s[1].get("group_id") for e in dataset.people(i) for s in _came(e.value) or ()]
    following = max([-1, *(g for g in used if type(g) is int)]) + 1
    for entry in dataset.people(i):
        schema = dataset.schemas.get(hashable(entry.value.get("category_id")))
        came = _came(entry.value)
        if came:
            reader = _Reader("", {"imageWidth": size[0], "imageHeight": size[1]}, schema, dict(numbers), [])
            again = reader._annotation([(p, s) for p, s in came])
            # Projects of older versions have no area, and of people with joints alone no box.
            absent = {"area"} if "bbox" in entry.value or "segmentation" in again else {"area", "bbox"}
            if says_the_same(entry.value, {k: v for k, v in again.items() if k not in absent}):
                placed += [(p, s) for p, s in came]
                continue
        label = names.get(hashable(entry.value.get("category_id")), "object")
        shapes = _shapes_of(entry.value, size, schema, label, following)
        following += 1
        placed += [(came[0][0] if came else float("inf"), s) for s in shapes]
    return [s for _, s in sorted(placed, key=lambda p: p[0])]


def _came(raw: Json) -> list[tuple[int, Json]] | None:
    """The shapes that an annotation was read from."""
    found = raw.get("labelme")
    if not isinstance(found, list) or not found:
        return None
    good = all(
        isinstance(p, list) and len(p) == 2 and type(p[0]) is int and isinstance(p[1], dict) and "points" in p[1]
        for p in found
    )
    return [(p[0], p[1]) for p in found] if good else None


def _shapes_of(raw: Json, size: tuple[int, int], schema: PoseSchema | None, label: str, group: int) -> list[Json]:
    view = person_view(raw, size, len(schema) if schema is not None else 0)
    flags = {"crowd": True} if view.crowd else {}
    out: list[Json] = []

    def shape(kind: str, points: list[list[Any]], name: str = label, marks: Json = flags, **more: Any) -> None:
        out.append(
            {
                "label": name,
                "points": points,
                "group_id": group,
                "description": "",
                "shape_type": kind,
                "flags": marks,
                **more,
            }
        )

    mask = view.mask()
    if mask is not None and isinstance(view.segmentation, list):
        for polygon in view.segmentation:
            if len(polygon) >= 6:
                shape("polygon", [[polygon[k], polygon[k + 1]] for k in range(0, len(polygon), 2)])
    elif mask is not None and mask.bits.size:
        outer, holes = outline(mask)
        if len(outer) == 1 and not holes and not view.crowd:
            shape("polygon", [[plain(x), plain(y)] for x, y in outer[0]])
        else:
            x, y, w, h = mask.box
            shape("mask", [[x, y], [x + w - 1, y + h - 1]], mask=_encode_png(mask.tight().bits))
    box = raw.get("bbox")
    if (
        isinstance(box, list)
        and len(box) == 4
        and finite_all(box)
        and (mask is None or list(view.box or ()) != list(mask.box))
        and not (schema is not None and box_is_of_joints(raw, size, len(schema)))
    ):
        shape("rectangle", [[box[0], box[1]], [box[0] + box[2], box[1] + box[3]]])
    if schema is not None:
        for name, (x, y, v) in zip(schema.keypoints, view.keypoints, strict=True):
            if v > 0:
                shape("point", [[plain(x + 0.5), plain(y + 0.5)]], name, {"occluded": True} if v == 1 else {})
    return out


def _encode_png(bits: np.ndarray) -> str:
    buffer = io.BytesIO()
    Image.fromarray(bits.astype(np.uint8) * 255).convert("1").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")
