"""The engine behind the window: the prediction service in its own process, live clustering on a thread of this one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from kdc.errors import KdcError
from kdc_annotator.ui.asked_ahead import AskedAhead
from kdc_annotator.ui.engine_bridge import EngineStatus
from kdc_annotator.ui.error_words import said_by_process, why_no_gpu
from kdc_annotator.ui.listening import ServiceListener, Silent
from kdc_annotator.ui.live_desk import LiveDesk
from kdc_annotator.ui.photo_files import Box, Photo, cache_folder, photo_key, region_file
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.engine.field_cache import Entry
    from kdc_annotator.engine.listen import Listener
    from kdc_annotator.ui.live_masks import LiveMasks
    from kdc_annotator.ui.turned_masks import TurnedMasks

DEATHS = 4
"""After so many in a row the labeler is told that no model comes, even where the service goes on trying."""


class LiveEngine(LiveDesk):
    """Everything slow happens elsewhere: on the service's process, or on one thread of our own, in order."""

    _told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: dict[str, Photo] = {}
        self._folders: dict[str, str] = {}
        self._live_for = ""
        self._warm = False
        self._regions: dict[str, tuple[int, Box, tuple[int, int]]] = {}
        self._ahead = AskedAhead()
        self._deaths = 0
        """Of the model's process, in a row, before it was ready."""
        self._came_up = False
        """Whether the process that runs, or ran at last, was ready once."""
        self._told.connect(self._take)
        self.proposals_ready.connect(self._proposed)
        self.status = EngineStatus(model="", device=tr("starting"), busy=True)

    def start(self) -> None:
        self.status_changed.emit(self.status)
        self._desk.submit(self._start)

    def _start(self) -> None:
        try:
            self._start_service()
        except Exception as error:  # Nobody else looks at what this thread raises.
            self.say(self._give_up, tr("The model's process can't be begun ({error}).", error=error))

    def _start_service(self) -> None:
        from kdc_annotator.engine.protocol import ModelChoice
        from kdc_annotator.engine.service import PredictionService

        if self._closed:
            return
        service = PredictionService(cache_folder(), self._tell, ModelChoice(self.model_file))
        self._service = service
        service.start()
        if self._closed:
            service.close(1.0)
            return
        photo = self._photo
        if photo is not None:
            service.predict(photo_key(photo[1]), photo[1])
            service.prefetch(self._ahead.near)

    def try_again(self) -> None:
        self._hope()
        if self._service is None:
            self.status = EngineStatus(model="", device=tr("starting"), busy=True)
            self.start()
        else:
            self._service.start()
            self._ask_for_photo()
            self._send_ahead()

    def _hope(self) -> None:
        """A model may come."""
        self.trouble, self._deaths, self._gave_up = None, 0, False

    def _give_up(self, why: str) -> None:
        """There is no model, and why: said once, until the labeler tries again or one comes after all.

        A process that was ready and died over photos is asked again for the next photo; one that does not come up is not.
        """
        self._gave_up = not self._came_up
        if self._gave_up and self._ahead.running:
            self.cancel_all()
        self.status = EngineStatus("", tr("no model"), why, False, why, "")
        if self.trouble is None:
            text = tr(
                "{why} Nobody is proposed, and masks do not follow; you can go on by hand, or try again.", why=why
            ).strip()
            self.trouble = KdcError(tr("No model"), text)
            self.failed.emit(self.trouble)
        self.status_changed.emit(self.status)

    def _warm_up(self) -> None:
        """Compile, or load, what drags need. Not before an image is open: it is a hundred megabytes of memory."""
        from kdc_annotator.engine.recluster import warm_up

        try:
            warm_up()
        except Exception:  # The first drag will say what is wrong.
            return

    def use_model(self, path: str) -> None:
        from kdc_annotator.engine.protocol import ModelChoice

        super().use_model(path)
        failed = self.trouble is not None
        self._hope()
        self._folders.clear()
        self._live, self._live_for = None, ""
        if self._service is not None:
            self._service.use_model(ModelChoice(path))
            self._ask_for_photo()
        if failed:
            self.try_again()

    def _tell(self, answer: object) -> None:
        if not self._mailbox.take(answer) and not self._closed:
            try:
                self._told.emit(answer)
            except RuntimeError:
                return

    # Predictions

    def open_image(self, image_id: int, path: Path, size: tuple[int, int], proposals_wanted: bool) -> None:
        key = photo_key(path)
        self._photo = (image_id, path, size)
        self._live, self._live_for = None, ""
        self._mailbox.interrupt()
        if not self._warm:
            self._warm = True
            self.submit(self._warm_up)
        if proposals_wanted:
            self._wanted[key] = (image_id, path, size)
        folder = self._folders.get(key)
        if folder is not None:
            self._open_entry(key, folder)
        elif (service := self._asked) is not None:
            service.predict(key, path)

    def leave_image(self) -> None:
        super().leave_image()
        self._live_for = ""

    def prefetch(self, images: Sequence[Photo]) -> None:
        ahead = []
        for image_id, path, size in images:
            key = photo_key(path)
            if key not in self._folders:
                self._wanted.setdefault(key, (image_id, path, size))
                ahead.append((key, path))
        self._ahead.near = ahead
        self._send_ahead()

    def _send_ahead(self) -> None:
        if (service := self._asked) is not None:
            service.prefetch(self._ahead.in_order())

    def annotate_all(self, images: Collection[Photo]) -> bool:
        service = self._asked
        if service is None or service.state.phase == "down":
            return False
        self._ahead.begin(images)
        self._refill()
        return True

    def cancel_all(self) -> None:
        self._ahead.clear()
        self._send_ahead()
        self.all_progress.emit(0, 0)

    def _refill(self) -> None:
        try:
            new = self._ahead.refill()
        except KdcError as error:
            self.cancel_all()
            self.failed.emit(error)
            return
        for key, photo in new.items():
            self._wanted.setdefault(key, photo)
        self._send_ahead()
        self.all_progress.emit(*self._ahead.progress())

    def predict_region(self, image_id: int, path: Path, size: tuple[int, int], box: Box) -> bool:
        service = self._asked
        if service is None or service.state.phase == "down":
            return False
        self._desk.submit(self._cut_region, (image_id, path, size), box)
        return True

    def _cut_region(self, photo: Photo, box: Box) -> None:
        try:
            file = region_file(photo, box)
        except KdcError as error:
            self.failed.emit(error)
            return
        if file is None:
            return
        key = photo_key(file)
        self._regions[key] = (photo[0], box, photo[2])
        if (service := self._asked) is not None:
            service.predict(key, file)

    def _take(self, answer: object) -> None:
        from kdc_annotator.engine.protocol import Failed, Predicted, State

        if self._closed:
            return
        if isinstance(answer, Predicted | Failed) and answer.key in self._regions:
            self._ask_for_photo()
        if isinstance(answer, State):
            self._say(answer)
        elif isinstance(answer, Predicted):
            self._folders[answer.key] = answer.folder
            self._open_entry(answer.key, answer.folder)
            self._ahead.came(answer.key)
            if self._ahead.running:
                self._refill()
        elif isinstance(answer, Failed):
            here = self._photo is not None and photo_key(self._photo[1]) == answer.key
            if self._regions.pop(answer.key, None) or here:
                self.failed.emit(KdcError(answer.title, answer.message))

    def _ask_for_photo(self) -> None:
        """The open photo's prediction, where it is not there: the latest predict wins, and that was not this photo's."""
        photo, service = self._photo, self._asked
        if photo is not None and service is not None and photo_key(photo[1]) not in self._folders:
            service.predict(photo_key(photo[1]), photo[1])

    def _say(self, state: Any) -> None:
        if state.phase == "starting":
            self._deaths += bool(state.sentence)
            self._came_up = self._came_up and bool(state.sentence)  # Without one another process begins.
        elif state.phase != "down":
            self._came_up = True
            self._hope()
        if state.phase == "down" or self._deaths >= DEATHS:
            self._give_up(
                said_by_process(state.sentence) if state.sentence or self.trouble is None else self.status.reason
            )
            return
        idle = self._service is not None and self._service.idle  # It may have been asked for more since it said so.
        if state.phase == "ready" and idle and self._ahead.running and self.status.busy:
            self._ahead.none_came()
            self._refill()
        names = {"starting": tr("model loading"), "down": tr("no model"), "closed": ""}
        device = state.device.split(" (")[0].split(":")[0].split(";")[0] if state.device else ""
        short = names.get(state.phase, device[:24] or tr("ready"))
        reason = said_by_process(state.sentence or state.device)
        busy = state.phase in ("starting", "working")
        self.status = EngineStatus(
            state.model,
            short,
            reason,
            busy,
            why_no_gpu(state.device) or (state.sentence and reason),
            "" if state.phase in names else device[:24],
        )
        self.status_changed.emit(self.status)

    def _open_entry(self, key: str, folder: str) -> None:
        photo = self._photo
        current = photo is not None and photo_key(photo[1]) == key
        wanted = self._wanted.pop(key, None)
        region = self._regions.pop(key, None)
        if current and photo is not None and self._live_for != key:
            self._live_for = key
            self._desk.submit(self._prepare, key, folder, photo)
        if wanted or region:
            self._desk.submit(self._propose, key, folder, wanted, region)

    def _propose(
        self,
        key: str,
        folder: str,
        wanted: Photo | None,
        region: tuple[int, Box, tuple[int, int]] | None,
    ) -> None:
        from kdc_annotator.engine.field_cache import open_entry
        from kdc_annotator.ui.live_masks import proposals_of

        try:
            entry = open_entry(folder)
        except KdcError:
            self.say(self._lost, key, wanted)
            return
        try:
            schemas = tuple(self._schemas().items())
            if region:
                image_id, box, size = region
                found = proposals_of(entry, size, box[:2], schemas)
                self.proposals_ready.emit(image_id, found, entry.model, box)
            elif wanted:
                image_id, path, size = wanted
                seen = (entry.letterbox.width, entry.letterbox.height)
                if size == (0, 0):
                    size = seen
                elif size != seen:
                    stored = _as_stored(entry, path, size)
                    if stored is None:
                        return
                    entry = stored
                self.proposals_ready.emit(image_id, proposals_of(entry, size, schemas=schemas), entry.model, None)
        except KdcError:
            self._folders.pop(key, None)

    def _lost(self, key: str, wanted: Photo | None) -> None:
        """The cache had no room for the prediction any more: where it is the open photo's, it is asked for anew."""
        self._folders.pop(key, None)
        if wanted:
            self._wanted[key] = wanted
        if self._photo is not None and photo_key(self._photo[1]) == key:
            self._live_for = ""
            self._ask_for_photo()

    def _proposed(self, image_id: int) -> None:
        """People have come to the open image: once the window has them, the refinement says what it says of them."""
        if self._photo is not None and self._photo[0] == image_id:
            QTimer.singleShot(0, self, self._listen_again)

    def _listen_again(self) -> None:
        photo, live, gesture = self._photo, self._live, self._gesture
        if photo is not None and live is not None and (gesture is None or gesture.over):
            self.submit(self._listen_all, live, photo, self._listener())

    def _prepare(self, key: str, folder: str, photo: Photo) -> None:
        """Build the re-clusterer of the open image; on our thread."""
        from kdc.images import read_image
        from kdc_annotator.engine.field_cache import open_entry
        from kdc_annotator.ui.live_masks import LiveMasks
        from kdc_annotator.ui.turned_masks import live_masks

        if self._photo is not photo:
            return
        try:
            entry = open_entry(folder)
        except KdcError:
            self.say(self._lost, key, None)
            return
        try:
            upright = read_image(photo[1])
            frame = upright.frame
            if photo[2] not in ((0, 0), (frame.width, frame.height), (frame.stored_width, frame.stored_height)):
                return  # Another photo; that has been said.
            live = live_masks(LiveMasks(entry, upright.pixels, self._schema_of), frame, photo[2])
            live.take(tuple(self._people()))
        except KdcError:
            self._folders.pop(key, None)
            return
        if self._photo is photo:
            listener = self._listener()
            self._live = live
            self.submit(self._listen_all, live, photo, listener)

    def _listen_all(self, live: LiveMasks | TurnedMasks, photo: Photo, listener: Listener) -> None:
        """What the refinement says about everybody, so that drags carry it along; nothing depends on it. ``listener``: of the moment when
        this was asked for, so that it falls silent where a gesture has begun since."""
        if self._photo is photo and isinstance(listener, ServiceListener) and listener.learnt:
            try:
                live.listen_all(tuple(self._people()), listener)
            except (KdcError, Silent):
                return

    def close(self) -> None:
        self._closed = True
        self._mailbox.interrupt()
        self._desk.shutdown(wait=False, cancel_futures=True)
        if self._service is not None:
            self._service.close(0.5)


def _as_stored(entry: Entry, path: Path, size: tuple[int, int]) -> Entry | None:
    """The prediction of an upright photo for a project that counts its pixels before the turn that the file asks for.

    None where ``size`` is not that of the pixels as the file stores them: another photo. KdcError where it can't be read.
    """
    from kdc.images import read_frame
    from kdc_annotator.jobs.proposing import in_stored_frame

    frame = read_frame(path)
    if size != (frame.stored_width, frame.stored_height):
        return None
    return replace(entry, people=tuple(in_stored_frame(person, frame) for person in entry.people))
