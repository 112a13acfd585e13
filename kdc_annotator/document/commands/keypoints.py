"""Commands on one person's keypoints. Positions are pixel indices (x right, y down), visibility is COCO's 0, 1, 2.

A keypoint that a human moved, added or confirmed becomes confirmed; confidences stay as the model gave them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from kdc.errors import KdcError
from kdc_annotator.document.annotation import Annotation, now
from kdc_annotator.document.commands.symmetry import mirrored_person, symmetric_guess
from kdc_annotator.document.edit import Edit


def checked_visibility(value: int) -> int:
    """0, 1 or 2, or ``KdcError``."""
    if value not in (0, 1, 2):
        raise KdcError("Bad visibility", f"A keypoint is unlabelled (0), occluded (1) or visible (2), not {value}.")
    return int(value)


def checked_position(x: float, y: float) -> tuple[float, float]:
    """Two finite numbers, or ``KdcError``."""
    if not (np.isfinite(x) and np.isfinite(y)):
        raise KdcError("Bad position", "A keypoint's position must be two finite numbers.")
    return float(x), float(y)


def with_keypoints(
    person: Annotation, rows: Mapping[int, tuple[float, float, int]], confirmed: bool = True
) -> Annotation:
    """``person`` with other rows x, y, v; a keypoint set to v = 0 is no longer confirmed unless asked."""
    points, flags = person.keypoints.copy(), person.confirmed_keypoints.copy()
    for k, row in rows.items():
        points[k] = row
        flags[k] = confirmed
    return person.edited(keypoints=points, confirmed_keypoints=flags)


def _names(edit: Edit, person: Annotation, keypoints: list[int]) -> str:
    if len(keypoints) == 1:
        return edit.keypoint_name(person, keypoints[0])
    return f"{len(keypoints)} keypoints"


@dataclass(frozen=True)
class MoveKeypoints:
    """Put keypoints elsewhere. ``to``: keypoint -> (x, y). An unlabelled one becomes visible."""

    person: int
    to: Mapping[int, tuple[float, float]]

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        what = _names(edit, person, list(self.to))
        rows = {}
        for k, (x, y) in self.to.items():
            edit.keypoint_name(person, k)
            rows[k] = (*checked_position(x, y), int(person.keypoints[k, 2]) or 2)
        edit.put(with_keypoints(person, rows))
        return f"Move {what} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class SetVisibility:
    """Visibility of keypoints. 0 keeps the position, so that it can be made visible again where it was."""

    person: int
    keypoints: tuple[int, ...]
    visibility: int

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        what = _names(edit, person, list(self.keypoints))
        v = checked_visibility(self.visibility)
        rows = {}
        for k in self.keypoints:
            edit.keypoint_name(person, k)
            rows[k] = (person.keypoints[k, 0], person.keypoints[k, 1], v)
        edit.put(with_keypoints(person, rows))
        word = ("unlabelled", "occluded", "visible")[v]
        return f"Mark {what} of person {edit.number(self.person)} as {word}"


@dataclass(frozen=True)
class AddKeypoint:
    """Label a keypoint that was not labelled."""

    person: int
    keypoint: int
    x: float
    y: float
    visibility: int = 2

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        name = edit.keypoint_name(person, self.keypoint)
        v = checked_visibility(self.visibility)
        if not v:
            raise KdcError("Bad visibility", "A keypoint that is added is occluded (1) or visible (2).")
        edit.put(with_keypoints(person, {self.keypoint: (*checked_position(self.x, self.y), v)}))
        return f"Add {name} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class RemoveKeypoint:
    """Take a keypoint away: 0, 0, 0, as COCO writes it. It counts as confirmed absent."""

    person: int
    keypoint: int

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        name = edit.keypoint_name(person, self.keypoint)
        edit.put(with_keypoints(person, {self.keypoint: (0.0, 0.0, 0)}))
        return f"Remove {name} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class ConfirmKeypoints:
    """Say that keypoints are right as they are; all labelled ones where ``keypoints`` is None."""

    person: int
    keypoints: tuple[int, ...] | None = None

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        chosen = [int(k) for k in np.flatnonzero(person.present)] if self.keypoints is None else list(self.keypoints)
        what = "all keypoints" if self.keypoints is None else _names(edit, person, chosen)
        for k in chosen:
            edit.keypoint_name(person, k)
        flags = person.confirmed_keypoints.copy()
        flags[chosen] = True
        edit.put(replace(person, confirmed_keypoints=flags).with_mask_of(person))
        return f"Confirm {what} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class SwapSides:
    """Swap left and right: one keypoint's pair, or the whole person where ``keypoint`` is None.

    ``limb``: keypoints whose pairs are swapped together with that one's; those without another side are left alone.
    """

    person: int
    keypoint: int | None = None
    limb: tuple[int, ...] = ()

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        flip = np.array(edit.schema(person.category_id).flip)
        order = np.arange(len(person.keypoints))
        if len(flip) != len(order):
            raise KdcError("No left and right", "The keypoints of this category have no left and right to swap.")
        if self.keypoint is None:
            order = flip
            what = "left and right"
        else:
            name = edit.keypoint_name(person, self.keypoint)
            k, m = self.keypoint, int(flip[self.keypoint])
            if k == m:
                raise KdcError("No left and right", f"The {name} has no other side to swap with.")
            pairs = {(min(i, int(flip[i])), max(i, int(flip[i]))) for i in (k, *self.limb) if flip[i] != i}
            for i, j in pairs:
                order[i], order[j] = j, i
            what = f"left and right {name.replace('left ', '').replace('right ', '')}"
            if len(pairs) > 1:
                what += " and beyond"
        confidence = None if person.confidence is None else person.confidence[order]
        swapped = person.edited(
            keypoints=person.keypoints[order],
            confirmed_keypoints=person.confirmed_keypoints[order],
            confidence=confidence,
        )
        edit.put(swapped)
        return f"Swap {what} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class MirrorPerson:
    """Mirror a person in place, left to right: positions and mask about its middle, and the sides' names with them."""

    person: int

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        edit.put(mirrored_person(person, edit.schema(person.category_id).flip))
        return f"Mirror person {edit.number(self.person)}"


