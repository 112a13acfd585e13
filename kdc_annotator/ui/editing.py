"""From gestures to commands: the one way in which the window changes the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.change import Change
from kdc_annotator.document.edit import Command, Edit, command_name
from kdc_annotator.document.reviewing import review_state
from kdc_annotator.ui.scene import Key, Scene


@dataclass(frozen=True)
class AcceptThen:
    """Accept a proposal and go on with the person that it becomes, as one step."""

    proposal: int
    then: Callable[[int], Command]

    @property
    def carries(self) -> str:
        """What is done to the person; see ``command_name``."""
        return command_name(self.then(self.proposal))

    def apply(self, edit: Edit) -> str:
        before = set(edit.people)
        do.AcceptProposals((self.proposal,)).apply(edit)
        (person,) = set(edit.people) - before
        return self.then(person).apply(edit)


@dataclass(frozen=True)
class AddThen:
    """Add a person and go on with it, as one step; the label is the addition's."""

    add: do.AddPerson
    then: Callable[[int], Command]
    carries = "AddPerson"

    def apply(self, edit: Edit) -> str:
        before = set(edit.people)
        label = self.add.apply(edit)
        (person,) = set(edit.people) - before
        self.then(person).apply(edit)
        return label


def command_on(key: Key, make: Callable[[int], Command]) -> Command:
    """``make(person id)`` for a figure; a proposal is accepted in the same step."""
    return AcceptThen(key[1], make) if key[0] else make(key[1])


def as_reviewed(command: Command, photo: PhotoRecord) -> Command:
    """With the withdrawal of an acceptance: what the reviewer accepted is no longer what is there."""
    if review_state(photo) == "accepted" and not isinstance(command, do.ReturnImage):
        return do.Together((command, do.WithdrawReview()))
    return command


class Editor(QObject):
    """Executes commands on the scene's document; what can't be done comes out of ``failed`` as a KdcError."""

    failed = Signal(object)
    done = Signal(object)
    """The Change of every edit, undo and redo."""

    def __init__(self, scene: Scene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = scene

    def execute(self, command: Command) -> Change | None:
        """Do it; None where it changes nothing or can't be done."""
        document = self.scene.document
        if document is None:
            return None
        return self._tell(lambda: document.execute(as_reviewed(command, document.photo)))

    def undo(self) -> Change | None:
        """Take the last step back."""
        document = self.scene.document
        return self._tell(document.undo) if document else None

    def redo(self) -> Change | None:
        """Do the undone step again."""
        document = self.scene.document
        return self._tell(document.redo) if document else None

    def on(self, key: Key, make: Callable[[int], Command]) -> Change | None:
        """Do ``make(person id)`` to a figure; a proposal is accepted in the same step."""
        return self.execute(command_on(key, make))

    def move(
        self, key: Key, to: Mapping[int, tuple[float, float]], masks: Mapping[Key, Mask] | None = None
    ) -> Change | None:
        """One drag: joints to pixel positions, and the masks that followed. Other proposals' masks are left alone."""
        followed = dict(masks or {})

        def make(person: int) -> Command:
            steps: list[Command] = [do.MoveKeypoints(person, dict(to))]
            people = {(person if k == key else k[1]): m for k, m in followed.items() if k == key or not k[0]}
            if people:
                steps.append(do.SetMasks(people))
            return do.Together(tuple(steps))

        return self.on(key, make)

    def place(
        self, person: int, joints: Mapping[int, tuple[float, float, float]], masks: Mapping[Key, Mask] | None = None
    ) -> Change | None:
        """Fill in missing joints: pixel x, y and the model's confidence; and the masks that followed."""
        points = {k: (x, y, 2) for k, (x, y, _) in joints.items()}
        steps: list[Command] = [do.PlaceKeypoints(person, points, {k: sure for k, (_, _, sure) in joints.items()})]
        people = {k[1]: m for k, m in (masks or {}).items() if not k[0]}
        if people:
            steps.append(do.SetMasks(people))
        return self.execute(do.Together(tuple(steps)) if len(steps) > 1 else steps[0])

    def add_person(
        self,
        points: Mapping[int, tuple[float, float, int]],
        masks: Mapping[Key | None, Mask],
        category: int | None = None,
    ) -> int | None:
        """A new person with that mask (under None) and what its coming changed in the others' masks; its id. ``category``: None is the
        image's own."""
        document = self.scene.document
        if document is None:
            return None
        before = {p.id for p in document.people}
        others = {k[1]: m for k, m in masks.items() if k is not None and not k[0]}
        add = do.AddPerson(dict(points), masks.get(None), category_id=self.category() if category is None else category)
        command: Command = do.Together((add, do.SetMasks(others))) if others else add
        if self.execute(command) is None:
            return None
        return next((p.id for p in document.people if p.id not in before), None)

    def category(self) -> int:
        """The category that new people are in: the one most people here are in, else the project's first with keypoints."""
        document = self.scene.document
        if document is None:
            return 1
        used = [p.category_id for p in document.people if len(p.keypoints)]
        if used:
            return max(set(used), key=used.count)
        known = getattr(document, "_schemas", {})
        return next(iter(known), 1)

    def _tell(self, step: Callable[[], Change | None]) -> Change | None:
        try:
            change = step()
        except KdcError as error:
            self.scene.preview({})
            self.failed.emit(error)
            return None
        if change is not None:
            self.done.emit(change)
        return change
