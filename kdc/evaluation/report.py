"""The figures as a table for a terminal and as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc.evaluation.coco import KEYPOINT_FIGURES, MASK_FIGURES
from kdc.evaluation.truth import Truth


def table(truth: Truth, reports: Sequence[Any]) -> str:
    """The figures of all reports, one column each."""
    rows: list[tuple[str, list[str]]] = []
    for title, names, kind in (("keypoint", KEYPOINT_FIGURES, "keypoints"), ("mask", MASK_FIGURES, "segm")):
        if all(getattr(r, kind) is None for r in reports):
            continue
        for n, name in enumerate(names):
            rows.append(
                (f"{title} {name}", [number(None if (f := getattr(r, kind)) is None else f[n]) for r in reports])
            )
    heads = [Path(r.name).stem[-24:] for r in reports]
    left = max((len(label) for label, _ in rows), default=0)
    widths = [max(len(h), 7) for h in heads]
    lines = [" " * left + "".join(f"  {h:>{w}}" for h, w in zip(heads, widths, strict=True))]
    for label, values in rows:
        lines.append(f"{label:<{left}}" + "".join(f"  {v:>{w}}" for v, w in zip(values, widths, strict=True)))
    return f"{truth.name}: {len(truth.images)} photos\n" + "\n".join(lines) + "\n"


def number(value: float | None, digits: int = 3) -> str:
    """A figure for the table; a dash where there is none (COCO's -1: nobody to count)."""
    return "-" if value is None or value == -1 else f"{value:.{digits}f}"


def write_json(path: Path, truth: Truth, reports: Sequence[Any]) -> None:
    """Writes one report as a JSON object, several as ``{"results": [...]}``; whole or not at all."""
    plain = [r.to_json() for r in reports]
    content = plain[0] if len(plain) == 1 else {"results": plain}
    text = json.dumps({"data": truth.name} | content, indent=1, ensure_ascii=False) + "\n"
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file aside and moves it into place. Raises ``KdcError`` that names the file when that fails."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise KdcError("File can't be written", f"{path}: {error.strerror or error}.") from None
