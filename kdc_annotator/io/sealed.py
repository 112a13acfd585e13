"""COCO files whose first line tells whether somebody changed them since they were written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kdc.whole_files import replacing
from kdc_annotator.document.records import compact_json

SEAL = "sha256"
"""The key in ``info``: SHA-256 in hex of the whole file with zeros in its place; empty where somebody's changes are in the file."""
_OPEN = "0" * 64
_LONGEST_LINE = 1 << 20


@contextmanager
def sealing(path: Path | str, head: Mapping[str, Any], sealed: bool = True) -> Iterator[Callable[[bytes], None]]:
    """Writes a COCO file whole or not at all: ``head`` (``info`` and all other keys but the large ones) as its first line, what the block
    writes, and the closing brace. ``sealed``: nobody but us made what is in it. Raises KdcError where it can't be written."""
    told = head.get("info")
    info = {**(told if isinstance(told, dict) else {}), SEAL: _OPEN if sealed else ""}
    first = compact_json({"info": info, **{k: v for k, v in head.items() if k != "info"}})[:-1].encode()
    digest = hashlib.sha256()
    with replacing(path) as file:

        def write(data: bytes) -> None:
            digest.update(data)
            file.write(data)

        write(first)
        yield write
        write(b"}\n")
        if sealed:
            file.seek(first.index(_field(_OPEN)) + len(_field("")) - 1)
            file.write(digest.hexdigest().encode())


def first_info(path: Path) -> dict[str, Any]:
    """``info`` of a file that ``sealing`` wrote, from its first line; empty where that is something else."""
    with path.open("rb") as file:
        return _info(file.readline(_LONGEST_LINE))


def unchanged(path: Path) -> bool | None:
    """Whether the file is byte for byte as ``sealing`` wrote it, with nobody's changes in it; None where it has no seal."""
    with path.open("rb") as file:
        first = file.readline(_LONGEST_LINE)
        seal = _info(first).get(SEAL)
        if not isinstance(seal, str):
            return None
        digest = hashlib.sha256(first.replace(_field(seal), _field(_OPEN), 1))
        while data := file.read(1 << 20):
            digest.update(data)
    return digest.hexdigest() == seal


def _field(seal: str) -> bytes:
    return f'"{SEAL}":"{seal}"'.encode("utf-8", "backslashreplace")


def _info(first: bytes) -> dict[str, Any]:
    try:
        info = json.loads(first.rstrip().removesuffix(b",") + b"}")["info"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return info if isinstance(info, dict) else {}
