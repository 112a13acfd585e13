"""The document's step labels, which are English, in the window's language."""

from __future__ import annotations

import re

from kdc_annotator.ui.text import mark, tr

_PATTERNS: tuple[tuple[str, str], ...] = (
    (r"Move (?P<what>.+) of person (?P<n>\d+)", mark("Move {what} of person {n}")),
    (r"Mark (?P<what>.+) of person (?P<n>\d+) as (?P<how>.+)", mark("Mark {what} of person {n} as {how}")),
    (r"Mark person (?P<n>\d+) as a crowd region", mark("Mark person {n} as a crowd region")),
    (r"Mark person (?P<n>\d+) as one person", mark("Mark person {n} as one person")),
    (r"Confirm all keypoints of person (?P<n>\d+)", mark("Confirm all joints of person {n}")),
    (r"Confirm person (?P<n>\d+)", mark("Confirm person {n}")),
    (r"Confirm (?P<n>\d+) people", mark("Confirm {n} people")),
    (r"Confirm (?P<what>.+) of person (?P<n>\d+)", mark("Confirm {what} of person {n}")),
    (r"Swap left and right of person (?P<n>\d+)", mark("Swap left and right of person {n}")),
    (
        r"Swap left and right (?P<what>.+) and beyond of person (?P<n>\d+)",
        mark("Swap left and right {what} and beyond of person {n}"),
    ),
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
    (r"Set mask of person (?P<n>\d+)", mark("Set the mask of person {n}")),
    (r"Set masks of (?P<n>\d+) people", mark("Set the masks of {n} people")),
    (r"Pin pixels of person (?P<n>\d+)", mark("Pin pixels of person {n}")),
    (r"Unpin pixels of person (?P<n>\d+)", mark("Unpin pixels of person {n}")),
    (r"Release the mask of person (?P<n>\d+)", mark("Release the mask of person {n}")),
    (r"Release the masks of (?P<n>\d+) people", mark("Release the masks of {n} people")),
    (r"Measure the mask of person (?P<n>\d+)", mark("Measure the mask of person {n}")),
    (r"Count the keypoints of person (?P<n>\d+)", mark("Count the joints of person {n}")),
    (r"Give pixels of person (?P<n>\d+) to person (?P<m>\d+)", mark("Give pixels of person {n} to person {m}")),
    (r"Give (?P<what>.+) of person (?P<n>\d+) to person (?P<m>\d+)", mark("Give {what} of person {n} to person {m}")),
    (r"Merge person (?P<n>\d+) into person (?P<m>\d+)", mark("Merge person {n} into person {m}")),
    (r"Split person (?P<n>\d+) into (?P<m>\d+)", mark("Split person {n} into {m}")),
    (r"Split person (?P<n>\d+) by 1 keypoints", mark("Split person {n} by 1 joint")),
    (r"Split person (?P<n>\d+) by (?P<m>\d+) keypoints", mark("Split person {n} by {m} joints")),
    (r"Accept proposal", mark("Accept proposal")),
    (r"Accept (?P<n>\d+) proposals", mark("Accept {n} proposals")),
    (r"Reject proposal", mark("Reject proposal")),
    (r"Reject (?P<n>\d+) proposals", mark("Reject {n} proposals")),
    (r"Lock person (?P<n>\d+)", mark("Lock person {n}")),
    (r"Lock (?P<n>\d+) people", mark("Lock {n} people")),
    (r"Unlock person (?P<n>\d+)", mark("Unlock person {n}")),
    (r"Unlock (?P<n>\d+) people", mark("Unlock {n} people")),
    (r"Mark image as (?P<how>.+)", mark("Mark image as {how}")),
    (r"Accept the image", mark("Accept the image")),
    (r"Return the image", mark("Send the image back")),
    (r"Withdraw the review", mark("Withdraw the review")),
    (r"Set ((notes|labeler|reviewer|nothing)( and )?)+ of the image", mark("Change the image's note")),
    (r"Set what the image's annotations cover", mark("Say what the image's annotations cover")),
    (r"Set the box of person (?P<n>\d+)", mark("Set the box of person {n}")),
    (r"Set nothing of person (?P<n>\d+)", mark("Set nothing of person {n}")),
    (r"Set (?P<name>.+) of person (?P<n>\d+)", mark("Set {name} of person {n}")),
    (r"Nothing", mark("Nothing")),
    (r"Add crowd region", mark("Add crowd region")),
    (r"Copy 1 person", mark("Copy 1 person")),
    (r"Copy (?P<n>\d+) people", mark("Copy {n} people")),
    (r"Copy 1 person from (?P<name>.+)", mark("Copy 1 person from {name}")),
    (r"Copy (?P<n>\d+) people from (?P<name>.+)", mark("Copy {n} people from {name}")),
    (r"Place (?P<what>.+) of person (?P<n>\d+) by symmetry", mark("Place {what} of person {n} by symmetry")),
    (r"Place (?P<what>.+) of person (?P<n>\d+)", mark("Place {what} of person {n}")),
    (r"Bring person (?P<n>\d+) to the front", mark("Bring person {n} to the front")),
    (r"Bring person (?P<n>\d+) to the back", mark("Send person {n} to the back")),
    (r"Add (?P<what>.+) of person (?P<n>\d+)", mark("Add {what} of person {n}")),
    (r"Remove (?P<what>.+) of person (?P<n>\d+)", mark("Remove {what} of person {n}")),
)
"""The first that fits counts. ``what`` and ``how`` are words of ours; ``name`` is the labeler's, ``n`` and ``m`` are numbers."""


