"""The document's people inside the re-clusterer, and the masks that a drag changes. No Qt; always on one thread.

The document's masks may be a human's or another tool's. So a drag does not put the clustering's masks in their place: it adds what
clustering gives a person between before and after the drag, and takes away what clustering takes. Where a person has no mask yet,
clustering's is the mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.schema import COCO_17, map_keypoints
from kdc.structures import Mask, Person
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle, union
from kdc_annotator.document.mask_shapes import united, without
from kdc_annotator.document.proposals import proposal_from_person
from kdc_annotator.document.segmentation import decode_segmentation
from kdc_annotator.engine.field_cache import Entry
from kdc_annotator.engine.live import LivePerson
from kdc_annotator.engine.recluster import Reclusterer
from kdc_annotator.ui.scene import Key

NOTHING: Rectangle = (0, 0, 0, 0)


def proposals_of(entry: Entry, size: tuple[int, int], corner: tuple[int, int] = (0, 0)) -> list[Annotation]:
    """The people of a prediction as proposals in an image of ``size``; ``corner``: where the predicted part lies in it."""
    dx, dy = corner
    found = []
    for person in entry.people:
        moved = person
        if corner != (0, 0) or (person.mask is not None and (person.mask.width, person.mask.height) != size):
            points = person.keypoints.copy()
            points[person.present, :2] += (dx, dy)
            mask = person.mask
            if mask is not None:
                mask = Mask(mask.bits, mask.x + dx, mask.y + dy, *size)
            moved = Person(points, person.score, person.visibility, mask)
        found.append(proposal_from_person(moved, size, entry.model, entry.version))
    return found


class LiveMasks:
    """One image's re-clusterer with the document's people in it."""

    def __init__(self, entry: Entry, pixels: np.ndarray) -> None:
        self.schema = entry.schema
        self.live = Reclusterer(entry.fields, entry.letterbox, entry.schema, pixels)
        self._numbers: dict[Key, int] = {}
        self._known: dict[Key, tuple[Annotation, LivePerson]] = {}
        self._start: Any = None
        self._before = np.zeros((0, 0), np.uint16)
        self._changed: Rectangle = NOTHING
        self._last: Rectangle = NOTHING
        self._key: Key = (False, 0)

    def take(self, people: Sequence[tuple[Key, Annotation]]) -> None:
        """The people as they are in the document now; those that are the same as before cost nothing."""
        persons: dict[int, LivePerson] = {}
        for key, annotation in people:
            if annotation.crowd or len(annotation.keypoints) == 0 or not annotation.present.any():
                continue
            known = self._known.get(key)
            if known is None or known[0] is not annotation:
                number = self._numbers.setdefault(key, len(self._numbers) + 1)
                known = (annotation, self._person(number, annotation))
                self._known[key] = known
            persons[known[1].number] = known[1]
        state = type(self.live.state)(persons)
        self.live.restore(state)

    def _person(
        self, number: int, annotation: Annotation, points: np.ndarray | None = None, moved: Sequence[int] = ()
    ) -> LivePerson:
        rows = annotation.keypoints if points is None else points
        vouched = annotation.confirmed_keypoints.copy()
        if annotation.provenance.source != "model":
            vouched |= rows[:, 2] > 0
        vouched[list(moved)] = True
        confidence = np.where(rows[:, 2] > 0, 1.0, 0.0)
        if annotation.confidence is not None:
            confidence = np.where(vouched, confidence, annotation.confidence)
        wide = np.column_stack([rows, vouched, confidence])
        wide = self._mapped(wide)
        painted = decode_segmentation(annotation.pinned_in, *annotation.size)
        erased = decode_segmentation(annotation.pinned_out, *annotation.size)
        return LivePerson(
            number, wide[:, :2], wide[:, 4].astype(np.float32), wide[:, 3] > 0, wide[:, 2].astype(np.uint8),
            locked=annotation.locked, frozen=annotation.mask if annotation.locked else None, painted=painted, erased=erased,
        )  # fmt: skip

    def _mapped(self, wide: np.ndarray) -> np.ndarray:
        """Rows x, y, v, vouched, confidence in the model's order of joints."""
        if len(wide) == len(self.schema):
            return wide
        source = next((s for s in (COCO_17,) if len(s) == len(wide)), None)
        out = np.zeros((len(self.schema), 5))
        if source is None:
            return out
        index = np.column_stack([np.arange(len(wide)), np.zeros(len(wide)), np.ones(len(wide))])
        mapped = map_keypoints(index, source, self.schema)
        for k, row in enumerate(mapped):
            if row[2]:
                out[k] = wide[int(row[0])]
        return out

    def begin(self, key: Key) -> None:
        """A drag of that person's joints begins; KdcError where it can't be clustered."""
        if key not in self._known or self._known[key][1].number not in self.live.people:
            raise KdcError("No such person", "This person has no joints that clustering could follow.")
        self._key = key
        self._start = self.live.state
        self._before = self.live.labels.copy()
        self._changed = self._last = NOTHING

    def moved(self, to: Mapping[int, tuple[float, float]]) -> tuple[dict[Key, Mask], Rectangle]:
        """Joints at those pixel positions: masks that differ from before the drag, and where the last answer's picture differs."""
        annotation, person = self._known[self._key]
        points = annotation.keypoints.copy()
        for k, (x, y) in to.items():
            points[k] = (x, y, points[k, 2] or 2)
        change = self.live.put(self._person(person.number, annotation, points, tuple(to)))
        self._changed = union(self._changed, change.rect)
        shown = union(self._last, self._changed)
        self._last = self._changed
        return self._differences(self._changed), shown

    def masks_of_new(
        self, people: Sequence[tuple[Key, Annotation]], points: Mapping[int, tuple[float, float, int]]
    ) -> dict[Key | None, Mask]:
        """The mask of a person placed by hand, under None, and what its coming takes from the others."""
        self.take(people)
        before = self.live.labels.copy()
        rows = np.zeros((len(self.schema), 3))
        for k, row in points.items():
            if k < len(rows):
                rows[k] = row
        number = self.live.free_number()
        change = self.live.put(LivePerson.placed(number, rows))
        self._before = before
        found: dict[Key | None, Mask] = {}
        found.update(self._differences(change.rect).items())
        mask = self.live.mask(number)
        if mask.bits.any():
            found[None] = mask
        self.live.remove(number)
        return found

    def _differences(self, rectangle: Rectangle) -> dict[Key, Mask]:
        x, y, w, h = rectangle
        if w <= 0 or h <= 0:
            return {}
        before, after = self._before[y : y + h, x : x + w], self.live.labels[y : y + h, x : x + w]
        differs = before != after
        if not differs.any():
            return {}
        rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        before, after, differs = (a[top:bottom, left:right] for a in (before, after, differs))
        x, y = x + int(left), y + int(top)
        touched = set(np.unique(before[differs]).tolist()) | set(np.unique(after[differs]).tolist())
        keys = {known[1].number: key for key, known in self._known.items()}
        height, width = self.live.labels.shape
        found = {}
        for number in touched - {0}:
            key = keys.get(number)
            if key is None or self._known[key][0].locked:
                continue
            mask = self._known[key][0].mask
            if mask is None or not mask.bits.size:
                found[key] = self.live.mask(number)
                continue
            gained, lost = differs & (after == number), differs & (before == number)
            result: Mask | None = mask
            if gained.any():
                result = united(result, Mask(np.ascontiguousarray(gained), x, y, width, height))
            if lost.any():
                result = without(result, Mask(np.ascontiguousarray(lost), x, y, width, height))
            found[key] = result if result is not None else Mask.empty(width, height)
        return found
