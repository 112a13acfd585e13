"""What is worked out for everybody in an image together, since person by person a crowd takes several times as long."""

from __future__ import annotations

from collections.abc import Iterable

from kdc.rle import MAX_RUNS, unpack_all
from kdc_annotator.document.annotation import Annotation


def unpack_masks(people: Iterable[Annotation]) -> None:
    """Unpack the compressed masks that nobody has asked for yet: what extents are measured from and masks are decoded from. Those that
    can't be are left as they are; whoever asks for them finds out why."""
    waiting = [(p, p.segmentation["counts"]) for p in people if p.waits_packed]
    if len(waiting) < 2 or sum(len(text) for _, text in waiting) > MAX_RUNS:
        return
    try:
        found = unpack_all([text for _, text in waiting])
    except ValueError:
        return
    for (person, _), runs in zip(waiting, found, strict=True):
        person.take_runs(runs)
