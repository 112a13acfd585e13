"""What the window asks of the engine, and nothing more. Without an engine every question has a harmless answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from kdc.errors import KdcError
from kdc.schema import PoseSchema
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle
from kdc_annotator.ui.scene import Key

Follow = Callable[[Mapping[Key, Mask], Rectangle], None]
"""Masks as they are now for those who changed since the drag began, and where the picture differs from the last answer."""


Later = Callable[[Mapping[Any, Mask]], None]
"""Better masks for a gesture that is over: called on the window's thread, once or twice, or never."""


Joints = Mapping[int, tuple[float, float, float]]
"""Joint -> pixel x, y and the model's confidence."""
Completed = Callable[[Joints | None, Mapping[Key, Mask]], None]
"""The joints that somebody lacks, none where the model can't tell, and the masks that differ with them. None: nobody answered,
since the labeler went on too fast."""


class LiveDrag(Protocol):
    """One drag under way. Positions are pixel indices."""

    def move(self, to: Mapping[int, tuple[float, float]]) -> None:
        """The mouse moved: the answer comes by the ``Follow`` given at the start; older questions are dropped."""

    def finish(self, to: Mapping[int, tuple[float, float]], later: Later | None = None) -> Mapping[Key, Mask]:
        """The button is up: everybody's mask that differs from before the drag, as far as it is known without waiting."""

    def cancel(self) -> None:
        """All as before."""


class LiveStroke(Protocol):
    """One stroke under way that counts as evidence. ``path``: continuous positions; ``radius`` in image pixels."""

    def move(self, path: tuple[tuple[float, float], ...], radius: float) -> None:
        """The brush went on; see ``LiveDrag``."""

    def finish(
        self, path: tuple[tuple[float, float], ...], radius: float, later: Later | None = None
    ) -> Mapping[Key, Mask]:
        """The button is up; {}: nothing is known by now, the stroke's own pixels stand."""

    def cancel(self) -> None:
        """All as before."""


class LiveEdit(Protocol):
    """One edit that is done at once."""

    def finish(self, after: Sequence[tuple[Key, Annotation]], later: Later | None = None) -> Mapping[Key, Mask]:
        """Everybody's mask that differs from what ``after``, which is how the edit alone leaves everybody, says; see ``LiveDrag``."""

    def cancel(self) -> None:
        """It can't be done."""


@dataclass(frozen=True)
class EngineStatus:
    """``model`` and ``device`` in a few words for the window; ``reason``: why not the GPU, or what failed. ``busy``: at work.

    ``why``: the reason in a few words, to stand beside them. ``runs_on``: the device, once the worker has said it; "" until then.
    """

    model: str = ""
    device: str = ""
    reason: str = ""
    busy: bool = False
    why: str = ""
    runs_on: str = ""


class EngineBridge(QObject):
    """The engine as the window sees it; this base has no model. ``status_changed`` carries an EngineStatus."""

    status_changed = Signal(object)
    proposals_ready = Signal(int, object, str, object)
    """image id, list of Annotation, model name, (x, y, w, h) of the part of the photo whose people come besides those who are there;
    None: the whole photo, whose people take the place of the open proposals."""
    failed = Signal(object)
    all_progress = Signal(int, int)
    """Pre-annotation of the whole project: images done, images in all; 0, 0 when it has ended."""

    status = EngineStatus()

    trouble: KdcError | None = None
    """Why there is no model, as ``failed`` told it; None while one may come."""

    model_file = ""
    """The model in use; "" is the bundled one."""

    def use_model(self, path: str) -> None:
        """Predict with another model from now on, "" being the bundled one."""
        self.model_file = path

    def start(self) -> None:
        """Called after the first paint: begin loading the model elsewhere."""

    def try_again(self) -> None:
        """Begin loading the model anew after ``trouble``."""

    def leave_image(self) -> None:
        """Another image is about to be shown: gestures of the last one are over."""

    def open_image(self, image_id: int, path: Path, size: tuple[int, int], proposals_wanted: bool) -> None:
        """This image is on the canvas now: its fields are wanted, and its people where there are none yet."""

    def prefetch(self, images: Sequence[tuple[int, Path, tuple[int, int]]]) -> None:
        """These will probably come next, nearest first."""

    def set_source(
        self,
        people: Callable[[], Sequence[tuple[Key, Annotation]]],
        schemas: Callable[[], Mapping[int, PoseSchema]] = dict,
    ) -> None:
        """Where to ask who is on the canvas (drawing order, without previews), and for the joints of each category."""

    def predict_region(self, image_id: int, path: Path, size: tuple[int, int], box: tuple[int, int, int, int]) -> bool:
        """Run the network on a part of the photo at full resolution; False where there is no model."""
        return False

    def annotate_all(self, images: Collection[tuple[int, Path, tuple[int, int]]]) -> bool:
        """Predict all of these in the background, one after the other; False where there is no model. They are gone through as the work
        goes on; what that raises ends the work and comes out of ``failed``."""
        return False

    def cancel_all(self) -> None:
        """Leave the rest of ``annotate_all``; what is ready stays."""

    def begin_drag(self, key: Key, joints: Sequence[int], follow: Follow) -> LiveDrag | None:
        """A drag of these joints begins; None where masks can't follow (no fields yet, no model)."""
        return None

    def begin_stroke(self, key: Key, inside: bool, follow: Follow) -> LiveStroke | None:
        """A stroke on that person begins (``inside``: paints, else erases); None: strokes are only what they cover."""
        return None

    def begin_edit(self, key: Key, merged: Key | None = None) -> LiveEdit | None:
        """That person is about to be edited otherwise, or to be one with ``merged``; None: see ``begin_drag``."""
        return None

    def masks_for_new(
        self, points: Mapping[int, tuple[float, float, int]], category: int, later: Later | None = None
    ) -> Mapping[Key | None, Mask]:
        """The mask of a person that is being added, under None, and the others' that change with it."""
        return {}

    def missing_joints(self, key: Key, then: Completed) -> bool:
        """Where the joints are that a person lacks: ``then`` is called once, on the window's thread, at last when the image is left.
        False: there is nobody to ask."""
        return False

    def close(self) -> None:
        """End the engine."""
