"""What YOLO-pose and YOLO-seg share: labels read from a ``YoloFolder``, and new folders written whole or not at all.

Labels are text, one line for each object, coordinates divided by the image's width and height. Keypoints are COCO's
numbers divided, as the usual converters do it, without half a pixel between the frames.
"""

from __future__ import annotations

import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kdc.dataset_paths import image_file
from kdc.errors import KdcError
from kdc_annotator.io.dataset import Dataset, Json, Problem, in_memory, relative_path
from kdc_annotator.io.yolo_folder import SPLITS, YoloFolder, label_path, lines_of, places_of, sources_of

Line = Callable[[list[float], int, int], Json]
"""The numbers behind a line's class, and the image's width and height, to COCO's keys; ``ValueError`` where they don't fit."""


def class_names(settings: Mapping[str, Any]) -> dict[int, str]:
    """Class index -> name."""
    names = settings.get("names")
    if isinstance(names, list):
        return {i: str(n) for i, n in enumerate(names)}
    if isinstance(names, dict):
        return {k: str(v) for k, v in names.items() if type(k) is int}
    return {}


def read_labels(
    folder: YoloFolder, name: str, categories: Sequence[Json], line: Line, progress: Callable[[int, int], None] | None
) -> Dataset:
    """The dataset of a folder; ``line`` reads what stands behind a class. Sizes come from the images themselves."""
    from kdc.images import read_frame

    images: list[Json] = []
    people: list[list[Json]] = []
    problems = list(folder.problems)
    known = {c["id"] for c in categories}
    categories = list(categories)
    number = 0
    for i, photo in enumerate(folder.images):
        image, label = photo.image, photo.label
        record: Json = {"id": i + 1, "file_name": image} | ({"split": photo.split} if photo.split else {})
        images.append(record)
        people.append([])
        try:
            frame = read_frame(image_file(folder.photos, image))
            record |= {"width": frame.width, "height": frame.height}
        except KdcError as error:
            problems.append(Problem(image, error.message.removesuffix(".")))
        lines, unread = lines_of(folder.root, label)
        if unread:
            problems.append(Problem(label, unread, left_out=True))
        for n, text in enumerate(lines, 1):
            if not text.strip():
                continue
            number += 1
            entry: Json = {"id": number, "image_id": i + 1}
            try:
                index, values = _numbers(text)
                entry["category_id"] = index + 1
                if index + 1 not in known:
                    known.add(index + 1)
                    categories.append({"id": index + 1, "name": f"class {index}"})
                    problems.append(Problem(f"{label}: line {n}", f"class {index} has no name in data.yaml"))
                if "width" not in record:
                    raise ValueError("the size of the image is unknown")
                entry |= {"iscrowd": 0} | line(values, record["width"], record["height"])
            except ValueError as error:
                problems.append(Problem(f"{label}: line {n}", str(error)))
            people[-1].append(entry | {"yolo": text})
        if progress is not None:
            progress(i + 1, len(folder.images))
    top = {"yolo": dict(folder.settings)} if folder.settings else {}
    return in_memory(name, images, people, categories, top, problems)


def _numbers(text: str) -> tuple[int, list[float]]:
    index, *values = map(_number, text.split())
    if not all(math.isfinite(v) and abs(v) < 1e6 for v in values):
        raise ValueError("holds a number that is not finite")
    if not (index.is_integer() and 0 <= index < 1e6):
        raise ValueError(f"{text.split()[0]!r} is not a class")
    return int(index), values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no number") from None


def box_of(values: Sequence[float], width: int, height: int) -> list[float]:
    """COCO's box of YOLO's centre x, centre y, width, height."""
    x, y, w, h = values
    return [(x - w / 2) * width, (y - h / 2) * height, w * width, h * height]


def text_of(values: Sequence[float]) -> str:
    """Numbers as YOLO's files have them, ten digits long where needed."""
    return " ".join(f"{v:.10g}" for v in values)


def unchanged(raw: Mapping[str, Any], line: Line, size: tuple[int, int]) -> str | None:
    """The line that an annotation was read from, where it still says the same; else None."""
    text = raw.get("yolo")
    if not isinstance(text, str) or not text.strip() or "\n" in text or not all(size):
        return None
    try:
        index, values = _numbers(text)
        found = {"category_id": index + 1, "iscrowd": 0} | line(values, *size)
    except ValueError:
        return None
    return text if all(raw.get(k) == v for k, v in found.items()) else None


def image_path(raw: Mapping[str, Any], split: str, folders: Sequence[str] = ()) -> str:
    """Where an image stands in a written folder: ``images/SPLIT/name``, or where it stood when that is in ``images`` or ``folders``."""
    name = relative_path(raw.get("file_name"))
    stays = any(name.startswith(f"{folder}/") for folder in ("images", *folders))
    return name if stays else "/".join(filter(None, ("images", split, name)))


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that takes the name ``path`` only when the block ends well. Raises ``KdcError`` where ``path`` is taken."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise KdcError("Folder is taken", f"{path} exists and is not empty; name a new folder.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent))
    except OSError as error:
        raise KdcError("Can't write the folder", f"{path}: {error.strerror or error}.") from None
    try:
        yield aside
        umask = os.umask(0)
        os.umask(umask)
        aside.chmod(0o777 & ~umask)
        if path.exists():
            path.rmdir()
        aside.replace(path)
    except OSError as error:
        raise KdcError("Can't write the folder", f"{path}: {error.strerror or error}.") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def write_folder(
    dataset: Dataset,
    path: Path,
    settings: Mapping[str, Any],
    lines: Callable[[int], list[str]],
    copy: Callable[[Json, Path], None] | None,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Writes ``data.yaml`` and the label files; ``copy`` puts an image at a path, None leaves the images away."""
    from kdc_annotator.io.yolo_yaml import write_yaml

    came = dataset.top.get("yolo")
    kept: dict[str, Any] = dict(came) if isinstance(came, Mapping) else {"path": "."}
    folders = {s: [place for source in sources_of(kept.get(s)) for place in places_of(path, source)] for s in SPLITS}
    splits: dict[str, list[str]] = {}
    taken: dict[str, str] = {}
    with new_folder(path) as folder:
        for i in range(dataset.image_count):
            raw = dataset.image(i)
            split = str(raw.get("split") if raw.get("split") in SPLITS else "train")
            name = image_path(raw, split, folders[split])
            splits.setdefault(split, []).append(name)
            label = label_path(name)
            if label in taken:
                raise KdcError(
                    "Names collide",
                    f"{taken[label]} and {name} would share the label file {label}; rename one of them.",
                )
            taken[label] = name
            target = folder / label
            target.parent.mkdir(parents=True, exist_ok=True)
            text = lines(i)
            target.write_text("".join(t + "\n" for t in text), "utf-8")
            if copy is not None:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                copy(raw, folder / name)
            if progress is not None:
                progress(i + 1, dataset.image_count)
        for split in (s for s in SPLITS if s in splits):
            alone = ["images"] if len(splits) == 1 else []
            for tried in (folders[split], [f"images/{split}"], alone):
                if all(any(name.startswith(f"{place}/") for place in tried) for name in splits[split]):
                    if tried is not folders[split]:
                        kept[split] = tried[0]
                    break
            else:
                kept[split] = f"{split}.txt"
                (folder / kept[split]).write_text("".join(f"./{name}\n" for name in splits[split]), "utf-8")
        (folder / "data.yaml").write_text(write_yaml({**kept, **settings}), "utf-8")
