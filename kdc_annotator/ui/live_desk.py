"""Live clustering behind the window: gestures, new people and missing joints, on one thread of our own, in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from kdc.errors import KdcError
from kdc.schema import COCO_17, PoseSchema
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.engine_bridge import Completed, EngineBridge, Follow, Joints, Later
from kdc_annotator.ui.listening import Mailbox, ServiceCompleter, ServiceListener, Silent
from kdc_annotator.ui.live_gestures import RELEASE_SECONDS, Drag, Edit, Stroke
from kdc_annotator.ui.photo_files import Photo, photo_key
from kdc_annotator.ui.scene import Key

if TYPE_CHECKING:
    from kdc_annotator.engine.listen import Listener
    from kdc_annotator.engine.service import PredictionService
    from kdc_annotator.ui.live_masks import LiveMasks
    from kdc_annotator.ui.turned_masks import TurnedMasks

TRIES = 3
"""How often missing joints are asked for anew where gestures come between."""
PATIENCE = 60
"""Milliseconds after which it is looked again whether a gesture is over."""


class LiveDesk(EngineBridge):
    """What happens to the open image's people. ``LiveEngine`` says which image, and what the model says of it."""

    _said = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service: PredictionService | None = None
        self._gave_up = False
        """The model's process can't be brought up: it is asked for nothing until the labeler says so."""
        self._desk = ThreadPoolExecutor(1, "kdc-live")
        self._people: Callable[[], Sequence[tuple[Key, Annotation]]] = lambda: ()
        self._schemas: Callable[[], Mapping[int, PoseSchema]] = dict
        self._mailbox = Mailbox()
        self.listener: Listener | None = None
        self._photo: Photo | None = None
        self._live: LiveMasks | TurnedMasks | None = None
        self._gesture: Drag | Stroke | Edit | None = None
        self._completing: list[Completed] = []
        self._closed = False
        self._said.connect(lambda call, values: call(*values))

    @property
    def _asked(self) -> PredictionService | None:
        """The service, where there is any use in asking it: whatever it is asked for, it tries to bring up its process."""
        return None if self._gave_up else self._service

    def submit(self, work: Callable[..., Any], *values: Any) -> Future[Any]:
        """Do it on the thread of live clustering, after what was submitted before."""
        try:
            return self._desk.submit(work, *values)
        except RuntimeError:  # The window is closing.
            gone: Future[Any] = Future()
            gone.set_exception(Silent())
            return gone

    def say(self, call: Callable[..., None], *values: Any) -> None:
        """Do it on the window's thread."""
        if not self._closed:
            try:
                self._said.emit(call, values)
            except RuntimeError:
                return

    def set_source(
        self,
        people: Callable[[], Sequence[tuple[Key, Annotation]]],
        schemas: Callable[[], Mapping[int, PoseSchema]] = dict,
    ) -> None:
        self._people, self._schemas = people, schemas

    def _schema_of(self, category: int) -> PoseSchema:
        return self._schemas().get(category, COCO_17)

    # Gestures

    def begin_drag(self, key: Key, joints: Sequence[int], follow: Follow) -> Drag | None:
        live = self._live
        if live is None:
            return None
        self._mailbox.interrupt()
        drag = Drag(self, live, key, tuple(self._people()), follow, self._learnt())
        self._gesture = drag
        return drag

    def begin_edit(self, key: Key, merged: Key | None = None) -> Edit | None:
        live = self._live
        if live is None:
            return None
        self._mailbox.interrupt()
        edit = Edit(self, live, key, tuple(self._people()), merged, self._learnt())
        self._gesture = edit
        return edit

    def begin_stroke(self, key: Key, inside: bool, follow: Follow) -> Stroke | None:
        live = self._live
        if live is None:
            return None
        self._mailbox.interrupt()
        stroke = Stroke(self, live, key, tuple(self._people()), follow, self._listener(), inside)
        self._gesture = stroke
        return stroke

    def _listener(self) -> Listener:
        """Who is asked what the hand means: ``listener`` where it is set, else the model's refinement, else the colours."""
        if self.listener is not None:
            return self.listener
        if self._photo is None:
            from kdc_annotator.engine.listen import Propagation

            return Propagation()
        return ServiceListener(self._mailbox, self._asked, photo_key(self._photo[1]), self._photo[1])

    def _learnt(self) -> Listener | None:
        """Who is asked where no stroke says anything: colours say nothing about joints."""
        listener = self._listener()
        return listener if listener is self.listener or getattr(listener, "learnt", False) else None

    def masks_for_new(
        self, points: Mapping[int, tuple[float, float, int]], category: int, later: Later | None = None
    ) -> Mapping[Key | None, Mask]:
        live = self._live
        if live is None:
            return {}
        self._mailbox.interrupt()
        people, listener = tuple(self._people()), self._listener()
        work = self.submit(live.masks_of_new, people, points, category)
        masks: Mapping[Key | None, Mask] = {}
        try:
            masks = work.result(RELEASE_SECONDS)
        except TimeoutError:
            if later is not None:
                work.add_done_callback(lambda done: self._told_later(done, later))
        except (KdcError, Silent):
            return {}
        if later is not None and (listener is self.listener or getattr(listener, "learnt", False)):
            self.submit(self._refined_new, live, people, points, category, listener, later)
        return masks

    def _told_later(self, done: Future[Any], later: Later) -> None:
        if not done.cancelled() and done.exception() is None:
            self.say(later, done.result())

    def _refined_new(
        self,
        live: LiveMasks | TurnedMasks,
        people: Sequence[tuple[Key, Annotation]],
        points: Mapping[int, tuple[float, float, int]],
        category: int,
        listener: Listener,
        later: Later,
    ) -> None:
        if isinstance(listener, ServiceListener) and listener.over:
            return
        try:
            self.say(later, live.masks_of_new(people, points, category, listener))
        except (KdcError, Silent):
            return

    # Missing joints

    def missing_joints(self, key: Key, then: Completed) -> bool:
        service = self._asked
        if self._live is None or self._photo is None or service is None or not service.state.completes:
            return False
        self._mailbox.interrupt()
        self._completing.append(then)
        self._ask_for_joints(key, then, TRIES)
        return True

    def _ask_for_joints(self, key: Key, then: Completed, tries: int) -> None:
        """On the window's thread. Interrupts nobody: a gesture that came between has its last word first."""
        live, service, photo, gesture = self._live, self._asked, self._photo, self._gesture
        if then not in self._completing:
            return
        if live is None or service is None or photo is None or not tries:
            self._completed(key, then, None, {}, ())
        elif gesture is not None and not gesture.over:
            QTimer.singleShot(PATIENCE, self, lambda: self._ask_for_joints(key, then, tries))
        else:
            completer = ServiceCompleter(self._mailbox, service, photo_key(photo[1]), photo[1])
            people, turn = tuple(self._people()), self._mailbox.turn
            self.submit(self._complete, live, people, key, completer, self._listener(), then, turn, tries)

    def _complete(
        self,
        live: LiveMasks | TurnedMasks,
        people: Sequence[tuple[Key, Annotation]],
        key: Key,
        completer: ServiceCompleter,
        listener: Listener,
        then: Completed,
        turn: int,
        tries: int,
    ) -> None:
        learnt = listener if getattr(listener, "learnt", False) else None
        try:
            joints, masks = live.completed(people, key, completer, learnt)
            live.delivered()
        except (KdcError, Silent):
            if self._mailbox.turn != turn:
                # The labeler has gone on: that nobody answered says nothing about the person.
                self.say(self._ask_for_joints, key, then, tries - 1)
                return
            joints, masks = {}, {}
        self.say(self._completed, key, then, joints, masks, people)

    def _completed(
        self,
        key: Key,
        then: Completed,
        joints: Joints | None,
        masks: Mapping[Key, Mask],
        people: Sequence[tuple[Key, Annotation]],
    ) -> None:
        """On the window's thread, between gestures; masks of others who have changed since ``people`` are stale."""
        if then not in self._completing:
            return
        gesture = self._gesture
        if joints is not None and gesture is not None and not gesture.over:
            QTimer.singleShot(PATIENCE, self, lambda: self._completed(key, then, joints, masks, people))
            return
        self._completing.remove(then)
        now, before = dict(self._people()), dict(people)
        then(joints, {k: m for k, m in masks.items() if k == key or (k in now and now[k] is before.get(k))})

    def leave_image(self) -> None:
        """See ``EngineBridge``: nothing of the last photo may answer a gesture in the next."""
        waiting, self._completing = self._completing, []
        self._photo = self._live = self._gesture = None
        self._mailbox.interrupt()
        for then in waiting:
            then(None, {})
