"""The checks of ``kdc_annotator.document.checks`` over a whole project or annotation file, image by image."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kdc.dataset_paths import is_there
from kdc.errors import KdcError
from kdc.images import read_frame
from kdc.schema import COCO_17
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.checks import Finding, Scene, check_document, findings
from kdc_annotator.io.dataset import Dataset, image_file, relative_path
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.annotated import annotated_images

_ROUNDS = 4
"""A repair can bring to light what another one mends: a mask that was drawn anew has an area and crumbs."""


@dataclass(frozen=True)
class Checked:
    """An image, what was found in it, and how many findings were repaired (these are not among ``findings`` any more)."""

    path: str
    findings: list[Finding]
    fixed: int = 0


def check_project(project: Project, read_photos: bool = False, fix: bool = False) -> Iterator[Checked]:
    """Every image of a project. ``read_photos``: open each file's header. ``fix``: carry out the repairs that are safe; each is a
    step that the labeler can undo."""
    for image_id in project.image_ids():
        document = project.document(image_id)
        path = project.image_path(document.photo)
        exists = is_there(path)
        found = check_document(document, file_exists=exists)
        fixed = 0
        for _ in range(_ROUNDS if fix else 0):
            before = found
            for finding in before:
                if finding.repair is not None:
                    try:
                        document.execute(finding.repair)
                    except KdcError:
                        continue  # Locked, or an earlier repair settled it.
            found = check_document(document, file_exists=exists)
            fixed += max(0, len(before) - len(found))
            if [f.sentence for f in found] == [f.sentence for f in before]:
                break
        if read_photos and exists:
            found = [*_photo_findings(document.photo, path), *found]
        yield Checked(document.photo.path, found, fixed)


def check_dataset(dataset: Dataset, images: Path, read_photos: bool = False) -> Iterator[Checked]:
    """Every image of an annotation file whose photos lie in ``images``."""
    for photo, pairs in annotated_images(dataset):
        schemas = {person.category_id: schema for person, schema in pairs}
        people = [person for person, _ in pairs]
        exists, outside = (None, None) if dataset.results else _whereabouts(images, photo.path)
        found = findings(Scene(photo, people, lambda c, known=schemas: known.get(c, COCO_17), (), exists))  # type: ignore[misc]
        if outside is not None:
            found = [outside, *found]
        if read_photos and exists:
            found = [*_photo_findings(photo, images / photo.path), *found]
        yield Checked(photo.path, found)


def _whereabouts(images: Path, name: str) -> tuple[bool | None, Finding | None]:
    """Whether the photo is there; None, and a finding, where its name or a link leads out of the folder and nobody looks."""
    try:
        relative_path(name)
        if not is_there(images / name):
            return False, None
        image_file(images, name)
    except KdcError as error:
        return None, Finding("photo outside", error.message, "error")
    return True, None


def _photo_findings(photo: PhotoRecord, path: Path) -> Iterator[Finding]:
    try:
        frame = read_frame(path)
    except KdcError as error:
        yield Finding("unreadable photo", error.message, "error")
        return
    if photo.width and frame.published_to_upright(photo.width, photo.height) is None:
        sentence = f"{photo.path} has {frame.width} x {frame.height} pixels, but is said to have {photo.width} x {photo.height}."
        yield Finding("size", sentence, "error")
