"""Testing with mirrored and resized inputs: several predictions of one photo merged into one."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from kdc.decode.bands import run_bands
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.geometry import Affine
from kdc.schema import PoseSchema

_JOINT_OFFSETS = ("keycentroid", "mask_offset")
_PLAIN_OFFSETS = ("centre", "embedding")
_JOINTS = ("heatmap", "visibility")


def flip_fields(fields: Fields, schema: PoseSchema) -> Fields:
    """The fields of the mirrored input, turned back: as if predicted from the input itself.

    Columns are reversed, left and right joints swapped (``schema.flip``), x offsets negated; a pairwise edge takes the channels
    of its mirror image, the other way round where the tree holds it so. An edge without a mirror image in the tree becomes NaN,
    which ``merge_fields`` leaves out.
    """
    out = {}
    for name, array in fields.arrays.items():
        source, sign = mirrored_source(name, len(array), schema)
        out[name] = array[source, :, ::-1] * sign[:, None, None]
        out[name][source < 0] = np.nan
    return Fields(out, fields.stride, fields.radius)


def mirrored_source(name: str, channels: int, schema: PoseSchema) -> tuple[np.ndarray, np.ndarray]:
    """For each channel of the field ``name`` (C,) int64, which channel of the mirrored input's it comes from (negative: none), and (C,)
    float32, by what that is multiplied."""
    flip = np.array(schema.flip)
    source = np.arange(channels)
    if name in _JOINTS:
        source = flip
    elif name in _JOINT_OFFSETS:
        source = np.column_stack([2 * flip, 2 * flip + 1]).ravel()
    elif name == "pairwise":
        source = np.where(np.repeat(_mirrored_edges(schema)[:, 0] < 0, 4), -1, _mirrored_channels(schema))
    sign = np.ones(channels, np.float32)
    if name in (*_JOINT_OFFSETS, *_PLAIN_OFFSETS, "pairwise"):
        sign[0::2] = -1
    return source.astype(np.int64), sign


def _mirrored_edges(schema: PoseSchema) -> np.ndarray:
    """(E, 2) int: for each edge its mirror image in the tree (-1 = none) and whether that runs the other way."""
    where = {edge: e for e, edge in enumerate(schema.tree)}
    rows = []
    for a, b in schema.tree:
        mirror = (schema.flip[a], schema.flip[b])
        if mirror in where:
            rows.append((where[mirror], 0))
        else:
            rows.append((where.get(mirror[::-1], -1), 1))
    return np.array(rows, int).reshape(-1, 2)


def _mirrored_channels(schema: PoseSchema) -> np.ndarray:
    """(4E,) int: which channel of the mirrored pairwise field each channel comes from."""
    channels = []
    for e, turned in _mirrored_edges(schema):
        first = 4 * max(int(e), 0)
        channels += [first + c for c in ((2, 3, 0, 1) if turned else (0, 1, 2, 3))]
    return np.array(channels, int)


def resample_fields(fields: Fields, like: Fields, to_input: Affine) -> Fields:
    """``fields`` of an input of another size on the grid of ``like``, offsets in the pixels of ``like``'s input.

    ``to_input``: pixels of ``fields``'s input -> pixels of ``like``'s, without rotation. Bilinear; the outermost cells go on
    beyond the border. The disks stay as large as they are: R belongs to the network's input, not to the photo.
    """
    a = to_input.inverse().matrix
    if a[0, 1] or a[1, 0]:
        raise KdcError("Bad merge", "Fields can be resampled by scale and shift only, not turned.")
    u = ((np.arange(like.width) * like.stride * a[0, 0] + a[0, 2]) / fields.stride).astype(np.float32)
    v = ((np.arange(like.height) * like.stride * a[1, 1] + a[1, 2]) / fields.stride).astype(np.float32)
    map_x, map_y = (
        np.broadcast_to(u[None], (len(v), len(u))).copy(),
        np.broadcast_to(v[:, None], (len(v), len(u))).copy(),
    )
    scale = np.array([to_input.matrix[0, 0], to_input.matrix[1, 1]], np.float32)
    out = {}
    for name, array in fields.arrays.items():
        planes = [cv2.remap(p, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for p in array]
        out[name] = np.stack(planes).astype(np.float32) if planes else np.zeros((0, len(v), len(u)), np.float32)
        if name in (*_JOINT_OFFSETS, *_PLAIN_OFFSETS, "pairwise"):
            out[name] *= np.tile(scale, len(array) // 2)[:, None, None]
    return Fields(out, like.stride, like.radius)


def merge_fields(several: Sequence[Fields], schema: PoseSchema) -> Fields:
    """One prediction from several on one grid (``flip_fields``, ``resample_fields``).

    Probabilities, logits and bandwidths are averaged. Keypoint and pairwise offsets are averaged by the heat of their joint, mask
    offsets, centres and embeddings by the person probability: who does not see a disk has no say in where it points.
    """
    if not several:
        raise KdcError("Bad merge", "There are no fields to merge.")
    first = several[0]
    if any(set(f.arrays) != set(first.arrays) or f["heatmap"].shape != first["heatmap"].shape for f in several):
        raise KdcError("Bad merge", "Only fields of the same heads on the same grid can be merged.")
    even = np.ones((1, *first["heatmap"].shape[1:]), np.float32)
    gates = {
        "heat": [f["heatmap"] for f in several],
        "person": [person_chance(f["person"]) for f in several],
        "even": [even] * len(several),
    }
    out: dict[str, np.ndarray] = {}
    for name, array in first.arrays.items():
        kind, channels = gate_channels(name, len(array), schema)
        out[name] = weighted_mean([f[name] for f in several], gates[kind], channels)
    return Fields(out, first.stride, first.radius)


def gate_channels(name: str, channels: int, schema: PoseSchema) -> tuple[str, np.ndarray]:
    """By what the field ``name`` is weighted, ``heat``, ``person`` or ``even``, and (C,) int64, by which channel of that."""
    if name == "keycentroid":
        return "heat", np.repeat(np.arange(len(schema), dtype=np.int64), 2)
    if name == "pairwise":
        return "heat", np.repeat(np.array(schema.tree, np.int64).ravel(), 2)
    return "person" if name in ("mask_offset", *_PLAIN_OFFSETS) else "even", np.zeros(channels, np.int64)


def person_chance(logits: np.ndarray) -> np.ndarray:
    """(1, H, W) float32: the probabilities of the person field."""
    chance: np.ndarray = (1 / (1 + np.exp(-np.clip(logits, -30, 30)))).astype(np.float32)
    return chance


def weighted_mean(arrays: Sequence[np.ndarray], gates: Sequence[np.ndarray], index: np.ndarray) -> np.ndarray:
    """(C, H, W) float32: the mean of several fields, weighted by channel ``index[c]`` of their ``gates``; NaN has no say."""
    from kdc.decode import merge_kernels

    planes = tuple(np.ascontiguousarray(a, np.float32) for a in arrays)
    weights = tuple(np.ascontiguousarray(g, np.float32) for g in gates)
    out = np.empty_like(planes[0])

    def work(start: int, stop: int) -> None:
        merge_kernels.weighted_mean(planes, weights, index, out, start, stop)

    run_bands(work, len(out))
    return out
