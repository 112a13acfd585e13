"""The people of an image, read from a project; those of the images that will probably be opened next, ahead of time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import Any

from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.records import annotation_from_record
from kdc_annotator.io.project_rows import loads

MOST = 60
"""People of an image that are made ahead; making more would itself be felt."""

Record = tuple[str, tuple[int, int]]
"""What the file says of somebody, and the (width, height) of the image."""


class PeopleAhead:
    """Annotations by what the file says of them, so that one that was changed since is never taken for what it is now."""

    def __init__(self) -> None:
        self._images: dict[int, dict[Record, Annotation]] = {}

    def annotation(self, image_id: int, record: Record, make: Callable[[], Annotation]) -> Annotation:
        """The annotation of a stored record: the one that was made ahead, else what ``make`` makes."""
        known = self._images.get(image_id, {}).get(record)
        return make() if known is None else known

    def keep_only(self, image_ids: Collection[int]) -> list[int]:
        """Forget the other images; returns those of ``image_ids`` that nothing is kept of."""
        self._images = {i: people for i, people in self._images.items() if i in image_ids}
        return [i for i in image_ids if i not in self._images]

    def has(self, image_id: int) -> bool:
        """Whether somebody was made of that image."""
        return bool(self._images.get(image_id))

    def forget(self, image_id: int) -> None:
        """Other people are there now: whoever reads ahead makes them anew."""
        self._images.pop(image_id, None)

    def keep(self, image_id: int, people: Sequence[tuple[Record, Callable[[], Annotation]]]) -> None:
        """Make an image's people, their masks decoded."""
        made = self._images[image_id] = {}
        for record, make in people if len(people) <= MOST else ():
            made[record] = make()
            made[record].extent()


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

    def _stored_people(self, photo: PhotoRecord) -> list[tuple[Record, Callable[[], Annotation]]]:
        rows = self._rows(
            "SELECT category_id, record FROM people WHERE image_id = ? ORDER BY draw_order, id", (photo.id,)
        )
        return [((text, photo.size), partial(self._made, text, photo.size, category)) for category, text in rows]

    def _proposals(self, photo: PhotoRecord) -> tuple[list[Annotation], dict[int, str]]:
        rows = self._proposal_rows(photo.id)
        found = [
            self._ahead.annotation(photo.id, (text, photo.size), partial(self._made, text, photo.size))
            for _, text, _ in rows
        ]
        return found, {i: state for state, _, i in rows}

    def _proposal_rows(self, image_id: int) -> list[tuple[str, str, int]]:
        return self._rows("SELECT state, record, id FROM proposals WHERE image_id = ? ORDER BY id", (image_id,))

    def _made(self, text: str, size: tuple[int, int], category: int | None = None) -> Annotation:
        record = loads(text)
        schema = self.schemas.get(record.get("category_id", 1) if category is None else category, COCO_17)
        return annotation_from_record(record, size, len(schema))

    def read_ahead(self, photos: Sequence[PhotoRecord], most: int | None = None) -> bool:
        """Make the people of these images before they are opened, and forget those of all others that were. ``most``: of so many images
        that nothing was made of yet; returns whether there are more."""
        with self._mutex:
            by_id = {photo.id: photo for photo in photos}
            lacking = self._ahead.keep_only(by_id)
            for photo in map(by_id.__getitem__, lacking[:most]):
                people = self._stored_people(photo)
                for _, text, _ in self._proposal_rows(photo.id):
                    people.append(((text, photo.size), partial(self._made, text, photo.size)))
                self._ahead.keep(photo.id, people)
            return most is not None and len(lacking) > most

    def people_ahead(self, photo: PhotoRecord) -> tuple[list[Annotation], list[Annotation]] | None:
        """The people and the open proposals that ``read_ahead`` made of an image; None where it made nobody."""
        with self._mutex:
            if not self._ahead.has(photo.id):
                return None
            proposals, states = self._proposals(photo)
            return self.people(photo), [p for p in proposals if states[p.id] == "open"]
