"""Which photos of two projects are the same: the same name in two folders need not be."""

from __future__ import annotations

import os
from pathlib import Path

from kdc.dataset_paths import is_there, relative_path
from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.io.source_places import widen_places

_COMPARED_BYTES = 1 << 16


class MergedPhotos:
    """What the photos of ``other`` are called in ``project``, whose images folder may be another."""

    def __init__(self, project: Project, other: Project) -> None:
        self._project, self._other = project, other
        self._root, self._its = (Path(os.path.realpath(p.images_root)) for p in (project, other))
        self._outside = 0
        self._elsewhere: dict[str, PhotoRecord] | None = None

    def path(self, photo: PhotoRecord, known: dict[str, int]) -> str | None:
        """The path in ``project``; None where that is another photo. ``known``: image ids of ``project`` by path, which follows a photo that
        is only where ``other`` says."""
        if photo.path not in known and (same := self._found_again(photo)) is not None:
            file = _file(self._its, photo)
            if is_there(_file(self._root, same)) or not (is_there(file) and self._its.is_relative_to(self._root)):
                return same.path
            path = file.relative_to(self._root).as_posix()
            self._project.store_paths({same.id: path})
            known[path] = known.pop(same.path)
            return path
        if self._root == self._its:
            return photo.path
        mine = known.get(photo.path)
        if mine is not None and not self._differ(self._project.photo(mine), photo):
            return photo.path
        file = _file(self._its, photo)
        if is_there(file) and self._its.is_relative_to(self._root):
            return file.relative_to(self._root).as_posix()
        if mine is None:
            self._outside += is_there(file) and not is_there(_file(self._root, photo))
            return photo.path
        return None

    def notes(self) -> list[str]:
        """A sentence on photos that the project will not find."""
        if not self._outside:
            return []
        photos = "1 photo lies" if self._outside == 1 else f"{self._outside:,} photos lie"
        return [
            f"{self._other.path.name}: {photos} in {self._its}, not in {self._root}, the images folder of the new project, "
            "which will not find them; name a folder that holds both with --images, or copy them there."
        ]

    def _found_again(self, photo: PhotoRecord) -> PhotoRecord | None:
        """The image of ``project`` with the id and the content of ``photo``, which one of the two, a part, found in another place since."""
        if self._elsewhere is None:
            elsewhere = found_again(self._other, self._project)
            self._elsewhere = {path: self._project.photo(i) for path, i in elsewhere.items()}
        return self._elsewhere.get(photo.path)

    def _differ(self, mine: PhotoRecord, its: PhotoRecord) -> bool:
        if mine.hash and its.hash:
            return mine.hash != its.hash
        heads = [_head(_file(root, photo)) for root, photo in ((self._root, mine), (self._its, its))]
        if None not in heads:
            return heads[0] != heads[1]
        sizes = [sorted((photo.width, photo.height)) for photo in (mine, its) if photo.width]
        return len(sizes) == 2 and sizes[0] != sizes[1]


def found_again(one: Project, other: Project) -> dict[str, int]:
    """Path in ``one`` -> image id, of images that ``other`` has with that id and content under another path: one of the two, or a project that
    both are parts of, found the photo in another place. Ids of projects that no ``split`` made say nothing."""
    if not (one.setting("part") or other.setting("part")):
        return {}
    mine, its = ({photo.path: (photo.id, photo.hash) for photo in project.photos()} for project in (one, other))
    there = {told for path, told in its.items() if path not in mine and told[1]}
    return {path: told[0] for path, told in mine.items() if path not in its and told in there}


def widen_root(project: Project, folder: Path) -> None:
    """Makes ``folder`` the images folder of ``project``: its images get the paths that they have from there.

    ``KdcError`` where the images folder is not below ``folder``.
    """
    root, wide = Path(os.path.realpath(project.images_root)), Path(os.path.realpath(folder))
    if not wide.is_dir() or not root.is_relative_to(wide):
        raise KdcError(
            "Not the folder of all", f"{folder} is no folder that holds {root}, the photos of the first project."
        )
    below = root.relative_to(wide)
    if below.parts:
        project.store_paths({i: (below / path).as_posix() for i, path in project.paths()})
        widen_places(project, below.as_posix())
    project.set_images_root(folder)


def _file(root: Path, photo: PhotoRecord) -> Path:
    """Where a photo is below ``root``; ``root`` itself, which is no file, where its path leads out."""
    try:
        return root / relative_path(photo.path)
    except KdcError:
        return root


def _head(file: Path) -> tuple[int, bytes] | None:
    """Length and beginning of a file, by which photos differ; None where it can't be read."""
    if not is_there(file):
        return None
    try:
        with file.open("rb") as stream:
            return os.fstat(stream.fileno()).st_size, stream.read(_COMPARED_BYTES)
    except OSError:
        return None
