"""Where the files of a YOLO dataset are: ``data.yaml``, photos and their label files, together or in two folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from kdc.dataset_paths import image_file, is_there, relative_path, stays_below
from kdc.errors import KdcError
from kdc_annotator.io.dataset import Problem
from kdc_annotator.io.yolo_yaml import parse_yaml

IMAGE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".mpo", ".heic", ".avif"))
SPLITS = ("train", "val", "test")
MOST_TEXT = 64 << 20
"""Bytes; no label file is as long."""


@dataclass(frozen=True)
class Labelled:
    """A photo and its labels: ``split``, ``image``, the photo's path in the dataset, and ``label``, the label file's below the root.

    ``shown``: how many of the first folders of ``image`` are the dataset's own, not the photo's. Without its photo the image has no suffix.
    """

    split: str
    image: str
    label: str
    shown: int


@dataclass(frozen=True)
class YoloFolder:
    """A dataset folder: ``root``, the ``data.yaml`` as values, its photos (``image`` is below ``photos``) and what of it can't be used."""

    root: Path
    settings: Mapping[str, Any]
    images: Sequence[Labelled]
    photos: Path
    problems: Sequence[Problem] = field(default_factory=list)


def open_folder(path: Path, form: str, photos: Path | None = None) -> YoloFolder:
    """The folder of a ``data.yaml``, or one that holds it, or one with ``images`` and ``labels`` in it.

    ``photos``: where they are looked for when the folder holds labels alone, by their names.
    """
    folder, settings, sources = _settings(path, form)
    images = [entry for split, source in sources for entry in _images_in(folder, split, source)]
    if any(is_there(folder / entry.image) for entry in images):
        return YoloFolder(folder, settings, list(dict.fromkeys(images)), folder)
    labels = images or [entry for split, source in sources for entry in _labels_in(folder, split, source)]
    labels = [entry for entry in labels if is_there(folder / entry.label)]
    problems: list[Problem] = []
    if labels and photos is not None and (found := _elsewhere(labels, photos, problems)):
        return YoloFolder(folder, settings, found, photos, problems)
    if images:
        return YoloFolder(folder, settings, list(dict.fromkeys(images)), folder)
    named = ", ".join(source for _, source in sources)[:200]
    if named and (labels or settings):
        looked = "" if photos is None or photos == folder else f" None of the labels has its photo in {photos}."
        raise KdcError(
            f"Not a {form} dataset",
            f"{path} names {named}, where there are no photos; labels are read with the photos that they belong to, so name their folder with "
            f"--images, or put them there (`export` and `convert` do with --copy-images).{looked}",
        )
    raise KdcError(
        f"Not a {form} dataset", f"{path} names no folder with images; a data.yaml does, or folders images and labels."
    )


def _settings(path: Path, form: str) -> tuple[Path, dict[str, Any], list[tuple[str, str]]]:
    """The dataset's folder, its ``data.yaml`` as values, and the (split, folder or list of photos) pairs in it."""
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
    sources = [(split, source) for split in SPLITS for source in sources_of(settings.get(split))]
    return folder, settings, [("", "images")] if file is None else sources


def files_in(path: Path) -> Iterator[Path]:
    """The files of the dataset that ``open_folder`` opens: its ``data.yaml``, lists, labels and images, there or not."""
    folder, _, sources = _settings(path, "YOLO")
    if (file := _yaml_of(path)) is not None:
        yield file
    for split, source in sources:
        yield folder / source
        for entry in (*_images_in(folder, split, source), *_labels_in(folder, split, source)):
            yield from (folder / entry.image, folder / entry.label)


def _yaml_of(path: Path) -> Path | None:
    if path.is_file():
        return path
    return next((path / n for n in ("data.yaml", "dataset.yaml") if (path / n).is_file()), None)


def sources_of(value: Any) -> list[str]:
    return (
        [value]
        if isinstance(value, str)
        else [v for v in value if isinstance(v, str)]
        if isinstance(value, list)
        else []
    )


def places_of(root: Path, source: str) -> Iterator[str]:
    """Where a source of a ``data.yaml`` may be, below ``root``."""
    # Roboflow writes ../train/images for folders that lie beside the file.
    for name in [source, source.removeprefix("../")] if source.startswith("../") else [source]:
        try:
            place = relative_path(name)
        except KdcError:
            continue
        if stays_below(root, root / place):
            yield place


def _images_in(root: Path, split: str, source: str) -> Iterator[Labelled]:
    for name in places_of(root, source):
        place = root / name
        if _is_folder(place):
            own = len(PurePosixPath(name).parts)
            for file in sorted(place.rglob("*")):
                if file.suffix.lower() in IMAGE_SUFFIXES:
                    image = file.relative_to(root).as_posix()
                    yield Labelled(split, image, label_path(image), own)
            return
        if place.suffix == ".txt" and (lines := lines_of(root, name)[0]):
            for line in lines:
                try:
                    image = relative_path(line.strip())
                except KdcError:
                    continue
                yield Labelled(split, image, label_path(image), _own(image, split))
            return


def _labels_in(root: Path, split: str, source: str) -> Iterator[Labelled]:
    """The label files of a folder of photos, which itself need not be there."""
    for name in places_of(root, source):
        labels = PurePosixPath(label_path(f"{name}/photo")).parent
        if (
            PurePosixPath(name).suffix == ".txt"
            or not stays_below(root, root / labels)
            or not _is_folder(root / labels)
        ):
            continue
        for file in sorted((root / labels).rglob("*.txt")):
            image = PurePosixPath(name) / file.relative_to(root / labels).with_suffix("").as_posix()
            yield Labelled(split, str(image), file.relative_to(root).as_posix(), len(PurePosixPath(name).parts))
        return


def _own(image: str, split: str) -> int:
    """How many of the first folders of a photo's path in a list are the dataset's: up to ``images``, and the split's after it."""
    folders = PurePosixPath(image).parts[:-1]
    n = max((i + 1 for i, part in enumerate(folders) if part == "images"), default=0)
    return n + (n > 0 and folders[n : n + 1] == (split,))


def _elsewhere(labels: Sequence[Labelled], photos: Path, problems: list[Problem]) -> list[Labelled]:
    """``labels`` with their photos' paths below the folder ``photos``, where they are there; the others are listed."""
    there: dict[str, list[str]] = {}
    for file in sorted(photos.rglob("*")):
        if file.suffix.lower() in IMAGE_SUFFIXES:
            name = file.relative_to(photos)
            there.setdefault(name.with_suffix("").as_posix(), []).append(name.as_posix())
    found: dict[str, Labelled] = {}
    for entry in dict.fromkeys(labels):
        path = PurePosixPath(entry.image)
        parts = (path if path.suffix.lower() not in IMAGE_SUFFIXES else path.with_suffix("")).parts
        tries = ("/".join(parts[i:]) for i in range(entry.shown + 1))
        same = next((there[name] for name in tries if name in there), [])
        if len(same) > 1:
            problems.append(Problem(entry.label, f"{', '.join(same)} have its name; the first one counts"))
        if not same:
            problems.append(Problem(entry.label, f"no photo of its name is in {photos}; left out", left_out=True))
        elif (other := found.setdefault(same[0], Labelled(entry.split, same[0], entry.label, 0))).label != entry.label:
            problems.append(Problem(entry.label, f"{same[0]} has its labels in {other.label}; left out", left_out=True))
    return list(found.values())


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


def lines_of(root: Path, name: str) -> tuple[list[str], str]:
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
