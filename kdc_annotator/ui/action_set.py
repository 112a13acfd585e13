"""Qt's actions, made from the table: keys, tooltips, icons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QWidget

from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.settings import Settings
from kdc_annotator.ui.situation import Situation
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens


class ActionSet:
    """``by_name``: a QAction for every row of the table, living in ``window``; ``run`` is called with its name."""

    def __init__(self, window: QWidget, settings: Settings, run: Callable[[str], None]) -> None:
        self.by_name: dict[str, QAction] = {}
        self.now: dict[str, tuple[str, ...]] = {}
        """``keys``, without looking them up again."""
        self._settings = settings
        self._allowed: Situation | None = None
        tools = QActionGroup(window)
        tools.setExclusive(True)
        for spec in ACTIONS:
            action = QAction(tr(spec.text), window)
            action.setObjectName(spec.name)
            action.setCheckable(spec.checkable)
            action.setAutoRepeat(spec.repeats)
            if spec.tool:
                tools.addAction(action)
            action.triggered.connect(lambda _=False, name=spec.name: run(name))
            self.by_name[spec.name] = action
            window.addAction(action)
        self.apply_keys()

    def apply_keys(self) -> None:
        """Take over the keys from the settings."""
        keys = self.now = self.keys()
        for spec in ACTIONS:
            action = self.by_name[spec.name]
            action.setShortcuts([QKeySequence(k) for k in keys[spec.name]])
            text = tr(spec.text).rstrip("…")
            tip = f"{text} · {tr(spec.tip)}" if spec.tip else text
            action.setToolTip(f"{tip}  ({key_text(keys[spec.name][0])})" if keys[spec.name] else tip)

    def keys(self) -> dict[str, tuple[str, ...]]:
        """Name -> keys, as they are now."""
        return {spec.name: self._settings.keys(spec.name, spec.keys) for spec in ACTIONS}

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark icons."""
        for spec in ACTIONS:
            if spec.icon:
                self.by_name[spec.name].setIcon(icon(spec.icon, theme.text, theme.accent if spec.checkable else None))

    def allow(self, situation: Situation) -> None:
        """Enable what is possible."""
        if situation == self._allowed:
            return
        self._allowed = situation
        for spec in ACTIONS:
            # What a joint under the pointer makes possible stays alive: nobody asks again when the pointer moves.
            on = situation.allows(spec.when) or (spec.when.startswith("joint") and situation.allows("writable_image"))
            if self.by_name[spec.name].isEnabled() != on:
                self.by_name[spec.name].setEnabled(on)

    def check(self, **states: bool) -> None:
        """Tick or untick actions by name."""
        for name, on in states.items():
            self.by_name[name].setChecked(on)
