"""What the document and the files refuse, which is English, in the window's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from kdc.errors import KdcError
from kdc_annotator.ui.error_details import DETAILS
from kdc_annotator.ui.error_rows import MODELS, PROJECTS, STATES, TRAININGS
from kdc_annotator.ui.step_names import words
from kdc_annotator.ui.text import mark, tr

_ERRORS: tuple[tuple[str, str], ...] = (
    # Gestures
    (mark("Person is locked"), mark("Person {n} is locked; unlock it before editing it.")),
    (mark("Nothing to place"), mark("Person {n} has all keypoints that the network knows already.")),
    (mark("Nothing to place"), mark("Person {n} has no missing keypoint whose other side is labelled.")),
    (mark("Nothing to give"), mark("Person {n} has no pixels there.")),
    (mark("Nothing to give"), mark("Person {n} has no {what}.")),
    (mark("Nothing to copy"), mark("The other image has nobody to copy.")),
    (mark("Nothing to copy"), mark("{name} has nobody to copy.")),
    (mark("Nothing to copy"), mark("Nobody in the other image fits into this image, which has another size.")),
    (mark("Nothing to copy"), mark("Nobody in {name} fits into this image, which has another size.")),
    (mark("Nothing to split"), mark("The mask of person {n} is in one piece; put the pointer on the joint where the other person begins.")),
    (mark("Nothing to split"), mark("Splitting needs labelled keypoints on both sides; choose some, but not all.")),
    (mark("Same person"), mark("The pixels are this person's already; choose another person.")),
    (mark("Same person"), mark("The keypoint is this person's already; choose another person.")),
    (mark("Same person"), mark("Merging needs two people; choose another one.")),
    (mark("Different keypoints"), mark("These two are of categories with different keypoints and can't be merged.")),
    (mark("No left and right"), mark("The keypoints of this category have no left and right to swap.")),
    (mark("No left and right"), mark("The {what} has no other side to swap with.")),
    (mark("Too few corners"), mark("A polygon needs three corners at least.")),
    (mark("No such person"), mark("{name} has no person with the id {n}; it may have been deleted.")),
    (mark("No such proposal"), mark("{name} has no open proposal with the id {n}.")),
    (mark("Broken history"), mark("{name}: this step no longer fits the people in the image; it was left as it is.")),
    # Photos
    (mark("File not found"), mark("{name} does not exist.")),
    (mark("File not readable"), mark("You have no permission to read {name}.")),
    (mark("File not readable"), mark("{name} can't be read ({error}).")),
    (mark("Damaged image"), mark("{name} is damaged or cut off and can't be read; copy it again from where it came.")),
    (mark("Empty file"), mark("{name} is empty (0 bytes); copy the photo again from where it came.")),
    (mark("Photo too large"), mark("{name} has {w} x {h} pixels, more than {limit} million; scale it down first.")),
    (mark("Photo too large"), mark("{name} has more than {limit} million pixels; scale it down first.")),
    (mark("File too large"), mark("{name} is {size} GiB; photos of more than 2 GiB are refused.")),
    (mark("Not a file"), mark("{name} is not a file; name a photo.")),
    (
        mark("Out of memory"),
        mark("{name} does not fit in memory; close other programs or scale it down first."),
    ),
    (
        mark("Not an image"),
        mark("{name} is not an image of a known kind (JPEG, PNG, WebP, TIFF, BMP, GIF, JPEG 2000)."),
    ),
    (
        mark("Format not supported"),
        mark("{name} is a HEIC photo, which can't be read here; convert it to JPEG first."),
    ),
    (mark("No photos"), mark("The folder {name} holds no photos.")),
    (mark("No photos"), mark("Nothing that looks like a photo matches {name}.")),
    # Projects
    (
        mark("Project is read-only"),
        mark("{name} was opened for reading only; open the project for writing to edit it."),
    ),
    (mark("No such project"), mark("{name} does not exist; check the name, or make a new project.")),
    (mark("Not a project"), mark("{name} is not a KDC Annotator project; choose a .kdcproj file.")),
    (
        mark("Project is newer"),
        mark("{name} was written by a newer KDC Annotator (file version {n}, this program knows {m}); update the program."),
    ),
    (
        mark("Disk is full"),
        mark("{name} could not be written because the disk is full; everything before the last step is safe. Free some space and repeat it."),
    ),
    (
        mark("Disk trouble"),
        mark("{name} could not be read or written ({error}); everything before the last step is safe. Check the disk, its free space and the network, and repeat it."),
    ),
    (mark("Project is in use"), mark("{name} is in use by another program; close it there and try again.")),
    (
        mark("Project is in use"),
        mark("{name} is open for writing {who}; close it there, or open it here for reading only."),
    ),
    (
        mark("Project can't be written"),
        mark("{name} or its folder can't be written; open the project for reading only, or copy it to a folder of yours."),
    ),
    (
        mark("Project can't be written"),
        mark("{name} can't be opened for writing because its folder can't be written ({error}); open it for reading only, or copy it to a folder of yours."),
    ),
    (
        mark("Folder can't lock files"),
        mark("The folder of {name} (a network folder?) can't lock files, so two programs could overwrite each other's work; copy the project to a local disk, or open it for reading only."),
    ),
    (mark("Project can't be opened"), mark("{name} can't be opened; check that its folder exists and can be written.")),
    (mark("Damaged project"), mark("{name} is damaged or not a project; restore it from a backup.")),
    (mark("Project trouble"), mark("{name} could not be used ({error}); restore it from a backup if this stays.")),
    # COCO files
    (
        mark("Not a COCO file"),
        mark("{name} has neither images nor annotations; choose a COCO annotation file or a list of results."),
    ),
    (mark("Can't read the file"), mark("{name} is not valid JSON at line {n} (byte {m}): {error}.")),
    (mark("Can't read the file"), mark("{name} is not valid JSON: {error}.")),
    (mark("Can't read the file"), mark("{name} is not UTF-8 text; save it as UTF-8 and try again.")),
    (mark("Can't read the file"), mark("{name}: {error}.")),
    (mark("Can't write the file"), mark("{name}: {error}.")),
    *PROJECTS,
    *MODELS,
    *TRAININGS,
)  # fmt: skip
"""Title and message as they are raised; the first that fits counts. ``n`` and ``m`` are numbers, ``what`` is a joint, ``error`` is a
detail, the rest stays as it is."""


@cache
def _pattern(message: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", message)
    groups = [r"\d+" if name in ("n", "m") else ".+" for name in parts[1::2]]
    found = re.escape(parts[0])
    for name, group, text in zip(parts[1::2], groups, parts[2::2], strict=True):
        found += f"(?P<{name}>{group})" + re.escape(text)
    return re.compile(found, re.DOTALL)


def said(error: KdcError) -> tuple[str, str]:
    """Title and message as the window says them; what no row knows stays as it is.

    Where the message is what another process said at last, its own title and message are looked for in it.
    """
    inner = said_by_process(error.message)
    if inner != error.message:
        return tr(error.title), inner
    return _row(error.title, error.message) or (error.title, error.message)


def _row(title: str, message: str) -> tuple[str, str] | None:
    for row_title, row in _ERRORS:
        told = _told(row, message) if row_title == title else None
        if told is not None:
            return tr(title), told
    return None


def _told(row: str, text: str) -> str | None:
    """``text`` in the window's language where it is what ``row`` says."""
    found = _pattern(row).fullmatch(text)
    if found is None:
        return None
    return tr(row, **{k: _SAYING.get(k, str)(v) for k, v in found.groupdict().items()})


