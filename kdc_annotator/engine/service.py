"""The prediction service: one worker process that lasts, frozen requests, answers by callback. No Qt.

    service = PredictionService(cache_folder, tell)         # ``tell(answer)`` is called on the service's own thread
    service.start()                                         # the process starts; State("ready") is told when the model is loaded
    service.predict(key, path)                              # Predicted(key, folder) -> field_cache.open_entry(folder)
    service.prefetch([(key, path), ...])                    # replaces what was to be prefetched
    service.refine(key, path, people, which, hands)         # Refined(logits)
    service.complete(key, path, people, index)              # Completed(joints)
    service.close()

The latest predict wins: an earlier one that has not started is dropped without a word, one under way is finished for the cache
and told as ``ahead=True``. The same holds for refine and complete, which are one kind of
question. Prefetches run when nothing else is wanted. A worker that dies is told as
``Failed(crashed=True)`` for what it was doing, and starts again; after ``MAX_RESTARTS`` deaths in a row it stays down.
"""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from kdc.structures import Person
from kdc_annotator.engine.field_cache import CACHE_BYTES
from kdc_annotator.engine.listen import Hand
from kdc_annotator.engine.protocol import (
    Answer,
    Complete,
    Completed,
    Failed,
    ModelChoice,
    Predict,
    Predicted,
    Ready,
    Refine,
    Refined,
    Request,
    State,
)
from kdc_annotator.engine.worker import OUT_OF_MEMORY, work

MAX_RESTARTS = 3
"""Deaths in a row, without an answer between them, after which the worker stays down until ``start`` is called."""


