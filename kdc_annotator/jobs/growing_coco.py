"""A COCO file that grows photo by photo beside its final place, and survives being killed at any moment."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc.structures import Person
from kdc_annotator.document.records import compact_json
from kdc_annotator.io.project_lock import lock_file
from kdc_annotator.io.sealed import sealing, unchanged
from kdc_annotator.jobs.finished_coco import SHARD, FinishedCoco
from kdc_annotator.jobs.run_stamp import RunStamp

ToCoco = Callable[[Person, int, int | str], dict[str, Any]]
"""(person, annotation id, image id) -> COCO annotation."""


def refuse_other_shard(out: Path, there: Path, its: str, ours: str) -> None:
    """Raises KdcError where a shard would go into what holds other photos. ``its``, ``ours``: ``1/2``, or empty for all photos."""
    if ours and its != ours:
        own = out.with_stem(f"{out.stem}-{ours.replace('/', 'of')}")
        raise KdcError(
            "Another shard",
            f"{there} holds {f'shard {its}' if its else 'all photos'}, and this is shard {ours}; give each shard a file of its own, "
            f"such as --out {own.name}.",
        )


class GrowingCoco:
    """Lines of JSON in ``OUT.parts``: the stamp, then one line for each photo, synced to disk by ``add``; ``finish`` makes OUT.

    Opening it reads which photos an earlier run finished (``done``: file names by image id) and drops a line that was cut. Raises
    ``KdcError`` where the parts belong to a run with other settings or another process writes them. ``shard``: which part of the photos
    this is, ``1/2``, or empty; a shard goes on with its own parts only, all photos with those of any shard. ``photo``: name and
    place of one photo, by which the run that began the parts can be told from one in another folder.
    """

    def __init__(
        self, out: Path, stamp: RunStamp, to_coco: ToCoco, shard: str = "", photo: tuple[str, str] | None = None
    ) -> None:
        self.out, self.stamp, self.shard, self._to_coco = out, stamp, shard, to_coco
        self.photo = photo
        self.parts = out.with_name(out.name + ".parts")
        self.person_count = 0
        self.done: dict[int | str, str] = {}
        self._place: dict[int | str, int] = {}
        self._kept: FinishedCoco | None = None
        self._replaced: FinishedCoco | None = None
        try:
            self.parts.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(self.parts, "a+b")  # noqa: SIM115, PTH123 (kept open, closed by close)
        except OSError as error:
            raise KdcError("Can't write", f"{self.parts} can't be written ({error.strerror}).") from None
        try:
            self._take()
            self._read()
        except OSError as error:
            self.close()
            raise self._unwritable(error) from None
        except BaseException:
            self.close()
            raise

    def add(self, photos: Iterable[tuple[Mapping[str, Any], Sequence[Person]]]) -> None:
        """Adds finished photos, (COCO image, people) each; on disk when this returns."""
        try:
            end = self._file.seek(0, os.SEEK_END)
            for image, people in photos:
                rows = [self._to_coco(person, 0, image["id"]) for person in people]
                line = compact_json({"image": image, "people": rows}).encode() + b"\n"
                self._file.write(line)
                self._place[image["id"]] = end
                self.done[image["id"]] = image["file_name"]
                self.person_count += len(rows)
                end += len(line)
            self._sync()
        except OSError as error:
            raise self._unwritable(error) from None

    @property
    def added(self) -> bool:
        """Whether the parts hold any photo."""
        return bool(self._place)

    def keep(self, finished: FinishedCoco) -> None:
        """``finish`` adds to what an earlier run wrote, as it stands there. A photo that is in both is taken from there: the parts were put
        together already, and somebody may have worked on it since."""
        names = set(finished.done.values())
        for image_id, name in list(self.done.items()):
            if image_id in finished.done or name in names:
                self.person_count -= len(self._line(self._place.pop(image_id))["people"])
                del self.done[image_id]
        self._kept = finished
        self.done = {**finished.done, **self.done}
        self.person_count += finished.person_count

    def replace(self, finished: FinishedCoco) -> None:
        """``finish`` makes OUT anew where it is still what was read."""
        self._replaced = finished

    def finish(self, head: Mapping[str, Any]) -> None:
        """Writes OUT whole and takes the parts away: what is kept, then new photos by id, numbers before texts, and people numbered in that
        order. Memory stays flat. Raises KdcError where OUT can't be written, or was changed since it was read; the parts stay then."""
        kept, sealed = self._kept, True
        for earlier in (kept, self._replaced):
            if earlier is not None:
                earlier.refuse_other()
        if kept is not None:
            sealed, head = bool(unchanged(self.out)), kept.top
            if not self.shard:
                head = {**kept.top, "info": {k: v for k, v in kept.info.items() if k != SHARD}}
        with sealing(self.out, head, sealed) as write:
            for key in ("images", "annotations"):
                write(f',\n"{key}": ['.encode())
                for n, row in enumerate(chain(kept.rows(key) if kept else (), self._rows(key))):
                    write((b",\n" if n else b"\n") + row)
                write(b"\n]")
        self.forget()

    def _rows(self, key: str) -> Iterator[bytes]:
        number = self._kept.last_id if self._kept else 0
        for place in array("q", [self._place[i] for i in sorted(self._place, key=_in_order)]):
            line = self._line(place)
            for row in [line["image"]] if key == "images" else line["people"]:
                if key == "annotations":
                    number += 1
                    row["id"] = number
                yield compact_json(row).encode()

    def forget(self) -> None:
        """Takes the parts away; OUT stays as it was."""
        self.parts.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets go of the parts; they stay where ``finish`` was not called."""
        with suppress(OSError):  # What a full disk did not take is tried once more; ``add`` has told of it.
            self._file.close()

    def _unwritable(self, error: OSError) -> KdcError:
        return KdcError(
            "Can't write",
            f"{self.parts} can't be written ({error.strerror or error}); what is finished is in it, and the same command goes on from there.",
        )

    def _take(self) -> None:
        try:
            lock_file(self._file.fileno())
        except OSError:
            raise KdcError(
                "Already running",
                f"Another process writes {self.out}; wait for it, or give every process its own --out.",
            ) from None

    def _read(self) -> None:
        self._file.seek(0)
        first = self._file.readline()
        if not first.endswith(b"\n"):
            self._file.truncate(0)
            told: dict[str, Any] = {"stamp": dict(self.stamp.values)} | ({SHARD: self.shard} if self.shard else {})
            told |= {"photo": list(self.photo)} if self.photo else {}
            self._file.write(compact_json(told).encode() + b"\n")
            self._sync()
            return
        try:
            head = json.loads(first)
            told, shard = head["stamp"], str(head.get(SHARD, ""))
            name, path = head.get("photo", ("", ""))
            self.photo = (str(name), str(path))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise KdcError("Not an unfinished run", f"{self.parts} is not ours; rename it and try again.") from None
        if told != dict(self.stamp.values):
            raise KdcError(
                "Another run",
                f"{self.parts} is an unfinished run with {'; '.join(self.stamp.differences(told))}. "
                "Go on with its settings, or delete it.",
            )
        refuse_other_shard(self.out, self.parts, shard, self.shard)
        place = len(first)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            try:
                entry = json.loads(line)
                image, count = entry["image"], len(entry["people"])
                self.done[image["id"]] = image["file_name"]
                self._place[image["id"]] = place
                self.person_count += count
            except (ValueError, KeyError, TypeError):
                break
            place += len(line)
        self._file.truncate(place)

    def _line(self, place: int) -> Any:
        self._file.seek(place)
        return json.loads(self._file.readline())

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())


def _in_order(image_id: int | str) -> tuple[bool, int, str]:
    return (True, 0, image_id) if isinstance(image_id, str) else (False, image_id, "")
