"""The simulated labeler: corrects every person of a photo until joints and mask are right, and counts what it did.

The policy, the same for every method (``docs/reclustering.md`` has it in words): match, delete or merge what is false, split off or
add what is missed, then person by person, worst first: swap sides, drag joints (worst first) until OKS >= 0.9, mark joints absent
that draw the mask astray, strokes (largest part first) until IoU >= 0.85, lock if somebody is near. Everything random comes from one seeded generator a photo and method.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kdc.evaluation.labeler import FALSE, countable, match, oks_of
from kdc.evaluation.results import Detection
from kdc.evaluation.truth import TrueImage, TruePerson
from kdc.schema import PoseSchema
from kdc.structures import Mask
from kdc_annotator.engine.live import crop_of, rect_of
from kdc_annotator.jobs.simulated_desk import Desk
from kdc_annotator.jobs.simulated_strokes import HAND_ERROR, drawn_strokes, polygon_clicks, touching, wrong_parts

GOAL_OKS = 0.9
GOAL_IOU = 0.85
MOST_ACTIONS = 60
FIRST_JOINTS = 3
"""A missed person is added by so many joints first."""
VAIN_STROKES = 4
"""So many strokes in a row that make nothing better, and the person is given up."""
CONTRADICTION = 1.25
"""A mask whose area differs from the annotated area by more than this factor is a broken annotation."""
WORTH_HIDING = 0.02
"""A joint that the person does not have is marked absent where that raises the IoU by so much."""
LEAST_SPLIT = 3
"""So many joints of somebody else are split off into a missed person."""

# Keystroke-level model (Card, Moran & Newell 1980): point with a mouse, press or release a button, a key.
POINT_SECONDS = 1.1
BUTTON_SECONDS = 0.1
KEY_SECONDS = 0.2
# Steering (Accot & Zhai 1997): seconds for each brush width of the way; a middling value of theirs.
STEER_SECONDS = 0.08

CLICK = POINT_SECONDS + 2 * BUTTON_SECONDS
STROKE = POINT_SECONDS + 2 * BUTTON_SECONDS
DRAG = 2 * POINT_SECONDS + 2 * BUTTON_SECONDS
COMMAND = POINT_SECONDS + 2 * BUTTON_SECONDS + KEY_SECONDS


@dataclass
class PersonLog:
    """What one person took. ``curve``: (actions so far, OKS, IoU) from the start on. ``start``: found, adopted or missed."""

    image_id: int
    person_id: int
    start: str
    size: float
    neighbours: int
    kinds: dict[str, int] = field(default_factory=dict)
    path: float = 0.0
    seconds: float = 0.0
    failed: bool = False
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    added_iou: float | None = None

    def did(self, kind: str, seconds: float, path: float = 0.0) -> None:
        """Counts an action."""
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self.seconds += seconds
        self.path += path

    @property
    def actions(self) -> int:
        """All that was done, ``MOST_ACTIONS`` where it failed."""
        return MOST_ACTIONS if self.failed else sum(self.kinds.values())

    @property
    def joint_actions(self) -> int:
        """Joints placed, dragged or marked absent, sides swapped."""
        return sum(self.kinds.get(k, 0) for k in ("joint", "swap", "absent"))

    @property
    def mask_actions(self) -> int:
        """Strokes or polygon clicks; where it failed, all that the joints left over."""
        done = sum(self.kinds.get(k, 0) for k in ("stroke", "click"))
        others = sum(self.kinds.values()) - done
        return max(done, MOST_ACTIONS - others) if self.failed else done


@dataclass
class PhotoLog:
    """A photo under one method. ``other``: deleted and merged people. ``drags``: for each drag, the change of the IoU of the person
    in hand, the mean change of the untouched people, and how far off the joint was in units of its OKS deviation."""

    image_id: int
    people: list[PersonLog] = field(default_factory=list)
    other: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    drags: list[tuple[float, float | None, float]] = field(default_factory=list)

    @property
    def actions(self) -> int:
        """Everything done on the photo."""
        return sum(p.actions for p in self.people) + sum(self.other.values())


def by_hand(image: TrueImage) -> PhotoLog:
    """Method 1: every labelled joint is placed by a click, the mask by polygon clicks."""
    log = PhotoLog(image.id)
    for person in wanted(image):
        one = _log(image, person, "missed")
        for _ in range(int(person.labelled.sum())):
            one.did("joint", CLICK)
        if person.rle is not None:
            clicks, iou, way = polygon_clicks(Mask.from_rle(person.rle), GOAL_IOU)
            for _ in range(clicks):
                one.did("click", CLICK)
            one.path += way
            one.failed = iou < GOAL_IOU or sum(one.kinds.values()) > MOST_ACTIONS
        one.curve = [(0, 0.0, 0.0), (one.actions, 1.0, 0.0 if one.failed else GOAL_IOU)]
        log.people.append(one)
    return log


class SimulatedLabeler:
    """Works through one photo on a desk. ``scores``: of the proposals on the desk, by number."""

    def __init__(
        self, image: TrueImage, desk: Desk, schema: PoseSchema, rng: np.random.Generator, scores: dict[int, float]
    ) -> None:
        self.image, self.desk, self.rng, self.scores = image, desk, rng, scores
        self._hand = int(rng.integers(2**31))
        self.sigmas, self.flip = np.array(schema.sigmas), list(schema.flip)
        self.log = PhotoLog(image.id)
        self.truths = {p.id: Mask.from_rle(p.rle) for p in image.people if p.rle is not None}
        self.number_of: dict[int, int] = {}

    def work(self) -> PhotoLog:
        """Corrects the photo."""
        adopted = self.pair()
        people = wanted(self.image)
        for person in people:
            if person.id not in self.number_of and self.split_off(person):
                adopted.add(person.id)
        missed = [p for p in people if p.id not in self.number_of]
        found = sorted((p for p in people if p.id in self.number_of), key=lambda p: -self.error(p))
        for person in [*missed, *found]:
            start = "missed" if person.id not in self.number_of else "adopted" if person.id in adopted else "found"
            self.correct(person, start)
        return self.log

    # Who is who

    def detections(self) -> tuple[list[int], list[Detection]]:
        """The people on the desk as the evaluation takes them."""
        numbers = self.desk.numbers()
        return numbers, [
            Detection(self.scores.get(n, 0.0), self.desk.keypoints(n), None, self.desk.mask(n).to_rle())
            for n in numbers
        ]

    def pair(self) -> set[int]:
        """Finds out who is whom; merges, adopts or deletes what is nobody. Returns the ids of adopted people."""
        numbers, detections = self.detections()
        matches = match(self.image, detections, self.sigmas)
        false = []
        for d, (p, _) in matches.items():
            if p >= 0 and countable(self.image.people[p]):
                self.number_of[self.image.people[p].id] = numbers[d]
            elif p == FALSE:
                false.append(numbers[d])
        adopted: set[int] = set()
        free = {p.id: p for p in wanted(self.image) if p.id not in self.number_of}
        for number in false:
            if (near := self.adoptable(number, free)) is not None:
                self.number_of[near] = number
                adopted.add(near)
                del free[near]
            elif (host := self.host(number)) is not None:
                self.desk.merge(host, number)
                self.other("merge")
            else:
                self.desk.remove(number)
                self.other("delete")
        return adopted

    def split_off(self, person: TruePerson) -> bool:
        """Makes a missed person of the joints that somebody else's proposal has of it."""
        deviation = 2 * self.sigmas * np.sqrt(max(person.area, 1.0))
        for other in wanted(self.image):
            number = self.number_of.get(other.id)
            if number is None:
                continue
            points = present(self.desk.keypoints(number))
            theirs = np.hypot(*(points[:, :2] - person.keypoints[:, :2]).T) < deviation
            mine = np.hypot(*(points[:, :2] - other.keypoints[:, :2]).T) < 2 * deviation
            joints = np.flatnonzero(theirs & person.labelled & ~(mine & other.labelled))
            if len(joints) >= LEAST_SPLIT:
                self.number_of[person.id] = self.desk.split(number, [int(k) for k in joints])
                self.other("split")
                return True
        return False

    def other(self, kind: str) -> None:
        """Counts an action that belongs to no person."""
        self.log.other[kind] = self.log.other.get(kind, 0) + 1
        self.log.seconds += COMMAND

    def adoptable(self, number: int, free: dict[int, TruePerson]) -> int | None:
        """The missed person whom a false one is worth being dragged to, rather than deleted."""
        best: tuple[float, int] | None = None
        for person in free.values():
            worth = max(
                self.oks(person, number), 0.4 * self.iou(person, number) / 0.5 if self.iou(person, number) > 0.5 else 0
            )
            if worth >= 0.25 and (best is None or worth > best[0]):
                best = (worth, person.id)
        return best[1] if best else None

    def host(self, number: int) -> int | None:
        """The person whom a false one completes: its joints are where that person has none."""
        extra = self.desk.keypoints(number)
        for person in wanted(self.image):
            mine = self.number_of.get(person.id)
            if mine is None:
                continue
            own = self.desk.keypoints(mine)
            merged = np.where(own[:, 2:] > 0, own, extra)
            there = person.labelled & (own[:, 2] <= 0) & (extra[:, 2] > 0)
            if there.any() and oks_of(person, present(merged), self.sigmas) > self.oks(person, mine) + 0.1:
                return mine
        return None

    # How right they are

    def oks(self, person: TruePerson, number: int) -> float:
        """OKS of the person on the desk; joints that are not there count 0."""
        return oks_of(person, present(self.desk.keypoints(number)), self.sigmas)

    def iou(self, person: TruePerson, number: int) -> float:
        """Mask IoU; 1 for a person whose true mask nobody knows."""
        true = self.truths.get(person.id)
        return 1.0 if true is None else self.desk.mask(number).iou(true)

    def error(self, person: TruePerson) -> float:
        """How much is wrong."""
        number = self.number_of[person.id]
        return 2 - self.oks(person, number) - self.iou(person, number)

    # One person

    def correct(self, person: TruePerson, start: str) -> None:
        """Joints, then strokes, then a lock."""
        log = _log(self.image, person, start)
        self.log.people.append(log)
        if start == "missed":
            number = self.add(person, log)
        else:
            number = self.number_of[person.id]
            self.note(person, number, log)
            self.swap(person, number, log)
        self.joints(person, number, log)
        if not log.failed:
            self.hide(person, number, log)
            self.strokes(person, number, log)
        if not log.failed and any(touching(rect_of(self.desk.mask(number)), rect_of(self.desk.mask(n))) for n in self.desk.numbers() if n != number):  # fmt: skip
            self.desk.lock(number)
            log.did("lock", COMMAND)

    def note(self, person: TruePerson, number: int, log: PersonLog) -> None:
        """A point of the curve."""
        log.curve.append((sum(log.kinds.values()), self.oks(person, number), self.iou(person, number)))

    def add(self, person: TruePerson, log: PersonLog) -> int:
        """Places three joints far apart; the desk may place others by itself."""
        points = np.zeros((len(self.sigmas), 3))
        for k in spread(person, FIRST_JOINTS):
            points[k] = [*self.hand(person, k), 1]
            log.did("joint", CLICK)
        log.curve.append((0, 0.0, 0.0))
        number = self.desk.add(points)
        self.number_of[person.id] = number
        self.note(person, number, log)
        log.added_iou = log.curve[-1][2] if person.id in self.truths else None
        return number

    def hand(self, person: TruePerson, joint: int) -> np.ndarray:
        """Where the hand puts a joint: ``HAND_ERROR`` off, or a quarter of the joint's OKS deviation where that is less (the
        labeler zooms in). The same for every method, so that these differ by themselves and not by luck."""
        error = min(HAND_ERROR, 0.25 * 2 * self.sigmas[joint] * np.sqrt(max(person.area, 1.0)))
        luck = np.random.default_rng([self._hand, person.id % 2**31, joint])
        at = person.keypoints[joint, :2] + luck.normal(0, error, 2)
        return np.clip(at, 0, [self.image.width - 1, self.image.height - 1])

    def swap(self, person: TruePerson, number: int, log: PersonLog) -> None:
        """Swaps left and right where that helps a lot."""
        points = self.desk.keypoints(number)
        if oks_of(person, present(points[self.flip]), self.sigmas) > self.oks(person, number) + 0.15:
            self.desk.swap(number)
            log.did("swap", COMMAND)
            self.note(person, number, log)

    def joints(self, person: TruePerson, number: int, log: PersonLog) -> None:
        """Drags the joint that is farthest off, until OKS is reached."""
        done: set[int] = set()
        deviation = 2 * self.sigmas * np.sqrt(max(person.area, 1.0))
        while self.oks(person, number) < GOAL_OKS:
            points = present(self.desk.keypoints(number))
            off = np.hypot(*(points[:, :2] - person.keypoints[:, :2]).T) / deviation
            off[~person.labelled] = -1
            off[list(done)] = -1
            k = int(np.argmax(off))
            if off[k] <= 0 or sum(log.kinds.values()) >= MOST_ACTIONS:
                log.failed = True
                return
            placed = self.desk.keypoints(number)[k, 2] > 0
            before = self.ious()
            target = self.hand(person, k)
            way = float(np.hypot(*(target - points[k, :2]))) if placed else 0.0
            self.desk.move(number, k, *target)
            done.add(k)
            log.did("joint", DRAG if placed else CLICK, way)
            self.note(person, number, log)
            if person.id in before:
                after = self.ious()
                rest = [after[i] - before[i] for i in before if i != person.id and i in after]
                mean = float(np.mean(rest)) if rest else None
                self.log.drags.append((after[person.id] - before[person.id], mean, float(off[k]) if placed else np.inf))

    def hide(self, person: TruePerson, number: int, log: PersonLog) -> None:
        """Marks joints absent that nobody labelled and that lie outside the true mask, where the mask gets better by it."""
        true = self.truths.get(person.id)
        if true is None:
            return
        points = self.desk.keypoints(number)
        for k in np.flatnonzero((points[:, 2] > 0) & ~person.labelled):
            now = self.iou(person, number)
            x, y = np.round(points[k, :2]).astype(int)
            if now >= GOAL_IOU or crop_of(true, (int(x), int(y), 1, 1)).any():
                continue
            saved = self.desk.save()
            self.desk.absent(number, int(k))
            if self.iou(person, number) < now + WORTH_HIDING:
                self.desk.back(saved)
                continue
            log.did("absent", COMMAND)
            self.note(person, number, log)

    def ious(self) -> dict[int, float]:
        """IoU of everybody on the desk with a true mask."""
        return {i: self.desk.mask(n).iou(self.truths[i]) for i, n in self.number_of.items() if i in self.truths}

    def strokes(
        self, person: TruePerson, number: int, log: PersonLog, goal: float = GOAL_IOU, most: int = MOST_ACTIONS
    ) -> None:
        """Brushes the largest wrong part with the best of three radii, until IoU is reached."""
        true = self.truths.get(person.id)
        if true is None:
            return
        size = scale_of(person)
        vain = 0
        while (now := self.iou(person, number)) < goal:
            if sum(log.kinds.values()) >= most:
                log.failed = True
                return
            for kind, part in wrong_parts(self.desk.mask(number), true):
                strokes = drawn_strokes(part, kind, size, self.rng)
                shown = self.desk.previews(number, [(k, m) for k, m, _, _ in strokes])
                ious = [mask.iou(true) for mask, _ in shown]
                best = int(np.argmax(ious))
                if ious[best] > now:
                    self.desk.take(number, shown[best][1])
                    _, _, length, radius = strokes[best % len(strokes)]
                    steer = STEER_SECONDS * length / (2 * radius)
                    log.did("stroke", STROKE + steer, length)
                    self.note(person, number, log)
                    vain = 0
                    break
            else:
                # Nothing that was tried is better: a stroke taken back, and another try with a calmer hand, or giving up.
                log.did("stroke", STROKE)
                vain += 1
                if vain == VAIN_STROKES:
                    log.failed = True
                    return


