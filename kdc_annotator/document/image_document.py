"""One image's people, proposals and history, with observers. Only commands change it, and they are journalled first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.change import Change, Delta, Record, Rectangle, difference, patched, union
from kdc_annotator.document.edit import Command, Edit, command_name
from kdc_annotator.document.journal import Journal, MemoryJournal, Writes
from kdc_annotator.document.labels import changed_pixels, paint_labels
from kdc_annotator.document.records import annotation_from_record, annotation_to_record, compact_json
from kdc_annotator.document.trial import Tried, tried

PHOTO_FIELDS = ("status", "labeler", "reviewer", "notes", "masks_complete", "crowd_regions_known", "touched")


@dataclass(frozen=True)
class Notice:
    """What observers are told. ``people``: ids that changed, came or went. ``rectangle``: (x, y, w, h), the pixels that look different."""

    people: frozenset[int] = frozenset()
    proposals: frozenset[int] = frozenset()
    photo: bool = False
    rectangle: Rectangle = (0, 0, 0, 0)


Observer = Callable[[Notice], None]


class ImageDocument:
    """The document that every surface works on, on one thread.

    ``schemas``: category id -> schema; a category that is not there has COCO's 17 keypoints. ``position``: how many
    steps of the history are applied. ``states``: proposal id -> "open", "accepted" or "rejected".
    """

    def __init__(
        self,
        photo: PhotoRecord,
        people: Iterable[Annotation] = (),
        proposals: Iterable[Annotation] = (),
        states: Mapping[int, str] | None = None,
        schemas: Mapping[int, PoseSchema] | None = None,
        journal: Journal | None = None,
        position: int = 0,
        labeler: str = "",
        read_only: bool = False,
    ) -> None:
        self.photo = photo
        self.labeler = labeler
        self.read_only = read_only
        self._people = {a.id: a for a in sorted(people, key=lambda a: (a.order, a.id))}
        self._proposals = {a.id: a for a in proposals}
        self._states = {i: (states or {}).get(i, "open") for i in self._proposals}
        self._schemas = dict(schemas or {})
        if journal is None:
            journal = MemoryJournal(1 + max([0, *self._people, *self._proposals]))
        self._journal = journal
        self._labels = journal.labels(photo.id)
        self._position = position
        self._observers: list[Observer] = []
        self._kept_ids: list[int] = []
        self._gone: dict[int, Annotation] = {}
        """Who was taken away last."""
        self._map: np.ndarray | None = None
        self._map_order: tuple[int, ...] = ()

    @property
    def people(self) -> tuple[Annotation, ...]:
        """Everybody in drawing order, the topmost last. Proposals are not among them."""
        return tuple(self._people.values())

    @property
    def proposals(self) -> tuple[Annotation, ...]:
        """The predicted people that nobody has accepted or rejected yet."""
        return tuple(a for i, a in self._proposals.items() if self._states[i] == "open")

    @property
    def all_proposals(self) -> dict[int, Annotation]:
        """Every stored proposal by id: open, accepted and rejected ones."""
        return dict(self._proposals)

    @property
    def proposal_states(self) -> dict[int, str]:
        """Proposal id -> "open", "accepted" or "rejected"."""
        return dict(self._states)

    def step(self, number: int) -> Change:
        """The step of the history with that number (0-based). May be called on any thread."""
        return self._journal.load(self.photo.id, number)

    @property
    def history(self) -> tuple[str, ...]:
        """The labels of all steps, oldest first; the first ``position`` of them are applied."""
        return tuple(self._labels)

    @property
    def position(self) -> int:
        """How many steps of ``history`` are applied."""
        return self._position

    def person(self, person: int) -> Annotation:
        """The person with that id; ``KdcError`` where there is none."""
        return self._edit().person(person)

    def proposal(self, proposal: int) -> Annotation | None:
        """The proposal with that id, open or not: what an accepted person was made from."""
        return self._proposals.get(proposal)

    def number(self, person: int) -> int:
        """The person's number as labels say it."""
        return self._edit().number(person)

    def schema(self, category_id: int = 1) -> PoseSchema:
        """The pose schema of a category."""
        return self._schemas.get(category_id, COCO_17)

    @property
    def schemas(self) -> dict[int, PoseSchema]:
        """The pose schemas of all categories that have one."""
        return dict(self._schemas)

    def label_map(self) -> np.ndarray:
        """(H, W) uint16 (int32 past 65,535 people): 0 nobody, n the n-th of ``people``, the topmost where masks overlap.

        A view to read: the same array is updated in place by later edits.
        """
        order = tuple(self._people)
        if self._map is None or self._map_order != order:
            dtype = np.uint16 if len(order) < 65536 else np.int32
            self._map = np.zeros((max(self.photo.height, 0), max(self.photo.width, 0)), dtype)
            paint_labels(self._map, self.people, (0, 0, self.photo.width, self.photo.height))
            self._map_order = order
        return self._map

    def subscribe(self, observer: Observer) -> Callable[[], None]:
        """Have ``observer`` told of every change; the returned function ends it."""
        self._observers.append(observer)
        return lambda: self._observers.remove(observer)

    def execute(self, command: Command) -> Change | None:
        """Do it, journal it, tell the observers; None where it changes nothing.

        The change is durable when this returns. ``KdcError`` where it can't be done or can't be written: then the
        document is as before.
        """
        if self.read_only:
            raise KdcError(
                "Project is read-only",
                f"{self.photo.path} was opened for reading only; open the project for writing to edit it.",
            )
        edit = self._edit()
        label = command.apply(edit)
        people = {a.id: a for a in sorted(edit.people.values(), key=lambda a: (a.order, a.id))}
        deltas, records = self._deltas(people)
        states = {i: (self._states[i], s) for i, s in edit.states.items() if s != self._states[i]}
        if (deltas or states) and edit.photo.status in ("untouched", "proposed"):
            edit.set_photo(status="in progress", labeler=edit.photo.labeler or self.labeler)
        photo = difference(_photo_record(self.photo), _photo_record(edit.photo))
        rectangle: Rectangle = (0, 0, 0, 0)
        for i in deltas:
            rectangle = union(rectangle, changed_pixels(self._people.get(i), people.get(i)))
        change = Change(label, command_name(command), deltas, states, photo, rectangle)
        if not change:
            return None
        writes = Writes(
            records,
            {i: after for i, (_, after) in states.items()},
            edit.photo if photo else None,
        )
        self._journal.append(self.photo.id, self._position, change, writes)
        self._labels[self._position :] = [label]
        self._position += 1
        self._take(people, {**self._states, **writes.proposals}, edit.photo, change)
        return change

    def tried(self, command: Command) -> Tried:
        """What ``command`` would do; nothing changes but that ids are used up. ``KdcError`` where it can't be done."""
        return tried(command, self._edit())

    def undo(self) -> Change | None:
        """Take the last applied step back; None where there is none."""
        if not self._position:
            return None
        return self._replay(self._journal.load(self.photo.id, self._position - 1).inverted(), self._position - 1)

    def redo(self) -> Change | None:
        """Apply the next undone step again; None where there is none."""
        if self._position == len(self._labels):
            return None
        return self._replay(self._journal.load(self.photo.id, self._position), self._position + 1)

    def go_to(self, position: int) -> None:
        """Undo or redo until ``position`` steps are applied."""
        while self._position > max(position, 0) and self.undo():
            pass
        while self._position < position and self.redo():
            pass

    def replace_proposals(self, proposals: Iterable[Annotation], states: Mapping[int, str]) -> None:
        """Called by the project after it stored other proposals; not an edit, so not in the history."""
        old = set(self._states)
        self._proposals = {a.id: a for a in proposals}
        self._states = {i: states.get(i, "open") for i in self._proposals}
        self._tell(Notice(proposals=frozenset(old | set(self._states))))

    def replace_photo(self, photo: PhotoRecord) -> None:
        """Called by the project after it stored values that are no edits: hash, path, active seconds."""
        self.photo = photo
        self._tell(Notice(photo=True))

    @contextmanager
    def same_ids(self, ids: Iterable[int]) -> Iterator[None]:
        """Within it new people get these ids, in this order: a step that was undone is done anew, and its people are the same."""
        self._kept_ids = list(ids)
        try:
            yield
        finally:
            self._kept_ids = []

    def state(self) -> bytes:
        """The whole state without the history, serialised: equal bytes mean equal documents."""
        photo = asdict(replace(self.photo, touched=frozenset())) | {"touched": sorted(self.photo.touched)}
        state = [photo, [annotation_to_record(a) for a in self.people], self._states]
        return compact_json(state).encode("ascii")

    def _edit(self) -> Edit:
        kept, made = iter(self._kept_ids), self._journal.new_id
        return Edit(
            self.photo, self._people, self._proposals, self._states, self.schema,
            lambda: next(kept, None) or made(), self.labeler,
        )  # fmt: skip

    def _deltas(self, people: Mapping[int, Annotation]) -> tuple[dict[int, Delta], dict[int, Record | None]]:
        """What is different of whom, and the whole records of those people as they shall be, None for who is gone."""
        deltas: dict[int, Delta] = {}
        records: dict[int, Record | None] = {}
        for i in [*self._people, *(i for i in people if i not in self._people)]:
            before, after = self._people.get(i), people.get(i)
            if before is not after:
                old = None if before is None else annotation_to_record(before)
                new = None if after is None else annotation_to_record(after)
                delta = difference(old, new)
                if delta:
                    deltas[i], records[i] = delta, new
        return deltas, records

    def _replay(self, change: Change, position: int) -> Change:
        if self.read_only:
            raise KdcError(
                "Project is read-only",
                f"{self.photo.path} was opened for reading only; open the project for writing to edit it.",
            )
        people = dict(self._people)
        records: dict[int, Record | None] = {}
        for i, delta in change.people.items():
            current = people.pop(i, None)
            if (current is None) != (delta.before is None):
                raise KdcError(
                    "Broken history",
                    f"{self.photo.path}: this step no longer fits the people in the image; it was left as it is.",
                )
            whole = delta.before is None or delta.after is None
            record = delta.after if current is None or whole else patched(annotation_to_record(current), delta)
            records[i] = record
            if record is not None:
                people[i] = self._restored(i, record, current, delta)
        states = self._states | {i: after for i, (_, after) in change.proposals.items() if i in self._states}
        photo = self.photo
        if change.photo is not None:
            values = dict(patched(_photo_record(photo), change.photo) or {})
            photo = replace(photo, **(values | {"touched": frozenset(values["touched"])}))
        proposals = {i: states[i] for i in change.proposals if i in states}
        self._journal.move(self.photo.id, position, Writes(records, proposals, photo if change.photo else None))
        self._position = position
        ordered = {a.id: a for a in sorted(people.values(), key=lambda a: (a.order, a.id))}
        self._take(ordered, states, photo, change)
        return change

    def _restored(self, i: int, record: Record, current: Annotation | None, delta: Delta) -> Annotation:
        """The person of a record. Who was taken away a step ago comes back as the same object, whose mask need not be read again."""
        gone = self._gone.get(i)
        if current is None and gone is not None and annotation_to_record(gone) == record:
            return gone
        category = record.get("category_id", record.get("raw", {}).get("category_id", 1))
        count = len(self.schema(category)) if current is None else len(current.keypoints)
        annotation = annotation_from_record(record, self.photo.size, count)
        if current is not None and "segmentation" not in {*(delta.before or ()), *(delta.after or ())}:
            return annotation.with_mask_of(current)
        return annotation

    def _take(
        self, people: dict[int, Annotation], states: Mapping[int, str], photo: PhotoRecord, change: Change
    ) -> None:
        gone = {i: a for i in change.people if i not in people and (a := self._people.get(i)) is not None}
        self._gone = gone or self._gone
        self._people, self._states, self.photo = people, dict(states), photo
        if tuple(people) != self._map_order:
            self._map = None  # Also where a later step brings this order back.
        elif self._map is not None:
            paint_labels(self._map, self.people, change.rectangle)
        self._tell(
            Notice(frozenset(change.people), frozenset(change.proposals), change.photo is not None, change.rectangle)
        )

    def _tell(self, notice: Notice) -> None:
        for observer in tuple(self._observers):
            observer(notice)


def _photo_record(photo: PhotoRecord) -> dict[str, Any]:
    return {name: sorted(photo.touched) if name == "touched" else getattr(photo, name) for name in PHOTO_FIELDS}
