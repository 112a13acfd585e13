"""The keys that hints name, as the labeler has them: a hint is written with those of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.cheat_sheet import key_text

OWN = ("Esc", "Tab")
"""Keys that tools have besides the table: what a hint says of them stays true."""


def with_keys(hint: str, keys: Mapping[str, tuple[str, ...]]) -> str:
    """``hint`` with other keys where ``keys`` (action -> keys) says so; "…" for an action that has none any more."""
    new = {
        key_text(spec.keys[0]): key_text(keys[spec.name][0]) if keys[spec.name] else "…"
        for spec in ACTIONS
        if spec.keys and spec.keys[0] not in OWN and spec.keys[0] not in keys[spec.name]
    }
    if not new:
        return hint
    # A key stands before a colon at the beginning of a part, or beside "and" as in "with S and W".
    names = "|".join(re.escape(name) for name in sorted(new, key=len, reverse=True))
    places = rf"(?:(?<=^)|(?<= · ))(?:{names})(?=: )|(?<= )(?:{names})(?= (?:and|und) \S(?: |$))|(?<= and )(?:{names})(?= |$)|(?<= und )(?:{names})(?= |$)"
    return re.sub(places, lambda found: new[found[0]], hint)


def key_in(window: QObject | None, name: str) -> str:
    """The key that an action of the window has now; the action's own words where it has none."""
    action = window.findChild(QAction, name) if window is not None else None
    if not isinstance(action, QAction):
        return "…"
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) or action.text().rstrip("…")
