"""Whether two annotations are of one person."""

from __future__ import annotations

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.ui.photo_files import Box


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
