"""Projects as training data: what a human finished, in ``kdc.data``'s protocol."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from kdc.data.coco import read_photo
from kdc.data.samples import PersonLabel, Sample, ever_labelled, mask_state
from kdc.dataset_paths import is_there
from kdc.errors import KdcError
from kdc.schema import PoseSchema, map_keypoints, people_schemas
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.train_plan import counts_for_training, no_people

BEYOND = 0.15
"""How far a body reaches beyond the box around its joints, in lengths of the box: heads, hands and shoes."""


def project_schema(path: Path) -> PoseSchema | None:
    """The schema of the project's first category of people with keypoints."""
    with Project.open(path, read_only=True) as project:
        return next(iter(people_schemas(project.schemas, project.categories).values()), None)


class ProjectDataset:
    """The images of a project that somebody marked as done, joints mapped by name onto ``schema``.

    ``all_images``: also those that nobody finished, as far as they have people. Proposals of models never count. The
    project is read once and closed; its labels do not change during a run. ``problems``: what can't be used and why.
    """

    def __init__(self, path: Path, schema: PoseSchema, all_images: bool = False) -> None:
        self.schema = schema
        self.problems: list[str] = []
        self._photos: list[PhotoRecord] = []
        self._people: list[list[PersonLabel]] = []
        self._known = np.zeros(len(schema), bool)
        with Project.open(path, read_only=True) as project:
            self.root = project.images_root
            schemas = people_schemas(project.schemas, project.categories)
            others = no_people(project)
            for source in schemas.values():
                self._known |= map_keypoints(np.ones((len(source), 3), np.float32), source, schema)[:, 2] > 0
            for photo, everybody in project.everybody():
                people = [a for a in everybody if a.category_id not in others]
                if not counts_for_training(photo, bool(people), all_images):
                    continue
                if not photo.width or not photo.height:
                    self.problems.append(f"{photo.path}: its size is not known; open it once in the app.")
                    continue
                if not is_there(self.root / photo.path):
                    self.problems.append(f"{photo.path}: the photo is not in {self.root}.")
                    continue
                self._photos.append(photo)
                self._people.append([self._label(a, photo, schemas) for a in people])
        self._known = ever_labelled(self._known, self._people)
        if not self._photos:
            raise KdcError(
                "Nothing to train on",
                f"No image of {path} is marked as done; finish some, or add --all-images to take what has people.",
            )

    def _label(self, person: Annotation, photo: PhotoRecord, schemas: dict[int, PoseSchema]) -> PersonLabel:
        source = schemas.get(person.category_id)
        points = np.zeros((len(self.schema), 3), np.float32)
        if source is not None and len(person.keypoints) == len(source):
            points = map_keypoints(person.keypoints.astype(np.float32), source, self.schema)
        points[points[:, 2] <= 0] = 0
        segmentation = None
        try:
            mask = person.mask
            segmentation = mask.to_rle() if mask is not None and mask.area else None
        except KdcError as error:
            self.problems.append(f"{photo.path}: the mask of person {person.id} can't be used ({error.message})")
        x, y, w, h = person.box if person.box is not None else person.extent()
        if person.box is None and segmentation is None:
            # Around joints alone: the body goes on beyond them, and what is not known must not count as background.
            more = BEYOND * max(w, h)
            x, y, w, h = x - more, y - more, w + 2 * more, h + 2 * more
        return PersonLabel(
            points, bool((points[:, 2] > 0).any()), segmentation, (float(x), float(y), float(w), float(h)), person.crowd
        )

    def __len__(self) -> int:
        return len(self._photos)

    def name(self, index: int) -> str:
        """Path of a photo in the project's images folder."""
        return self._photos[index].path

    def people(self, index: int) -> list[PersonLabel]:
        """Labels of a photo, without reading the photo."""
        return self._people[index]

    def __getitem__(self, index: int) -> Sample:
        photo, people = self._photos[index], self._people[index]
        pixels = read_photo(self.root, photo.path, photo.width, photo.height)
        said = None if photo.masks_complete is None else "complete" if photo.masks_complete else "partial"
        return Sample(photo.path, pixels, people, mask_state(said, people), self._known)
