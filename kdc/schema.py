"""Pose schemas: keypoint names, the tree that grouping follows, flip pairs and OKS sigmas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdc.counted import counted
from kdc.errors import MISFITS, KdcError

DEFAULT_SIGMA = 0.079
"""OKS sigma of a joint that no published table lists: COCO's value for shoulders, its middle."""

MAX_KEYPOINTS = 512


@dataclass(frozen=True)
class PoseSchema:
    """What a person's keypoints are called and how they hang together.

    ``keypoints``: K unique names. ``skeleton``: edges to draw, pairs of 0-based indices, cycles
    allowed. ``tree``: K - 1 edges (parent, child) ordered so that each parent is reached before its
    children when walked from ``tree[0][0]``. ``flip``: the permutation that swaps left and right.
    ``sigmas``: K OKS falloffs (COCO's convention: the per-keypoint standard deviation is 2 sigma).
    """

    name: str
    keypoints: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]
    tree: tuple[tuple[int, int], ...]
    flip: tuple[int, ...]
    sigmas: tuple[float, ...]

    def __post_init__(self) -> None:
        count = len(self.keypoints)
        if not 1 <= count <= MAX_KEYPOINTS:
            raise KdcError("Bad pose schema", f"{self.name}: a schema has 1 to {MAX_KEYPOINTS} keypoints, not {count}.")
        if len(set(self.keypoints)) != count:
            raise KdcError("Bad pose schema", f"{self.name}: keypoint names must differ from each other.")
        for a, b in (*self.skeleton, *self.tree):
            if not (0 <= a < count and 0 <= b < count) or a == b:
                raise KdcError("Bad pose schema", _no_edge(self.name, a, b, count))
        if len(self.tree) != count - 1:
            raise KdcError(
                "Bad pose schema", f"{self.name}: the tree needs {counted(count - 1, 'edge')}, it has {len(self.tree)}."
            )
        reached = {self.tree[0][0]} if self.tree else {0}
        for a, b in self.tree:
            if a not in reached or b in reached:
                raise KdcError("Bad pose schema", f"{self.name}: the tree edges do not form one tree, parents first.")
            reached.add(b)
        if sorted(self.flip) != list(range(count)) or any(self.flip[self.flip[k]] != k for k in range(count)):
            raise KdcError("Bad pose schema", f"{self.name}: the flip table must pair each keypoint with its mirror.")
        if len(self.sigmas) != count or any(not s > 0 for s in self.sigmas):
            raise KdcError("Bad pose schema", f"{self.name}: every keypoint needs a positive OKS sigma.")

    def __len__(self) -> int:
        return len(self.keypoints)

    def index(self, name: str) -> int:
        """Index of the keypoint called ``name``."""
        try:
            return self.keypoints.index(name)
        except ValueError:
            raise KdcError("Unknown keypoint", f"{self.name} has no keypoint called {name!r}.") from None

    @classmethod
    def build(
        cls,
        name: str,
        keypoints: Sequence[str],
        skeleton: Iterable[Sequence[int]] = (),
        sigmas: Sequence[float] | None = None,
    ) -> PoseSchema:
        """A schema from names and 0-based drawing edges; tree, flips and sigmas are derived."""
        names = tuple(str(k) for k in keypoints)
        edges = tuple((int(a), int(b)) for a, b in skeleton)
        for a, b in edges:
            if not (0 <= a < len(names) and 0 <= b < len(names)):
                raise KdcError("Bad pose schema", _no_edge(name, a, b, len(names)))
        edges = tuple(e for e in edges if e[0] != e[1])
        return cls(
            name=name,
            keypoints=names,
            skeleton=edges,
            tree=spanning_tree(names, edges),
            flip=flip_pairs(names),
            sigmas=tuple(sigmas) if sigmas is not None else published_sigmas(names),
        )

    @classmethod
    def from_coco_category(cls, category: Mapping[str, Any]) -> PoseSchema:
        """The schema that a COCO category describes (``keypoints``, 1-based ``skeleton``).

        A category that lists COCO's or CrowdPose's keypoints in their order gives exactly
        ``COCO_17`` or ``CROWDPOSE_14``, with the category's own drawing edges where it has some. A
        skeleton that names keypoints beyond the last counts as none: CrowdPose's own file has COCO's.
        """
        names = category.get("keypoints")
        label = str(category.get("name", "category"))
        if (
            not isinstance(names, Sequence)
            or isinstance(names, str)
            or not names
            or not all(isinstance(n, str) for n in names)
        ):
            raise KdcError("Bad category", f"The category {label!r} has no list of keypoint names.")
        raw = category.get("skeleton") or ()
        try:
            edges = tuple((int(a) - 1, int(b) - 1) for a, b in raw)
        except MISFITS:
            raise KdcError(
                "Bad category", f"The skeleton of category {label!r} is not a list of index pairs."
            ) from None
        if any(not (0 <= a < len(names) and 0 <= b < len(names)) for a, b in edges):
            edges = ()
        canonical = tuple(canonical_name(n) for n in names)
        for known in (COCO_17, CROWDPOSE_14):
            if canonical == known.keypoints:
                drawn = tuple(e for e in edges if e[0] != e[1]) or known.skeleton
                return cls(known.name, tuple(names), drawn, known.tree, known.flip, known.sigmas)
        return cls.build(label, names, edges)

    def to_coco_category(self, category_id: int = 1, name: str = "person") -> dict[str, Any]:
        """This schema as a COCO category (1-based skeleton)."""
        return {
            "id": category_id,
            "name": name,
            "supercategory": "person",
            "keypoints": list(self.keypoints),
            "skeleton": [[a + 1, b + 1] for a, b in self.skeleton],
        }

    def to_json(self) -> dict[str, Any]:
        """Everything that ``from_json`` needs, as plain values."""
        return {
            "name": self.name,
            "keypoints": list(self.keypoints),
            "skeleton": [list(e) for e in self.skeleton],
            "tree": [list(e) for e in self.tree],
            "flip": list(self.flip),
            "sigmas": list(self.sigmas),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PoseSchema:
        """The schema that ``to_json`` wrote."""
        try:
            return cls(
                name=str(data["name"]),
                keypoints=tuple(str(k) for k in data["keypoints"]),
                skeleton=tuple((int(a), int(b)) for a, b in data["skeleton"]),
                tree=tuple((int(a), int(b)) for a, b in data["tree"]),
                flip=tuple(int(k) for k in data["flip"]),
                sigmas=tuple(float(s) for s in data["sigmas"]),
            )
        except MISFITS as error:
            raise KdcError("Bad pose schema", f"The stored schema can't be read ({error}).") from None


def people_schemas(schemas: Mapping[Any, PoseSchema], categories: Iterable[Any]) -> dict[Any, PoseSchema]:
    """Of the schemas by category id those that people are in: where one of the COCO ``categories`` is called person, that one and
    those with the same keypoints; else all. A cat's nose is nobody's."""
    names = {str(c.get("id")): str(c.get("name", "")).strip().lower() for c in categories if isinstance(c, Mapping)}
    person = next((_canonical(s) for i, s in schemas.items() if names.get(str(i)) == "person"), None)
    return {i: s for i, s in schemas.items() if person in (None, _canonical(s))}


def _canonical(schema: PoseSchema) -> tuple[str, ...]:
    return tuple(canonical_name(n) for n in schema.keypoints)


_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIDES = re.compile(r"left|right|(?<![a-z0-9])[lr](?![a-z0-9])")
_OTHER_SIDE = {"left": "right", "right": "left", "l": "r", "r": "l"}


def canonical_name(name: str) -> str:
    """A joint name in the form that mapping compares: lower case, words parted (``leftEye``, ``LEye``), ``left_``/``right_`` in front."""
    text = _WORD_STARTS.sub("_", name.strip()).lower().replace("-", "_").replace(" ", "_").replace(".", "_")
    while "__" in text:
        text = text.replace("__", "_")
    for short, side in (("l_", "left_"), ("r_", "right_")):
        if text.startswith(short):
            text = side + text[len(short) :]
    for suffix, side in (("_left", "left_"), ("_right", "right_"), ("_l", "left_"), ("_r", "right_")):
        if text.endswith(suffix) and not text.startswith(("left_", "right_")):
            text = side + text[: -len(suffix)]
    aliases = {
        "top_head": "head",
        "head_top": "head",
        "headtop": "head",
        "mid_hip": "pelvis",
        "root": "pelvis",
        "hip": "pelvis",
    }
    return aliases.get(text, text)


def flip_pairs(names: Sequence[str]) -> tuple[int, ...]:
    """The permutation that swaps ``left_x`` with ``right_x``, wherever in the name the side stands; joints without a partner stay."""
    canonical = [canonical_name(n) for n in names]
    where = {n: i for i, n in enumerate(canonical)}
    flip = []
    for i, n in enumerate(canonical):
        mirror = _SIDES.sub(lambda side: _OTHER_SIDE[side[0]], n)
        j = where.get(mirror, i)
        flip.append(j if where.get(canonical[i]) == i and canonical[j] == mirror else i)
    return tuple(flip)


def spanning_tree(names: Sequence[str], edges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """K - 1 edges, parents first, that join all keypoints.

    Breadth first along ``edges`` in their order from keypoint 0, so cycles are cut where they close. A
    part that no edge reaches is hung by its first keypoint to keypoint 0.
    """
    neighbours: list[list[int]] = [[] for _ in names]
    for a, b in edges:
        neighbours[a].append(b)
        neighbours[b].append(a)
    tree: list[tuple[int, int]] = []
    seen: set[int] = set()
    for start in range(len(names)):
        if start in seen:
            continue
        if start:
            tree.append((0, start))
        seen.add(start)
        queue = [start]
        for a in queue:
            for b in neighbours[a]:
                if b not in seen:
                    seen.add(b)
                    tree.append((a, b))
                    queue.append(b)
    return tuple(tree)


_COCO_NAMES = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)  # fmt: skip
_COCO_SIGMAS = (.026, .025, .025, .035, .035, .079, .079, .072, .072, .062, .062, .107, .107, .087, .087, .089, .089)  # fmt: skip
_CROWDPOSE_NAMES = (
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle", "head", "neck",
)  # fmt: skip
_CROWDPOSE_SIGMAS = (.079, .079, .072, .072, .062, .062, .107, .107, .087, .087, .089, .089, .079, .079)  # fmt: skip


def published_sigmas(names: Sequence[str]) -> tuple[float, ...]:
    """COCO's sigma for a joint of that name, CrowdPose's for head and neck, ``DEFAULT_SIGMA`` else."""
    table = dict(zip(_CROWDPOSE_NAMES, _CROWDPOSE_SIGMAS, strict=True)) | dict(
        zip(_COCO_NAMES, _COCO_SIGMAS, strict=True)
    )
    return tuple(table.get(canonical_name(n), DEFAULT_SIGMA) for n in names)


COCO_17 = PoseSchema(
    name="coco-17",
    keypoints=_COCO_NAMES,
    skeleton=(
        (15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
        (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6),
    ),
    # PersonLab's tree, in the order in which the starting weights store their displacement channels.
    tree=(
        (0, 1), (1, 3), (0, 2), (2, 4), (0, 5), (5, 7), (7, 9), (5, 11), (11, 13), (13, 15), (0, 6), (6, 8), (8, 10),
        (6, 12), (12, 14), (14, 16),
    ),
    flip=(0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15),
    sigmas=_COCO_SIGMAS,
)  # fmt: skip
"""COCO's 17 keypoints with the published sigmas."""

CROWDPOSE_14 = PoseSchema(
    name="crowdpose-14",
    keypoints=_CROWDPOSE_NAMES,
    skeleton=((12, 13), (13, 0), (13, 1), (0, 2), (2, 4), (1, 3), (3, 5), (13, 7), (13, 6), (7, 9), (9, 11), (6, 8), (8, 10)),
    tree=((13, 12), (13, 0), (0, 2), (2, 4), (0, 6), (6, 8), (8, 10), (13, 1), (1, 3), (3, 5), (1, 7), (7, 9), (9, 11)),
    flip=(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 12, 13),
    sigmas=_CROWDPOSE_SIGMAS,
)  # fmt: skip
"""CrowdPose's 14 keypoints with the published sigmas."""

DERIVED_JOINTS: dict[str, tuple[str, ...]] = {
    "neck": ("left_shoulder", "right_shoulder"),
    "thorax": ("left_shoulder", "right_shoulder"),
    "pelvis": ("left_hip", "right_hip"),
    "spine": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
}
"""Joints that may be derived as the mean of others. All of them must be known. The top of the head is
not among them: no COCO keypoint tells where it is, so it stays unlabelled."""


def _no_edge(name: str, a: int, b: int, count: int) -> str:
    what = (
        "does not join two keypoints, because there is 1"
        if count == 1
        else f"does not join two of the {count} keypoints"
    )
    return f"{name}: the edge {a}-{b} {what}."


def map_keypoints(keypoints: np.ndarray, source: PoseSchema, target: PoseSchema) -> np.ndarray:
    """Keypoints of one schema in the order of another.

    ``keypoints``: (K_source, 3) float, x, y and a third value (confidence or visibility, 0 = not
    there). Returns (K_target, 3) of the same dtype. A joint of the same name is copied; a joint of
    ``DERIVED_JOINTS`` is the mean of its parts with the smallest of their third values; any other is
    (0, 0, 0).
    """
    points = np.asarray(keypoints)
    if points.shape != (len(source), 3):
        raise KdcError(
            "Bad keypoints",
            f"{source.name} has {counted(len(source), 'keypoint')} of 3 values; got an array of shape {points.shape}.",
        )
    where = {canonical_name(n): i for i, n in enumerate(source.keypoints)}
    out = np.zeros((len(target), 3), points.dtype)
    for k, name in enumerate(target.keypoints):
        canonical = canonical_name(name)
        if canonical in where:
            out[k] = points[where[canonical]]
        elif canonical in DERIVED_JOINTS and all(p in where for p in DERIVED_JOINTS[canonical]):
            parts = points[[where[p] for p in DERIVED_JOINTS[canonical]]]
            if (parts[:, 2] > 0).all():
                out[k, :2] = parts[:, :2].mean(0)
                out[k, 2] = parts[:, 2].min()
    return out
