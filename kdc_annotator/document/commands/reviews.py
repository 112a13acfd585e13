"""The reviewer's word on an image: accepted, or returned with a note."""

from __future__ import annotations

from dataclasses import dataclass

from kdc_annotator.document.edit import Edit
from kdc_annotator.document.reviewing import RETURNED


@dataclass(frozen=True)
class AcceptImage:
    """The reviewer found the image right: it is done, and says who looked at it. ``reviewer``: not empty."""

    reviewer: str

    def apply(self, edit: Edit) -> str:
        edit.set_photo(status="done" if edit.people else "done and empty", reviewer=self.reviewer)
        return "Accept the image"


@dataclass(frozen=True)
class ReturnImage:
    """Back to the labeler. ``note``: what shall be different; it becomes a line of the image's notes."""

    reviewer: str
    note: str = ""

    def apply(self, edit: Edit) -> str:
        note = " ".join(self.note.split())
        notes = edit.photo.notes
        if note:
            notes = f"{notes}\n{RETURNED} {self.reviewer}: {note}".lstrip("\n")
        edit.set_photo(status="in progress", reviewer=self.reviewer, notes=notes)
        return "Return the image"


@dataclass(frozen=True)
class WithdrawReview:
    """What the reviewer said was about other annotations: it holds no longer."""

    def apply(self, edit: Edit) -> str:
        edit.set_photo(reviewer="")
        return "Withdraw the review"