class PredictionService:
    """See the module. Thread-safe; ``tell`` must not block for long and must not raise."""

    def __init__(
        self,
        cache: str | Path,
        tell: Callable[[Answer], None],
        choice: ModelChoice = ModelChoice(),  # noqa: B008 - frozen
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._cache, self._tell, self._choice, self._bytes = str(cache), tell, choice, cache_bytes
        self._lock = threading.Lock()
        self._number = self._heard = 0
        self._predict: Predict | None = None
        self._question: Refine | Complete | None = None
        self._ahead: list[Predict] = []
        self._current: Request | None = None
        self._stale = False
        self._state = State("closed")
        self._reopen = False
        self._closing = False
        self._thread: threading.Thread | None = None
        self._process: Any = None
        self._bell_out, self._bell = multiprocessing.Pipe(duplex=False)

    @property
    def state(self) -> State:
        """How the worker is now."""
        return self._state

    @property
    def idle(self) -> bool:
        """Nothing is wanted or being worked on."""
        with self._lock:
            return not (self._current or self._predict or self._question or self._ahead)

    @property
    def process_id(self) -> int | None:
        """The worker's process id, None while there is none."""
        process = self._process
        return process.pid if process is not None else None

    def start(self) -> None:
        """Starts the worker; does nothing while it runs."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():
                return
            self._closing = False
            self._thread = threading.Thread(target=self._run, name="kdc-service", daemon=True)
            self._thread.start()

    def close(self, seconds: float = 5.0) -> None:
        """Ends worker and thread; what was wanted is forgotten."""
        self._closing = True
        self._ring()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)

    def use_model(self, choice: ModelChoice) -> None:
        """Another model, from the next request on; the worker starts again."""
        with self._lock:
            self._choice, self._reopen = choice, True
        self._ring()

    def predict(self, key: str, path: str | Path) -> int:
        """Asks for a photo's people and fields; returns the request's id. Earlier predicts and refines are stale now."""
        with self._lock:
            self._predict = Predict(self._next(), key, str(path))
            self._question = None
            same = isinstance(self._current, Predict) and self._current.key == key
            if same:
                # It is being worked on already: that answer is this one's.
                assert isinstance(self._current, Predict)
                self._current = replace(self._current, id=self._predict.id, ahead=False)
                self._stale, self._predict = False, None
            else:
                self._stale = self._current is not None
            number = self._number
        self._wake()
        return number

    def prefetch(self, photos: Sequence[tuple[str, str | Path]]) -> None:
        """Photos that will be wanted, most urgent first; instead of those named before."""
        with self._lock:
            self._ahead = [Predict(self._next(), key, str(path), ahead=True) for key, path in photos]
        self._ring()

    def refine(
        self, key: str, path: str | Path, people: Sequence[Person], which: Sequence[int], hands: Sequence[Hand]
    ) -> int:
        """Asks for mask logits; an earlier question is stale now. ``people`` in INPUT pixels."""
        return self._asked(lambda n: Refine(n, key, str(path), tuple(people), tuple(which), tuple(hands)))

    def complete(self, key: str, path: str | Path, people: Sequence[Person], index: int) -> int:
        """Asks for the joints that ``people[index]`` lacks; an earlier question is stale now. ``people`` in INPUT pixels."""
        return self._asked(lambda n: Complete(n, key, str(path), tuple(people), index))

    def _asked(self, make: Callable[[int], Refine | Complete]) -> int:
        with self._lock:
            self._question = make(self._next())
            if isinstance(self._current, Refine | Complete):
                self._stale = True
            number = self._number
        self._wake()
        return number

    def cancel(self, request_id: int = 0) -> None:
        """Forgets a request (0: all, prefetches too); what is under way goes on, but its answer is dropped."""
        with self._lock:
            if self._predict is not None and request_id in (0, self._predict.id):
                self._predict = None
            if self._question is not None and request_id in (0, self._question.id):
                self._question = None
            self._ahead = [p for p in self._ahead if request_id not in (0, p.id)]
            if self._current is not None and request_id in (0, self._current.id):
                self._stale = True

    # On the service's thread

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _wake(self) -> None:
        if self._state.phase == "down":
            self.start()  # Somebody asks again: perhaps there is memory, or a model, by now.
        self._ring()

    def _ring(self) -> None:
        thread = self._thread
        if thread is None or not thread.is_alive():
            return
        try:
            self._bell.send_bytes(b"!")
        except (OSError, ValueError):
            return

    def _say(self, **values: Any) -> None:
        state = replace(self._state, **values)
        if state != self._state:
            self._state = state
            self._tell(state)

    def _run(self) -> None:
        deaths = 0
        self._state = State("closed")
        while not self._closing:
            self._reopen = False
            self._say(phase="starting", sentence="")
            served, sentence = self._serve()
            if self._closing or self._reopen:
                continue
            deaths = 1 if served else deaths + 1
            if deaths > MAX_RESTARTS or sentence is None:
                if self._goes_down(sentence or self._state.sentence):
                    return
                deaths = 0
                continue
            self._say(phase="starting", sentence=sentence, restarts=self._state.restarts + 1)
        self._say(phase="closed", sentence="")

    def _goes_down(self, sentence: str) -> bool:
        """This thread ends: who asks from now on starts another. False where somebody has asked since the worker ended."""
        with self._lock:
            if self._number != self._heard and (self._predict or self._question):
                return False
            sentence = sentence.replace(" and starts again.", " several times in a row.")
            state = self._state = replace(self._state, phase="down", sentence=sentence)
            self._thread = None
        self._tell(state)
        return True

    def _serve(self) -> tuple[bool, str | None]:
        """One life of a worker: whether it answered anything, and how it ended (None: starting again is no use)."""
        context = multiprocessing.get_context("spawn")
        try:
            ours, theirs = context.Pipe()
            process = context.Process(
                target=work, args=(theirs, self._choice, self._cache, self._bytes), name="kdc-worker", daemon=True
            )
            process.start()
        except Exception as error:  # Whatever it is: this thread must live to say so.
            self._heard = self._number
            return False, f"The worker can't be started ({getattr(error, 'strerror', None) or error})."
        theirs.close()
        self._process = process
        ready = served = False
        try:
            while not (self._closing or self._reopen):
                for end in wait([ours, self._bell_out, process.sentinel]):
                    if end is self._bell_out:
                        self._bell_out.recv_bytes()
                    elif end is ours:
                        answer = ours.recv()
                        if isinstance(answer, Ready):
                            ready = True
                            self._say(
                                phase="ready", model=answer.model, version=answer.version, device=answer.device,
                                refines=answer.refines, completes=answer.completes,
                            )  # fmt: skip
                        elif not ready:
                            self._say(sentence=f"{answer.title}: {answer.message}")
                            return False, None
                        elif not self._reopen:  # Else it is the answer of a model that nobody wants any more.
                            self._settle(answer)
                            served = True
                            if isinstance(answer, Failed) and answer.crashed:
                                raise EOFError  # It is about to leave.
                    elif not ours.poll():
                        raise EOFError
                if ready:
                    self._send(ours)
        except (EOFError, OSError):
            pass
        finally:
            with self._lock:
                self._heard = self._number
            ours.close()
            _end(process)
            self._process = None
        if self._closing or self._reopen:
            self._keep_for_the_next()
            return served, ""
        return served, self._died(process.exitcode)

    def _send(self, pipe: Any) -> None:
        with self._lock:
            if self._current is not None:
                return
            if self._predict is not None:
                request: Request = self._predict
                self._predict = None
            elif self._question is not None:
                request, self._question = self._question, None
            elif self._ahead:
                request = self._ahead.pop(0)
            else:
                request = None  # type: ignore[assignment]
            self._current, self._stale = request, False
        if request is None:
            self._say(phase="ready")
            return
        self._say(phase="working", sentence="")
        pipe.send(request)

    def _keep_for_the_next(self) -> None:
        """What the worker was asked when another model was chosen, the next one is asked, unless something newer is wanted."""
        with self._lock:
            asked, stale = self._current, self._stale
            self._current, self._stale = None, False
            if asked is None or stale or self._closing:
                return
            if not isinstance(asked, Predict):
                self._question = self._question or asked
            elif asked.ahead:
                self._ahead.insert(0, asked)
            else:
                self._predict = self._predict or asked

    def _settle(self, answer: Predicted | Refined | Completed | Failed) -> None:
        with self._lock:
            asked, stale = self._current, self._stale
            self._current, self._stale = None, False
        if asked is None:
            return
        if isinstance(answer, Predicted):
            assert isinstance(asked, Predict)
            self._tell(replace(answer, id=asked.id, ahead=asked.ahead or stale))
        elif not stale and not (isinstance(answer, Failed) and isinstance(asked, Predict) and asked.ahead):
            self._tell(replace(answer, id=asked.id))

    def _died(self, code: int | None) -> str:
        why = "ran out of memory" if code == OUT_OF_MEMORY or code == -9 else f"stopped unexpectedly (code {code})"
        with self._lock:
            asked, stale = self._current, self._stale
            self._current, self._stale = None, False
        if asked is not None:
            name = Path(asked.path).name
            if not stale:
                sentence = f"The worker {why} while it was busy with {name}; it starts again. Ask again, or leave this photo out."
                self._tell(Failed(asked.id, asked.key, "The worker died", sentence, crashed=True))
            return f"The worker {why} over {name} and starts again."
        return f"The worker {why} and starts again."


def _end(process: Any) -> None:
    """Ends the process and waits for it."""
    process.join(0.2)
    if process.is_alive():
        process.terminate()
        process.join(1.0)
    if process.is_alive():
        process.kill()
        process.join(1.0)
