"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kdc.errors import KdcError

_PHOTOS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP  ")
"""How JPEG, PNG, GIF, BMP, TIFF and JPEG 2000 begin."""


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write bytes to, which takes the place of ``path`` when the block ends well.

    It is written beside ``path``, flushed to the disk and renamed. If the block raises, ``path`` stays as it was. A
    link is followed, and missing folders are made. Raises KdcError where the place can't be written, or is no file,
    where there is a project, or a photo that what was written is not.
    """
    target = Path(os.path.realpath(path))
    aside: str | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise KdcError("Not a file", f"{path} is a folder; name a file to write.")
        if target.exists() and not target.is_file():
            raise KdcError("Can't write", f"{path} can't be written (it is no file, but a device or a pipe).")
        before = kind_of(target)
        if before == "project":
            raise KdcError("Can't write", f"{path} can't be written (it is a project, which nothing replaces).")
        handle, aside = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".part", dir=target.parent)
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if before == "photo" != kind_of(Path(aside)):
            raise KdcError(
                "Can't write", f"{path} can't be written (it is a photo, which only another picture replaces)."
            )
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        Path(aside).chmod(mode)
        Path(aside).replace(target)
        aside = None
    except OSError as error:
        raise KdcError("Can't write", f"{path} can't be written ({error.strerror or error}).") from None
    finally:
        if aside is not None:
            with suppress(OSError):
                Path(aside).unlink()


def write_whole(path: str | Path, data: bytes) -> None:
    """Writes ``data`` to ``path``, whole or not at all. Raises KdcError where it can't be written."""
    with replacing(path) as file:
        file.write(data)


def kind_of(path: Path) -> str:
    """``project`` or ``photo`` where a file that is there begins like one, else empty."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return ""
    if head == b"SQLite format 3\0":
        return "project"
    return "photo" if head.startswith(_PHOTOS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") else ""


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
