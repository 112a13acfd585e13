"""What ``preannotate`` works on: photos for a COCO file, or a project with its images."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from kdc.dataset_paths import relative_path
from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc_annotator.cli.predict_inputs import find_jobs
from kdc_annotator.io import formats
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_new import whole_project
from kdc_annotator.io.sealed import unchanged
from kdc_annotator.io.source_places import import_once
from kdc_annotator.jobs.finished_coco import FinishedCoco, another_run
from kdc_annotator.jobs.growing_coco import GrowingCoco
from kdc_annotator.jobs.photo_pipeline import PhotoTask
from kdc_annotator.jobs.proposing import with_people_or_proposals

T = TypeVar("T")
Begin = Callable[[Project, list[tuple[str, Path]] | None], T]
"""(project, path and file of its photos, None for all) -> what a run starts with."""


def coco_tasks(
    sources: Sequence[str], images: str | None, from_project: bool, only_missing: bool
) -> tuple[list[PhotoTask], dict[int | str, str], bool, set[int]]:
    """Tasks by COCO image id, the file names by id, whether the ids are the source's own, and with ``only_missing`` the ids of photos that
    the source has people for, or a project proposals."""
    if from_project:
        with Project.open(Path(sources[0]), read_only=True) as project:
            root = Path(images) if images else project.images_root
            peopled = with_people_or_proposals(project) if only_missing else set()
            photos = list(project.photos())
        return [PhotoTask(p.id, root / p.path) for p in photos], {p.id: p.path for p in photos}, True, peopled
    jobs = find_jobs(sources, images=images)
    ids = [n if job.image_id is None else job.image_id for n, job in enumerate(jobs, 1)]
    own = bool(jobs) and jobs[0].image_id is not None
    peopled = _annotated(sources[0]) if only_missing and own else set()
    pairs = list(zip(ids, jobs, strict=True))
    return [PhotoTask(i, job.path) for i, job in pairs], {i: job.name for i, job in pairs}, own, peopled


def add_to_finished(
    growing: GrowingCoco,
    schema: PoseSchema,
    tasks: Sequence[PhotoTask],
    names: Mapping[int | str, str],
    own: bool,
) -> None:
    """Lets ``growing`` keep the file that an earlier run of these photos with these settings finished. One of another run is made anew.

    Raises ``KdcError`` where that would take away what somebody changed in it.
    """
    out = growing.out
    if not out.exists():
        return
    try:
        finished = FinishedCoco.read(out)
        reason = another_run(finished, growing.stamp, schema, names, {t.key: t.path for t in tasks}, own)
        if reason and not unchanged(out):
            raise KdcError(
                "Would overwrite",
                f"{out} may have been changed by somebody, and nothing can be added to it, because {reason}; "
                "name another --out, or add --overwrite to make it anew.",
            )
    except KdcError:
        if not growing.added:
            growing.forget()
        raise
    if reason:
        growing.replace(finished)
    else:
        growing.keep(finished)


def as_before(
    tasks: Sequence[PhotoTask],
    names: Mapping[int | str, str],
    done: Mapping[int | str, str],
    own: bool,
    parts: Path,
    photo: tuple[str, str] | None,
) -> tuple[list[PhotoTask], dict[int | str, str]]:
    """Tasks and names with the ids that an unfinished run gave: photos may have come or gone since. ``done``: its file names by id.
    ``photo``: name and place of one of its photos.

    Raises ``KdcError`` where it was about other photos: where it shares none, an id is the source's own and means another photo, or
    ``photo`` is still there and the one of its name here is another.
    """
    ids = {name: i for i, name in done.items()}
    name, place = photo or ("", "")
    here = next((os.path.realpath(task.path) for task in tasks if names[task.key] == name), place)
    elsewhere = here != place and Path(place).is_file()
    other = own and any(names.get(i, name) != name for i, name in done.items())
    if (elsewhere and done) or other or (ids and not any(name in ids for name in names.values())):
        raise KdcError(
            "Another run", f"{parts} is an unfinished run over other photos. Go on with those, or delete it."
        )
    if own:
        return list(tasks), dict(names)
    following = max([i for i in (*names, *done) if isinstance(i, int)], default=0)
    numbered: list[PhotoTask] = []
    called: dict[int | str, str] = {}
    for task in tasks:
        number = ids.get(names[task.key], task.key if task.key not in done else 0)
        if not number:
            number = following = following + 1
        numbered.append(replace(task, key=number))
        called[number] = names[task.key]
    return numbered, called


@dataclass(frozen=True)
class ProjectPhotos:
    """The photos of a run into a project: where they lie (``root``), and ``fill``, which puts them into a project and says the path and file of
    each, or None for all of its images. ``unusable``: photos that no project can hold, in sentences, when that is done."""

    root: Path
    fill: Callable[[Project], list[tuple[str, Path]] | None]
    unusable: Sequence[str] = ()


def project_photos(sources: Sequence[str], images: str | None, in_place: bool) -> ProjectPhotos:
    """What ``sources`` name; an annotation file is imported by ``fill``. Raises KdcError where there is nothing."""
    if in_place:
        return ProjectPhotos(Path(), lambda project: None)
    source = Path(sources[0])
    if len(sources) == 1 and _is_annotations(source):
        from kdc_annotator.cli.import_ import images_folder

        folder = images_folder(source, images)
        unusable: list[str] = []

        def fill(project: Project) -> list[tuple[str, Path]]:
            return [(name, project.images_root / name) for name in _take(project, source, folder, unusable)]

        return ProjectPhotos(folder, fill, unusable)
    jobs = find_jobs(sources, images=images)
    root = Path(images) if images else _root(sources, [job.path for job in jobs])
    usable, unusable = [], []
    for job in jobs:
        try:
            relative_path(job.path.name)
            usable.append(job.path)
        except KdcError as error:
            unusable.append(f"{error.title}: {error.message}")
    if not usable:
        raise KdcError("No photos", unusable[0])
    return ProjectPhotos(root, lambda project: [(_inside(project, path), path) for path in usable], unusable)


@contextmanager
def filled_project(out: Path, photos: ProjectPhotos, begin: Begin[T]) -> Iterator[T]:
    """What ``begin`` makes of the project ``out`` and its photos. Where ``photos`` or ``begin`` raise, a new project is not there and one
    that was is as it was; ``begin`` is called again for a project that is made here."""
    wanted = None
    if new := not out.exists():
        with whole_project(out) as aside, Project.create(aside, photos.root) as made:
            wanted = photos.fill(made)
            begin(made, wanted)
    with Project.open(out) as project:
        with project.bulk():
            begun = begin(project, wanted if new else photos.fill(project))
        yield begun


def _is_annotations(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in (".json", ".yaml", ".yml")


def _take(project: Project, source: Path, folder: Path, unusable: list[str]) -> list[str]:
    with formats.read(source, formats.detect(source), photos=folder) as dataset:
        if dataset.results:
            raise KdcError("Not images", f"{source} is a list of results, which names no photos.")
        unusable += [
            f"{source}: images[{stray.position}] is no table of names and values."
            for stray in dataset.strays
            if stray.key == "images"
        ]
        for i in range(dataset.image_count):
            try:
                relative_path(dataset.image(i).get("file_name"))
            except KdcError as error:
                place = i if dataset.positions is None else dataset.positions[i]
                unusable.append(f"{source}: images[{place}]: {error.message}")
        return import_once(project, dataset, source, folder)


def _root(sources: Sequence[str], paths: Sequence[Path]) -> Path:
    if len(sources) == 1 and Path(sources[0]).is_dir():
        return Path(sources[0])
    return Path(os.path.commonpath([path.parent for path in paths]))


def _inside(project: Project, path: Path) -> str:
    root = project.images_root
    for place, base in ((path.absolute(), root.absolute()), (path.resolve(), root.resolve())):
        if place.is_relative_to(base):
            return place.relative_to(base).as_posix()
    raise KdcError(
        "Outside the project", f"{path} is not below {root}, the project's images folder; choose another --out."
    )


def _annotated(source: str) -> set[int]:
    with formats.read(Path(source), "coco") as dataset:
        return {dataset.image(i).get("id") for i in range(dataset.image_count) if dataset.people(i)}  # type: ignore[misc]
