"""The one exception that reaches a user."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class KdcError(Exception):
    """What went wrong, said so that a dialog and the command line print the same sentence.

    ``title`` names the kind of trouble in a few words ("Not a model file"); ``message`` is one
    sentence that says what is wrong, where, and what to do about it. What a file of somebody else put
    into it is cut where nobody would read on.
    """

    LONGEST = 2000

    def __init__(self, title: str, message: str) -> None:
        if len(message) > self.LONGEST:
            message = f"{message[: self.LONGEST // 2]} … {message[-self.LONGEST // 4 :]}"
        super().__init__(f"{title}: {message}")
        self.title = title
        self.message = message


def package_missing(package: str, extra: str) -> KdcError:
    """The error where a ``package`` is needed that only the extra ``extra`` of KDC Annotator brings. A bundle takes up no packages."""
    if getattr(sys, "frozen", False):
        way = f"this bundle is without it, so install KDC Annotator with pip: pip install '.[{extra}]' in a checkout"
    else:
        way = f"run: pip install 'kdc-annotator[{extra}]'"
    return KdcError("Package missing", f"{package} is not installed; {way}")


def json_trouble(error: Exception) -> str:
    """Why a text is no JSON, without a full stop: ``error`` is what Python raised when it read it."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    if isinstance(error, RecursionError):
        return "values are nested too deeply"
    if isinstance(error, UnicodeError):
        return "it is not UTF-8 text"
    if "integer string conversion" in str(error):
        return "a number has more than 4300 digits"
    if isinstance(error, json.JSONDecodeError):
        return f"{json_mistake(error)} in line {error.lineno}"
    return str(error)


def json_mistake(error: json.JSONDecodeError) -> str:
    """Python's own words, as they go on in a sentence."""
    return (error.msg[:1].lower() + error.msg[1:]).removesuffix(" at").removesuffix(" starting")


MISFITS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What Python raises where a value from a file is not of the kind that is expected."""


@contextmanager
def refusing(title: str, what: str) -> Iterator[None]:
    """Around the reading of a file of somebody else: values of the wrong kind become a ``KdcError`` that says ``what`` and the reason."""
    try:
        yield
    except MISFITS as error:
        raise KdcError(title, f"{what} ({type(error).__name__}: {str(error)[:200]}).") from None
