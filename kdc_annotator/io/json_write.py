"""Values as JSON, and small files of text, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc.whole_files import write_whole


def encode(value: Any) -> str:
    """``value`` as ASCII JSON without spaces; NaN and infinity as Python and pycocotools write them."""
    try:
        return json.dumps(value, separators=(",", ":"))
    except (RecursionError, ValueError, TypeError) as error:
        raise KdcError("Can't write the file", f"A value can't be written as JSON: {error}.") from None


def write_text(path: Path, text: str) -> None:
    """Writes a small UTF-8 file whole or not at all."""
    write_whole(path, text.encode("utf-8"))
