"""Runs the simulated labeler over photos with every method: ``kdc-annotator bench labeler``."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kdc.decode.centroids import ClusterConfig
from kdc.evaluation.truth import TrueImage, Truth
from kdc.images import read_image
from kdc.structures import Mask
from kdc_annotator.document.proposals import SHOWN_SCORE
from kdc_annotator.engine.completing import Completer, LearntCompleter
from kdc_annotator.engine.listen import LearntListener, Listener, Propagation, listen
from kdc_annotator.engine.live import Correction, LivePerson
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.jobs.simulated_desk import Desk, LiveDesk, PlainDesk
from kdc_annotator.jobs.simulated_labeler import (
    PersonLog,
    PhotoLog,
    SimulatedLabeler,
    by_hand,
    contradictory,
    wanted,
)

METHODS = ("hand", "proposals", "static", "dynamic")
"""Everything by hand; proposals with a brush; the same with static centroids; ours."""
STATIC_RULE = "static_mean"
NOC_GOALS = (0.85, 0.90)
NOC_MOST = 20


@dataclass(frozen=True)
class BenchConfig:
    """``methods``: which to run. ``min_score``: proposals below are not shown. ``blame``: also replace parts by the truth.
    ``noc``: also count strokes from the proposals to ``NOC_GOALS``. ``learnt``: use the model's refinement where it has one."""

    methods: tuple[str, ...] = METHODS
    min_score: float = SHOWN_SCORE
    seed: int = 0
    blame: bool = False
    noc: bool = True
    learnt: bool = True


@dataclass
class BenchResult:
    """``photos``: method -> logs. ``noc``: strokes a matched person needed to each goal (``NOC_MOST`` + 1 where more). ``true_joints``:
    IoU with all true joints, ours. ``blame``: what was replaced by the truth -> IoUs. ``compute``: seconds of the machine."""

    photos: dict[str, list[PhotoLog]] = field(default_factory=dict)
    noc: dict[float, list[int]] = field(default_factory=dict)
    true_joints: list[float] = field(default_factory=list)
    blame: dict[str, list[float]] = field(default_factory=dict)
    compute: dict[str, float] = field(default_factory=dict)

    def people(self, method: str) -> list[PersonLog]:
        """All people of a method."""
        return [p for photo in self.photos.get(method, []) for p in photo.people]


def run_bench(
    truth: Truth, predictor: Any, config: BenchConfig, tell: Callable[[int, int], None] | None = None
) -> BenchResult:
    """Works through all photos. ``predictor``: as ``kdc.predictor.Predictor``; its schema must be the truth's."""
    result = BenchResult()
    listener = listener_of(predictor) if config.learnt else Propagation()
    completer = completer_of(predictor) if config.learnt else None
    for index, image in enumerate(truth.images):
        Photo(image, truth, predictor, listener, config, completer).run(result)
        if tell is not None:
            tell(index + 1, len(truth.images))
    return result


def listener_of(predictor: Any) -> Listener:
    """The model's refinement, or the spreading of strokes where it has none."""
    refiner = getattr(predictor.masker, "refiner", None)
    return Propagation() if refiner is None else LearntListener(refiner, predictor.cluster_config)


def completer_of(predictor: Any) -> Completer | None:
    """The model's refinement of poses, where it has one."""
    poser = getattr(predictor, "poser", None)
    return None if poser is None else LearntCompleter(poser)


