"""Writing files whole or not at all: aside first, then renamed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from kdc.errors import KdcError


def encode(value: Any) -> str:
    """``value`` as ASCII JSON without spaces; NaN and infinity as Python and pycocotools write them."""
    try:
        return json.dumps(value, separators=(",", ":"))
    except (RecursionError, ValueError, TypeError) as error:
        raise KdcError("Can't write the file", f"A value can't be written as JSON: {error}.") from None


@contextmanager
def written_aside(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``path`` only when the block ends well; nothing is left behind otherwise.

    Missing folders are made. Raises ``KdcError`` where the folder is read-only, or the disk is full.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb", buffering=1 << 20) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(path)
        temporary = None
    except OSError as error:
        raise KdcError("Can't write the file", f"{path}: {error.strerror or error}.") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a small UTF-8 file whole or not at all."""
    with written_aside(path) as file:
        file.write(text.encode("utf-8"))
