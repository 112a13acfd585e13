"""Every string that a person sees passes through ``tr``; ``mark`` marks one that is translated later."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "kdc"


def tr(text: str, **values: object) -> str:
    """``text`` in the language of the window, with ``{name}`` filled in from ``values`` afterwards."""
    translated = QCoreApplication.translate(CONTEXT, text)
    return translated.format(**values) if values else translated


def counted(count: int, one: str, many: str, **values: object) -> str:
    """``one`` or ``many``, each from ``mark``, in the language of the window; ``{count}`` is the count, "1,234"."""
    return tr(one if count == 1 else many, count=f"{count:,}", **values)


def mark(text: str) -> str:
    """The text itself: for tables that are built before the language is known."""
    return text
