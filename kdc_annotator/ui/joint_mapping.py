"""People between the model's joints and those of a project with another schema, by the joints' names. No Qt."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from kdc.schema import PoseSchema, canonical_name, map_keypoints
from kdc.structures import Person


def shared_joints(a: PoseSchema, b: PoseSchema) -> int:
    """How many joints two schemas share by name; one more where they are the same in the same order."""
    names = {canonical_name(name) for name in a.keypoints}
    return sum(canonical_name(name) in names for name in b.keypoints) + (a.keypoints == b.keypoints)


def fitting_category(model: PoseSchema, schemas: Iterable[tuple[int, PoseSchema]]) -> tuple[int, PoseSchema] | None:
    """The category whose joints the model knows best, None where it knows none of any."""
    ranked = sorted(schemas, key=lambda item: -shared_joints(model, item[1]))
    return ranked[0] if ranked and shared_joints(model, ranked[0][1]) else None


def person_in(person: Person, source: PoseSchema, target: PoseSchema) -> Person:
    """A person with the joints of another schema (``kdc.schema.map_keypoints``); mask and score stay."""
    if source.keypoints == target.keypoints:
        return person
    seen = person.visibility if person.visibility is not None else 2 * person.present
    flags = np.column_stack([person.keypoints[:, :2], seen])
    points = map_keypoints(person.keypoints, source, target)
    return Person(points, person.score, map_keypoints(flags, source, target)[:, 2].astype(np.uint8), person.mask)


def rows_in(
    points: np.ndarray, flags: dict[str, np.ndarray], source: PoseSchema, target: PoseSchema
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """``points`` (K, 2) and several values for each joint (K,), in another schema's order; 0 for a joint that is not known.

    A joint that is derived from others has the smallest of their values.
    """
    if source.keypoints == target.keypoints:
        return points, flags
    out, places = {}, np.zeros((len(target), 2))
    for name, values in flags.items():
        mapped = map_keypoints(np.column_stack([points, values]).astype(np.float64), source, target)
        out[name] = mapped[:, 2]
        known = mapped[:, 2] > 0
        places[known] = mapped[known, :2]
    return places, out
