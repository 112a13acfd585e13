"""The people of an image, read from a project; those of the images that will probably be opened next, ahead of time."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.records import annotation_from_record
from kdc_annotator.io.project_rows import loads

MOST, MOST_MASKS = 2000, 250
"""People of an image that are made ahead, and up to how many their masks are decoded, too: more are too much memory for an image that may
never be opened."""

Record = tuple[str, tuple[int, int]]
"""What the file says of somebody, and the (width, height) of the image."""


Waiting = tuple[Record, Callable[[], Annotation]]


@dataclass(frozen=True)
class _Begun:
    """An image of which some people are ``made`` and some are ``left``. ``masks``: whether those are decoded, too."""

    made: dict[Record, Annotation]
    left: deque[Waiting]
    masks: bool


class PeopleAhead:
    """Annotations by what the file says of them, so that one that was changed since is never taken for what it is now."""

    def __init__(self) -> None:
        self._images: dict[int, dict[Record, Annotation]] = {}
        self._begun: dict[int, _Begun] = {}

    def annotation(self, image_id: int, record: Record, make: Callable[[], Annotation]) -> Annotation:
        """The annotation of a stored record: the one that was made ahead, else what ``make`` makes."""
        begun = self._begun.get(image_id)
        known = (self._images.get(image_id) or (begun.made if begun else {})).get(record)
        return make() if known is None else known

    def keep_only(self, image_ids: Collection[int]) -> list[int]:
        """Forget the other images; returns those of ``image_ids`` that nothing is kept of."""
        self._images = {i: people for i, people in self._images.items() if i in image_ids}
        self._begun = {i: begun for i, begun in self._begun.items() if i in image_ids}
        return [i for i in image_ids if i not in self._images]

    def has(self, image_id: int) -> bool:
        """Whether somebody was made of that image."""
        return bool(self._images.get(image_id))

    def forget(self, image_id: int) -> None:
        """Other people are there now: whoever reads ahead makes them anew."""
        self._images.pop(image_id, None)
        self._begun.pop(image_id, None)

    def keep(self, image_id: int, people: Callable[[], Sequence[Waiting]], end: float) -> bool:
        """Make an image's people, measured and, but for a large crowd's, their masks decoded; or somebody of them and whoever else is made
        until ``end`` of ``perf_counter``. Returns whether that is everybody. ``people`` is asked once, however often it goes on."""
        begun = self._begun.get(image_id)
        if begun is None:
            found = people()
            left = deque(found if len(found) <= MOST else ())
            begun = self._begun[image_id] = _Begun({}, left, len(found) <= MOST_MASKS)
        first = through = True
        try:
            while begun.left:
                if not first and time.perf_counter() >= end:
                    through = False
                    break
                record, make = begun.left.popleft()
                first = False
                if record not in begun.made:
                    person = begun.made[record] = make()
                    person.extent()
                    if begun.masks:
                        _ = person.mask
        finally:
            if through:  # One that can't be read is not tried again and again.
                self._images[image_id] = self._begun.pop(image_id).made
        return through


class PeopleReading:
    """The part of ``Project`` that reads people and proposals."""

    _mutex: threading.RLock
    _ahead: PeopleAhead

    @property
    def schemas(self) -> dict[int, PoseSchema]:
        """See ``Project``."""
        raise NotImplementedError

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        raise NotImplementedError

    def people(self, photo: PhotoRecord) -> list[Annotation]:
        """Everybody in an image, drawing order."""
        return [self._ahead.annotation(photo.id, record, make) for record, make in self._stored_people(photo)]

    def _everybody_stored(self, photo: PhotoRecord) -> list[Waiting]:
        rows = self._proposal_rows(photo.id)
        proposals = [((text, photo.size), partial(self._made, text, photo.size)) for _, text, _ in rows]
        return self._stored_people(photo) + proposals

    def _stored_people(self, photo: PhotoRecord) -> list[Waiting]:
        rows = self._rows(
            "SELECT category_id, record FROM people WHERE image_id = ? ORDER BY draw_order, id", (photo.id,)
        )
        return [((text, photo.size), partial(self._made, text, photo.size, category)) for category, text in rows]

    def _proposals(
        self, photo: PhotoRecord, stored: Mapping[str, Annotation] | None = None
    ) -> tuple[list[Annotation], dict[int, str]]:
        """The image's proposals and their states. ``stored``: who is at hand already, by what the file says of them."""
        rows = self._proposal_rows(photo.id)
        known = stored or {}
        found = [
            known.get(text)
            or self._ahead.annotation(photo.id, (text, photo.size), partial(self._made, text, photo.size))
            for _, text, _ in rows
        ]
        return found, {i: state for state, _, i in rows}

    def _proposal_rows(self, image_id: int) -> list[tuple[str, str, int]]:
        return self._rows("SELECT state, record, id FROM proposals WHERE image_id = ? ORDER BY id", (image_id,))

    def _made(self, text: str, size: tuple[int, int], category: int | None = None) -> Annotation:
        record = loads(text)
        schema = self.schemas.get(record.get("category_id", 1) if category is None else category, COCO_17)
        return annotation_from_record(record, size, len(schema))

    def read_ahead(self, photos: Sequence[PhotoRecord], seconds: float = math.inf) -> bool:
        """Make the people of these images before they are opened, and forget those of all others that were. It ends after so many seconds,
        but not before somebody was made; returns whether there are more."""
        end = time.perf_counter() + seconds
        with self._mutex:
            by_id = {photo.id: photo for photo in photos}
            for photo in map(by_id.__getitem__, self._ahead.keep_only(by_id)):
                if not self._ahead.keep(photo.id, partial(self._everybody_stored, photo), end):
                    return True
                if time.perf_counter() >= end:
                    return bool(self._ahead.keep_only(by_id))
            return False

    def people_ahead(self, photo: PhotoRecord) -> tuple[list[Annotation], list[Annotation]] | None:
        """The people and the open proposals that ``read_ahead`` made of an image; None where it made nobody."""
        with self._mutex:
            if not self._ahead.has(photo.id):
                return None
            proposals, states = self._proposals(photo)
            return self.people(photo), [p for p in proposals if states[p.id] == "open"]
