"""Two projects' imports and categories in one project: what those of the second are called there."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.document.attribute_kinds import SETTING as ATTRIBUTES
from kdc_annotator.document.records import compact_json
from kdc_annotator.io.category_ids import category_name, kept_ids, made_here, remembered_ids
from kdc_annotator.io.dataset import Json
from kdc_annotator.io.importing import came_as
from kdc_annotator.io.part_rows import ImageRows, Record, rewritten
from kdc_annotator.io.project import Project


@dataclass(frozen=True)
class Translation:
    """``sources``: number of an import in the other project -> here. ``spans``: (first place of an import there, how much
    further its places are here), by place; ``beyond``: the same after the last. ``categories``: ids that are others here.
    ``fresh``: the imports that this project did not have."""

    sources: Mapping[int, int]
    spans: Sequence[tuple[int, int]]
    beyond: tuple[int, int]
    categories: Mapping[int, int]
    fresh: frozenset[int]

    @property
    def changes(self) -> bool:
        """Whether anything is called otherwise here."""
        moved = any(by for _, by in (*self.spans, self.beyond))
        return moved or bool(self.categories) or any(a != b for a, b in self.sources.items())

    def rows(self, rows: ImageRows, place: int) -> ImageRows:
        """The rows as this project has them. ``place``: of the image in the other one's list."""
        if self.changes:
            others = [(row[0], *self._other(row[1], row[2], json.loads(row[3]))) for row in rows.tables["others"]]
            rows = rewritten(rows, self._record, lambda i: i)
            texts = [(image, kind, order, compact_json(value)) for image, kind, order, value in others]
            rows = ImageRows(rows.image, {**rows.tables, "others": texts})
        if 0 not in self.fresh or rows.image[13] == "{}" or self._placed(rows):
            return rows
        # What the first import of the other project did not have to say: from which file the image is, and where it stood.
        position = (rows.id, f"{self.sources[0]}:position", self.order(self.spans[0][0] + place), "null")
        return ImageRows(rows.image, {**rows.tables, "others": [*rows.tables["others"], position]})

    def strays(self, project: Project, other: Project) -> list[tuple[str, int, Any]]:
        """What the other project keeps of no image, as (kind, order, value), without what this one has already."""
        told = {(kind.split(":")[-1], compact_json(value)) for kind, _, value in project.others(None)}
        found = [self._other(*stray) for stray in other.others(None)]
        return [(k, n, v) for k, n, v in found if (k.split(":")[-1], compact_json(v)) not in told]

    def order(self, place: int) -> int:
        """A place in the files of the other project as it is here."""
        start, by = self.beyond
        if place < start and self.spans:
            starts = [first for first, _ in self.spans]
            by = self.spans[max(0, bisect_right(starts, place) - 1)][1]
        return place + by

    def _placed(self, rows: ImageRows) -> bool:
        return any(str(row[1]).endswith(":position") for row in rows.tables["others"])

    def _other(self, kind: str, order: int, value: Any) -> tuple[str, int, Any]:
        number, _, name = kind.partition(":")
        here = self.sources.get(int(number), int(number)) if number.isdecimal() else number
        return f"{here}:{name}", self.order(order), with_category(value, self.categories)

    def _record(self, record: Record) -> Record:
        raw = record.get("raw")
        if 1 in self.categories and "id" in record and "category_id" not in {**record, **(raw or {})}:
            record = {**record, "category_id": 1}  # What a whole record means that names none.
        out = with_category(record, self.categories)
        if "order" in out:
            out = {**out, "order": self.order(out["order"])}
        if isinstance(raw, dict):
            out = {**out, "raw": with_category(raw, self.categories)}
        return out  # type: ignore[no-any-return]


def with_category(value: Any, ids: Mapping[int, int], key: str = "category_id") -> Any:
    """A table of values with the new category id, where ``ids`` has one."""
    old = value.get(key) if isinstance(value, dict) else None
    return {**value, key: ids[old]} if type(old) is int and old in ids else value


def merge_settings(project: Project, other: Project) -> Translation:
    """Makes ``project`` know the imports, categories and attributes of ``other``; both are one transaction's worth.

    ``KdcError`` where a category has other keypoints in both.
    """
    mine: list[Json] = list(project.setting("sources", []))
    theirs: list[Json] = list(other.setting("sources", []))
    sources: dict[int, int] = {}
    for k, source in enumerate(theirs):
        alike = (i for i, s in enumerate(mine) if i not in sources.values() and _same(s, source))
        found = next((i for i in alike if not _other_images(project, i, other, k)), None)
        if found is not None:
            sources[k] = found
    fresh = [k for k in range(len(theirs)) if k not in sources]
    categories = _category_ids(project, other, mine, [theirs[k] for k in fresh])
    end = max((s["base"] + s["length"] for s in mine), default=0)
    for k in fresh:
        sources[k] = len(mine)
        mine.append({**_with_categories(theirs[k], categories), "base": end})
        end += theirs[k]["length"]
    spans = sorted((theirs[k]["base"], mine[i]["base"] - theirs[k]["base"]) for k, i in sources.items())
    last = max((s["base"] + s["length"] for s in theirs), default=0)
    translation = Translation(sources, spans, (last, end - last if theirs else 0), categories, frozenset(fresh))
    with project.bulk() as bulk:
        if fresh:
            project.set_setting("sources", mine)
        for kind, order, value in translation.strays(project, other):
            bulk.add_other(None, kind, order, value)
    attributes = {**other.setting(ATTRIBUTES, {}), **project.setting(ATTRIBUTES, {})}
    if attributes:
        project.set_setting(ATTRIBUTES, attributes)
    _merge_categories(project, other, categories)
    return translation


