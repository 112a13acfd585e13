"""The note on an image while it is being written: kept in the project, so that it outlives a program that was killed.

When the field is left the words become a step of the image's history and the draft goes; what is still here when a project is opened
for writing was not left in peace and becomes that step then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from kdc_annotator.io.project import Project

SETTING = "note_draft"


@dataclass(frozen=True)
class NoteDraft:
    """``text``: what is being written for the image with the id ``image``, whose note was ``before``."""

    image: int
    before: str
    text: str

    def on(self, stored: str) -> str:
        """The note that comes of it where ``stored`` is there now. Words that came there meanwhile stay."""
        if stored.strip() in (self.before.strip(), self.text.strip()):
            return self.text
        return f"{stored}\n{self.text}".strip("\n")


def read_note_draft(project: Project) -> NoteDraft | None:
    """None where nobody was writing, or what is stored is no draft."""
    stored = project.setting(SETTING)
    if not isinstance(stored, dict):
        return None
    image, before, text = (stored.get(name) for name in ("image", "before", "text"))
    if type(image) is not int or not isinstance(before, str) or not isinstance(text, str):
        return None
    return NoteDraft(image, before, text)


def keep_note_draft(project: Project, draft: NoteDraft | None) -> None:
    """This one and no other, without waiting for the disk; see ``Project.set_setting``."""
    project.set_setting(SETTING, None if draft is None else asdict(draft), durable=False)
