"""Images that were moved or renamed on disk, found again by what is in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kdc.dataset_paths import is_there
from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_facts import Fingerprint

Progress = Callable[[int], None]
_PAGE = 200


@dataclass(frozen=True)
class Relocation:
    """``moved``: image id -> new relative path. ``missing``: images whose content was not found."""

    moved: dict[int, str]
    missing: tuple[PhotoRecord, ...]


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes in hex; ``KdcError`` where it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise KdcError(
            "Image can't be read", f"{path} can't be read ({error.strerror}); check that it exists and may be read."
        ) from None


def with_fingerprint(project: Project, photo: PhotoRecord) -> PhotoRecord:
    """The record with the hash and size of its file, as it lies on disk now."""
    path = project.image_path(photo)
    return replace(photo, hash=hash_file(path), bytes=path.stat().st_size)


def missing_images(project: Project) -> Iterator[PhotoRecord]:
    """The images whose file is not where it should be."""
    for photo in project.photos():
        if not is_there(project.image_path(photo)):
            yield photo


def fingerprint_images(project: Project, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Fill in the hash of every image that has none yet and whose file can be read; returns how many.

    Stored ``_PAGE`` at a time: what was done before an interruption stays. ``progress``: images looked at, and all.
    """
    done = filled = 0
    total = project.count()
    ids = project.image_ids()
    for start in range(0, total, _PAGE):
        found = []
        for photo in project.photos_of(ids[start : start + _PAGE]):
            if not photo.hash:
                try:
                    marked = with_fingerprint(project, photo)
                except (KdcError, OSError):
                    continue
                found.append(Fingerprint(photo.id, marked.hash, marked.bytes))
        project.keep_fingerprints(found)
        filled += len(found)
        done += len(ids[start : start + _PAGE])
        progress(done, total)
    return filled


def find_moved(project: Project, folder: Path | None = None, progress: Progress = lambda done: None) -> Relocation:
    """Look below ``folder`` (default: the images folder) for the files of missing images, and store their new paths.

    Files are compared by size first and then by hash, so that only likely ones are read. Links are not followed.
    """
    wanted: dict[int, dict[str, list[PhotoRecord]]] = {}
    missing: dict[int, PhotoRecord] = {}
    for photo in missing_images(project):
        missing[photo.id] = photo
        if photo.hash:
            wanted.setdefault(photo.bytes, {}).setdefault(photo.hash, []).append(photo)
    root = project.images_root
    moved: dict[int, str] = {}
    taken = {photo.path for photo in project.photos() if photo.id not in missing}
    for done, path in enumerate(_files(folder or root) if wanted else ()):
        progress(done)
        try:
            hashes = wanted.get(path.stat().st_size)
            relative = _relative(path, root)
            if not hashes or relative is None or relative in taken:
                continue
            photos = hashes.get(hash_file(path))
        except (OSError, KdcError):
            continue
        if photos:
            photo = photos.pop(0)
            project.store_paths({photo.id: relative})
            moved[photo.id] = relative
            taken.add(relative)
            del missing[photo.id]
    return Relocation(moved, tuple(missing.values()))


def _files(folder: Path) -> Iterator[Path]:
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            yield Path(base, name)


def _relative(path: Path, root: Path) -> str | None:
    """The path below the images folder with forward slashes, None where it lies outside."""
    try:
        return path.absolute().relative_to(root.absolute()).as_posix()
    except ValueError:
        return None
