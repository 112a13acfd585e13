"""Taking a dataset into a project: people, images, and all else that export will need to give the file back.

A later import of the same images updates what nobody touched and leaves what a human did.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kdc.errors import KdcError
from kdc.schema import PoseSchema, canonical_name
from kdc_annotator.document.annotation import FIELDS, PhotoRecord, Provenance, now
from kdc_annotator.document.records import compact_json
from kdc_annotator.io.category_ids import kept_ids, made_here, own_ids, with_ids
from kdc_annotator.io.coco_read import identity
from kdc_annotator.io.dataset import Dataset, Entry, Json, Problem, Stray, image_file, relative_path
from kdc_annotator.io.json_numbers import pixel_count
from kdc_annotator.io.kdc_key import extras_from, photo_fields, provenance_from
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_bulk import BulkWriter

Progress = Callable[[int, int], None]
_LIMIT = 1 << 62
_EDITED = frozenset((*FIELDS, "confirmed", "locked", "pinned_in", "pinned_out", "released"))
"""Keys that a stored person has only where somebody worked on him."""


@dataclass
class Imported:
    """What an import did. ``kept``: people whom a human had edited or deleted, left that way."""

    images_new: int = 0
    images_known: int = 0
    people_new: int = 0
    people_updated: int = 0
    people_removed: int = 0
    kept: int = 0
    others: int = 0
    proposals: int = 0
    images_missing: int = 0
    problems: list[Problem] = field(default_factory=list)


def import_dataset(project: Project, dataset: Dataset, progress: Progress | None = None) -> Imported:
    """Stores ``dataset`` in ``project``, all or nothing. Not for result lists (``import_results``).

    People are the annotations of categories with keypoints and of the person category; all other annotations, and
    what has no usable image, are kept beside them for the export.
    """
    with project.bulk() as bulk:
        return _Import(project, dataset, bulk).run(progress)


class _Import:
    def __init__(self, project: Project, dataset: Dataset, bulk: BulkWriter) -> None:
        self.project, self.dataset, self.bulk = project, dataset, bulk
        self.done = Imported(problems=list(dataset.problems))
        self.root = project.images_root
        self.time = now()
        self.sources: list[Json] = list(project.setting("sources", []))
        self.length = 0
        self.empty = project.count() == 0
        self.edited_images = project.edited_images()
        self.deleted = project.deleted_people()
        self.fresh_people = project.count_people() == 0 and not self.deleted
        self.image_ids = set() if self.empty else set(project.image_ids())
        self.next_image = max(self.image_ids, default=0) + 1
        self.shifted = False
        """An image of the file could not be taken: those after it stand elsewhere in the project than in the file."""
        self.used: set[int] = set()
        self.used_ids: set[int] = set()
        self.waiting: list[tuple[PhotoRecord, Sequence[Entry]]] = []
        self.source = self.own_source()
        self.again = self.source < len(self.sources)
        self.category_ids = own_ids(project, dataset, self.sources, self.source)
        self.person_id = self.category_ids.get(dataset.person_id, dataset.person_id)
        self.dataset = with_ids(dataset, self.category_ids)
        for n, category in enumerate(dataset.categories):
            if isinstance(key := category.get("id"), str) and key in self.category_ids:
                what = f"{key!r} is text where COCO has whole numbers; it is {self.category_ids[key]} here"
                self.done.problems.append(Problem(f"{dataset.name}: categories[{n}].id", what))
        base = max((s["base"] + s["length"] for s in self.sources), default=0)
        self.base = int(self.sources[self.source]["base"]) if self.again else base

    def run(self, progress: Progress | None) -> Imported:
        """Everything, in the order of the file."""
        for kind in ("annotation", "images", "annotations", "position"):
            self.bulk.clear_others(self.kind(kind))
        self.schemas = self.merge_categories()
        positions = self.dataset.positions
        for i in range(self.dataset.image_count):
            position = i if positions is None else positions[i]
            self.image(position, self.dataset.image(i), self.dataset.people(i), dense=positions is None)
            if progress is not None:
                progress(i + 1, self.dataset.image_count)
        for photo, entries in self.waiting:
            self.bulk.add_records(photo.id, [self.record(e, self.late_id()) for e in entries])
        for stray in self.dataset.strays:
            self.stray(stray)
        self.remember()
        return self.done

    def own_source(self) -> int:
        """Which of the project's sources the file is. A file that has the name of one, but none of the project's images,
        is another one: datasets keep files of one name in folders for training and validation."""
        same = [i for i, s in enumerate(self.sources) if s["name"] == self.dataset.name]
        usable = False
        for i in range(self.dataset.image_count if same else 0):
            raw = self.dataset.image(i)
            try:
                photo = self.known_photo(relative_path(raw.get("file_name")), raw)
            except KdcError:
                continue
            usable = True
            if photo is not None:
                kinds = [kind.split(":") for kind, _, _ in self.project.others(photo.id)]
                marks = {int(number) for number, kind in kinds if kind == "position"}
                return next((s for s in same if s in marks), same[0])
        return same[0] if same and not usable else len(self.sources)

    def kind(self, name: str) -> str:
        """Under which kind things of this source are kept in ``others``."""
        return f"{self.source}:{name}"

    def image(self, position: int, raw: Json, people: Sequence[Entry], dense: bool) -> None:
        """One image with its annotations."""
        self.length = max([self.length, position + 1, *(e.position + 1 for e in people)])
        try:
            path = relative_path(raw.get("file_name"))
        except KdcError:
            # Listed by the reader; without a path inside the folder it can't be shown, only given back.
            self.shifted = True
            self.stray(Stray("images", position, raw))
            for entry in people:
                self.stray(Stray("annotations", entry.position, entry.value))
            return
        known = self.known_photo(path, raw)
        photo = self.new_photo(path, raw) if known is None else self.updated_photo(known, raw)
        if not dense or self.shifted or (not self.empty and (known is None or self.again)):
            self.bulk.add_other(photo.id, self.kind("position"), self.base + position, None)
        chosen = []
        for entry in people:
            if self.is_person(entry.value):
                chosen.append(entry)
            else:
                self.bulk.add_other(photo.id, self.kind("annotation"), self.base + entry.position, entry.value)
                self.stay_above(entry.value)
                self.done.others += 1
        if known is None:
            self.new_people(photo, chosen)
        else:
            self.update_people(photo, chosen)

    def known_photo(self, path: str, raw: Json) -> PhotoRecord | None:
        if self.empty:
            return None
        key = identity(raw.get("id"))
        if type(key) is int and key in self.image_ids:
            found = self.project.photo(key)
            if key not in self.used and path in (found.path, came_as(found)):
                return found
        same = [photo for photo in self.project.all_by_path(path) if photo.id not in self.used]
        return next((photo for photo in same if identity(photo.raw.get("id")) == key), same[0] if same else None)

    def new_photo(self, path: str, raw: Json) -> PhotoRecord:
        key = identity(raw.get("id"))
        if not (type(key) is int and 0 <= key < _LIMIT and key not in self.image_ids):
            key = None
        photo = PhotoRecord(
            id=key if key is not None else -1, path=path, raw=raw, **self.size(path, raw), **photo_fields(raw)
        )
        if key is None:
            photo = replace(photo, id=self.new_image_id())
        self.image_ids.add(photo.id)
        self.used.add(photo.id)
        self.next_image = max(self.next_image, photo.id + 1)
        self.bulk.add_images([photo])
        self.done.images_new += 1
        return photo

    def new_image_id(self) -> int:
        # Above all ids that the file itself may still use.
        if self.next_image < 1 << 40:
            self.next_image = max(self.next_image, 1 << 40)
        self.next_image += 1
        return self.next_image - 1

    def updated_photo(self, known: PhotoRecord, raw: Json) -> PhotoRecord:
        self.used.add(known.id)
        merged = raw if self.again else {**known.raw, **raw}
        came = {"status": "untouched", "labeler": "", "reviewer": "", "notes": "", "active_seconds": 0.0}
        came |= photo_fields(known.raw)
        told = {k: v for k, v in photo_fields(raw).items() if k not in known.touched}
        told = {k: v for k, v in told.items() if k not in came or getattr(known, k) == came[k]}
        size = self.size(known.path, merged)
        if known.width and (not size["width"] or known.id in self.edited_images):
            size = {}  # Masks that were drawn here are made for the size that it has.
        photo = replace(known, raw=merged, **{**size, **told})
        if photo != known:
            self.bulk.update_image(photo)
        self.done.images_known += 1
        return photo

    def size(self, path: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Width and height: the file's, else the photo's own."""
        width, height = raw.get("width"), raw.get("height")
        there = os.path.isfile(f"{self.root}/{path}")  # noqa: PTH113 - half the cost of Path, 120,000 times
        if not there:
            self.done.images_missing += 1
        if pixel_count(width) and pixel_count(height):
            return {"width": int(width), "height": int(height)}  # type: ignore[arg-type]
        if there:
            from kdc.images import read_frame

            try:
                frame = read_frame(image_file(self.root, path))
                return {"width": frame.width, "height": frame.height}
            except KdcError as error:
                self.done.problems.append(Problem(path, error.message.removesuffix(".")))
        return {"width": 0, "height": 0}

    def is_person(self, raw: Mapping[str, Any]) -> bool:
        """Whether an annotation is one for the labeler."""
        category = raw.get("category_id")
        if category is None and not self.dataset.categories:
            return True
        return (
            type(category) is int
            and abs(category) < _LIMIT
            and (category in self.dataset.schemas or category == self.person_id)
        )

    def record(self, entry: Entry, id: int) -> Json:
        """A person as the project stores it."""
        raw = entry.value
        told = provenance_from(raw, Provenance("imported", self.dataset.name, time=self.time))
        schema = self.schemas.get(raw.get("category_id", 1))
        extras = extras_from(raw, len(schema) if schema is not None else 17)
        return {"id": id, "order": self.base + entry.position, "provenance": told.to_json(), "raw": raw, **extras}

    def new_people(self, photo: PhotoRecord, people: Sequence[Entry]) -> None:
        """People whom the project did not have; those whose id can't be used wait for one above all others."""
        records, late = [], []
        for entry in people:
            key = entry.value.get("id")
            if type(key) is int and 0 <= key < _LIMIT and self.free(key):
                self.used_ids.add(key)
                records.append(self.record(entry, key))
            else:
                late.append(entry)
        self.bulk.add_records(photo.id, records)
        self.done.people_new += len(people)
        if late:
            self.waiting.append((photo, late))

    def free(self, key: int) -> bool:
        """Whether no person of the project has this id."""
        if key in self.used_ids:
            return False
        return self.fresh_people or (self.project.person_owner(key) is None and key not in self.deleted)

    def late_id(self) -> int:
        """An id above all of the project and the file."""
        self.bulk.highest_id = max(self.bulk.highest_id + 1, self.project.new_id())
        return self.bulk.highest_id

    def stay_above(self, raw: Any) -> None:
        """People who come later get no id that an annotation has which is no person's."""
        key = raw.get("id") if isinstance(raw, dict) else None
        if type(key) is int and key < _LIMIT:
            self.bulk.highest_id = max(self.bulk.highest_id, key)

    def update_people(self, photo: PhotoRecord, people: Sequence[Entry]) -> None:
        """People of an image that the project had, known by their id, or by their place where they have none.

        Their raw values become the file's; what was edited here lies beside these in the record and stays.
        """
        by_id: dict[Any, Json] = {}
        by_place: dict[int, Json] = {}
        exactly: dict[tuple[int, Any], Json] = {}
        there = [r for r in self.project.records(photo.id) if r.get("raw")]
        for record in there:
            key = identity(record["raw"].get("id"))
            exactly[record["order"], key] = record
            if key is None or key in by_id:
                by_place[record["order"]] = record
            else:
                by_id[key] = record
        worked_on, gone_here = self.worked_on(photo) if photo.id in self.edited_images else ({}, {})
        seen: set[int] = set()
        fresh: list[Entry] = []
        changed: list[Json] = []
        for entry in people:
            key = identity(entry.value.get("id"))
            old = exactly.get((self.base + entry.position, key)) if self.again else None
            old = by_id.get(key) if old is None and key is not None else old
            if old is not None and self.other_category(old, entry.value):
                old = None
            if old is None or old["id"] in seen:
                old = by_place.get(self.base + entry.position)
            if old is not None and old["id"] not in seen:
                seen.add(old["id"])
                raw = entry.value if self.again else {**old["raw"], **entry.value}
                self.done.kept += edited(old)
                if compact_json(raw) != compact_json(old["raw"]):
                    changed.append({**old, "raw": raw})
            elif self.was_deleted(entry.value, key, worked_on, gone_here):
                self.done.kept += 1
            else:
                fresh.append(entry)
        gone = []
        if self.again:
            mine = (r for r in there if r["id"] not in seen and r["provenance"].get("name") == self.dataset.name)
            gone = [r["id"] for r in mine if not edited(r) and r["id"] not in worked_on]
        self.bulk.remove_people([*gone, *(r["id"] for r in changed)])
        self.bulk.add_records(photo.id, changed)
        self.done.people_removed += len(gone)
        self.done.people_updated += len(changed)
        self.new_people(photo, fresh)

    def other_category(self, old: Json, raw: Json) -> bool:
        """Whether an annotation is no newer version of a person: its category shared the id of another in its file only."""
        category = raw.get("category_id")
        own = type(category) is int and category in self.category_ids.values()
        return own and old.get("category_id", old["raw"].get("category_id")) != category

    def was_deleted(
        self, raw: Json, key: Any, worked_on: Mapping[int, bool], gone_here: Mapping[Any, Sequence[Json]]
    ) -> bool:
        """Whether somebody deleted this person of the file; whom a merge gave another id, the history tells."""
        if type(key) is int and key in self.deleted and worked_on.get(key, True):
            return True
        return any(not self.other_category(record, raw) for record in gone_here.get(key, ()))

    def worked_on(self, photo: PhotoRecord) -> tuple[dict[int, bool], dict[Any, list[Json]]]:
        """The people in the image's history, which an undo or a redo will look for, and whether they came with a file; and the records of
        those of them who are deleted, by the id that they had in their file."""
        found: dict[int, bool] = {}
        gone: dict[Any, list[Json]] = {}
        for step in range(len(self.project.labels(photo.id))):
            for i, delta in self.project.load(photo.id, step).people.items():
                whole = delta.after if delta.before is None else delta.before if delta.after is None else {"raw": True}
                found[i] = found.get(i, True) and bool(whole and whole.get("raw"))
                if whole and i in self.deleted and isinstance(raw := whole.get("raw"), dict):
                    key = identity(raw.get("id"))
                    if key is not None:
                        gone.setdefault(key, []).append(dict(whole))
        return found, gone

    def stray(self, stray: Stray) -> None:
        """Something without a usable image: kept for the export."""
        self.length = max(self.length, stray.position + 1)
        self.bulk.add_other(None, self.kind(stray.key), self.base + stray.position, stray.value)
        if stray.key == "annotations":
            self.stay_above(stray.value)
        self.done.others += 1

    def merge_categories(self) -> dict[int, PoseSchema]:
        """Makes the project know the file's categories; returns all schemas by id."""
        known = self.project.setting("categories", [])
        file = {c["id"] for c in self.dataset.categories if type(c.get("id")) is int}
        if made_here(self.project) and not file & self.project.schemas.keys():
            known = self.project.categories  # Of the people who were made here.
        ids = {c.get("id") for c in known}
        self.refuse_other_keypoints(ids)
        for category in self.dataset.categories:
            key = category.get("id")
            if type(key) is not int:
                continue
            usable = dict(category)
            schema = self.dataset.schemas.get(key)
            if key in ids and not self.again:
                mine = next(c for c in known if c.get("id") == key)
                if schema is None or mine.get("keypoints"):
                    continue
                usable |= mine
            if schema is not None:
                # As the program reads it: without edges to joints that are not there, with the names it assumed.
                usable |= {k: v for k, v in schema.to_coco_category().items() if k in ("keypoints", "skeleton")}
            known = [c for c in known if c.get("id") != key] + [usable]
            ids.add(key)
        for key, schema in self.dataset.schemas.items():
            if type(key) is int and key not in ids:
                known = [*known, schema.to_coco_category(key)]
        if known:
            self.project.set_categories(known)
        return self.project.schemas

    def refuse_other_keypoints(self, ids: set[Any]) -> None:
        """The people of a category have the same keypoints, or theirs would be read under wrong names."""
        for key, schema in self.dataset.schemas.items():
            mine = self.project.schemas.get(key)
            if mine is None or [canonical_name(n) for n in mine.keypoints] == [
                canonical_name(n) for n in schema.keypoints
            ]:
                continue
            made_here = self.project.count_people() > 0 and (not ids or bool(self.edited_images))
            if made_here or (key in ids and not self.again):
                raise KdcError(
                    "Different keypoints",
                    f"Category {key} has other keypoints in {self.dataset.name} than in {self.project.path.name}; "
                    "import it into a project of its own.",
                )

    def remember(self) -> None:
        """Stores what belongs to the file as a whole."""
        entry = {
            "name": self.dataset.name,
            "base": self.base,
            "length": max(self.length, self.sources[self.source]["length"] if self.again else 0),
            "top": dict(self.dataset.top),
            "absent": sorted(self.dataset.absent),
        }
        if self.category_ids:
            entry["category_ids"] = kept_ids(self.category_ids)
        self.sources[self.source : self.source + 1] = [entry]
        self.project.set_setting("sources", self.sources)


def came_as(photo: PhotoRecord) -> str | None:
    """The path that an image's imported file gave it; its own may be another since the photo was moved on disk."""
    try:
        return relative_path(photo.raw.get("file_name"))
    except KdcError:
        return None


def edited(record: Mapping[str, Any]) -> bool:
    """Whether a stored person was changed or confirmed here."""
    return bool(record.keys() & _EDITED) or bool(record["provenance"].get("confirmed"))
