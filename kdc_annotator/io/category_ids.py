"""One category id with different names in several files: the second file's category gets an id of its own. So does one whose id
is text, which a project has no place for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kdc_annotator.document.records import compact_json
from kdc_annotator.io.dataset import Dataset, Entry, Json, Stray
from kdc_annotator.io.project import Project

_PEOPLE = ("people", "human")
"""Other names of the category "person"."""


def own_ids(project: Project, dataset: Dataset, sources: Sequence[Json], source: int) -> dict[int | str, int]:
    """The file's category ids -> those in the project, where they differ. ``sources``: what the project remembers of its files;
    ``source``: which of them ``dataset`` is, one more than the last for a new one.

    A category whose id another name has, or whose id is text, gets the id that its own name has there, else a new one: the
    number that the text is, where that is free. One without a name is joined by its id.
    """
    again = source < len(sources)
    if again:
        there = [c for n, s in enumerate(sources) if n != source for c in _dicts(s["top"].get("categories"))]
    else:
        there = project.categories if project.setting("categories") or made_here(project) else []
    taken = {c["id"]: category_name(c) for c in there if type(c.get("id")) is int}
    found = remembered_ids(sources[source]) if again else {}
    file = {c["id"]: category_name(c) for c in reversed(dataset.categories) if type(c.get("id")) is int}
    texts = {c["id"]: category_name(c) for c in reversed(dataset.categories) if _text(c.get("id"))}
    other = {i for i, name in file.items() if i not in found and name and taken.get(i, name) not in (name, "")}
    given = set(found.values())
    highest = max([0, *taken, *file, *given, project._rows("SELECT MAX(category_id) FROM people")[0][0] or 0])
    for i in sorted(other):
        same = [k for k, name in taken.items() if name == file[i] and k not in given and (k not in file or k in other)]
        highest += not same
        found[i] = same[0] if same else highest
        given.add(found[i])
    used = {*file, *given, *dataset.unlisted}
    for text in sorted(texts.keys() - found.keys()):
        name = texts[text]
        same = [k for k, known in taken.items() if name and known == name and k not in used]
        number = int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else None
        free = number is not None and number not in used and taken.get(number, name) == name
        highest = max([highest, *used])
        found[text] = same[0] if same else number if free and number is not None else highest + 1
        used.add(found[text])
    return found


def remembered_ids(source: Mapping[str, Any]) -> dict[int | str, int]:
    """The category ids of an imported file that are others in the project, as ``kept_ids`` wrote them."""
    return {json.loads(k): int(v) for k, v in source.get("category_ids", {}).items()}


def kept_ids(ids: Mapping[int | str, int]) -> dict[str, int]:
    """``ids`` as a project remembers them: the keys are JSON, so that 1 and "1" differ."""
    return {compact_json(k): v for k, v in ids.items()}


def made_here(project: Project) -> bool:
    """Whether the project has people or proposals and no file's categories: theirs is the default one."""
    return project.setting("categories") is None and project.count_people() + project.count_proposals() > 0


def with_ids(dataset: Dataset, ids: Mapping[Any, int | str]) -> Dataset:
    """``dataset`` with other category ids: ``ids`` has the new ones."""
    if not ids:
        return dataset

    def new(value: Any, key: str) -> Any:
        i = value.get(key) if isinstance(value, dict) else None
        return {**value, key: ids[i]} if type(i) in (int, str) and i in ids else value

    top = dict(dataset.top)
    if isinstance(top.get("categories"), list):
        top["categories"] = [new(category, "id") for category in top["categories"]]
    people = dataset.people
    return replace(
        dataset,
        people=lambda i: [Entry(e.position, new(e.value, "category_id")) for e in people(i)],
        top=top,
        schemas={ids.get(k, k): schema for k, schema in dataset.schemas.items()},
        strays=[
            Stray(s.key, s.position, new(s.value, "category_id")) if s.key == "annotations" else s
            for s in dataset.strays
        ],
    )


def category_name(category: Mapping[str, Any]) -> str:
    """The name as it is compared, empty where there is none."""
    name = str(category.get("name") or "").strip().lower()
    return "person" if name in _PEOPLE else name


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _dicts(values: Any) -> list[Json]:
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
