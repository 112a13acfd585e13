"""Strokes as evidence: what the hand painted and erased, and the mask that follows it.

While the mouse moves, the rule answers (``Reclusterer``). On release, or as often as there is time, ``refine`` asks a ``Listener``
for the person's logits and turns them into a ``Correction``: the difference to the rule, which the next drag carries along.

    listener = Propagation()                        # without a learnt refinement; or LearntListener, or the service's
    logits = listener.listen(live.site.scene, people, index, hand)
    change = live.set_correction(number, correction_from(live, number, logits))
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, NamedTuple, Protocol
from weakref import ref

import cv2
import numpy as np

from kdc.decode.masker import Scene
from kdc.geometry import Letterbox
from kdc.structures import Mask, Person
from kdc_annotator.engine.live import Correction, Kind, LivePerson, State, join
from kdc_annotator.engine.recluster import Reclusterer

LOGIT = 8.0
"""Logits of the refinement to the unit of scores."""
COVERED = 95.5 / 255
"""Share of a pixel of the network's input that a mask or a stroke covers, from which it counts."""
NEAR = 0.15
"""How far, in units of s_j, a stroke is heard on a person that has strokes already."""


@dataclass(frozen=True, eq=False)
class Hand:
    """What the labeler did to one person, photo pixels. ``positive``, ``negative``: strokes, or None. ``previous``: the person's
    mask before the stroke. ``confirmed``: (K,) bool."""

    positive: Mask | None = None
    negative: Mask | None = None
    previous: Mask | None = None
    confirmed: np.ndarray = field(default_factory=lambda: np.zeros(0, bool))


@dataclass(frozen=True, eq=False)
class Logits:
    """A person's mask logits on a grid over a window in INPUT pixels: ``values`` (h, w) float32, > 0 is the person's.

    ``window``: (x, y, width, height); the centre of cell (i, j) is input pixel x + (i + 1/2) width / w - 1/2, and likewise down.
    """

    values: np.ndarray
    window: tuple[float, float, float, float]


