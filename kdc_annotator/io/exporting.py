"""A project as a dataset: what every format writes, and for imported people nobody touched the very values that came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kdc.errors import KdcError
from kdc.schema import COCO_17, PoseSchema
from kdc_annotator.document.annotation import PhotoRecord, Status
from kdc_annotator.document.records import annotation_from_record, annotation_to_raw
from kdc_annotator.io.category_ids import remembered_ids, with_ids
from kdc_annotator.io.coco_read import identity
from kdc_annotator.io.dataset import Dataset, Entry, Json, Stray
from kdc_annotator.io.importing import came_as
from kdc_annotator.io.kdc_key import annotation_key, photo_key
from kdc_annotator.io.person_view import image_size
from kdc_annotator.io.project import Project
from kdc_annotator.io.segmentation import in_form

DONE: tuple[Status, ...] = ("done", "done and empty")
_PLAIN = frozenset(("id", "order", "provenance", "raw"))


@dataclass(frozen=True)
class ExportOptions:
    """``done_only``: images with status done. ``proposals``: open proposals too. ``form``: "polygons", "rle" or None.
    ``sizes``: images whose file did not say their size get it, for formats that can't do without."""

    done_only: bool = False
    proposals: bool = False
    form: str | None = None
    sizes: bool = False


def project_dataset(
    project: Project, options: ExportOptions = ExportOptions(), keep: Callable[[PhotoRecord], bool] | None = None
) -> Dataset:
    """The project as a dataset that reads image by image. ``keep`` chooses images."""
    return _Export(project, options, keep).dataset()


