"""The open project and where the labeler is in it."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import chain
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from kdc.errors import KdcError
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels
from kdc_annotator.ui.engine_bridge import EngineBridge, EngineStatus
from kdc_annotator.ui.gives_way import GivesWay
from kdc_annotator.ui.listing import Listing
from kdc_annotator.ui.newcomers import newcomers_of
from kdc_annotator.ui.opening import Opened, open_anything
from kdc_annotator.ui.photo_files import Box, PhotosOf
from kdc_annotator.ui.photo_loader import PhotoLoader, PhotoRequest
from kdc_annotator.ui.proposed import Taken, may_propose, take_proposals
from kdc_annotator.ui.scene import Scene
from kdc_annotator.ui.session_work import SessionWork
from kdc_annotator.ui.sizing import sized
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.work import Work
from kdc_annotator.ui.work_clock import WorkClock

AHEAD, BEHIND = 3, 1
READ_AHEAD = 0.003
"""Seconds of reading people ahead at a time; whoever presses a key waits no longer."""
FOLD_EVERY = 20_000
"""Milliseconds between two times that the project's log is folded into its file."""
NEAR = 500
"""Images of the list that are looked through first for the next one of some kind."""
LAST_IMAGE = "window.last_image"


class Session(SessionWork):
    """Opens projects and images. All signals come on the window's thread."""

    project_changed = Signal()
    finishing = Signal()
    """The document on the canvas is about to be left: what was begun there must be finished now."""
    going = Signal()
    """Another image is about to be shown."""
    image_changed = Signal()
    photo_ready = Signal(object)
    photo_failed = Signal(object)
    counts_changed = Signal()
    looked_ahead = Signal()
    """The people of the images around the open one are read."""
    opening = Signal(str)
    rescued = Signal(object)
    """The project's file has gone; a copy of what was open is at that path."""

    def __init__(self, scene: Scene, engine: EngineBridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene = scene
        self.engine = engine
        self.labeler = ""
        self._came_from: int | None = None
        self._people_left: tuple[object, tuple[Annotation, ...]] = (None, ())
        """Those of the image that was shown before, masks and all, and what must be the same for them to be still so."""
        self._closed = False
        self.brightness = 0.0
        self.photo_error: KdcError | None = None
        self._then: tuple[Callable[[Opened], object], Callable[[KdcError], object]] = (self._opened, self.failed.emit)
        self.refused: KdcError | None = None
        """Why what was asked for last was not opened."""
        self.clock = WorkClock()
        self._worked: list[tuple[int, float]] = []
        self.loader = PhotoLoader(self)
        self.loader.loaded.connect(self._photo_loaded)
        self.loader.failed.connect(self._photo_failed)
        self.listing = Listing(self)
        self.listing.found.connect(self._take_list)
        self.listing.failed.connect(self.failed)
        self.newcomers = newcomers_of(self)
        self.leaving.connect(self._forget_people_left)
        self.gives_way = GivesWay(self)
        engine.proposals_ready.connect(self._take_proposals)
        engine.status_changed.connect(self._engine_said)
        self._model = ""
        self._after = QTimer(self)
        self._after.setSingleShot(True)
        self._after.setInterval(20)  # after the image is painted
        self._after.timeout.connect(self._look_ahead)
        self._folding: threading.Thread | None = None
        self._fold_log = QTimer(self)
        self._fold_log.setInterval(FOLD_EVERY)
        self._fold_log.timeout.connect(self._begin_folding)
        self._fold_log.start()
        self._near: list[int] = []
        self._towards = 1
        """Which way the labeler goes through the list: 1 or -1."""
        self._read_next = QTimer(self)
        self._read_next.setSingleShot(True)
        self._read_next.setInterval(0)
        self._read_next.timeout.connect(self._read_ahead)

    # Opening and closing

    def open(self, path: Path, read_only: bool = False) -> None:
        """Open a folder, photo, COCO file or project on a thread; ``project_changed`` or ``failed`` tells."""
        if self._work and self._work.isRunning():
            self._refuse()
            return
        self.opening.emit(path.name)
        before = self.project
        back = (before.path, before.read_only) if before is not None else None
        # The file may be the open project's own: let go of it first.
        self.close_project()
        self.refused = None
        self._open(path, read_only, self._opened, lambda error: self._not_opened(error, back))

    def _open(
        self,
        path: Path,
        read_only: bool,
        done: Callable[[Opened], object],
        failed: Callable[[KdcError], object],
    ) -> None:
        labeler = self.labeler
        work = Work(lambda tell: open_anything(path, labeler, tell, read_only), self)
        self._work = work
        work.progress.connect(self.progress)
        # A method of this object runs on the window's thread; a function would run on the thread that opens.
        self._then = done, failed
        work.done.connect(self._work_done)
        work.failed.connect(self._work_failed)
        work.start()

    def _work_done(self, opened: Opened) -> None:
        if self._closed:
            opened.project.close()
        else:
            self._then[0](opened)

    def _work_failed(self, error: KdcError) -> None:
        if not self._closed:
            self._then[1](error)

    def _not_opened(self, error: KdcError, back: tuple[Path, bool] | None) -> None:
        """Say so, over the project that was open before: a slip of the hand shall not take anybody out of the work."""

        def say(_: object = None) -> None:
            self.progress.emit("", 0, 0)
            if self.project is None:
                self.project_changed.emit()
            self.refused = error
            self.failed.emit(error)

        def again(opened: Opened) -> None:
            self._opened(opened)
            say()

        if back is None:
            say()
        else:
            self._open(*back, again, say)

    def _opened(self, opened: Opened) -> None:
        self.progress.emit("", 0, 0)
        self.project = opened.project
        self._filter = {}
        self.ids = opened.ids
        if opened.folder is not None:
            self.newcomers.expect(opened.project, opened.folder, opened.names)
        self.project_changed.emit()
        self.list_changed.emit()
        for note in opened.notes:
            self.note.emit(note)
        start = opened.image_id
        if start is None:
            start = opened.project.setting(LAST_IMAGE)
        at = self.ids.index(start) if start in self.ids else 0
        if len(self.ids):
            self.go(at)

    def close_project(self) -> None:
        """Leave the project; everything is on disk already. An import that is under way leaves nothing there, and that is said."""
        self._stop_import()
        self._count_time()
        self.leaving.emit()
        self.newcomers.stop()
        self.listing.stop()
        self._read_next.stop()
        self._near = []
        self.engine.cancel_all()
        if self.project is not None:
            self._remember()
            self.scene.show(None)
            self.document = None
            try:
                saved = self.project.rescue()
                if saved is not None:
                    self.rescued.emit(saved)
            except KdcError as error:
                self.failed.emit(error)
            if self._folding is not None:
                self._folding.join()
            try:
                self.project.close()
            except KdcError as error:
                self.failed.emit(error)
            self.project = None
        self.ids, self.index = array("q"), -1
        self._came_from = None
        self.loader.clear()

    def _begin_folding(self) -> None:
        """On a thread of its own: the window would wait for the disk."""
        if self.project is not None and not (self._folding is not None and self._folding.is_alive()):
            self._folding = threading.Thread(target=self.project.fold_log, name="kdc-fold-log", daemon=True)
            self._folding.start()

    def shut_down(self) -> None:
        """The window closes. What is being opened is not made."""
        self._stop = self._closed = True
        if self.importing is not None:
            self.importing.stop()
        if self._work:
            self._work.stop()
            self._work.wait(5000)
        self.close_project()
        self.listing.close()
        self.newcomers.close()
        self.loader.close()

    def preannotate(self) -> bool:
        """Have the model look at every image that nobody has begun; False where there is no model."""
        if self.project is None:
            return False
        return self.engine.annotate_all(PhotosOf(self.project, self.project.image_ids(status="untouched")))

    def list_again(self) -> None:
        """There are more images than before: ask again which ones fit; ``list_changed`` tells."""
        if self.project is not None:
            self.listing.ask(self.project, self._filter)

    def show_moved(self, images: Collection[int]) -> None:
        """Files of these images lie elsewhere than before."""
        self.loader.clear()
        self.photos_changed.emit()
        self.list_changed.emit()
        if self.document is not None and self.document.photo.id in images:
            self.go(self.index)

    # Going about

    @property
    def photo(self) -> PhotoRecord | None:
        """The open image's record."""
        return self.document.photo if self.document else None

    def filter(self, **conditions: object) -> None:
        """Show only some images; see ``Project.image_ids``. ``list_changed`` tells; of many images that is later."""
        if self.project is not None:
            self._filter = conditions
            self.listing.ask(self.project, conditions)

    def _take_list(self, ids: array[int]) -> None:
        current = self.document.photo.id if self.document else None
        index = ids.index(current) if current is not None and current in ids else -1
        if index < 0:
            self._gap = self._gap_in(ids)
        self.ids, self.index = ids, index
        self.list_changed.emit()

    def _gap_in(self, ids: array[int]) -> int:
        """Where the open image, which is not among ``ids``, would stand there, by its neighbours in the list until now; 0 without any."""
        at, kept = self.index if self.index >= 0 else self._gap, set(ids)
        following = next((i for i in self.ids[at:] if i in kept), None)
        if following is not None:
            return ids.index(following)
        return len(ids) if any(i in kept for i in self.ids[:at]) else 0

    def go(self, index: int) -> None:
        """Open the image at that place of the list."""
        if self.project is None or self._busy or not 0 <= index < len(self.ids):
            return
        self.gives_way.hold()
        self._read_next.stop()
        self.finishing.emit()
        self._stop_watch()  # Stored once the new image is painted.
        try:
            if self.document is not None and self.document.photo.id != self.ids[index]:
                self._came_from = self.document.photo.id
                self._people_left = (self._state_of(self.document.photo), self.document.people)
            document = sized(self.project, self.project.document(self.ids[index]))
        except KdcError as error:
            self.failed.emit(error)
            return
        self._towards = -1 if index == self.index - 1 else 1
        self.index = index
        self.document = document
        self.photo_error = None
        self.clock.restart()
        self.engine.leave_image()
        self.going.emit()
        self.scene.show(document)
        self.image_changed.emit()
        request = self._request(document.photo)
        photo = self.loader.cached(request)
        if photo is not None:
            self.photo_ready.emit(photo)
        else:
            self.loader.request(request, [])
        self._after.start()

    def go_to_image(self, image_id: int) -> None:
        """Open the image with that id; where the filter hides it, the filter is taken away."""
        if image_id not in self.ids and self.project is not None:
            self._filter = {}
            self.listing.forget()
            self._take_list(self.project.image_ids())
        if image_id in self.ids:
            self.go(self.ids.index(image_id))

    def beside(self, by: int) -> int:
        """The place of the image that many further on in the list; outside it there is none. Where the open image is not in the list any
        more, its neighbours still are; where nothing followed it, the list begins anew."""
        if self.index >= 0:
            return self.index + by
        return self._gap % max(len(self.ids), 1) + by - 1 if by > 0 else self._gap + by

    def step(self, by: int) -> bool:
        """The next (1) or previous (-1) image; False at the end."""
        target = self.beside(by)
        if not 0 <= target < len(self.ids):
            return False
        self.go(target)
        return True

    def people_before(self) -> tuple[tuple[Annotation, ...], str]:
        """The people of the previous image, and its name: of the one that was shown before, unless it lies further on in the list; else,
        and where that has nobody, of the one before in the list."""
        if self.project is None:
            return (), ""
        came, before = self._came_from, self.ids[self.index - 1] if self.index > 0 else None
        later = came is not None and self.index >= 0 and came in self.ids[self.index + 1 :]
        name = ""
        for image in (before, came) if later else (came, before):
            if image is not None:
                photo = self.project.photo(image)
                name = name or photo.path
                left, kept = self._people_left
                if people := kept if left == self._state_of(photo) else tuple(self.project.people(photo)):
                    return people, photo.path
        return (), name

    def _forget_people_left(self) -> None:
        self._people_left = (None, ())

    def _state_of(self, photo: PhotoRecord) -> tuple[object, ...]:
        """Another one where the people in the project's file may be others, or read otherwise."""
        assert self.project is not None
        return (id(self.project), photo.id, photo.size, self.project.change_token(photo.id), self.project.schemas)

    @property
    def reviewer(self) -> str:
        """The name that reviews are signed with."""
        return self.labeler or tr("reviewer")

    def sign_with(self, name: str) -> None:
        """Another name for what is done from now on."""
        self.labeler = name
        for signed in (self.project, self.document):
            if signed is not None:
                signed.labeler = name

    def next_where(self, **conditions: object) -> int | None:
        """The next place in the list, and round again, whose image fits (see ``Project.image_ids``); not the present one."""
        if self.project is None:
            return None
        after = self.index + 1
        # It is nearly always close by; only where it is not are all images asked for.
        for page in (self.ids[after : after + NEAR], None):
            wanted = set(self.project.image_ids(within=page, **conditions))  # type: ignore[arg-type]
            if wanted:
                order = chain(range(after, len(self.ids)), range(max(self.index, 0)))
                return next((i for i in order if self.ids[i] in wanted), None)
        return None

    def touched(self) -> None:
        """The labeler did something: time counts from here, up to a minute."""
        self.clock.touched()

    def set_brightness(self, value: float) -> None:
        """Brighten this and all following photos."""
        self.brightness = value
        if self.document is not None:
            request = self._request(self.document.photo)
            photo = self.loader.cached(request)
            if photo is not None:
                self.photo_ready.emit(photo)
            else:
                self.loader.request(request, [])

    def _request(self, photo: PhotoRecord) -> PhotoRequest:
        assert self.project is not None
        return PhotoRequest(photo.id, self.project.image_path(photo), photo.size, self.brightness)

    def _look_ahead(self) -> None:
        if self.project is None or self.document is None:
            return
        photo = self.document.photo
        self._store_time()
        self._remember()
        near = [i for n in (*range(1, AHEAD + 1), -BEHIND) if 0 <= (i := self.beside(n)) < len(self.ids)]
        records = self.project.photos_of([self.ids[i] for i in near])
        self.loader.request(self._request(photo), [self._request(r) for r in records])
        wanted = not self.project.read_only and may_propose(self.project, photo, self.engine.status.model)
        self.engine.open_image(photo.id, self.project.image_path(photo), photo.size, wanted)
        self.engine.prefetch([(r.id, self.project.image_path(r), r.size) for r in records])
        self._near = [r.id for r in records]
        self._read_next.start()

    def _read_ahead(self) -> None:
        """A few people at a time: a crowd together would block the window."""
        if self.project is None or self.document is None:  # None is open: others work on the project.
            return
        with suppress(KdcError):  # Whoever is opened says what is wrong with it.
            if self.project.read_ahead(self.project.photos_of(self._near), READ_AHEAD):
                self._read_next.start()
                return
        self.looked_ahead.emit()

    def coming(self) -> PhotoRecord | None:
        """The image that will probably be opened next."""
        place = self.beside(self._towards)
        if self.project is None or self.document is None or not 0 <= place < len(self.ids):
            return None
        return next(iter(self.project.photos_of([self.ids[place]])), None)

    def photo_in_memory(self, photo: PhotoRecord) -> PhotoLevels | None:
        """An image's photo as it would be shown, where it is read already."""
        return self.loader.cached(self._request(photo))

    def _photo_loaded(self, image_id: int, photo: PhotoLevels) -> None:
        if self.document is not None and self.document.photo.id == image_id:
            self.photo_ready.emit(photo)
        elif image_id in self._near:
            self._keep_size(image_id, photo)

    def _keep_size(self, image_id: int, photo: PhotoLevels) -> None:
        """A photo that was read ahead says how large it is: whoever opens its image need not ask the file."""
        if self.project is not None and self.document is not None and not self.project.read_only:
            with suppress(KdcError):
                if min(self.project.photo(image_id).size) <= 0:
                    self.project.keep_sizes({image_id: (photo.width, photo.height)})

    def _photo_failed(self, image_id: int, error: KdcError) -> None:
        if self.document is not None and self.document.photo.id == image_id:
            self.photo_error = error
            self.photo_failed.emit(error)

    # Results of the engine

    def _take_proposals(self, image_id: int, people: list[Annotation], model: str, part: Box | None) -> None:
        if self.project is None or self.project.read_only:
            return
        try:
            said = take_proposals(self.project, self.document, image_id, people, model, part)
        except KdcError as error:
            self.failed.emit(error)
            return
        if said is Taken.NOBODY_NEW:
            self.note.emit(tr("Nobody new was found there."))
        elif said is Taken.STORED:
            self.counts_changed.emit()
            if image_id in self._near:
                self._read_next.start()

    def _engine_said(self, status: EngineStatus) -> None:
        """Another model is there: what nobody has begun is proposed anew, and masks follow by its fields."""
        if status.model and status.model != self._model:
            before, self._model = self._model, status.model
            if before and self.document is not None:
                self._after.start()

    # Small things kept in the project

    def _remember(self) -> None:
        if self.project is not None and not self.project.read_only and 0 <= self.index < len(self.ids):
            try:
                self.project.set_setting(LAST_IMAGE, int(self.ids[self.index]), durable=False)
            except KdcError as error:
                self.failed.emit(error)

    def _count_time(self) -> None:
        """Store how long the open image has been worked on, and where the labeler is."""
        self._stop_watch()
        self._store_time()
        self._remember()

    def _stop_watch(self) -> None:
        if self.document is not None:
            self._worked.append((self.document.photo.id, self.clock.take()))

    def _store_time(self) -> None:
        worked, self._worked = self._worked, []
        if self.project is None or self.project.read_only:
            return
        try:
            for image_id, seconds in worked:
                if seconds > 0.5:
                    self.project.add_active_seconds(image_id, round(seconds, 1))
        except KdcError as error:
            self.failed.emit(error)
