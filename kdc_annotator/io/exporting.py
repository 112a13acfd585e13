"""A project as a dataset: what every format writes, and for imported people nobody touched the very values that came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.document.annotation import PhotoRecord, Status
from kdc_annotator.document.records import annotation_from_record, annotation_to_raw
from kdc_annotator.io.dataset import Dataset, Entry, Json, Stray
from kdc_annotator.io.importing import came_as
from kdc_annotator.io.kdc_key import annotation_key, photo_key
from kdc_annotator.io.project import Project
from kdc_annotator.io.segmentation import in_form

DONE: tuple[Status, ...] = ("done", "done and empty")
_PLAIN = frozenset(("id", "order", "provenance", "raw"))


@dataclass(frozen=True)
class ExportOptions:
    """``done_only``: images with status done. ``proposals``: open proposals too. ``form``: "polygons", "rle" or None."""

    done_only: bool = False
    proposals: bool = False
    form: str | None = None


def project_dataset(
    project: Project, options: ExportOptions = ExportOptions(), keep: Callable[[PhotoRecord], bool] | None = None
) -> Dataset:
    """The project as a dataset that reads image by image. ``keep`` chooses images."""
    return _Export(project, options, keep).dataset()


class _Export:
    def __init__(self, project: Project, options: ExportOptions, keep: Callable[[PhotoRecord], bool] | None) -> None:
        self.project, self.options = project, options
        self.sources: list[Json] = project.setting("sources", [])
        self.schemas = project.schemas
        ids = project.image_ids(status=DONE if options.done_only else None)
        self.ids = ids if keep is None else [p.id for p in _photos(project, ids) if keep(p)]
        self.whole = keep is None and not options.done_only
        base = max((s["base"] + s["length"] for s in self.sources), default=0)
        self.new_place = base
        self.next_id = 0
        self.last: PhotoRecord | None = None
        self.with_others = project.placed("annotation").keys()

    def dataset(self) -> Dataset:
        """The view."""
        strays = self.strays() if self.whole else []
        positions = self.positions()
        absent = frozenset(self.sources[0]["absent"]) if len(self.sources) == 1 else frozenset()
        return Dataset(
            name=self.project.path.name,
            image_count=len(self.ids),
            image=self.image,
            people=self.people,
            top=self.top(),
            schemas=self.schemas,
            positions=positions,
            strays=strays,
            absent=absent,
        )

    def strays(self) -> list[Stray]:
        found = self.project.others(None)
        kinds = {"images", "annotations"}
        return [Stray(kind.split(":")[1], order, value) for kind, order, value in found if kind.split(":")[-1] in kinds]

    def positions(self) -> list[int]:
        """Place of each image in its file's list; images that came from no file follow at the end."""
        told = self.project.placed("position")
        return [told.get(i, n) for n, i in enumerate(self.ids)]

    def top(self) -> Json:
        """The top-level keys of all imported files; where several have a key, lists are joined and else the first counts."""
        out: Json = {}
        for source in self.sources:
            for key, value in source["top"].items():
                if key not in out:
                    out[key] = value
                elif isinstance(out[key], list) and isinstance(value, list):
                    ids = {v.get("id") for v in out[key] if isinstance(v, dict) and isinstance(v.get("id"), (int, str))}
                    out[key] = out[key] + [
                        v for v in value if v not in out[key] and not (isinstance(v, dict) and v.get("id") in ids)
                    ]
        if "categories" not in out and (not self.sources or self.project.edited_images()):
            out["categories"] = self.project.categories
        return out

    def photo(self, i: int) -> PhotoRecord:
        if self.last is None or self.last.id != self.ids[i]:
            self.last = self.project.photo(self.ids[i])
        return self.last

    def image(self, i: int) -> Json:
        """The i-th image's dict: as it came, with our key where we have something to say, and its new path where the
        photo was moved on disk and found again."""
        photo = self.photo(i)
        out = dict(photo.raw) or {"id": photo.id, "file_name": photo.path, "width": photo.width, "height": photo.height}
        if photo.raw and came_as(photo) not in (None, photo.path):
            out["file_name"] = photo.path
        told = photo_key(photo)
        return out if told is None else {**out, "kdc": told}

    def people(self, i: int) -> Sequence[Entry]:
        """The annotations of the i-th image, people and others, in the order of their file."""
        photo = self.photo(i)
        image_id = photo.raw.get("id", photo.id)
        out = []
        if photo.id in self.with_others:
            kept = self.project.others(photo.id)
            out = [Entry(order, value) for kind, order, value in kept if kind.endswith(":annotation")]
        for record in self.project.records(photo.id):
            value = self.person(record, photo, image_id)
            if value is not None:
                out.append(Entry(record["order"] if record.get("raw") else self.new_place, value))
        if self.options.proposals:
            out += [Entry(self.new_place, p) for p in self.proposals(photo, image_id)]
        return out

    def person(self, record: Json, photo: PhotoRecord, image_id: Any) -> Json | None:
        """A stored person's dict; None for a prediction that nobody confirmed."""
        raw = record.get("raw")
        if raw and not record.keys() - _PLAIN and not record["provenance"].get("confirmed"):
            out = raw
        else:
            category = record.get("category_id", (raw or {}).get("category_id", 1))
            schema = self.schemas.get(category)
            person = annotation_from_record(record, photo.size, len(schema) if schema is not None else 17)
            if not raw and not person.provenance.human and not self.options.proposals:
                return None
            out = annotation_to_raw(person)
            told = annotation_key(person)
            if told is not None:
                out["kdc"] = told
            if person.touched and "image_id" not in out:
                out["image_id"] = image_id
        segmentation = out.get("segmentation")
        changed = in_form(segmentation, self.options.form, photo.size, out.get("iscrowd") in (1, True))
        return out if changed is segmentation else {**out, "segmentation": changed}

    def proposals(self, photo: PhotoRecord, image_id: Any) -> Iterable[Json]:
        for proposal in self.project.document(photo.id).proposals:
            out = annotation_to_raw(proposal)
            told = annotation_key(proposal)
            if told is not None:
                out["kdc"] = told
            if self.project.person_owner(proposal.id) is not None:
                self.next_id = max(self.next_id, self.project.new_id())
                out["id"] = self.next_id
                self.next_id += 1
            out["image_id"] = image_id
            out["segmentation"] = in_form(out.get("segmentation", []), self.options.form, photo.size, False)
            yield out


def _photos(project: Project, ids: Sequence[int]) -> Iterable[PhotoRecord]:
    for start in range(0, len(ids), 500):
        yield from project.photos_of(ids[start : start + 500])


def split_by_ratio(paths: Sequence[str], parts: Mapping[str, float]) -> dict[str, set[str]]:
    """Part name -> paths: as many as its share, chosen by a hash of the path, so that the same images fall into the same part."""
    import hashlib

    total = sum(parts.values())
    if not parts or total <= 0 or any(not share >= 0 for share in parts.values()):
        raise KdcError("Bad split", "The shares of a split are positive numbers, such as train=0.8,val=0.2.")
    ranked = sorted(paths, key=lambda p: hashlib.sha256(p.encode("utf-8", "surrogatepass")).digest())
    out: dict[str, set[str]] = {}
    start, share_so_far = 0, 0.0
    for name, share in parts.items():
        share_so_far += share
        end = round(len(ranked) * share_so_far / total)
        out[name] = set(ranked[start:end])
        start = end
    return out