def _same(a: Json, b: Json) -> bool:
    return {**a, "base": 0} == {**b, "base": 0}


def _other_images(project: Project, mine: int, other: Project, theirs: int) -> bool:
    """Whether two imports that look the same gave one id to different images: then they were different files."""
    a, b = _names(project, mine), _names(other, theirs)
    return any(key in a and a[key] != name for key, name in b.items())


def _names(project: Project, source: int) -> dict[Any, str]:
    """Id -> path, as the file had them, of the images that an import brought."""
    rows = project._rows("SELECT image_id, kind FROM others WHERE kind GLOB '*:position'")
    number = {image: kind.partition(":")[0] for image, kind in rows if image is not None}
    photos = (p for p in project.photos() if p.raw and number.get(p.id, "0") == str(source))
    return {compact_json(p.raw.get("id")): came_as(p) or p.path for p in photos}


def _category_ids(project: Project, other: Project, mine: Sequence[Json], fresh: Sequence[Json]) -> dict[int, int]:
    """Category ids of ``other`` that mean something else here -> those that they get; see ``category_ids.own_ids``."""
    told = project.setting("categories") is not None or made_here(project)
    here = _named([*(project.categories if told else []), *_listed(mine)])
    there = _named([*other.categories, *_listed(fresh)])
    ours, given = _named(_listed(mine)).keys(), _named(_listed(fresh)).keys()
    found: dict[int, int] = {}
    highest = max([0, *here, *there, *(_highest(p) for p in (project, other))])
    for i, name in sorted(there.items()):
        if not name or here.get(i, name) in (name, ""):
            continue
        if not (i in ours or _in_use(project, i)) or not (i in given or _in_use(other, i)):
            continue
        same = [k for k, n in here.items() if n == name and k not in found.values() and k not in there]
        highest += not same
        found[i] = same[0] if same else highest
    return found


def _merge_categories(project: Project, other: Project, ids: Mapping[int, int]) -> None:
    categories = {c.get("id"): c for c in project.categories}
    for category in other.categories:
        category = with_category(category, ids, "id")
        key = category.get("id")
        known = categories.setdefault(key, category)
        a, b = category_name(known), category_name(category)
        if a and b and a != b and type(key) is int:
            if not _in_use(project, key):
                categories[key] = category
            continue
        if known.get("keypoints") != category.get("keypoints"):
            raise KdcError(
                "Different keypoints",
                f"Category {key} ({known.get('name')}) has other keypoints in {other.path.name} than in {project.path.name}; keep "
                "them in projects of their own.",
            )
    project.set_categories(list(categories.values()))


def _with_categories(source: Json, ids: Mapping[int, int]) -> Json:
    """What a project remembers of a file, with other category ids; an import of the same file will use them again."""
    listed = source["top"].get("categories")
    if not ids or not isinstance(listed, list):
        return source
    remembered = remembered_ids(source)
    came = {v: k for k, v in remembered.items()}
    now = {came.get(i, i): ids[i] for i in _named(_listed([source])) if i in ids}
    categories = [with_category(c, ids, "id") for c in listed]
    out = {**source, "top": {**source["top"], "categories": categories}}
    return {**out, "category_ids": kept_ids({**remembered, **now})} if now else out


def _listed(sources: Sequence[Json]) -> list[Any]:
    """The categories that the files listed."""
    lists = [s["top"].get("categories") for s in sources]
    return [c for listed in lists if isinstance(listed, list) for c in listed]


def _named(categories: Sequence[Any]) -> dict[int, str]:
    """Id -> name as it is compared."""
    tables = (c for c in reversed(categories) if isinstance(c, dict))
    return {c["id"]: category_name(c) for c in tables if type(c.get("id")) is int}


def _in_use(project: Project, category: int) -> bool:
    """Whether the project has people or proposals of that category."""
    proposed = "SELECT 1 FROM proposals WHERE COALESCE(json_extract(record, '$.category_id'), 1) = ? LIMIT 1"
    return bool(project.image_ids(category=category)) or bool(project._rows(proposed, (category,)))


def _highest(project: Project) -> int:
    return int(project._rows("SELECT MAX(category_id) FROM people")[0][0] or 0)
