"""What ``import``, ``export`` and ``convert`` share: progress in few lines, lists of problems, summaries."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

FORMATS = ("coco", "crowdpose", "ochuman", "yolo-pose", "yolo-seg", "labelme")
"""The names of ``kdc_annotator.io.formats.FORMATS``, here without importing it."""
SHOWN = 20
QUIET_SECONDS = 2.0


class Ticker:
    """A progress callback (done, total) over ``cli.progress.Progress``: at most a thousand redraws, ten lines in a log.

    Nothing is said of what takes less than two seconds.
    """

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._bar: Any = None
        self._said = 0
        self._start = time.monotonic()

    def __enter__(self) -> Ticker:
        return self

    def __exit__(self, *error: Any) -> None:
        if self._bar is not None:
            self._bar.__exit__(*error)

    def __call__(self, done: int, total: int) -> None:
        from kdc_annotator.cli.progress import Progress

        scale = 1 << 20 if self._unit == "MB" else 1
        done, total = done // scale, total // scale
        if self._bar is None:
            if total < 2 or time.monotonic() - self._start < QUIET_SECONDS:
                return
            self._bar = Progress(total, self._unit)
            self._bar.__enter__()
        terminal = sys.stderr is not None and sys.stderr.isatty()
        if done == total or done - self._said >= max(1, total // (1000 if terminal else 10)):
            self._bar.advance(done - self._said)
            self._said = done


def list_problems(problems: Sequence[Any], file: str | None) -> None:
    """The first problems on stderr, all of them in ``file`` where one is named."""
    from kdc_annotator.io.json_write import write_text

    for problem in problems[:SHOWN]:
        say(str(problem))
    if len(problems) > SHOWN:
        say(f"… and {len(problems) - SHOWN} more" + ("." if file else "; --problems FILE writes them all."))
    if file:
        write_text(Path(file), "".join(f"{p}\n" for p in problems))


def summary(values: dict[str, Any], sentence: str, as_json: bool) -> None:
    """The outcome on stdout: a sentence, or JSON."""
    print(json.dumps(values) if as_json else sentence)


def refuse_inputs(outputs: Iterable[Path | str | None], inputs: Iterable[Path | str]) -> None:
    """``KdcError`` where one of ``outputs`` is one of ``inputs``, whatever it is called, a file of a folder among them, or another
    output; None and "" are no output."""
    from kdc.errors import KdcError

    sources = {os.path.realpath(path): Path(path) for path in inputs}
    taken: set[str] = set()
    for path in (output for output in outputs if output):
        place = os.path.realpath(path)
        if place in sources or (Path(place).is_file() and place in _files_of(sources.values())):
            raise KdcError(
                "Same file", f"{path} is read by this command and can't be written by it; choose another name."
            )
        if place in taken:
            raise KdcError("Same file", f"{path} is named for two things to write; choose another name for one.")
        taken.add(place)


def _files_of(inputs: Iterable[Path]) -> set[str]:
    from kdc_annotator.io.formats import files_of

    return {os.path.realpath(file) for path in inputs for file in files_of(path)}


def refuse_photos(picture: str | None, photos: Iterable[Path]) -> None:
    """``KdcError`` where ``picture``, a file to write or None, is one of ``photos``, which nobody looks through otherwise."""
    from kdc.errors import KdcError

    if picture and Path(picture).is_file() and os.path.realpath(picture) in map(os.path.realpath, photos):
        raise KdcError(
            "Same file", f"{picture} is one of the photos and would be replaced; choose another name for the picture."
        )


def project_file(name: str) -> Path:
    """The project that ``--out`` names. ``KdcError`` where no command would take it for one."""
    from kdc.errors import KdcError

    if not name.endswith(".kdcproj"):
        raise KdcError("Not a project", f"--out {name}: a project's name ends in .kdcproj.")
    return Path(name)


def check_list(file: str | None) -> None:
    """``KdcError`` where ``list_problems`` could not write ``file``: better said before the work than after it."""
    check_writable(file, "--problems")


def check_writable(file: str | None, option: str, picture: bool = False) -> None:
    """``KdcError`` where nothing could be written to ``file``, None or what ``option`` names. ``picture``: it may replace another one."""
    from kdc.errors import KdcError
    from kdc.whole_files import kind_of

    if file is None:
        return
    wanted = Path(file).absolute()
    folder = next(p for p in wanted.parents if p.exists())
    if wanted.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise KdcError("Can't write the file", f"{option} {file} can't be written; name a file in a folder of yours.")
    if (kind := kind_of(wanted)) and not (picture and kind == "photo"):
        raise KdcError(
            "Can't write the file", f"{option} {file} is a {kind}, which is not replaced; name another file."
        )


def say(sentence: str) -> None:
    """A line on stderr."""
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)


def count(number: int, thing: str) -> str:
    """``1 image``, ``2 images``, ``2 people``."""
    from kdc.counted import counted

    return counted(number, thing)
