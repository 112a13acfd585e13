"""The desk on which a command works: it reads the document's state and lays down what shall be different."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc_annotator.document.annotation import Annotation, PhotoRecord

PROPOSAL_STATES = ("open", "accepted", "rejected")


class Edit:
    """Nothing here changes the document until the command has come to its end without an error.

    ``author``: the labeler's name. ``people``: id -> annotation, drawing order, with the edits made so far.
    """

    def __init__(
        self,
        photo: PhotoRecord,
        people: Mapping[int, Annotation],
        proposals: Mapping[int, Annotation],
        states: Mapping[int, str],
        schema: Callable[[int], PoseSchema],
        new_id: Callable[[], int],
        author: str,
    ) -> None:
        self.photo = photo
        self.people = dict(people)
        self.proposals = proposals
        self.states = dict(states)
        self.schema = schema
        self.new_id = new_id
        self.author = author
        self._top: int | None = None
        """The topmost person's order, where it is known."""
        self._numbers = {person: n for n, person in enumerate(people, 1)}

    def number(self, person: int) -> int:
        """The person's number in the photo as labels say it: 1 for the first drawn."""
        return self._numbers.get(person, len(self._numbers) + 1)

    def person(self, person: int) -> Annotation:
        """The person with that id."""
        found = self.people.get(person)
        if found is None:
            raise KdcError(
                "No such person", f"{self.photo.path} has no person with the id {person}; it may have been deleted."
            )
        return found

    def unlocked(self, person: int) -> Annotation:
        """The person with that id, which must not be locked."""
        found = self.person(person)
        if found.locked:
            raise KdcError("Person is locked", f"Person {self.number(person)} is locked; unlock it before editing it.")
        return found

    def put(self, annotation: Annotation) -> None:
        """The person as it shall be. A new one goes on top of the drawing order unless its ``order`` says otherwise."""
        self.people[annotation.id] = annotation
        self._top = None

    def add(self, annotation: Annotation) -> Annotation:
        """A new person on top of all others."""
        if self._top is None:
            self._top = max((a.order for a in self.people.values()), default=-1)
        self._top += 1
        placed = annotation.told(order=self._top)
        self.people[placed.id] = placed
        return placed

    def remove(self, person: int) -> None:
        """Take the person away."""
        del self.people[self.unlocked(person).id]
        self._top = None

    def set_photo(self, **values: Any) -> None:
        """Other values of the photo's record; those that export writes count as touched."""
        touched = self.photo.touched | (values.keys() & {"status", "masks_complete", "crowd_regions_known"})
        self.photo = replace(self.photo, touched=touched, **values)

    def keypoint_name(self, annotation: Annotation, keypoint: int) -> str:
        """The keypoint's name in words, "left wrist"."""
        schema = self.schema(annotation.category_id)
        if not 0 <= keypoint < len(annotation.keypoints):
            raise KdcError(
                "No such keypoint", f"Person {self.number(annotation.id)} has no keypoint number {keypoint + 1}."
            )
        return schema.keypoints[keypoint].replace("_", " ") if keypoint < len(schema) else f"keypoint {keypoint + 1}"


class Command(Protocol):
    """One edit. ``apply`` lays it on the desk and returns its label; ``KdcError`` where it can't be done."""

    def apply(self, edit: Edit) -> str: ...


def command_name(command: Command) -> str:
    """What the journal calls it: the class's name, or for one that only carries another what it says in ``carries``."""
    carries = getattr(command, "carries", None)
    return carries if isinstance(carries, str) else type(command).__name__
