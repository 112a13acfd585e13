"""The service: answers, order, death of the worker in the middle of a request."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from kdc_annotator.engine.field_cache import open_entry
from kdc_annotator.engine.niceness import ASKED
from kdc_annotator.engine.protocol import Answer, Completed, Failed, ModelChoice, Predicted, Refined, State, none_hand
from kdc_annotator.engine.service import PredictionService
from kdc_annotator.engine.worker import Desk

sys.path.insert(0, str(Path(__file__).parent))
from kdc_fake_model import FakePredictor

CHOICE = ModelChoice(factory="kdc_fake_model:make")


class Ears:
    """Collects what the service tells."""

    def __init__(self) -> None:
        self.heard: list[Answer] = []
        self._news = threading.Condition()

    def __call__(self, answer: Answer) -> None:
        with self._news:
            self.heard.append(answer)
            self._news.notify_all()

    def until(self, kind: type, after: int = 0, count: int = 1, **values: object) -> Answer:
        """Waits for the ``count``-th answer of a kind with these values since position ``after``."""

        def found() -> list[Answer]:
            return [
                a for a in self.heard[after:]
                if isinstance(a, kind) and all(getattr(a, k) == v for k, v in values.items())
            ]  # fmt: skip

        with self._news:
            assert self._news.wait_for(lambda: len(found()) >= count, 250), self.heard
            return found()[count - 1]


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def service(tmp_path: Path, ears: Ears, monkeypatch: pytest.MonkeyPatch) -> Iterator[PredictionService]:
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    made = PredictionService(tmp_path / "cache", ears, CHOICE)
    yield made
    made.close()


def photo(folder: Path, name: str, first: int = 0) -> Path:
    pixels = np.zeros((60, 80, 3), np.uint8)
    pixels[0, 0, 0] = first
    Image.fromarray(pixels).save(folder / name)
    return folder / name


def test_predict_prefetch_refine_and_close(service: PredictionService, ears: Ears, tmp_path: Path) -> None:
    service.start()
    number = service.predict("a", photo(tmp_path, "a.png"))
    answer = ears.until(Predicted, id=number)
    entry = open_entry(answer.folder)
    assert isinstance(entry.fields["mask_offset"], np.memmap)
    assert entry.people[0].mask is not None
    assert entry.people[0].mask.area == 30
    assert (entry.model, entry.version) == ("fake", "1")
    assert ears.until(State, phase="ready").device == "Using nothing."
    service.prefetch([("b", photo(tmp_path, "b.png")), ("c", photo(tmp_path, "c.png"))])
    assert ears.until(Predicted, key="c").ahead
    refined = service.refine("a", tmp_path / "a.png", entry.people, (0,), (none_hand(17),))
    assert ears.until(Refined, id=refined).logits == ()
    assert service.state.completes and not service.state.refines
    completed = service.complete("a", tmp_path / "a.png", entry.people, 0)
    joints = ears.until(Completed, id=completed).joints
    assert np.allclose(joints[:, :2], entry.people[0].keypoints[:, :2] + 1)
    process = service.process_id
    if hasattr(os, "getpriority") and process is not None:
        # The window's thread goes first.
        assert os.getpriority(os.PRIO_PROCESS, process) == max(ASKED, os.getpriority(os.PRIO_PROCESS, 0))
    service.close()
    assert ears.until(State, phase="closed", after=1)
    assert process is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_worker_killed_in_the_middle_of_a_request(service: PredictionService, ears: Ears, tmp_path: Path) -> None:
    service.start()
    slow = service.predict("slow", photo(tmp_path, "slow.png", 3))
    ears.until(State, phase="working")
    time.sleep(0.2)
    assert service.process_id is not None
    os.kill(service.process_id, signal.SIGKILL)
    failed = ears.until(Failed, id=slow)
    assert failed.crashed
    assert "slow.png" in failed.message
    number = service.predict("a", photo(tmp_path, "a.png"))
    ears.until(Predicted, id=number)
    assert service.state.restarts == 1


def test_worker_dies_and_runs_out_of_memory_by_itself(service: PredictionService, ears: Ears, tmp_path: Path) -> None:
    service.start()
    number = service.predict("dies", photo(tmp_path, "dies.png", 1))
    assert ears.until(Failed, id=number).crashed
    number = service.predict("big", photo(tmp_path, "big.png", 2))
    assert "Memory ran out" in ears.until(Failed, id=number).message
    number = service.predict("bad", photo(tmp_path, "bad.png", 4))
    assert ears.until(Failed, id=number).message == "The photo is of no use."
    number = service.predict("none", tmp_path / "none.png")
    assert "none.png" in ears.until(Failed, id=number).message
    number = service.predict("a", photo(tmp_path, "a.png"))
    ears.until(Predicted, id=number)


def test_latest_wins_and_stale_answers_are_dropped(service: PredictionService, ears: Ears, tmp_path: Path) -> None:
    paths = [photo(tmp_path, f"{n}.png") for n in range(6)]
    first = service.predict("0", paths[0])
    for n in range(1, 6):
        last = service.predict(str(n), paths[n])
    cancelled = service.refine("0", paths[0], (), (), ())
    service.cancel(cancelled)
    service.start()
    ears.until(Predicted, id=last)
    assert [a.key for a in ears.heard if isinstance(a, Predicted)] == ["5"]
    assert first != last
    assert not [a for a in ears.heard if isinstance(a, Refined | Failed)]


def test_no_model_is_told_and_another_one_taken(service: PredictionService, ears: Ears, tmp_path: Path) -> None:
    service.use_model(ModelChoice("missing", factory=CHOICE.factory))
    service.start()
    assert "There is no model called missing." in ears.until(State, phase="down").sentence
    service.use_model(CHOICE)
    number = service.predict("a", photo(tmp_path, "a.png"))
    ears.until(Predicted, id=number)


def test_a_worker_that_always_dies_stays_down(service: PredictionService, ears: Ears) -> None:
    service.use_model(ModelChoice("dies", factory=CHOICE.factory))
    service.start()
    assert "ran out of memory several times in a row" in ears.until(State, phase="down").sentence
    assert service.process_id is None


class BriefService(PredictionService):
    """Its workers can't be started; ``meanwhile`` happens when the first one has ended."""

    lives = 0

    def meanwhile(self) -> None:
        pass

    def _serve(self) -> tuple[bool, str | None]:
        self.lives += 1
        self._heard = self._number
        if self.lives == 1:
            self.meanwhile()
        return False, None


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_is_asked_while_the_worker_goes_down_starts_another(tmp_path: Path, when: str) -> None:
    downs: list[int] = []
    down = threading.Semaphore(0)

    def tell(answer: Answer) -> None:
        if isinstance(answer, State) and answer.phase == "down":
            downs.append(service.lives)
            if when == "after" and len(downs) == 1:
                service.predict("photo", "photo.png")
            down.release()

    service = BriefService(tmp_path, tell)
    if when == "before":
        service.meanwhile = lambda: service.predict("photo", "photo.png")
    service.start()
    for _ in range(1 if when == "before" else 2):
        assert down.acquire(timeout=120)
    assert service.lives == 2 and downs == ([2] if when == "before" else [1, 2])
    service.close()