class Photo:
    """One photo under every method."""

    def __init__(
        self,
        image: TrueImage,
        truth: Truth,
        predictor: Any,
        listener: Listener,
        config: BenchConfig,
        completer: Completer | None = None,
    ) -> None:
        self.image, self.config, self.listener, self.schema = image, config, listener, truth.schema
        self.completer = completer
        self.rule: ClusterConfig = predictor.cluster_config
        self.learnt = isinstance(listener, LearntListener)
        self.pixels = read_image(truth.path(image)).pixels
        self.prediction = predictor.predict(self.pixels)
        self.shown = [p for p in self.prediction.people if p.score >= config.min_score]
        self.scores = {n + 1: p.score for n, p in enumerate(self.shown)}

    def run(self, result: BenchResult) -> None:
        """Adds this photo to ``result``."""
        for method in self.config.methods:
            start = time.monotonic()
            rng = np.random.default_rng([self.config.seed, self.image.id % 2**31])
            if method == "hand":
                log = by_hand(self.image)
            else:
                log = SimulatedLabeler(self.image, self.desk(method), self.schema, rng, self.scores).work()
            result.photos.setdefault(method, []).append(log)
            result.compute[method] = result.compute.get(method, 0.0) + time.monotonic() - start
        if "dynamic" in self.config.methods:
            self.true_joints(result)
            if self.config.noc:
                self.count_strokes(result)
        if self.config.blame:
            self.blame(result)

    def live(self, rule: ClusterConfig | None = None) -> Reclusterer:
        """The proposals in the re-clusterer, as the app shows them."""
        people = [LivePerson.found(n + 1, p) for n, p in enumerate(self.shown)]
        p = self.prediction
        live = Reclusterer(p.fields, p.letterbox, self.schema, self.pixels, people, rule or self.rule)
        if self.learnt:
            listen(live, self.listener, sorted(live.people))
        return live

    def desk(self, method: str) -> Desk:
        """The proposals, the same for every method, on the desk of a method."""
        live = self.live()
        if method == "dynamic":
            return LiveDesk(live, self.listener, self.completer)
        if method == "proposals":
            first = LiveDesk(live, None)
            numbers = first.numbers()
            size = (self.image.width, self.image.height)
            return PlainDesk(
                {n: first.keypoints(n) for n in numbers}, {n: live.mask(n) for n in numbers}, self.schema.flip, size
            )
        return LiveDesk(static_copy(live, replace(self.rule, rule=STATIC_RULE)), None)

    def true_joints(self, result: BenchResult) -> None:
        """IoU with all true joints, everybody's."""
        people = self.placed()
        p = self.prediction
        live = Reclusterer(p.fields, p.letterbox, self.schema, self.pixels, people.values(), self.rule)
        if self.learnt:
            listen(live, self.listener, sorted(live.people))
        result.true_joints += self.ious(live, people)

    def placed(self) -> dict[int, LivePerson]:
        """Everybody with labelled joints at their true joints, by index of the true person + 1."""
        out = {}
        for n, person in enumerate(self.image.people):
            if not person.crowd and person.labelled.any():
                out[n + 1] = LivePerson.placed(n + 1, person.keypoints)
        return out

    def ious(self, live: Reclusterer, people: dict[int, LivePerson]) -> list[float]:
        """IoUs of people with a true mask and three labelled joints."""
        out = []
        for n in people:
            person = self.image.people[n - 1]
            if person.rle is not None and int(person.labelled.sum()) >= 3 and not contradictory(person):
                out.append(live.mask(n).iou(Mask.from_rle(person.rle)))
        return out

    def count_strokes(self, result: BenchResult) -> None:
        """Strokes from the proposals alone, joints as they are, to each goal."""
        live = self.live()
        desk = LiveDesk(live, self.listener)
        rng = np.random.default_rng([self.config.seed, 1, self.image.id % 2**31])
        labeler = SimulatedLabeler(self.image, desk, self.schema, rng, self.scores)
        labeler.pair()
        start = live.state
        for person in wanted(self.image):
            number = labeler.number_of.get(person.id)
            if number is None or person.id not in labeler.truths:
                continue
            live.restore(start)
            log = PersonLog(self.image.id, person.id, "found", 0.0, 0)
            for goal in NOC_GOALS:
                labeler.strokes(person, number, log, goal, NOC_MOST)
                count = sum(log.kinds.values())
                result.noc.setdefault(goal, []).append(NOC_MOST + 1 if log.failed else count)

    def blame(self, result: BenchResult) -> None:
        """IoU with true joints, one part at a time replaced by the truth."""
        from kdc_annotator.jobs.labeler_blame import blamed

        for name, values in blamed(self).items():
            result.blame.setdefault(name, []).extend(values)


def static_copy(live: Reclusterer, rule: ClusterConfig) -> Reclusterer:
    """The same people under a static rule, corrected so that they start from the same masks."""
    site = live.site
    out = Reclusterer(site.fields, site.letterbox, site.schema, site.photo, [replace(p, correction=None) for p in live.people.values()], rule)  # fmt: skip
    matrix, stride = site.letterbox.to_input.matrix, site.fields.stride
    for number in live.people:
        mask = live.mask(number)
        x, y, w, h = mask.box
        if not w:
            continue
        step = max(1.0, stride / 2 / matrix[0, 0])
        xs = np.arange(max(x - 4 * step, 0), min(x + w + 4 * step, mask.width), step)
        ys = np.arange(max(y - 4 * step, 0), min(y + h + 4 * step, mask.height), step)
        score = live.seen_score(number, xs, ys)
        correction = Correction(score - out.rule_score(number, xs, ys), float(xs[0]), float(ys[0]), step, step)
        out.set_correction(number, correction)
    return out
