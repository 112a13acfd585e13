"""The command line ``kdc-annotator``: one module per command, imported when it is needed.

A command NAME is the module ``kdc_annotator.cli.NAME`` (dashes become underscores; a name that Python reserves gets an
underscore at its end: ``import_``). It holds

- ``HELP: str``, one line for the list of commands;
- ``add_parser(commands) -> argparse.ArgumentParser``, which calls ``commands.add_parser("NAME", help=HELP, ...)`` on
  what ``argparse.ArgumentParser.add_subparsers`` returned and adds its options (``-o`` is short for ``--out``);
- ``run(args) -> int``, which does the work and returns an exit code.

At import it pulls in the standard library only; numpy, torch and Qt come in ``run``. ``run`` raises KdcError for
what a person has to know; ``main`` prints it.

This module imports next to nothing, so that Ctrl-C finds ``main`` at work as early as can be.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from types import ModuleType

COMMANDS = (
    "gui",
    "predict",
    "preannotate",
    "import",
    "export",
    "convert",
    "train",
    "evaluate",
    "bench",
    "check",
    "stats",
    "split",
    "merge",
    "agree",
    "next",
    "export-model",
    "doctor",
    "completion",
)
"""Every command, in the order of the help. One whose module is not there is not listed."""

OK, FAILED, MISUSED, INCOMPLETE, BUG, INTERRUPTED, UNHEARD = 0, 1, 2, 3, 70, 130, 141

EPILOG = """\
exit codes:
  0    all done
  1    it could not be done; the reason is on stderr and nothing was half written
  2    the command line is wrong
  3    done, but not whole: files that could not be used and conflicts of merge are listed on stderr
  4    check: something as bad as --fail-on was found
  70   a mistake in the program; KDC_TRACEBACK=1 shows where
  130  stopped with Ctrl-C; what was finished is kept, whole
  141  whoever read the output has gone, as `| head` does

`kdc-annotator COMMAND --help` tells a command's options.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; returns its exit code. ``argv`` is without the program's name."""
    try:
        return _main(list(sys.argv[1:] if argv is None else argv))
    except KeyboardInterrupt:
        _say("Stopped.")
        return INTERRUPTED


def _main(given: list[str]) -> int:
    """Raises KeyboardInterrupt, and what nobody foresaw where KDC_TRACEBACK is set."""
    import io
    import warnings

    from kdc.errors import KdcError

    if not os.environ.get("KDC_TRACEBACK"):  # Absurd numbers in a file are told of in sentences.
        warnings.filterwarnings("ignore", category=RuntimeWarning, module="kdc")

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # A name that the terminal can't show is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    interrupted, put_back = _note_interrupts()
    try:
        return _run(given)
    except KdcError as error:
        _say(f"{error.title}: {error.message}")
        return FAILED
    except BrokenPipeError:  # The reader of our output has gone (`| head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return UNHEARD
    except SystemExit as stop:  # argparse: --help, --version and wrong use.
        return stop.code if isinstance(stop.code, int) else OK if stop.code is None else FAILED
    except OSError as error:
        _say(f"Can't use {error.filename or 'a file'}: {error.strerror or error}.")
        return FAILED
    except MemoryError:
        _say("Out of memory: close other programs, or use smaller photos or a smaller --size.")
        return FAILED
    except Exception as error:
        if os.environ.get("KDC_TRACEBACK"):
            raise
        if interrupted:
            raise KeyboardInterrupt from None
        text = str(error).lower()  # torch tells of full memory by a RuntimeError.
        if isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text):
            _say("Out of memory: close other programs, or use smaller photos, a smaller --size or another --device.")
            return FAILED
        _say(
            f"Mistake in the program: {type(error).__name__}: {error}. Please report it with what KDC_TRACEBACK=1 prints."
        )
        return BUG
    finally:
        put_back()


def _note_interrupts() -> tuple[list[int], Callable[[], None]]:
    """A list that Ctrl-C fills while it raises KeyboardInterrupt, and what ends that: modules in C that are just being imported make an
    error of their own of the exception."""
    import signal
    from contextlib import suppress

    noted: list[int] = []

    def interrupted(number: int, frame: object) -> None:
        noted.append(number)
        raise KeyboardInterrupt

    def put_back() -> None:
        if signal.getsignal(signal.SIGINT) is interrupted:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        with suppress(ValueError):  # Not the main thread, which alone gets signals.
            signal.signal(signal.SIGINT, interrupted)
    return noted, put_back


def _run(argv: list[str]) -> int:
    first = argv[0] if argv else ""
    if first in ("-h", "--help", "-V", "--version"):
        _parser(_available()).parse_args(argv[:1])
    if first not in COMMANDS or not _exists(first):
        if first and not _is_path(first):
            _say(_unknown(first))
            return MISUSED
        if not _exists("gui"):
            _say("The app is not part of this version; name a command.\n")
            _parser(_available()).print_help(sys.stderr)
            return MISUSED
        argv = ["gui", *argv]
    module = _module(argv[0])
    args = _parser([argv[0]]).parse_args(argv)
    if getattr(args, "out", None) == "-":
        _say("--out - is no pipe: what is written is written aside and renamed, so name a file; ./- is one.")
        return MISUSED
    return int(module.run(args))


def _parser(names: Sequence[str]) -> argparse.ArgumentParser:
    import argparse

    from kdc import __version__

    parser = argparse.ArgumentParser(
        prog="kdc-annotator",
        usage="kdc-annotator [COMMAND] ...\n       kdc-annotator [FOLDER | IMAGE | COCO.json | PROJECT]   opens the app",
        description="Annotate people in crowded photos: keypoints and masks.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=f"kdc-annotator {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands", prog="kdc-annotator")
    for name in names:
        _module(name).add_parser(commands)
    return parser


def _module_name(name: str) -> str:
    return f"{__name__}.import_" if name == "import" else f"{__name__}.{name.replace('-', '_')}"


def _module(name: str) -> ModuleType:
    import importlib

    return importlib.import_module(_module_name(name))


def _exists(name: str) -> bool:
    import importlib.util

    return importlib.util.find_spec(_module_name(name)) is not None


def _available() -> list[str]:
    return [name for name in COMMANDS if _exists(name)]


def _is_path(word: str) -> bool:
    return os.path.lexists(word) or any(c in word for c in "/\\.*?") or word.startswith("-")


def _unknown(word: str) -> str:
    import difflib

    names = _available()
    near = difflib.get_close_matches(word, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}."
    return f"There is neither a command nor a file called {word!r}; {hint}"


def _say(sentence: str) -> None:
    if sys.stderr is not None:
        print(sentence, file=sys.stderr, flush=True)
