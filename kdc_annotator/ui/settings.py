"""What the window remembers between runs: theme, language, keys, recent projects, its place on the
screen, folded panels, the size of the brush."""

from __future__ import annotations

import getpass
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

RECENT = 8


class Settings:
    """A typed face on QSettings. ``file``: an INI file instead of the user's place, for tests."""

    def __init__(self, file: Path | None = None) -> None:
        if file is None:
            self._store = QSettings(
                QSettings.Format.IniFormat, QSettings.Scope.UserScope, "kdc-annotator", "kdc-annotator"
            )
        else:
            self._store = QSettings(str(file), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        """A stored text."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: float) -> float:
        """A stored number."""
        try:
            return float(self.text(key, str(default)))
        except ValueError:
            return default

    def flag(self, key: str, default: bool) -> bool:
        """A stored yes or no."""
        return self.text(key, "yes" if default else "no") == "yes"

    def put(self, key: str, value: str | float | bool) -> None:
        """Store a value."""
        self._store.setValue(key, ("yes" if value else "no") if isinstance(value, bool) else str(value))

    def bytes(self, key: str) -> QByteArray | None:
        """A stored window state."""
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) else None

    def put_bytes(self, key: str, value: QByteArray) -> None:
        """Store a window state."""
        self._store.setValue(key, value)

    def labeler(self) -> str:
        """The name that work is signed with: the one given, else the user's name on this machine."""
        given = self.text("labeler")
        if given:
            return given
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):
            return ""

    def recent(self) -> list[str]:
        """The projects opened last that are still there, newest first."""
        lines = self.text("recent").split("\n")
        return [line for line in lines if line and Path(line).exists()]

    def add_recent(self, path: Path) -> None:
        """This project was opened."""
        lines = [str(path), *(line for line in self.recent() if line != str(path))]
        self._store.setValue("recent", "\n".join(lines[:RECENT]))

    def remember_open(self, project: Path | None) -> None:
        """Which project is open now, on disk at once: a program that is killed can't take it away, one that is closed does."""
        self._store.setValue("open", str(project or ""))
        self._store.sync()

    def left_open(self) -> Path | None:
        """The project that was open when the program ended without being closed."""
        left = self.text("open")
        return Path(left) if left and Path(left).is_file() else None

    def keys(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of an action: the labeler's, else those of the table."""
        stored = self.text(f"keys/{name}", "\n")
        return default if stored == "\n" else tuple(k for k in stored.split(" ") if k)

    def set_keys(self, name: str, keys: tuple[str, ...] | None) -> None:
        """Other keys for an action; None: those of the table again."""
        if keys is None:
            self._store.remove(f"keys/{name}")
        else:
            self._store.setValue(f"keys/{name}", " ".join(keys))

    def sync(self) -> None:
        """Write it down now."""
        self._store.sync()
