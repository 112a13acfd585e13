"""Photos and thumbnails, read on other threads; the next ones ahead of time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from kdc.errors import KdcError
from kdc_annotator.ui.canvas.photo_layer import PhotoLevels, photo_levels, with_brightness
from kdc_annotator.ui.readers import Readers
from kdc_annotator.ui.text import tr

CACHE_BYTES = 420_000_000
THUMBNAIL = (112, 72)
_ORIENTATION = 0x0112
"""EXIF's number of it; 5 to 8 exchange width and height."""
_PLAIN = ("RGB", "L", "CMYK", "YCbCr")
"""Modes in which Pillow's own conversion to RGB is the one that the photo is shown with."""


@dataclass(frozen=True)
class PhotoRequest:
    """``size``: the project's (width, height), (0, 0) where unknown; it decides between the upright and the stored frame."""

    image_id: int
    path: Path
    size: tuple[int, int]
    brightness: float = 0.0

    @property
    def unsized(self) -> PhotoRequest:
        """The same before the project knew the size: that reads the upright photo."""
        return replace(self, size=(0, 0))


def read_pixels(request: PhotoRequest) -> np.ndarray:
    """(H, W, 3) uint8 RGB in the frame that the project's size says. KdcError where the file can't be read or is another photo."""
    from kdc.images import read_image

    photo = read_image(request.path)
    frame = photo.frame
    if request.size in ((0, 0), (frame.width, frame.height)):
        return photo.pixels
    if request.size == (frame.stored_width, frame.stored_height):
        return photo.stored_pixels
    raise KdcError(
        tr("Another photo"),
        tr(
            "{name} is {width} x {height} pixels, the project says {w} x {h}: put the original back, or import it anew.",
            name=request.path.name, width=frame.width, height=frame.height, w=request.size[0], h=request.size[1],
        ),
    )  # fmt: skip


def _stamp(path: Path) -> tuple[int, int] | None:
    """Tells a file from the one that stood there before; None where there is none."""
    try:
        info = path.stat()
    except OSError:
        return None
    return info.st_mtime_ns, info.st_size


class PhotoLoader(QObject):
    """Keeps some photos around the open one in memory. Results come by signals, on the window's thread."""

    loaded = Signal(int, object)
    """image id, PhotoLevels."""
    failed = Signal(int, object)
    """image id, KdcError."""
    _arrived = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = Readers(2, "kdc-photos")
        self._cache: OrderedDict[PhotoRequest, PhotoLevels] = OrderedDict()
        self._stamps: dict[Path, tuple[int, int] | None] = {}
        """Of the files when they were read last."""
        self._running: set[PhotoRequest] = set()
        self._wanted: set[PhotoRequest] = set()
        self._begun: set[PhotoRequest] = set()
        self._later: tuple[PhotoRequest, list[PhotoRequest]] | None = None
        """Which photo is waited for, and what is read once it has come."""
        self._lock = threading.Lock()
        self._arrived.connect(self._take)

    def cached(self, request: PhotoRequest) -> PhotoLevels | None:
        """The photo where it is in memory already, and its file has not been replaced since."""
        self._forget_replaced(request.path)
        found = self._known(request)
        if found:
            self._cache.move_to_end(request)
        return found

    def _forget_replaced(self, path: Path) -> None:
        now = _stamp(path)
        if now is not None and now != self._stamps.get(path, now):
            self._cache = OrderedDict((r, levels) for r, levels in self._cache.items() if r.path != path)

    def _known(self, request: PhotoRequest) -> PhotoLevels | None:
        """In memory, also where it was read before its size was known, and the size is that of the upright photo."""
        found = self._cache.get(request)
        upright = self._cache.get(request.unsized) if found is None else None
        if upright is not None and (upright.width, upright.height) == request.size:
            found = self._cache[request] = self._cache.pop(request.unsized)
        return found

    def request(self, first: PhotoRequest, ahead: list[PhotoRequest]) -> None:
        """Read ``first`` now and ``ahead`` once it has come: beside it they would make the one that is waited for come later. What was asked
        before and has not begun is forgotten."""
        self._later = None
        with self._lock:
            # One that is being read already is waited for, also where its size was not known then.
            self._wanted = {first, *ahead} | ({first.unsized} & self._begun)
        self._pool.clear()
        with self._lock:
            self._running &= self._begun
        self._start(first, 2)
        if self._known(first) is not None:
            self._start_ahead(ahead)
        else:
            self._later = (first, ahead)

    def _start_ahead(self, ahead: list[PhotoRequest]) -> None:
        for request in ahead:
            self._start(request, 0)

    def _start(self, request: PhotoRequest, urgency: int) -> None:
        if self._known(request) is None and not self._running & {request, request.unsized}:
            self._running.add(request)
            self._pool.start(partial(self._read, request), urgency)

    def _read(self, request: PhotoRequest) -> None:
        with self._lock:
            if request not in self._wanted:
                self._running.discard(request)
                return
            self._begun = self._begun | {request}
        result: object
        stamp = _stamp(request.path)
        try:
            levels = photo_levels(np.ascontiguousarray(read_pixels(request)))
            result = with_brightness(levels, request.brightness)
        except KdcError as error:
            result = error
        except MemoryError:
            result = KdcError(
                tr("Out of memory"), tr("{name} does not fit in memory; close other programs.", name=request.path.name)
            )
        try:
            self._arrived.emit(request, (result, stamp))
        except RuntimeError:
            return  # The window has gone meanwhile.

    def _take(self, request: PhotoRequest, answer: tuple[object, tuple[int, int] | None]) -> None:
        result, stamp = answer
        with self._lock:
            self._running.discard(request)
            self._begun = self._begun - {request}
            wanted = request in self._wanted
        if isinstance(result, PhotoLevels):
            if self._stamps.get(request.path, stamp) != stamp:
                self._forget_replaced(request.path)
            self._stamps[request.path] = stamp
            self._cache[request] = result
            while sum(p.bytes for p in self._cache.values()) > CACHE_BYTES and len(self._cache) > 1:
                self._cache.popitem(last=False)
        if self._later is not None and request in (self._later[0], self._later[0].unsized):
            first, ahead = self._later
            if request != first and isinstance(result, PhotoLevels) and self._known(first) is None:
                self._start(first, 2)  # The project counts pixels as the file stores them: another frame.
                return
            self._later = None
            self._start_ahead(ahead)
        if not wanted:
            return  # Another project's image has the same number, or it was asked for with another brightness.
        (self.loaded if isinstance(result, PhotoLevels) else self.failed).emit(request.image_id, result)

    def clear(self) -> None:
        """Forget everything: another project."""
        self._later = None
        with self._lock:
            self._wanted = set()
        self._pool.clear()
        self._cache.clear()
        self._stamps.clear()

    def close(self) -> None:
        """End the threads."""
        self._pool.close()


