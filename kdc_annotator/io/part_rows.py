"""All that a project stores of one image, as rows that can go into another project."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from kdc_annotator.document.records import compact_json
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_rows import change_json

_IMAGE = (
    "id, path, width, height, hash, bytes, status, labeler, reviewer, notes, active_seconds, masks_complete, "
    "crowd_regions_known, raw, touched, position"
)
_TABLES = {
    "people": "id, image_id, draw_order, category_id, record",
    "proposals": "id, image_id, state, record",
    "journal": "image_id, step, label, command, labeler, time, change",
    "others": "image_id, kind, file_order, value",
    "deleted": "id, image_id",
}
_OF_PEOPLE = ("people", "proposals", "deleted")
"""The tables whose ids must differ in a project; an undo gives those who are deleted their id back."""
Record = dict[str, Any]


@dataclass(frozen=True)
class ImageRows:
    """All that a project stores of one image. ``tables``: name -> rows in the order of ``_TABLES``' columns."""

    image: tuple[Any, ...]
    tables: Mapping[str, Sequence[tuple[Any, ...]]]

    @property
    def id(self) -> int:
        return int(self.image[0])

    @property
    def path(self) -> str:
        return str(self.image[1])

    @property
    def history(self) -> list[tuple[Any, ...]]:
        """The steps that are applied, oldest first."""
        return self.steps[: self.image[15]]

    @property
    def steps(self) -> list[tuple[Any, ...]]:
        """All steps, oldest first: those that are applied, then those that were undone."""
        return [tuple(row[1:]) for row in self.tables["journal"]]

    @cached_property
    def told(self) -> list[tuple[Any, ...]]:
        """``steps`` as two projects can be compared by them: without what a merge renumbers."""
        seen: dict[int, int] = {}

        def plain(record: Record) -> Record:
            out = _without(record, "id", "order")
            if isinstance(out.get("raw"), dict):
                out["raw"] = _without(out["raw"], "id", "image_id")
            if isinstance(out.get("provenance"), dict):
                out["provenance"] = _without(out["provenance"], "proposal_id")
            return out

        def number(key: int) -> int:
            return seen.setdefault(key, len(seen))

        return [(*row[:-1], compact_json(_rewritten(row[-1], plain, number))) for row in self.steps]

    @property
    def head(self) -> str:
        """A fingerprint of the steps that are applied."""
        return hashlib.sha256(repr(self.history).encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def with_image(self, **values: Any) -> ImageRows:
        """The rows with other values of the image's columns."""
        names = _IMAGE.split(", ")
        image = tuple(values.get(name, old) for name, old in zip(names, self.image, strict=True))
        return ImageRows(image, self.tables)


@dataclass
class Merged:
    """What a merge did. ``conflicts``: images that were edited differently in two places, in sentences."""

    images_new: int = 0
    images_updated: int = 0
    images_same: int = 0
    conflicts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_rows(project: Project, image_id: int) -> ImageRows:
    """All rows of one image."""
    (image,) = project._rows(f"SELECT {_IMAGE} FROM images WHERE id = ?", (image_id,))
    order = {"people": "id", "proposals": "id", "journal": "step", "others": "row", "deleted": "id"}
    tables = {
        name: [
            tuple(row)
            for row in project._rows(
                f"SELECT {columns} FROM {name} WHERE image_id = ? ORDER BY {order[name]}", (image_id,)
            )
        ]
        for name, columns in _TABLES.items()
    }
    return ImageRows(tuple(image), tables)


def remove_images(project: Project, ids: Iterable[int]) -> None:
    """Takes images with all that belongs to them out of a project."""
    gone = [(i,) for i in ids]
    with project._writing() as sql:
        for name in _TABLES:
            sql.executemany(f"DELETE FROM {name} WHERE image_id = ?", gone)
        sql.executemany("DELETE FROM facts WHERE image_id = ?", gone)
        sql.executemany("DELETE FROM images WHERE id = ?", gone)


def write_rows(project: Project, rows: ImageRows) -> None:
    """Stores an image; one of that id must not be there."""
    with project._writing() as sql:
        sql.execute(f"INSERT INTO images ({_IMAGE}) VALUES ({', '.join('?' * 16)})", rows.image)
        for name, columns in _TABLES.items():
            marks = ", ".join("?" * len(columns.split(",")))
            sql.executemany(f"INSERT INTO {name} ({columns}) VALUES ({marks})", rows.tables[name])
        highest = max([r[0] for name in _OF_PEOPLE for r in rows.tables[name]], default=0)
        project._next_id = max(project._next_id, highest + 1)


def renumbered_image(rows: ImageRows, image_id: int, raw_too: bool) -> ImageRows:
    """The rows with another id of the image. ``raw_too``: also in what its file said, where nothing else tells files apart."""
    place = {"people": 1, "proposals": 1, "journal": 0, "others": 0, "deleted": 1}
    tables = {
        name: [(*row[: place[name]], image_id, *row[place[name] + 1 :]) for row in table]
        for name, table in rows.tables.items()
    }
    out = ImageRows((image_id, *rows.image[1:]), tables)
    if not raw_too:
        return out
    raw = json.loads(rows.image[13])
    if "id" in raw:
        raw["id"] = image_id

    def pointed(record: Record) -> Record:
        if "image_id" in record.get("raw", {}):
            record["raw"]["image_id"] = image_id
        return record

    people = [(*row[:4], compact_json(pointed(json.loads(row[4])))) for row in tables["people"]]
    return ImageRows(out.image, {**tables, "people": people}).with_image(raw=compact_json(raw))


def renumbered_people(project: Project, rows: ImageRows, raw_too: bool) -> ImageRows:
    """The rows with new ids for people and proposals whose id the project uses or used already, in the history too."""
    ids = [r[0] for name in _OF_PEOPLE for r in rows.tables[name]]
    used: set[int] = set()
    for start in range(0, len(ids), 400):
        page = ids[start : start + 400]
        marks = ", ".join("?" * len(page))
        for name in _OF_PEOPLE:
            used |= {r[0] for r in project._rows(f"SELECT id FROM {name} WHERE id IN ({marks})", page)}
    if not used:
        return rows
    new = {i: project.new_id() for i in sorted(used)}

    def renumbered(record: Record) -> Record:
        old = record.get("id")
        if old in new:
            record["id"] = new[old]
            if raw_too and record.get("raw", {}).get("id") == old:
                record["raw"]["id"] = new[old]
        told = record.get("provenance")
        if isinstance(told, dict) and told.get("proposal_id") in new:
            told["proposal_id"] = new[told["proposal_id"]]
        return record

    return rewritten(rows, renumbered, lambda i: new.get(i, i))


def rewritten(rows: ImageRows, record: Callable[[Record], Record], number: Callable[[int], int]) -> ImageRows:
    """The rows with other records of people and proposals, whole ones and those in the history, and other ids of theirs."""
    people = []
    for row in rows.tables["people"]:
        told = record(json.loads(row[4]))
        category = told.get("category_id", told.get("raw", {}).get("category_id", row[3]))
        people.append(
            (told["id"], row[1], told["order"], category if type(category) is int else row[3], compact_json(told))
        )
    proposals = []
    for row in rows.tables["proposals"]:
        told = record(json.loads(row[3]))
        proposals.append((told["id"], *row[1:3], compact_json(told)))
    journal = []
    for row in rows.tables["journal"]:
        change = compact_json(_rewritten(row[-1], record, number))
        journal.append((*row[:-1], zlib.compress(change.encode("ascii"), 6)))
    deleted = [(number(row[0]), *row[1:]) for row in rows.tables["deleted"]]
    tables = {**rows.tables, "people": people, "proposals": proposals, "journal": journal, "deleted": deleted}
    return ImageRows(rows.image, tables)


def _rewritten(blob: bytes, record: Callable[[Record], Record], number: Callable[[int], int]) -> dict[str, Any]:
    """A stored change with other records and ids."""
    change = json.loads(change_json(blob))
    for key in ("a", "p"):
        if key in change:
            change[key] = {str(number(int(i))): sides for i, sides in change[key].items()}
    for i, sides in change.get("a", {}).items():
        change["a"][i] = [None if side is None else record(side) for side in sides]
    return change  # type: ignore[no-any-return]


def _without(record: Record, *keys: str) -> Record:
    return {k: v for k, v in record.items() if k not in keys}
