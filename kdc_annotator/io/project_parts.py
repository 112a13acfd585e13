"""A project in parts and back: images with everything that belongs to them, moved between project files row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.document.attribute_kinds import SETTING as ATTRIBUTES
from kdc_annotator.document.change import Record, patched
from kdc_annotator.document.records import compact_json
from kdc_annotator.io.category_ids import category_name
from kdc_annotator.io.merge_photos import MergedPhotos
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_new import whole_projects
from kdc_annotator.io.project_rows import change_from_blob

_IMAGE = (
    "id, path, width, height, hash, bytes, status, labeler, reviewer, notes, active_seconds, masks_complete, "
    "crowd_regions_known, raw, touched, position"
)
_PEOPLE = "id, image_id, draw_order, category_id, record"
_PROPOSALS = "id, image_id, state, record"
_JOURNAL = "image_id, step, label, command, labeler, time, change"
_OTHERS = "image_id, kind, file_order, value"
_TABLES = {
    "people": _PEOPLE,
    "proposals": _PROPOSALS,
    "journal": _JOURNAL,
    "others": _OTHERS,
    "deleted": "id, image_id",
}
_OF_PEOPLE = ("people", "proposals", "deleted")
"""The tables whose ids must differ in a project; an undo gives those who are deleted their id back."""
_OTHER_PHOTO = "is another photo in both projects"
_DIFFERENT = "holds different people in both projects, and neither history leads from one to the other"
_UNDONE = "has steps in one project that are undone in the other, and it can't be told which came last"
_ID_ROOM = 1_000_000_000
"""New people of each part get ids from a range of their own, so that merging never meets the same id twice."""


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

    @property
    def head(self) -> str:
        """A fingerprint of the steps that are applied."""
        return hashlib.sha256(repr(self.history).encode("utf-8", "surrogatepass")).hexdigest()[:16]


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


def split_project(source: Path, parts: Sequence[tuple[Path, Sequence[int]]]) -> None:
    """Writes a project for each (file, image ids). Everything of these images comes along, their history too.

    ``KdcError`` where a file is there already; then nothing was written.
    """
    with Project.open(source, read_only=True) as project, project.snapshot():
        for path, _ in parts:
            path.parent.mkdir(parents=True, exist_ok=True)
        ids, root = set(project.image_ids()), project.images_root
        first = project.new_id()
        with whole_projects([path for path, _ in parts]) as asides:
            for number, (aside, (_, chosen)) in enumerate(zip(asides, parts, strict=True)):
                project.backup(aside)
                with Project.open(aside) as part:
                    part._next_id = first + (number + 1) * _ID_ROOM
                    remove_images(part, ids - set(chosen))
                    part.set_images_root(root)
                    told = {"of": source.name, "number": number + 1, "parts": len(parts), "heads": _heads(part)}
                    part.set_setting("part", told)
                    part.compact()


def _heads(project: Project) -> dict[str, str]:
    """Image id -> ``head`` of those with a history, by which a merge sees what was done since."""
    return {str(i): read_rows(project, i).head for i in sorted(project.edited_images())}


def merge_into(project: Project, other: Project) -> Merged:
    """Takes the images of ``other`` into ``project``, all or nothing.

    An image that both have is taken from where more was done to it, if one history goes on where the other ends, or one of them
    only undid steps of the other. Otherwise ``project`` keeps its own and the image is among the conflicts, as is one whose name
    means another photo there.
    """
    done = Merged()
    with other.snapshot(), project.bulk():
        project._next_id = max(project._next_id, other._next_id)
        _merge_settings(project, other)
        known = {photo.path: photo.id for photo in project.photos()}
        taken = set(known.values())
        heads = [(p.setting("part") or {}).get("heads", {}) for p in (project, other)]
        photos = MergedPhotos(project, other)
        for photo in other.photos():
            path = photos.path(photo, known)
            rows = _renamed(read_rows(other, photo.id), path or photo.path)
            mine = known.get(rows.path)
            if path is None:
                done.conflicts.append(f"{photo.path}: {_OTHER_PHOTO}; the first project's version was kept.")
                continue
            if mine is not None:
                began = {h[str(i)] for h, i in zip(heads, (mine, photo.id), strict=True) if str(i) in h}
                _merge_image(project, read_rows(project, mine), rows, began, done)
                continue
            if photo.id in taken:
                rows = _renumbered_image(rows, max(taken) + 1)
            taken.add(rows.id)
            write_rows(project, _renumbered_people(project, rows, done))
            done.images_new += 1
        done.notes += photos.notes()
    return done


def _merge_image(project: Project, mine: ImageRows, theirs: ImageRows, began: set[str], done: Merged) -> None:
    a, b = mine.history, theirs.history
    if b[: len(a)] != a and a[: len(b)] != b:
        who = " and ".join(sorted({str(row[3]) or "somebody" for row in (a + b)}))
        done.conflicts.append(f"{mine.path}: edited in both projects ({who}); the first project's version was kept.")
        return
    later = _later(mine, theirs, began)
    if later is None:
        done.conflicts.append(f"{mine.path}: {_UNDONE}; the first project's version was kept.")
        return
    longer = later if len(a) == len(b) else mine if len(a) > len(b) else theirs
    if not _led_through(longer, theirs if longer is mine else mine):
        done.conflicts.append(f"{mine.path}: {_DIFFERENT}; the first project's version was kept.")
        return
    if later is mine:
        done.images_same += 1
        return
    remove_images(project, [mine.id])
    theirs = theirs if theirs.id == mine.id else _renumbered_image(theirs, mine.id)
    write_rows(project, _with_proposals(project, _renumbered_people(project, theirs, done), mine))
    done.images_updated += 1


def _later(mine: ImageRows, theirs: ImageRows, began: set[str]) -> ImageRows | None:
    """Which of two goes on from the other; None: can't be told. ``began``: the ``head`` from which parts of the image were made."""
    a, b = len(mine.history), len(theirs.history)
    if a == b:
        more = len(theirs.tables["proposals"]) > 0 == len(mine.tables["proposals"]) or theirs.image[10] > mine.image[10]
        nobody, anybody = not mine.tables["people"], bool(theirs.tables["people"])
        return theirs if (more or (nobody and anybody)) and (nobody or anybody) else mine
    shorter, longer = (mine, theirs) if a < b else (theirs, mine)
    n = len(shorter.history)
    if shorter.steps[n : n + 1] != longer.steps[n : n + 1]:
        return longer
    # The shorter one knows the other's next step: it was undone here, or done again there.
    changed = [rows for rows in (mine, theirs) if rows.head not in began]
    if len(began) == 1 and len(changed) == 1:
        return changed[0]
    if not began and shorter.steps == longer.steps and shorter.image[10] != longer.image[10]:
        return max(shorter, longer, key=lambda rows: rows.image[10])
    return None


