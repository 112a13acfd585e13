"""Who is asked what strokes and joints mean: the model's refinement in its process, else the colours of the photo. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, TimeoutError
from pathlib import Path
from typing import TYPE_CHECKING

from kdc.errors import KdcError
from kdc.structures import Person

if TYPE_CHECKING:
    from kdc.decode.masker import Scene
    from kdc_annotator.engine.listen import Hand, Logits
    from kdc_annotator.engine.service import PredictionService

ANSWER_SECONDS = 4.0
"""After that the refinement counts as silent, and the stroke stands as it was painted."""


class Silent(Exception):
    """No answer: too late, interrupted, or none at all."""


class Mailbox:
    """Answers of the service for whoever waits for them on the thread of live clustering."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, Future[tuple[Logits, ...]]] = {}
        self.turn = 0

    def ask(
        self,
        turn: int,
        service: PredictionService,
        key: str,
        path: Path,
        people: Sequence[Person],
        which: Sequence[int],
        hands: Sequence[Hand],
    ) -> tuple[Logits, ...]:
        """The refinement's answer; raises ``Silent`` where none comes in time, or ``turn`` is over."""
        answer: Future[tuple[Logits, ...]] = Future()
        with self._lock:
            if turn != self.turn:
                raise Silent
            number = service.refine(key, path, people, which, hands)
            self._waiting[number] = answer
        try:
            return answer.result(ANSWER_SECONDS)
        except TimeoutError:
            raise Silent from None
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def take(self, answer: object) -> bool:
        """Whether an answer was for somebody who waits. On any thread."""
        from kdc_annotator.engine.protocol import Failed, Refined

        if not isinstance(answer, Refined | Failed):
            return False
        with self._lock:
            waiting = self._waiting.pop(answer.id, None)
        if waiting is None:
            return isinstance(answer, Refined)
        if isinstance(answer, Refined) and answer.logits:
            waiting.set_result(answer.logits)
        else:
            waiting.set_exception(Silent())
        return True

    def interrupt(self) -> None:
        """Something more urgent: nobody waits any longer."""
        with self._lock:
            self.turn += 1
            waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.set_exception(Silent())


class ServiceListener:
    """The refinement of the service's model for one photo, until something more urgent comes; ``Listener`` of ``kdc_annotator.engine.listen``."""

    def __init__(self, mailbox: Mailbox, service: PredictionService | None, key: str, path: Path) -> None:
        self._mailbox, self._service, self._key, self._path = mailbox, service, key, path
        self._turn = mailbox.turn

    @property
    def learnt(self) -> bool:
        """A refinement answers, in a process of its own; else strokes spread by colour, here."""
        return self._service is not None and self._service.state.refines

    def listen(
        self, scene: Scene, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> list[Logits]:
        """See ``Listener``. Raises ``Silent`` where no answer comes in time."""
        if self._service is None or not self._service.state.refines:
            from kdc_annotator.engine.listen import Propagation

            return Propagation().listen(scene, people, which, hands)
        try:
            return list(self._mailbox.ask(self._turn, self._service, self._key, self._path, people, which, hands))
        except KdcError:
            raise Silent from None
