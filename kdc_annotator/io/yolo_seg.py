"""YOLO-seg: a class and one outline on each line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from kdc.counted import counted
from kdc_annotator.io.dataset import Dataset, Json
from kdc_annotator.io.outline import outline
from kdc_annotator.io.person_view import PersonView, Tally, image_size, person_view, views
from kdc_annotator.io.yolo import class_names, read_labels, text_of, unchanged, write_folder
from kdc_annotator.io.yolo_folder import open_folder

NAME = "YOLO-seg"


def read(path: Path, progress: Callable[[int, int], None] | None = None, photos: Path | None = None) -> Dataset:
    """The dataset of a folder with a ``data.yaml``. Each line is kept under the key ``yolo``.

    ``photos``: where they are if the folder holds labels alone."""
    folder = open_folder(path, NAME, photos)
    names = class_names(folder.settings) or {0: "person"}
    return read_labels(folder, path.name, [{"id": i + 1, "name": n} for i, n in names.items()], _read_line, progress)


def losses(dataset: Dataset) -> list[str]:
    """What of ``dataset`` YOLO-seg can't hold, in sentences."""
    tally = Tally(NAME)
    joined = 0
    for image, view in views(dataset):
        if view.crowd:
            tally.add("crowd regions")
        elif not all(image_size(image)):
            tally.add("annotations in images of unknown size")
        elif view.mask() is None:
            tally.add("annotations without a mask")
        else:
            tally.add("keypoints", int((view.keypoints[:, 2] > 0).sum()))
            joined += len(_rings(view)) > 1
            if "yolo" not in view.raw:
                tally.unknown_keys(view.raw)
    found = tally.sentences()
    if joined:
        found.append(
            f"{NAME} joins the parts and holes of {counted(joined, 'mask')} to one outline by bridges without width"
        )
    return found


def write(
    dataset: Dataset,
    path: Path,
    copy: Callable[[Json, Path], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Writes a new folder ``path``. A mask that did not change since reading keeps the very line."""
    classes = dataset.categories or [{"id": 1, "name": "person"}]
    index_of = {c.get("id"): i for i, c in enumerate(classes) if isinstance(c.get("id"), (int, str))}

    def lines(i: int) -> list[str]:
        size = image_size(dataset.image(i))
        out = []
        for entry in dataset.people(i):
            category = entry.value.get("category_id")
            if not isinstance(category, (int, str)) or category not in index_of or not all(size):
                continue
            text = unchanged(entry.value, _read_line, size) or _line(
                index_of[category], person_view(entry.value, size, 0)
            )
            if text is not None:
                out.append(text)
        return out

    came = dataset.top.get("yolo")
    settings = {"names": {i: str(c.get("name", f"class {i}")) for i, c in enumerate(classes)}}
    if isinstance(came, dict) and "names" in came:
        settings = {}
    write_folder(dataset, path, settings, lines, copy, progress)


def _read_line(values: list[float], width: int, height: int) -> Json:
    if len(values) < 6 or len(values) % 2:
        raise ValueError(f"an outline needs three points or more, not {len(values)} numbers")
    points = np.array(values).reshape(-1, 2) * (width, height)
    (left, top), (right, bottom) = points.min(0).tolist(), points.max(0).tolist()
    x, y = points.T
    area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    return {"segmentation": [points.ravel().tolist()], "bbox": [left, top, right - left, bottom - top], "area": area}


def _rings(view: PersonView) -> list[np.ndarray]:
    """The outline's closed parts, outer ones first, in pixels; the annotation's own polygon where it has just one."""
    segmentation = view.segmentation
    if isinstance(segmentation, list) and len(segmentation) == 1 and len(segmentation[0]) >= 6:
        return [np.array(segmentation[0], np.float64).reshape(-1, 2)]
    mask = view.mask()
    if mask is None:
        return []
    outer, holes = outline(mask)
    return [*outer, *holes]


def _line(index: int, view: PersonView) -> str | None:
    if view.crowd or view.mask() is None:
        return None
    rings = _rings(view)
    if not rings:
        return None
    points = np.clip(joined(rings), 0, view.size) / view.size
    return f"{index} {text_of(points.ravel().tolist())}"


def joined(rings: Sequence[np.ndarray]) -> np.ndarray:
    """One closed path through all rings, (n, 2): each is reached from the nearest point so far and left the same way.

    A bridge is walked there and back, so even-odd filling gives the same pixels.
    """
    path = rings[0]
    for ring in rings[1:]:
        distances = ((path[:, None, :] - ring[None, :, :]) ** 2).sum(2)
        i, k = np.unravel_index(int(distances.argmin()), distances.shape)
        path = np.concatenate([path[: i + 1], np.roll(ring, -k, axis=0), ring[k : k + 1], path[i:]])
    return path