def _with_proposals(project: Project, rows: ImageRows, earlier: ImageRows) -> ImageRows:
    """The rows with the time and, if they have none, the proposals of what they replace."""
    status, seconds = rows.image[6], max(rows.image[10], earlier.image[10])
    proposals = list(rows.tables["proposals"])
    if not proposals and earlier.tables["proposals"]:
        used = {row[0] for name in _OF_PEOPLE for row in rows.tables[name]}
        for i, image, state, record in earlier.tables["proposals"]:
            new = project.new_id() if i in used else i
            proposals.append((new, image, state, compact_json({**json.loads(record), "id": new})))
        status = "proposed" if (status, earlier.image[6]) == ("untouched", "proposed") else status
    image = (*rows.image[:6], status, *rows.image[7:10], seconds, *rows.image[11:])
    return ImageRows(image, {**rows.tables, "proposals": proposals})


def _led_through(later: ImageRows, earlier: ImageRows) -> bool:
    """Whether the history of ``later`` led through the people of ``earlier``, whatever their ids; nobody can be left behind."""
    wanted = _faces(json.loads(row[4]) for row in earlier.tables["people"])
    records: dict[int, Record | None] = {row[0]: json.loads(row[4]) for row in later.tables["people"]}
    steps = later.history[len(earlier.history) :]
    while wanted and _faces(r for r in records.values() if r is not None) != wanted:
        if not steps:
            return False
        _, label, command, _, _, blob = steps.pop()
        for i, delta in change_from_blob(blob, label, command).inverted().people.items():
            records[i] = patched(records.get(i), delta)
    return True


