"""Masks in several far pieces, with specks, or with tiny holes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kdc.structures import Mask
from kdc_annotator.document.checks.finding import Finding, Scene
from kdc_annotator.document.commands.masks import Erase, Paint
from kdc_annotator.document.mask_shapes import holes, parts, speck_limit, united

FAR = 0.5
"""A gap longer than this many sides of the square with the mask's area is far."""


def check(scene: Scene) -> Iterator[Finding]:
    """Far parts (no repair: an occluder may divide a person), specks and tiny holes (repaired by one stroke)."""
    for number, person in scene.singles:
        mask = person.mask
        if mask is None or not mask.bits.size:
            continue
        limit = speck_limit(mask)
        found = parts(mask)
        specks = [p for p in found[1:] if p.area < limit]
        if specks:
            what = "a tiny speck" if len(specks) == 1 else f"{len(specks)} tiny specks"
            repair = Erase(person.id, _union(specks), pin=False)
            yield Finding(
                "specks",
                f"The mask of person {number} has {what}.",
                "hint",
                (person.id,),
                _middle(specks[0]),
                None,
                repair,
            )
        tiny = [h for h in holes(mask) if h.area < limit]
        if tiny:
            what = "a tiny hole" if len(tiny) == 1 else f"{len(tiny)} tiny holes"
            fill = Paint(person.id, _union(tiny), pin=False)
            yield Finding(
                "tiny holes",
                f"The mask of person {number} has {what}.",
                "hint",
                (person.id,),
                _middle(tiny[0]),
                None,
                fill,
            )
        side = float(np.sqrt(mask.area))
        for part in found[1:]:
            if part.area >= limit and _gap(found[0], part) > FAR * side:
                sentence = f"The mask of person {number} has a piece far from the rest."
                yield Finding("far piece", sentence, "warning", (person.id,), _middle(part))


def _union(pieces: list[Mask]) -> Mask:
    whole: Mask | None = None
    for piece in pieces:
        whole = united(whole, piece)
    assert whole is not None
    return whole


def _middle(part: Mask) -> tuple[float, float]:
    x, y, w, h = part.box
    return (x + w / 2, y + h / 2)


def _gap(a: Mask, b: Mask) -> float:
    """Distance between the boxes of two parts, in pixels: never more than between the parts themselves."""
    ax, ay, aw, ah = a.box
    bx, by, bw, bh = b.box
    return float(np.hypot(max(bx - ax - aw, ax - bx - bw, 0), max(by - ay - ah, ay - by - bh, 0)))