class _Export:
    def __init__(self, project: Project, options: ExportOptions, keep: Callable[[PhotoRecord], bool] | None) -> None:
        self.project, self.options = project, options
        self.sources: list[Json] = project.setting("sources", [])
        self.named_here = self.schemas_given_here()
        self.schemas = {**project.schemas, **self.named_here}
        ids = project.image_ids(status=DONE if options.done_only else None)
        self.ids = ids if keep is None else [p.id for p in _photos(project, ids) if keep(p)]
        self.whole = keep is None and not options.done_only
        base = max((s["base"] + s["length"] for s in self.sources), default=0)
        self.new_place = base
        self.next_id = 0
        self.last: PhotoRecord | None = None
        self.with_others = project.placed("annotation").keys()
        # Several files may have used one id for different things; the second one gets the project's own.
        self.image_ids = set(project.image_ids()) if len(self.sources) > 1 else set()
        self.new_ids = self.ids_of_others() if len(self.sources) > 1 else {}

    def dataset(self) -> Dataset:
        """The view."""
        strays = self.strays() if self.whole else []
        positions = self.positions()
        absent = frozenset(self.sources[0]["absent"]) if len(self.sources) == 1 else frozenset()
        dataset = Dataset(
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
        # Where all is of one file, its categories have the ids that they had there, also those that are text.
        came = remembered_ids(self.sources[0]) if len(self.sources) == 1 else {}
        return with_ids(dataset, {number: text for text, number in came.items() if isinstance(text, str)})

    def strays(self) -> list[Stray]:
        found = self.project.others(None)
        kinds = {"images", "annotations"}
        return [Stray(kind.split(":")[1], order, value) for kind, order, value in found if kind.split(":")[-1] in kinds]

    def schemas_given_here(self) -> dict[int, PoseSchema]:
        """The keypoints of categories whose file names none, where people got some here: COCO's, as the documents have them."""
        found: dict[int, PoseSchema] = {}
        for image_id in self.project.edited_images():
            for record in self.project.records(image_id):
                category = record.get("category_id", record.get("raw", {}).get("category_id", 1))
                if any(record.get("keypoints", ())) and type(category) is int and category not in self.project.schemas:
                    found[category] = COCO_17
        return found

    def ids_of_others(self) -> dict[int, int]:
        """File order -> new id, for annotations of other categories whose id somebody has already."""
        found: dict[int, int] = {}
        seen: set[int] = set()
        for image_id in self.with_others:
            for kind, order, value in self.project.others(image_id):
                key = identity(value.get("id")) if kind.endswith(":annotation") else None
                if type(key) is int:
                    if key in seen or self.taken(key):
                        found[order] = self.project.new_id()
                    seen.add(key)
        return found

    def taken(self, key: Any) -> bool:
        """Whether a person of the project has the id ``key``."""
        return type(key) is int and abs(key) < 1 << 63 and self.project.person_owner(key) is not None

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
                    out[key] = _joined(out[key], value)
        if "categories" not in out and (not self.sources or self.project.edited_images()):
            out["categories"] = self.project.categories
        if any("category_ids" in source for source in self.sources) and isinstance(out.get("categories"), list):
            listed = {_identity(category) for category in out["categories"]}
            made = [c for c in self.project.categories if type(c.get("id")) is int and c["id"] not in listed]
            # People who were made here before a file used their category's id for something else.
            out["categories"] = out["categories"] + [c for c in made if self.project.image_ids(category=c["id"])]
        if self.named_here and isinstance(out.get("categories"), list):
            out["categories"] = [self.with_keypoints(category) for category in out["categories"]]
        return out

    def with_keypoints(self, category: Any) -> Any:
        """A category with the keypoints that its people got here, if any."""
        schema = self.named_here.get(_identity(category))
        given = {} if schema is None else schema.to_coco_category()
        return {**category, **{k: given[k] for k in ("keypoints", "skeleton") if k in given}} if given else category

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
        if self.options.sizes and photo.width and not all(image_size(out)):
            out |= {"width": photo.width, "height": photo.height}
        if "id" in out:
            out["id"] = self.image_id(photo)
        told = photo_key(photo)
        return out if told is None else {**out, "kdc": told}

    def image_id(self, photo: PhotoRecord) -> Any:
        """The image's id as its file had it; the project's where several files gave that id to different images."""
        came = photo.raw.get("id", photo.id)
        key = identity(came)
        return photo.id if type(key) is int and key != photo.id and key in self.image_ids else came

    def in_image(self, value: Json, image_id: Any) -> Json:
        """An annotation's dict; where several files were joined, with the id that its image has in the export."""
        same = not self.image_ids or identity(value.get("image_id")) == identity(image_id)
        return value if same else {**value, "image_id": image_id}

    def people(self, i: int) -> Sequence[Entry]:
        """The annotations of the i-th image, people and others, in the order of their file."""
        photo = self.photo(i)
        image_id = self.image_id(photo)
        out = []
        if photo.id in self.with_others:
            for kind, order, value in self.project.others(photo.id):
                if kind.endswith(":annotation"):
                    value = {**value, "id": self.new_ids[order]} if order in self.new_ids else value
                    out.append(Entry(order, self.in_image(value, image_id)))
        for record in self.project.records(photo.id):
            value = self.person(record, photo, image_id)
            if value is not None:
                key = identity(value.get("id")) if self.image_ids else None
                if key is not None and key != record["id"] and self.taken(key):
                    value = {**value, "id": record["id"]}
                out.append(
                    Entry(record["order"] if record.get("raw") else self.new_place, self.in_image(value, image_id))
                )
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


def _joined(first: list[Any], second: list[Any]) -> list[Any]:
    """Two files' lists as one. Where both have an element of an id, it is the first's, with the keys that only the second's has."""
    same = {_identity(v): v for v in reversed(second)}
    ids = {_identity(v) for v in first} - {None}
    joined = [{**same[_identity(v)], **v} if _identity(v) is not None and _identity(v) in same else v for v in first]
    return joined + [v for v in second if v not in first and _identity(v) not in ids]


def _identity(value: Any) -> Any:
    return identity(value.get("id")) if isinstance(value, dict) else None


def _photos(project: Project, ids: Sequence[int]) -> Iterable[PhotoRecord]:
    for start in range(0, len(ids), 500):
        yield from project.photos_of(ids[start : start + 500])


def split_by_ratio(paths: Sequence[str], parts: Mapping[str, float]) -> dict[str, set[str]]:
    """Part name -> paths: as many as its share, chosen by a hash of the path, so that the same images fall into the same part."""
    import hashlib

    total = sum(parts.values())
    if not parts or total <= 0 or any(not 0 <= share < 1e9 for share in parts.values()):
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
