"""From what a person names (folder, photo, COCO file, project) to an open project. No Qt here; runs on a worker thread."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord
from kdc_annotator.io.project import Project
from kdc_annotator.ui.text import tr

SUFFIX = ".kdcproj"
Progress = Callable[[str, int, int], None]
"""What is being done, how many are done, how many there are (0: unknown)."""


@dataclass
class Opened:
    """``project``, which image to show first (None: where the labeler left it), and sentences to be told."""

    project: Project
    image_id: int | None = None
    notes: list[str] = field(default_factory=list)


def project_file_for(folder: Path, name: str) -> Path:
    """Where a folder's project lies: in the folder, or in the user's data folder where that can't be written."""
    inside = folder / f"{name}{SUFFIX}"
    if inside.exists() or os.access(folder, os.W_OK):
        return inside
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kdc-annotator" / "projects"
    data.mkdir(parents=True, exist_ok=True)
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    return data / f"{name}-{mark}{SUFFIX}"


def open_anything(path: Path, labeler: str, progress: Progress = lambda *_: None, read_only: bool = False) -> Opened:
    """The project behind ``path``; made where there is none yet. KdcError says what is wrong."""
    path = Path(path).absolute()
    if path.is_dir():
        return _open_folder(path, labeler, progress, read_only)
    if path.suffix.lower() == SUFFIX:
        opened = Opened(Project.open(path, read_only=read_only, labeler=labeler))
        return opened
    if path.suffix.lower() == ".json":
        return _open_coco(path, labeler, progress, read_only)
    if not path.exists():
        raise KdcError(tr("Nothing there"), tr("{path} does not exist; check the name.", path=path))
    from kdc.images import IMAGE_SUFFIXES

    if path.suffix.lower() in IMAGE_SUFFIXES:
        opened = _open_folder(path.parent, labeler, progress, read_only)
        found = opened.project.by_path(os.path.relpath(path, opened.project.images_root).replace(os.sep, "/"))
        opened.image_id = found.id if found else None
        return opened
    raise KdcError(
        tr("Not something to open"),
        tr("{name} is neither a folder, a photo, a COCO file (.json) nor a project (.kdcproj).", name=path.name),
    )


def _open_folder(folder: Path, labeler: str, progress: Progress, read_only: bool) -> Opened:
    existing = sorted(folder.glob(f"*{SUFFIX}"))
    if len(existing) == 1:
        project = Project.open(existing[0], read_only=read_only, labeler=labeler)
        opened = Opened(project)
        if not read_only and Path(os.path.normpath(project.images_root)) == Path(os.path.normpath(folder)):
            _add_new_images(project, folder, progress)
        return opened
    annotations = folder / "person_keypoints.json"
    if annotations.is_file() and not existing:
        return _open_coco(annotations, labeler, progress, read_only)
    target = project_file_for(folder, folder.name or "project")
    fresh = not target.exists()
    progress(tr("Reading the folder"), 0, 0)
    if fresh:
        _images_in(folder)  # An empty folder gets no project file.
        project = Project.create(target, folder, labeler)
    else:
        project = Project.open(target, read_only=read_only, labeler=labeler)
    opened = Opened(project)
    try:
        if not project.read_only:
            _add_new_images(project, folder, progress)
    except BaseException:
        project.close()
        raise
    if target.parent != folder:
        opened.notes.append(tr("The folder can't be written, so the project is kept in {place}.", place=target.parent))
    return opened


def _images_in(folder: Path) -> list[Path]:
    from kdc.images import list_images

    return list_images(folder)


def _add_new_images(project: Project, folder: Path, progress: Progress) -> None:
    progress(tr("Reading the folder"), 0, 0)
    found = [os.path.relpath(p, folder).replace(os.sep, "/") for p in _images_in(folder)]
    known = {photo.path for photo in project.photos()} if project.count() else set()
    new = [p for p in found if p not in known]
    if new and not known <= set(found):
        # Some were renamed or moved into subfolders: they are no new images.
        from kdc_annotator.io.project_relocate import find_moved

        moved = set(find_moved(project, folder).moved.values())
        new = [p for p in new if p not in moved]
    if not new:
        return
    first = project.new_image_id()
    progress(tr("Adding images"), 0, len(new))
    with project.bulk() as bulk:
        bulk.add_images(PhotoRecord(first + n, path) for n, path in enumerate(new))


def _open_coco(path: Path, labeler: str, progress: Progress, read_only: bool) -> Opened:
    if not path.is_file():
        raise KdcError(tr("Nothing there"), tr("{path} does not exist; check the name.", path=path))
    target = project_file_for(path.parent, path.stem)
    if target.exists():
        return Opened(Project.open(target, read_only=read_only, labeler=labeler))
    from kdc_annotator.ui.coco_bridge import import_into, photo_folder

    images = photo_folder(path)
    project = Project.create(target, images, labeler)
    try:
        notes = import_into(project, path, images, progress)
    except BaseException:
        project.close()
        for leftover in target.parent.glob(f"{target.name}*"):
            leftover.unlink(missing_ok=True)
        raise
    return Opened(project, None, notes)
