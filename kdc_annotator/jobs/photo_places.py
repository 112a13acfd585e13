"""Photos that are no longer where the project says, and the fingerprints by which they are found again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kdc.dataset_paths import is_there
from kdc.errors import KdcError
from kdc.images import read_frame
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_facts import Fingerprint
from kdc_annotator.io.project_relocate import find_moved, missing_images, with_fingerprint

Progress = Callable[[int, int], None]
Stopped = Callable[[], bool]
Rest = Callable[[], None]
PAGE = 16
LOOKED_AT = 64
"""Photos that are looked for between two rests."""
PAUSE = 0.001


def nap() -> None:
    """A rest in which a window that lives in the same process gets at the project."""
    time.sleep(PAUSE)


class _Stop(Exception):
    """Raised out of a progress call to end work that knows no other way."""


@dataclass(frozen=True)
class Places:
    """``found``: photos that were found again; ``missing``: that were not. ``root``: the images folder from now on."""

    found: int
    missing: int
    root: Path


def count_missing(project: Project, stopped: Stopped = lambda: False, rest: Rest = nap) -> int:
    """How many photos are not where they should be; 0 where it was stopped. ``rest`` is called again and again.

    Of 100,000 photos nothing but the path is read, and no ``Path`` is made of it: that would take five times as long.
    """
    count = 0
    root = str(project.images_root)
    for n, (_, path) in enumerate(project.paths(page=8 * LOOKED_AT)):
        count += not os.path.isfile(f"{root}/{path}")  # noqa: PTH113
        if n % LOOKED_AT == 0:
            if stopped():
                return 0
            rest()
    return count


def take_fingerprints(
    project: Project,
    progress: Progress = lambda done, of: None,
    stopped: Stopped = lambda: False,
    rest: Rest = nap,
) -> int:
    """Fill in the hash of every photo that has none and can be read; returns how many. Other work may go on meanwhile.

    ``rest`` is called after each. Stored ``PAGE`` at a time: what was done before it was stopped stays.
    """
    ids = project.without_fingerprint()
    filled = 0
    for start in range(0, len(ids), PAGE):
        taken = []
        for photo in project.photos_of(ids[start : start + PAGE]):
            if stopped():
                break
            try:
                marked = with_fingerprint(project, photo)
            except (KdcError, OSError):
                continue
            taken.append(Fingerprint(photo.id, marked.hash, marked.bytes))
            rest()
        project.keep_fingerprints(taken)
        filled += len(taken)
        if stopped():
            break
        progress(min(start + PAGE, len(ids)), len(ids))
    return filled


def look_in(
    project: Project, folder: Path, progress: Progress = lambda done, of: None, stopped: Stopped = lambda: False
) -> Places:
    """Look in ``folder`` and below for photos that are not where they should be. No image may be open meanwhile.

    Where the folder holds more of the photos under their names than the images folder does, it becomes the images folder.
    What is missing then is looked for by its fingerprint, and photos without one by their name where only one file has it.
    ``KdcError`` where some photos lie in the images folder and ``folder`` is elsewhere.
    """
    before = project.images_root
    lost = {photo.id for photo in missing_images(project)}
    if not lost:
        return Places(0, 0, before)
    folder = Path(os.path.normpath(Path(folder).absolute()))
    inside = folder == before or before in folder.parents
    if not inside:
        _move_root(project, folder, len(lost))

    def walked(done: int) -> None:
        progress(done, 0)
        if stopped():
            raise _Stop

    left: tuple[PhotoRecord, ...] = tuple(missing_images(project))
    try:
        if left:
            left = find_moved(project, folder, walked).missing
            left = _find_by_name(project, folder, left, walked)
    except _Stop:
        left = tuple(missing_images(project))
    if len(left) == len(lost) and project.images_root != before:
        project.set_images_root(before)
    return Places(len(lost) - len(left), len(left), project.images_root)


def _move_root(project: Project, folder: Path, lost: int) -> None:
    here = project.count() - lost
    there = sum(is_there(folder / photo.path) for photo in project.photos())
    if there > here or not here:
        project.set_images_root(folder)
        return
    if here == 1:
        raise KdcError(
            "Photos in two places",
            f"1 photo lies in {project.images_root}, so the others are only looked for below it; move them there, or choose a folder that "
            "holds all of them.",
        )
    raise KdcError(
        "Photos in two places",
        f"{here} photos lie in {project.images_root}, so the others are only looked for below it; move them there, or choose a "
        "folder that holds all of them.",
    )


def _find_by_name(
    project: Project, folder: Path, missing: tuple[PhotoRecord, ...], walked: Callable[[int], None]
) -> tuple[PhotoRecord, ...]:
    """For photos without a fingerprint: the one file of that name, if its size in pixels is the photo's."""
    wanted = {photo.path.rsplit("/", 1)[-1]: photo for photo in missing if not photo.hash}
    if not wanted:
        return missing
    places: dict[str, list[Path]] = {}
    count = 0
    for base, _, names in os.walk(folder):
        for name in names:
            count += 1
            walked(count)
            if name in wanted:
                places.setdefault(name, []).append(Path(base, name))
    found = set()
    taken = {photo.path for photo in project.photos()}
    for name, paths in places.items():
        photo = wanted[name]
        try:
            relative = paths[0].relative_to(project.images_root).as_posix()
            frame = read_frame(paths[0])
        except (ValueError, KdcError):
            continue
        fits = photo.size == (0, 0) or frame.published_to_upright(photo.width, photo.height) is not None
        if len(paths) == 1 and fits and relative not in taken:
            project.store_paths({photo.id: relative})
            found.add(photo.id)
    return tuple(photo for photo in missing if photo.id not in found)
