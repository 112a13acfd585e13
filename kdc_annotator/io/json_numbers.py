"""Numbers as JSON files hold them: Python's own, with true, NaN and infinity told apart."""

from __future__ import annotations

import math
from typing import Any


def pixel_count(value: Any) -> bool:
    """A whole number that can be an image's width or height."""
    return type(value) in (int, float) and 1 <= value < 1 << 31 and value == int(value)


def finite(value: Any) -> bool:
    """A JSON number (not true or false) that is neither NaN nor infinite nor beyond a float."""
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is int and -(1 << 1000) < value < (1 << 1000)


def finite_all(values: list[Any]) -> bool:
    """Whether all are finite numbers; true and false pass as 1 and 0."""
    try:
        return math.isfinite(sum(values)) or all(finite(v) for v in values)
    except (TypeError, OverflowError):
        return False
