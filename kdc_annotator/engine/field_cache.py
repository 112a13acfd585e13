"""Kept predictions on the disk: fields as .npy files that the window maps into memory, people beside them.

An entry is a folder: ``entry.json`` and one file a field. It is written aside and renamed, so it is there whole or not at all.
The cache is bounded; entries that were not used for longest go first.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.schema import PoseSchema
from kdc.structures import Mask, Person

VERSION = 3
ENTRY_BYTES = 100_000_000
CACHE_BYTES = 2_000_000_000
_WANTED = (
    "person", "mask_offset", "pairwise", "centre", "embedding", "bandwidth", "features", "heatmap", "features_mirrored"
)  # fmt: skip
"""What clustering and both refinements read of a prediction; where there is no room for all of it, the last ones are left out."""
_FULL = ("person", "mask_offset")
"""Kept as float32; the others are read in a few places only, where float16 does no harm."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A kept prediction. ``fields``: memory-mapped, some of them float16. ``people``: photo pixels, best first, with masks."""

    fields: Fields
    letterbox: Letterbox
    schema: PoseSchema
    people: tuple[Person, ...]
    model: str
    version: str


def entry_folder(root: Path, key: str, model: str) -> Path:
    """Where the entry of photo ``key`` by ``model`` (name and version, or anything that tells models apart) lies."""
    name = hashlib.sha256(f"{VERSION}\n{model}\n{key}".encode()).hexdigest()[:32]
    return root / name


def write_entry(
    folder: Path,
    fields: Fields,
    letterbox: Letterbox,
    schema: PoseSchema,
    people: list[Person],
    model: str,
    version: str,
) -> None:
    """Writes an entry whole or not at all. Raises KdcError where the disk refuses."""
    aside = ""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = tempfile.mkdtemp(prefix=".part-", dir=folder.parent)
        files = {}
        left = ENTRY_BYTES
        for name in _WANTED:
            if name not in fields:
                continue
            array = fields[name]
            half = name not in _FULL or left < 2 * array.nbytes
            kept = array.astype(np.float16) if half else array.astype(np.float32)
            if kept.nbytes > left and name not in _FULL:
                continue  # The rule can do without it.
            left -= kept.nbytes
            np.save(Path(aside) / f"{name}.npy", np.ascontiguousarray(kept))
            files[name] = str(kept.dtype)
        content = {
            "version": VERSION, "files": files, "stride": fields.stride, "radius": fields.radius,
            "letterbox": asdict(letterbox), "schema": schema.to_json(), "model": model, "model_version": version,
            "people": [_person_to_json(p) for p in people],
        }  # fmt: skip
        with (Path(aside) / "entry.json").open("w", encoding="ascii") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        if folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
        Path(aside).rename(folder)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        if not (folder / "entry.json").is_file():
            raise KdcError(
                "Can't keep the prediction", f"{folder.parent} can't be written ({error.strerror or error}); free some space or name another cache folder."
            ) from None  # fmt: skip


def open_entry(folder: str | Path) -> Entry:
    """The entry in ``folder``. Raises KdcError where it is gone or damaged: ask for the prediction again."""
    place = Path(folder)
    try:
        content = json.loads((place / "entry.json").read_text(encoding="ascii"))
        if content["version"] != VERSION:
            raise ValueError("another version")
        arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r") for name in content["files"]}
        entry = Entry(
            Fields(arrays, int(content["stride"]), float(content["radius"])),
            Letterbox(**content["letterbox"]),
            PoseSchema.from_json(content["schema"]),
            tuple(_person_from_json(p) for p in content["people"]),
            str(content["model"]),
            str(content["model_version"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KdcError("Prediction lost", f"The kept prediction in {place} can't be read ({error}); predict the photo again.") from None  # fmt: skip
    with suppress(OSError):
        os.utime(place)
    return entry


def trim(root: Path, limit: int = CACHE_BYTES, keep: tuple[Path, ...] = ()) -> None:
    """Removes the entries that were used longest ago until ``limit`` bytes are kept. ``keep``: never these."""
    sized: list[tuple[float, int, Path]] = []
    with suppress(OSError):
        for place in root.iterdir():
            with suppress(OSError):
                if place.is_dir() and place.name.startswith(".part-") and _age(place) > 3600:
                    shutil.rmtree(place, ignore_errors=True)
                elif place.is_dir() and (place / "entry.json").is_file():
                    sized.append((place.stat().st_mtime, sum(f.stat().st_size for f in place.iterdir()), place))
    total = sum(size for _, size, _ in sized)
    for _, size, place in sorted(sized):
        if total <= limit:
            break
        if place not in keep:
            shutil.rmtree(place, ignore_errors=True)
            total -= size


def _age(place: Path) -> float:
    import time

    return time.time() - place.stat().st_mtime


def _person_to_json(person: Person) -> dict[str, Any]:
    seen = person.visibility
    return {
        "keypoints": [float(v) for v in person.keypoints.ravel()],
        "score": float(person.score),
        "visibility": [] if seen is None else [int(v) for v in seen],
        "mask": None if person.mask is None else person.mask.to_rle(),
    }


def _person_from_json(data: Mapping[str, Any]) -> Person:
    points = np.array(data["keypoints"], np.float32).reshape(-1, 3)
    mask = None if data["mask"] is None else Mask.from_rle(data["mask"])
    return Person(points, float(data["score"]), np.array(data["visibility"], np.uint8), mask)
