"""A project in parts and back: images with everything that belongs to them, moved between project files row by row."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.document.change import Record, patched
from kdc_annotator.document.records import compact_json
from kdc_annotator.io.attribute_draft import keep_attribute_draft, read_attribute_draft
from kdc_annotator.io.merge_imports import merge_settings
from kdc_annotator.io.merge_photos import MergedPhotos
from kdc_annotator.io.note_draft import keep_note_draft, read_note_draft
from kdc_annotator.io.part_rows import (
    ImageRows,
    Merged,
    read_rows,
    remove_images,
    renumbered_image,
    renumbered_people,
    write_rows,
)
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_new import whole_projects
from kdc_annotator.io.project_rows import change_from_blob
from kdc_annotator.io.review_drafts import forget_drafts
from kdc_annotator.io.source_places import join_places, keep_places
from kdc_annotator.io.unfinished import unfinished

_OTHER_PHOTO = "is another photo in both projects"
_DIFFERENT = "holds different people in both projects, and neither history leads from one to the other"
_UNDONE = "has steps in one project that are undone in the other, and it can't be told which came last"
_ID_ROOM = 1_000_000_000
"""New people of each part get ids from a range of their own, so that merging never meets the same id twice."""


def split_project(source: Path, parts: Sequence[tuple[Path, Sequence[int]]]) -> None:
    """Writes a project for each (file, image ids). Everything of these images comes along, their history too, but no notes that a
    reviewer has not sent.

    ``KdcError`` where a file is there already; then nothing was written.
    """
    with Project.open(source, read_only=True) as project, project.snapshot():
        ids, root = set(project.image_ids()), project.images_root
        first = project.new_id()
        with whole_projects([path for path, _ in parts]) as asides:
            for number, (aside, (_, chosen)) in enumerate(zip(asides, parts, strict=True)):
                project.backup(aside)
                with Project.open(aside) as part:
                    part._next_id = first + (number + 1) * _ID_ROOM
                    remove_images(part, ids - set(chosen))
                    part.set_images_root(root)
                    keep_places(part, source)
                    told = {"of": source.name, "number": number + 1, "parts": len(parts), "heads": _heads(part)}
                    part.set_setting("part", told)
                    forget_drafts(part)
                    _keep_written(part, set(chosen))
                    part.compact()


def _keep_written(part: Project, images: Collection[int]) -> None:
    """What is being written for other images than these is no matter of that part."""
    note, value = read_note_draft(part), read_attribute_draft(part)
    if note is not None and note.image not in images:
        keep_note_draft(part, None)
    if value is not None and value.image not in images:
        keep_attribute_draft(part, None)


def _heads(project: Project) -> dict[str, str]:
    """Image id -> ``head`` of those with a history, by which a merge sees what was done since."""
    return {str(i): read_rows(project, i).head for i in sorted(project.edited_images())}


def merge_into(project: Project, other: Project) -> Merged:
    """Takes the images of ``other`` into ``project``, all or nothing, with the imports that they came from.

    An image that both have is taken from where more was done to it, if one history goes on where the other ends, or one of them
    only undid steps of the other. Otherwise ``project`` keeps its own and the image is among the conflicts, as is one whose name
    means another photo there. ``KdcError`` where a category has other keypoints in both, or ``other`` holds what can't be read.
    """
    try:
        return _merged(project, other)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError) as error:
        raise KdcError(
            "Damaged project",
            f"{other.path.name} is damaged or not a project; restore it from a backup.",
        ) from error


def _merged(project: Project, other: Project) -> Merged:
    done = Merged()
    with other.snapshot(), project.bulk():
        project._next_id = max(project._next_id, other._next_id)
        known = {photo.path: photo.id for photo in project.photos()}
        imports = merge_settings(project, other)
        # Where the project remembers several files, their own ids stay: an export gives new ones to those that are there twice.
        raw_too = not imports.fresh
        taken = set(known.values())
        heads = [(p.setting("part") or {}).get("heads", {}) for p in (project, other)]
        photos = MergedPhotos(project, other)
        join_places(project, other)
        for place, photo in enumerate(other.photos()):
            path = photos.path(photo, known)
            if path is None:
                done.conflicts.append(f"{photo.path}: {_OTHER_PHOTO}; the first project's version was kept.")
                continue
            rows = imports.rows(read_rows(other, photo.id), place).with_image(path=path)
            mine = known.get(rows.path)
            if mine is not None:
                began = {h[str(i)] for h, i in zip(heads, (mine, photo.id), strict=True) if str(i) in h}
                _merge_image(project, read_rows(project, mine), rows, began, done, raw_too)
                continue
            if photo.id in taken:
                rows = renumbered_image(rows, max(taken) + 1, raw_too)
            taken.add(rows.id)
            write_rows(project, renumbered_people(project, rows, raw_too))
            done.images_new += 1
        done.notes += photos.notes()
        if begun := unfinished(other):
            done.notes.append(
                f"{other.path.name}: begun in the window, not finished there and not taken along: {', '.join(begun)}."
            )
    return done


def _merge_image(
    project: Project, mine: ImageRows, theirs: ImageRows, began: set[str], done: Merged, raw_too: bool
) -> None:
    a, b = (rows.told[: len(rows.history)] for rows in (mine, theirs))
    if b[: len(a)] != a and a[: len(b)] != b:
        who = " and ".join(sorted({str(row[3]) or "somebody" for row in (a + b)}))
        done.conflicts.append(f"{mine.path}: edited in both projects ({who}); the first project's version was kept.")
        return
    later = _later(mine, theirs, began)
    if later is None:
        done.conflicts.append(f"{mine.path}: {_UNDONE}; the first project's version was kept.")
        return
    longer = later if len(a) == len(b) else mine if len(a) > len(b) else theirs
    if not _led_through(longer, theirs if longer is mine else mine):
        done.conflicts.append(f"{mine.path}: {_DIFFERENT}; the first project's version was kept.")
        return
    if later is mine:
        done.images_same += 1
        return
    remove_images(project, [mine.id])
    theirs = theirs if theirs.id == mine.id else renumbered_image(theirs, mine.id, raw_too)
    write_rows(project, _with_proposals(project, renumbered_people(project, theirs, raw_too), mine))
    done.images_updated += 1


def _later(mine: ImageRows, theirs: ImageRows, began: set[str]) -> ImageRows | None:
    """Which of two goes on from the other; None: can't be told. ``began``: the ``head`` from which parts of the image were made."""
    a, b = len(mine.history), len(theirs.history)
    if a == b:
        more = len(theirs.tables["proposals"]) > 0 == len(mine.tables["proposals"]) or theirs.image[10] > mine.image[10]
        nobody, anybody = not mine.tables["people"], bool(theirs.tables["people"])
        return theirs if (more or (nobody and anybody)) and (nobody or anybody) else mine
    shorter, longer = (mine, theirs) if a < b else (theirs, mine)
    n = len(shorter.history)
    if shorter.told[n : n + 1] != longer.told[n : n + 1]:
        return longer
    # The shorter one knows the other's next step: it was undone here, or done again there.
    changed = [rows for rows in (mine, theirs) if rows.head not in began]
    if len(began) == 1 and len(changed) == 1:
        return changed[0]
    if not began and shorter.told == longer.told and shorter.image[10] != longer.image[10]:
        return max(shorter, longer, key=lambda rows: rows.image[10])
    return None


