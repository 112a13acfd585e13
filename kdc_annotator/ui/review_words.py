"""A review's differences in words."""

from __future__ import annotations

from collections.abc import Sequence

from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.document.comparing import Difference, Kind, summary
from kdc_annotator.document.mask_shapes import pixels
from kdc_annotator.document.reviewing import last_note, review_state
from kdc_annotator.ui.text import mark, number, tr

KIND_WORDS: dict[Kind, str] = {
    "changed": mark("changed"),
    "added": mark("added"),
    "deleted": mark("deleted"),
    "left out": mark("left out"),
}
VALUE_WORDS: dict[str, str] = {
    "category_id": mark("category"),
    "iscrowd": mark("crowd region or not"),
    "attributes": mark("attributes"),
}


def kind_word(kind: Kind) -> str:
    """ "added"."""
    return tr(KIND_WORDS[kind])


def title_of(difference: Difference) -> str:
    """ "Person 3: changed"."""
    kind = kind_word(difference.kind)
    person = difference.after or difference.before
    if person is not None and person.crowd:
        return tr("Crowd region: {what}", what=kind)
    if difference.number:
        return tr("Person {number}: {what}", number=difference.number, what=kind)
    return tr("Proposal: {what}", what=kind) if _proposed(difference) else tr("Imported person: {what}", what=kind)


def _proposed(difference: Difference) -> bool:
    return difference.before is not None and difference.before.provenance.source == "model"


def detail_of(difference: Difference) -> str:
    """One line about what was done, "" where the title says all."""
    parts = []
    if n := len(difference.moved):
        far = number(difference.distance, 1 if difference.distance < 10 else 0)
        parts.append(tr("joints moved: {n} ({far} px)", n=n, far=far))
    if n := len(difference.placed):
        parts.append(tr("placed: {n}", n=n))
    if n := len(difference.removed):
        parts.append(tr("taken away: {n}", n=n))
    if n := len(difference.seen):
        parts.append(tr("visibility: {n}", n=n))
    came, went = pixels(difference.gained), pixels(difference.lost)
    if came or went:
        parts.append(tr("mask {came} {went} px", came=f"+{number(came)}", went=f"−{number(went)}"))
    parts += [tr(VALUE_WORDS[v]) for v in difference.values]
    if not parts and difference.kind != "changed":
        person = difference.after or difference.before
        assert person is not None
        if _proposed(difference) and person.score is not None:
            parts.append(tr("score {score}", score=number(person.score, 2)))
        if not person.crowd:
            parts.append(tr("{n} of {of} joints", n=int(person.present.sum()), of=len(person.keypoints)))
    return " · ".join(parts)


def summary_of(differences: Sequence[Difference]) -> str:
    """ "3 changed · 1 added", or that nothing was changed."""
    counts = [f"{n} {kind_word(kind)}" for kind, n in summary(differences).items() if n]
    return " · ".join(counts) or tr("Everybody is as proposed.")


def state_of(photo: PhotoRecord) -> str:
    """Where the image stands between labeler and reviewer."""
    state = review_state(photo)
    if state == "waiting":
        return tr("Waits for review.")
    if state == "accepted":
        return tr("Accepted by {name}.", name=photo.reviewer)
    if state == "returned":
        note = last_note(photo)
        if note:
            return tr("Returned by {name}: {note}", name=photo.reviewer, note=note)
        return tr("Returned by {name}.", name=photo.reviewer)
    return tr("Not done yet.")
