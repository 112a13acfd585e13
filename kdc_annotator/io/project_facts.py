"""What was worked out about images and takes long to work out again: the model's doubt, and what the checks found.

Facts are forgotten where what they were worked out from changes: by every edit, import and prediction.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

from kdc_annotator.document.annotation import Annotation, PhotoRecord

FactKind = Literal["doubt", "findings"]
UNKNOWN: dict[FactKind, str] = {
    "doubt": "images.status = 'proposed' AND facts.doubt IS NULL",
    # People that came with a file are checked before anybody has touched their image.
    "findings": "facts.errors IS NULL AND "
    "(images.status != 'untouched' OR EXISTS (SELECT 1 FROM people WHERE people.image_id = images.id))",
}
"""The images whose fact is worth working out and is not known."""
FINDINGS = {
    "errors": "facts.errors > 0",
    "warnings": "facts.errors > 0 OR facts.warnings > 0",
    "hints": "facts.errors > 0 OR facts.warnings > 0 OR facts.hints > 0",
    "none": "facts.errors = 0 AND facts.warnings = 0",
    "unknown": "facts.errors IS NULL",
}
"""What an image can be looked for by: the worst that the checks found in it."""


@dataclass(frozen=True)
class ImageFacts:
    """``token``: ``change_token`` from before the facts were worked out. None: this fact stays as it is stored.

    ``doubt``: in people's worth, see ``kdc.doubt``. ``findings``: (errors, warnings, hints) that the checks found.
    """

    image_id: int
    token: int
    doubt: float | None = None
    findings: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class Fingerprint:
    """A photo's file. ``hash``: SHA-256 in hex. ``bytes``: its size."""

    image_id: int
    hash: str
    bytes: int


class FactKeeping:
    """The part of a project that keeps facts."""

    _changes: Counter[int]

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        raise NotImplementedError

    def _writing(self, durable: bool = True, statuses: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def _renew(self, image_id: int) -> None:
        raise NotImplementedError

    def _proposals(self, photo: PhotoRecord) -> tuple[list[Annotation], dict[int, str]]:
        raise NotImplementedError

    def open_proposals(self, photo: PhotoRecord) -> list[Annotation]:
        """The predicted people of an image that nobody accepted or rejected yet."""
        proposals, states = self._proposals(photo)
        return [p for p in proposals if states[p.id] == "open"]

    def change_token(self, image_id: int) -> int:
        """A number that is another one after each change of the image's people, proposals or status."""
        return self._changes[image_id]

    def lacking(self, kind: FactKind) -> array[int]:
        """The images whose fact is not known, in the list's order."""
        query = f"SELECT images.id FROM images LEFT JOIN facts ON facts.image_id = images.id WHERE {UNKNOWN[kind]}"
        return array("q", [row[0] for row in self._rows(f"{query} ORDER BY images.row")])

    def keep_facts(self, facts: Iterable[ImageFacts]) -> None:
        """Store them in one transaction; those of images that have changed meanwhile are dropped. Nobody waits for the disk: after a power
        failure they are worked out again."""
        with self._writing(durable=False, statuses=False) as sql:
            for fact in facts:
                if fact.token != self._changes[fact.image_id]:
                    continue
                sql.execute("INSERT OR IGNORE INTO facts (image_id) VALUES (?)", (fact.image_id,))
                if fact.doubt is not None:
                    sql.execute("UPDATE facts SET doubt = ? WHERE image_id = ?", (fact.doubt, fact.image_id))
                if fact.findings is not None:
                    values = (*fact.findings, fact.image_id)
                    sql.execute("UPDATE facts SET errors = ?, warnings = ?, hints = ? WHERE image_id = ?", values)

    def without_fingerprint(self) -> array[int]:
        """The images whose file's hash is not known, in the list's order."""
        return array("q", [row[0] for row in self._rows("SELECT id FROM images WHERE hash = '' ORDER BY row")])

    def keep_fingerprints(self, fingerprints: Iterable[Fingerprint]) -> None:
        """Store them in one transaction, and nothing else of the images: may run while they are edited. Nobody waits for the disk: after a
        power failure they are taken again."""
        with self._writing(durable=False, statuses=False) as sql:
            values = [(f.hash, f.bytes, f.image_id) for f in fingerprints]
            sql.executemany("UPDATE images SET hash = ?, bytes = ? WHERE id = ?", values)

    def keep_sizes(self, sizes: Mapping[int, tuple[int, int]]) -> None:
        """The (width, height) in pixels of images that the project does not know yet, and nothing else of them. Nobody waits for the disk:
        after a power failure they are read from the files again."""
        with self._writing(durable=False, statuses=False) as sql:
            values = [(width, height, i) for i, (width, height) in sizes.items()]
            sql.executemany(
                "UPDATE images SET width = ?, height = ? WHERE id = ? AND (width <= 0 OR height <= 0)", values
            )
        for image_id in sizes:
            self._renew(image_id)

    def store_paths(self, moved: Mapping[int, str]) -> None:
        """Where images lie now (id -> relative path), and nothing else of them: may run while they are edited."""
        with self._writing() as sql:
            sql.executemany("UPDATE images SET path = ? WHERE id = ?", [(path, i) for i, path in moved.items()])
        for image_id in moved:
            self._renew(image_id)

    def _forget_findings(self, sql: sqlite3.Connection, image_id: int) -> None:
        self._changes[image_id] += 1
        sql.execute("UPDATE facts SET errors = NULL, warnings = NULL, hints = NULL WHERE image_id = ?", (image_id,))

    def _forget_facts(self, sql: sqlite3.Connection, image_id: int) -> None:
        self._changes[image_id] += 1
        sql.execute("DELETE FROM facts WHERE image_id = ?", (image_id,))
