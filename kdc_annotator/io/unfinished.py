"""What is being written in a project and is no part of its images yet: for whoever reads the project without its window."""

from __future__ import annotations

from pathlib import Path

from kdc.counted import counted
from kdc.errors import KdcError
from kdc_annotator.io.attribute_draft import read_attribute_draft
from kdc_annotator.io.note_draft import read_note_draft
from kdc_annotator.io.project import Project
from kdc_annotator.io.review_drafts import read_drafts


def unfinished(project: Project) -> list[str]:
    """Such as "the note on a.jpg" and "2 notes of a review"; empty where nothing was begun."""
    found = []
    note, value, unsent = read_note_draft(project), read_attribute_draft(project), len(read_drafts(project))
    if note is not None:
        found.append(f"the note on {_name(project, note.image)}")
    if value is not None:
        found.append(f"{value.name} of somebody in {_name(project, value.image)}")
    if unsent:
        found.append(f"{counted(unsent, 'note')} of a review")
    return found


def _name(project: Project, image: int) -> str:
    try:
        return Path(project.photo(image).path).name
    except KdcError:
        return f"image {image}, which is not there"
