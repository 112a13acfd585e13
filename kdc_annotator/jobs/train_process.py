"""Trainings as processes of their own, that outlive the window and are found again: one folder for each.

Beside what the training itself writes, a folder holds ``process.json`` (what was started, and the model in use before),
``output.txt`` (what it said), ``lock`` (held while it runs), for a moment ``stop`` (somebody wants it to end), which becomes ``stopped``
once the training has heard it, ``left`` (somebody said that it shall go on by itself) and ``seen`` (somebody has seen how it ended).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from kdc.errors import KdcError
from kdc.training.interrupt import Interrupt
from kdc.whole_files import write_whole
from kdc_annotator.engine.niceness import ASLEEP, BEHIND, step_back
from kdc_annotator.io.project_lock import lock_file

OUTPUT, RECORD, LOCK, STOP, STOPPED = "output.txt", "process.json", "lock", "stop", "stopped"
LEFT, SEEN = "left", "seen"
VALIDATION = "validation.json"
"""The photos that the run held back, in COCO's form."""
FOREVER = 10_000_000
"""So many steps or more: the run's length is in minutes."""
LAUNCHED = "KDC_LAUNCHED_RUN"
"""Environment variable of a training that was started here: its folder. Any stop in there is meant for it, also one from before it held
the lock; other trainings take a stop that they find for an old one."""
LOOK_SECONDS = 0.2
"""Between two looks of a training whether it shall end."""
SEND_SECONDS = 5.0
"""Until a Ctrl-C that ended nothing is sent once more: a callback may have swallowed it."""
STARTING_SECONDS = 180.0
"""How long a process may take until it holds its lock."""
State = Literal["running", "done", "stopped", "failed"]
PROGRESS = re.compile(r"^step (\d+)\s+([\d.]+)%\s+(\d+:\d+) (min|h) left|^\s*([\d.]+)%  refinements ")
"""A line of the fields: step, share of them, time left; or of the refinements, which come after them: share of those."""


@dataclass(frozen=True)
class Length:
    """How long to train: ``minutes``, or ``steps`` where they are given."""

    minutes: float = 10.0
    steps: int = 0


@dataclass(frozen=True)
class RunRecord:
    """What was started. ``old_model``: what was in use then ("" is the bundled one). ``images``: the project's photo folder.
    ``extra``: further options of the command."""

    project: str
    images: str
    length: Length = Length()
    old_model: str = ""
    all_images: bool = False
    extra: tuple[str, ...] = ()
    process: int = 0
    started: float = 0.0


@dataclass(frozen=True)
class Progress:
    """``share`` of the whole run done (0 to 1), ``left`` as the training says it ("4:10"; "" where nobody knows), in ``unit`` ("min" or
    "h"). ``step``: of the fields; None once it is the refinements' turn."""

    step: int | None
    share: float
    left: str
    unit: str