class ThumbnailLoader(QObject):
    """Small pictures for lists, newest request first."""

    ready = Signal(int, object)
    """image id, QImage."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = Readers(1, "kdc-thumbnails")
        self._asked: set[int] = set()
        self._serial = 0

    def request(self, image_id: int, path: Path, size: tuple[int, int] = (0, 0)) -> None:
        """Make one; ``ready`` tells. ``size``: as in ``PhotoRequest``."""
        if image_id in self._asked:
            return
        self._asked.add(image_id)
        self._serial += 1
        self._pool.start(partial(self._make, image_id, path, size), self._serial)

    def _make(self, image_id: int, path: Path, size: tuple[int, int]) -> None:
        try:
            image = thumbnail(path, size)
        except (OSError, ValueError, SyntaxError, KdcError):
            image = QImage()
        try:
            self.ready.emit(image_id, image)
        except RuntimeError:
            return

    def clear(self) -> None:
        """Another project."""
        self._pool.clear()
        self._asked.clear()

    def close(self) -> None:
        """End the thread."""
        self._pool.close()


def thumbnail(path: Path, size: tuple[int, int] = (0, 0)) -> QImage:
    """A small picture of a photo in the frame that ``size`` says (see ``PhotoRequest``); JPEG files are only read as finely as it takes."""
    from PIL import Image, ImageOps

    from kdc.images import to_rgb

    with Image.open(path) as image:
        lying = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
        stored = lying and image.size == size != image.size[::-1]
        image.draft("RGB", (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2))
        if image.mode in _PLAIN and "transparency" not in image.info:
            small = image.convert("RGB")
        else:  # Pillow would cut 16 bits off at 255, and show what transparency hides.
            image.load()
            small = Image.fromarray(to_rgb(image))
            small.info = image.info
        if not stored:
            small = ImageOps.exif_transpose(small)
        small = ImageOps.fit(
            small, (THUMBNAIL[0] * 2, THUMBNAIL[1] * 2), Image.Resampling.BILINEAR, centering=(0.5, 0.35)
        )
    data = np.ascontiguousarray(np.asarray(small))
    return QImage(
        data.data, data.shape[1], data.shape[0], data.strides[0], QImage.Format.Format_RGB888
    ).convertToFormat(QImage.Format.Format_RGB32)
