"""The process that is thrown away: feeds damaged files to one reader under limits, and tells what happened.

Told on stdout, a JSON line each: ``finding`` (kind, what, where, input) and at the end ``counts``. The execution at hand stands in
``state``, so that the parent knows which one killed this process or takes too long.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import time
import traceback
import zlib
from pathlib import Path
from random import Random
from typing import Any

from fuzzing.mutate import mutated
from fuzzing.targets import TARGETS, Target

RUNS = frozenset(
    ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.startfile", "socket.connect", "pickle.find_class")
)  # fmt: skip
"""Audit events of a file that made us run something, or talk to somebody."""


class Guard:
    """Watches what is opened and run while a file is read. ``broken``: sentences."""

    def __init__(self, sandbox: Path, outside: Path) -> None:
        self._sandbox, self._outside = os.path.realpath(sandbox), os.path.realpath(outside)
        self._watching = False
        self.broken: list[str] = []
        sys.addaudithook(self._hook)

    def __enter__(self) -> Guard:
        self.broken.clear()
        self._watching = True
        return self

    def __exit__(self, *_: object) -> None:
        self._watching = False

    def _hook(self, event: str, values: tuple[Any, ...]) -> None:
        if not self._watching:
            return
        if event in RUNS:
            self.broken.append(f"{event}{values!r:.200}")
        elif event == "open" and isinstance(values[0], str | bytes):
            self._opened(os.fsdecode(values[0]), values[2] if isinstance(values[2], int) else 0)

    def _opened(self, name: str, flags: int) -> None:
        self._watching = False
        try:
            path = os.path.realpath(name)
        except (OSError, ValueError):
            return
        finally:
            self._watching = True
        if path.startswith(self._outside):
            self.broken.append(f"opened {name}")
        elif flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and not path.startswith((self._sandbox, "/dev/", "/proc/")):
            self.broken.append(f"opened {name} for writing")


def work(name: str, folder: Path, seed: int, first: int, count: int, seconds: float, memory: int) -> None:
    """Executions ``first`` to ``first + count`` of target ``name``, or until ``seconds`` are over."""
    sys.stdout = sys.stderr  # What readers print is not for the parent.
    target = TARGETS[name]
    sandbox, outside = folder / "sandbox", folder / "outside"
    good = folder / "good"
    if not good.is_dir():
        good.mkdir(parents=True)
        outside.mkdir(exist_ok=True)
        target.make(good)
        (outside / "secret.png").write_bytes(next((p for p in good.rglob("*.png")), Path(__file__)).read_bytes())
        (outside / "secret.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    files = sorted(p for p in good.rglob("*") if p.is_file() and target.wanted(p.relative_to(good).as_posix()))
    contents = [p.read_bytes() for p in files]
    assert files, f"{name} has nothing to damage"
    guard = Guard(sandbox, outside)
    _fresh(good, sandbox, outside)
    for warm in range(2):  # What is imported and compiled now is not the files' doing.
        target.read(sandbox, warm)
        _fresh(good, sandbox, outside)
    names = _names(sandbox)
    limit = _limit(memory)
    base = peak = _peak()
    counts = {"executions": 0, "read": 0, "refused": 0, "first": first}
    until = time.monotonic() + seconds
    for number in range(first, first + count):
        if time.monotonic() > until:
            break
        rng = Random(zlib.crc32(f"{name}/{seed}/{number}".encode()))
        which = rng.randrange(len(files))
        path = sandbox / files[which].relative_to(good)
        damaged = mutated(contents[which], target.kind(path.name), contents, rng, str(outside))
        path.write_bytes(damaged)
        _say_state(folder, number)
        kind, what, where = _one(target, sandbox, number, guard, counts)
        now = _peak()
        if now - peak > memory // 2:
            kind, what, where = kind or "memory", what or f"{(now - peak) >> 20} MiB more than ever before", where
        peak = max(peak, now)
        counts["executions"] += 1
        if kind:
            kept = _keep(folder, sandbox, path, number)
            _tell({"finding": kind, "what": what, "where": where, "number": number, "input": str(kept)})
        path.write_bytes(contents[which])
        if target.dirty and _names(sandbox) != names:
            _fresh(good, sandbox, outside)
    _tell({"counts": counts, "peak": (peak - base) >> 20, "limit": limit >> 20})


def _one(target: Target, sandbox: Path, number: int, guard: Guard, counts: dict[str, int]) -> tuple[str, str, str]:
    """Kind, sentence and place of what went wrong; three times nothing where all is well."""
    from kdc.errors import KdcError

    found = ("", "", "")
    try:
        with guard:
            target.read(sandbox, number)
        counts["read"] += 1
    except KdcError as error:
        counts["refused"] += 1
        if not error.message.strip() or len(error.message) > 4000:
            found = ("sentence", f"a message of {len(error.message)} characters", error.title)
    except MemoryError:
        found = ("memory", "MemoryError", _place())
    except Exception as error:
        found = ("crash", f"{type(error).__name__}: {str(error)[:200]}", _place())
    if guard.broken:
        found = ("escape", guard.broken[0], "")
    return found


def _place() -> str:
    frames = [f for f in traceback.extract_tb(sys.exc_info()[2]) if "fuzzing" not in f.filename]
    own = [f for f in frames if "/kdc" in f.filename and "site-packages" not in f.filename]
    frame = (own or frames)[-1]
    return f"{'/'.join(frame.filename.rsplit('/', 3)[-3:])}:{frame.lineno} {frame.name}"


def _fresh(good: Path, sandbox: Path, outside: Path) -> None:
    shutil.rmtree(sandbox, ignore_errors=True)
    shutil.copytree(good, sandbox)
    for folder in [sandbox, *(p for p in sandbox.rglob("*") if p.is_dir())]:
        (folder / "link.png").symlink_to(outside / "secret.png")
        (folder / "linked").symlink_to(outside)


def _names(folder: Path) -> set[str]:
    return {f"{place}/{name}" for place, below, files in os.walk(folder) for name in below + files}


def _limit(memory: int) -> int:
    size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + memory, size + memory))
    return memory


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def _say_state(folder: Path, number: int) -> None:
    (folder / "state").write_text(str(number))


def _keep(folder: Path, sandbox: Path, path: Path, number: int) -> Path:
    kept = folder / "findings" / f"{number}-{path.name}"
    kept.parent.mkdir(exist_ok=True)
    shutil.copyfile(path, kept)
    return kept


def _tell(value: dict[str, Any]) -> None:
    print(json.dumps(value), file=sys.__stdout__, flush=True)