@dataclass(frozen=True)
class PlaceKeypoints:
    """Fill in missing keypoints from ``points``: keypoint -> (x, y, v), the network's say; labelled ones are left alone.

    They are not confirmed. ``confidence``: keypoint -> [0, 1], kept where given.
    """

    person: int
    points: Mapping[int, tuple[float, float, int]]
    confidence: Mapping[int, float] | None = None

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        rows = {}
        for k, (x, y, v) in self.points.items():
            edit.keypoint_name(person, k)
            if not person.keypoints[k, 2] and v:
                rows[k] = (*checked_position(x, y), checked_visibility(v))
        if not rows:
            raise KdcError(
                "Nothing to place",
                f"Person {edit.number(self.person)} has all keypoints that the network knows already.",
            )
        placed = with_keypoints(person, rows, confirmed=False)
        if self.confidence is not None:
            confidence = np.zeros(len(person.keypoints)) if person.confidence is None else person.confidence.copy()
            for k in rows:
                confidence[k] = self.confidence.get(k, 0.0)
            placed = replace(placed, confidence=confidence).with_mask_of(placed)
        edit.put(placed)
        return f"Place {_names(edit, person, list(rows))} of person {edit.number(self.person)}"


@dataclass(frozen=True)
class PlaceSymmetric:
    """Fill in missing keypoints from those of the other side, mirrored at the body's axis, as occluded. Not confirmed."""

    person: int
    keypoints: tuple[int, ...] | None = None

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        rows = symmetric_guess(person, edit.schema(person.category_id), self.keypoints)
        if not rows:
            raise KdcError(
                "Nothing to place",
                f"Person {edit.number(self.person)} has no missing keypoint whose other side is labelled.",
            )
        edit.put(with_keypoints(person, rows, confirmed=False))
        return f"Place {_names(edit, person, list(rows))} of person {edit.number(self.person)} by symmetry"


@dataclass(frozen=True)
class ReassignKeypoint:
    """Give a keypoint to another person; what that one had there is replaced, the giver has it no more."""

    person: int
    keypoint: int
    to: int

    def apply(self, edit: Edit) -> str:
        giver, taker = edit.unlocked(self.person), edit.unlocked(self.to)
        name = edit.keypoint_name(giver, self.keypoint)
        edit.keypoint_name(taker, self.keypoint)
        if giver.id == taker.id:
            raise KdcError("Same person", "The keypoint is this person's already; choose another person.")
        x, y, v = giver.keypoints[self.keypoint]
        if not v:
            raise KdcError("Nothing to give", f"Person {edit.number(self.person)} has no {name}.")
        edit.put(with_keypoints(giver, {self.keypoint: (0.0, 0.0, 0)}))
        edit.put(with_keypoints(taker, {self.keypoint: (x, y, int(v))}))
        return f"Give {name} of person {edit.number(self.person)} to person {edit.number(self.to)}"


@dataclass(frozen=True)
class ConfirmPeople:
    """A human says that these people are right."""

    people: tuple[int, ...]

    def apply(self, edit: Edit) -> str:
        for i in self.people:
            person = edit.person(i)
            confirmed = replace(
                person.provenance, confirmed=True, confirmed_by=edit.author, time=person.provenance.time or now()
            )
            edit.put(person.told(provenance=confirmed))
        who = f"person {edit.number(self.people[0])}" if len(self.people) == 1 else f"{len(self.people)} people"
        return f"Confirm {who}"


@dataclass(frozen=True)
class RecountKeypoints:
    """Write the keypoints again as they are, so that num_keypoints follows from them."""

    person: int

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        edit.put(person.edited(keypoints=person.keypoints))
        return f"Count the keypoints of person {edit.number(self.person)}"
