"""Pages of the docs whose lower part a benchmark writes; what a person wrote above stays."""

from __future__ import annotations

from pathlib import Path

from kdc.whole_files import write_whole

MARK = "<!-- What follows was written by a benchmark and is replaced by its next run. -->"


def write_measured(path: str | Path, measured: str, title: str) -> None:
    """Puts ``measured`` (markdown) below the mark in ``path``. A page that is not there, or has no mark, begins with ``title``."""
    path = Path(path)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    head = old.partition(MARK)[0] if MARK in old else f"# {title}\n\n"
    write_whole(path, f"{head}{MARK}\n\n{measured.strip()}\n".encode())
