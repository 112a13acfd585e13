"""Which photos a command line names, and what they are called in the COCO file."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdc.dataset_paths import find_image, is_there
from kdc.errors import KdcError, json_trouble
from kdc.images import list_images
from kdc_annotator.io.coco_read import identity


@dataclass(frozen=True)
class Job:
    """A photo to predict. ``name``: its COCO ``file_name``; ``image_id``: given by a COCO file (some use text), else None."""

    path: Path
    name: str
    image_id: int | str | None = None


def find_jobs(sources: Sequence[str], images: str | None = None, leave_out: str | None = None) -> list[Job]:
    """The photos that ``sources`` name (files, folders, patterns, COCO files), each once.

    ``images``: folder of a COCO file's photos. ``leave_out``: a folder whose files are not taken (our own pictures).
    File names are relative to the folder that all photos share. Raises KdcError where a source gives nothing.
    """
    coco = [s for s in sources if s.lower().endswith(".json") and Path(s).is_file()]
    if coco:
        if len(sources) > 1:
            raise KdcError(
                "Too many sources", f"{coco[0]} is a COCO file; name it alone, because it numbers its own photos."
            )
        return _from_coco(Path(coco[0]), images)
    own = os.path.realpath(leave_out) + os.sep if leave_out else None
    found: dict[Path, None] = {}
    for source in sources:
        for path in list_images(source):
            if own is None or not os.path.realpath(path).startswith(own):
                found.setdefault(Path(os.path.abspath(path)))  # noqa: PTH100 (links keep the name they have)
    if not found:
        raise KdcError("No photos", "There is no photo outside the folder for overlay pictures.")
    root = _root(sources, found)
    return [Job(path, _relative(path, root)) for path in found]


def _root(sources: Sequence[str], paths: Iterable[Path]) -> Path | None:
    if len(sources) == 1 and Path(sources[0]).is_dir():
        return Path(os.path.abspath(sources[0]))  # noqa: PTH100
    try:
        return Path(os.path.commonpath([p.parent for p in paths]))
    except ValueError:  # Several drives.
        return None


def _relative(path: Path, root: Path | None) -> str:
    return (path.relative_to(root) if root else path).as_posix()


def _from_coco(path: Path, images: str | None) -> list[Job]:
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise KdcError("Not a COCO file", f"{path} can't be read as JSON ({json_trouble(error)}).") from None
    entries = data.get("images") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries:
        raise KdcError("Not a COCO file", f"{path} lists no images; name a COCO file, photos or a folder.")
    if images is not None and not Path(images).is_dir():
        raise KdcError("Folder not found", f"--images {images} is not a folder.")
    folders = [Path(images)] if images else [path.parent, path.parent / "images"]
    jobs = [_coco_job(f"{path}: images[{i}]", entry, folders) for i, entry in enumerate(entries)]
    used: set[int | str | None] = set()
    for i, job in enumerate(jobs):
        if job.image_id in used:
            raise KdcError("Bad COCO file", f"{path}: images[{i}].id: {job.image_id} is used twice.")
        used.add(job.image_id)
    if not any(is_there(job.path) for job in jobs):
        raise KdcError(
            "Photos not found",
            f"None of the photos of {path} is in {folders[-1]}; say where they are with --images DIR.",
        )
    return jobs


def _coco_job(place: str, entry: Any, folders: list[Path]) -> Job:
    """``place``: where the entry stands, for the sentence."""
    if not isinstance(entry, dict):
        raise KdcError("Bad COCO file", f"{place} is no table of names and values.")
    for key, kinds, what in (("file_name", (str,), "text"), ("id", (int, str), "whole number and no text")):
        value = entry.get(key)
        if value is None or value == "":
            raise KdcError("Bad COCO file", f"{place} has no {key}.")
        if type(value) not in kinds and (key != "id" or type(identity(value)) is not int):
            raise KdcError("Bad COCO file", f"{place}.{key}: {repr(value)[:60]} is no {what}.")
    return Job(find_image(folders, entry["file_name"]), entry["file_name"], identity(entry["id"]))