def step_name(label: str) -> str:
    """A step's label as the window says it; one that no pattern knows stays as it is."""
    for pattern, text in _PATTERNS:
        found = re.fullmatch(pattern, label)
        if found:
            values = {k: words(v) if k in ("what", "how") else v for k, v in found.groupdict().items()}
            return tr(text, **values) if values else tr(text)
    return label


def words(text: str) -> str:
    """A joint's name, a visibility or a status; "3 keypoints" and "keypoint 18" too."""
    found = re.fullmatch(r"(\d+) keypoints", text)
    if found:
        return tr("{n} joints", n=found[1])
    unnamed = re.fullmatch(r"keypoint (\d+)", text)
    return tr("joint {n}", n=unnamed[1]) if unnamed else tr(text)


_FINDINGS: tuple[tuple[str, str], ...] = (
    (r"Person (?P<n>\d+) says num_keypoints (?P<said>.+), but 1 is labelled\.", mark("Person {n} says num_keypoints {said}, but 1 is labelled.")),
    (r"Person (?P<n>\d+) says num_keypoints (?P<said>.+), but (?P<count>\d+) are labelled\.", mark("Person {n} says num_keypoints {said}, but {count} are labelled.")),
    (r"Person (?P<n>\d+) says area (?P<said>.+), but its mask has 1 pixel\.", mark("Person {n} says area {said}, but its mask has 1 pixel.")),
    (r"Person (?P<n>\d+) says area (?P<said>.+), but its mask has (?P<count>\d+) pixels\.", mark("Person {n} says area {said}, but its mask has {count} pixels.")),
    (r"The box of person (?P<n>\d+) has no size\.", mark("The box of person {n} has no size.")),
    (r"Person (?P<n>\d+) has coordinates for (?P<what>.+) although unlabelled \(v = 0\)\.", mark("Person {n} has coordinates for {what} although unlabelled (v = 0).")),
    (r"Person (?P<n>\d+) has a mask, but no keypoints\.", mark("Person {n} has a mask, but no joints.")),
    (r"Person (?P<n>\d+) has no mask, and the image counts as finished\.", mark("Person {n} has no mask, and the image counts as finished.")),
    (r"Person (?P<n>\d+) has keypoints, but no mask\.", mark("Person {n} has joints, but no mask.")),
    (r"Person (?P<n>\d+) has neither keypoints nor a mask nor a box\.", mark("Person {n} has neither joints nor a mask nor a box.")),
    (r"Person (?P<n>\d+): (?P<a>.+) and (?P<b>.+) are too far apart for this body\.", mark("Person {n}: {a} and {b} are too far apart for this body.")),
    (r"The mask of person (?P<n>\d+) can't be read; it is kept as it came\.", mark("The mask of person {n} can't be read; it is kept as it came.")),
    (r"The (?P<what>.+) of person (?P<n>\d+) lies outside the image\.", mark("The {what} of person {n} lies outside the image.")),
    (r"The (?P<what>.+) of person (?P<n>\d+) lies outside its mask\.", mark("The {what} of person {n} lies outside its mask.")),
    (r"Person (?P<n>\d+) and person (?P<m>\d+) look like the same person\.", mark("Person {n} and person {m} look like the same person.")),
    (r"The mask of person (?P<n>\d+) has a piece far from the rest\.", mark("The mask of person {n} has a piece far from the rest.")),
    (r"The mask of person (?P<n>\d+) has (?P<what>a tiny (speck|hole)|\d+ tiny (specks|holes))\.", mark("The mask of person {n} has {what}.")),
    (r"Left and right of person (?P<n>\d+) look swapped: the model sees them the other way round\.", mark("Left and right of person {n} look swapped: the model sees them the other way round.")),
    (r"Left and right of person (?P<n>\d+) look swapped: shoulders and hips cross\.", mark("Left and right of person {n} look swapped: shoulders and hips cross.")),
)  # fmt: skip


def finding_text(sentence: str) -> str:
    """A check's sentence as the window says it."""
    for pattern, text in _FINDINGS:
        found = re.fullmatch(pattern, sentence)
        if found:
            values = {k: _thing(v) for k, v in found.groupdict().items()}
            return tr(text, **values)
    return sentence


def _thing(text: str) -> str:
    counted = re.fullmatch(r"(\d+) tiny (specks|holes)", text)
    if counted:
        return tr("{n} tiny specks", n=counted[1]) if counted[2] == "specks" else tr("{n} tiny holes", n=counted[1])
    return text if re.fullmatch(r"[\d.,]+", text) else words(text)
