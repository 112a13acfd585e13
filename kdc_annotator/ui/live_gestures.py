"""Drags and strokes under way: the newest question wins, answers come back on the window's thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError
from typing import TYPE_CHECKING, Generic, TypeVar

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle
from kdc_annotator.ui.canvas.strokes import Path, stroke_mask
from kdc_annotator.ui.engine_bridge import Follow, Later
from kdc_annotator.ui.listening import Silent
from kdc_annotator.ui.scene import Key

if TYPE_CHECKING:
    from kdc_annotator.engine.listen import Listener
    from kdc_annotator.ui.live_desk import LiveDesk
    from kdc_annotator.ui.live_masks import LiveMasks
    from kdc_annotator.ui.turned_masks import TurnedMasks

RELEASE_SECONDS = 0.02
"""How long a release waits for the last answer before it goes on without: the window must not stand still."""
NOTHING: Rectangle = (0, 0, 0, 0)
Question = TypeVar("Question")


class Gesture(Generic[Question]):
    """One gesture on one person. What it asks, and how the answer is found, is the subclasses' part."""

    settled = True
    """Whether an answer given while the mouse moves will do for the release."""

    def __init__(
        self,
        engine: LiveDesk,
        live: LiveMasks | TurnedMasks,
        key: Key,
        people: Sequence[tuple[Key, Annotation]],
        follow: Follow,
    ) -> None:
        self._engine, self._live, self._key, self._follow = engine, live, key, follow
        self._lock = threading.Lock()
        self._next: Question | None = None
        self._running = False
        self._ended = False
        self._begun = False
        self._answered: tuple[Question, Mapping[Key, Mask]] | None = None
        engine.submit(self._begin, people)

    @property
    def over(self) -> bool:
        """Released or cancelled."""
        return self._ended

    def answer(self, question: Question) -> tuple[Mapping[Key, Mask], Rectangle]:
        """On the engine's thread. KdcError or ``Silent``: nothing to say."""
        raise NotImplementedError

    def afterwards(self) -> Mapping[Key, Mask] | None:
        """What more there is to say once the button is up; on the engine's thread."""
        return None

    def _begin(self, people: Sequence[tuple[Key, Annotation]]) -> None:
        try:
            self._live.take(people)
            self._live.begin(self._key)
            self._begun = True
        except KdcError:
            self._ended = True

    def ask(self, question: Question) -> None:
        """The mouse moved."""
        with self._lock:
            self._next = question
            if self._running or self._ended:
                return
            self._running = True
        self._engine.submit(self._work)

    def _work(self) -> None:
        with self._lock:
            question, self._next = self._next, None
            if question is None or self._ended:
                self._running = False
                return
        try:
            masks, rectangle = self.answer(question)
            self._answered = (question, masks)
            self._engine.say(self.show, masks, rectangle)
        except (KdcError, Silent):
            pass
        with self._lock:
            self._running = self._next is not None and not self._ended
            again = self._running
        if again:
            self._engine.submit(self._work)

    def show(self, masks: Mapping[Key, Mask], rectangle: Rectangle) -> None:
        """On the window's thread."""
        if not self._ended:
            self._follow(masks, rectangle)

    def end(self, question: Question, later: Later | None) -> Mapping[Key, Mask]:
        """The button is up. Answers what is known by now; ``later`` is told of what comes after."""
        with self._lock:
            self._next = None
        known = self._answered
        if self.settled and known is not None and known[0] == question:
            masks, final = known[1], True
        else:
            work = self._engine.submit(self._last, question)
            try:
                masks, final = work.result(RELEASE_SECONDS)[0], True
            except TimeoutError:
                masks, final = self.meanwhile(known), False
                if later is not None:
                    work.add_done_callback(lambda done: self._tell(done, later))
            except (KdcError, Silent):
                masks, final = {}, True
        self._ended = True
        if final and masks:
            self._engine.submit(self._delivered)
        if later is not None:
            self._engine.submit(self._finish, later)
        return dict(masks)

    def _last(self, question: Question) -> tuple[Mapping[Key, Mask], Rectangle]:
        if not self._begun:
            raise Silent
        return self.answer(question)

    def meanwhile(self, known: tuple[Question, Mapping[Key, Mask]] | None) -> Mapping[Key, Mask]:
        """The masks to go on with while the last answer is not there."""
        return known[1] if known else {}

    def _tell(self, done, later: Later) -> None:  # type: ignore[no-untyped-def]
        if done.cancelled() or done.exception() is not None:
            return
        self._delivered()
        self._engine.say(later, done.result()[0])

    def _delivered(self) -> None:
        self._live.delivered()

    def _finish(self, later: Later) -> None:
        if not self._begun:
            return
        try:
            masks = self.afterwards()
        except (KdcError, Silent):
            return
        if masks is not None:
            self._delivered()
            self._engine.say(later, masks)

    def cancel(self) -> None:
        """All as before."""
        self._ended = True