class Listener(Protocol):
    """A refinement that takes the hand into account."""

    def listen(
        self, scene: Scene, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> list[Logits]:
        """One answer for each of ``which`` (indices into ``people``, all of the photo, INPUT pixels), with its hand."""
        ...


class LearntListener:
    """The model's refinement (``kdc.refinement``). ``refiner``: its ``MaskRefiner``; ``config``: of the rule it starts from."""

    def __init__(self, refiner: Any, config: Any) -> None:
        self._refiner, self._config = refiner, config
        self._maps: dict[bytes, Any] = {}
        self._fields: ref[np.ndarray] | None = None

    def listen(
        self, scene: Scene, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> list[Logits]:
        """See ``Listener``; the scene has a photo and the features. Where no stroke says anything, in as many rounds as proposals take;
        a mask that a stroke corrects is a round already."""
        from kdc.refinement import ROUNDS, Question, pixel_window
        from kdc.refinement import Hand as InputHand

        image = scene.input
        assert image is not None
        maps = self._mapped(scene, people)
        able = [n for n, j in enumerate(which) if maps[j].scale > 0]
        box = scene.letterbox
        known: dict[int, np.ndarray | None] = {}

        def seen(mask: Mask | None) -> np.ndarray | None:
            if id(mask) not in known:
                known[id(mask)] = _to_input(mask, box)
            return known[id(mask)]

        given = [
            InputHand(
                seen(hands[n].positive), seen(hands[n].negative), seen(hands[n].previous),
                hands[n].confirmed if hands[n].confirmed.size else None,
            )
            for n in able
        ]  # fmt: skip
        rounds = ROUNDS if all(hands[n].previous is None for n in able) else 1
        asked = Question(image, scene.fields, people, maps, [which[n] for n in able], given)
        values = self._refiner.logits(asked, rounds)
        out = [Logits(np.full((2, 2), -LOGIT, np.float32), (0, 0, 1, 1)) for _ in which]
        for n, grid in zip(able, values, strict=True):
            x, y, w, h = pixel_window(maps[which[n]].box, scene.fields.stride)
            out[n] = Logits(grid, (x, y, w, h))
        return out

    def _mapped(self, scene: Scene, people: Sequence[Person]) -> list[Any]:
        """The rule's maps of everybody; those of people who did not move since the last call are at hand."""
        from kdc.decode.centroids import person_maps

        if self._fields is None or self._fields() is not scene.fields["mask_offset"]:
            self._fields, self._maps = ref(scene.fields["mask_offset"]), {}
        keys = [p.keypoints.tobytes() for p in people]
        self._maps = {k: self._maps[k] for k in keys if k in self._maps}
        for key, person in zip(keys, people, strict=True):
            if key not in self._maps:
                self._maps[key] = person_maps(scene.fields, person, scene.schema, self._config)
        return [self._maps[k] for k in keys]


def _to_input(mask: Mask | None, box: Letterbox) -> np.ndarray | None:
    """(input_height, input_width) uint8 0/1: an input pixel counts where ``COVERED`` of it is.

    The shares are those of cv2's INTER_AREA over the whole photo, summed over the mask's own box alone.
    """
    if mask is None:
        return None
    out = np.zeros((box.input_height, box.input_width), np.uint8)
    if not mask.bits.size:
        return out
    width, height = box.content_width, box.content_height
    if width > mask.width or height > mask.height:
        full = mask.to_full().view(np.uint8) * np.uint8(255)
        out[:height, :width] = cv2.resize(full, (width, height), interpolation=cv2.INTER_AREA) >= 255 * COVERED
        return out
    rows, columns = (
        _cells(start, length, whole / parts)
        for start, length, whole, parts in (
            (mask.y, mask.bits.shape[0], mask.height, height),
            (mask.x, mask.bits.shape[1], mask.width, width),
        )
    )
    sums = cv2.integral(np.ascontiguousarray(mask.bits).view(np.uint8), sdepth=cv2.CV_32S)
    across = _between(_between(sums, rows.edges).T, columns.edges).T
    share = np.diff(np.diff(across, axis=0), axis=1) * (height / mask.height * width / mask.width)
    out[rows.first : rows.last, columns.first : columns.last] = share >= COVERED
    return out


class _Cells(NamedTuple):
    """The cells ``first`` to ``last`` that a stretch of pixels reaches, and their edges, in pixels from the stretch's start."""

    first: int
    last: int
    edges: np.ndarray


def _cells(start: int, length: int, step: float) -> _Cells:
    """Of cells that are ``step`` pixels long, those under ``length`` pixels from ``start`` on."""
    first, last = int(start / step), int(np.ceil((start + length) / step - 1e-9))
    return _Cells(first, last, np.clip(np.arange(first, last + 1) * step - start, 0, length))


def _between(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Rows of ``values`` (n, m) at fractional places: (len(at), m). Exact for sums, which grow evenly inside a pixel."""
    low = np.minimum(at.astype(int), len(values) - 2)
    part = (at - low)[:, None]
    return values[low] * (1 - part) + values[low + 1] * part  # type: ignore[no-any-return]


def hand_of(person: LivePerson, previous: Mask | None) -> Hand:
    """The hand as the person's state remembers it: pinned pixels are strokes."""
    sure = person.confirmed & (person.visibility > 0)
    return Hand(person.painted, person.erased, previous, sure)


def correction_from(
    live: Reclusterer, number: int, logits: Logits, stroke: tuple[Kind, Mask] | None = None
) -> Correction:
    """The difference between the refinement's score and the rule's, as the rule is now.

    ``stroke``: what the answer follows. Paint only adds to the person and the eraser only takes away, so that a stroke never undoes
    elsewhere what is right. A person's first stroke is heard all over the person; later ones, which mend details, only where the
    change hangs together with the stroke and is within ``NEAR`` s_j of it.
    """
    n, m = logits.values.shape
    x, y, w, h = logits.window
    matrix = live.site.letterbox.to_input.matrix
    xs = (x + (np.arange(m) + 0.5) * w / m - 0.5 - matrix[0, 2]) / matrix[0, 0]
    ys = (y + (np.arange(n) + 0.5) * h / n - 0.5 - matrix[1, 2]) / matrix[1, 1]
    score = np.clip(logits.values / np.float32(LOGIT), -0.5, 0.5)
    step = (float(xs[1] - xs[0]), float(ys[1] - ys[0]))
    if stroke is not None:
        kind, pixels = stroke
        before = live.seen_score(number, xs, ys)
        score = np.maximum(score, before) if kind == "paint" else np.minimum(score, before)
        if _has_hand(live.person(number)):
            heard = _near(pixels, xs, ys, (score > 0) != (before > 0), NEAR * live.scale(number) / max(step))
            score = np.where(heard, score, before)
    return Correction(score - live.rule_score(number, xs, ys), float(xs[0]), float(ys[0]), *step)


def _near(pixels: Mask, xs: np.ndarray, ys: np.ndarray, changed: np.ndarray, reach: float) -> np.ndarray:
    """Where on a grid ``changed`` (h, w) hangs together with the stroke ``pixels`` and is within ``reach`` cells of it.

    ``xs``, ``ys``: photo positions of the grid's columns and rows.
    """
    u, v = np.meshgrid((xs - pixels.x).astype(np.float32), (ys - pixels.y).astype(np.float32))
    bits = pixels.bits.astype(np.uint8) * np.uint8(255)
    on = cv2.remap(bits, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0) > 0  # type: ignore[call-overload]
    if not on.any():
        return on  # type: ignore[no-any-return]
    _, pieces = cv2.connectedComponents((changed | on).astype(np.uint8), connectivity=4)
    whole = np.isin(pieces, np.unique(pieces[on])) & (changed | on)
    away = cv2.distanceTransform((~on).astype(np.uint8), cv2.DIST_L2, 3)
    return whole & (away <= reach)


def refine(
    live: Reclusterer,
    listener: Listener,
    number: int,
    previous: Mask | None = None,
    stroke: tuple[Kind, Mask] | None = None,
) -> Mask:
    """What the person's mask would be if the listener were followed, with ``stroke`` besides what is pinned already.

    A proposal: ``live`` is as it was afterwards. ``previous``: the mask that the hand corrects; the present one where None.
    """
    state = live.state
    listen(live, listener, [number], previous, stroke)
    proposal = live.mask(number)
    live.restore(state)
    return proposal


def listen(
    live: Reclusterer,
    listener: Listener,
    numbers: Sequence[int],
    previous: Mask | None = None,
    stroke: tuple[Kind, Mask] | None = None,
) -> None:
    """Lets the listener correct the masks of people, for good (``restore`` takes it back). A ``stroke`` is pinned too.

    Locked people and those with a drawn mask are left out. ``previous`` and ``stroke`` are of ``numbers``, one person. Without
    both, the answer depends on joints and pins alone: people with strokes are asked for twice, first without them, so that the
    mask which the strokes correct does not depend on what happened before.
    """
    numbers = [n for n in numbers if not live.person(n).locked and live.person(n).drawn is None]
    if not numbers:
        return
    if stroke is not None:
        state = _stroked(live, listener, numbers[0], previous, [stroke])[0]
        live.restore(state)
        return
    bare = [n for n in numbers if previous is None or not _has_hand(live.person(n))]
    _ask(live, listener, bare, {n: hand_of(replace(live.person(n), painted=None, erased=None), None) for n in bare})
    marked = [n for n in numbers if _has_hand(live.person(n))]
    _ask(live, listener, marked, {n: hand_of(live.person(n), previous or live.mask(n)) for n in marked})


def listen_around(live: Reclusterer, listener: Listener, number: int) -> None:
    """As ``listen``, for somebody who has just come or is now made of other joints, and for those who have pixels there: what the
    refinement said of them it said without this person."""
    listen(live, listener, [number, *live.neighbours(number)])


def _ask(live: Reclusterer, listener: Listener, numbers: Sequence[int], hands: Mapping[int, Hand]) -> None:
    """Follows the listener's answers for people with those hands."""
    if not numbers:
        return
    scene, people, index = live.scene_people()
    answers = listener.listen(scene, people, [index[n] for n in numbers], [hands[n] for n in numbers])
    changed = {
        n: replace(live.person(n), correction=correction_from(live, n, logits))
        for n, logits in zip(numbers, answers, strict=True)
    }
    live.restore(replace(live.state, people={**live.state.people, **changed}))


def previews(
    live: Reclusterer, listener: Listener, number: int, strokes: Sequence[tuple[Kind, Mask]]
) -> list[tuple[Mask, State]]:
    """What the person's mask and the state would be after each of several strokes; ``live`` stays as it is."""
    start = live.state
    out = []
    for state in _stroked(live, listener, number, None, strokes):
        live.restore(state)
        out.append((live.mask(number), state))
    live.restore(start)
    return out


def _stroked(
    live: Reclusterer, listener: Listener, number: int, previous: Mask | None, strokes: Sequence[tuple[Kind, Mask]]
) -> list[State]:
    """The state after each of several strokes, each alone; ``live`` stays as it is."""
    previous = previous or live.mask(number)
    pinned = [live.pinned(number, pixels, kind) for kind, pixels in strokes]
    hands = [hand_of(state.people[number], previous) for state in pinned]
    scene, people, index = live.scene_people()
    answers = listener.listen(scene, people, [index[number]] * len(hands), hands)
    out = []
    for stroke, state, logits in zip(strokes, pinned, answers, strict=True):
        person = replace(state.people[number], correction=correction_from(live, number, logits, stroke))
        out.append(replace(state, people={**state.people, number: person}))
    return out


def _has_hand(person: LivePerson) -> bool:
    return person.painted is not None or person.erased is not None


@dataclass(frozen=True)
class Propagation:
    """Without a learnt refinement: a stroke spreads over pixels that look alike, as far as the person is near.

    The geodesic distance from the strokes (Bai & Sapiro 2007), with the photo's colour steps and the way itself as its cost, on a
    grid over the person; the stroke's say falls with it. ``reach``: in units of s_j, how far a stroke speaks on even colour.
    ``colour``: cost of a full colour step in units of ``reach``. ``strength``: logit at the stroke.
    """

    reach: float = 0.22
    colour: float = 6.0
    strength: float = 10.0
    grid: int = 96

    def listen(
        self, scene: Scene, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> list[Logits]:
        """See ``Listener``; the rule's score plus what the strokes say."""
        from kdc.decode.centroids import ClusterConfig, cluster

        maps = cluster(scene.fields, people, scene.schema, ClusterConfig()).maps
        return [self._one(scene, maps[j], scene.input, hand) for j, hand in zip(which, hands, strict=True)]

    def _one(self, scene: Scene, own: Any, image: np.ndarray | None, hand: Hand) -> Logits:
        from kdc_annotator.engine.geodesic_kernels import geodesic

        stride, n = scene.fields.stride, self.grid
        b = own.box
        x, y, w, h = b.left * stride - stride // 2, b.top * stride - stride // 2, b.width * stride, b.height * stride
        matrix = np.array([[n / w, 0, (0.5 - x) * n / w - 0.5], [0, n / h, (0.5 - y) * n / h - 0.5]])

        def grid(source: np.ndarray, fill: float) -> np.ndarray:
            return cv2.warpAffine(source.astype(np.float32), matrix, (n, n), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(fill,) * 4)  # fmt: skip

        score = cv2.resize(own.score, (n, n), interpolation=cv2.INTER_LINEAR) * LOGIT
        look = grid(image, 127) / 255 if image is not None else np.zeros((n, n, 3), np.float32)
        reach = max(self.reach * own.scale, 1e-3)
        step_x, step_y = np.float32(w / n / reach), np.float32(h / n / reach)
        says = np.zeros((n, n), np.float32)
        for mask, sign in ((hand.positive, 1), (hand.negative, -1)):
            full = _to_input(mask, scene.letterbox)
            if full is None:
                continue
            seeds = grid(full, 0) > 0.3
            if seeds.any():
                far = geodesic(seeds, np.ascontiguousarray(look), step_x, step_y, np.float32(self.colour))
                says += sign * np.exp(-(far**2)).astype(np.float32)
        return Logits(score + np.float32(self.strength) * says, (x, y, w, h))


def stroke_mask(path: np.ndarray, radius: float, width: int, height: int) -> Mask:
    """The pixels that a round brush covers: ``path`` (n, 2) photo positions, ``radius`` in photo pixels."""
    points = np.asarray(path, np.float64).reshape(-1, 2)
    low = np.floor(points.min(0) - radius - 1).astype(int)
    high = np.ceil(points.max(0) + radius + 2).astype(int)
    x0, y0 = np.clip(low, 0, [width - 1, height - 1])
    x1, y1 = np.clip(high, [x0 + 1, y0 + 1], [width, height])
    canvas = np.zeros((y1 - y0, x1 - x0), np.uint8)
    shift = 4
    at = np.round((points - [x0, y0]) * (1 << shift)).astype(np.int32)
    for a, b in pairwise(at):
        cv2.line(canvas, a.tolist(), b.tolist(), 1, max(1, round(2 * radius)), cv2.LINE_8, shift)
    for a in at:
        cv2.circle(canvas, a.tolist(), max(round(radius * (1 << shift)), 1), 1, -1, cv2.LINE_8, shift)
    return Mask(canvas > 0, int(x0), int(y0), width, height)


__all__ = [
    "Hand",
    "LearntListener",
    "Listener",
    "Logits",
    "Propagation",
    "correction_from",
    "hand_of",
    "join",
    "listen",
    "listen_around",
    "refine",
    "stroke_mask",
]
