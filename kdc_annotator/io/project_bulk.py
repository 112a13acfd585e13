"""Much at once, as import needs it, inside one transaction of the project."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.records import compact_json
from kdc_annotator.io.project_rows import PHOTO_COLUMNS, person_values, photo_values


def insert_images(sql: sqlite3.Connection, photos: Iterable[PhotoRecord], name: str) -> None:
    """New images at the end of the list; ``KdcError`` where an id is taken. ``name``: the project's, for the sentence."""
    marks = ", ".join("?" * len(PHOTO_COLUMNS.split(",")))
    try:
        sql.executemany(
            f"INSERT INTO images ({PHOTO_COLUMNS}, position) VALUES ({marks}, 0)", map(photo_values, photos)
        )
    except sqlite3.IntegrityError:
        raise KdcError(
            "Image id is taken", f"{name} has an image with one of these ids already; use a new id."
        ) from None


class BulkWriter:
    """What ``Project.bulk`` hands out. ``highest_id``: of all people that were stored through it, or an id above that shall not be given."""

    def __init__(self, sql: sqlite3.Connection, name: str) -> None:
        self._sql = sql
        self._name = name
        self.highest_id = 0
        self.people_changed = False

    def add_images(self, photos: Iterable[PhotoRecord]) -> None:
        """New images at the end of the list."""
        insert_images(self._sql, photos, self._name)

    def add_people(self, image_id: int, people: Iterable[Annotation]) -> None:
        """Store new people of an image; ``KdcError`` where an id is taken. Ids handed out later lie above all of these."""
        values = [person_values(image_id, person) for person in people]
        if not values:
            return
        self.people_changed = True
        self.highest_id = max(self.highest_id, max(v[0] for v in values))
        try:
            self._sql.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise KdcError(
                "Person id is taken", f"{self._name} has a person with one of these ids already; use a new id."
            ) from None

    def add_records(self, image_id: int, records: Iterable[Mapping[str, Any]]) -> None:
        """``add_people`` for records of the form of ``annotation_to_record``, which need no parsing."""
        values = []
        for record in records:
            category = record.get("category_id", record.get("raw", {}).get("category_id", 1))
            row = (record["id"], image_id, record["order"], category if type(category) is int else 1)
            values.append((*row, compact_json(record)))
            self.highest_id = max(self.highest_id, record["id"])
            self.people_changed = True
        try:
            self._sql.executemany("INSERT INTO people VALUES (?, ?, ?, ?, ?)", values)
        except sqlite3.IntegrityError:
            raise KdcError(
                "Person id is taken", f"{self._name} has a person with one of these ids already; use a new id."
            ) from None

    def update_image(self, photo: PhotoRecord) -> None:
        """Store an image's record that was read from this project and changed."""
        names = [name.strip() for name in PHOTO_COLUMNS.split(",")][1:]
        assignments = ", ".join(f"{name} = ?" for name in names)
        self._sql.execute(f"UPDATE images SET {assignments} WHERE id = ?", (*photo_values(photo)[1:], photo.id))

    def remove_people(self, ids: Iterable[int]) -> None:
        """Forget people, as if they had never been imported."""
        self.people_changed = True
        self._sql.executemany("DELETE FROM people WHERE id = ?", [(i,) for i in ids])

    def add_other(self, image_id: int | None, kind: str, order: int, value: Any) -> None:
        """Keep something that is no person: ``kind`` and ``value`` (JSON) are the importer's own."""
        values = (image_id, kind, order, compact_json(value))
        self._sql.execute("INSERT INTO others (image_id, kind, file_order, value) VALUES (?, ?, ?, ?)", values)

    def clear_others(self, kind: str | None = None) -> None:
        """Forget what ``add_other`` kept, of one kind or all."""
        self._sql.execute("DELETE FROM others WHERE ?1 IS NULL OR kind = ?1", (kind,))
