"""Pinned pixels: those that the labeler painted or erased, which clustering leaves alone."""

from __future__ import annotations

from dataclasses import replace

from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.mask_shapes import pixels
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask


def pins_of(person: Annotation) -> tuple[Mask | None, Mask | None]:
    """The pixels pinned in and pinned out."""
    return decode_segmentation(person.pinned_in, *person.size), decode_segmentation(person.pinned_out, *person.size)


def with_pins(person: Annotation, pinned_in: Mask | None, pinned_out: Mask | None) -> Annotation:
    """The person with other pinned pixels; a mask without pixels is none."""
    rles = [None if mask is None or not pixels(mask) else encode_mask(mask) for mask in (pinned_in, pinned_out)]
    return replace(person, pinned_in=rles[0], pinned_out=rles[1]).with_mask_of(person)
