"""One writer for a project: a lock on a file beside it, which the system drops when the process ends, however it ends."""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from kdc.errors import KdcError

_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)


class WriterLock:
    """Held from construction to ``release``. ``KdcError`` where another process holds it or the folder can't lock."""

    def __init__(self, project: Path) -> None:
        self.path = project.with_name(project.name + "-lock")
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise KdcError(
                "Project can't be written",
                f"{project.name} can't be opened for writing because its folder can't be written ({error.strerror}); "
                "open it for reading only, or copy it to a folder of yours.",
            ) from None
        try:
            self._take(project)
            # What a network folder that only pretends to lock would let through: a second lock on the same file.
            if self._second_succeeds():
                raise self._no_locking(project)
        except BaseException:
            self.release()
            raise
        with suppress(OSError):  # On a full disk nobody is told who holds it.
            os.ftruncate(self._file, 0)
            os.write(self._file, json.dumps({"process": os.getpid(), "host": socket.gethostname()}).encode())

    def _take(self, project: Path) -> None:
        try:
            lock_file(self._file)
        except OSError as error:
            if error.errno in _TAKEN:
                raise KdcError(
                    "Project is in use",
                    f"{project.name} is open for writing {self._holder()}; close it there, or open it here for reading only.",
                ) from None
            raise self._no_locking(project) from None

    def _second_succeeds(self) -> bool:
        second = os.open(self.path, os.O_RDWR)
        try:
            lock_file(second)
            return True
        except OSError:
            return False
        finally:
            os.close(second)

    def _no_locking(self, project: Path) -> KdcError:
        return KdcError(
            "Folder can't lock files",
            f"The folder of {project.name} (a network folder?) can't lock files, so two programs could overwrite each other's work; "
            "copy the project to a local disk, or open it for reading only.",
        )

    def _holder(self) -> str:
        try:
            told = json.loads(os.pread(self._file, 1000, 0) if hasattr(os, "pread") else b"{}")
            return f"in process {int(told['process'])} on {told['host']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "in another program"

    def release(self) -> None:
        """Let others write."""
        # A process that is just being started has a copy of the descriptor until it runs its own program: closing ours is not enough.
        unlock_file(self._file)
        os.close(self._file)


def lock_file(descriptor: int) -> None:
    """An exclusive lock on an open file, at once or ``OSError``."""
    if sys.platform == "win32":
        import msvcrt

        # A byte far behind the text, so that others can still read who holds the lock.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def unlock_file(descriptor: int) -> None:
    """Give the lock back, where it is held, for all copies of the descriptor."""
    with suppress(OSError):
        if sys.platform == "win32":
            import msvcrt

            os.lseek(descriptor, 1 << 20, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_UN)
