"""What the model says of an image, and whether it may be stored: never over what somebody has begun."""

from __future__ import annotations

from enum import Enum, auto

from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.io.project import Project
from kdc_annotator.ui.photo_files import Box
from kdc_annotator.ui.same_person import new_people


class Taken(Enum):
    """What became of proposals."""

    STORED = auto()
    NOBODY_NEW = auto()
    NOT_WANTED = auto()


def take_proposals(
    project: Project,
    document: ImageDocument | None,
    image_id: int,
    people: list[Annotation],
    model: str,
    part: Box | None,
) -> Taken:
    """Store what the model proposes for an image. ``document``: the open one. ``part``: (x, y, w, h) where the model looked for people
    besides those who are there; None: at the whole image, in place of what was proposed before."""
    photo = project.photo(image_id)
    if photo.size == (0, 0) and people:
        project.keep_sizes({image_id: people[0].size})
    if part:
        here = document is not None and document.photo.id == image_id
        told = document if document is not None and here else project.document(image_id)
        known = [*told.people, *told.proposals, *_thrown_away(told)]
        people = new_people(people, known, part, told.schema)
        if not people:
            return Taken.NOBODY_NEW if here else Taken.NOT_WANTED
    elif not may_propose(project, photo, model):
        return Taken.NOT_WANTED
    # The window does not wait for the disk: what a power failure takes back is proposed again.
    project.set_proposals(image_id, people, model, add=bool(part), durable=False)
    return Taken.STORED


def _thrown_away(document: ImageDocument) -> list[Annotation]:
    """Whom the model proposed and the labeler rejected, or accepted and deleted: nobody to propose again, undo brings them back."""
    states, there = document.proposal_states, {p.provenance.proposal_id for p in document.people}
    return [p for i, p in document.all_proposals.items() if states[i] != "open" and i not in there]


def may_propose(project: Project, photo: PhotoRecord, model: str) -> bool:
    """Whether nobody has begun the image, and what is proposed there, if anything, came from another model."""
    if photo.status not in ("untouched", "proposed") or project.people(photo):
        return False
    if photo.status == "untouched":
        return True
    said = {p.provenance.name for p in project.document(photo.id).proposals}
    return bool(model and said and model not in said)
