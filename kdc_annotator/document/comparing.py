"""What became of an image against what it came with: the model's proposals and the imported people. For reviewers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Change, Record, Rectangle, patched, union
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.document.mask_shapes import pixels, without
from kdc_annotator.document.records import annotation_from_record, annotation_to_record

Kind = Literal["changed", "added", "deleted", "left out"]
KINDS: tuple[Kind, ...] = ("added", "deleted", "changed", "left out")
STILL = 0.05
"""Pixels: a joint that is nearer to where it was has not been moved."""


@dataclass(frozen=True, eq=False)
class Difference:
    """One person who is not as they came.

    ``kind``: "left out" is a proposal that is neither accepted nor rejected. ``before``: None for an added person.
    ``after``: None for one who is gone. ``number``: as labels say it, 0 where ``after`` is None. ``moved``, ``placed``,
    ``removed``, ``seen``: keypoints (indices) that lie elsewhere, are labelled now, are no more, and whose visibility
    is another one. ``gained``, ``lost``: pixels, None for none. ``values``: COCO keys of whatever else is different.
    """

    kind: Kind
    before: Annotation | None
    after: Annotation | None
    number: int = 0
    moved: tuple[int, ...] = ()
    placed: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    seen: tuple[int, ...] = ()
    gained: Mask | None = None
    lost: Mask | None = None
    values: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[bool, int]:
        """(is gone, id): stays the same while the person is edited further."""
        if self.after is not None:
            return (False, self.after.id)
        assert self.before is not None
        return (True, self.before.id)

    @property
    def box(self) -> Rectangle:
        """(x, y, w, h) in whole pixels around both states."""
        found: Rectangle = (0, 0, 0, 0)
        for state in (self.before, self.after):
            if state is not None:
                found = union(found, state.extent())
        return found

    @property
    def distance(self) -> float:
        """How far the joints were moved, in pixels: the mean over those that were."""
        if not self.moved or self.before is None or self.after is None:
            return 0.0
        chosen = list(self.moved)
        return float(np.linalg.norm((self.after.keypoints - self.before.keypoints)[chosen, :2], axis=1).mean())


@dataclass(frozen=True, eq=False)
class Comparison:
    """An image as it is, and how to find out how it was. ``differences`` may run on any thread.

    ``load``: the n-th step (0-based) of the history, of which ``position`` are applied.
    """

    people: tuple[Annotation, ...]
    proposals: Mapping[int, Annotation]
    states: Mapping[int, str]
    position: int
    load: Callable[[int], Change]
    schema: Callable[[int], PoseSchema]
    size: tuple[int, int]

    @classmethod
    def of(cls, document: ImageDocument) -> Comparison:
        """The document as it is now."""
        return cls(
            document.people,
            document.all_proposals,
            document.proposal_states,
            document.position,
            document.step,
            document.schema,
            document.photo.size,
        )

    def differences(self, threshold: float = 0.0) -> tuple[Difference, ...]:
        """Added people first, then those who are gone, then the changed ones, the most changed first.

        ``threshold``: proposals scored lower that nobody looked at are not worth a line.
        """
        origins = self._origins()
        accepted = {p.provenance.proposal_id for p in self.people} - {None}
        found: list[Difference] = []
        for number, person in enumerate(self.people, 1):
            before = self._before(person, origins)
            if before is None:
                if person.id in origins:
                    found.append(Difference("added", None, person, number))
            elif (difference := compare(before, person, number)) is not None:
                found.append(difference)
        present = {p.id for p in self.people}
        for i, origin in origins.items():
            if i not in present and origin is not None:
                found.append(Difference("deleted", origin, None))
        for i, proposal in self.proposals.items():
            state = self.states.get(i, "open")
            if state == "rejected" or (state == "accepted" and i not in accepted):
                found.append(Difference("deleted", proposal, None))
            elif state == "open" and (1.0 if proposal.score is None else proposal.score) >= threshold:
                found.append(Difference("left out", proposal, None))
        return tuple(sorted(found, key=lambda d: (KINDS.index(d.kind), -_size(d))))

    def _before(self, person: Annotation, origins: Mapping[int, Annotation | None]) -> Annotation | None:
        proposal = self.proposals.get(person.provenance.proposal_id or 0)
        if proposal is not None:
            return proposal
        return origins.get(person.id, person)

    def _origins(self) -> dict[int, Annotation | None]:
        """Whom the history touched, as they were before its first step; None: not there. Walks the history backwards."""
        records: dict[int, Record | None] = {}
        for step in range(self.position - 1, -1, -1):
            try:
                change = self.load(step)
            except KdcError:
                return {}
            for i, delta in change.people.items():
                if delta.before is None or delta.after is None:
                    records[i] = delta.before
                    continue
                if i not in records:
                    current = next((p for p in self.people if p.id == i), None)
                    if current is None:
                        continue
                    records[i] = annotation_to_record(current)
                records[i] = patched(records[i], delta.inverted())
        return {i: None if record is None else self._annotation(record) for i, record in records.items()}

    def _annotation(self, record: Record) -> Annotation:
        category = record.get("category_id", record.get("raw", {}).get("category_id", 1))
        return annotation_from_record(record, self.size, len(self.schema(category)))


def compare(before: Annotation, after: Annotation, number: int = 0) -> Difference | None:
    """What became of a person; None where everything that counts is as it was. Decodes the masks where they differ."""
    moved: tuple[int, ...] = ()
    placed = removed = seen = moved
    if len(before.keypoints) == len(after.keypoints):
        was, now = before.present, after.present
        both = was & now
        step = np.linalg.norm(after.keypoints[:, :2] - before.keypoints[:, :2], axis=1)
        moved = _indices(both & (step > STILL))
        placed, removed = _indices(now & ~was), _indices(was & ~now)
        seen = _indices(both & (before.keypoints[:, 2] != after.keypoints[:, 2]))
    gained = lost = None
    if before.segmentation is not after.segmentation and before.segmentation != after.segmentation:
        a, b = before.mask, after.mask
        gained = (without(b, a) if a is not None else b) if b is not None else None
        lost = (without(a, b) if b is not None else a) if a is not None else None
        gained, lost = (m if pixels(m) else None for m in (gained, lost))
    values = tuple(
        key
        for key, name in (("category_id", "category_id"), ("iscrowd", "crowd"), ("attributes", "attributes"))
        if getattr(before, name) != getattr(after, name)
    )
    if not (moved or placed or removed or seen or gained or lost or values):
        return None
    return Difference("changed", before, after, number, moved, placed, removed, seen, gained, lost, values)


def _indices(flags: np.ndarray) -> tuple[int, ...]:
    return tuple(int(k) for k in np.flatnonzero(flags))


def _size(difference: Difference) -> float:
    """How much there is to look at: joints by how far they went for the person's size, and the mask's share."""
    _, _, w, h = difference.box
    if difference.kind != "changed":
        return float(w * h)
    assert difference.before is not None
    joints = len(difference.moved) * difference.distance / max(w, h, 1)
    joints += len(difference.placed) + len(difference.removed) + 0.5 * len(difference.seen) + len(difference.values)
    area = max(pixels(difference.before.mask), 1) if difference.gained or difference.lost else 1
    return joints + (pixels(difference.gained) + pixels(difference.lost)) / area


def summary(differences: Sequence[Difference]) -> dict[Kind, int]:
    """How many of each kind."""
    return {kind: sum(d.kind == kind for d in differences) for kind in KINDS}
