"""SQLite's troubles as sentences for a person."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from kdc.errors import KdcError


def explained(error: sqlite3.Error, name: str) -> KdcError:
    """What SQLite's error means for the project called ``name``, and what to do."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return KdcError(
            "Disk is full",
            f"{name} could not be written because the disk is full; everything before the last step is safe. Free some space and repeat it.",
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return KdcError(
            "Project can't be written",
            f"{name} or its folder can't be written; open the project for reading only, or copy it to a folder of yours.",
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL):
        return KdcError("Project is in use", f"{name} is in use by another program; close it there and try again.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return KdcError("Damaged project", f"{name} is damaged or not a project; restore it from a backup.")
    if code == sqlite3.SQLITE_CANTOPEN:
        return KdcError(
            "Project can't be opened", f"{name} can't be opened; check that its folder exists and can be written."
        )
    if code == sqlite3.SQLITE_IOERR:
        return KdcError(
            "Disk trouble",
            f"{name} could not be read or written ({error}); everything before the last step is safe. Check the disk, its free space and the network, and repeat it.",
        )
    return KdcError("Project trouble", f"{name} could not be used ({error}); restore it from a backup if this stays.")


@contextmanager
def explaining(name: str) -> Iterator[None]:
    """Turn SQLite's errors inside into ``KdcError``."""
    try:
        yield
    except sqlite3.Error as error:
        raise explained(error, name) from None
