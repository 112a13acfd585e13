"""YOLO-pose: a class, a box and keypoints with or without visibility on each line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc.schema import COCO_17, CROWDPOSE_14, PoseSchema
from kdc_annotator.io.dataset import Dataset, Json
from kdc_annotator.io.person_view import PersonView, Tally, hashable, image_size, person_view, views
from kdc_annotator.io.yolo import Line, box_of, class_names, read_labels, text_of, unchanged, write_folder
from kdc_annotator.io.yolo_folder import open_folder

NAME = "YOLO-pose"


def read(path: Path, progress: Callable[[int, int], None] | None = None, photos: Path | None = None) -> Dataset:
    """The dataset of a folder with a ``data.yaml`` that has ``kpt_shape``. Each line is kept under the key ``yolo``.

    ``photos``: where they are if the folder holds labels alone."""
    folder = open_folder(path, NAME, photos)
    shape = folder.settings.get("kpt_shape")
    if not (
        isinstance(shape, list)
        and len(shape) == 2
        and type(shape[0]) is int
        and 0 < shape[0] <= 512
        and shape[1] in (2, 3)
    ):
        raise KdcError("Not a YOLO-pose dataset", f"{path}: data.yaml needs kpt_shape: [number of keypoints, 2 or 3].")
    count, values = shape
    names = folder.settings.get("kpt_names")
    if isinstance(names, dict):
        names = names.get(0)
    if not (isinstance(names, list) and len(names) == count):
        known = {len(s): s for s in (COCO_17, CROWDPOSE_14)}.get(count)
        names = list(known.keypoints) if known else [f"keypoint {k + 1}" for k in range(count)]
    known = next((s for s in (COCO_17, CROWDPOSE_14) if list(s.keypoints) == names), None)
    skeleton = known.to_coco_category()["skeleton"] if known else []
    categories = [
        {"id": i + 1, "name": name, "keypoints": [str(n) for n in names], "skeleton": skeleton}
        for i, name in (class_names(folder.settings) or {0: "person"}).items()
    ]
    return read_labels(folder, path.name, categories, _reader(count, values), progress)


def losses(dataset: Dataset) -> list[str]:
    """What of ``dataset`` YOLO-pose can't hold, in sentences."""
    tally = Tally(NAME)
    schema = _schema(dataset)
    for image, view in views(dataset):
        category = hashable(view.raw.get("category_id"))
        if category not in dataset.schemas:
            tally.add("annotations of categories without keypoints")
        elif dataset.schemas[category].keypoints != schema.keypoints:
            tally.add("people with other keypoints than the first category")
        elif view.crowd:
            tally.add("crowd regions")
        elif not all(image_size(image)):
            tally.add("people in images of unknown size")
        elif view.box is None:
            tally.add("people without box, mask and keypoints")
        else:
            if view.segmentation:
                tally.add("masks")
            tally.add("keypoints outside the image", _outside(view))
            if "yolo" not in view.raw:
                tally.unknown_keys(view.raw)
    return tally.sentences()


def write(
    dataset: Dataset,
    path: Path,
    copy: Callable[[Json, Path], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes a new folder ``path``. A person who did not change since reading keeps the very line."""
    schema = _schema(dataset)
    classes = [c for c in dataset.categories if hashable(c.get("id")) in dataset.schemas] or [
        {"id": dataset.person_id, "name": "person"}
    ]
    came = dataset.top.get("yolo")
    shape = came.get("kpt_shape") if isinstance(came, dict) else None
    dimension = (
        shape[1]
        if isinstance(shape, list) and len(shape) == 2 and shape[0] == len(schema) and shape[1] in (2, 3)
        else 3
    )
    index_of = {hashable(c.get("id")): i for i, c in enumerate(classes)}
    line = _reader(len(schema), dimension)

    def lines(i: int) -> list[str]:
        size = image_size(dataset.image(i))
        out = []
        for entry in dataset.people(i):
            category = hashable(entry.value.get("category_id"))
            same = dataset.schemas.get(category)
            if category not in index_of or same is None or same.keypoints != schema.keypoints or not all(size):
                continue
            text = unchanged(entry.value, line, size) or _line(
                index_of[category], person_view(entry.value, size, len(schema)), dimension
            )
            if text is not None:
                out.append(text)
        return out

    settings: dict[str, Any] = {
        "kpt_shape": [len(schema), dimension],
        "flip_idx": list(schema.flip),
        "kpt_names": {0: list(schema.keypoints)},
        "names": {i: str(c.get("name", f"class {i}")) for i, c in enumerate(classes)},
    }
    if isinstance(came, dict):
        settings = {k: v for k, v in settings.items() if k not in came}
    write_folder(dataset, path, settings, lines, copy, progress)


def _schema(dataset: Dataset) -> PoseSchema:
    return dataset.schemas.get(hashable(dataset.person_id)) or next(iter(dataset.schemas.values()), COCO_17)


def _outside(view: PersonView) -> int:
    x, y, v = view.keypoints.T
    return int(((v > 0) & ((x < 0) | (y < 0) | (x > view.size[0]) | (y > view.size[1]))).sum())


def _reader(count: int, dimension: int) -> Line:
    def line(values: list[float], width: int, height: int) -> Json:
        if len(values) != 4 + count * dimension:
            raise ValueError(f"{len(values) + 1} numbers instead of {5 + count * dimension}")
        points: list[Any] = []
        for k in range(count):
            x, y, *seen = values[4 + k * dimension : 4 + (k + 1) * dimension]
            v = round(seen[0]) if seen else 2 if x or y else 0
            if v not in (0, 1, 2):
                raise ValueError(f"visibility {v} is none of 0, 1, 2")
            points += [x * width, y * height, v] if v else [0, 0, 0]
        box = box_of(values[:4], width, height)
        return {
            "bbox": box,
            "area": box[2] * box[3],
            "keypoints": points,
            "num_keypoints": sum(v > 0 for v in points[2::3]),
        }

    return line


def _line(index: int, view: PersonView, dimension: int) -> str | None:
    if view.crowd or view.box is None:
        return None
    width, height = view.size
    x1, y1 = max(0.0, view.box[0]), max(0.0, view.box[1])
    x2, y2 = min(float(width), view.box[0] + view.box[2]), min(float(height), view.box[1] + view.box[3])
    if x2 <= x1 or y2 <= y1:
        return None
    out = [(x1 + x2) / 2 / width, (y1 + y2) / 2 / height, (x2 - x1) / width, (y2 - y1) / height]
    for x, y, v in view.keypoints:
        # Trainers throw away a whole label file that has a coordinate outside 0..1.
        inside = v > 0 and 0 <= x <= width and 0 <= y <= height
        out += ([x / width, y / height, v] if inside else [0, 0, 0])[:dimension]
    return f"{index} {text_of(out)}"
