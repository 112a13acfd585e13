"""What a command would do, found before it is done: whoever follows it, such as masks, goes into the same step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.edit import Command, Edit, command_name


@dataclass(frozen=True, eq=False)
class Tried:
    """A command's outcome, and a command itself: it lays that outcome down without working it out again.

    ``carries``: the command's name. ``people``: id -> who changed or came, None for who is gone. ``states``: of the proposals whose state changed.
    """

    label: str
    people: Mapping[int, Annotation | None]
    states: Mapping[int, str]
    carries: str

    def apply(self, edit: Edit) -> str:
        for i, person in self.people.items():
            if person is None:
                edit.remove(i)
            else:
                edit.put(person)
        edit.states.update((i, state) for i, state in self.states.items() if i in edit.states)
        return self.label


def tried(command: Command, edit: Edit) -> Tried:
    """Apply ``command`` to a desk whose edits are thrown away. ``KdcError`` where it can't be done."""
    before, states = dict(edit.people), dict(edit.states)
    label = command.apply(edit)
    people: dict[int, Annotation | None] = {i: a for i, a in edit.people.items() if a is not before.get(i)}
    people.update((i, None) for i in before if i not in edit.people)
    return Tried(label, people, {i: s for i, s in edit.states.items() if s != states.get(i)}, command_name(command))
