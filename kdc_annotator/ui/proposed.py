"""What the model says of an image, and whether it may be stored: never over what somebody has begun."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.io.project import Project
from kdc_annotator.ui.same_person import same_person


class Taken(Enum):
    """What became of proposals."""

    STORED = auto()
    NOBODY_NEW = auto()
    NOT_WANTED = auto()


def take_proposals(
    project: Project, document: ImageDocument | None, image_id: int, people: list[Annotation], model: str, add: bool
) -> Taken:
    """Store what the model proposes for an image. ``document``: the open one. ``add``: whom the model found in a part of the image,
    besides those who are there; else for the whole image, in place of what was proposed before."""
    photo = project.photo(image_id)
    if photo.size == (0, 0) and people:
        project.update_photo(replace(photo, width=people[0].size[0], height=people[0].size[1]))
    if add:
        here = document is not None and document.photo.id == image_id
        told = document if document is not None and here else project.document(image_id)
        known = [*told.people, *told.proposals]
        people = [p for p in people if not any(same_person(p, k) for k in known)]
        if not people:
            return Taken.NOBODY_NEW if here else Taken.NOT_WANTED
    elif not may_propose(project, photo, model):
        return Taken.NOT_WANTED
    project.set_proposals(image_id, people, model, add=add)
    return Taken.STORED


def may_propose(project: Project, photo: PhotoRecord, model: str) -> bool:
    """Whether nobody has begun the image, and what is proposed there, if anything, came from another model."""
    if photo.status not in ("untouched", "proposed") or project.people(photo):
        return False
    if photo.status == "untouched":
        return True
    said = {p.provenance.name for p in project.document(photo.id).proposals}
    return bool(model and said and model not in said)