def program(*arguments: str) -> list[str]:
    """The command line that runs KDC Annotator again, from a checkout, an installation or a bundle."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "kdc_annotator", *arguments]


def runs_folder(project: Path) -> Path:
    """Where the runs of a project lie: in the user's data folder, since pictures beside the project could be taken for its photos."""
    base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    mark = hashlib.sha256(str(project.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return base / "kdc-annotator" / "runs" / f"{project.stem}-{mark}"


def runs_of(project: Path) -> list[Path]:
    """Folders of the project's runs, newest first."""
    with suppress(OSError):
        return sorted((f for f in runs_folder(project).iterdir() if (f / RECORD).is_file()), reverse=True)
    return []


class Run:
    """One run: start it, look at it, stop it. Another ``Run`` over the same folder sees the same."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        self._exit: int | None = None

    @classmethod
    def start(cls, record: RunRecord) -> Run:
        """Start a training of the project. Raises KdcError where the folder can't be written or the process can't start."""
        folder = _new_folder(runs_folder(Path(record.project)))
        arguments = ["train", record.project, "-o", str(folder), "--init", record.old_model or "bundled"]
        if record.length.steps:
            arguments += ["--steps", str(record.length.steps)]
        else:
            arguments += ["--minutes", f"{record.length.minutes:g}"]
        arguments += ["--all-images"] if record.all_images else []
        run = cls(folder)
        run._launch([*arguments, *record.extra], record)
        return run

    def resume(self) -> None:
        """Go on with a run that was stopped."""
        record = self.record
        self._launch(["train", "-o", str(self.folder), "--resume", *record.extra], record)

    def _launch(self, arguments: Sequence[str], record: RunRecord) -> None:
        try:
            # Without a lock, others take it for one that is starting.
            for mark in (STOP, STOPPED, LEFT, SEEN, *(() if is_locked(self.folder) else (LOCK,))):
                (self.folder / mark).unlink(missing_ok=True)
            with (self.folder / OUTPUT).open("ab") as output:
                # A session of its own: closing the window or its terminal does not end it.
                self._child = subprocess.Popen(
                    program(*arguments),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    env={**ASLEEP, **os.environ, "PYTHONUNBUFFERED": "1", LAUNCHED: str(self.folder)},
                    start_new_session=True,
                )
            step_back(BEHIND, self._child.pid)
            self._exit = None
        except OSError as error:
            raise KdcError("Training can't be started", f"{self.folder}: {error.strerror or error}.") from None
        record = replace(record, process=self._child.pid, started=time.time())
        content = {f: getattr(record, f) for f in RunRecord.__dataclass_fields__} | {"length": vars(record.length)}
        write_whole(self.folder / RECORD, json.dumps(content, indent=1).encode("utf-8"))

    @property
    def record(self) -> RunRecord:
        """What was started. Raises KdcError where the file is gone."""
        try:
            raw = json.loads((self.folder / RECORD).read_bytes())
            raw["length"], raw["extra"] = Length(**raw["length"]), tuple(raw["extra"])
            return RunRecord(**raw)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise KdcError("Run can't be read", f"{self.folder / RECORD} does not describe a run ({error}).") from None

    @property
    def state(self) -> State:
        """How it is now."""
        if self._running():
            return "running"
        if (self.folder / "table.txt").is_file() and self.model is not None:
            return "done"
        return "stopped" if (self.resumable or self.stopping) and self._exit in (None, 0, 130) else "failed"

    @property
    def resumable(self) -> bool:
        """Whether it has saved something to go on from."""
        return (self.folder / "state.safetensors").is_file()

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end since it was started."""
        return (self.folder / STOP).exists() or (self.folder / STOPPED).exists()

    @property
    def left(self) -> bool:
        """Whether somebody said that it shall go on while nobody looks."""
        return (self.folder / LEFT).exists()

    def leave(self) -> None:
        """It shall go on while nobody looks."""
        self._mark(LEFT)

    @property
    def seen(self) -> bool:
        """Whether somebody has seen how it ended."""
        return (self.folder / SEEN).exists()

    def see(self) -> None:
        """Somebody sees how it ended."""
        self._mark(SEEN)

    def _running(self) -> bool:
        if self._child is not None:
            self._exit = self._child.poll()
            return self._exit is None
        if is_locked(self.folder):
            return True
        if (self.folder / LOCK).exists() or (self.folder / STOPPED).exists():
            return False
        with suppress(KdcError):
            record = self.record
            return time.time() - record.started < STARTING_SECONDS and _may_be_alive(record.process)
        return False

    def stop(self) -> None:
        """Ask it to save itself and end: after the step it is at, or at once where it is at none."""
        self._mark(STOP)

    def _mark(self, name: str) -> None:
        with suppress(OSError):
            (self.folder / name).touch()

    @property
    def model(self) -> Path | None:
        """The best model of the run, else the last one; None where there is none yet."""
        for name in ("best.safetensors", "last.safetensors"):
            if (self.folder / name).is_file():
                return self.folder / name
        return None

    @property
    def why(self) -> str:
        """The last thing it said: where it failed, the reason."""
        lines = [line for line in self.output(4000)[0].splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""

    @property
    def exit_code(self) -> int | None:
        """Of a process that this one started and that has ended."""
        return self._exit

    @property
    def progress(self) -> Progress | None:
        """How far it is; None before the first step."""
        for line in reversed(self.output(6000)[0].splitlines()):
            match = PROGRESS.match(line)
            if match:
                return self._progress(match)
        return None

    def _progress(self, match: re.Match[str]) -> Progress:
        refining, minutes = self._shares
        if match[5] is not None:
            step, share, left, unit = None, 1 - refining + refining * float(match[5]) / 100, "", "min"
        else:
            step, share, left, unit = int(match[1]), (1 - refining) * float(match[2]) / 100, match[3], match[4]
        if minutes and refining:
            seconds = round(60 * max(minutes * (1 - share), 0.0))
            unit = "h" if seconds >= 3600 else "min"
            left = f"{seconds // 3600}:{seconds // 60 % 60:02}" if unit == "h" else f"{seconds // 60}:{seconds % 60:02}"
        return Progress(step, share, left, unit)

    @property
    def _shares(self) -> tuple[float, float]:
        """The share of the run that its refinements take (0 where the network has none), and its minutes (0 where its length is in steps)."""
        try:
            content = json.loads((self.folder / "run.json").read_bytes())
            recipe, config = content["recipe"], content["config"]
            refine, minutes = float(recipe["refine"]), float(recipe["minutes"])
            in_steps = int(recipe["steps"]) < FOREVER
            refines = bool(config.get("refine") or config.get("pose_refine"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 0.0, 0.0
        if not refines:
            return 0.0, 0.0
        # Steps of the refinements come on top of the fields', minutes are shared out; see ``phases``.
        return (refine / (1 + refine), 0.0) if in_steps else (refine, minutes)

    def output(self, last: int) -> tuple[str, int]:
        """The last so many bytes of what it said, and how many there are in all."""
        try:
            with (self.folder / OUTPUT).open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(size - last, 0))
                return file.read().decode("utf-8", "replace"), size
        except OSError:
            return "", 0

    def pictures(self) -> list[Path]:
        """Predictions on the validation photos at the last validation, by photo."""
        newest: dict[str, Path] = {}
        with suppress(OSError):
            for file in sorted((self.folder / "pictures").glob("*-step*.jpg")):
                newest[file.name.partition("-")[0]] = file
        return [newest[name] for name in sorted(newest)]


def _may_be_alive(process: int) -> bool:
    if os.name == "nt" or process <= 0:  # There, asking would end it.
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def _new_folder(parent: Path) -> Path:
    """A folder that was not there, named after the moment."""
    name = datetime.now().strftime("%Y-%m-%d %H.%M")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        for n in range(1, 1000):
            folder = parent / (name if n == 1 else f"{name} ({n})")
            with suppress(FileExistsError):
                folder.mkdir()
                return folder
    except OSError as error:
        raise KdcError(
            "Training can't be started",
            f"{error.filename or parent} can't be written ({error.strerror}); free some space or make it writable.",
        ) from None
    raise KdcError("Training can't be started", f"{parent} is full of runs of this minute.")


def is_locked(folder: Path) -> bool:
    """Whether a process trains into that folder now."""
    try:
        file = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        lock_file(file)
    except OSError:
        return True
    finally:
        os.close(file)
    return False


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """For the training itself: hold the folder while it runs. Raises KdcError where another process trains into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
    except OSError as error:
        raise KdcError("Can't write", f"{folder} can't be written ({error.strerror}).") from None
    try:
        try:
            lock_file(file)
        except BlockingIOError:
            raise KdcError("Run is under way", f"Another process trains into {folder}; wait for it, or choose another folder with -o.") from None  # fmt: skip
        except OSError:
            pass  # A folder that can't lock: nothing is lost but finding the run again.
        if not launched(folder):
            for mark in (STOP, STOPPED):
                (folder / mark).unlink(missing_ok=True)
        yield
    finally:
        os.close(file)


def launched(folder: Path) -> bool:
    """For the training itself: whether this process was started here to train into that folder."""
    return os.environ.get(LAUNCHED) == str(folder)


def stop_wanted(folder: Path) -> bool:
    """For the training itself: whether somebody asked it to end; asks once."""
    try:
        (folder / STOP).replace(folder / STOPPED)
    except OSError:
        return False
    return True


@contextmanager
def hearing_stop(folder: Path, loading: bool = False) -> Iterator[None]:
    """For the training itself: where somebody asks it to end, that is a Ctrl-C, also where nobody can press it. In the main thread.
    ``loading``: it has not begun, and is ended on the spot; modules that are just being imported would swallow a Ctrl-C."""
    ended = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    # A shell starts what is in the background like that; no Ctrl-C comes but this one.
    if launched(folder) and before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def listen() -> None:
        heard = False
        while not ended.wait(SEND_SECONDS if heard else LOOK_SECONDS):
            handler = signal.getsignal(signal.SIGINT)
            heard = heard or (handler is not signal.SIG_IGN and stop_wanted(folder))
            if not heard:
                continue
            if loading:
                print("Stopped.", file=sys.stderr, flush=True)
                os._exit(130)
            _interrupt()
            if getattr(handler, "__func__", None) is Interrupt._ask:
                return  # The run saves itself now; one more would disturb that.

    ear = threading.Thread(target=listen, name="kdc-stop", daemon=True)
    ear.start()
    try:
        yield
    finally:
        ended.set()
        ear.join()
        if before is signal.SIG_IGN:
            signal.signal(signal.SIGINT, before)


def _interrupt() -> None:
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)  # It also wakes a thread that waits for a file.
    else:
        signal.raise_signal(signal.SIGINT)
