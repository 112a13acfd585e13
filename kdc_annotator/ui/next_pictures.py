"""What the canvas will show of the next image is drawn while nothing else is to be done, so that going on only lays it down."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QPainter

from kdc.errors import KdcError
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.ui.canvas.canvas import Canvas
from kdc_annotator.ui.scene import Scene
from kdc_annotator.ui.session import Session

SOON = 40
"""Milliseconds after the people ahead are read: panels and thumbnails are painted first."""
SLICE = 0.003
"""Seconds of drawing at a time; whoever presses a key waits no longer."""
MOST_BYTES = 48_000_000


class NextPictures(QObject):
    """Never in doubt about what is shown: the canvas takes a picture only where it would draw the same."""

    def __init__(self, session: Session, canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._canvas = session, canvas
        self._crew = Scene(self)
        self._steps: Iterator[None] = iter(())
        self._made: tuple[object, ...] = ()
        self._seen: tuple[object, ...] = ()
        self._soon = self._timer(SOON, self._begin)
        self._turn = self._timer(0, self._go_on)
        session.looked_ahead.connect(self._soon.start)
        session.loader.loaded.connect(lambda *_: self._soon.start())
        session.going.connect(self._stop)
        session.leaving.connect(self._forget)
        canvas.overlays.append(self._painted)

    def _timer(self, milliseconds: int, then: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

    def _stop(self) -> None:
        self._soon.stop()
        self._turn.stop()
        self._steps = iter(())

    def _forget(self) -> None:
        self._stop()
        self._made = ()
        self._crew.show(None)
        self._canvas.forget_ready()

    def _look(self) -> tuple[object, ...]:
        """What decides, besides the image, how it is drawn."""
        canvas, scene = self._canvas, self._canvas.scene
        return (canvas.mapping, canvas.size(), canvas.devicePixelRatioF(), scene.look, scene.threshold, canvas.theme)

    def _painted(self, _: QPainter) -> None:
        """The canvas was painted: if it looks at images otherwise than before, so it will at the next."""
        look = self._look()
        if look != self._seen:
            self._seen = look
            self._soon.start()

    def _begin(self) -> None:
        self._steps = self._work()
        self._go_on()

    def _go_on(self) -> None:
        tool = self._canvas.tool
        if self._canvas.scene.previewing or (tool is not None and tool.busy):
            self._turn.start(SOON)
            return
        end = time.perf_counter() + SLICE
        try:
            for _ in self._steps:
                if time.perf_counter() >= end:
                    self._turn.start(0)
                    return
        except KdcError:  # Whoever opens the image says what is wrong with it.
            return

    def _work(self) -> Iterator[None]:
        session, canvas = self._session, self._canvas
        coming, project = session.coming(), session.project
        if coming is None or project is None or 0 in coming.size:
            self._forget()
            return
        photo = session.photo_in_memory(coming)
        if photo is not None:
            canvas.make_photo_ready(photo)
            yield
        made = (coming.id, project.change_token(coming.id), *self._look())
        if made == self._made:
            return
        self._made = ()
        canvas.pictures.forget_ready()
        people = project.people_ahead(coming)
        if people is None:
            return
        document = ImageDocument(coming, *people, None, project.schemas)
        self._crew.threshold = canvas.scene.threshold
        self._crew.show(document)
        yield
        room = MOST_BYTES
        for figure in self._crew.figures:
            room -= canvas.make_figure_ready(figure, document.schema(figure.annotation.category_id))
            if room < 0:
                break
            yield
        self._made = made
