"""Notes of a review that are being written: kept in the project until they are sent, and nothing but words for whoever writes them.

They are no part of the image: no export, no check and no history knows them.
"""

from __future__ import annotations

from collections.abc import Mapping

from kdc_annotator.io.project import Project

SETTING = "review_drafts"


def read_drafts(project: Project) -> dict[int, str]:
    """Image id -> words that nobody has sent yet."""
    stored = project.setting(SETTING)
    if not isinstance(stored, dict):
        return {}
    return {int(i): text for i, text in stored.items() if i.isdecimal() and isinstance(text, str) and text}


def keep_drafts(project: Project, drafts: Mapping[int, str]) -> None:
    """These and no others, without waiting for the disk; see ``Project.set_setting``."""
    stored = {str(i): text for i, text in drafts.items() if text}
    project.set_setting(SETTING, stored or None, durable=False)


def forget_drafts(project: Project) -> None:
    """In a project that somebody else gets."""
    project.set_setting(SETTING, None)
