"""What YOLO-pose and YOLO-seg share: ``data.yaml``, a label file for each image, folders written whole or not at all.

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
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from kdc.dataset_paths import image_file, stays_below
from kdc.errors import KdcError
from kdc_annotator.io.dataset import Dataset, Json, Problem, in_memory, relative_path
from kdc_annotator.io.yolo_yaml import parse_yaml

IMAGE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".mpo", ".heic", ".avif"))
SPLITS = ("train", "val", "test")
MOST_TEXT = 64 << 20
"""Bytes; no label file is as long."""
Line = Callable[[list[float], int, int], Json]
"""The numbers behind a line's class, and the image's width and height, to COCO's keys; ``ValueError`` where they don't fit."""


@dataclass(frozen=True)
class YoloFolder:
    """A dataset folder: ``root``, the ``data.yaml`` as values, and (split, image path below ``root``) pairs."""

    root: Path
    settings: Mapping[str, Any]
    images: Sequence[tuple[str, str]]


def open_folder(path: Path, form: str) -> YoloFolder:
    """The folder of a ``data.yaml``, or one that holds it, or one with ``images`` and ``labels`` in it."""
    file = _yaml_of(path)
    folder = path if file is None else file.parent
    settings: dict[str, Any] = {}
    if file is not None:
        try:
            if file.stat().st_size > MOST_TEXT:
                raise KdcError(
                    "File too large", f"{file} has more than {MOST_TEXT >> 20} MiB; a data.yaml has a few lines."
                )
            settings = parse_yaml(file.read_text("utf-8-sig"), file.name)
        except (OSError, UnicodeDecodeError) as error:
            raise KdcError("Can't read the file", f"{file}: {error}.") from None
        inner = settings.get("path")
        if isinstance(inner, str) and stays_below(folder, folder / inner) and _is_folder(folder / inner):
            folder = folder / inner
    if not folder.is_dir():
        raise KdcError(f"Not a {form} dataset", f"{path} is neither a data.yaml nor a folder.")
    images: list[tuple[str, str]] = []
    for split in SPLITS:
        for source in _sources(settings.get(split)):
            images.extend((split, name) for name in _images_in(folder, source))
    if not images and file is None:
        images = [("", name) for name in _images_in(folder, "images")]
    if not images and (named := [name for split in SPLITS for name in _sources(settings.get(split))]):
        raise KdcError(
            f"Not a {form} dataset",
            f"{path} names {', '.join(named)[:200]}, where there are no photos; labels are read with the photos that they belong to, so put them "
            "there (`export` and `convert` do with --copy-images).",
        )
    if not images:
        raise KdcError(
            f"Not a {form} dataset",
            f"{path} names no folder with images; a data.yaml does, or folders images and labels.",
        )
    return YoloFolder(folder, settings, list(dict.fromkeys(images)))


def files_in(path: Path) -> Iterator[Path]:
    """The files of the dataset that ``open_folder`` opens: its ``data.yaml``, lists, labels and images, there or not."""
    folder = open_folder(path, "YOLO")
    if (file := _yaml_of(path)) is not None:
        yield file
    for name in (name for split in SPLITS for name in _sources(folder.settings.get(split))):
        yield folder.root / name
    for _, image in folder.images:
        yield from (folder.root / image, folder.root / label_path(image))


def _yaml_of(path: Path) -> Path | None:
    if path.is_file():
        return path
    return next((path / n for n in ("data.yaml", "dataset.yaml") if (path / n).is_file()), None)


def _sources(value: Any) -> list[str]:
    return (
        [value]
        if isinstance(value, str)
        else [v for v in value if isinstance(v, str)]
        if isinstance(value, list)
        else []
    )


def _images_in(root: Path, source: str) -> Iterator[str]:
    # Roboflow writes ../train/images for folders that lie beside the file.
    tries = [source, source.removeprefix("../")] if source.startswith("../") else [source]
    for name in tries:
        try:
            place = root / relative_path(name)
        except KdcError:
            continue
        if not stays_below(root, place):
            continue
        if _is_folder(place):
            for file in sorted(place.rglob("*")):
                if file.suffix.lower() in IMAGE_SUFFIXES:
                    yield file.relative_to(root).as_posix()
            return
        if place.suffix == ".txt" and (lines := _lines(root, name)[0]):
            for line in lines:
                try:
                    yield relative_path(line.strip())
                except KdcError:
                    continue
            return


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # A name that is longer than the system allows.
        return False


def label_path(image: str) -> str:
    """Where the labels of an image stand: the last folder ``images`` is called ``labels``, the suffix is ``.txt``."""
    parts = list(PurePosixPath(image).parts)
    for i in range(len(parts) - 2, -1, -1):
        if parts[i] == "images":
            parts[i] = "labels"
            break
    return str(PurePosixPath(*parts).with_suffix(".txt"))


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
    problems: list[Problem] = []
    known = {c["id"] for c in categories}
    categories = list(categories)
    number = 0
    for i, (split, image) in enumerate(folder.images):
        record: Json = {"id": i + 1, "file_name": image} | ({"split": split} if split else {})
        images.append(record)
        people.append([])
        label = label_path(image)
        try:
            frame = read_frame(image_file(folder.root, image))
            record |= {"width": frame.width, "height": frame.height}
        except KdcError as error:
            problems.append(Problem(image, error.message.removesuffix(".")))
        lines, unread = _lines(folder.root, label)
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


def _lines(root: Path, name: str) -> tuple[list[str], str]:
    """The lines of a text file below ``root``, none where it is not there; and why it could not be read, where it is."""
    try:
        path = image_file(root, name)
        if not path.is_file():
            return [], "a broken link; its labels are left out" if path.is_symlink() else ""
        if path.stat().st_size > MOST_TEXT:
            return [], f"more than {MOST_TEXT >> 20} MiB, so it holds no labels; left out"
        return path.read_text("utf-8-sig", "replace").splitlines(), ""
    except KdcError as error:
        return [], f"{error.message.removesuffix('.')}; its labels are left out" if (root / name).is_symlink() else ""
    except (OSError, ValueError) as error:
        return [], f"can't be read ({getattr(error, 'strerror', None) or error}); its labels are left out"


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


def image_path(raw: Mapping[str, Any], split: str) -> str:
    """Where an image stands in a written folder: ``images/SPLIT/name``, or where it stood when it has such a path."""
    name = relative_path(raw.get("file_name"))
    return name if name.split("/")[0] == "images" else "/".join(filter(None, ("images", split, name)))


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

    splits: dict[str, None] = {}
    taken: dict[str, str] = {}
    with new_folder(path) as folder:
        for i in range(dataset.image_count):
            raw = dataset.image(i)
            split = raw.get("split") if raw.get("split") in SPLITS else "train"
            name = image_path(raw, str(split))
            splits[str(split)] = None
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
        came = dataset.top.get("yolo")
        places: dict[str, Any] = {s: f"images/{s}" for s in SPLITS if s in splits}
        kept = dict(came) if isinstance(came, Mapping) else {"path": ".", **places}
        (folder / "data.yaml").write_text(write_yaml({**kept, **settings}), "utf-8")
