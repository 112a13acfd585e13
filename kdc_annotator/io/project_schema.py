"""The project file's tables and the numbered migrations that lead to them. ``docs/project-file.md`` describes them."""

from __future__ import annotations

import sqlite3

from kdc.errors import KdcError

APPLICATION_ID = 0x4B444341
"""SQLite's application_id of our files: "KDCA"."""

MIGRATIONS: tuple[str, ...] = (
    # 1: the tables.
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE images (
        row INTEGER PRIMARY KEY,
        id INTEGER NOT NULL UNIQUE,
        path TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        hash TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        status TEXT NOT NULL,
        labeler TEXT NOT NULL,
        reviewer TEXT NOT NULL,
        notes TEXT NOT NULL,
        active_seconds REAL NOT NULL,
        masks_complete INTEGER,
        crowd_regions_known INTEGER,
        raw TEXT NOT NULL,
        touched TEXT NOT NULL,
        position INTEGER NOT NULL
    );
    CREATE INDEX images_path ON images (path);
    CREATE TABLE people (
        id INTEGER PRIMARY KEY,
        image_id INTEGER NOT NULL,
        draw_order INTEGER NOT NULL,
        category_id INTEGER NOT NULL,
        record TEXT NOT NULL
    );
    CREATE INDEX people_image ON people (image_id);
    CREATE TABLE proposals (
        id INTEGER PRIMARY KEY,
        image_id INTEGER NOT NULL,
        state TEXT NOT NULL,
        record TEXT NOT NULL
    );
    CREATE INDEX proposals_image ON proposals (image_id);
    CREATE TABLE journal (
        image_id INTEGER NOT NULL,
        step INTEGER NOT NULL,
        label TEXT NOT NULL,
        command TEXT NOT NULL,
        labeler TEXT NOT NULL,
        time TEXT NOT NULL,
        change BLOB NOT NULL,
        PRIMARY KEY (image_id, step)
    ) WITHOUT ROWID;
    """,
    # 2: what import keeps besides people; deletions that a later import respects; indexes that filters need.
    """
    CREATE TABLE others (
        row INTEGER PRIMARY KEY,
        image_id INTEGER,
        kind TEXT NOT NULL,
        file_order INTEGER NOT NULL,
        value TEXT NOT NULL
    );
    CREATE INDEX others_image ON others (image_id);
    CREATE TABLE deleted (id INTEGER PRIMARY KEY, image_id INTEGER NOT NULL) WITHOUT ROWID;
    INSERT OR IGNORE INTO deleted
        SELECT CAST(change.key AS INTEGER), journal.image_id
        FROM journal
        JOIN images ON images.id = journal.image_id AND journal.step < images.position,
        json_each(kdc_change_json(journal.change), '$.a') AS change
        WHERE json_extract(change.value, '$[1]') IS NULL
        AND CAST(change.key AS INTEGER) NOT IN (SELECT id FROM people);
    CREATE INDEX images_status ON images (status);
    CREATE INDEX images_hash ON images (hash);
    CREATE INDEX people_category ON people (category_id, image_id);
    """,
    # 3: what takes long to work out about images.
    """
    CREATE TABLE facts (image_id INTEGER PRIMARY KEY, doubt REAL, errors INTEGER, warnings INTEGER, hints INTEGER);
    """,
)
VERSION = len(MIGRATIONS)


def create_tables(connection: sqlite3.Connection) -> None:
    """All tables of the present version in an empty file, inside the caller's transaction."""
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    migrate(connection, 0)


def stored_version(connection: sqlite3.Connection, name: str) -> int:
    """The file's version; ``KdcError`` where it is not a project or newer than this program."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    refuse_version(version, application, name)
    return version


def refuse_version(version: int, application: int, name: str) -> None:
    """``KdcError`` for a file that is not a project or newer than this program."""
    if application != APPLICATION_ID or version < 1:
        raise not_a_project(name)
    if version > VERSION:
        raise KdcError(
            "Project is newer",
            f"{name} was written by a newer KDC Annotator (file version {version}, this program knows {VERSION}); update the program.",
        )


def not_a_project(name: str) -> KdcError:
    """For a file that is something else."""
    return KdcError("Not a project", f"{name} is not a KDC Annotator project; choose a .kdcproj file.")


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Lead the tables from ``version`` to the present one, inside the caller's transaction."""
    for number in range(version, VERSION):
        for statement in MIGRATIONS[number].split(";"):
            if statement.strip():
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number + 1}")
