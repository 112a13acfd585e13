"""Commands on the photo itself, and several commands as one step."""

from __future__ import annotations

from dataclasses import dataclass

from kdc.errors import KdcError
from kdc_annotator.document.annotation import STATUSES, Status
from kdc_annotator.document.edit import Command, Edit, command_name


@dataclass(frozen=True)
class SetStatus:
    """The image's status. "done" on an image without people becomes "done and empty", and the other way round."""

    status: Status

    def apply(self, edit: Edit) -> str:
        if self.status not in STATUSES:
            raise KdcError("Bad status", f"An image's status is one of {', '.join(STATUSES)}, not {self.status!r}.")
        status = self.status
        if status in ("done", "done and empty"):
            status = "done" if edit.people else "done and empty"
        values: dict[str, object] = {"status": status}
        if edit.author:
            values["labeler"] = edit.author
        edit.set_photo(**values)
        return f"Mark image as {status}"


@dataclass(frozen=True)
class SetPhotoNotes:
    """Notes and names on the image; None leaves a value as it is."""

    notes: str | None = None
    labeler: str | None = None
    reviewer: str | None = None

    def apply(self, edit: Edit) -> str:
        values = {
            k: v
            for k, v in (("notes", self.notes), ("labeler", self.labeler), ("reviewer", self.reviewer))
            if v is not None
        }
        edit.set_photo(**values)
        return f"Set {' and '.join(values) or 'nothing'} of the image"


@dataclass(frozen=True)
class SetCompleteness:
    """Whether every person has a mask and whether crowd regions are known; None: nobody said."""

    masks_complete: bool | None = None
    crowd_regions_known: bool | None = None

    def apply(self, edit: Edit) -> str:
        edit.set_photo(masks_complete=self.masks_complete, crowd_regions_known=self.crowd_regions_known)
        return "Set what the image's annotations cover"


@dataclass(frozen=True)
class Together:
    """Several commands as one step, such as a drag and the masks that follow it. ``text``: its label, else the first one's."""

    commands: tuple[Command, ...]
    text: str = ""

    @property
    def carries(self) -> str:
        """The name of the first, which the step is about; its own where there is none."""
        return command_name(self.commands[0]) if self.commands else type(self).__name__

    def apply(self, edit: Edit) -> str:
        labels = [command.apply(edit) for command in self.commands]
        return self.text or (labels[0] if labels else "Nothing")
