"""Where a project's annotation files lie: files of one name in different folders are different files."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kdc.dataset_paths import is_there
from kdc.errors import KdcError
from kdc_annotator.io.dataset import Dataset, Json, relative_path
from kdc_annotator.io.importing import import_dataset
from kdc_annotator.io.project import Project

PLACES = "source_places"
"""The setting: file, relative to the project where that is possible -> its photos' folder, relative to the images folder."""
_LOOKED_AT = 1000
"""By so many of its first images a file's photos are looked for."""


def remember_place(project: Project, source: Path, photos: str = "") -> None:
    """Note that the file ``source`` was imported."""
    project.set_setting(PLACES, {**project.setting(PLACES, {}), _place(project, source): photos})


def keep_places(project: Project, former: Path) -> None:
    """Note anew where the files are, in a copy of the project ``former`` in another folder."""
    places = project.setting(PLACES, {})
    if places:
        project.set_setting(PLACES, _moved(places, former, project))


def join_places(project: Project, other: Project) -> None:
    """Note where the files of ``other`` are, too."""
    root, its = (Path(os.path.realpath(p.images_root)) for p in (project, other))
    below = its.relative_to(root).as_posix() if its != root and its.is_relative_to(root) else ""
    places = _below_all(_moved(other.setting(PLACES, {}), other.path, project), below)
    if places:
        project.set_setting(PLACES, {**places, **project.setting(PLACES, {})})


def widen_places(project: Project, below: str) -> None:
    """Note that the photos' folders are in the folder ``below`` of the images folder."""
    places = project.setting(PLACES, {})
    if places:
        project.set_setting(PLACES, _below_all(places, below))


def _below_all(places: Mapping[str, str], below: str) -> dict[str, str]:
    return {place: "/".join(part for part in (below, folder) if part) for place, folder in places.items()}


def _moved(places: Mapping[str, str], former: Path, project: Project) -> dict[str, str]:
    base = Path(os.path.realpath(former)).parent
    return {_place(project, base / place): folder for place, folder in places.items()}


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


def placed(project: Project, dataset: Dataset, source: Path, photos: Path, named: bool) -> tuple[Dataset, str]:
    """``dataset``, which is the file ``source``, with its name and paths as the project has or will have them, and the folder for
    ``remember_place``. ``photos``: where its photos lie if not in the images folder; ``named``: somebody chose the images folder.

    ``KdcError`` where its photos are others than those that the project has under their names, and lie outside the images folder.
    """
    places, here = project.setting(PLACES, {}), _place(project, source)
    if here not in places:
        folder = _own_folder(project, dataset, photos, named)
        return _below(dataset, folder), folder
    folder = places[here]
    below = _below(dataset, folder)
    return (replace(below, name=_name_of(project, below)) if folder else below), folder


def outside(project: Project, dataset: Dataset, photos: Path) -> bool:
    """Whether photos of ``dataset`` lie in ``photos``, and that is not below the images folder."""
    root, own = Path(os.path.realpath(project.images_root)), Path(os.path.realpath(photos))
    first = range(min(dataset.image_count, _LOOKED_AT))
    return not own.is_relative_to(root) and any(is_there(own / name) for name in _names(dataset, first))


def _own_folder(project: Project, dataset: Dataset, photos: Path, named: bool) -> str:
    """Where the photos are below the images folder; empty where they are the ones there, or nowhere."""
    root, own = Path(os.path.realpath(project.images_root)), Path(os.path.realpath(photos))
    first = range(min(dataset.image_count, _LOOKED_AT))
    name = next((n for n in _names(dataset, first) if is_there(own / n)), None)
    if name is None or own == root:
        return ""
    there = root / name
    if is_there(there) and (named or filecmp.cmp(there, own / name, shallow=False)):
        return ""
    if own.is_relative_to(root):
        return own.relative_to(root).as_posix()
    if not is_there(there):
        return ""
    raise KdcError(
        "Other photos",
        f"{name} of {dataset.name} is another photo in {photos} than in {project.images_root}, the project's images folder; name a "
        "folder that holds both with --images, or import it into a project of its own.",
    )


def _name_of(project: Project, dataset: Dataset) -> str:
    """What ``import_once`` called the file, by the images that it brought."""
    sources = project.setting("sources", [])
    for path in _names(dataset, range(min(dataset.image_count, _LOOKED_AT))):
        for photo in project.all_by_path(path):
            kinds = [kind.split(":") for kind, _, _ in project.others(photo.id)]
            brought = [
                str(sources[int(n)]["name"]) for n, kind in kinds if kind == "position" and int(n) < len(sources)
            ]
            if brought and dataset.name not in brought:
                return next((name for name in brought if name.endswith(f"/{dataset.name}")), dataset.name)
    return dataset.name


def _place(project: Project, source: Path) -> str:
    try:
        place = os.path.relpath(os.path.realpath(source), os.path.realpath(project.path.parent))
    except ValueError:  # Another drive.
        place = os.path.realpath(source)
    return place.replace(os.sep, "/")


def _folder(project: Project, dataset: Dataset, photos: Path) -> str:
    """Where the photos are below the images folder: there, if ``photos`` holds none of them."""
    root, folder = Path(os.path.realpath(project.images_root)), Path(os.path.realpath(photos))
    if folder == root or not any(is_there(folder / name) for name in _names(dataset)):
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


def _names(dataset: Dataset, which: range | None = None) -> list[str]:
    names = []
    for i in range(dataset.image_count) if which is None else which:
        try:
            names.append(relative_path(dataset.image(i).get("file_name")))
        except KdcError:
            continue
    return names
