"""The worker process: the network, warm, answering one request at a time. Started by ``kdc_annotator.engine.service``."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.heap import share_heap
from kdc_annotator.engine.field_cache import entry_folder, open_entry, trim, write_entry
from kdc_annotator.engine.niceness import ASKED, step_back, wait_asleep
from kdc_annotator.engine.protocol import (
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
)

MIN_SHOWN = 0.2
"""People scored lower are not shown unless somebody asks for them."""
OUT_OF_MEMORY = 75
"""Exit code of a worker that ran out of memory: its memory is not to be trusted any more."""


def make_predictor(choice: ModelChoice) -> Any:
    """The real thing."""
    share_heap()
    import torch

    if choice.threads:
        torch.set_num_threads(choice.threads)
    from kdc.predictor import Predictor

    tiles: str | int = int(choice.tiles) if choice.tiles.isdigit() else choice.tiles
    return Predictor(choice.path or None, device=choice.device, size=choice.size or None, tiles=tiles)


def work(pipe: Connection, choice: ModelChoice, cache: str, cache_bytes: int) -> None:
    """Loads the model, then answers until the pipe closes. Runs as the process's main function."""
    step_back(ASKED)
    wait_asleep()
    with contextlib.suppress(ValueError, OSError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the window's business.
    try:
        module, _, function = choice.factory.partition(":")
        predictor = getattr(importlib.import_module(module), function)(choice)
        desk = Desk(predictor, Path(cache), cache_bytes)
        pipe.send(desk.ready())
    except KdcError as error:
        pipe.send(Failed(0, "", error.title, error.message))
        return
    except MemoryError:
        pipe.send(Failed(0, "", "Out of memory", "The model does not fit into memory; close other programs."))
        return
    except Exception as error:
        pipe.send(
            Failed(0, "", "Model can't be used", f"The model could not be loaded ({type(error).__name__}: {error}).")
        )
        return
    while True:
        try:
            request = pipe.recv()
        except (EOFError, OSError):
            return
        answer = desk.answer(request)
        with contextlib.suppress(BrokenPipeError, OSError):
            pipe.send(answer)
        if isinstance(answer, Failed) and answer.crashed:
            sys.stdout.flush()
            os._exit(OUT_OF_MEMORY)


def shown_people(predictor: Any, scene: Any, people: Sequence[Any]) -> list[Any]:
    """The people of a view, where those worth showing have masks in which only they compete: doubtful doubles of a
    person, which nobody is shown, would take its pixels. A refinement makes these masks in all its rounds, where a whole
    prediction has time for one."""
    people = list(people)
    again = getattr(predictor, "scene_masks", None)
    sure = [n for n, person in enumerate(people) if person.score >= MIN_SHOWN]
    refines = getattr(getattr(predictor, "masker", None), "refiner", None) is not None
    if again is None or not sure or (len(sure) == len(people) and not refines):
        return people
    for n, mask in zip(sure, again(scene, [people[n] for n in sure]), strict=True):
        people[n] = people[n].with_mask(mask)
    return people


def fingerprint(network: Any) -> str:
    """What tells networks apart that go by the same name and version, as every model that a person trains does; "" for none."""
    whole = hashlib.blake2b(digest_size=16)
    for name, value in () if network is None else network.state_dict().items():
        whole.update(name.encode())
        whole.update(value.detach().cpu().contiguous().numpy().tobytes())
    return whole.hexdigest() if network is not None else ""


class Desk:
    """What the worker does, in the process it is called in. ``predictor`` is as ``kdc.predictor.Predictor``."""

    def __init__(self, predictor: Any, cache: Path, cache_bytes: int) -> None:
        self.predictor, self.cache, self.cache_bytes = predictor, cache, cache_bytes
        self._weights = fingerprint(getattr(predictor, "network", None))
        self._scene: tuple[str, Any] | None = None
        refiner = getattr(predictor.masker, "refiner", None)
        self._listener: Any = None
        if refiner is not None:
            from kdc_annotator.engine.listen import LearntListener

            self._listener = LearntListener(refiner, predictor.cluster_config)
        poser = getattr(predictor, "poser", None)
        self._completer: Any = None
        if poser is not None:
            from kdc_annotator.engine.completing import LearntCompleter

            self._completer = LearntCompleter(poser)

    def ready(self) -> Ready:
        """What to tell first."""
        p = self.predictor
        return Ready(
            p.model_name, p.model_version, p.device_sentence, self._listener is not None, self._completer is not None
        )  # fmt: skip

    def answer(self, request: Request) -> Predicted | Refined | Completed | Failed:
        """Never raises: what went wrong is an answer too."""
        start = time.monotonic()
        try:
            if isinstance(request, Predict):
                folder = self.predict(request.key, request.path)
                return Predicted(request.id, request.key, str(folder), time.monotonic() - start, request.ahead)
            if isinstance(request, Complete):
                return self.complete(request, start)
            return self.refine(request, start)
        except KdcError as error:
            return Failed(request.id, request.key, error.title, error.message)
        except MemoryError:
            return self._no_memory(request)
        except Exception as error:
            if "memory" in str(error).lower():  # Torch raises RuntimeError where it can't allocate.
                return self._no_memory(request)
            return Failed(
                request.id, request.key, "Prediction failed", f"{Path(request.path).name}: {type(error).__name__}: {error}."
            )  # fmt: skip

    def _no_memory(self, request: Request) -> Failed:
        name = Path(request.path).name
        message = (
            f"Memory ran out over {name}; the worker starts again. Close other programs or choose a smaller input."
        )
        return Failed(request.id, request.key, "Out of memory", message, crashed=True)

    def folder(self, key: str) -> Path:
        """The cache entry of a photo by this model at this size."""
        p = self.predictor
        model = (p.model_name, p.model_version, self._weights, getattr(p, "size", 0), getattr(p, "tiles", ""))
        return entry_folder(self.cache, key, "\n".join(map(str, model)))

    def predict(self, key: str, path: str) -> Path:
        """Predicts unless the entry is there already; returns its folder."""
        folder = self.folder(key)
        if (folder / "entry.json").is_file():
            with contextlib.suppress(KdcError):
                open_entry(folder)
                return folder
        from kdc.images import read_image

        p = self.predictor
        found = p.predict(read_image(path).pixels, lambda scene, people: shown_people(p, scene, people))
        write_entry(folder, found.fields, found.letterbox, p.schema, found.people, p.model_name, p.model_version)
        self._scene = (key, found.scene)
        trim(self.cache, self.cache_bytes, keep=(folder,))
        return folder

    def refine(self, request: Refine, start: float) -> Refined:
        """The refinement's logits."""
        if self._listener is None:
            return Refined(request.id, request.key, ())
        logits = self._listener.listen(
            self.scene(request.key, request.path), request.people, request.which, request.hands
        )
        return Refined(request.id, request.key, tuple(logits), time.monotonic() - start)

    def complete(self, request: Complete, start: float) -> Completed:
        """The joints that somebody lacks."""
        if self._completer is None:
            return Completed(request.id, request.key, np.zeros((0, 3), np.float32))
        joints = self._completer.joints(self.scene(request.key, request.path), request.people, request.index)
        return Completed(request.id, request.key, joints, time.monotonic() - start)

    def scene(self, key: str, path: str) -> Any:
        """The photo with its fields: the last one, or from the cache, or predicted anew."""
        if self._scene is None or self._scene[0] != key:
            from kdc.decode.masker import Scene
            from kdc.fields import Fields
            from kdc.images import read_image

            entry = open_entry(self.predict(key, path))
            if self._scene is None or self._scene[0] != key:
                arrays = {n: np.ascontiguousarray(a, np.float32) for n, a in entry.fields.arrays.items()}
                fields = Fields(arrays, entry.fields.stride, entry.fields.radius)
                self._scene = (key, Scene(read_image(path).pixels, entry.letterbox, fields, entry.schema))
        return self._scene[1]