class Drag(Gesture[dict[int, tuple[float, float]]]):
    """Joints under the pointer. While it moves the rule answers; once it is released, the refinement."""

    def __init__(
        self,
        engine: LiveDesk,
        live: LiveMasks | TurnedMasks,
        key: Key,
        people: Sequence[tuple[Key, Annotation]],
        follow: Follow,
        listener: Listener | None,
    ) -> None:
        self._listener = listener
        super().__init__(engine, live, key, people, follow)

    def answer(self, question: dict[int, tuple[float, float]]) -> tuple[Mapping[Key, Mask], Rectangle]:
        """See ``Gesture``."""
        return self._live.moved(question)

    def afterwards(self) -> Mapping[Key, Mask] | None:
        """See ``Gesture``."""
        return self._live.listened(self._listener)[0] if self._listener is not None else None

    def move(self, to: Mapping[int, tuple[float, float]]) -> None:
        """See ``LiveDrag``."""
        self.ask(dict(to))

    def finish(self, to: Mapping[int, tuple[float, float]], later: Later | None = None) -> Mapping[Key, Mask]:
        """See ``LiveDrag``."""
        return self.end(dict(to), later)


class Stroke(Gesture[tuple[Path, float]]):
    """A brush's way so far, as evidence for the refinement."""

    def __init__(
        self,
        engine: LiveDesk,
        live: LiveMasks | TurnedMasks,
        key: Key,
        people: Sequence[tuple[Key, Annotation]],
        follow: Follow,
        listener: Listener,
        inside: bool,
    ) -> None:
        self._listener, self._inside = listener, inside
        super().__init__(engine, live, key, people, follow)

    def answer(self, question: tuple[Path, float]) -> tuple[Mapping[Key, Mask], Rectangle]:
        """See ``Gesture``."""
        path, radius = question
        region = stroke_mask(path, radius, *self._live.size)
        if not region.bits.any():
            return {}, NOTHING
        return self._live.stroked(region, self._inside, self._listener)

    def meanwhile(self, known: tuple[tuple[Path, float], Mapping[Key, Mask]] | None) -> Mapping[Key, Mask]:
        """A mask that followed half the stroke says nothing about the rest: the stroke stands as painted until then."""
        return {}

    def move(self, path: Path, radius: float) -> None:
        """See ``LiveStroke``."""
        self.ask((path, radius))

    def finish(self, path: Path, radius: float, later: Later | None = None) -> Mapping[Key, Mask]:
        """See ``LiveStroke``."""
        return self.end((path, radius), later)


class Edit(Gesture[tuple[tuple[Key, Annotation], ...]]):
    """A joint that is there or not, sides swapped, a person gone, merged or split: a drag's release without the drag."""

    settled = False

    def __init__(
        self,
        engine: LiveDesk,
        live: LiveMasks | TurnedMasks,
        key: Key,
        people: Sequence[tuple[Key, Annotation]],
        merged: Key | None,
        listener: Listener | None,
    ) -> None:
        self._people, self._merged, self._listener = people, merged, listener
        super().__init__(engine, live, key, people, lambda masks, rectangle: None)

    def answer(self, question: tuple[tuple[Key, Annotation], ...]) -> tuple[Mapping[Key, Mask], Rectangle]:
        """See ``Gesture``."""
        return self._live.edited(self._people, question, self._merged)

    def afterwards(self) -> Mapping[Key, Mask] | None:
        """See ``Gesture``."""
        return self._live.edit_listened(self._listener) if self._listener is not None else None

    def finish(self, after: Sequence[tuple[Key, Annotation]], later: Later | None = None) -> Mapping[Key, Mask]:
        """See ``LiveEdit``."""
        return self.end(tuple(after), later)
