"""What a project would give a training: counted before it starts, by the rules of ``train_from_project``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kdc.errors import KdcError
from kdc.schema import people_schemas
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project

HELD_BACK = 50
"""As ``kdc.training.validation.HELD_BACK``, which would bring torch along."""
SHARE = 0.1
FINISHED = ("done", "done and empty")
TOLD_EVERY = 20
"""Images: every mask is decoded, so that a thousand take seconds."""


@dataclass(frozen=True)
class Plan:
    """Images that count, how many of them nobody is in, people (crowd regions apart), how many of those have keypoints and masks,
    crowd regions, images held back for validation, and images with people that nobody finished."""

    images: int = 0
    empty: int = 0
    people: int = 0
    with_keypoints: int = 0
    with_masks: int = 0
    crowds: int = 0
    held_back: int = 0
    unfinished: int = 0

    @property
    def trainable(self) -> bool:
        """Whether there is somebody to learn from."""
        return self.people > 0


def counts_for_training(photo: PhotoRecord, has_people: bool, all_images: bool) -> bool:
    """Whether an image is trained on: somebody finished it; with ``all_images`` also where it has people and nobody skipped it."""
    return photo.status in FINISHED or (all_images and has_people and photo.status != "skipped")


def no_people(project: Project) -> set[int]:
    """Ids of the categories that nobody is trained on: a cat's joints are no person's, and where a category is called person, what
    has no joints and another name is none either."""
    named = {c["id"]: str(c.get("name", "")).strip().lower() for c in project.categories if type(c.get("id")) is int}
    schemas = project.schemas
    others = schemas.keys() - people_schemas(schemas, project.categories).keys()
    if "person" in named.values():
        others |= {i for i, name in named.items() if i not in schemas and name != "person"}
    return others


def plan_of(project: Path, all_images: bool = False, tell: Callable[[int], None] = lambda _: None) -> Plan:
    """Counts of the project at that path. ``tell``: images looked at so far; what it raises ends the counting. Raises KdcError where the
    project can't be read."""
    images = empty = people = keypoints = masks = crowds = labelled_images = unfinished = seen = 0
    with Project.open(project, read_only=True) as opened:
        others = no_people(opened)
        for photo, everybody in opened.everybody():
            present = [a for a in everybody if a.category_id not in others]
            seen += 1
            if seen % TOLD_EVERY == 0:
                tell(seen)
            if not counts_for_training(photo, bool(present), all_images):
                unfinished += bool(present) and photo.status != "skipped"
                continue
            images += 1
            empty += not present
            labelled_here = False
            for person in present:
                if person.crowd:
                    crowds += 1
                    continue
                people += 1
                labelled = bool((person.keypoints[:, 2] > 0).any()) if len(person.keypoints) else False
                keypoints += labelled
                labelled_here |= labelled
                masks += _has_mask(person)
            labelled_images += labelled_here
    held = min(HELD_BACK, round(labelled_images * SHARE), max(images - 1, 0))
    return Plan(images, empty, people, keypoints, masks, crowds, held, unfinished)


def _has_mask(person: object) -> bool:
    try:
        mask = person.mask  # type: ignore[attr-defined]
    except KdcError:
        return False
    return mask is not None and bool(mask.area)
