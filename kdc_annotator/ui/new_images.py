"""Photos of a folder that its project does not have yet. No Qt here; runs on a worker thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_relocate import hash_file

SLICE = 500
PAUSE = 0.002
"""Seconds between two slices: the window's thread gets at the project meanwhile."""
Stopped = Callable[[], bool]


@dataclass(frozen=True)
class Folder:
    """``new``: relative paths that the project does not have, sorted. ``moved``: image id -> where its file lies now."""

    new: list[str]
    moved: dict[int, str]


def in_order(names: list[str]) -> list[str]:
    """Relative paths sorted as paths are, folder by folder."""
    return sorted(names, key=lambda n: n.split("/")) if any("/" in n for n in names) else sorted(names)


def look_at(project: Project, folder: Path, names: Iterable[str], stopped: Stopped = lambda: False) -> Folder:
    """What the project lacks of its images folder, which holds ``names``. Nothing is stored; ``stopped`` may leave something out.

    A file that holds the very bytes of a photo that is gone is no new image: it was renamed, or moved into a subfolder.
    """
    found = set(names)
    lost: list[int] = []
    for i, path in project.paths():
        if path in found:
            found.discard(path)
        elif not stopped() and not (folder / path).is_file():
            lost.append(i)
    new = in_order(list(found))
    if not new or not lost:
        return Folder(new, {})
    moved = dict(_moved(project.photos_of(lost), folder, new, stopped))
    taken = set(moved.values())
    return Folder([n for n in new if n not in taken], moved)


def _moved(
    lost: Sequence[PhotoRecord], folder: Path, new: Sequence[str], stopped: Stopped
) -> Iterator[tuple[int, str]]:
    wanted: dict[int, dict[str, list[int]]] = {}
    for photo in lost:
        if photo.hash:
            wanted.setdefault(photo.bytes, {}).setdefault(photo.hash, []).append(photo.id)
    for name in new if wanted else ():
        if stopped():
            return
        try:
            hashes = wanted.get((folder / name).stat().st_size)
            ids = hashes.get(hash_file(folder / name)) if hashes else None
        except (OSError, KdcError):
            continue
        if ids:
            yield ids.pop(0), name


def store_moved(project: Project, moved: dict[int, str]) -> None:
    """Their new paths, in one transaction; on the thread that documents belong to."""
    project.store_paths(moved)


def add_images(
    project: Project,
    names: Sequence[str],
    stopped: Stopped = lambda: False,
    told: Callable[[int], None] = lambda done: None,
) -> None:
    """Add photos a slice at a time, each a transaction of its own: what is there stays. Nobody else may add images meanwhile."""
    for start in range(0, len(names), SLICE):
        if stopped():
            return
        first, some = project.new_image_id(), names[start : start + SLICE]
        # The folder still has them if a power failure takes them back; waiting for the disk would hold up the window.
        project.add_images((PhotoRecord(first + n, name) for n, name in enumerate(some)), durable=False)
        told(start + len(some))
        time.sleep(PAUSE)
