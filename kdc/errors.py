"""The one exception that reaches a user."""

from __future__ import annotations

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


MISFITS = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError)
"""What Python raises where a value from a file is not of the kind that is expected."""


@contextmanager
def refusing(title: str, what: str) -> Iterator[None]:
    """Around the reading of a file of somebody else: values of the wrong kind become a ``KdcError`` that says ``what`` and the reason."""
    try:
        yield
    except MISFITS as error:
        raise KdcError(title, f"{what} ({type(error).__name__}: {str(error)[:200]}).") from None
