"""Questions to the project file: which images, how many, what was kept besides people. Answers come in pages."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord, Status
from kdc_annotator.io.project_facts import FINDINGS
from kdc_annotator.io.project_rows import PHOTO_COLUMNS, loads, photo_from_row

_ORDERS = {
    "added": "row",
    "path": "path, row",
    "status": "status, row",
    "people": "row",
    "time": "active_seconds DESC, row",
    "doubt": "row",
}
COUNT = """((SELECT COUNT(*) FROM people WHERE image_id = images.id) + CASE status
    WHEN 'proposed' THEN (SELECT COUNT(*) FROM proposals WHERE image_id = images.id) ELSE 0 END)"""
REVIEWS = {
    "waiting": "status IN ('done', 'done and empty') AND reviewer = ''",
    "accepted": "status IN ('done', 'done and empty') AND reviewer != ''",
    "returned": "status = 'in progress' AND reviewer != ''",
}
"""What a review says of an image: done and not seen by a reviewer, seen and accepted, sent back to the labeler."""


class ImageQueries:
    """The reading half of a project."""

    path: Path
    _connection: sqlite3.Connection

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        raise NotImplementedError

    def image_ids(
        self,
        status: Status | Sequence[Status] | None = None,
        category: int | None = None,
        text: str = "",
        labeler: str | None = None,
        review: str | None = None,
        people: tuple[int, int | None] | None = None,
        findings: str | None = None,
        order: str = "added",
        within: Sequence[int] | None = None,
        most: int | None = None,
    ) -> array[int]:
        """The ids of all images that fit, as an array of int64: a list of 120,000 weighs one megabyte.

        ``status``: one or several. ``category``: images with somebody of that category. ``text``: in the path or the
        notes, without regard to case. ``review``: waiting, accepted or returned (see ``REVIEWS``).
        ``people``: the least and the most people (None: any number), the proposals where nobody has begun.
        ``findings``: what the checks found: see ``project_facts.FINDINGS``. ``order``: added, path, status, people, time or
        doubt (the model's; images about which nothing is known come last). ``within``: only of these ids, a page of them.
        ``most``: no more than so many.
        """
        if order not in _ORDERS:
            raise KdcError("Bad order", f"Images can be ordered by {', '.join(_ORDERS)}, not by {order!r}.")
        conditions: list[str] = []
        values: list[Any] = []
        if status is not None:
            wanted = [status] if isinstance(status, str) else list(status)
            conditions.append(f"status IN ({', '.join('?' * len(wanted))})")
            values += wanted
        if category is not None:
            conditions.append("EXISTS (SELECT 1 FROM people WHERE category_id = ? AND image_id = images.id)")
            values.append(category)
        if text:
            conditions.append("(path LIKE ? ESCAPE '!' OR notes LIKE ? ESCAPE '!')")
            pattern = "%" + text.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
            values += [pattern, pattern]
        if labeler is not None:
            conditions.append("labeler = ?")
            values.append(labeler)
        if review is not None:
            conditions.append(f"({REVIEWS[review]})")
        if people is not None:
            low, high = people
            conditions.append(f"{COUNT} >= ?" if high is None else f"{COUNT} BETWEEN ? AND ?")
            values += [low] if high is None else [low, high]
        facts = " LEFT JOIN facts ON facts.image_id = images.id" if findings or order == "doubt" else ""
        if findings is not None:
            conditions.append(f"({FINDINGS[findings]})")
        if within is not None:
            conditions.append(f"id IN ({', '.join('?' * len(within))})")
            values += [int(i) for i in within]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        last = "" if most is None else f" LIMIT {int(most)}"
        # Sorting by a computed value is twice as fast here as in SQLite.
        value = {"people": COUNT, "doubt": "COALESCE(facts.doubt, -1.0)"}.get(order)
        if value is not None:
            rows = self._rows(f"SELECT id, {value} FROM images{facts} {where} ORDER BY row", values)
            numbers = np.fromiter((row[1] for row in rows), np.float64, len(rows))
            found = np.fromiter((row[0] for row in rows), np.int64, len(rows))
            return array("q", found[np.argsort(-numbers, kind="stable")][:most].tobytes())
        rows = self._rows(f"SELECT id FROM images{facts} {where} ORDER BY {_ORDERS[order]}{last}", values)
        return array("q", [row[0] for row in rows])

    def photo(self, image_id: int) -> PhotoRecord:
        """One image's record; ``KdcError`` where there is none."""
        rows = self._rows(f"SELECT {PHOTO_COLUMNS} FROM images WHERE id = ?", (image_id,))
        if not rows:
            raise KdcError("No such image", f"{self.path.name} has no image with the id {image_id}.")
        return photo_from_row(rows[0])

    def photos_of(self, ids: Sequence[int]) -> list[PhotoRecord]:
        """The records of a page of images, in the order of ``ids``; an id that is not there is left out."""
        found: dict[int, PhotoRecord] = {}
        for start in range(0, len(ids), 500):
            page = [int(i) for i in ids[start : start + 500]]
            for row in self._rows(
                f"SELECT {PHOTO_COLUMNS} FROM images WHERE id IN ({', '.join('?' * len(page))})", page
            ):
                found[row[0]] = photo_from_row(row)
        return [found[i] for i in ids if i in found]

    def photos(self, after: int = 0, page: int = 500) -> Iterator[PhotoRecord]:
        """All images in the order in which they were added, read ``page`` at a time."""
        while True:
            rows = self._rows(
                f"SELECT {PHOTO_COLUMNS}, row FROM images WHERE row > ? ORDER BY row LIMIT ?", (after, page)
            )
            for row in rows:
                yield photo_from_row(row)
            if len(rows) < page:
                return
            after = rows[-1][-1]

    def paths(self, page: int = 2000) -> Iterator[tuple[int, str]]:
        """Id and relative path of all images in the order in which they were added, read ``page`` at a time."""
        after = 0
        while True:
            rows = self._rows("SELECT row, id, path FROM images WHERE row > ? ORDER BY row LIMIT ?", (after, page))
            yield from ((row[1], row[2]) for row in rows)
            if len(rows) < page:
                return
            after = rows[-1][0]

    def by_path(self, path: str) -> PhotoRecord | None:
        """The image with that relative path, the first of several."""
        return next(iter(self.all_by_path(path)), None)

    def all_by_path(self, path: str) -> list[PhotoRecord]:
        """The images with that relative path: several where an imported file names one twice."""
        rows = self._rows(f"SELECT {PHOTO_COLUMNS} FROM images WHERE path = ? ORDER BY row", (path,))
        return [photo_from_row(row) for row in rows]

    def count(self) -> int:
        """Number of images."""
        return int(self._rows("SELECT COUNT(*) FROM images")[0][0])

    def count_people(self) -> int:
        """Number of people."""
        return int(self._rows("SELECT COUNT(*) FROM people")[0][0])

    def count_proposals(self) -> int:
        """Number of proposals that nobody accepted or rejected yet."""
        return int(self._rows("SELECT COUNT(*) FROM proposals WHERE state = 'open'")[0][0])

    def counts(self) -> dict[str, int]:
        """Status -> number of images."""
        return dict(self._rows("SELECT status, COUNT(*) FROM images GROUP BY status"))

    def person_owner(self, person: int) -> int | None:
        """The image that a person is in."""
        rows = self._rows("SELECT image_id FROM people WHERE id = ?", (person,))
        return rows[0][0] if rows else None

    def edited_images(self) -> set[int]:
        """Images with a history."""
        return {row[0] for row in self._rows("SELECT DISTINCT image_id FROM journal")}

    def deleted_people(self, image_id: int | None = None) -> set[int]:
        """People whom somebody deleted, in one image or in all: an import does not bring them back, but an undo does."""
        return {row[0] for row in self._rows("SELECT id FROM deleted WHERE ?1 IS NULL OR image_id = ?1", (image_id,))}

    def placed(self, kind: str) -> dict[int, int]:
        """Image id -> file order, for images that have something kept under a kind that ends in ``:kind``."""
        rows = self._rows("SELECT image_id, file_order FROM others WHERE kind GLOB ?", (f"*:{kind}",))
        return {image: order for image, order in rows if image is not None}

    def records(self, image_id: int) -> list[dict[str, Any]]:
        """The stored records of an image's people in drawing order (see ``annotation_to_record``), not parsed further."""
        rows = self._rows("SELECT record FROM people WHERE image_id = ? ORDER BY draw_order, id", (image_id,))
        return [loads(row[0]) for row in rows]

    def others(self, image_id: int | None = None, kind: str | None = None) -> list[tuple[str, int, Any]]:
        """What was kept besides people, as (kind, file order, value): of one image, or of none where ``image_id`` is None."""
        rows = self._rows(
            "SELECT kind, file_order, value FROM others WHERE image_id IS ?1 AND (?2 IS NULL OR kind = ?2) ORDER BY file_order, row",
            (image_id, kind),
        )
        return [(k, n, loads(value)) for k, n, value in rows]
