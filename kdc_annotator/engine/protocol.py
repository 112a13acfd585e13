"""What the window and the worker say to each other: frozen values, no Qt, nothing of the document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from kdc.structures import Person
from kdc_annotator.engine.listen import Hand, Logits

Phase = Literal["starting", "ready", "working", "down", "closed"]


@dataclass(frozen=True)
class ModelChoice:
    """Which model the worker runs. ``path`` "": the bundled one. ``size`` 0: the model's own. ``factory``: what makes the
    predictor, "module:function", called with this choice."""

    path: str = ""
    device: str = "auto"
    size: int = 0
    tiles: str = "auto"
    threads: int = 0
    factory: str = "kdc_annotator.engine.worker:make_predictor"


@dataclass(frozen=True)
class Predict:
    """People and fields of a photo. ``key``: what the photo is called in the cache (its content's hash, say); ``path``: its file.
    ``ahead``: nobody waits for it (a prefetch)."""

    id: int
    key: str
    path: str
    ahead: bool = False


@dataclass(frozen=True, eq=False)
class Refine:
    """Mask logits of people ``which`` of ``people`` (all of the photo, INPUT pixels), with what the hand did to each.

    The photo must have been predicted, or ``path`` must still hold it.
    """

    id: int
    key: str
    path: str
    people: tuple[Person, ...]
    which: tuple[int, ...]
    hands: tuple[Hand, ...]


@dataclass(frozen=True, eq=False)
class Complete:
    """The joints that ``people[index]`` lacks (all people of the photo, INPUT pixels), from those that it has."""

    id: int
    key: str
    path: str
    people: tuple[Person, ...]
    index: int


Request = Predict | Refine | Complete


@dataclass(frozen=True)
class Predicted:
    """``folder``: the cache entry (``kdc_annotator.engine.field_cache.open_entry``). ``seconds``: the work's."""

    id: int
    key: str
    folder: str
    seconds: float = 0.0
    ahead: bool = False


@dataclass(frozen=True, eq=False)
class Refined:
    """``logits``: one for each of the request's ``which``. Empty where the model has no refinement."""

    id: int
    key: str
    logits: tuple[Logits, ...]
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Completed:
    """``joints``: (K, 3) float32 INPUT x, y and confidence. Empty where the model can't tell."""

    id: int
    key: str
    joints: np.ndarray
    seconds: float = 0.0


@dataclass(frozen=True)
class Failed:
    """The request could not be done; ``title`` and ``message`` are what to show. ``crashed``: the worker died over it."""

    id: int
    key: str
    title: str
    message: str
    crashed: bool = False


@dataclass(frozen=True)
class State:
    """How the worker is. ``model``, ``version``, ``device``: said once it is ready. ``refines``: the model has a refinement
    of masks; ``completes``: one of poses. ``sentence``: what to show, where there is something to say. ``restarts``: how often it came back."""

    phase: Phase
    sentence: str = ""
    model: str = ""
    version: str = ""
    device: str = ""
    refines: bool = False
    completes: bool = False
    restarts: int = 0


Answer = Predicted | Refined | Completed | Failed | State


@dataclass(frozen=True)
class Ready:
    """Worker to service, once: the model is loaded."""

    model: str
    version: str
    device: str
    refines: bool
    completes: bool = False
    extra: dict[str, str] = field(default_factory=dict)


def none_hand(joints: int) -> Hand:
    """A hand that has done nothing."""
    return Hand(confirmed=np.zeros(joints, bool))