def _faces(records: Iterable[Record]) -> list[str]:
    """Stored people without what a merge renumbers."""
    found = []
    for record in records:
        raw = {k: v for k, v in record.get("raw", {}).items() if k not in ("id", "image_id")}
        told = {k: v for k, v in record["provenance"].items() if k != "proposal_id"}
        found.append(json.dumps({**record, "id": 0, "raw": raw, "provenance": told}, sort_keys=True))
    return sorted(found)


def _renamed(rows: ImageRows, path: str) -> ImageRows:
    """The rows with another path of the image."""
    return rows if path == rows.path else ImageRows((rows.id, path, *rows.image[2:]), rows.tables)


def _renumbered_image(rows: ImageRows, image_id: int) -> ImageRows:
    raw = json.loads(rows.image[13])
    if "id" in raw:
        raw["id"] = image_id
    image = (image_id, *rows.image[1:13], compact_json(raw), *rows.image[14:])
    place = {"people": 1, "proposals": 1, "journal": 0, "others": 0, "deleted": 1}
    tables = {
        name: [(*row[: place[name]], image_id, *row[place[name] + 1 :]) for row in table]
        for name, table in rows.tables.items()
    }
    people = []
    for row in tables["people"]:
        record = json.loads(row[4])
        if "image_id" in record.get("raw", {}):
            record["raw"]["image_id"] = image_id
        people.append((*row[:4], compact_json(record)))
    return ImageRows(image, {**tables, "people": people})


def _renumbered_people(project: Project, rows: ImageRows, done: Merged) -> ImageRows:
    """The rows with new ids for people and proposals whose id the project uses or used already; then without their history."""
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
    people = []
    for row in rows.tables["people"]:
        record = json.loads(row[4])
        record["id"] = new.get(row[0], row[0])
        told = record["provenance"]
        if told.get("proposal_id") in new:
            told["proposal_id"] = new[told["proposal_id"]]
        if record.get("raw", {}).get("id") == row[0]:
            record["raw"]["id"] = record["id"]
        people.append((record["id"], *row[1:4], compact_json(record)))
    proposals = []
    for row in rows.tables["proposals"]:
        record = {**json.loads(row[3]), "id": new.get(row[0], row[0])}
        proposals.append((record["id"], *row[1:3], compact_json(record)))
    if rows.tables["journal"]:
        done.notes.append(f"{rows.path}: ids were taken, so people got new ones and the image's history was left out.")
    deleted = [row for row in rows.tables["deleted"] if row[0] not in used]
    tables = {**rows.tables, "people": people, "proposals": proposals, "journal": [], "deleted": deleted}
    return ImageRows((*rows.image[:15], 0), tables)


def _merge_settings(project: Project, other: Project) -> None:
    mine, theirs = project.setting("sources", []), other.setting("sources", [])
    if mine and theirs and mine != theirs:
        raise KdcError(
            "Different imports",
            f"{project.path.name} and {other.path.name} hold imports of different files; export both and import the files into one project.",
        )
    if theirs and not mine:
        project.set_setting("sources", theirs)
        with project.bulk() as bulk:
            for kind, order, value in other.others(None):
                bulk.add_other(None, kind, order, value)
    attributes = {**other.setting(ATTRIBUTES, {}), **project.setting(ATTRIBUTES, {})}
    if attributes:
        project.set_setting(ATTRIBUTES, attributes)
    categories = {c.get("id"): c for c in project.categories}
    for category in other.categories:
        key = category.get("id")
        known = categories.setdefault(key, category)
        a, b = category_name(known), category_name(category)
        if a and b and a != b and type(key) is int and other.image_ids(category=key):
            if not project.image_ids(category=key):
                categories[key] = category
                continue
            raise KdcError(
                "Different categories",
                f"Category {key} is called {category['name']} in {other.path.name} and {known['name']} in "
                f"{project.path.name}; export both and import the files into one project.",
            )
        if known.get("keypoints") != category.get("keypoints"):
            raise KdcError(
                "Different keypoints",
                f"Category {category.get('id')} has other keypoints in {other.path.name} than in {project.path.name}.",
            )
    project.set_categories(list(categories.values()))
