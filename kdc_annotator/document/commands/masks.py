"""Commands on masks. An edit writes only the edited person, and what it paints or erases is pinned there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.commands.pins import pins_of, with_pins
from kdc_annotator.document.edit import Edit
from kdc_annotator.document.mask_shapes import common, pixels, polygon_mask, united, without


def _changed(person: Annotation, region: Mask, inside: bool, pin: bool) -> Annotation:
    mask = united(person.mask, region) if inside else without(person.mask, region)
    edited = person if pixels(mask) == pixels(person.mask) else person.edited(mask=mask)
    if not pin:
        return edited
    pinned_in, pinned_out = pins_of(person)
    if inside:
        pinned_in, pinned_out = united(pinned_in, region), without(pinned_out, region)
    else:
        pinned_in, pinned_out = without(pinned_in, region), united(pinned_out, region)
    return with_pins(edited, pinned_in, pinned_out)


@dataclass(frozen=True)
class Paint:
    """Add a stroke's pixels to a person's mask. ``pin``: clustering shall leave them in. One stroke is one command."""

    person: int
    region: Mask
    pin: bool = True

    def apply(self, edit: Edit) -> str:
        edit.put(_changed(edit.unlocked(self.person), self.region, True, self.pin))
        return f"Paint mask of person {edit.number(self.person)}"


@dataclass(frozen=True)
class Erase:
    """Take a stroke's pixels out of a person's mask. ``pin``: clustering shall leave them out."""

    person: int
    region: Mask
    pin: bool = True

    def apply(self, edit: Edit) -> str:
        edit.put(_changed(edit.unlocked(self.person), self.region, False, self.pin))
        return f"Erase mask of person {edit.number(self.person)}"


@dataclass(frozen=True)
class Polygon:
    """Add the inside of a polygon to a person's mask (``inside``) or cut it out. ``points``: (x, y), continuous."""

    person: int
    points: tuple[tuple[float, float], ...]
    inside: bool = True
    pin: bool = True

    def apply(self, edit: Edit) -> str:
        region = polygon_mask(self.points, *edit.photo.size)
        edit.put(_changed(edit.unlocked(self.person), region, self.inside, self.pin))
        verb = "Add polygon to" if self.inside else "Cut polygon out of"
        return f"{verb} mask of person {edit.number(self.person)}"


@dataclass(frozen=True)
class SetMasks:
    """Other masks for several people at once, as clustering finds them. Locked people are passed over, pinned pixels kept."""

    masks: Mapping[int, Mask]

    def apply(self, edit: Edit) -> str:
        for i, mask in self.masks.items():
            person = edit.person(i)
            if person.locked:
                continue
            if (mask.width, mask.height) != person.size:
                raise KdcError(
                    "Bad mask",
                    f"A mask of {mask.width}x{mask.height} does not fit {edit.photo.path} ({person.size[0]}x{person.size[1]}).",
                )
            pinned_in, pinned_out = pins_of(person)
            wanted = without(united(mask, pinned_in), pinned_out)
            if not same_pixels(wanted, person.mask):
                edit.put(person.edited(mask=wanted))
        if len(self.masks) == 1:
            return f"Set mask of person {edit.number(next(iter(self.masks)))}"
        return f"Set masks of {len(self.masks)} people"


@dataclass(frozen=True)
class SetMasksFromLabels:
    """Masks from a label map, inside its rectangle only; what lies outside is left alone.

    ``labels``: (h, w) integers; ``x``, ``y``: the rectangle's corner; ``people``: label -> person.
    """

    labels: np.ndarray
    people: Mapping[int, int]
    x: int = 0
    y: int = 0

    def apply(self, edit: Edit) -> str:
        width, height = edit.photo.size
        window = Mask(np.ones(self.labels.shape, bool), self.x, self.y, width, height)
        masks = {}
        for label, person in self.people.items():
            inside = Mask(self.labels == label, self.x, self.y, width, height)
            masks[person] = united(without(edit.person(person).mask, window), inside) or Mask.empty(width, height)
        return SetMasks(masks).apply(edit)


@dataclass(frozen=True)
class ReassignRegion:
    """Give the pixels of ``person`` inside ``region`` to another person."""

    person: int
    to: int
    region: Mask
    pin: bool = True

    def apply(self, edit: Edit) -> str:
        giver, taker = edit.unlocked(self.person), edit.unlocked(self.to)
        if giver.id == taker.id:
            raise KdcError("Same person", "The pixels are this person's already; choose another person.")
        moving = common(giver.mask, self.region)
        if moving is None or not pixels(moving):
            raise KdcError("Nothing to give", f"Person {edit.number(self.person)} has no pixels there.")
        edit.put(_changed(giver, moving, False, self.pin))
        edit.put(_changed(taker, moving, True, self.pin))
        return f"Give pixels of person {edit.number(self.person)} to person {edit.number(self.to)}"


@dataclass(frozen=True)
class Pin:
    """Pin pixels as they are now: those of the mask stay in, the others stay out, whatever clustering says."""

    person: int
    region: Mask

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        inside = common(person.mask, self.region) or Mask.empty(*person.size)
        outside = without(self.region, inside)
        pinned_in, pinned_out = pins_of(person)
        pinned_in = united(without(pinned_in, outside), inside)
        pinned_out = united(without(pinned_out, inside), outside)
        edit.put(with_pins(person, pinned_in, pinned_out))
        return f"Pin pixels of person {edit.number(self.person)}"


@dataclass(frozen=True)
class Unpin:
    """Let clustering decide again: inside ``region``, or everywhere where it is None."""

    person: int
    region: Mask | None = None

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        pinned_in, pinned_out = (None if self.region is None else without(p, self.region) for p in pins_of(person))
        edit.put(with_pins(person, pinned_in, pinned_out))
        return f"Unpin pixels of person {edit.number(self.person)}"


@dataclass(frozen=True)
class ReleaseMask:
    """Let clustering have a mask that was drawn by hand. It stays as it is until a gesture moves it; nothing of it is pinned any more."""

    person: int

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        came = person.provenance.source == "imported"
        edit.put(with_pins(person.told(released=came), None, None))
        return f"Release the mask of person {edit.number(self.person)}"


@dataclass(frozen=True)
class RemeasureMask:
    """Write the mask again as its pixels are, so that area and box follow from it."""

    person: int

    def apply(self, edit: Edit) -> str:
        person = edit.unlocked(self.person)
        edit.put(person.edited(mask=person.mask))
        return f"Measure the mask of person {edit.number(self.person)}"


def same_pixels(a: Mask | None, b: Mask | None) -> bool:
    """Whether two masks have the same pixels; None has none."""
    if a is None or b is None:
        return pixels(a) == pixels(b) == 0
    a, b = a.tight(), b.tight()
    return (a.x, a.y, a.bits.shape) == (b.x, b.y, b.bits.shape) and bool((a.bits == b.bits).all())
