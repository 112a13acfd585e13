"""The document's people inside the re-clusterer, and the masks that a gesture changes. No Qt; always on one thread.

The document's masks may be a human's or another tool's. So a gesture does not put the clustering's masks in their place: it adds
what clustering gives a person between before and after the gesture, and takes away what clustering takes. Where a person has no
mask yet, clustering's is the mask. A mask that a human drew is left alone, as a locked person's is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce

import numpy as np

from kdc.errors import KdcError
from kdc.schema import PoseSchema, map_keypoints
from kdc.structures import Mask, Person
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle, union
from kdc_annotator.document.mask_shapes import united, without
from kdc_annotator.document.proposals import proposal_from_person
from kdc_annotator.document.segmentation import decode_segmentation
from kdc_annotator.engine.completing import Completer, missing_joints, with_joints
from kdc_annotator.engine.crumbs import without_crumbs
from kdc_annotator.engine.field_cache import Entry
from kdc_annotator.engine.listen import Listener, listen, listen_around
from kdc_annotator.engine.live import Correction, LivePerson, State
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.ui.joint_mapping import fitting_category, person_in, rows_in
from kdc_annotator.ui.listening import Silent
from kdc_annotator.ui.live_anchor import (
    NOTHING,
    Anchor,
    Origin,
    Outcome,
    alike,
    box_of,
    crop,
    fingerprint,
    origins_of_split,
)
from kdc_annotator.ui.scene import Key

Masks = dict[Key, Mask]
KEPT = 20
"""Corrections that are remembered for each person, so that undo finds the earlier ones."""


def proposals_of(
    entry: Entry,
    size: tuple[int, int],
    corner: tuple[int, int] = (0, 0),
    schemas: Iterable[tuple[int, PoseSchema]] = (),
) -> list[Annotation]:
    """The people of a prediction as proposals in an image of ``size``; ``corner``: where the predicted part lies in it.

    ``schemas``: the project's categories; the one that shares most joints with the model is the people's.
    """
    dx, dy = corner
    category, schema = fitting_category(entry.schema, schemas) or (1, entry.schema)
    found = []
    for person in entry.people:
        moved = person
        if corner != (0, 0) or (person.mask is not None and (person.mask.width, person.mask.height) != size):
            points = person.keypoints.copy()
            points[person.present, :2] += (dx, dy)
            mask = person.mask
            if mask is not None:
                mask = Mask(mask.bits, mask.x + dx, mask.y + dy, *size)
            moved = Person(points, person.score, person.visibility, mask)
        moved = person_in(moved, entry.schema, schema)
        proposal = proposal_from_person(moved, size, entry.model, entry.version, category)
        proposal.extent()  # Measured here, where nobody waits for it.
        found.append(proposal)
    return found


class LiveMasks:
    """One image's re-clusterer with the document's people in it. ``schema_of``: a category's joints; None: the model's."""

    def __init__(self, entry: Entry, pixels: np.ndarray, schema_of: Callable[[int], PoseSchema] | None = None) -> None:
        self.schema = entry.schema
        self.live = Reclusterer(entry.fields, entry.letterbox, entry.schema, pixels)
        self._schema_of = schema_of or (lambda _: entry.schema)
        self._numbers: dict[Key, int] = {}
        self._known: dict[Key, tuple[Annotation, LivePerson]] = {}
        self._corrections: dict[Key, dict[tuple[bytes, bytes], Correction | None]] = {}
        self._fresh: dict[Key, Correction] = {}
        self._start = State()
        self._before = np.zeros((0, 0), np.uint16)
        self._changed: Rectangle = NOTHING
        self._last: Rectangle = NOTHING
        self._key: Key = (False, 0)
        self._anchors: dict[Key, Anchor] = {}
        self._anchored: dict[Key, Anchor | None] = {}
        self._moved: dict[Key, tuple[Mask, Rectangle, np.ndarray]] = {}
        self._results: Masks = {}
        self._outcome: Outcome | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the photo in pixels."""
        height, width = self.live.labels.shape
        return width, height

    def take(self, people: Sequence[tuple[Key, Annotation]]) -> Rectangle:
        """The people as they are in the document now; those that are the same as before cost nothing. Where that may change pixels."""
        persons: dict[int, LivePerson] = {}
        for key, annotation in people:
            if annotation.crowd or len(annotation.keypoints) == 0 or not annotation.present.any():
                continue
            known = self._known.get(key)
            if known is None or known[0] is not annotation:
                number = self._numbers.setdefault(key, len(self._numbers) + 1)
                known = (annotation, self._person(key, number, annotation))
                self._known[key] = known
            if known[1].weights(self.live.site.config.confident).any():
                persons[known[1].number] = known[1]
        return self.live.restore(State(persons)).rect

    def _person(
        self,
        key: Key,
        number: int,
        annotation: Annotation,
        points: np.ndarray | None = None,
        moved: Sequence[int] = (),
    ) -> LivePerson:
        rows = annotation.keypoints if points is None else points
        seen = rows[:, 2]
        vouched = annotation.confirmed_keypoints.copy()
        if annotation.provenance.source != "model":
            told = np.zeros(len(rows)) if annotation.confidence is None else annotation.confidence
            vouched |= (seen > 0) & (told <= 0)  # The model may have completed somebody whom a human began.
        vouched[list(moved)] = True
        confidence = np.where(seen > 0, 1.0, 0.0)
        if annotation.confidence is not None:
            # A joint that is not labelled has no place, however sure the model was of it.
            confidence = np.where(vouched | (seen <= 0), confidence, annotation.confidence)
        source = self._schema_of(annotation.category_id)
        values = {"vouched": vouched.astype(float), "confidence": confidence, "seen": seen}
        if len(source) == len(rows):
            places, values = rows_in(rows[:, :2], values, source, self.schema)
        else:
            # Annotations that do not fit their category say nothing about joints.
            places, values = np.zeros((len(self.schema), 2)), dict.fromkeys(values, np.zeros(len(self.schema)))
        return LivePerson(
            number, places, values["confidence"].astype(np.float32), values["vouched"] > 0, values["seen"].astype(np.uint8),
            locked=annotation.locked, frozen=annotation.mask if annotation.locked else None,
            drawn=annotation.mask if annotation.drawn else None,
            painted=decode_segmentation(annotation.pinned_in, *annotation.size),
            erased=decode_segmentation(annotation.pinned_out, *annotation.size),
            correction=self._correction(key, annotation),
        )  # fmt: skip

    # What the refinement said about people, kept beside the document: it can be asked again

    def _correction(self, key: Key, annotation: Annotation) -> Correction | None:
        """That of the person just so; else that of the last gesture; else the latest with the same pixels pinned, or with the same
        joints: a literal stroke pins pixels, and says nothing against what was said of all others."""
        origin = annotation.provenance.proposal_id
        names = (key, *([] if key[0] or origin is None else [(True, origin)]))
        print_now = fingerprint(annotation)
        for name in names:
            if print_now in self._corrections.get(name, {}):
                return self._corrections[name][print_now]
        for name in names:
            fresh = self._fresh.pop(name, None)
            if fresh is not None:
                self._keep(key, annotation, fresh)
                return fresh
        for part in (1, 0):
            for name in names:
                kept = self._corrections.get(name, {})
                alike = [c for known, c in kept.items() if known[part] == print_now[part] and c is not None]
                if alike:
                    return alike[-1]
        return None

    def _keep(self, key: Key, annotation: Annotation, correction: Correction | None) -> None:
        kept = self._corrections.setdefault(key, {})
        kept[fingerprint(annotation)] = correction
        while len(kept) > KEPT:
            del kept[next(iter(kept))]

    def delivered(self) -> None:
        """The masks of this gesture go into the document: what was said about the person holds from now on."""
        number = self._known[self._key][1].number
        correction = self.live.person(number).correction if number in self.live.people else None
        if correction is not None and self._outcome is None:
            self._fresh[self._key] = correction
        for key, result in self._results.items():
            if key in self._moved:
                mask, window, was = self._moved[key]
                now = crop(self.live.labels, window) == self._known[key][1].number
                self._anchors[key] = Anchor(mask, window, was, now, result)

    def listen_all(self, people: Sequence[tuple[Key, Annotation]], listener: Listener) -> None:
        """Ask the refinement about everybody as they are, so that drags move refined masks. Between gestures only."""
        self.take(people)
        numbers = sorted(
            n for n, p in self.live.people.items() if not p.locked and p.drawn is None and p.correction is None
        )
        if not numbers:
            return
        listen(self.live, listener, numbers)
        for key, (annotation, person) in tuple(self._known.items()):
            if person.number in numbers and person.number in self.live.people:
                self._keep(key, annotation, self.live.person(person.number).correction)
                self._known[key] = (annotation, self._person(key, person.number, annotation))

    # Gestures

    def begin(self, key: Key) -> None:
        """A gesture on that person begins; KdcError where it can't be clustered."""
        if key not in self._known or self._known[key][1].number not in self.live.people:
            raise KdcError("No such person", "This person has no joints that clustering could follow.")
        self._key = key
        annotation, person = self._known[key]
        if fingerprint(annotation) not in self._corrections.get(key, {}):
            self._keep(key, annotation, person.correction)
        self._start = self.live.state
        self._before = self.live.labels.copy()
        self._anchored, self._moved, self._results, self._outcome = {}, {}, {}, None
        self._changed = self._last = NOTHING

    def moved(self, to: Mapping[int, tuple[float, float]]) -> tuple[Masks, Rectangle]:
        """Joints at those pixel positions: masks that differ from before the drag, and where the last answer's picture differs."""
        annotation, person = self._known[self._key]
        points = annotation.keypoints.copy()
        for k, (x, y) in to.items():
            points[k] = (x, y, points[k, 2] or 2)
        change = self.live.put(self._person(self._key, person.number, annotation, points, tuple(to)))
        return self._answer(change.rect)

    def listened(self, listener: Listener) -> tuple[Masks, Rectangle]:
        """After ``moved``: the same with what the refinement says about the person as it is now."""
        number = self._known[self._key][1].number
        before = self.live.mask(number)
        listen(self.live, listener, [number])
        return self._answer(union(box_of(before), box_of(self.live.mask(number))))

    def edited(
        self,
        before: Sequence[tuple[Key, Annotation]],
        after: Sequence[tuple[Key, Annotation]],
        merged: Key | None = None,
    ) -> tuple[Masks, Rectangle]:
        """After ``begin``: the same where the person in hand is not dragged but edited, as ``after`` has everybody: joints that are there or
        not, sides swapped, the person gone, split into several, or together with ``merged``. {} where nobody is left with joints to follow."""
        key, number, now = self._key, self._known[self._key][1].number, dict(after)
        came = [k for k, _ in after if k not in dict(before)]
        lost = self._known[merged][1].number if merged in self._known and merged not in now else 0
        known = key in now and fingerprint(now[key]) in self._corrections.get(key, {})
        rectangle = self.take(after)
        here = [k for k in (key, *came) if k in now and self._of(k) in self.live.people]
        if key in now and key not in here:
            return {}, NOTHING
        if (came or merged) and not known:
            # What the refinement said, it said of other people.
            person = replace(self.live.person(number), correction=None)
            rectangle = union(rectangle, self.live.put(person).rect)
            self._known[key] = (now[key], person)
        origins = {key: Origin((number, lost))} if lost else {}
        if came:
            origins = origins_of_split(number, {k: now[k] for k in (key, *came)}, here)
        self._outcome = Outcome(frozenset(now), key not in now, origins)
        return self._answer(rectangle)

    def _of(self, key: Key) -> int:
        """The person's number, 0 where clustering does not know the person."""
        return self._known[key][1].number if key in self._known else 0

    def edit_listened(self, listener: Listener) -> Masks | None:
        """After ``edited``: the same with what the refinement says. None: the edit has moved no pixel, or nobody is left to ask about."""
        outcome = self._outcome
        if outcome is None or outcome.removed or not self._results:
            return None
        keys = [k for k in {self._key: 0, **outcome.origins} if self._of(k) in self.live.people]
        numbers = [self._of(k) for k in keys]
        before = [box_of(self.live.mask(n)) for n in numbers]
        listen(self.live, listener, numbers)
        for key, number in zip(keys, numbers, strict=True):
            annotation, person = self._known[key][0], self.live.person(number)
            self._keep(key, annotation, person.correction)
            self._known[key] = (annotation, person)
        return self._answer(reduce(union, [*before, *(box_of(self.live.mask(n)) for n in numbers)]))[0]

    def completed(
        self, people: Sequence[tuple[Key, Annotation]], key: Key, completer: Completer, listener: Listener | None
    ) -> tuple[dict[int, tuple[float, float, float]], Masks]:
        """The joints that a person lacks, of its category: pixel x, y and confidence, and the masks that differ with them.

        Where the refinement has said nothing of the person yet, it is heard also where there are no joints to place: that they were asked
        for cut its word on a newcomer off.
        """
        self.take(people)
        self.begin(key)
        annotation, person = self._known[key]
        found = missing_joints(self.live, completer, person.number)
        rows = np.zeros((len(self.schema), 3))
        for k, row in found.items():
            rows[k] = row
        mapped = map_keypoints(rows, self.schema, self._schema_of(annotation.category_id))
        joints = {int(k): (*mapped[k].tolist(),) for k in np.flatnonzero(mapped[:, 2] > 0)}
        masks: Masks = {}
        if not joints and self.live.person(person.number).correction is not None:
            return {}, {}
        if joints:
            change = self.live.put(with_joints(self.live.person(person.number), found))
            masks, _ = self._answer(change.rect)
        if listener is not None:
            with suppress(Silent):  # The rule's masks do.
                masks, _ = self._answer(self._listened_around(listener, person.number))
        if annotation.mask is None and key not in masks:
            masks[key] = self.live.mask(person.number)
        return joints, masks  # type: ignore[return-value]

    def stroked(self, region: Mask, inside: bool, listener: Listener) -> tuple[Masks, Rectangle]:
        """The masks where the refinement takes a stroke as evidence: see ``moved``. ``inside``: painted, else erased."""
        annotation, person = self._known[self._key]
        before = self.live.mask(person.number)
        self.live.restore(self._start)
        start = self.live.mask(person.number)
        previous = annotation.mask if annotation.mask is not None and annotation.mask.bits.size else start
        listen(self.live, listener, [person.number], previous, ("paint" if inside else "erase", region))
        after = self.live.mask(person.number)
        return self._answer(union(union(box_of(before), box_of(start)), union(box_of(after), box_of(region))))

    def masks_of_new(
        self,
        people: Sequence[tuple[Key, Annotation]],
        points: Mapping[int, tuple[float, float, int]],
        category: int = 1,
        listener: Listener | None = None,
    ) -> dict[Key | None, Mask]:
        """The mask of a person placed by hand, under None, and what its coming takes from the others.

        ``points``: joint of the category's schema -> x, y, visibility.
        """
        self.take(people)
        source = self._schema_of(category)
        rows = np.zeros((len(source), 3))
        for k, row in points.items():
            if k < len(rows):
                rows[k] = row
        places, values = rows_in(rows[:, :2], {"seen": rows[:, 2]}, source, self.schema)
        if not values["seen"].any():
            return {}
        self._before = self.live.labels.copy()
        self._anchored, self._moved, self._results, self._outcome = {}, {}, {}, None
        # Nobody's so far, also not of those who were deleted: what changes would go by their names.
        number = max(self._numbers.values(), default=0) + 1
        change = self.live.put(LivePerson.placed(number, np.column_stack([places, values["seen"]])))
        rectangle = change.rect
        if listener is not None:
            rectangle = union(rectangle, self._listened_around(listener, number))
        found: dict[Key | None, Mask] = {}
        found.update(self._differences(rectangle).items())
        mask = self.live.mask(number)
        if mask.bits.any():
            found[None] = mask
        self.live.remove(number)
        return found

    def _listened_around(self, listener: Listener, number: int) -> Rectangle:
        """Has the refinement say anew what it says of a person and of those around; where that may have changed pixels."""
        numbers = [number, *self.live.neighbours(number)]
        before = [box_of(self.live.mask(n)) for n in numbers]
        listen_around(self.live, listener, number)
        return reduce(union, [*before, *(box_of(self.live.mask(n)) for n in numbers)])

    def _answer(self, rectangle: Rectangle) -> tuple[Masks, Rectangle]:
        self._changed = union(self._changed, rectangle)
        shown = union(self._last, self._changed)
        self._last = self._changed
        self._results = self._differences(self._changed)
        return self._results, shown

    def _differences(self, rectangle: Rectangle) -> Masks:
        x, y, w, h = rectangle
        if w <= 0 or h <= 0:
            return {}
        before, after = self._before[y : y + h, x : x + w], self.live.labels[y : y + h, x : x + w]
        differs = before != after
        if not differs.any():
            return {}
        rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
        touched = {int(n) for labels in (before, after) for n in np.flatnonzero(np.bincount(labels[differs]))}
        left, top = x + int(columns[0]), y + int(rows[0])
        changed = (left, top, x + int(columns[-1]) + 1 - left, y + int(rows[-1]) + 1 - top)
        keys = {known[1].number: key for key, known in self._known.items()}
        outcome = self._outcome
        touched |= {self._of(key) for key in outcome.origins} if outcome else set()
        found = {}
        for number in touched - {0}:
            key = keys.get(number)
            if key is None:
                continue
            known = self._known[key][0]
            if known.locked or known.drawn or (outcome and outcome.spares(key, known)):
                continue
            mask = known.mask
            if mask is None or not mask.bits.size:
                found[key] = self.live.mask(number)
            else:
                found[key] = self._followed(key, number, mask, changed)
        return found

    def _followed(self, key: Key, number: int, mask: Mask, changed: Rectangle) -> Mask:
        """A person's mask with what clustering gives and takes since the person's anchor, else since the gesture's beginning."""
        origin = self._outcome.origins.get(key) if self._outcome else None
        if key not in self._anchored:
            self._anchored[key] = None if origin else self._anchor_of(key, number, mask)
        anchor = self._anchored[key]
        window = union(changed, anchor.window if anchor else origin.window if origin else NOTHING)
        was, now = crop(self._before, window) == number, crop(self.live.labels, window) == number
        if origin is not None:
            was, now = origin.before(self._before, window), origin.open(now, window)
        if anchor is not None:
            mask = anchor.mask
            crop(was, anchor.window, window[:2])[:] = anchor.was
        self._moved[key] = (mask, window, was)
        height, width = self.live.labels.shape
        gained, lost = now & ~was, was & ~now
        result: Mask | None = mask
        if gained.any():
            result = united(result, Mask(gained, *window[:2], width, height))
        if lost.any():
            result = without(result, Mask(lost, *window[:2], width, height))
        if result is None:
            return Mask.empty(width, height)
        # Where mask and clustering have not quite the same edge, what clustering gives and takes leaves crumbs beside it.
        person = self.live.person(number) if number in self.live.people else None
        if person is None or not mask.bits.size:
            return result
        others = (crop(self.live.labels, window) != 0) & ~now
        leave = (Mask(others, *window[:2], width, height), person.erased)
        return without_crumbs(result, mask, window, (person.painted,), leave)

    def _anchor_of(self, key: Key, number: int, mask: Mask) -> Anchor | None:
        """The person's anchor, where the mask and the clustering are still what the last gesture left behind."""
        origin = self._known[key][0].provenance.proposal_id
        anchor = self._anchors.get(key) or (self._anchors.get((True, origin)) if origin is not None else None)
        if anchor is None or not alike(mask, anchor.result):
            return None
        now = crop(self._before, anchor.window) == number
        return anchor if np.array_equal(now, anchor.now) else None
