"""Values of options that several commands take: what can't be one ends the command with exit code 2 and a sentence."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def positive(text: str) -> int:
    """A number from 1 on."""
    if not text.isdecimal() or not 1 <= int(text) < 1 << 31:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def zero_or_more(text: str) -> int:
    """A number from 0 on."""
    return 0 if text == "0" else positive(text)


def long_side(text: str) -> int:
    """The long side of the network's input, pixels."""
    return int(_number(text, int, 33, 8193, "a number of pixels from 33 to 8193"))


def fraction(text: str) -> float:
    """A number from 0 to 1."""
    return _number(text, float, 0, 1, "a number from 0 to 1")


def tiles(text: str) -> str | int:
    """``auto``, ``off`` or tiles along each side."""
    if text in ("auto", "off"):
        return text
    return int(_number(text, int, 1, 16, "auto, off or a number from 1 to 16"))


def _number(text: str, convert: Callable[[str], float], low: float, high: float, what: str) -> float:
    try:
        value = convert(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value