def _with_proposals(project: Project, rows: ImageRows, earlier: ImageRows) -> ImageRows:
    """The rows with the time and, if they have none, the proposals of what they replace."""
    status, seconds = rows.image[6], max(rows.image[10], earlier.image[10])
    proposals = list(rows.tables["proposals"])
    if not proposals and earlier.tables["proposals"]:
        used = {row[0] for name in ("people", "proposals", "deleted") for row in rows.tables[name]}
        for i, image, state, record in earlier.tables["proposals"]:
            new = project.new_id() if i in used else i
            proposals.append((new, image, state, compact_json({**json.loads(record), "id": new})))
        status = "proposed" if (status, earlier.image[6]) == ("untouched", "proposed") else status
    whole = ImageRows(rows.image, {**rows.tables, "proposals": proposals})
    return whole.with_image(status=status, active_seconds=seconds)


def _led_through(later: ImageRows, earlier: ImageRows) -> bool:
    """Whether the history of ``later`` led through the people of ``earlier``, whatever their ids; nobody can be left behind."""
    wanted = _faces(json.loads(row[4]) for row in earlier.tables["people"])
    records: dict[int, Record | None] = {row[0]: json.loads(row[4]) for row in later.tables["people"]}
    steps = later.history[len(earlier.history) :]
    while wanted and _faces(r for r in records.values() if r is not None) != wanted:
        if not steps:
            return False
        _, label, command, _, _, blob = steps.pop()
        for i, delta in change_from_blob(blob, label, command).inverted().people.items():
            records[i] = patched(records.get(i), delta)
    return True


def _faces(records: Iterable[Record]) -> list[str]:
    """Stored people without what a merge renumbers."""
    found = []
    for record in records:
        raw = {k: v for k, v in record.get("raw", {}).items() if k not in ("id", "image_id")}
        told = {k: v for k, v in record["provenance"].items() if k != "proposal_id"}
        found.append(json.dumps({**record, "id": 0, "order": 0, "raw": raw, "provenance": told}, sort_keys=True))
    return sorted(found)
