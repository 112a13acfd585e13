"""People with a mask and no keypoints, or keypoints and no mask."""

from __future__ import annotations

from collections.abc import Iterator

from kdc_annotator.document.checks.finding import Finding, Scene, middle

SMALL = 32 * 32
"""People below COCO's "small" (32 x 32 pixels) are not expected to have keypoints."""


def check(scene: Scene) -> Iterator[Finding]:
    """What a person lacks. In a finished image a missing mask is a warning: training would take the person for background."""
    finished = scene.photo.status == "done" or scene.photo.masks_complete is True
    for number, person in scene.singles:
        has_mask = person.mask is not None and bool(person.mask.bits.size)
        if (
            has_mask
            and len(person.keypoints)
            and not person.present.any()
            and person.mask is not None
            and person.mask.area >= SMALL
        ):
            yield Finding(
                "no keypoints", f"Person {number} has a mask, but no keypoints.", "hint", (person.id,), middle(person)
            )
        if not has_mask and finished:
            sentence = f"Person {number} has no mask, and the image counts as finished."
            yield Finding("no mask", sentence, "warning", (person.id,), middle(person))
        elif not has_mask and person.present.any():
            yield Finding(
                "no mask", f"Person {number} has keypoints, but no mask.", "hint", (person.id,), middle(person)
            )
        elif not has_mask and person.box is None:
            yield Finding(
                "empty person", f"Person {number} has neither keypoints nor a mask nor a box.", "error", (person.id,)
            )
