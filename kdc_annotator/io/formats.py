"""Which format a path holds, and each format's reader and writer by name."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.io import coco_read, coco_write, crowdpose, labelme, ochuman, yolo_folder, yolo_pose, yolo_seg
from kdc_annotator.io.dataset import Dataset, Json, image_file, relative_path
from kdc_annotator.io.person_view import Tally

FORMATS = ("coco", "crowdpose", "ochuman", "yolo-pose", "yolo-seg", "labelme")
FOLDERS = ("yolo-pose", "yolo-seg", "labelme")
"""Formats that are a folder of files."""
Progress = Callable[[int, int], None]


def detect(path: Path) -> str:
    """The format of a file or folder. Raises ``KdcError`` where it is none that we know."""
    if path.is_dir():
        yaml = next((path / n for n in ("data.yaml", "dataset.yaml") if (path / n).is_file()), None)
        if yaml is not None:
            return detect(yaml)
        if (path / "labels").is_dir():
            return "yolo-seg"
        if any(path.rglob("*.json")):
            return "labelme"
    elif path.is_file():
        if path.suffix.lower() == ".kdcproj":
            raise KdcError("Not an annotation file", f"{path} is a project; `export` writes its annotations to a file.")
        try:
            with path.open("rb") as file:
                head = file.read(1 << 16)
                file.seek(max(0, file.seek(0, os.SEEK_END) - (1 << 16)))
                tail = file.read()
        except OSError as error:
            raise KdcError("Can't read the file", f"{path}: {error.strerror or error}.") from None
        if path.suffix.lower() in (".yaml", ".yml"):
            return "yolo-pose" if b"kpt_shape" in head else "yolo-seg"
        if b'"keypoint_visible"' in head + tail:
            return "ochuman"
        if b'"shapes"' in head + tail and (b'"imagePath"' in head + tail or b'"version"' in head):
            return "labelme"
        return "coco"
    elif not path.exists():
        raise KdcError("File not found", f"{path} does not exist.")
    raise KdcError("Unknown format", f"{path} holds no annotations in a format we know ({', '.join(FORMATS)}).")


def read(path: Path, form: str, progress: Progress | None = None, photos: Path | None = None) -> Dataset:
    """The dataset at ``path`` in the format ``form``. ``photos``: their folder, for formats that say no size of theirs (YOLO)."""
    if form == "coco":
        return coco_read.read(path, progress)
    if form == "crowdpose":
        return crowdpose.read(path, progress)
    if form == "ochuman":
        return ochuman.read(path, progress)
    if form == "yolo-pose":
        return yolo_pose.read(path, progress, photos)
    if form == "yolo-seg":
        return yolo_seg.read(path, progress, photos)
    if form == "labelme":
        return labelme.read(path, progress)
    raise _unknown(form)


def files_of(path: Path) -> Iterator[Path]:
    """``path``, and where it is or names a folder of annotations the files in it that ``read`` opens."""
    yield path
    with suppress(KdcError, OSError):
        form = detect(path)
        if form == "labelme" and path.is_dir():
            yield from labelme.files_in(path)
        elif form in ("yolo-pose", "yolo-seg"):
            yield from yolo_folder.files_in(path)


def losses(dataset: Dataset, form: str) -> list[str]:
    """What ``form`` can't hold of ``dataset``, in sentences; COCO holds all."""
    if form == "coco":
        return []
    if form == "crowdpose":
        return crowdpose.losses(dataset)
    module = {"ochuman": ochuman, "yolo-pose": yolo_pose, "yolo-seg": yolo_seg, "labelme": labelme}.get(form)
    if module is None:
        raise _unknown(form)
    tally = Tally(module.NAME)
    for stray in dataset.strays:
        tally.add("annotations without a usable image" if stray.key == "annotations" else "images that can't be used")
    return module.losses(dataset) + tally.sentences()


def write(
    dataset: Dataset, path: Path, form: str, copy: ImageCopier | None = None, progress: Progress | None = None
) -> None:
    """Writes ``dataset`` to ``path``: a file, or a new folder for the formats of ``FOLDERS``. ``copy`` brings the photos along:
    into the folder, or into ``images`` beside the file."""
    if form in FOLDERS:
        module = {"yolo-pose": yolo_pose, "yolo-seg": yolo_seg, "labelme": labelme}[form]
        module.write(dataset, path, copy, progress)
        return
    if form not in FORMATS:
        raise _unknown(form)
    if path.suffix.lower() == ".kdcproj":
        raise KdcError("Not an annotation file", f"{path} would be a project by its name; choose another name.")
    if copy is not None:
        for i in range(dataset.image_count):
            raw = dataset.image(i)
            try:
                target = path.parent / "images" / relative_path(raw.get("file_name"))
            except KdcError as error:
                copy.failed.append(error.message)
                continue
            copy(raw, target)
    if form == "coco":
        coco_write.write(dataset, path, progress)
    elif form == "crowdpose":
        crowdpose.write(dataset, path, progress)
    else:
        ochuman.write(dataset, path, progress)


class ImageCopier:
    """Copies the photos of a dataset from below ``root``; ``failed`` says which could not be, in sentences. Never replaces another photo."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.copied = 0
        self.failed: list[str] = []

    def __call__(self, raw: Json, target: Path) -> None:
        try:
            source = image_file(self.root, raw.get("file_name"))
            source.stat()  # Before a folder is made for it.
            if target.exists():
                if not filecmp.cmp(source, target, shallow=False):
                    self.failed.append(f"{target} is there already and another photo; it was left as it is.")
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = target.with_name(f".{target.name}.part")
            try:
                shutil.copyfile(source, aside)
                aside.replace(target)
            finally:
                aside.unlink(missing_ok=True)
            self.copied += 1
        except KdcError as error:
            self.failed.append(error.message)
        except OSError as error:
            self.failed.append(f"{raw.get('file_name')}: {error.strerror or error}.")


def _unknown(form: str) -> KdcError:
    return KdcError("Unknown format", f"There is no format {form!r}; there are {', '.join(FORMATS)}.")
