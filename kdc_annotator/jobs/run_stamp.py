"""What makes two runs of a model the same run: then the second goes on where the first was stopped."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kdc_annotator.document.records import compact_json


@dataclass(frozen=True)
class RunStamp:
    """``values``: ``model`` and ``version`` by name, and all that changes what is found: weights, size, tiles, flip, score."""

    values: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Sixteen hex digits; equal for equal values."""
        return hashlib.sha256(compact_json(dict(sorted(self.values.items()))).encode()).hexdigest()[:16]

    def differences(self, other: Mapping[str, Any]) -> list[str]:
        """``size 641, not 321`` for each value that ``other`` has otherwise."""
        return [f"{k} {other.get(k)}, not {v}" for k, v in self.values.items() if other.get(k) != v]