def wanted(image: TrueImage) -> list[TruePerson]:
    """The people that the labeler has to get right: labelled joints, no crowd, an annotation that does not contradict itself."""
    return [p for p in image.people if countable(p) and not contradictory(p)]


def contradictory(person: TruePerson) -> bool:
    """The mask has another area than the annotation says: its polygons were broken on their way into the file."""
    if person.rle is None:
        return False
    ratio = Mask.from_rle(person.rle).area / max(person.area, 1.0)
    return person.area > 100 and not 1 / CONTRADICTION < ratio < CONTRADICTION


def present(points: np.ndarray) -> np.ndarray:
    """Keypoints whose missing joints lie infinitely far away (as far as OKS cares)."""
    out = np.array(points, np.float64)
    out[out[:, 2] <= 0, :2] = -1e6
    return out


def scale_of(person: TruePerson) -> float:
    """s_j of the true person: sqrt(width * height) of the labelled joints' box, at least the square root of the area."""
    there = person.keypoints[person.labelled, :2]
    return max(float(np.sqrt(np.ptp(there, axis=0).prod())), float(np.sqrt(max(person.area, 1.0))), 8.0)


def spread(person: TruePerson, count: int) -> list[int]:
    """Joints far from each other: the two farthest apart, then always the one farthest from those chosen."""
    labelled = np.flatnonzero(person.labelled)
    points = person.keypoints[labelled, :2]
    if len(labelled) <= count:
        return [int(k) for k in labelled]
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    chosen = [int(v) for v in np.unravel_index(int(apart.argmax()), apart.shape)]
    while len(chosen) < count:
        chosen.append(int(apart[chosen].min(0).argmax()))
    return [int(labelled[c]) for c in chosen[:count]]


def _log(image: TrueImage, person: TruePerson, start: str) -> PersonLog:
    x, y, w, h = person.box
    near = 0
    for other in image.people:
        if other.id != person.id and not other.crowd:
            a, b, c, d = other.box
            common = max(0.0, min(x + w, a + c) - max(x, a)) * max(0.0, min(y + h, b + d) - max(y, b))
            near += common > 0.1 * max(w * h, 1.0)
    return PersonLog(image.id, person.id, start, float(np.sqrt(max(person.area, 0.0))), near)
