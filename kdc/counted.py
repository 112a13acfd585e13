"""Numbers with what they count, in the singular or the plural."""

from __future__ import annotations


def counted(number: int, thing: str, several: str = "") -> str:
    """``1 image``, ``2,000 images``, ``2 people``. ``several``: the plural, where it is not ``thing`` with an s."""
    plural = several or ("people" if thing == "person" else f"{thing}s")
    return f"{number:,} {thing if number == 1 else plural}"
