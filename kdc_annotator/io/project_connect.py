"""Opening the SQLite file of a project: journal mode, durability, migration."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from kdc.errors import KdcError
from kdc_annotator.io.project_errors import explaining
from kdc_annotator.io.project_rows import change_json
from kdc_annotator.io.project_schema import (
    VERSION,
    create_tables,
    migrate,
    not_a_project,
    refuse_version,
    stored_version,
)


def create_file(path: Path, settings: Mapping[str, str]) -> None:
    """A new project file without images, with ``settings`` (key -> JSON), in one transaction."""
    with explaining(path.name):
        connection = _open(f"file:{quote(str(path.absolute()))}")
        try:
            connection.execute("BEGIN")
            create_tables(connection)
            connection.executemany("INSERT INTO meta VALUES (?, ?)", settings.items())
            connection.execute("COMMIT")
        finally:
            connection.close()


def refuse_others(path: Path) -> None:
    """``KdcError`` where the file's first bytes say that it is no project, or one of a newer program: before anything is made beside it."""
    with path.open("rb") as file:
        head = file.read(100)
    if head[:16] != b"SQLite format 3\0":
        raise not_a_project(path.name)
    if len(head) < 100:
        raise KdcError("Damaged project", f"{path.name} is damaged or not a project; restore it from a backup.")
    # Where SQLite keeps user_version and application_id; changes that are still in the log only raise the version.
    version, application = (int.from_bytes(head[at : at + 4], "big", signed=True) for at in (60, 68))
    refuse_version(version, application, path.name)


def connect(path: Path, read_only: bool) -> sqlite3.Connection:
    """A connection to the present version of a file that passed ``refuse_others``; an older one is migrated unless ``read_only``."""
    address = f"file:{quote(str(path.absolute()))}"
    if read_only:
        return _read_only(path, address)
    try:
        connection = _open(f"{address}?mode=rw")
    except sqlite3.OperationalError:
        # A file system without shared memory: the log's index is kept in this process, and nobody may read meanwhile.
        connection = _open(f"{address}?mode=rw", exclusive=True)
    try:
        version = stored_version(connection, path.name)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if version < VERSION:
            copy_to(connection, path.with_name(f"{path.name}.v{version}-backup"))
            connection.execute("BEGIN IMMEDIATE")
            migrate(connection, version)
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """A whole copy of an open file, written aside, flushed and renamed."""
    aside = target.with_name(f".{target.name}.new-{os.getpid()}")
    try:
        with explaining(target.name):
            copy = sqlite3.connect(aside)
            try:
                connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
            finally:
                copy.close()
        with aside.open("rb+") as file:
            os.fsync(file.fileno())
        aside.replace(target)
    except OSError as error:
        raise KdcError(
            "Copy can't be written", f"{target} can't be written ({error.strerror}); choose another place."
        ) from None
    finally:
        aside.unlink(missing_ok=True)


def fold_log(path: Path, wanted: Callable[[], bool]) -> None:
    """Fold the log of a file that is open elsewhere in this process into it, as far as nobody reads it. ``wanted``: asked once the
    file at ``path`` is open, which may be another one by then."""
    address = f"file:{quote(str(path.absolute()))}?mode=rw"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True, timeout=0)) as connection:
        if wanted():
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _open(address: str, exclusive: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=5, check_same_thread=False, cached_statements=256
    )
    try:
        if exclusive:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        # The file may be anybody's: what its schema says must not run functions of ours.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cache_size = -32000")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except UnicodeDecodeError:  # SQLite's own message quotes a name that is no text.
        connection.close()
        raise KdcError("Damaged project", "The file is damaged or not a project; restore it from a backup.") from None
    except BaseException:
        connection.close()
        raise
    connection.create_function("kdc_change_json", 1, change_json, deterministic=True)
    return connection


def _read_only(path: Path, address: str) -> sqlite3.Connection:
    log = path.with_name(path.name + "-wal")
    try:
        connection = _open(f"{address}?mode=ro")
        version = stored_version(connection, path.name)
    except sqlite3.OperationalError:
        # A folder that can't be written has no place for the log's index; without a log the file alone is the whole truth.
        if log.exists() and log.stat().st_size:
            raise
        connection = _open(f"{address}?immutable=1")
        version = stored_version(connection, path.name)
    if version < VERSION:
        connection.close()
        raise KdcError(
            "Project is older",
            f"{path.name} is of an older version ({version}); open it for writing once, which brings it up to date.",
        )
    return connection
