"""What Tab fills in, asked of the shells themselves where they are there."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from kdc_annotator import cli
from kdc_annotator.cli.completion import SHELLS, all_words


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(["completion", shell]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_option_is_in_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    words = all_words()
    assert {w.command for w in words} >= {*cli._available(), "bench labeler"}
    for w in (w for w in words if w.command):
        for option in w.options:
            for name in option.names:
                assert (name if shell != "fish" else f" {name.lstrip('-')} ") in text
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_command_is_told_by_its_line_of_the_help(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = script(shell, capsys)
    for name in cli._available():
        assert cli._module(name).HELP.replace("'", "’") in text, name


def test_a_value_with_a_colon_stays_one_in_zsh(capsys: pytest.CaptureFixture[str]) -> None:
    assert r": :(torch onnx openvino ray ray\:torch ray\:onnx ray\:openvino)" in script("zsh", capsys)


CASES = [
    (["pre"], {"predict", "preannotate"}, {"train"}),
    (["predict", "--o"], {"--out", "--overlay", "--overwrite"}, {"--limit"}),
    (["evaluate", "--protocol", ""], {"coco", "crowdpose", "ochuman"}, {"--protocol"}),
    (["evaluate", "x.json", "--protocol", "cr"], {"crowdpose"}, {"coco"}),
    (["bench", ""], {"labeler"}, {"predict"}),
    (["bench", "--"], {"--help"}, {"--blame"}),
    (["bench", "labeler", "--bl"], {"--blame"}, {"--out"}),
    (["completion", ""], set(SHELLS), {"predict"}),
    (["train", "da"], set(), {"--out", "data"}),
    (["predict", "--out", "pe"], set(), {"--overlay"}),
    (["preannotate", "--engine", "o"], {"onnx", "openvino"}, {"torch"}),
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
@pytest.mark.parametrize(("typed", "offered", "not_offered"), CASES)
def test_bash_offers_what_fits(
    typed: list[str], offered: set[str], not_offered: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (
        script("bash", capsys)
        + f"""
COMP_WORDS=(kdc-annotator {" ".join(repr(w) for w in typed)})
COMP_CWORD={len(typed)}
_kdc_annotator
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    )
    done = subprocess.run(["bash", "--norc"], input=lines, capture_output=True, text=True)
    assert done.stderr == "" and done.returncode == 0
    words = set(done.stdout.split())
    assert offered <= words and not words & not_offered
    assert offered or not words


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish_offers_what_fits(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [f"echo '=='; complete -C {' '.join(['kdc-annotator', *typed])!r}" for typed, _, _ in CASES]
    lines = "\n".join([script("fish", capsys), *asked])
    done = subprocess.run(["fish", "--no-config"], input=lines, capture_output=True, text=True)
    assert done.stderr == "" and done.returncode == 0
    answers = done.stdout.split("==\n")[1:]
    for (typed, offered, not_offered), answer in zip(CASES, answers, strict=True):
        words = {line.split("\t")[0] for line in answer.splitlines()}
        assert offered <= words and not words & not_offered, typed


def test_fish_tells_commands_below_others_apart(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line for line in script("fish", capsys).splitlines() if "__fish_seen_subcommand_from bench" in line]
    below = "__fish_seen_subcommand_from bench; and __fish_seen_subcommand_from labeler"
    assert all(below in line or "bench; and not __fish_seen_subcommand_from labeler'" in line for line in lines)
    assert any(below in line and "-l blame" in line for line in lines)
