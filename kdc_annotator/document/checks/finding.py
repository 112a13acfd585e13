"""What a check finds: a sentence, how bad it is, where to jump to and, where it is safe, a command that repairs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kdc.schema import PoseSchema, canonical_name
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.edit import Command

Severity = Literal["error", "warning", "hint"]


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    ``check``: the check's name. ``sentence``: for a person to read. ``severity``: "error" contradicts COCO or itself,
    "warning" is most likely wrong, "hint" may well be right. ``people``: whom it is about. ``place``: (x, y) in image
    pixels to look at, None for the whole image. ``keypoint``: which one, or None. ``repair``: None where none is safe.
    """

    check: str
    sentence: str
    severity: Severity
    people: tuple[int, ...] = ()
    place: tuple[float, float] | None = None
    keypoint: int | None = None
    repair: Command | None = None


@dataclass(frozen=True)
class Scene:
    """What checks look at: one image as data.

    ``predicted``: the model's people for this image where there are any. ``file_exists``: None where nobody looked.
    """

    photo: PhotoRecord
    people: Sequence[Annotation]
    schema: Callable[[int], PoseSchema]
    predicted: Sequence[Annotation] = ()
    file_exists: bool | None = None

    @property
    def singles(self) -> Iterator[tuple[int, Annotation]]:
        """(number, person) without crowd regions."""
        for number, person in enumerate(self.people, 1):
            if not person.crowd:
                yield number, person

    def name(self, person: Annotation, keypoint: int) -> str:
        """The keypoint's name in words."""
        names = self.schema(person.category_id).keypoints
        return names[keypoint].replace("_", " ") if keypoint < len(names) else f"keypoint {keypoint + 1}"

    def skeleton(self, person: Annotation) -> PoseSchema | None:
        """The person's schema, None where its keypoints do not follow it."""
        schema = self.schema(person.category_id)
        return schema if len(schema) == len(person.keypoints) else None


Check = Callable[[Scene], Iterable[Finding]]


def middle(person: Annotation) -> tuple[float, float] | None:
    """The middle of a person's extent, None for nothing."""
    x, y, w, h = person.extent()
    return (x + w / 2, y + h / 2) if w and h else None


def joints(schema: PoseSchema) -> Mapping[str, int]:
    """Canonical keypoint name -> index."""
    return {canonical_name(name): k for k, name in enumerate(schema.keypoints)}
