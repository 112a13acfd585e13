"""What a reviewer has said of an image, as its status, reviewer and notes tell it."""

from __future__ import annotations

from typing import Literal

from kdc_annotator.document.annotation import PhotoRecord

ReviewState = Literal["", "waiting", "accepted", "returned"]
DONE = ("done", "done and empty")
RETURNED = "Returned by"


def review_state(photo: PhotoRecord) -> ReviewState:
    """ "waiting": done and seen by no reviewer. "" where there is nothing to review yet."""
    if photo.status in DONE:
        return "accepted" if photo.reviewer else "waiting"
    return "returned" if photo.reviewer and photo.status == "in progress" else ""


def last_note(photo: PhotoRecord) -> str:
    """What the last reviewer who returned the image wrote, "" for nothing."""
    for line in reversed(photo.notes.splitlines()):
        if line.startswith(f"{RETURNED} ") and ": " in line:
            return line.split(": ", 1)[1]
    return ""
