"""Documents and random commands for the tests of this folder and of the project file."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from kdc.schema import COCO_17
from kdc.structures import Mask
from kdc_annotator.document import commands as c
from kdc_annotator.document.annotation import Annotation, PhotoRecord
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.document.records import annotation_from_raw
from kdc_annotator.document.segmentation import encode_mask

SIZE = (40, 30)


def disk(x: int, y: int, radius: int, size: tuple[int, int] = SIZE) -> Mask:
    rows, cols = np.mgrid[: size[1], : size[0]]
    return Mask.from_full((cols - x) ** 2 + (rows - y) ** 2 <= radius**2)


def raw_people() -> list[dict[str, Any]]:
    points = [[10.5 + k % 5, 5 + k, k % 3] for k in range(17)]
    return [
        {
            "id": 7,
            "image_id": 1,
            "category_id": 1,
            "keypoints": [v for row in points for v in row],
            "num_keypoints": 11,
            "segmentation": [[2, 2, 20, 2, 20, 20.5, 2, 20]],
            "area": 333.25,
            "bbox": [2, 2, 18, 18.5],
            "iscrowd": 0,
            "strange": {"deep": [1, None, "ä"]},
        },
        {"id": 8, "image_id": 1, "category_id": 1, "segmentation": encode_mask(disk(25, 15, 8)), "iscrowd": False},
        {"id": "nine", "image_id": 1, "keypoints": [float("nan"), 3, 2] + [4, 5, 1] * 16, "bbox": [-3, 1, 9, 9]},
        {
            "id": 10,
            "image_id": 1,
            "category_id": 1,
            "segmentation": encode_mask(Mask.from_full(disk(5, 5, 3).to_full() | disk(30, 22, 4).to_full())),
        },
    ]


def people() -> list[Annotation]:
    return [annotation_from_raw(raw, 7 + n, SIZE, 17, order=n)[0] for n, raw in enumerate(raw_people())]


def proposals() -> list[Annotation]:
    points = np.zeros((17, 3))
    points[:, :2] = np.arange(34).reshape(17, 2) % 25
    points[:, 2] = 2
    values: dict[str, Any] = {"confidence": np.linspace(0, 1, 17), "score": 0.5}
    return [Annotation.new(20 + n, SIZE, points + np.array((n, 0, 0)), disk(10 + n, 10, 4), **values) for n in range(2)]


def photo() -> PhotoRecord:
    return PhotoRecord(1, "folder/photo.jpg", *SIZE, raw={"id": 1, "file_name": "folder/photo.jpg"})


def document(**values: Any) -> ImageDocument:
    return ImageDocument(photo(), people(), proposals(), schemas={1: COCO_17}, labeler="Ann", **values)


number = st.integers(0, 39)
keypoint = st.integers(0, 16)
region = st.builds(disk, number, st.integers(0, 29), st.integers(0, 12))
steps = st.lists(
    st.tuples(st.integers(0, 31), st.integers(0, 7), st.integers(0, 7), keypoint, number, region),
    min_size=1,
    max_size=12,
)


def command(step: tuple[int, int, int, int, int, Mask], document: ImageDocument) -> Any:
    """The command that a drawn step means in the document as it is; it may be one that can't be done."""
    kind, a, b, k, n, mask = step
    ids = [p.id for p in document.people] or [1]
    one, other = ids[a % len(ids)], ids[b % len(ids)]
    open_ids = [p.id for p in document.proposals] or [99]
    table: list[Any] = [
        lambda: c.MoveKeypoints(one, {k: (n + 0.25, n / 3)}),
        lambda: c.MoveKeypoints(one, {k: (n, n), (k + 3) % 17: (1.5, 2)}),
        lambda: c.SetVisibility(one, (k,), n % 3),
        lambda: c.AddKeypoint(one, k, n, 3.5, 1 + n % 2),
        lambda: c.RemoveKeypoint(one, k),
        lambda: c.ConfirmKeypoints(one, None if n % 2 else (k,)),
        lambda: c.SwapSides(one, None if n % 2 else k),
        lambda: c.MirrorPerson(one),
        lambda: c.PlaceKeypoints(one, {k: (n, 1, 2), 3: (4, 5, 1)}, {k: 0.5}),
        lambda: c.PlaceSymmetric(one),
        lambda: c.ReassignKeypoint(one, k, other),
        lambda: c.ConfirmPeople((one,)),
        lambda: c.AddPerson({k: (n, n, 2)}, mask if n % 2 else None),
        lambda: c.AddCrowdRegion(mask),
        lambda: c.SetCrowd(one, bool(n % 2)),
        lambda: c.DeletePeople((one,)),
        lambda: c.DuplicatePerson(one, n - 20, 3),
        lambda: c.CopyPeople(tuple(people()[: 1 + n % 3]), "other.jpg"),
        lambda: c.MergePeople(one, other),
        lambda: c.SplitByParts(one, 1 + n % 4),
        lambda: c.SplitByKeypoints(one, (k, (k + 1) % 17)),
        lambda: c.AcceptProposals((open_ids[0],)),
        lambda: c.RejectProposals((open_ids[-1],)),
        lambda: c.LockPeople((one,), bool(n % 3)),
        lambda: c.SetAttributes(one, {"coat": None if n % 3 == 0 else n, "wet": True}),
        lambda: c.Paint(one, mask, bool(n % 2)),
        lambda: c.Erase(one, mask),
        lambda: c.Polygon(one, ((n, 1), (3, 28.5), (39, n / 2)), bool(n % 2)),
        lambda: c.SetMasksFromLabels(np.arange(12, dtype=np.uint16).reshape(3, 4) % 3, {1: one, 2: other}, n % 36, 5),
        lambda: c.ReassignRegion(one, other, mask),
        lambda: c.Together(
            (c.Pin(one, mask), c.Unpin(other, mask if n % 2 else None), c.RaisePerson(one), c.SetStatus("done"))
        ),
        lambda: c.ReleaseMask(one),
    ]
    return table[kind]()
