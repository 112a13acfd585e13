"""Images that are not on disk, or not as the annotations say."""

from __future__ import annotations

from collections.abc import Iterator

from kdc_annotator.document.checks.finding import Finding, Scene


def check(scene: Scene) -> Iterator[Finding]:
    """A missing file; masks that were made for another image size."""
    if scene.file_exists is False:
        yield Finding(
            "missing image",
            f"The file {scene.photo.path} is missing; look for it by its content or restore it.",
            "error",
        )
    for number, person in enumerate(scene.people, 1):
        if person.segmentation and person.mask is None:
            yield Finding(
                "unreadable mask",
                f"The mask of person {number} can't be read; it is kept as it came.",
                "error",
                (person.id,),
            )
