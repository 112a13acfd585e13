"""A person's text or number while it is being typed: kept in the project, so that it outlives a program that was killed.

When the field is left the value becomes a step of the image's history and the draft goes; what is still here when a project is opened
for writing was not left in peace and becomes that step then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from kdc_annotator.io.project import Project

SETTING = "attribute_draft"


@dataclass(frozen=True)
class AttributeDraft:
    """``text``: what is being typed for the attribute ``name``, whose value was ``before`` (None: none), of a person or proposal of the
    image with the id ``image``. ``number``: it is to become one."""

    image: int
    person: int
    proposal: bool
    name: str
    number: bool
    before: Any
    text: str


def read_attribute_draft(project: Project) -> AttributeDraft | None:
    """None where nobody was typing, or what is stored is no draft."""
    stored = project.setting(SETTING)
    if not isinstance(stored, dict):
        return None
    kinds = {"image": int, "person": int, "proposal": bool, "name": str, "number": bool, "text": str}
    if any(type(stored.get(name)) is not kind for name, kind in kinds.items()):
        return None
    return AttributeDraft(**{name: stored[name] for name in kinds}, before=stored.get("before"))


def keep_attribute_draft(project: Project, draft: AttributeDraft | None) -> None:
    """This one and no other, without waiting for the disk; see ``Project.set_setting``."""
    project.set_setting(SETTING, None if draft is None else asdict(draft), durable=False)
