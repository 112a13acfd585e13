"""What a model says about the images of a project, stored so that a run can be killed at any moment and goes on where it was.

People, and images that somebody worked on, are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kdc.errors import KdcError
from kdc.geometry import Affine
from kdc.images import PhotoFrame
from kdc.schema import PoseSchema, canonical_name, map_keypoints
from kdc.structures import Mask, Person
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.proposals import proposal_from_person
from kdc_annotator.io.project import Project
from kdc_annotator.jobs.photo_pipeline import PhotoResult, PhotoTask
from kdc_annotator.jobs.run_stamp import RunStamp

_SETTING = "preannotated"


@dataclass
class Stored:
    """What was stored. ``failed``: images that could not be used, in sentences."""

    images: int = 0
    people: int = 0


class ProposalStore:
    """The project side of a run. ``schema``: of the model's people; ``min_score``: people below are left out. Raises KdcError where the project
    has no category for such people."""

    def __init__(self, project: Project, stamp: RunStamp, schema: PoseSchema, min_score: float = 0.0) -> None:
        self.project, self.stamp, self.schema, self.min_score = project, stamp, schema, min_score
        self.stored = Stored()
        self._kind = f"preannotated:{stamp.key}"
        self.category, self.target = self._category()
        self._begin()

    def _begin(self) -> None:
        """Forgets which images an earlier run with other settings had finished."""
        earlier = self.project.setting(_SETTING)
        if earlier is not None and earlier.get("key") == self.stamp.key:
            return
        with self.project.bulk() as bulk:
            if earlier is not None:
                bulk.clear_others(f"preannotated:{earlier.get('key')}")
            self.project.set_setting(_SETTING, {"key": self.stamp.key, **self.stamp.values})

    def _category(self) -> tuple[int, PoseSchema]:
        """The category of new people: the one with the model's joints, else the first with joints that the model knows."""
        if self.project.setting("categories") is None:
            self.project.set_categories([self.schema.to_coco_category()])
        ranked = sorted(self.project.schemas.items(), key=lambda item: -_shared(self.schema, item[1]))
        if not ranked or not _shared(self.schema, ranked[0][1]):
            raise KdcError(
                "No fitting category",
                f"{self.project.path.name} has no category with keypoints that the model {self.stamp.values['model']} knows.",
            )
        return ranked[0]

    def add_images(self, files: Iterable[tuple[str, Path]]) -> list[PhotoTask]:
        """Tasks for (path below the images folder, file), in their order; images that the project did not have are added first."""
        known = {photo.path: photo.id for photo in self.project.photos()}
        tasks, fresh = [], []
        following = self.project.new_image_id()
        for path, file in files:
            image_id = known.get(path)
            if image_id is None:
                image_id = known[path] = following
                following += 1
                fresh.append(PhotoRecord(image_id, path))
            tasks.append(PhotoTask(image_id, file))
        if fresh:
            self.project.add_images(fresh)
        return tasks

    def images(self) -> list[PhotoTask]:
        """Tasks for every image of the project."""
        root = self.project.images_root
        return [PhotoTask(photo.id, root / photo.path) for photo in self.project.photos()]

    def pending(self, tasks: Sequence[PhotoTask], only_missing: bool = False) -> tuple[list[PhotoTask], int, int]:
        """What is left to do, how many this run had finished before, and how many are left alone.

        Left alone are images that somebody worked on; with ``only_missing`` also those that have people or proposals.
        """
        done = set(self.project.placed(self.stamp.key))
        worked = self.project.edited_images()
        worked |= set(self.project.image_ids(status=("in progress", "done", "done and empty", "skipped")))
        if only_missing:
            worked |= with_people_or_proposals(self.project)
        left = [t for t in tasks if t.key not in done and t.key not in worked]
        before = sum(t.key in done for t in tasks)
        return left, before, len(tasks) - len(left) - before

    def store(self, results: Sequence[PhotoResult]) -> list[str]:
        """Stores finished photos, all in one transaction; returns sentences about those that don't fit the project."""
        refused = []
        with self.project.bulk() as bulk:
            for result in results:
                photo = self.project.photo(int(result.task.key))
                known = replace(photo, hash=photo.hash or result.hash, bytes=photo.bytes or result.bytes)
                if not photo.width or not photo.height:
                    known = replace(known, width=result.frame.width, height=result.frame.height)
                to_upright = result.frame.published_to_upright(known.width, known.height)
                if to_upright is None:
                    refused.append(
                        f"{result.task.path}: Another photo: it has {result.frame.width} x {result.frame.height} pixels, "
                        f"but the project says {known.width} x {known.height}."
                    )
                    continue
                if known != photo:
                    bulk.update_image(known)
                people = [
                    self._annotation(person, known, result.frame, to_upright)
                    for person in result.people
                    if person.score >= self.min_score
                ]
                self.project.set_proposals(known.id, people, self.stamp.values["model"], self.stamp.values["version"])
                bulk.add_other(known.id, self._kind, 0, None)
                self.stored.images += 1
                self.stored.people += len(people)
        return refused

    def _annotation(self, person: Person, photo: PhotoRecord, frame: PhotoFrame, to_upright: Affine) -> Annotation:
        if not np.array_equal(to_upright.matrix, Affine.identity().matrix):
            person = in_stored_frame(person, frame)
        if self.target.keypoints != self.schema.keypoints:
            person = in_schema(person, self.schema, self.target)
        return proposal_from_person(
            person, photo.size, self.stamp.values["model"], self.stamp.values["version"], self.category
        )


def with_people_or_proposals(project: Project) -> set[int]:
    """Ids of the images that have people, or that a model was asked about."""
    found = set(project.image_ids(people=(1, None))) | set(project.image_ids(status="proposed"))
    begun = [i for i in project.image_ids(status="in progress") if i not in found]
    return found.union(i for i in begun if project.document(i).proposals)


def in_stored_frame(person: Person, frame: PhotoFrame) -> Person:
    """A person in upright pixels -> in the pixels as the file stores them (COCO files made without regard to EXIF)."""
    points = person.keypoints.copy()
    points[:, :2] = frame.to_upright.inverse().apply(points[:, :2])
    points[~person.present] = 0
    mask = person.mask
    if mask is not None:
        rows, columns = np.mgrid[0 : frame.stored_height, 0 : frame.stored_width]
        upright = np.rint(frame.to_upright.apply(np.stack([columns, rows], -1))).astype(int)
        mask = Mask.from_full(mask.to_full()[upright[..., 1], upright[..., 0]])
    return replace(person, keypoints=points, mask=mask)


def in_schema(person: Person, source: PoseSchema, target: PoseSchema) -> Person:
    """A person with the joints of another schema (see ``kdc.schema.map_keypoints``)."""
    assert person.visibility is not None
    flags = np.column_stack([person.keypoints[:, :2], person.visibility])
    points = map_keypoints(person.keypoints, source, target)
    return Person(points, person.score, map_keypoints(flags, source, target)[:, 2].astype(np.uint8), person.mask)


def _shared(a: PoseSchema, b: PoseSchema) -> int:
    """How many joints two schemas share; one more where they are the same in the same order."""
    names = {canonical_name(name) for name in a.keypoints}
    return sum(canonical_name(name) in names for name in b.keypoints) + (a.keypoints == b.keypoints)
