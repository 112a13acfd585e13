"""New project files that are there whole or not at all: filled beside their final name, then renamed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.io.project_lock import WriterLock

_BESIDE = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file that is in use."""


def unfinished_name(path: Path) -> Path:
    """Where the project ``path`` lies until it is whole."""
    return path.with_name(f".{path.name}.unfinished")


def forget_log(path: Path) -> None:
    """Takes away the log of a file that is there no more: SQLite would apply it to a new file of that name."""
    for suffix in _BESIDE:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


@contextmanager
def whole_projects(paths: Sequence[Path]) -> Iterator[list[Path]]:
    """Where to make the projects ``paths``, one place for each; they get their names when the block ends well.

    Missing folders are made. Every project must be closed by then. If the block raises, nothing is left; what a killed run left
    is removed by the next one. ``KdcError`` where a file is there already, another program makes it too, or the folder can't be written.
    """
    asides = [unfinished_name(path) for path in paths]
    for path in paths:
        _refuse_existing(path)
    with ExitStack() as stack:
        held: list[Path] = []
        try:
            for path in paths:
                stack.enter_context(_folder(path.parent))
                stack.callback(_lock(path).release)
                held.append(path)
                _sweep(path)
        except BaseException as error:
            _forget_locks(held)
            if isinstance(error, OSError):
                raise _refused(paths, error) from None
            raise
        renamed: list[Path] = []
        try:
            yield asides
            for path, aside in zip(paths, asides, strict=True):
                _refuse_existing(path)
                _flush(aside, path)
            for path, aside in zip(paths, asides, strict=True):
                forget_log(path)
                aside.replace(path)
                renamed.append(path)
        except BaseException as error:
            for path in renamed:
                path.unlink(missing_ok=True)
            _forget_locks(paths)
            if isinstance(error, KdcError):
                raise KdcError(error.title, _named(error.message, paths)) from None
            if isinstance(error, OSError):
                raise _refused(paths, error) from None
            raise
        finally:
            for path in paths:
                with suppress(OSError):
                    _sweep(path)


@contextmanager
def whole_project(path: Path) -> Iterator[Path]:
    """``whole_projects`` for one."""
    with whole_projects([path]) as (aside,):
        yield aside


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Makes a folder with those above it; takes away what stays empty."""
    made = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):
            for one in made:
                one.rmdir()


def _lock(path: Path) -> WriterLock:
    try:
        path.with_name(path.name + "-lock").touch()
    except OSError as error:
        raise _refused([path], error) from None
    return WriterLock(path)


def _forget_locks(paths: Sequence[Path]) -> None:
    for path in paths:
        with suppress(OSError):
            path.with_name(path.name + "-lock").unlink(missing_ok=True)


def _sweep(path: Path) -> None:
    aside = unfinished_name(path).name
    for entry in list(os.scandir(path.parent)):
        if entry.name.startswith((aside, f".{aside}.", f".{path.name}.new-")):
            Path(entry.path).unlink(missing_ok=True)


def _flush(aside: Path, path: Path) -> None:
    log = aside.with_name(aside.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise KdcError(
            "Project can't be written",
            f"{path.name} could not be brought to the disk; see whether it is full, and try again.",
        )
    with aside.open("rb+") as file:
        os.fsync(file.fileno())


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise KdcError("File exists", f"{path} exists already; choose another name or folder, or take it away.")


def _named(message: str, paths: Sequence[Path]) -> str:
    for path in paths:
        message = message.replace(unfinished_name(path).name, path.name)
    return message


def _refused(paths: Sequence[Path], error: OSError) -> KdcError:
    names = ", ".join(path.name for path in paths)
    return KdcError(
        "Project can't be written",
        f"{names} can't be made in {paths[0].parent} ({error.strerror or error}); choose another folder.",
    )
