"""Whether two annotations are of one person."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kdc.schema import PoseSchema
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.photo_files import Box

SAME_OKS = 0.5
"""As between the views of one photo, see ``kdc.merging``."""
COMMON_JOINTS = 3


def new_people(
    people: Sequence[Annotation], known: Sequence[Annotation], part: Box, schema: Callable[[int], PoseSchema]
) -> list[Annotation]:
    """Those of ``people``, found in ``part`` of the image, who are none of the ``known``, by their joints or as ``same_person`` says.
    ``schema``: of a category.

    A mask that was painted, or followed a drag, may be another one than the model's: joints tell who it is all the same.
    """
    tables: dict[int, np.ndarray] = {}
    for count in {len(p.keypoints) for p in people if len(p.keypoints)}:
        alike = [k.keypoints for k in known if len(k.keypoints) == count]
        tables[count] = np.stack(alike) if alike else np.zeros((0, count, 3))
    new = [p for p in people if not _among(p, tables.get(len(p.keypoints)), schema(p.category_id).sigmas)]
    return [p for p in new if not any(same_person(p, k, part) for k in known)]


def _among(person: Annotation, table: np.ndarray | None, sigmas: Sequence[float]) -> bool:
    """Whether somebody of ``table``, (n, K, 3), has the person's joints."""
    if table is None or len(sigmas) != table.shape[1]:
        return False
    both = (table[:, :, 2] > 0) & person.present
    squared = ((table[:, :, :2] - person.keypoints[:, :2]) ** 2).sum(2)
    _, _, w, h = person.extent()
    alike = np.exp(-squared / (2 * (2 * np.asarray(sigmas)) ** 2 * max(0.5 * w * h, 1.0)))
    count = both.sum(1)
    return bool(((alike * both).sum(1) > SAME_OKS * count)[count >= COMMON_JOINTS].any())


def same_person(a: Annotation, b: Annotation, part: Box | None = None) -> bool:
    """Whether two annotations are of one person: their masks overlap by half, or where one has none, their boxes.

    ``part``: (x, y, w, h) of the image in which ``a`` was looked for; of ``b`` counts what lies in there.
    """
    other, box = b.mask, b.extent()
    if part is not None:
        other, box = _cut(other, part), _common(box, part)
        if not box[2] or not box[3]:
            return False
    if a.mask is not None and other is not None and a.mask.bits.size and b.mask is not None and b.mask.bits.size:
        return a.mask.iou(other) > 0.5
    mine = a.extent()
    common = _common(mine, box)
    both = common[2] * common[3]
    return both > 0.5 * max(mine[2] * mine[3] + box[2] * box[3] - both, 1)


def _common(a: Box, b: Box) -> Box:
    x, y = max(a[0], b[0]), max(a[1], b[1])
    return (x, y, max(min(a[0] + a[2], b[0] + b[2]) - x, 0), max(min(a[1] + a[3], b[1] + b[3]) - y, 0))


def _cut(mask: Mask | None, part: Box) -> Mask | None:
    """The pixels of a mask inside ``part``."""
    if mask is None:
        return None
    x, y, w, h = _common((mask.x, mask.y, mask.bits.shape[1], mask.bits.shape[0]), part)
    return Mask(mask.bits[y - mask.y : y - mask.y + h, x - mask.x : x - mask.x + w], x, y, mask.width, mask.height)
