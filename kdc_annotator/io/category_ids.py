"""One category id with different names in several files: the second file's category gets an id of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kdc_annotator.io.dataset import Dataset, Entry, Json, Stray
from kdc_annotator.io.project import Project

_PEOPLE = ("people", "human")
"""Other names of the category "person"."""


def own_ids(project: Project, dataset: Dataset, sources: Sequence[Json], source: int) -> dict[int, int]:
    """The file's category ids -> those in the project, where they differ. ``sources``: what the project remembers of its files;
    ``source``: which of them ``dataset`` is, one more than the last for a new one.

    A category whose id another name has gets the id that its own name has there, else a new one. One without a name is joined
    by its id.
    """
    again = source < len(sources)
    if again:
        there = [c for n, s in enumerate(sources) if n != source for c in _dicts(s["top"].get("categories"))]
    else:
        there = project.categories if project.setting("categories") or made_here(project) else []
    taken = {c["id"]: category_name(c) for c in there if type(c.get("id")) is int}
    found = {int(k): int(v) for k, v in sources[source].get("category_ids", {}).items()} if again else {}
    file = {c["id"]: category_name(c) for c in reversed(dataset.categories) if type(c.get("id")) is int}
    other = {i for i, name in file.items() if i not in found and name and taken.get(i, name) not in (name, "")}
    given = set(found.values())
    highest = max([0, *taken, *file, *given, project._rows("SELECT MAX(category_id) FROM people")[0][0] or 0])
    for i in sorted(other):
        same = [k for k, name in taken.items() if name == file[i] and k not in given and (k not in file or k in other)]
        highest += not same
        found[i] = same[0] if same else highest
        given.add(found[i])
    return found


def made_here(project: Project) -> bool:
    """Whether the project has people or proposals and no file's categories: theirs is the default one."""
    return project.setting("categories") is None and project.count_people() + project.count_proposals() > 0


def with_ids(dataset: Dataset, ids: Mapping[int, int]) -> Dataset:
    """``dataset`` with other category ids: ``ids`` has the new ones."""
    if not ids:
        return dataset

    def new(value: Any, key: str) -> Any:
        i = value.get(key) if isinstance(value, dict) else None
        return {**value, key: ids[i]} if type(i) is int and i in ids else value

    top = dict(dataset.top)
    if isinstance(top.get("categories"), list):
        top["categories"] = [new(category, "id") for category in top["categories"]]
    people = dataset.people
    return replace(
        dataset,
        people=lambda i: [Entry(e.position, new(e.value, "category_id")) for e in people(i)],
        top=top,
        schemas={ids.get(k, k) if type(k) is int else k: schema for k, schema in dataset.schemas.items()},
        strays=[
            Stray(s.key, s.position, new(s.value, "category_id")) if s.key == "annotations" else s
            for s in dataset.strays
        ],
    )


def category_name(category: Mapping[str, Any]) -> str:
    """The name as it is compared, empty where there is none."""
    name = str(category.get("name") or "").strip().lower()
    return "person" if name in _PEOPLE else name


def _dicts(values: Any) -> list[Json]:
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
