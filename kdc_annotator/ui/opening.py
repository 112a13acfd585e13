"""From what a person names (folder, photo, COCO file, project) to an open project. No Qt here; runs on a worker thread."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.io.project import Project
from kdc_annotator.io.project_new import whole_project
from kdc_annotator.ui.new_images import add_images, in_order, look_at, store_moved
from kdc_annotator.ui.text import tr

FIRST = 500
"""Images of a new folder that are in its project before anything is shown."""
SUFFIX = ".kdcproj"
Progress = Callable[[str, int, int], None]
"""What is being done, how many are done, how many there are (0: unknown)."""


@dataclass
class Opened:
    """``project``, which image to show first (None: where the labeler left it), and sentences to be told.

    ``folder``: may hold photos that the project does not have, and ``names`` are these where they are known already: they
    are added after the first image is on the screen. ``ids``: all images that the project has by now.
    """

    project: Project
    image_id: int | None = None
    notes: list[str] = field(default_factory=list)
    folder: Path | None = None
    names: list[str] | None = None
    ids: array[int] = field(default_factory=lambda: array("q"))


def project_file_for(folder: Path, name: str) -> Path:
    """Where a folder's project lies: in the folder, or in the user's data folder where that can't be written."""
    inside = folder / f"{name}{SUFFIX}"
    if inside.exists() or os.access(folder, os.W_OK):
        return inside
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "kdc-annotator" / "projects"
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KdcError(
            tr("Project can't be made"),
            tr(
                "Neither {folder} nor {place} can be written ({error}); copy the photos to a folder of yours.",
                folder=folder,
                place=data,
                error=error.strerror or error,
            ),
        ) from None
    mark = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:8]
    return data / f"{name}-{mark}{SUFFIX}"


def open_anything(path: Path, labeler: str, progress: Progress = lambda *_: None, read_only: bool = False) -> Opened:
    """The project behind ``path``; made where there is none yet. KdcError says what is wrong.

    Of a new folder only the first images are in the project by then, and an old one has not been looked at: see ``Opened``.
    """
    opened = _open(Path(path).absolute(), labeler, progress, read_only)
    try:
        opened.ids = opened.project.image_ids()
        _warm(opened)
    except BaseException:
        opened.project.close()
        raise
    return opened


def _warm(opened: Opened) -> None:
    """Load here, not on the window's thread, what reading the size of a photo needs."""
    from kdc.images import read_frame

    if len(opened.ids):
        with suppress(KdcError):
            read_frame(opened.project.image_path(opened.ids[0]))


def _open(path: Path, labeler: str, progress: Progress, read_only: bool) -> Opened:
    if path.is_dir():
        return _open_folder(path, labeler, progress, read_only)
    if path.suffix.lower() == SUFFIX:
        return Opened(Project.open(path, read_only=read_only, labeler=labeler))
    if path.suffix.lower() == ".json":
        return _open_coco(path, labeler, progress, read_only)
    if not path.exists():
        raise KdcError(tr("Nothing there"), tr("{path} does not exist; check the name.", path=path))
    from kdc.images import IMAGE_SUFFIXES

    if path.suffix.lower() in IMAGE_SUFFIXES:
        return _open_photo(path, labeler, progress, read_only)
    raise KdcError(
        tr("Not something to open"),
        tr("{name} is neither a folder, a photo, a COCO file (.json) nor a project (.kdcproj).", name=path.name),
    )


def _open_photo(path: Path, labeler: str, progress: Progress, read_only: bool) -> Opened:
    opened = _open_folder(path.parent, labeler, progress, read_only)
    try:
        name = os.path.relpath(path, opened.project.images_root).replace(os.sep, "/")
        found = opened.project.by_path(name)
        if found is None and opened.folder is not None:
            # Its place in the list is known when the others are there.
            progress(tr("Reading the folder"), 0, 0)
            new = opened.names
            if new is None:
                seen = look_at(opened.project, opened.folder, _photos_in(opened.folder))
                store_moved(opened.project, seen.moved)
                new = seen.new
            add_images(opened.project, new, told=lambda done: progress(tr("Adding images"), done, len(new)))
            opened.folder = opened.names = None
            found = opened.project.by_path(name)
    except BaseException:
        opened.project.close()
        raise
    opened.image_id = found.id if found else None
    return opened


def _open_folder(folder: Path, labeler: str, progress: Progress, read_only: bool) -> Opened:
    existing = sorted(folder.glob(f"*{SUFFIX}"))
    if len(existing) == 1:
        return _with_new_ones(Project.open(existing[0], read_only=read_only, labeler=labeler), folder)
    annotations = folder / "person_keypoints.json"
    if annotations.is_file() and not existing:
        return _open_coco(annotations, labeler, progress, read_only)
    target = project_file_for(folder, folder.name or "project")
    if target.exists():
        opened = _with_new_ones(Project.open(target, read_only=read_only, labeler=labeler), folder)
    else:
        progress(tr("Reading the folder"), 0, 0)
        names = _photos_in(folder)  # An empty folder gets no project file.
        opened = _begun(Project.create(target, folder, labeler), folder, names)
    if target.parent != folder:
        opened.notes.append(tr("The folder can't be written, so the project is kept in {place}.", place=target.parent))
    return opened


def _with_new_ones(project: Project, folder: Path) -> Opened:
    """A folder's project as it is; what else the folder holds is looked for later, unless there is nothing to show yet."""
    if project.read_only or Path(os.path.normpath(project.images_root)) != Path(os.path.normpath(folder)):
        return Opened(project)
    try:
        names = None if project.count() else _photos_in(folder)
    except BaseException:
        project.close()
        raise
    return Opened(project, folder=folder) if names is None else _begun(project, folder, names)


def _begun(project: Project, folder: Path, names: list[str]) -> Opened:
    """A project without images that gets the first of them."""
    try:
        add_images(project, names[:FIRST])
    except BaseException:
        project.close()
        raise
    rest = names[FIRST:]
    return Opened(project, folder=folder, names=rest) if rest else Opened(project)


def _photos_in(folder: Path) -> list[str]:
    from kdc.images import list_images, photo_names

    names = in_order(photo_names(folder))
    if not names:
        list_images(folder)  # It says in a sentence what is wrong.
    return names


def _open_coco(path: Path, labeler: str, progress: Progress, read_only: bool) -> Opened:
    if not path.is_file():
        raise KdcError(tr("Nothing there"), tr("{path} does not exist; check the name.", path=path))
    target = project_file_for(path.parent, path.stem)
    if target.exists():
        return Opened(Project.open(target, read_only=read_only, labeler=labeler))
    from kdc_annotator.ui.coco_bridge import import_into, photo_folder

    images = photo_folder(path, progress)
    with whole_project(target) as aside, Project.create(aside, images, labeler) as project:
        notes = import_into(project, path, images, progress)
    return Opened(Project.open(target, labeler=labeler), None, notes)
