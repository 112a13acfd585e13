"""Whether two annotations are of one person."""

from __future__ import annotations

from kdc_annotator.document.annotation import Annotation


def same_person(a: Annotation, b: Annotation) -> bool:
    """Whether two annotations are of one person: their masks overlap by half, or where one has none, their boxes."""
    if a.mask is not None and b.mask is not None and a.mask.bits.size and b.mask.bits.size:
        return a.mask.iou(b.mask) > 0.5
    ax, ay, aw, ah = a.extent()
    bx, by, bw, bh = b.extent()
    common = max(min(ax + aw, bx + bw) - max(ax, bx), 0) * max(min(ay + ah, by + bh) - max(ay, by), 0)
    return common > 0.5 * max(aw * ah + bw * bh - common, 1)
