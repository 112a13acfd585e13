"""Who is asked what strokes and joints mean: the model's refinement in its process, else the colours of the photo. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, TimeoutError
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

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
        self._waiting: dict[int, Future[Any]] = {}
        self.turn = 0

    def ask(self, turn: int, question: Callable[[], int]) -> Any:
        """The answer to what ``question`` asks the service (it returns the request's number): the logits of a refinement, or joints.

        Raises ``Silent`` where none comes in time, or ``turn`` is over.
        """
        answer: Future[Any] = Future()
        with self._lock:
            if turn != self.turn:
                raise Silent
            number = question()
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
        from kdc_annotator.engine.protocol import Completed, Failed, Refined

        if not isinstance(answer, Refined | Completed | Failed):
            return False
        with self._lock:
            waiting = self._waiting.pop(answer.id, None)
        if waiting is None:
            return not isinstance(answer, Failed)
        said = answer.logits if isinstance(answer, Refined) else answer.joints if isinstance(answer, Completed) else ()
        if len(said):
            waiting.set_result(said)
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

    @property
    def over(self) -> bool:
        """Something more urgent has come: no answer will."""
        return self._turn != self._mailbox.turn

    def listen(
        self, scene: Scene, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> list[Logits]:
        """See ``Listener``. Raises ``Silent`` where no answer comes in time."""
        if self._service is None or not self._service.state.refines:
            from kdc_annotator.engine.listen import Propagation

            return Propagation().listen(scene, people, which, hands)
        try:
            service = self._service
            return list(
                self._mailbox.ask(self._turn, lambda: service.refine(self._key, self._path, people, which, hands))
            )
        except KdcError:
            raise Silent from None


class ServiceCompleter:
    """Missing joints from the service's model; ``Completer`` of ``kdc_annotator.engine.completing``. Raises ``Silent`` as above."""

    def __init__(self, mailbox: Mailbox, service: PredictionService, key: str, path: Path) -> None:
        self._mailbox, self._service, self._key, self._path = mailbox, service, key, path
        self._turn = mailbox.turn

    def joints(self, scene: Scene, people: Sequence[Person], index: int) -> np.ndarray:
        """See ``Completer``."""
        joints: np.ndarray = self._mailbox.ask(
            self._turn, lambda: self._service.complete(self._key, self._path, people, index)
        )
        return joints
