"""Every string that a person sees passes through ``tr``; ``mark`` marks one that is translated later."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

CONTEXT = "kdc"
_SWAPPED = str.maketrans(",.", ".,")


def tr(text: str, **values: object) -> str:
    """``text`` in the language of the window, with ``{name}`` filled in from ``values`` afterwards."""
    translated = QCoreApplication.translate(CONTEXT, text)
    return translated.format(**values) if values else translated


def number(value: float, digits: int = 0) -> str:
    """ "1,234" or "0.45", as the window's language writes it."""
    text = f"{value:,.{digits}f}"
    return text.translate(_SWAPPED) if tr("1,234.5") == "1.234,5" else text


def counted(count: int, one: str, many: str, **values: object) -> str:
    """``one`` or ``many``, each from ``mark``, in the language of the window; ``{count}`` is the count, see ``number``."""
    return tr(one if count == 1 else many, count=number(count), **values)


def mark(text: str) -> str:
    """The text itself: for tables that are built before the language is known."""
    return text
