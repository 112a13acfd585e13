"""Many photos through the network: reading, the network and grouping overlap, memory stays flat, one bad photo stops nobody.

Reading and letterboxing run on threads, inputs of equal size wait for each other until a batch is full, one thread for
each device runs the network, and decoding and masks run on threads again. What waits is bounded in megapixels.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol

import numpy as np

from kdc.decode.masker import Scene
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.heap import Trimmer
from kdc.images import PhotoFrame, decode_image, read_bytes
from kdc.schema import PoseSchema
from kdc.structures import Person
from kdc.tiling import tile_boxes

_MEGAPIXEL = 1_000_000
_NO_FRAME = PhotoFrame(0, 0)


class Network(Protocol):
    """What the pipeline asks of a ``kdc.predictor.Predictor``; one for each device."""

    size: int
    tiles: str | int

    @property
    def schema(self) -> PoseSchema: ...

    def fields_batch(self, inputs: np.ndarray) -> list[Fields]: ...

    def people(self, scene: Scene) -> list[Person]: ...


@dataclass(frozen=True)
class PhotoTask:
    """A photo to look at. ``key``: the caller's, unique in a run; an image's id, which COCO files may have as text."""

    key: int | str
    path: Path


@dataclass(frozen=True, eq=False)
class PhotoResult:
    """A finished photo. ``people``: best first, in upright photo pixels. ``hash``: SHA-256 of the file in hex, ``bytes`` its size.

    Where ``error`` is set, the photo could not be used: it says why in a sentence, and the rest is empty.
    """

    task: PhotoTask
    people: Sequence[Person] = ()
    frame: PhotoFrame = _NO_FRAME
    hash: str = ""
    bytes: int = 0
    error: str = ""


@dataclass(frozen=True)
class PipelineOptions:
    """``batch``: inputs of one size that go through the network together. ``readers``, ``groupers``: threads. ``megapixels``: most
    that wait in memory, in pixels of photos."""

    batch: int = 4
    readers: int = 2
    groupers: int = 2
    megapixels: int = 64


@dataclass(eq=False)
class _View:
    photo: _Photo
    letterbox: Letterbox
    input: np.ndarray
    pixels: np.ndarray
    fields: Fields | None = None


@dataclass(eq=False)
class _Photo:
    task: PhotoTask
    frame: PhotoFrame
    hash: str
    bytes: int
    boxes: list[tuple[int, int, int, int]]
    weight: int
    views: list[_View] = field(default_factory=list)


def run_photos(
    tasks: Iterable[PhotoTask], networks: Sequence[Network], options: PipelineOptions = PipelineOptions()
) -> Iterator[PhotoResult]:
    """Every task once, in the order in which they get ready. Closing the iterator ends the work.

    Raises ``KdcError`` where the network itself can't go on, such as on a full GPU with a single photo.
    """
    with ExitStack() as stack:
        pools = [stack.enter_context(ThreadPoolExecutor(1, f"network-{i}")) for i in range(len(networks))]
        readers = stack.enter_context(ThreadPoolExecutor(max(1, options.readers), "read"))
        groupers = stack.enter_context(ThreadPoolExecutor(max(1, options.groupers), "group"))
        for pool in (groupers, *pools, readers):
            stack.callback(pool.shutdown, cancel_futures=True)
        yield from _Run(tasks, networks, options, readers, pools, groupers).results()


class _Run:
    def __init__(
        self,
        tasks: Iterable[PhotoTask],
        networks: Sequence[Network],
        options: PipelineOptions,
        readers: ThreadPoolExecutor,
        pools: Sequence[ThreadPoolExecutor],
        groupers: ThreadPoolExecutor,
    ) -> None:
        self.tasks, self.networks, self.options = iter(tasks), networks, options
        self.readers, self.pools, self.groupers = readers, pools, groupers
        self.events: SimpleQueue[tuple[str, Any, Future[Any]]] = SimpleQueue()
        self.waiting: dict[tuple[int, ...], deque[_View]] = defaultdict(deque)
        self.queued = [0] * len(networks)
        self.reading = self.grouping = self.weight = 0
        self.more = True
        self.trim = Trimmer()

    def results(self) -> Iterator[PhotoResult]:
        while True:
            self.read()
            self.dispatch()
            if not (self.reading or self.grouping or any(self.queued)):
                return
            kind, about, future = self.events.get()
            if kind == "read":
                self.reading -= 1
                photo = future.result()
                if isinstance(photo, PhotoResult):
                    self.weight -= 1
                    yield photo
                    continue
                self.weight += photo.weight - 1
                for view in photo.views:
                    self.waiting[view.input.shape].append(view)
            elif kind == "network":
                device, views = about
                self.queued[device] -= 1
                for view, fields in zip(views, future.result(), strict=True):
                    view.fields = fields
                    if all(v.fields is not None for v in view.photo.views):
                        self.grouping += 1
                        self.submit(self.groupers, "group", view.photo, _group, view.photo, self.networks[device])
            else:
                self.grouping -= 1
                self.weight -= about.weight
                self.trim()
                yield future.result()

    def submit(self, pool: ThreadPoolExecutor, kind: str, about: Any, work: Callable[..., Any], *args: Any) -> None:
        pool.submit(work, *args).add_done_callback(lambda future: self.events.put((kind, about, future)))

    def read(self) -> None:
        ahead = max(2 * self.options.readers, self.options.batch)
        while self.more and self.reading < ahead and self.weight < self.options.megapixels:
            task = next(self.tasks, None)
            if task is None:
                self.more = False
                return
            self.reading += 1
            self.weight += 1
            network = self.networks[0]
            self.submit(self.readers, "read", task, _read, task, network.size, network.tiles)

    def dispatch(self) -> None:
        """Fills every device's queue of two batches: full batches, or what there is where nothing more is coming."""
        most = max(2 * self.options.batch, 4 * self.options.groupers)
        for device, network in enumerate(self.networks):
            while self.queued[device] < 2 and self.grouping < most:
                shape = max(self.waiting, key=lambda s: len(self.waiting[s]), default=None)
                if shape is None:
                    break
                full = len(self.waiting[shape]) >= self.options.batch
                if not full and (self.reading or any(self.queued)):
                    break
                line = self.waiting[shape]
                views = [line.popleft() for _ in range(min(len(line), self.options.batch))]
                if not line:
                    del self.waiting[shape]
                self.queued[device] += 1
                work = (_look, views, network)
                self.submit(self.pools[device], "network", (device, views), *work)