def detail(text: str) -> str:
    """Why something can't be used, as it stands in brackets or behind a colon; what the system says of a file stays as it is."""
    bare = text.removesuffix(".")
    for row in DETAILS:
        told = _told(row, bare)
        if told is not None:
            return told + text[len(bare) :]
    for _, row in _ERRORS:
        told = None if row.endswith("{error}") or row in _VAGUE else _told(row, text)
        if told is not None:
            return told
    return text


_SAYING: dict[str, Callable[[str], str]] = {"what": words, "error": detail}
_VAGUE = ("{name}: {error}.", "{error}; restore the project from a backup.")
"""Messages that every text would fit."""


def said_by_process(text: str) -> str:
    """A sentence of the worker about itself, or a title and a message with ": " between them, as processes print it."""
    for row in STATES:
        told = _told(row, text)
        if told is not None:
            return told
    title, _, message = text.partition(": ")
    known = _row(title, message)
    return ": ".join(known) if known else text


def sentence(error: KdcError) -> str:
    """Both in one line."""
    return "{}. {}".format(*said(error))


_NO_GPU = (
    ("is a CPU build", mark("torch without GPU")),
    ("sees no GPU", mark("no GPU found")),
    ("as asked", mark("as chosen")),
)


def why_no_gpu(device: str) -> str:
    """In a few words why the model does not run on a GPU; "" where it does, or nobody says why. ``device``: the worker's sentence."""
    return next((tr(short) for sign, short in _NO_GPU if device.startswith("CPU") and sign in device), "")
