"""The one exception that reaches a user."""

from __future__ import annotations


class KdcError(Exception):
    """What went wrong, said so that a dialog and the command line print the same sentence.

    ``title`` names the kind of trouble in a few words ("Not a model file"); ``message`` is one
    sentence that says what is wrong, where, and what to do about it.
    """

    def __init__(self, title: str, message: str) -> None:
        super().__init__(f"{title}: {message}")
        self.title = title
        self.message = message
