"""Crumbs: specks and pinholes that a gesture leaves beside a mask whose edge is not quite clustering's."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from kdc.structures import Mask
from kdc_annotator.document.change import Rectangle
from kdc_annotator.document.mask_shapes import speck_limit, united, without
from kdc_annotator.engine.live import crop_of


def without_crumbs(
    mask: Mask, before: Mask, window: Rectangle, keep: Iterable[Mask | None] = (), leave: Iterable[Mask | None] = ()
) -> Mask:
    """The mask without the crumbs that a change inside ``window`` (x, y, w, h) left: specks that ``before`` does not have are taken out,
    holes that it does not have are filled. No pixel of ``keep`` is taken out, none of ``leave`` filled."""
    from kdc_annotator.engine.crumb_kernels import crumbs_of

    x, y, w, h = window
    frame = (x - 1, y - 1, w + 2, h + 2)
    now, was = crop_of(mask, frame), crop_of(before, frame)
    limit = math.ceil(speck_limit(mask))

    def found(inside: bool, spare: Iterable[Mask | None]) -> np.ndarray | None:
        # Fresh zeros cost nothing where nobody writes.
        marks, earlier, out = np.zeros(now.shape, np.uint8), np.zeros(now.shape, np.uint8), np.zeros(now.shape, bool)
        return out if crumbs_of(now, was, inside, _spared(spare, frame), limit, inside, marks, earlier, out) else None

    result: Mask | None = mask
    specks = found(True, keep)
    if specks is not None:
        now &= ~specks
        result = without(result, _cut(specks, frame, mask))
    gaps = found(False, leave)
    if gaps is not None:
        result = united(result, _cut(gaps, frame, mask))
    assert result is not None
    return result


def _spared(masks: Iterable[Mask | None], frame: Rectangle) -> np.ndarray:
    out = np.zeros((frame[3], frame[2]), bool)
    for mask in masks:
        if mask is not None and mask.bits.size:
            out |= crop_of(mask, frame)
    return out


def _cut(bits: np.ndarray, frame: Rectangle, image: Mask) -> Mask:
    """The bits of a frame that may reach one pixel beyond the image, as a mask of it."""
    left, top = max(-frame[0], 0), max(-frame[1], 0)
    inside = bits[top : image.height - frame[1], left : image.width - frame[0]]
    return Mask(np.ascontiguousarray(inside), frame[0] + left, frame[1] + top, image.width, image.height)
