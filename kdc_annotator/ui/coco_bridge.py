"""COCO files in and out of a project, in sentences that the window shows. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kdc_annotator.io.project import Project
from kdc_annotator.ui.error_words import detail
from kdc_annotator.ui.text import counted, mark, tr

Progress = Callable[[str, int, int], None]


def photo_folder(annotations: Path, progress: Progress = lambda *_: None) -> Path:
    """Where the photos of a COCO file probably are: beside it, or in a folder ``images`` there or one level up."""
    names = _first_names(annotations, _reading(annotations, progress))
    here = annotations.parent
    for folder in (here, here / "images", here / annotations.stem, here.parent / "images", here.parent):
        if any(name and (folder / name).is_file() for name in names):
            return folder
    return here


def _first_names(annotations: Path, told: Callable[[int, int], None], most: int = 3) -> list[str]:
    """The first photos' names; the file is read no further than these."""
    from kdc_annotator.io.json_stream import JsonFile

    names: list[str] = []
    with JsonFile(annotations, ("images", "annotations")) as file:
        for item in file.items():
            told(item.end, file.size)
            if item.key == "images" and item.index is not None and isinstance(item.value, dict):
                names.append(str(item.value.get("file_name", "")))
            if len(names) == most or (
                item.key is None and item.index is not None
            ):  # A list of results names no photos.
                break
    return names


def _reading(annotations: Path, progress: Progress) -> Callable[[int, int], None]:
    """Tells in hundredths how far a file is read."""
    text = tr("Reading {name}", name=annotations.name)
    return lambda done, of: progress(text, min(100 * done // max(of, 1), 99), 100)


def import_into(project: Project, annotations: Path, images: Path, progress: Progress) -> list[str]:
    """Import a COCO file; sentences about what deserves notice."""
    from kdc_annotator.io import coco_read
    from kdc_annotator.io.importing import import_dataset

    with coco_read.read(annotations, _reading(annotations, progress)) as dataset:
        done = import_dataset(project, dataset, lambda n, of: progress(tr("Importing"), n, of))
    notes = []
    if done.problems:
        notes.append(
            counted(
                len(done.problems),
                mark("1 place in {name} could not be read; it is kept as it is: {first}"),
                mark("{count} places in {name} could not be read; they are kept as they are. The first: {first}"),
                name=annotations.name,
                first=f"{done.problems[0].place}: {detail(done.problems[0].what)}",
            )
        )
    if done.images_missing:
        notes.append(
            counted(
                done.images_missing,
                mark("1 photo that the file names is not in {folder}."),
                mark("{count} photos that the file names are not in {folder}."),
                folder=images,
            )
        )
    return notes


@dataclass(frozen=True)
class ExportPlan:
    """What an export would write."""

    images: int
    people: int
    proposals: int


def plan(
    project: Project, done_only: bool, proposals: bool, wanted: Callable[[], bool] = lambda: True
) -> ExportPlan | None:
    """Count before writing; None as soon as it is not ``wanted`` any more."""
    from kdc_annotator.io.exporting import ExportOptions, project_dataset

    counts = []
    for more in (False, True) if proposals else (False,):
        dataset, people = project_dataset(project, ExportOptions(done_only=done_only, proposals=more)), 0
        for i in range(dataset.image_count):
            if not wanted():
                return None
            people += len(dataset.people(i))
        counts.append(people)
    return ExportPlan(dataset.image_count, counts[0], counts[-1] - counts[0])


def export(
    project: Project, path: Path, done_only: bool, proposals: bool, form: str | None, progress: Progress
) -> None:
    """Write the project as a COCO file. KdcError where it can't be written; the old file then stays."""
    from kdc_annotator.io import coco_write
    from kdc_annotator.io.exporting import ExportOptions, project_dataset

    dataset = project_dataset(project, ExportOptions(done_only=done_only, proposals=proposals, form=form))
    coco_write.write(dataset, path, lambda n, of: progress(tr("Exporting"), n, of))
