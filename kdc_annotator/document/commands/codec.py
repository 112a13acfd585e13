"""Commands as plain JSON values and back. What JSON lacks travels in one-key tables: mask, array, map, person, command."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from kdc.errors import KdcError
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.commands import keypoints, masks, people, photo, reviews
from kdc_annotator.document.edit import Command
from kdc_annotator.document.records import annotation_from_record, annotation_to_record
from kdc_annotator.document.segmentation import decode_segmentation, encode_mask


def to_json(command: Command) -> dict[str, Any]:
    """The command as plain values."""
    if not is_dataclass(command) or isinstance(command, type):
        raise KdcError("Bad command", f"{command!r} is not a command.")
    values: dict[str, Any] = {f.name: _encoded(getattr(command, f.name)) for f in fields(command)}
    return {"command": type(command).__name__, **values}


def from_json(data: Mapping[str, Any]) -> Command:
    """The command that ``to_json`` wrote."""
    name = data.get("command")
    for module in (keypoints, people, masks, photo, reviews):
        kind: Any = getattr(module, str(name), None)
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            make: Any = kind
            try:
                made: Command = make(**{k: _decoded(v) for k, v in data.items() if k != "command"})
            except (TypeError, ValueError, KeyError, AttributeError, zlib.error) as error:
                raise KdcError("Bad command", f"The command {name} can't be read ({error}).") from None
            return made
    raise KdcError("Bad command", f"There is no command called {name!r}.")


def _encoded(value: Any) -> Any:
    if isinstance(value, Mask):
        return {"mask": encode_mask(value)}
    if isinstance(value, Annotation):
        return {"person": [annotation_to_record(value), list(value.size), len(value.keypoints)]}
    if isinstance(value, np.ndarray):
        packed = base64.b64encode(zlib.compress(np.ascontiguousarray(value).tobytes())).decode("ascii")
        return {"array": [value.dtype.str, list(value.shape), packed]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {"map": [[_encoded(k), _encoded(v)] for k, v in value.items()]}
    if isinstance(value, tuple | list):
        return [_encoded(v) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {"do": to_json(value)}  # type: ignore[arg-type]
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(v) for v in value)
    if not isinstance(value, dict):
        return value
    (kind, content) = next(iter(value.items()))
    if kind == "mask":
        height, width = content["size"]
        return decode_segmentation(content, width, height)
    if kind == "person":
        record, size, count = content
        return annotation_from_record(record, (size[0], size[1]), count)
    if kind == "array":
        dtype, shape, packed = content
        array = np.frombuffer(zlib.decompress(base64.b64decode(packed)), np.dtype(dtype)).reshape(shape)
        return array
    if kind == "map":
        return {_decoded(k): _decoded(v) for k, v in content}
    if kind == "do":
        return from_json(content)
    raise ValueError(f"unknown value {kind!r}")
