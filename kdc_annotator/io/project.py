"""The project: one SQLite file with everything that a labeling job is. Table by table in ``docs/project-file.md``.

Everything that writes is on disk when it returns (WAL, synchronous=FULL), or raises ``KdcError`` and wrote nothing; so it does where
the file has been moved, deleted or replaced since it was opened. What says
``durable`` can be told not to wait for the disk: then a power failure, and nothing else, may take it back.
One process writes; others may read meanwhile.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath
from types import TracebackType
from typing import Any

from kdc.dataset_paths import relative_path
from kdc.errors import KdcError
from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.annotation import Annotation, PhotoRecord, now
from kdc_annotator.document.change import Change
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.document.journal import Writes
from kdc_annotator.document.records import compact_json, reads_back_alike
from kdc_annotator.io.project_bulk import BulkWriter, insert_images
from kdc_annotator.io.project_connect import connect, copy_to, create_file, fold_log, refuse_others
from kdc_annotator.io.project_errors import explained, explaining
from kdc_annotator.io.project_facts import FactKeeping
from kdc_annotator.io.project_lock import WriterLock
from kdc_annotator.io.project_new import whole_project
from kdc_annotator.io.project_people import PeopleAhead, PeopleReading
from kdc_annotator.io.project_place import FilePlace
from kdc_annotator.io.project_query import ImageQueries
from kdc_annotator.io.project_rows import (
    PHOTO_COLUMNS,
    change_from_blob,
    change_to_blob,
    loads,
    person_values,
    photo_values,
)


class Project(ImageQueries, PeopleReading, FactKeeping):
    """An open project file. Use ``create`` or ``open``, and ``close`` (or ``with``) at the end.

    ``labeler``: the name that new work is signed with. Documents, and what notifies them, belong to one thread (the
    window's); other methods may be called from any thread, one at a time.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None, labeler: str) -> None:
        self.path = path
        self.labeler = labeler
        self.read_only = lock is None
        self._connection = connection
        self._writer = lock
        self._place = FilePlace(path)
        self._rescued: Path | None = None
        self._mutex = threading.RLock()
        self._depth = 0
        self._documents: weakref.WeakValueDictionary[int, ImageDocument] = weakref.WeakValueDictionary()
        self._schemas: dict[int, PoseSchema] | None = None
        self._ahead = PeopleAhead()
        self._root: Path | None = None
        self._changes: Counter[int] = Counter()
        self._next_id = self._first_free_id()
        self._stored_next_id = 0
        self._counts: dict[str, int] | None = None
        self._statuses_change = False

    @classmethod
    def create(cls, path: Path, images: Path | None = None, labeler: str = "") -> Project:
        """A new, empty project file. ``images``: the folder that image paths are relative to (default: the file's own).

        ``KdcError`` where the file exists already or can't be written.
        """
        path = Path(path)
        root = _kept_root(path, images if images is not None else path.parent)
        with whole_project(path) as aside:
            create_file(aside, {"images_root": compact_json(root)})
        return cls.open(path, labeler=labeler)

    @classmethod
    def open(cls, path: Path, read_only: bool = False, labeler: str = "") -> Project:
        """An existing project file. An older one is migrated after a backup beside it (``NAME.v1-backup``).

        ``KdcError`` where it is missing, damaged, newer than this program, in use, or where the folder can't be
        written or can't lock and ``read_only`` is not set.
        """
        path = Path(path)
        if path.is_dir():
            raise KdcError("Not a project", f"{path} is not a KDC Annotator project; choose a .kdcproj file.")
        if not path.is_file():
            raise KdcError("No such project", f"{path} does not exist; check the name, or make a new project.")
        refuse_others(path)
        lock = None if read_only else WriterLock(path)
        try:
            return cls(path, connect(path, read_only), lock, labeler)
        except BaseException as error:
            if lock is not None:
                lock.release()
            if isinstance(error, sqlite3.Error):
                raise explained(error, path.name) from None
            raise

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        with self._mutex:
            if self._documents:
                for document in list(self._documents.values()):
                    document.read_only = True
            try:
                self._connection.close()
            except sqlite3.Error as error:
                raise explained(error, self.path.name) from None
            finally:
                if self._rescued is not None:
                    self._place.forget_log()
                if self._writer is not None:
                    self._writer.release()
                    self._writer = None

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # Settings

    def setting(self, key: str, default: Any = None) -> Any:
        """A stored JSON value."""
        rows = self._rows("SELECT value FROM meta WHERE key = ?", (key,))
        return loads(rows[0][0]) if rows else default

    def set_setting(self, key: str, value: Any, durable: bool = True) -> None:
        """Store a JSON value under ``key``; None takes it away."""
        with self._writing(durable, statuses=False) as sql:
            if value is None:
                sql.execute("DELETE FROM meta WHERE key = ?", (key,))
            else:
                sql.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, compact_json(value)))
            self._root = None

    @property
    def categories(self) -> list[dict[str, Any]]:
        """The COCO categories as they came; one person category with COCO's 17 keypoints where nothing was imported."""
        stored = self.setting("categories")
        return stored if stored is not None else [COCO_17.to_coco_category()]

    def set_categories(self, categories: Sequence[Mapping[str, Any]]) -> None:
        """Other categories; documents opened from now on use them."""
        self.set_setting("categories", list(categories))
        self._schemas, self._ahead = None, PeopleAhead()

    @property
    def schemas(self) -> dict[int, PoseSchema]:
        """Category id -> pose schema, for every category that lists keypoints."""
        if self._schemas is None:
            found = {}
            for category in self.categories:
                try:
                    found[int(category["id"])] = PoseSchema.from_coco_category(category)
                except (KdcError, KeyError, TypeError, ValueError):
                    continue
            self._schemas = found
        return self._schemas

    @property
    def images_root(self) -> Path:
        """The folder that image paths are relative to; read once, since every row of a list asks for it."""
        root = self._root
        if root is None:
            with self._mutex:
                root = Path(os.path.normpath(self.path.parent / self.setting("images_root", ".")))
                self._root = root
        return root

    def set_images_root(self, folder: Path) -> None:
        """Another images folder; kept relative to the project file where that is possible."""
        self.set_setting("images_root", _kept_root(self.path, folder))

    def image_path(self, image: PhotoRecord | int) -> Path:
        """Where the image's file should be; below the images folder, whatever the project says."""
        name = (self.photo(image) if isinstance(image, int) else image).path
        try:
            relative_path(name)
        except KdcError:
            name = PurePath(name.replace("\\", "/").replace("\0", "_")).name or "_"
        return self.images_root / name

    # Images and people

    def document(self, image_id: int) -> ImageDocument:
        """The image's document; while one is alive, the same one."""
        with self._mutex:
            known = self._documents.get(image_id)
            if known is not None:
                return known
            photo = self.photo(image_id)
            position = self._rows("SELECT position FROM images WHERE id = ?", (image_id,))[0][0]
            proposals, states = self._proposals(photo)
            document = ImageDocument(
                photo, self.people(photo), proposals, states, self.schemas, self, position, self.labeler, self.read_only
            )
            self._documents[image_id] = document
            return document

    def everybody(self) -> Iterator[tuple[PhotoRecord, list[Annotation]]]:
        """All images in order with their people, a few in memory at a time: for export."""
        for photo in self.photos():
            yield photo, self.people(photo)

    def counts(self) -> dict[str, int]:
        with self._mutex:
            if self.read_only or self._depth:  # Somebody else may write, or it may still be undone.
                return super().counts()
            if self._counts is None:
                self._counts = super().counts()
            return dict(self._counts)

    def add_images(self, photos: Iterable[PhotoRecord], durable: bool = True) -> None:
        """New images at the end of the list; ``KdcError`` where an id is taken."""
        with self._writing(durable) as sql:
            insert_images(sql, photos, self.path.name)

    def new_image_id(self) -> int:
        """The smallest id above all images."""
        return int(self._rows("SELECT COALESCE(MAX(id), 0) + 1 FROM images")[0][0])

    def update_photo(self, photo: PhotoRecord) -> None:
        """Store other values of an image that are no edits, such as its hash, path or size. Not for what commands set."""
        self.update_photos([photo])

    def update_photos(self, photos: Sequence[PhotoRecord]) -> None:
        """``update_photo`` for several, in one transaction."""
        with self._writing() as sql:
            writer = BulkWriter(sql, self.path.name)
            for photo in photos:
                writer.update_image(photo)
        for photo in photos:
            self._renew(photo.id)

    def add_active_seconds(self, image_id: int, seconds: float) -> None:
        """Add to the time that somebody worked on the image. A power failure may take back the last of it: the window does not wait for
        the disk."""
        with self._writing(durable=False, statuses=False) as sql:
            sql.execute("UPDATE images SET active_seconds = active_seconds + ? WHERE id = ?", (seconds, image_id))
        self._renew(image_id)

    def set_proposals(
        self,
        image_id: int,
        people: Iterable[Annotation],
        model: str,
        version: str = "",
        add: bool = False,
        durable: bool = True,
    ) -> None:
        """What a model says about an image: replaces the open and rejected proposals. People and accepted ones stay as they are.
        ``add``: all proposals that are there stay, too. Not ``durable``: nobody waits for the disk; after a power failure the model is asked
        again.

        The annotations get ids of their own; an image that was untouched becomes "proposed". Observers of an open
        document are told on the calling thread, so a worker hands this call to the document's thread.
        """
        photo, time = self.photo(image_id), now()
        stored: dict[str, Annotation] = {}
        rows: list[tuple[int, int, str]] = []
        with self._writing(durable) as sql:
            if not add:
                sql.execute("DELETE FROM proposals WHERE image_id = ? AND state != 'accepted'", (image_id,))
            for person in people:
                said = replace(
                    person.provenance, source="model", name=model, version=version, time=time, confirmed=False
                )
                proposal = person if person.size == photo.size else replace(person, size=photo.size)
                proposal = proposal.told(id=self.new_id(), provenance=said)
                record = person_values(image_id, proposal)[-1]
                rows.append((proposal.id, image_id, record))
                if reads_back_alike(proposal):
                    stored[record] = proposal
            sql.executemany("INSERT INTO proposals VALUES (?, ?, 'open', ?)", rows)
            self._forget_facts(sql, image_id)
            sql.execute("UPDATE images SET status = 'proposed' WHERE id = ? AND status = 'untouched'", (image_id,))
        self._ahead.forget(image_id)
        document = self._documents.get(image_id)
        if document is not None:
            document.replace_proposals(*self._proposals(photo, stored))
            self._renew(image_id)

    def _renew(self, image_id: int) -> None:
        document = self._documents.get(image_id)
        if document is not None:
            document.replace_photo(self.photo(image_id))

    # The journal (kdc_annotator.document.journal.Journal)

    def new_id(self) -> int:
        """An id that no annotation of the project has or had."""
        with self._mutex:
            self._next_id += 1
            return self._next_id - 1

    def append(self, image_id: int, position: int, change: Change, writes: Writes) -> None:
        """See ``Journal``."""
        texts = {i: compact_json(record) for i, record in writes.people.items() if record is not None}
        whole = {i: text for i, text in texts.items() if change.people[i].after is writes.people[i]}
        blob = change_to_blob(change, whole)
        with self._writing(statuses=writes.photo is not None) as sql:
            sql.execute("DELETE FROM journal WHERE image_id = ? AND step >= ?", (image_id, position))
            values = (image_id, position, change.label, change.command, self.labeler, now(), blob)
            sql.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self._apply(sql, image_id, position + 1, writes, texts)

    def move(self, image_id: int, position: int, writes: Writes) -> None:
        """See ``Journal``."""
        texts = {i: compact_json(record) for i, record in writes.people.items() if record is not None}
        with self._writing(statuses=writes.photo is not None) as sql:
            self._apply(sql, image_id, position, writes, texts)

    def load(self, image_id: int, position: int) -> Change:
        """See ``Journal``."""
        rows = self._rows(
            "SELECT change, label, command FROM journal WHERE image_id = ? AND step = ?", (image_id, position)
        )
        if not rows:
            raise KdcError(
                "Broken history",
                f"{self.path.name}: a step of this image's history is missing; the image itself is as it was.",
            )
        return change_from_blob(*rows[0])

    def labels(self, image_id: int) -> list[str]:
        """See ``Journal``."""
        return [row[0] for row in self._rows("SELECT label FROM journal WHERE image_id = ? ORDER BY step", (image_id,))]

    def _apply(
        self, sql: sqlite3.Connection, image_id: int, position: int, writes: Writes, texts: Mapping[int, str]
    ) -> None:
        """``texts``: person id -> the record of ``writes`` as it is stored."""
        rows, gone = [], []
        for i, record in writes.people.items():
            if record is None:
                gone.append(i)
                continue
            category = record.get("category_id", record.get("raw", {}).get("category_id", 1))
            rows.append((i, image_id, record["order"], category if type(category) is int else 1, texts[i]))
        sql.executemany("DELETE FROM people WHERE id = ?", [(i,) for i in gone])
        sql.executemany("INSERT OR IGNORE INTO deleted VALUES (?, ?)", [(i, image_id) for i in gone])
        sql.executemany("INSERT OR REPLACE INTO people VALUES (?, ?, ?, ?, ?)", rows)
        sql.executemany("DELETE FROM deleted WHERE id = ?", [(row[0],) for row in rows])
        sql.executemany("UPDATE proposals SET state = ? WHERE id = ?", [(s, i) for i, s in writes.proposals.items()])
        if writes.photo is not None:
            names = ("status", "labeler", "reviewer", "notes", "masks_complete", "crowd_regions_known", "touched")
            stored = dict(zip([n.strip() for n in PHOTO_COLUMNS.split(",")], photo_values(writes.photo), strict=True))
            sql.execute(
                f"UPDATE images SET {', '.join(n + ' = ?' for n in names)} WHERE id = ?",
                (*(stored[n] for n in names), image_id),
            )
        sql.execute("UPDATE images SET position = ? WHERE id = ?", (position, image_id))
        self._forget_findings(sql, image_id)

    # Copies

    def backup(self, target: Path) -> None:
        """A whole copy of the project as it is now, while it stays open; an older file of that name is replaced at the end."""
        if Path(target).absolute() == self.path.absolute():
            raise KdcError("Same file", "A backup needs another name than the project itself.")
        with self._mutex:
            copy_to(self._connection, Path(target))

    def rescue(self) -> Path | None:
        """Where the file was moved, deleted or replaced while it was open for writing: a whole copy of what is open here, beside it, once.
        None where the file is in its place, or its folder has gone with it. ``KdcError`` where the copy can't be written."""
        with self._mutex:
            if self.read_only or not self._place.left or not self.path.parent.is_dir():
                return None
            if self._rescued is None:
                target = self._place.rescue()
                self.backup(target)
                self._rescued = target
            return self._rescued

    def compact(self) -> int:
        """Give unused space back to the disk while the project stays open; returns the bytes that were saved."""
        if self.read_only:
            raise KdcError(
                "Project is read-only",
                f"{self.path.name} was opened for reading only; open it for writing to compact it.",
            )
        with self._mutex, explaining(self.path.name):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            before = self.path.stat().st_size
            self._connection.execute("VACUUM")
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return before - self.path.stat().st_size

    def fold_log(self) -> None:
        """Bring the write-ahead log into the file, for a thread of its own: nobody who writes waits for it.

        SQLite does so by itself once the log has a thousand pages, within the step that fills it, and that step waits for the disk.
        Where it can't be done now it is left to the next time. Must have returned before ``close``.
        """
        if not self.read_only and not self._place.left:
            fold_log(self.path, lambda: not self._place.left)

    # Transactions

    def _first_free_id(self) -> int:
        stored = int(self.setting("next_id", 1))
        highest = self._rows(
            "SELECT MAX((SELECT COALESCE(MAX(id), 0) FROM people), (SELECT COALESCE(MAX(id), 0) FROM proposals))"
        )
        return max(stored, highest[0][0] + 1)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._mutex, explaining(self.path.name):
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _writing(self, durable: bool = True, statuses: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction; inner ones join the outer. Durable when the outermost ends, undone where anything raises.

        Not ``durable``: it is on disk with the next durable one, and whole or not at all like any other. Not ``statuses``: it neither
        adds or removes images nor changes a status, so that they need not be counted again.
        """
        with self._mutex, explaining(self.path.name):
            if self.read_only:
                raise KdcError(
                    "Project is read-only",
                    f"{self.path.name} was opened for reading only; open it for writing to change it.",
                )
            self._statuses_change = self._statuses_change or statuses
            if self._depth:
                yield self._connection
                return
            self._place.check()
            self._rescued = None
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            self._depth = 1
            try:
                yield self._connection
                next_id = self._next_id
                if next_id != self._stored_next_id:
                    self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('next_id', ?)", (str(next_id),))
                self._connection.execute("COMMIT")
                self._stored_next_id = next_id
                self._place.written()
            except BaseException:
                self._root = None
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._depth = 0
                if self._statuses_change:
                    self._counts, self._statuses_change = None, False

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reading inside sees the file at one moment, whoever writes to it meanwhile."""
        with self._mutex, explaining(self.path.name):
            # Who may write is the only writer: holding the mutex is enough.
            if not self.read_only or self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN")
            try:
                self._connection.execute("SELECT COUNT(*) FROM meta").fetchone()
                self._root, self._schemas = None, None
                self._next_id = self._first_free_id()
                yield
            finally:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def bulk(self) -> Iterator[BulkWriter]:
        """Much at once, as import needs it: one transaction, all or nothing. No document may be open meanwhile."""
        if self._documents:
            raise KdcError("Images are open", "An import can't run while images are open; close them first.")
        with self._writing() as sql:
            writer = BulkWriter(sql, self.path.name)
            yield writer
            if writer.people_changed:
                sql.execute("DELETE FROM facts")
            self._next_id = max(self._next_id, writer.highest_id + 1)
        self._schemas = None


def _kept_root(path: Path, folder: Path) -> str:
    """The images folder as the project file names it: relative to itself where that is possible."""
    try:
        kept = os.path.relpath(Path(folder).absolute(), path.absolute().parent)
    except ValueError:
        kept = str(Path(folder).absolute())
    return kept.replace(os.sep, "/")
