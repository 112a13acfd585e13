"""Commands on whole people: add, delete, duplicate, copy, merge, split, accept, lock, attributes, order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation, Provenance, now
from kdc_annotator.document.commands.pins import pins_of, with_pins
from kdc_annotator.document.commands.symmetry import placed
from kdc_annotator.document.crowds import unpack_masks
from kdc_annotator.document.edit import Edit
from kdc_annotator.document.mask_shapes import common, parts, pixels, shifted, united, without


def human(edit: Edit) -> Provenance:
    """Made by the labeler who is at work."""
    return Provenance("human", edit.author, time=now(), confirmed=True, confirmed_by=edit.author)


def people_text(edit: Edit, people: tuple[int, ...]) -> str:
    """ "person 3" or "4 people"."""
    return f"person {edit.number(people[0])}" if len(people) == 1 else f"{len(people)} people"


@dataclass(frozen=True)
class AddPerson:
    """A new person made by hand. ``keypoints``: keypoint -> (x, y, v), may be empty. ``mask``: may be None."""

    keypoints: Mapping[int, tuple[float, float, int]]
    mask: Mask | None = None
    category_id: int = 1

    def apply(self, edit: Edit) -> str:
        points = np.zeros((len(edit.schema(self.category_id)), 3))
        for k, row in self.keypoints.items():
            if not 0 <= k < len(points):
                raise KdcError("No such keypoint", f"The category {self.category_id} has no keypoint number {k + 1}.")
            points[k] = row
        person = Annotation.new(
            edit.new_id(),
            edit.photo.size,
            points,
            self.mask,
            category_id=self.category_id,
            confirmed_keypoints=points[:, 2] > 0,
            provenance=human(edit),
        )
        edit.add(person)
        return f"Add person {edit.number(person.id)}"


@dataclass(frozen=True)
class AddCrowdRegion:
    """A region full of people that are not told apart (COCO's iscrowd = 1)."""

    mask: Mask
    category_id: int = 1

    def apply(self, edit: Edit) -> str:
        none = np.zeros((len(edit.schema(self.category_id)), 3))
        region = Annotation.new(
            edit.new_id(),
            edit.photo.size,
            none,
            self.mask,
            category_id=self.category_id,
            crowd=True,
            provenance=human(edit),
        )
        edit.add(region)
        return "Add crowd region"


@dataclass(frozen=True)
class SetCrowd:
    """Say that a person is a crowd region, or is not."""

    person: int
    crowd: bool

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        edit.put(person.edited(crowd=self.crowd))
        return f"Mark person {edit.number(self.person)} as {'a crowd region' if self.crowd else 'one person'}"


@dataclass(frozen=True)
class DeletePeople:
    """Delete people."""

    people: tuple[int, ...]

    def apply(self, edit: Edit) -> str:
        label = f"Delete {people_text(edit, self.people)}"
        for i in self.people:
            edit.remove(i)
        return label


@dataclass(frozen=True)
class DuplicatePerson:
    """A copy of a person, moved by (``dx``, ``dy``) whole pixels, on top."""

    person: int
    dx: int = 0
    dy: int = 0

    def apply(self, edit: Edit) -> str:
        edit.add(_copy(edit, edit.person(self.person), self.dx, self.dy))
        return f"Duplicate person {edit.number(self.person)}"


@dataclass(frozen=True)
class CopyPeople:
    """Copies of another image's people; masks go along only where both images have one size, and from a larger image only what lies
    inside this one. ``source``: the other image's name."""

    people: tuple[Annotation, ...]
    source: str = ""

    def apply(self, edit: Edit) -> str:
        if not self.people:
            raise KdcError("Nothing to copy", f"{self.source or 'The other image'} has nobody to copy.")
        people = [inside for person in self.people if (inside := fitting(person, edit.photo.size)) is not None]
        if not people:
            raise KdcError(
                "Nothing to copy",
                f"Nobody in {self.source or 'the other image'} fits into this image, which has another size.",
            )
        unpack_masks(people)
        for person in people:
            edit.add(_copy(edit, person, 0, 0))
        who = "1 person" if len(people) == 1 else f"{len(people)} people"
        return f"Copy {who}" + (f" from {self.source}" if self.source else "")


def fitting(person: Annotation, size: tuple[int, int]) -> Annotation | None:
    """Of a person of another image what can be in one of ``size`` (width, height); None: nothing."""
    width, height = size
    if person.size == size or not width or not height:
        return person
    points = person.keypoints.copy()
    out = (points[:, :2] < -0.5).any(1) | (points[:, 0] > width - 0.5) | (points[:, 1] > height - 0.5)
    points[out] = 0.0
    if (person.present & ~out).any():
        return person.edited(keypoints=points) if (person.present & out).any() else person
    if person.present.any() or person.mask is not None or person.box is None:
        return None
    x, y, w, h = person.box
    return person if x >= 0 and y >= 0 and x + w <= width and y + h <= height else None


def _copy(edit: Edit, person: Annotation, dx: int, dy: int) -> Annotation:
    points = person.keypoints
    if dx or dy:
        points = points.copy()
        points[placed(points), :2] += (dx, dy)
    values: dict[str, Any] = {"category_id": person.category_id, "provenance": human(edit)}
    if person.attributes:
        values["attributes"] = dict(person.attributes)
    if person.crowd:
        values["crowd"] = True
    masked = person.size == edit.photo.size and person.has_mask
    if not masked and person.box is not None:
        x, y, w, h = person.box
        values["box"] = (x + dx, y + dy, w, h)
    if masked and not dx and not dy:  # The same pixels: a crowd's need not be laid out and packed again.
        stays = person.packed_mask()
        if stays is None:
            return Annotation.new(edit.new_id(), edit.photo.size, points, **values)
        return Annotation.new(edit.new_id(), edit.photo.size, points, segmentation=stays, **values).placed_as(person)
    mask = shifted(person.mask, dx, dy) if masked and person.mask is not None else None
    return Annotation.new(edit.new_id(), edit.photo.size, points, mask if pixels(mask) else None, **values)


@dataclass(frozen=True)
class MergePeople:
    """One person out of two: ``into`` keeps what it has and gets from ``person`` the keypoints and attributes it lacks and all mask
    pixels."""

    into: int
    person: int

    def apply(self, edit: Edit) -> str:
        kept, gone = edit.unlocked(self.into), edit.unlocked(self.person)
        if kept.id == gone.id:
            raise KdcError("Same person", "Merging needs two people; choose another one.")
        if len(kept.keypoints) != len(gone.keypoints):
            raise KdcError(
                "Different keypoints", "These two are of categories with different keypoints and can't be merged."
            )
        label = f"Merge person {edit.number(self.person)} into person {edit.number(self.into)}"
        gaps = ~kept.present & gone.present
        points = np.where(gaps[:, None], gone.keypoints, kept.keypoints)
        flags = np.where(gaps, gone.confirmed_keypoints, kept.confirmed_keypoints)
        confidence = kept.confidence
        if gone.confidence is not None or confidence is not None:
            zeros = np.zeros(len(points))
            a = zeros if kept.confidence is None else kept.confidence
            b = zeros if gone.confidence is None else gone.confidence
            confidence = np.where(gaps, b, a)
        merged = kept
        if gaps.any():
            merged = merged.edited(keypoints=points, confirmed_keypoints=flags, confidence=confidence)
        if attributes := {k: v for k, v in gone.attributes.items() if k not in kept.attributes}:
            merged = merged.edited(attributes={**kept.attributes, **attributes})
        mask = united(kept.mask, gone.mask)
        if pixels(mask) != pixels(kept.mask):
            merged = merged.edited(mask=mask)
        (_, kept_out), kept_in, gone_in = pins_of(kept), _by_hand(kept), _by_hand(gone)
        # What was pinned out of the one may be the other's body.
        edit.put(with_pins(merged, united(kept_in, gone_in), without(kept_out, gone.mask)))
        edit.remove(gone.id)
        return label


@dataclass(frozen=True)
class SplitByParts:
    """One person for each connected part of the mask. The largest part stays; a keypoint goes with the part nearest to it.

    ``smallest``: parts with fewer pixels than this stay with the largest.
    """

    person: int
    smallest: int = 1

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        found = [p for p in parts(person.mask) if p.area >= self.smallest] if person.mask is not None else []
        if len(found) < 2:
            raise KdcError(
                "Nothing to split",
                f"The mask of person {edit.number(self.person)} is in one piece; put the pointer on the joint where the other person begins.",
            )
        rest = person.mask
        for part in found[1:]:
            rest = without(rest, part)
        owner = np.array([int(np.argmin([_distance(part, row) for part in found])) for row in person.keypoints], int)
        _divide(edit, person, [(rest, owner == 0), *((part, owner == n) for n, part in enumerate(found) if n)])
        return f"Split person {edit.number(self.person)} into {len(found)}"


@dataclass(frozen=True)
class SplitByKeypoints:
    """Two people: the chosen keypoints make a new one. Mask pixels go to whichever has a keypoint nearer."""

    person: int
    keypoints: tuple[int, ...]

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        chosen = np.zeros(len(person.keypoints), bool)
        for k in self.keypoints:
            edit.keypoint_name(person, k)
            chosen[k] = True
        going, staying = chosen & person.present, ~chosen & person.present
        if not going.any() or not staying.any():
            raise KdcError(
                "Nothing to split", "Splitting needs labelled keypoints on both sides; choose some, but not all."
            )
        taken = (
            None
            if person.mask is None
            else _nearer(person.mask, person.keypoints[going, :2], person.keypoints[staying, :2])
        )
        _divide(edit, person, [(without(person.mask, taken), ~chosen), (taken, chosen)])
        return f"Split person {edit.number(self.person)} by {len(self.keypoints)} keypoints"


def _distance(part: Mask, row: np.ndarray) -> float:
    rows, cols = np.nonzero(part.bits)
    return float(np.min((cols + part.x - row[0]) ** 2 + (rows + part.y - row[1]) ** 2))


def _nearer(mask: Mask, a: np.ndarray, b: np.ndarray) -> Mask:
    """The pixels of ``mask`` that lie nearer to one of ``a`` than to any of ``b``, (n, 2) each."""
    h, w = mask.bits.shape
    columns, rows = np.arange(w) + mask.x, np.arange(h) + mask.y

    def nearest(points: np.ndarray) -> np.ndarray:
        best = np.full((h, w), np.inf)
        for x, y in points:
            np.minimum(best, (columns[None] - x) ** 2 + (rows[:, None] - y) ** 2, out=best)
        return best

    return Mask(mask.bits & (nearest(a) < nearest(b)), mask.x, mask.y, mask.width, mask.height).tight()


def _divide(edit: Edit, person: Annotation, shares: list[tuple[Mask | None, np.ndarray]]) -> None:
    for n, (mask, mine) in enumerate(shares):
        points = np.where(mine[:, None], person.keypoints, 0.0)
        confidence = None if person.confidence is None else np.where(mine, person.confidence, 0.0)
        flags = person.confirmed_keypoints & mine
        if n == 0:
            pinned_in, pinned_out = pins_of(person)
            rest = person.edited(keypoints=points, confirmed_keypoints=flags, confidence=confidence, mask=mask)
            edit.put(with_pins(rest, common(pinned_in, mask), pinned_out))
            continue
        values: dict[str, Any] = {"attributes": dict(person.attributes)} if person.attributes else {}
        share = Annotation.new(
            edit.new_id(),
            person.size,
            points,
            mask if pixels(mask) else None,
            category_id=person.category_id,
            confirmed_keypoints=flags,
            confidence=confidence,
            provenance=human(edit),
            **values,
        )
        edit.add(with_pins(share, common(_by_hand(person), mask), None))


def _by_hand(person: Annotation) -> Mask | None:
    """The pixels of which it is known that a human drew them: the whole mask, or what is pinned in."""
    return person.mask if person.drawn else pins_of(person)[0]


@dataclass(frozen=True)
class AcceptProposals:
    """Make people of proposals. They keep the model's name and link to the proposal, and count as confirmed."""

    proposals: tuple[int, ...]

    def apply(self, edit: Edit) -> str:
        time = now()
        for i in self.proposals:
            proposal = edit.proposals.get(i)
            if proposal is None or edit.states[i] != "open":
                raise KdcError("No such proposal", f"{edit.photo.path} has no open proposal with the id {i}.")
            said = replace(proposal.provenance, confirmed=True, confirmed_by=edit.author, time=time, proposal_id=i)
            edit.add(proposal.told(id=edit.new_id(), provenance=said))
            edit.states[i] = "accepted"
        return "Accept proposal" if len(self.proposals) == 1 else f"Accept {len(self.proposals)} proposals"


@dataclass(frozen=True)
class RejectProposals:
    """Put proposals aside."""

    proposals: tuple[int, ...]

    def apply(self, edit: Edit) -> str:
        for i in self.proposals:
            if edit.states.get(i) != "open":
                raise KdcError("No such proposal", f"{edit.photo.path} has no open proposal with the id {i}.")
            edit.states[i] = "rejected"
        return "Reject proposal" if len(self.proposals) == 1 else f"Reject {len(self.proposals)} proposals"


@dataclass(frozen=True)
class LockPeople:
    """Lock people against every edit, or unlock them."""

    people: tuple[int, ...]
    locked: bool = True

    def apply(self, edit: Edit) -> str:
        for i in self.people:
            person = edit.person(i)
            edit.put(person.told(locked=self.locked))
        return f"{'Lock' if self.locked else 'Unlock'} {people_text(edit, self.people)}"


@dataclass(frozen=True)
class SetAttributes:
    """Set attributes by name; None takes one away."""

    person: int
    values: Mapping[str, Any]

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        attributes = {k: v for k, v in {**person.attributes, **self.values}.items() if v is not None}
        edit.put(person.edited(attributes=attributes))
        return f"Set {', '.join(self.values) or 'nothing'} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class SetBox:
    """Draw the box of a person who has no mask: (x, y, w, h), continuous; None takes it away."""

    person: int
    box: tuple[float, float, float, float] | None

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        edit.put(person.edited(box=self.box))
        return f"Set the box of person {edit.number(self.person)}"


@dataclass(frozen=True)
class RaisePerson:
    """Draw a person above all others, or below them."""

    person: int
    to_top: bool = True

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        orders = [a.order for a in edit.people.values()]
        order = max(orders) + 1 if self.to_top else min(orders) - 1
        if person.order != (max(orders) if self.to_top else min(orders)) or orders.count(person.order) > 1:
            edit.put(person.told(order=order))
        return f"Bring person {edit.number(self.person)} to the {'front' if self.to_top else 'back'}"
