"""What ``predict`` writes: one COCO results file, and overlay pictures."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kdc import __version__
from kdc.dataset_paths import is_there
from kdc.errors import KdcError
from kdc.overlay import draw_people
from kdc.schema import PoseSchema
from kdc.structures import Person
from kdc.whole_files import write_whole
from kdc_annotator.cli.predict_inputs import Job
from kdc_annotator.io.sealed import sealing, unchanged

MARK = "People found by KDC Annotator"

_LONGEST_PICTURE = 16_000  # JPEG ends at 65,500 pixels, and viewers long before.


class CocoResults:
    """People of photos as a COCO file, kept as text until written: a hundred thousand people fit in memory."""

    def __init__(self, path: str, schema: PoseSchema, model_name: str, model_version: str) -> None:
        self.path = path
        self.image_count = 0
        self.person_count = 0
        self._head = coco_head(schema, model_name, model_version)
        self._images: list[str] = []
        self._people: list[str] = []

    def add(self, job: Job, width: int, height: int, people: Sequence[Person]) -> None:
        """Adds a finished photo of that upright size, in pixels."""
        self.image_count += 1
        image_id = self.image_count if job.image_id is None else job.image_id
        self._images.append(_json({"id": image_id, "file_name": job.name, "width": width, "height": height}))
        for person in people:
            self.person_count += 1
            self._people.append(_json(coco_annotation(person, self.person_count, image_id)))

    def write(self) -> None:
        """Writes all that was added, whole or not at all."""
        with sealing(self.path, self._head) as write:
            for key, rows in (("images", self._images), ("annotations", self._people)):
                write(f',\n"{key}": [\n'.encode())
                for i, row in enumerate(rows):
                    write((row + (",\n" if i + 1 < len(rows) else "\n")).encode())
                write(b"]")


def coco_head(schema: PoseSchema, model_name: str, model_version: str) -> dict[str, Any]:
    """All top-level keys of a results file but images and annotations."""
    return {
        "info": {"description": MARK, "version": __version__, "model": model_name, "model_version": model_version},
        "licenses": [],
        "categories": [schema.to_coco_category()],
    }


def coco_annotation(person: Person, number: int, image_id: int | str) -> dict[str, Any]:
    """A person as a COCO annotation. Positions are pixel centres (COCO's keypoints), to a hundredth of a pixel.

    A joint with v = 0 is not labelled; where the model has a guess all the same, its place is written, because COCO's
    evaluation counts the places of all joints. ``keypoint_scores`` (ours) holds the confidences. ``area`` is the mask's;
    without a mask the box's, and ``segmentation`` is then empty.
    """
    flags = np.where(person.present, np.asarray(person.visibility), 0)
    triples = [
        [round(float(x), 2), round(float(y), 2), int(v)] if c > 0 else [0, 0, 0]
        for (x, y, c), v in zip(person.keypoints, flags, strict=True)
    ]
    if person.mask is not None and person.mask.area:
        box: Sequence[float] = person.mask.box
        area, outline = person.mask.area, person.mask.to_rle()
    else:
        box = _keypoint_box(person.keypoints[flags > 0, :2])
        area, outline = round(box[2] * box[3], 2), []  # type: ignore[assignment]
    return {
        "id": number,
        "image_id": image_id,
        "category_id": 1,
        "score": round(float(person.score), 4),
        "bbox": [float(v) for v in box],
        "area": float(area),
        "iscrowd": 0,
        "num_keypoints": int((flags > 0).sum()),
        "keypoints": [v for triple in triples for v in triple],
        "keypoint_scores": [round(float(c), 4) for c in person.keypoints[:, 2]],
        "segmentation": outline,
    }


def check_output(path: str, sources: Sequence[str], overwrite: bool, added_to: bool = False) -> None:
    """Raises KdcError where ``path`` is a source, no place to write, or a file that ``predict`` did not write or that was changed since.

    ``added_to``: what was changed is said later, where it would be replaced.
    """
    target = Path(path)
    if target.is_dir():
        raise KdcError("Not a file", f"--out {path} is a folder; name a file to write.")
    if any(os.path.realpath(s) == os.path.realpath(path) for s in sources):
        raise KdcError("Would overwrite", f"{path} is a source; write the results to another file.")
    if target.exists() and not overwrite:
        with target.open("rb") as file:
            if MARK.encode() not in file.read(400):
                raise KdcError(
                    "Would overwrite", f"{path} was not written by this command; name another --out or add --overwrite."
                )
        if not added_to and unchanged(target) is False:
            raise KdcError(
                "Would overwrite",
                f"{path} was changed by somebody since it was written; name another --out or add --overwrite.",
            )
    _check_folder(target.absolute().parent, path)


def check_pictures(folder: str | None, jobs: Sequence[Job], found: Sequence[Job], overwrite: bool) -> None:
    """Raises KdcError where no pictures of ``jobs`` can be written into ``folder``, which may not be there yet, where one would replace one of
    the photos that were ``found``, or without ``overwrite`` a picture that is not ours."""
    if folder is None:
        return
    _check_folder(Path(folder).absolute(), f"--overlay {folder}")
    there = [path for path in overlay_paths(folder, jobs) if is_there(path)]
    photos = {os.path.realpath(job.path) for job in found} if there else set()
    for path in there:
        if os.path.realpath(path) in photos:
            raise KdcError(
                "Same file",
                f"--overlay {folder}: {path} is one of the photos and would be replaced; name another folder.",
            )
        if not overwrite and path.is_file() and MARK.encode() not in _head(path):
            raise KdcError(
                "Would overwrite",
                f"--overlay {folder}: {path} was not written by this command; name another folder or add --overwrite.",
            )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(400)


def _check_folder(wanted: Path, what: str) -> None:
    there = next(p for p in (wanted, *wanted.parents) if p.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise KdcError("Can't write", f"{what} can't be written: {there} is no folder you may write to.")


def overlay_paths(folder: str, jobs: Sequence[Job]) -> list[Path]:
    """A JPEG for each job under ``folder``, none twice: ``a/b.png`` becomes ``a/b.jpg``, or ``a/b.png.jpg`` if taken."""
    taken: set[str] = set()
    paths = []
    for job in jobs:
        parts = [p for p in Path(job.name).with_suffix(".jpg").parts if p not in ("..", Path(job.name).anchor)]
        name = Path(*parts).as_posix()
        if name.lower() in taken:
            name = f"{name[:-4]}{Path(job.name).suffix}.jpg"
        while name.lower() in taken:
            name = f"{name[:-4]}_.jpg"
        taken.add(name.lower())
        paths.append(Path(folder, name))
    return paths


def write_overlay(path: Path, image: np.ndarray, people: Sequence[Person], schema: PoseSchema) -> None:
    """Draws ``people`` on ``image`` (H, W, 3) uint8 RGB into a JPEG."""
    picture = draw_people(image, people, schema)
    shrink = _LONGEST_PICTURE / max(picture.shape[:2])
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    done, data = cv2.imencode(".jpg", picture[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not done:
        raise KdcError("Can't write", f"The picture {path} can't be made.")
    write_whole(path, marked(data.tobytes()))


def marked(jpeg: bytes) -> bytes:
    """The picture with a comment that says who made it, behind the header with which every JPEG of OpenCV begins (20 bytes)."""
    comment = MARK.encode()
    return jpeg[:20] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[20:]


def _keypoint_box(xy: np.ndarray) -> tuple[float, float, float, float]:
    if not len(xy):
        return (0.0, 0.0, 0.0, 0.0)
    low, high = xy.min(0), xy.max(0)
    x, y, w, h = (round(float(v), 2) for v in (*low, *(high - low + 1)))
    return (x, y, w, h)


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:  # A file name that is not UTF-8.
        return json.dumps(value, separators=(",", ":"))
    return text
