"""Rows of the project file as records and back."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from kdc.errors import KdcError, json_trouble
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.change import Change
from kdc_annotator.document.records import annotation_to_record, compact_json

PHOTO_COLUMNS = (
    "id, path, width, height, hash, bytes, status, labeler, reviewer, notes, active_seconds, masks_complete, "
    "crowd_regions_known, raw, touched"
)
LONG_CHANGE = 1 << 16
"""Characters from which on a history step is packed in less than half of the time, and a sixth larger: the window waits for it."""
MOST_CHANGE = 512 << 20
"""Bytes of the largest history step that is unpacked."""


def photo_values(photo: PhotoRecord) -> tuple[Any, ...]:
    """The values of ``PHOTO_COLUMNS``."""
    return (
        photo.id, photo.path, photo.width, photo.height, photo.hash, photo.bytes, photo.status, photo.labeler,
        photo.reviewer, photo.notes, photo.active_seconds, _bit(photo.masks_complete), _bit(photo.crowd_regions_known),
        compact_json(photo.raw) if photo.raw else "{}", compact_json(sorted(photo.touched)) if photo.touched else "[]",
    )  # fmt: skip


def photo_from_row(row: Sequence[Any]) -> PhotoRecord:
    """The record of a row of ``PHOTO_COLUMNS``."""
    try:
        masks, crowds = _flag(row[11]), _flag(row[12])
        names = (name.strip() for name in PHOTO_COLUMNS.split(",")[:11])
        values: dict[str, Any] = dict(zip(names, row[:11], strict=True))
        raw, touched = json.loads(row[13]), frozenset(json.loads(row[14]))
        return PhotoRecord(**values, masks_complete=masks, crowd_regions_known=crowds, raw=raw, touched=touched)
    except (ValueError, TypeError) as error:
        raise KdcError(
            "Damaged project",
            f"The stored image {row[1]!r} can't be read ({error}); restore the project from a backup.",
        ) from None


def person_values(image_id: int, person: Annotation) -> tuple[Any, ...]:
    """id, image_id, draw_order, category_id, record."""
    return (person.id, image_id, person.order, person.category_id, compact_json(annotation_to_record(person)))


def change_to_blob(change: Change, whole: Mapping[int, str] | None = None) -> bytes:
    """A change as compressed JSON. ``whole``: see ``Change.to_text``."""
    text = change.to_text(whole).encode("ascii")
    return zlib.compress(text, 6 if len(text) < LONG_CHANGE else 1)


def change_from_blob(blob: bytes, label: str, command: str) -> Change:
    """What ``change_to_blob`` wrote."""
    try:
        return Change.from_json(loads(_unpacked(blob)), label, command)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise _damaged(f"A step of a history can't be read ({error})") from None


def change_json(blob: bytes) -> str:
    """SQL function ``kdc_change_json``: the text of a stored change."""
    return _unpacked(blob).decode("ascii")


def _unpacked(blob: Any) -> bytes:
    """Compressed bytes as they were; ``KdcError`` for what is none, and for a small blob that would fill the memory."""
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(blob, MOST_CHANGE)
    except (zlib.error, TypeError) as error:
        raise _damaged(f"A step of a history can't be read ({error})") from None
    if not unpacker.eof:
        raise _damaged("A step of a history is cut short or larger than any step is")
    return data


def loads(text: str | bytes) -> Any:
    """Stored JSON; ``KdcError`` where it is damaged."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise _damaged(f"A stored value can't be read ({json_trouble(error)})") from None


def _damaged(what: str) -> KdcError:
    return KdcError("Damaged project", f"{what}; restore the project from a backup.")


def _bit(value: bool | None) -> int | None:
    return None if value is None else int(value)


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
