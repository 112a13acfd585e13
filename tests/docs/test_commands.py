"""Every command that the documents show is one that the program takes; those of the engineer's guide run, in its order."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from kdc_annotator import cli

pytestmark = pytest.mark.timeout(900)
ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "resources/models/README.md", *(ROOT / "docs").glob("*.md")]
)
STARTS = ("kdc-annotator ", "python ", "bash ", "torchrun ")


@dataclass(frozen=True)
class Shown:
    """A command as a page shows it; ``synopsis``: with brackets and dots for what may be left out."""

    page: Path
    text: str

    @property
    def synopsis(self) -> bool:
        return "[" in self.text or "…" in self.text or "..." in self.text

    def __str__(self) -> str:
        return f"{self.page.name}: {self.text}"


def shown(page: Path) -> Iterator[Shown]:
    text = page.read_text(encoding="utf-8")
    fenced = re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:^ {4}\S.*\n(?: {4,}.*\n)*)+", text, re.MULTILINE)
    inline = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    for block in [*fenced, *indented, *inline]:
        for line in re.sub(r"\n +(?=[\[-])", " ", block).splitlines():
            line = re.split(r"\s{2,}#|\s{3,}", line.strip().removeprefix("$ "))[0].replace(".venv/bin/", "")
            if line.startswith(STARTS) and "COMMAND" not in line:
                yield Shown(page, line.strip())


SHOWN = [command for page in PAGES for command in shown(page)]


@cache
def parser(name: str) -> argparse.ArgumentParser:
    found = argparse.ArgumentParser()
    commands = found.add_subparsers(dest="command")
    return cli._module(name).add_parser(commands)  # type: ignore[no-any-return]


def parsers_of(words: list[str]) -> tuple[argparse.ArgumentParser, list[str]]:
    """The parser that the words after ``kdc-annotator COMMAND`` go to, and what is left for it."""
    found, rest = parser(words[0]), words[1:]
    for action in found._actions:
        if isinstance(action, argparse._SubParsersAction) and rest and rest[0] in action.choices:
            return action.choices[rest[0]], rest[1:]
    return found, rest


def test_the_pages_show_commands() -> None:
    assert {c.page.name for c in SHOWN} >= {
        "README.md",
        "ml-engineer.md",
        "training.md",
        "formats.md",
        "command-line.md",
    }
    assert len(SHOWN) > 50 and sum(c.synopsis for c in SHOWN) > 3


@pytest.mark.parametrize("command", [c for c in SHOWN if c.text.startswith("kdc-annotator ")], ids=str)
def test_commands_are_taken(command: Shown) -> None:
    words = shlex.split(command.text.partition(" > ")[0])[1:]
    if words[0] not in cli.COMMANDS:
        assert not words[0].startswith("-") or words[0] in ("--help", "--version")
        assert words[0].startswith("-") or any(c in words[0] for c in "./") or words[0].isupper(), "opens something"
        return
    taken, rest = parsers_of(words)
    known = {option for action in taken._actions for option in action.option_strings}
    for option in re.findall(r"(?<![\w-])--?[a-z][a-z0-9-]*", command.text.partition(words[0])[2]):
        assert option in known, f"{words[0]} has no {option}"
    if not command.synopsis and rest and "--help" not in rest:
        taken.parse_args([re.sub(r"^[A-Z]$", "1", w) for w in rest])


WITH_SYNOPSES = ("command-line.md", "formats.md")


def test_a_synopsis_names_every_option() -> None:
    told: dict[str, set[str]] = {}
    for command in SHOWN:
        words = command.text.split()
        if command.page.name in WITH_SYNOPSES and words[0] == "kdc-annotator" and command.synopsis:
            told.setdefault(words[1], set()).update(re.findall(r"(?<![\w-])--?[a-z][a-z0-9-]*", command.text))
    assert {
        "predict",
        "preannotate",
        "next",
        "export-model",
        "check",
        "stats",
        "split",
        "merge",
        "agree",
    } <= told.keys()
    assert {"import", "export", "convert", "doctor", "gui"} <= told.keys()
    for name, options in told.items():
        parser, _ = parsers_of([name])
        for action in parser._actions:
            if action.help != argparse.SUPPRESS and action.option_strings and "--help" not in action.option_strings:
                assert options & set(action.option_strings), f"{name} has {action.option_strings}, and no page says so"


def test_a_synopsis_is_no_wider_than_the_page() -> None:
    lines = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines()]
    assert [
        s for s in lines if len(s) > 90 and re.match(r"(kdc-annotator .*\[| {8,}\[--)", s.removeprefix("    "))
    ] == []


@pytest.mark.parametrize("command", [c for c in SHOWN if not c.text.startswith("kdc-annotator ")], ids=str)
def test_scripts_are_there_and_know_their_options(command: Shown) -> None:
    words = shlex.split(command.text)
    if words[0] == "torchrun" or words[1] == "-m":
        module = words[words.index("-m") + 1]
        assert (ROOT / module / "__main__.py").is_file() or module in ("pytest", "kdc_annotator")
        return
    script = ROOT / words[1]
    assert script.is_file(), f"there is no {words[1]}"
    if script.suffix == ".py":
        source = script.read_text(encoding="utf-8")
        assert all(f'"{option}"' in source for option in re.findall(r"--[a-z][a-z0-9-]*", command.text))


GUIDE = ROOT / "docs" / "ml-engineer.md"


def small(words: list[str]) -> list[str]:
    """The same command for a test: few steps, the smallest input, one thread."""
    words = ["1" if before == "--steps" else w for before, w in zip(["", *words], words, strict=False)]
    words = ["1" if before == "--overlap" else w for before, w in zip(["", *words], words, strict=False)]
    if words[0] in ("preannotate", "predict", "evaluate", "next"):
        words += ["--size", "321"]
    if words[0] in ("preannotate", "predict", "evaluate"):
        words += ["--tiles", "off"]
    if words[0] == "train":
        words += ["--batch", "1", "--workers", "0", "--val", "none", "--device", "cpu"]
    if words[0] == "export-model":
        words += ["--no-check"]
    return words


def label(project: Path) -> None:
    """What a labeler does: takes what the model proposes and confirms the image."""
    from kdc_annotator.document.commands import AcceptProposals, SetStatus
    from kdc_annotator.io.project import Project

    with Project.open(project, labeler="anna") as opened:
        for number in opened.image_ids():
            document = opened.document(number)
            waiting = tuple(p.id for p in document.proposals)
            if waiting:
                document.execute(AcceptProposals(waiting))
            document.execute(SetStatus("done"))


def test_the_engineers_guide_runs(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old").mkdir()
    (tmp_path / "photos").mkdir()
    shutil.copy(samples / "person_keypoints.json", "old")
    for photo in samples.glob("*.jpg"):
        shutil.copy(photo, "photos")
    ran = []
    for command in shown(GUIDE):
        words = shlex.split(command.text)[1:]
        if not command.text.startswith("kdc-annotator ") or words[0] == "gui" or command not in blocks(GUIDE):
            continue
        if words[0] == "agree":
            label(tmp_path / "parts" / "job_anna.kdcproj")
            label(tmp_path / "parts" / "job_ben.kdcproj")
        code = cli.main(small(words))
        said = capsys.readouterr()
        # doctor may find this machine wanting, check may find something in what the model proposed.
        assert code in {"doctor": (0, 3), "check": (0, 4), "merge": (0, 3)}.get(words[0], (0,)), (
            f"{command}\n{said.err}"
        )
        if words[0] == "next":
            assert {Path(line).name for line in said.out.split()} == {"astronaut.jpg", "crowd.jpg"}
        ran.append(words[0])
    assert len(ran) >= 14
    figures = json.loads((tmp_path / "figures.json").read_bytes())
    assert len(figures["results"]) == 2
    assert (tmp_path / "first.onnx").is_file() and list((tmp_path / "pictures").rglob("*.jpg"))


RUN = [
    command
    for name in ("README.md", "docs/evaluation.md", "docs/next.md", "docs/training.md", "docs/finetuning.md", "docs/reclustering.md")
    for command in shown(ROOT / name)
    if command.text.startswith("kdc-annotator ") and not command.synopsis and len(command.text.split()) > 2
    if "--resume" not in command.text  # In tests/kdc/training.
]  # fmt: skip


@pytest.fixture(scope="module")
def desk(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the commands of the other pages name."""
    from kdc.resources import bundled_model

    folder = tmp_path_factory.mktemp("desk")
    for place in ("images", "photos", "PHOTOS", "data/images", "coco/images"):
        (folder / place).mkdir(parents=True)
        for photo in samples.glob("*.jpg"):
            shutil.copy(photo, folder / place)
    data = json.loads((samples / "person_keypoints.json").read_bytes())
    for place in ("person_keypoints.json", "DATA.json", "data/person_keypoints.json", "coco/person_keypoints.json"):
        (folder / place).write_text(json.dumps(data))
    for annotation in data["annotations"]:
        annotation["score"] = 0.9
    for place in ("people.json", "peer.json"):
        (folder / place).write_text(json.dumps(data))
    shutil.copy(bundled_model(), folder / "my.safetensors")
    (folder / "runs").mkdir()
    for project in ("job.kdcproj", "mine.kdcproj"):
        assert (
            cli.main(
                ["import", str(folder / "DATA.json"), "--images", str(folder / "photos"), "-o", str(folder / project)]
            )
            == 0
        )
    label(folder / "mine.kdcproj")
    return folder


@pytest.mark.parametrize("command", {command.text: command for command in RUN}.values(), ids=str)
def test_the_other_pages_commands_run(command: Shown, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    words = small(shlex.split(command.text)[1:])
    if words[0] == "predict":
        words = [word.replace("runs/mine/best", "my") for word in words] + ["--no-tta", "--overwrite", "--limit", "1"]
    if words[0] in ("evaluate", "bench", "next"):
        words += ["--limit", "1"]
    if words[0] == "bench":
        words += ["--size", "321"]
    if words[0] == "train":
        words = [{"--minutes": "--steps", "10": "1"}.get(word, word) for word in words]
        words += [] if "--steps" in words else ["--steps", "1"]
        shutil.rmtree("runs")
    assert cli.main(words) == 0, command


def blocks(page: Path) -> list[Shown]:
    """Only the commands of its fenced blocks."""
    text = "".join(re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    return [Shown(page, line.strip()) for line in text.splitlines() if line.strip()]
