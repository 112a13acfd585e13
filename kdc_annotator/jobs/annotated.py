"""Projects and annotation files read alike: image by image, people with the pose schema of their category."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from kdc.dataset_paths import find_image
from kdc.errors import KdcError
from kdc.images import read_frame
from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.records import annotation_from_raw
from kdc_annotator.io import formats
from kdc_annotator.io.dataset import Dataset, relative_path
from kdc_annotator.io.person_view import hashable, image_size
from kdc_annotator.io.photo_sizes import with_sizes
from kdc_annotator.io.project import Project

People = list[tuple[Annotation, PoseSchema]]


@contextmanager
def opened(source: Path, images: Path) -> Iterator[Project | Dataset]:
    """A project (read-only) or an annotation file of any known format. ``images``: where the photos of a file lie, for sizes that it
    does not say."""
    if source.suffix == ".kdcproj":
        with Project.open(source, read_only=True) as project, project.snapshot():
            yield project
    else:
        with formats.read(source, formats.detect(source), photos=images) as dataset:
            yield with_sizes(dataset, images)


def annotated_images(source: Project | Dataset) -> Iterator[tuple[PhotoRecord, People]]:
    """Every image with its people, crowd regions among them; annotations of other categories are left out."""
    if isinstance(source, Project):
        schemas = source.schemas
        for photo, people in source.everybody():
            if not all(photo.size):
                photo, people = _sized(source, photo, people)
            yield photo, [(person, schemas.get(person.category_id, COCO_17)) for person in people]
        return
    for i in range(source.image_count):
        raw = source.image(i)
        size = image_size(raw)
        found: People = []
        for entry in source.people(i):
            category = hashable(entry.value.get("category_id"))
            if category in source.schemas or category == source.person_id:
                schema = source.schemas.get(category, COCO_17)
                person, _ = annotation_from_raw(entry.value, entry.position, size, len(schema), entry.position)
                found.append((person, schema))
        name = raw.get("file_name", f"image {raw['id']}" if "id" in raw else f"images[{i}]")
        yield PhotoRecord(i, _path(str(name)), *size, raw=raw), found


def photo_files(source: Project | Dataset, images: Path) -> Iterator[Path]:
    """Where the photo of each image is, or should be. ``images``: the folder of an annotation file's photos."""
    if isinstance(source, Project):
        root = source.images_root
        yield from (root / photo.path for photo in source.photos())
        return
    for i in range(source.image_count):
        with suppress(KdcError):
            yield find_image([images], str(source.image(i).get("file_name", "")))


def _sized(project: Project, photo: PhotoRecord, people: list[Annotation]) -> tuple[PhotoRecord, list[Annotation]]:
    """With the size of the upright photo, where that is there."""
    try:
        frame = read_frame(project.image_path(photo))
    except KdcError:
        return photo, people
    size = (frame.width, frame.height)
    return replace(photo, width=size[0], height=size[1]), [replace(person, size=size) for person in people]


def _path(name: str) -> str:
    """A file name as projects have it, with forward slashes; as it is where it leads out of the images folder."""
    try:
        return relative_path(name)
    except KdcError:
        return name
