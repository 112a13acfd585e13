"""One list of people out of several views of the same photo."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kdc.schema import PoseSchema
from kdc.structures import Mask, Person

SAME_OKS = 0.5
SAME_IOU = 0.5
SAME_COVER = 0.75
CONFIDENT = 0.1


def oks(a: Person, b: Person, schema: PoseSchema) -> float:
    """Object keypoint similarity (COCO) of two predictions, over joints that both have labelled; 0 where they share none.

    The area that COCO takes from the annotation is half the box around the joints of both.
    """
    shown = [(p.keypoints[:, 2] >= CONFIDENT) & (np.asarray(p.visibility) > 0) for p in (a, b)]
    both = shown[0] & shown[1]
    if not both.any():
        return 0.0
    points = np.concatenate([p.keypoints[s, :2] for p, s in zip((a, b), shown, strict=True)])
    area = max(1.0, float(np.prod(np.ptp(points, axis=0) + 1)) * 0.5)
    d2 = ((a.keypoints[both, :2] - b.keypoints[both, :2]) ** 2).sum(1)
    sigmas = np.asarray(schema.sigmas)[both]
    return float(np.exp(-d2 / (2 * area * (2 * sigmas) ** 2)).mean())


def _covered(a: Mask, b: Mask) -> float:
    """Share of the smaller mask that lies in the larger."""
    smaller = min(a.area, b.area)
    if not smaller:
        return 0.0
    iou = a.iou(b)
    return iou / (1 + iou) * (a.area + b.area) / smaller


def same_person(a: Person, b: Person, schema: PoseSchema) -> bool:
    """Whether two predictions are of one person: by their joints, or by their pixels."""
    if oks(a, b, schema) > SAME_OKS:
        return True
    if a.mask is None or b.mask is None:
        return False
    return a.mask.iou(b.mask) > SAME_IOU or _covered(a.mask, b.mask) > SAME_COVER


def _cut(person: Person, box: tuple[int, int, int, int], size: tuple[int, int]) -> bool:
    """Whether a tile's inner border may have cut the person."""
    x, y, w, h = box
    if person.mask is not None and person.mask.area:
        left, top, pw, ph = person.mask.box
        right, bottom = left + pw, top + ph
    else:
        points = person.keypoints[person.present, :2]
        left, top = points.min(0)
        right, bottom = points.max(0) + 1
    margin = 2
    return bool(
        (x > 0 and left <= x + margin)
        or (y > 0 and top <= y + margin)
        or (x + w < size[0] and right >= x + w - margin)
        or (y + h < size[1] and bottom >= y + h - margin)
    )


def merge_people(
    groups: Sequence[Sequence[Person]],
    boxes: Sequence[tuple[int, int, int, int]],
    size: tuple[int, int],
    schema: PoseSchema,
) -> list[Person]:
    """``groups``: the whole view's people, then each tile's, all in photo pixels; ``boxes``: of the tiles; ``size``: (W, H) of the photo.

    A person seen twice is kept once, from the view that is surest of it; one that a tile's border cuts only where no
    other view has the person. Best first.
    """
    ranked: list[tuple[bool, float, Person]] = [(False, p.score, p) for p in groups[0]]
    for people, box in zip(groups[1:], boxes, strict=True):
        ranked += [(_cut(p, box, size), p.score, p) for p in people if p.present.any()]
    ranked.sort(key=lambda item: (item[0], -item[1]))
    kept: list[Person] = []
    for _, _, person in ranked:
        if not any(same_person(person, other, schema) for other in kept):
            kept.append(person)
    return sorted(kept, key=lambda p: -p.score)
