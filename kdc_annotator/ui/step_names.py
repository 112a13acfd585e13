"""The document's step labels, which are English, in the window's language."""

from __future__ import annotations

import re

from kdc_annotator.ui.text import mark, tr

_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"Move (?P<what>.+) of person (?P<n>\d+)", mark("Move {what} of person {n}")),
    (r"Mark (?P<what>.+) of person (?P<n>\d+) as (?P<how>.+)", mark("Mark {what} of person {n} as {how}")),
    (r"Add (?P<what>.+) of person (?P<n>\d+)", mark("Add {what} of person {n}")),
    (r"Remove (?P<what>.+) of person (?P<n>\d+)", mark("Remove {what} of person {n}")),
    (r"Confirm all keypoints of person (?P<n>\d+)", mark("Confirm all joints of person {n}")),
    (r"Confirm person (?P<n>\d+)", mark("Confirm person {n}")),
    (r"Confirm (?P<n>\d+) people", mark("Confirm {n} people")),
    (r"Swap left and right of person (?P<n>\d+)", mark("Swap left and right of person {n}")),
    (r"Swap left and right (?P<what>.+) of person (?P<n>\d+)", mark("Swap left and right {what} of person {n}")),
    (r"Mirror person (?P<n>\d+)", mark("Mirror person {n}")),
    (r"Add person (?P<n>\d+)", mark("Add person {n}")),
    (r"Delete person (?P<n>\d+)", mark("Delete person {n}")),
    (r"Delete (?P<n>\d+) people", mark("Delete {n} people")),
    (r"Duplicate person (?P<n>\d+)", mark("Duplicate person {n}")),
    (r"Paint mask of person (?P<n>\d+)", mark("Paint mask of person {n}")),
    (r"Erase mask of person (?P<n>\d+)", mark("Erase mask of person {n}")),
    (r"Add polygon to mask of person (?P<n>\d+)", mark("Add polygon to mask of person {n}")),
    (r"Cut polygon out of mask of person (?P<n>\d+)", mark("Cut polygon out of mask of person {n}")),
    (r"Give pixels of person (?P<n>\d+) to person (?P<m>\d+)", mark("Give pixels of person {n} to person {m}")),
    (r"Merge person (?P<n>\d+) into person (?P<m>\d+)", mark("Merge person {n} into person {m}")),
    (r"Split person (?P<n>\d+) into (?P<m>\d+)", mark("Split person {n} into {m}")),
    (r"Accept proposal", mark("Accept proposal")),
    (r"Accept (?P<n>\d+) proposals", mark("Accept {n} proposals")),
    (r"Reject proposal", mark("Reject proposal")),
    (r"Lock person (?P<n>\d+)", mark("Lock person {n}")),
    (r"Unlock person (?P<n>\d+)", mark("Unlock person {n}")),
    (r"Mark image as (?P<how>.+)", mark("Mark image as {how}")),
    (r"Add crowd region", mark("Add crowd region")),
    (r"Copy (?P<n>\d+) (people|person) from (?P<what>.+)", mark("Copy {n} people from {what}")),
    (r"Place (?P<what>.+) of person (?P<n>\d+) by symmetry", mark("Place {what} of person {n} by symmetry")),
    (r"Bring person (?P<n>\d+) to the front", mark("Bring person {n} to the front")),
    (r"Bring person (?P<n>\d+) to the back", mark("Send person {n} to the back")),
)


def step_name(label: str) -> str:
    """A step's label as the window says it; one that no pattern knows stays as it is."""
    for pattern, text in _PATTERNS:
        found = re.fullmatch(pattern, label)
        if found:
            values = {k: v if v.isdigit() or k == "what" and "." in v else words(v) for k, v in found.groupdict().items()}
            return tr(text, **values) if values else tr(text)
    return label


def words(text: str) -> str:
    """A joint's name, a visibility or a status; "3 keypoints" too."""
    found = re.fullmatch(r"(\d+) keypoints", text)
    return tr("{n} joints", n=found[1]) if found else tr(text)
