"""Where a project's annotation files lie: files of one name in different folders are different files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.io.dataset import Dataset, Json, relative_path
from kdc_annotator.io.importing import import_dataset
from kdc_annotator.io.project import Project

PLACES = "source_places"
"""The setting: file, relative to the project where that is possible -> its photos' folder, relative to the images folder."""


def remember_place(project: Project, source: Path, photos: str = "") -> None:
    """Note that the file ``source`` was imported."""
    project.set_setting(PLACES, {**project.setting(PLACES, {}), _place(project, source): photos})


def import_once(project: Project, dataset: Dataset, source: Path, photos: Path) -> list[str]:
    """Import ``dataset``, which is the file ``source`` with its photos in ``photos``, unless the project has that very file.

    Returns the paths of its images in the project. ``KdcError`` where the photos lie outside the project's images folder.
    """
    places, here = project.setting(PLACES, {}), _place(project, source)
    if here in places:
        return _names(_below(dataset, places[here]))
    with project.bulk():
        names = {s["name"] for s in project.setting("sources", [])}
        if dataset.name in names:
            base = project.path.parent
            alike = {p: folder for p, folder in places.items() if Path(p).name == source.name}
            moved = [folder for p, folder in alike.items() if not (base / p).exists()]
            if alike and len(moved) == len(alike):
                remember_place(project, source, moved[0])
                return _names(_below(dataset, moved[0]))
            if not alike and all(project.by_path(name) for name in _names(dataset)):
                return _names(dataset)  # Imported by the window or an older version, which noted no place.
        folder = _folder(project, dataset, photos)
        name, number = dataset.name, 1
        while name in names:
            name = f"{source.absolute().parent.name}{f' {number}' if number > 1 else ''}/{dataset.name}"
            number += 1
        placed = replace(_below(dataset, folder), name=name)
        import_dataset(project, placed)
        remember_place(project, source, folder)
    return _names(placed)


def _place(project: Project, source: Path) -> str:
    try:
        place = os.path.relpath(os.path.realpath(source), os.path.realpath(project.path.parent))
    except ValueError:  # Another drive.
        place = os.path.realpath(source)
    return place.replace(os.sep, "/")


def _folder(project: Project, dataset: Dataset, photos: Path) -> str:
    """Where the photos are below the images folder: there, if ``photos`` holds none of them."""
    root, folder = Path(os.path.realpath(project.images_root)), Path(os.path.realpath(photos))
    if folder == root or not any((folder / name).is_file() for name in _names(dataset)):
        return ""
    if not folder.is_relative_to(root):
        raise KdcError(
            "Outside the project",
            f"The photos of {dataset.name} are in {folder}, not below {project.images_root}, the project's images folder; choose "
            "another --out.",
        )
    return folder.relative_to(root).as_posix()


def _below(dataset: Dataset, folder: str) -> Dataset:
    if not folder:
        return dataset
    image = dataset.image

    def placed(i: int) -> Json:
        raw = image(i)
        try:
            return {**raw, "file_name": f"{folder}/{relative_path(raw.get('file_name'))}"}
        except KdcError:
            return raw  # Kept by the import, never opened.

    return replace(dataset, image=placed)


def _names(dataset: Dataset) -> list[str]:
    names = []
    for i in range(dataset.image_count):
        try:
            names.append(relative_path(dataset.image(i).get("file_name")))
        except KdcError:
            continue
    return names