def test_what_was_asked_when_another_model_is_chosen_that_model_answers(
    service: PredictionService, ears: Ears, tmp_path: Path
) -> None:
    service.start()
    slow = photo(tmp_path, "slow.png", 3)
    first = service.predict("slow", slow)
    ears.until(State, phase="working")
    photo(tmp_path, "slow.png")  # The next worker need not wait.
    service.use_model(ModelChoice("another", factory=CHOICE.factory))
    # As the window does: the photo that is open is asked for once more.
    number = service.predict("slow", slow)
    ears.until(Predicted, id=number)
    assert first != number
    assert not [a for a in ears.heard if isinstance(a, Failed)]


def test_a_prefetch_under_way_is_not_lost_when_another_model_is_chosen(
    service: PredictionService, ears: Ears, tmp_path: Path
) -> None:
    service.start()
    service.prefetch([("slow", photo(tmp_path, "slow.png", 3))])
    ears.until(State, phase="working")
    photo(tmp_path, "slow.png")
    service.use_model(ModelChoice("another", factory=CHOICE.factory))
    ears.until(Predicted, key="slow", ahead=True)


def test_predictions_of_two_models_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    def model(weight: float) -> FakePredictor:
        made = FakePredictor()
        made.network = torch.nn.Linear(2, 2)
        torch.nn.init.constant_(made.network.weight, weight)
        torch.nn.init.zeros_(made.network.bias)
        return made

    before, after, again = (Desk(model(w), tmp_path, 10**9).folder("photo") for w in (1.0, 1.5, 1.0))
    assert before != after and before == again
