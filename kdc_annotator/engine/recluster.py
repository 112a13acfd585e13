"""Live re-clustering: keypoints in, label map out, as fast as the hand moves.

How it is used (the window, on one thread at a time; kernels let go of the interpreter lock):

    live = Reclusterer(fields, letterbox, schema, photo, people)        # people: LivePerson.found(number, person) ...
    change = live.move_keypoint(number, joint, x, y)                    # at every mouse move; photo pixels
    change.labels, change.rect                                          # (H, W) uint16 view and what to repaint
    live.indexed                                                        # (H, W) uint8 for an Indexed8 image
    state = live.state; ...; live.restore(state)                        # undo and redo: bit for bit

Every operation builds a new ``State`` and applies the difference. The labels are a function of the state alone, whatever
path led there; ``fresh()`` recomputes from nothing and agrees bit for bit.

What an edit may change (the bound): an edit of person j changes only pixels that are j's before or after it, plus, where pixels
are pinned, those pinned pixels. So nobody gains or loses a pixel except to or from j, and only on cells within ``reach`` s_j of
the box around j's joints, before or after. Locked people and pinned pixels never change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from kdc.decode.bands import run_bands
from kdc.decode.centroids import ClusterConfig
from kdc.decode.masker import Scene
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.schema import PoseSchema
from kdc.structures import Mask, Person
from kdc_annotator.engine.label_map import Contender, LabelMap, overlay_rect
from kdc_annotator.engine.live import (
    Change,
    Correction,
    Kind,
    LivePerson,
    Rect,
    State,
    crop_of,
    join,
    union_rect,
    without,
)
from kdc_annotator.engine.person_field import PersonField
from kdc_annotator.engine.site import BAND, EdgeConfig, Site

_NOTHING: Rect = (0, 0, 0, 0)


class Reclusterer:
    """The people of one photo and the label map they make. Positions are PHOTO pixels (``kdc.geometry``).

    ``fields``: the predictor's (float16 is read as float32). ``photo``: (H, W, 3) uint8 RGB, whose edges masks follow, or None.
    ``people``: those there from the start. Not to be called from two threads at once.
    """

    def __init__(
        self,
        fields: Fields,
        letterbox: Letterbox,
        schema: PoseSchema,
        photo: np.ndarray | None = None,
        people: Iterable[LivePerson] = (),
        config: ClusterConfig | None = None,
        edge: EdgeConfig | None = None,
        background: Mask | None = None,
    ) -> None:
        self._start(Site.build(fields, letterbox, schema, photo, config or ClusterConfig(), edge or EdgeConfig()))
        self.restore(State({p.number: p for p in people}, background))

    def _start(self, site: Site) -> None:
        self._site = site
        self._map = LabelMap(site)
        self._state = State()
        self._fields: dict[int, PersonField] = {}
        self._indexed: np.ndarray | None = None

    # What there is

    @property
    def labels(self) -> np.ndarray:
        """(H, W) uint16, live: 0 = background, else the person's number."""
        return self._map.labels

    @property
    def indexed(self) -> np.ndarray:
        """(H, W) uint8, live: a colour index for an Indexed8 image: 0, the number up to 255, beyond that 1 + (number - 1) % 255."""
        if self._indexed is None:
            self._indexed = colour_index(self.labels)
        return self._indexed

    @property
    def state(self) -> State:
        """Everything that decides the labels; frozen, cheap to keep."""
        return self._state

    @property
    def people(self) -> Mapping[int, LivePerson]:
        """Number -> person."""
        return self._state.people

    @property
    def site(self) -> Site:
        """The photo's fields and rule."""
        return self._site

    def person(self, number: int) -> LivePerson:
        """The person with that number."""
        found = self._state.people.get(number)
        if found is None:
            raise KdcError("No such person", f"There is no person number {number} in this photo.")
        return found

    def mask(self, number: int) -> Mask:
        """The person's own pixels. Drawn and locked masks may overlap others; the label map shows the upper one."""
        p = self.person(number)
        if p.locked and p.frozen is not None:
            return p.frozen
        if p.drawn is not None:
            own = without(join([p.drawn, p.painted]), p.erased)
            return own if own is not None else Mask.empty(self._site.letterbox.width, self._site.letterbox.height)
        x, y, w, h = union_rect(
            self._extent(number), (p.painted.x, p.painted.y, *p.painted.bits.shape[::-1]) if p.painted else _NOTHING
        )
        bits = self.labels[y : y + h, x : x + w] == number
        return Mask(bits, x, y, self._site.letterbox.width, self._site.letterbox.height).tight()

    def scale(self, number: int) -> float:
        """s_j of the person in PHOTO pixels: the unit of brush sizes and reaches."""
        return self._fields[number].scale / self._site.letterbox.scale

    def free_number(self) -> int:
        """The number that the next person gets."""
        return max(self._state.people, default=0) + 1

    def fresh(self) -> Reclusterer:
        """The same state computed from nothing: the check of the incremental way, and its price."""
        other = Reclusterer.__new__(Reclusterer)
        other._start(self._site)
        other.restore(self._state)
        return other

    # Keypoints

    def move_keypoint(self, number: int, joint: int, x: float, y: float) -> Change:
        """A joint dragged to photo (x, y): confirmed, visible unless it was hidden."""
        person = self._free(number)
        hidden = 0 <= joint < len(person.points) and person.visibility[joint] == 1
        return self._put(person.with_joint(joint, x, y, 1 if hidden else 2))

    def set_visibility(self, number: int, joint: int, visibility: int) -> Change:
        """A joint confirmed as absent (0: no centroid any more), hidden (1) or visible (2) where it is."""
        if visibility not in (0, 1, 2):
            raise KdcError("Bad visibility", f"A keypoint's visibility is 0, 1 or 2, not {visibility}.")
        person = self._free(number)
        x, y = person.points[joint] if 0 <= joint < len(person.points) else (0.0, 0.0)
        return self._put(person.with_joint(joint, float(x), float(y), visibility))

    def set_keypoints(self, number: int, keypoints: np.ndarray, confirmed: np.ndarray | None = None) -> Change:
        """All joints at once: (K, 3) photo x, y, visibility 0, 1, 2. ``confirmed``: (K,) bool, which of them the hand vouches
        for; None: all whose position or visibility changed."""
        person = self._free(number)
        points = np.asarray(keypoints, np.float64)
        flags = points[:, 2].astype(np.uint8)
        if confirmed is None:
            moved = (points[:, :2] != person.points).any(1) | (flags != person.visibility)
            confirmed = person.confirmed | moved
        return self._put(replace(person, points=points[:, :2], visibility=flags, confirmed=confirmed))

    def swap_sides(self, number: int, joints: Sequence[int] | None = None) -> Change:
        """Left and right change places, for all joints or those named (with their partners); confirmed by that."""
        person, flip = self._free(number), np.array(self._site.schema.flip)
        take = (
            np.arange(len(flip))
            if joints is None
            else np.array(sorted({*joints, *(int(flip[k]) for k in joints)}), int)
        )
        order = np.arange(len(flip))
        order[take] = flip[take]
        moved = order != np.arange(len(flip))
        there = (person.visibility > 0) | (person.confidence > 0)
        return self._put(
            replace(
                person, points=person.points[order], confidence=person.confidence[order],
                visibility=person.visibility[order], confirmed=np.where(moved, there[order], person.confirmed),
            )
        )  # fmt: skip

    # People

    def add_person(self, keypoints: np.ndarray, number: int | None = None) -> Change:
        """A person placed by hand, also where the network saw nobody: (K, 3) photo x, y, visibility; 0 = not placed."""
        number = self._new_number(number)
        return self._put(LivePerson.placed(number, np.asarray(keypoints, np.float64)))

    def add_found(self, person: Person, number: int | None = None) -> Change:
        """A person that the network found, in photo pixels."""
        return self._put(LivePerson.found(self._new_number(number), person))

    def put(self, person: LivePerson) -> Change:
        """A person exactly as given, new or instead of the one with that number."""
        if person.number in self._state.people:
            self._free(person.number)
        return self._put(person)

    def remove(self, number: int) -> Change:
        """Takes a person away; the pixels go to who is next."""
        self._free(number)
        return self._apply(
            replace(self._state, people={n: p for n, p in self._state.people.items() if n != number}), number
        )

    def merge(self, number: int, other: int) -> Change:
        """``other`` becomes part of ``number``: the surer joint of each pair, pins and drawn masks of both."""
        a, b = self._free(number), self._free(other)
        if number == other:
            raise KdcError("Same person", f"Person {number} can't be merged with itself.")
        worth_a, worth_b = (np.where(p.confirmed, 2.0 * (p.visibility > 0), p.confidence) for p in (a, b))
        take = worth_b > worth_a
        drawn = join([self.mask(number), self.mask(other)]) if a.drawn is not None or b.drawn is not None else None
        painted = join([a.painted, b.painted])
        merged = replace(
            a, points=np.where(take[:, None], b.points, a.points), confidence=np.where(take, b.confidence, a.confidence),
            confirmed=np.where(take, b.confirmed, a.confirmed), visibility=np.where(take, b.visibility, a.visibility),
            drawn=drawn, painted=painted, erased=without(join([a.erased, b.erased]), painted), correction=None,
        )  # fmt: skip
        people = {n: p for n, p in self._state.people.items() if n != other}
        return self._apply(replace(self._state, people={**people, number: merged}), number)

    def split(self, number: int, joints: Sequence[int], new_number: int | None = None) -> Change:
        """The named joints become a person of their own (``Change.number``); both sides are free of drawn masks."""
        person, new_number = self._free(number), self._new_number(new_number)
        away = np.isin(np.arange(len(person.points)), list(joints))
        stay = _only(replace(person, drawn=None, correction=None), ~away)
        gone = _only(
            LivePerson(new_number, person.points, person.confidence, person.confirmed, person.visibility), away
        )
        people = {**self._state.people, number: stay, new_number: gone}
        return self._apply(replace(self._state, people=people), new_number)

    # Pixels

    def pin(self, number: int, pixels: Mask, kind: Kind = "paint") -> Change:
        """Pins painted pixels to a person (``number`` 0: to the background) or takes them from the person for good (erase).

        The last stroke counts: painting takes pixels out of everybody else's pins. Locked people stay on top.
        """
        return self._apply(self.pinned(number, pixels, kind), number)

    def pinned(self, number: int, pixels: Mask, kind: Kind = "paint") -> State:
        """The state that ``pin`` leads to; this one stays as it is."""
        people = dict(self._state.people)
        background = self._state.background
        if number:
            person = self._free(number)
            if kind == "paint":
                people[number] = replace(
                    person, painted=join([person.painted, pixels]), erased=without(person.erased, pixels)
                )
                background = without(background, pixels)
            else:
                people[number] = replace(
                    person, erased=join([person.erased, pixels]), painted=without(person.painted, pixels)
                )
        else:
            background = join([background, pixels]) if kind == "paint" else without(background, pixels)
        if kind == "paint":
            for n, p in people.items():
                if n != number and p.painted is not None and not p.locked:
                    left = without(p.painted, pixels)
                    if left is None or left.area != p.painted.area:
                        people[n] = replace(p, painted=left)
        return State(people, background)

    def clear_pins(self, number: int) -> Change:
        """Forgets the person's painted and erased pixels."""
        return self._put(replace(self._free(number), painted=None, erased=None))

    def draw(self, number: int, mask: Mask) -> Change:
        """A mask drawn by hand: stands as it is, may overlap others, until ``release``."""
        return self._put(replace(self._free(number), drawn=mask))

    def release(self, number: int) -> Change:
        """Clustering has the person's mask again."""
        return self._put(replace(self._free(number), drawn=None))

    def lock(self, number: int) -> Change:
        """Nothing of the person may change any more, and nobody takes its pixels."""
        return self._put(replace(self._free(number), locked=True, frozen=self.mask(number)))

    def unlock(self, number: int) -> Change:
        """The person is as before the lock."""
        return self._put(replace(self.person(number), locked=False, frozen=None))

    def set_correction(self, number: int, correction: Correction | None) -> Change:
        """What the refinement added to the rule's score (see ``kdc_annotator.engine.listen``); None: the rule alone."""
        return self._put(replace(self._free(number), correction=correction))

    def rule_score(self, number: int, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """The rule's score without correction at photo columns ``xs`` and rows ``ys``: (len(ys), len(xs)) float32."""
        return self._sampled(number, self._fields[number].rule, xs, ys)

    def seen_score(self, number: int, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """As ``rule_score``, with the correction as finely as it is drawn."""
        field, c = self._fields[number], self._state.people[number].correction
        coarse = self._sampled(number, field.score, xs, ys)
        if c is None:
            return coarse
        u, v = (np.asarray(xs) - c.x) / c.step_x, (np.asarray(ys) - c.y) / c.step_y
        n, m = c.values.shape
        fine = _bilinear(c.values, np.clip(u, 0, m - 1), np.clip(v, 0, n - 1), 0.0)
        inside = ((v >= -0.5) & (v <= n - 0.5))[:, None] & ((u >= -0.5) & (u <= m - 0.5))
        fine = self._sampled(number, field.rule, xs, ys) + np.where(inside, fine, 0)
        return np.clip(fine, coarse - np.float32(BAND), coarse + np.float32(BAND))

    def _sampled(self, number: int, score: np.ndarray, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        field, site = self._fields[number], self._site
        matrix, stride = site.letterbox.to_input.matrix, site.fields.stride
        u = (np.asarray(xs) * matrix[0, 0] + matrix[0, 2]) / stride - field.box.left
        v = (np.asarray(ys) * matrix[1, 1] + matrix[1, 2]) / stride - field.box.top
        if not score.size:
            return np.full((len(v), len(u)), -0.5, np.float32)
        return _bilinear(score, u, v, -0.5)

    # The whole

    def restore(self, state: State) -> Change:
        """Puts a state back (undo, redo, another selection of people); locks do not hinder it."""
        return self._apply(state, 0)

    def scene_people(self) -> tuple[Scene, list[Person], dict[int, int]]:
        """The photo and its people in INPUT pixels as mask engines take them, and number -> index."""
        numbers = sorted(self._state.people)
        people = [self._state.people[n].to_input(self._site.letterbox, self._site.config.confident) for n in numbers]
        return self._site.scene, people, {n: i for i, n in enumerate(numbers)}

    def neighbours(self, number: int, most: int = 6) -> list[int]:
        """Who has pixels where this person may have some and may lose them, those with most first: people of whom the refinement said
        something, and who are neither locked nor drawn."""
        self.person(number)
        x, y, w, h = self._extent(number)
        counts = np.bincount(self.labels[y : y + h, x : x + w].ravel())
        others = [
            (int(counts[n]), int(n))
            for n in np.flatnonzero(counts)
            if n not in (0, number) and _yields(self._state.people[int(n)])
        ]
        return [n for _, n in sorted(others, reverse=True)[:most]]

    # Inside

    def _free(self, number: int) -> LivePerson:
        person = self.person(number)
        if person.locked:
            raise KdcError("Person is locked", f"Person {number} is locked; unlock it before editing it.")
        return person

    def _new_number(self, number: int | None) -> int:
        if number is not None and number in self._state.people:
            raise KdcError("Number taken", f"There is a person number {number} already.")
        return self.free_number() if number is None else number

    def _extent(self, number: int) -> Rect:
        site, box = self._site, self._fields[number].box
        if not box.width or not box.height:
            return _NOTHING
        last_row, last_col = site.fields.height - 1, site.fields.width - 1
        y0, x0 = site.rows[max(box.top - 1, 0)], site.cols[max(box.left - 1, 0)]
        y1, x1 = site.rows[min(box.top + box.height, last_row)], site.cols[min(box.left + box.width, last_col)]
        return int(x0), int(y0), int(x1 - x0), int(y1 - y0)

    def _put(self, person: LivePerson) -> Change:
        people = {**self._state.people, person.number: person}
        return self._apply(replace(self._state, people=people), person.number)

    def _apply(self, state: State, number: int) -> Change:
        old = self._state
        self._check(state)
        touched = [n for n in {**old.people, **state.people} if old.people.get(n) is not state.people.get(n)]
        rect = _NOTHING
        for n in touched:
            rect = union_rect(rect, overlay_rect(old.people.get(n), state.people.get(n)))
        if old.background is not state.background:
            for m in (old.background, state.background):
                rect = union_rect(rect, (m.x, m.y, *m.bits.shape[::-1]) if m is not None else _NOTHING)
        before = {n: Contender.of(self._fields[n] if _competes(old.people.get(n)) else None) for n in touched}
        self._state = state
        self._update(touched, old)
        competing = {n: self._fields[n] for n in sorted(state.people) if _competes(state.people[n])}
        erased = [m for n in touched for m in _changed_erasures(old.people.get(n), state.people.get(n))]
        if erased:
            rect = union_rect(rect, self._map.pin(state, competing, join(erased)))
        if len(touched) > 3 and 2 * len(touched) > len(state.people):
            nobody = Contender.of(None)
            rect = union_rect(rect, self._map.compete(nobody, nobody, competing, state, everything=True))
        else:
            for n in touched:
                rect = union_rect(rect, self._map.compete(before[n], Contender.of(competing.get(n)), competing, state))
        self._map.compose(state, rect)
        x, y, w, h = rect
        if self._indexed is not None and w and h:
            self._indexed[y : y + h, x : x + w] = colour_index(self.labels[y : y + h, x : x + w])
        return Change(self.labels, rect, number)

    def _update(self, touched: Sequence[int], old: State) -> None:
        stale = []
        for n in touched:
            person, was = self._state.people.get(n), old.people.get(n)
            if person is None:
                del self._fields[n]
            elif n not in self._fields:
                self._fields[n] = PersonField(self._site)
                stale.append(n)
            elif was is None or not _same_rule(person, was):
                stale.append(n)

        def work(start: int, stop: int) -> None:
            for n in stale[start:stop]:
                self._fields[n].update(self._state.people[n])

        run_bands(work, len(stale))

    def _check(self, state: State) -> None:
        count, box = len(self._site.schema), self._site.letterbox
        for number, p in state.people.items():
            if number != p.number or len(p.points) != count:
                raise KdcError("Bad person", f"Person {number} needs {count} keypoints and its own number.")
            for m in (p.drawn, p.frozen, p.painted, p.erased):
                if m is not None and (m.width, m.height) != (box.width, box.height):
                    raise KdcError("Bad mask", f"Person {number}: a mask of another photo ({m.width}x{m.height}).")


def colour_index(labels: np.ndarray) -> np.ndarray:
    """uint8 of the same shape: 0, the number up to 255, beyond that 1 + (number - 1) % 255."""
    if labels.size and labels.max() > 255:
        return np.where(labels > 0, (labels.astype(np.int32) - 1) % 255 + 1, 0).astype(np.uint8)
    return labels.astype(np.uint8)


def _bilinear(values: np.ndarray, u: np.ndarray, v: np.ndarray, outside: float) -> np.ndarray:
    """(len(v), len(u)) float32: ``values`` (h, w) read at columns ``u`` and rows ``v``."""
    import cv2

    gu, gv = np.meshgrid(u.astype(np.float32), v.astype(np.float32))
    return cv2.remap(values, gu, gv, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=outside)  # type: ignore[call-overload, no-any-return]


def warm_up() -> None:
    """Compiles (or loads from the cache) every kernel: on any thread, after the first paint. Seconds the first time."""
    from kdc.decode.synthetic import render_fields, standing_person
    from kdc.schema import COCO_17
    from kdc_annotator.engine.crumbs import without_crumbs

    points = standing_person(COCO_17, 40, 20, 90)
    fields = render_fields([points], COCO_17, size=(129, 129))
    box = Letterbox(129, 129, 129, 129, 129, 129)
    photo = np.zeros((129, 129, 3), np.uint8)
    live = Reclusterer(
        fields, box, COCO_17, photo, [LivePerson.placed(1, np.column_stack([points[:, :2], np.full(17, 2)]))]
    )
    live.move_keypoint(1, 9, 60.0, 60.0)
    bits = np.ones((4, 4), bool)
    live.pin(1, Mask(bits, 50, 50, 129, 129), "erase")
    live.set_correction(1, Correction(np.zeros((4, 4), np.float32), 20, 20, 20, 20))
    without_crumbs(Mask(bits, 50, 50, 129, 129), Mask(bits, 52, 50, 129, 129), (40, 40, 40, 40))


def _competes(person: LivePerson | None) -> bool:
    return person is not None and person.drawn is None and not person.locked


def _yields(person: LivePerson) -> bool:
    return person.correction is not None and not person.locked and person.drawn is None


def _same_rule(a: LivePerson, b: LivePerson) -> bool:
    """Whether both have the same score."""
    same = a.correction is b.correction and np.array_equal(a.points, b.points)
    same = same and np.array_equal(a.confidence, b.confidence) and np.array_equal(a.confirmed, b.confirmed)
    return bool(same and np.array_equal(a.visibility, b.visibility))


def _changed_erasures(before: LivePerson | None, after: LivePerson | None) -> list[Mask]:
    a = before.erased if before is not None else None
    b = after.erased if after is not None else None
    return [m for m in (a, b) if m is not None and m.bits.size] if a is not b else []


def _only(person: LivePerson, keep: np.ndarray) -> LivePerson:
    return replace(
        person,
        confidence=np.where(keep, person.confidence, 0),
        confirmed=person.confirmed & keep,
        visibility=np.where(keep, person.visibility, 0),
    )


__all__ = ["Change", "Correction", "LivePerson", "Reclusterer", "State", "colour_index", "crop_of", "warm_up"]
