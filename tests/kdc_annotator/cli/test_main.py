"""The command line's frame: commands, exit codes, sentences."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from kdc import __version__
from kdc.errors import KdcError
from kdc_annotator import cli

ROOT = Path(cli.__file__).resolve().parents[2]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[argparse.Namespace], int]], None]:
    """Puts a function in the place of every command."""

    def install(run: Callable[[argparse.Namespace], int]) -> None:
        def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
            parser = commands.add_parser("predict", help="test")
            parser.add_argument("words", nargs="*")
            return parser

        module = ModuleType("test")
        module.HELP, module.add_parser, module.run = "test", add_parser, run  # type: ignore[attr-defined]
        monkeypatch.setattr(cli, "_module", lambda name: module)
        monkeypatch.setattr(cli, "_exists", lambda name: name == "predict")

    return install


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == f"kdc-annotator {__version__}"
    assert cli.main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert "predict" in shown and "exit codes" in shown and "130" in shown
    for name in cli.COMMANDS:
        assert (f"\n    {name} " in shown or f"\n    {name}\n" in shown) == cli._exists(name), name


def test_every_command_has_help_and_a_one_line_summary(capsys: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        if cli._exists(name):
            module = cli._module(name)
            assert module.HELP and "\n" not in module.HELP
            assert cli.main([name, "--help"]) == 0
            assert f"kdc-annotator {name}" in capsys.readouterr().out


def test_wrong_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["predcit"]) == cli.MISUSED
    assert "did you mean 'predict'" in capsys.readouterr().err
    assert cli.main(["predict"]) == cli.MISUSED
    assert cli.main(["predict", "a.jpg", "--nonsense"]) == cli.MISUSED
    assert cli.main(["predict", "a.jpg", "--size", "-3"]) == cli.MISUSED
    assert cli.main(["predict", "a.jpg", "--min-score", "nan"]) == cli.MISUSED
    assert cli.main(["predict", "a.jpg", "--tiles", "many"]) == cli.MISUSED


def test_a_path_or_nothing_opens_the_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[list[str]] = []
    module = ModuleType("gui")

    def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
        parser = commands.add_parser("gui")
        parser.add_argument("path", nargs="*")
        return parser

    def run(args: argparse.Namespace) -> int:
        opened.append(args.path)
        return 0

    module.HELP, module.add_parser, module.run = "app", add_parser, run  # type: ignore[attr-defined]
    monkeypatch.setattr(cli, "_module", lambda name: module)
    monkeypatch.setattr(cli, "_exists", lambda name: name == "gui")
    assert cli.main([]) == cli.main([str(tmp_path)]) == cli.main(["gui", "x.kdcproj"]) == 0
    assert opened == [[], [str(tmp_path)], ["x.kdcproj"]]
    monkeypatch.setattr(cli, "_exists", lambda name: False)
    assert cli.main([]) == cli.MISUSED


def test_errors_become_sentences_and_codes(
    command: Callable[[Callable[[argparse.Namespace], int]], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raising(error: BaseException) -> Callable[[argparse.Namespace], int]:
        def run(args: argparse.Namespace) -> int:
            raise error

        return run

    cases: list[tuple[BaseException, int, str]] = [
        (KdcError("Not a model", "x.bin is no model file."), cli.FAILED, "Not a model: x.bin is no model file.\n"),
        (KeyboardInterrupt(), cli.INTERRUPTED, "Stopped.\n"),
        (MemoryError(), cli.FAILED, "Out of memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), cli.FAILED, "Out of memory"),
        (ZeroDivisionError("oh"), cli.BUG, "Mistake in the program: ZeroDivisionError: oh"),
    ]
    monkeypatch.delenv("KDC_TRACEBACK", raising=False)
    for error, code, sentence in cases:
        command(raising(error))
        assert cli.main(["predict"]) == code
        shown = capsys.readouterr()
        assert shown.err.startswith(sentence) and "Traceback" not in shown.err and not shown.out
    monkeypatch.setenv("KDC_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["predict"])
    command(lambda args: 3)
    assert cli.main(["predict"]) == 3


def test_as_a_module_and_through_a_closed_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kdc_annotator", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == f"kdc-annotator {__version__}"
    script = f"'{sys.executable}' -u -m kdc_annotator --help | true; exit ${{PIPESTATUS[0]}}"
    piped = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "Traceback" not in piped.stderr
    script = script.replace("--help", "completion bash")
    piped = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (piped.returncode, piped.stderr) == (cli.UNHEARD, "")


AT_IMPORT = """
import os, signal, sys

class Presser:
    left = int(sys.argv.pop(1))

    def find_spec(self, name, path=None, target=None):
        Presser.left -= 1
        if Presser.left == 0:
            os.kill(os.getpid(), signal.SIGINT)

from kdc_annotator.cli import main
sys.meta_path.insert(0, Presser())
code = main()
sys.exit(code if Presser.left < 1 else 99)
"""


@pytest.mark.parametrize("imports", [1, 2, 5, 12, 40, 150])
def test_an_interrupt_while_modules_are_imported_is_quiet(imports: int, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"images": [], "annotations": []}')
    command = [sys.executable, "-c", AT_IMPORT, str(imports), "agree", "a.json", "a.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (cli.INTERRUPTED, "Stopped.\n")


def test_next_to_nothing_is_imported_before_interrupts_are_caught() -> None:
    code = "import sys; before = set(sys.modules); import kdc_annotator.cli; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["kdc_annotator", "kdc_annotator.cli"]


def test_an_interrupt_that_became_another_error_is_one_all_the_same(
    command: Callable[[Callable[[argparse.Namespace], int]], None],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(args: argparse.Namespace) -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            signal.pause()
        except KeyboardInterrupt:
            raise ImportError("a module in C could not be loaded") from None
        return 0

    monkeypatch.delenv("KDC_TRACEBACK", raising=False)
    command(run)
    assert cli.main(["predict"]) == cli.INTERRUPTED
    assert capsys.readouterr().err == "Stopped.\n"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