def _read(task: PhotoTask, size: int, tiles: str | int) -> _Photo | PhotoResult:
    try:
        data = read_bytes(task.path)
        digest = hashlib.sha256(data).hexdigest()
        image = decode_image(data, str(task.path))
        height, width = image.pixels.shape[:2]
        boxes = tile_boxes(width, height, size, tiles)
        photo = _Photo(task, image.frame, digest, len(data), boxes, -(-height * width // _MEGAPIXEL))
        for x, y, w, h in [(0, 0, width, height), *boxes]:
            pixels = np.ascontiguousarray(image.pixels[y : y + h, x : x + w])
            letterbox = Letterbox.fit(w, h, size)
            photo.views.append(_View(photo, letterbox, letterbox.apply(pixels), pixels))
        return photo
    except Exception as error:
        return PhotoResult(task, error=_sentence(task, error))


def _look(views: Sequence[_View], network: Network) -> list[Fields]:
    return _fields(np.stack([view.input for view in views]), network)


def _fields(inputs: np.ndarray, network: Network) -> list[Fields]:
    try:
        return network.fields_batch(inputs)
    except (MemoryError, RuntimeError) as error:
        if "memory" not in str(error).lower() and not isinstance(error, MemoryError):
            raise
        if len(inputs) == 1:
            raise KdcError(
                "Out of memory", "The device can't hold one photo; choose a smaller --size or another --device."
            ) from None
    half = len(inputs) // 2
    return [*_fields(inputs[:half], network), *_fields(inputs[half:], network)]


def _group(photo: _Photo, network: Network) -> PhotoResult:
    try:
        groups = []
        for view in photo.views:
            assert view.fields is not None
            groups.append(network.people(Scene(view.pixels, view.letterbox, view.fields, network.schema, view.input)))
        people = groups[0]
        if photo.boxes:
            from kdc.predictor import join_views

            people = join_views(groups, photo.boxes, (photo.frame.width, photo.frame.height), network.schema)
        people = [inside_photo(p, photo.frame.width, photo.frame.height) for p in people]
        return PhotoResult(photo.task, people, photo.frame, photo.hash, photo.bytes)
    except Exception as error:
        return PhotoResult(photo.task, error=_sentence(photo.task, error))
    finally:
        photo.views.clear()


def inside_photo(person: Person, width: int, height: int) -> Person:
    """The person with joints beyond the photo's outermost pixels moved onto them; masks end there anyway."""
    points = person.keypoints.copy()
    points[:, 0] = points[:, 0].clip(0, width - 1)
    points[:, 1] = points[:, 1].clip(0, height - 1)
    return replace(person, keypoints=points)


def _sentence(task: PhotoTask, error: Exception) -> str:
    if isinstance(error, KdcError):
        where = "" if str(task.path) in error.message else f"{task.path}: "
        return f"{where}{error.title}: {error.message}"
    if isinstance(error, MemoryError):
        return f"{task.path}: Out of memory: the photo is too large for this machine."
    return f"{task.path}: Could not be used ({type(error).__name__}: {error})."
