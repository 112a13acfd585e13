"""One style for all commands: the same flag means the same, ``--json`` is everywhere, exit codes are those of the documents."""

from __future__ import annotations

import argparse
import json
import re
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from kdc.schema import COCO_17
from kdc_annotator import cli

ROOT = Path(__file__).resolve().parents[3]
WITHOUT_JSON = {"gui", "completion"}


@cache
def parsers() -> dict[str, argparse.ArgumentParser]:
    found: dict[str, argparse.ArgumentParser] = {}

    def add(name: str, parser: argparse.ArgumentParser) -> None:
        inner = [a for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not inner:
            found[name] = parser
        for action in inner:
            for below, choice in action.choices.items():
                add(f"{name} {below}".strip(), choice)

    add("", cli._parser(cli._available()))
    return found


def options(name: str) -> dict[str, argparse.Action]:
    return {o: action for action in parsers()[name]._actions for o in action.option_strings}


NAMES = sorted(parsers())


def test_every_command_is_there() -> None:
    assert set(cli._available()) == set(cli.COMMANDS)
    assert {n.split()[0] for n in NAMES} == set(cli.COMMANDS)


@pytest.mark.parametrize("name", NAMES)
def test_flags_mean_the_same_everywhere(name: str) -> None:
    given = options(name)
    for short, long in {"-o": "--out", "-n": "--number", "-h": "--help"}.items():
        if short in given:
            assert long in given and given[short] is given[long]
    for flag, kind in {
        "--limit": int,
        "--size": int,
        "--batch": int,
        "--workers": int,
        "--min-score": float,
        "--by": int,
    }.items():
        if flag in given:
            action = given[flag]
            assert action.nargs is None and action.metavar in ("N", "PX", "S")
            assert isinstance(
                action.type("641" if flag == "--size" else "1") if callable(action.type) else None, int | float
            ), f"{flag} takes a {kind}"
    for flag in ("--json", "--overwrite", "--resume", "--copy-images", "--only-missing", "--all-images"):
        if flag in given:
            assert given[flag].nargs == 0, f"{flag} takes no value"
    for flag in ("--images", "--overlay"):
        if flag in given:
            assert given[flag].metavar == "DIR"
    if "--device" in given:
        assert given["--device"].default == "auto"
    if "--json" not in given:
        assert name in WITHOUT_JSON


@pytest.mark.parametrize("name", NAMES)
def test_every_option_says_what_it_does(name: str) -> None:
    for flag, action in options(name).items():
        if action.help != argparse.SUPPRESS and action.choices is None and flag not in ("-o", "--out"):
            assert action.help, f"{name} {flag}"
        default = action.default if action.choices is not None else None
        if default is not None:
            assert f"{default}" in str(action.help), f"{name} {flag} says what it is by itself"
    text = parsers()[name].format_help()
    assert "default:" not in text, "what an option is by itself stands in brackets: (auto)"
    assert len(text.splitlines()) < 90 and "Traceback" not in text


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_option_is_2_and_one_usage(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*name.split(), "--no-such-option"]) == cli.MISUSED
    said = capsys.readouterr()
    assert said.out == "" and "usage: kdc-annotator" in said.err and "Traceback" not in said.err


OF_THEIR_OWN = {
    "--out",  # What is written.
    "--device", "--engine",  # preannotate: several devices, Ray.
    "--split",  # evaluate: OCHuman's own.
}  # fmt: skip


def test_a_flag_takes_the_same_in_every_command() -> None:
    kinds: dict[str, set[str]] = {}
    for name in NAMES:
        for flag, action in options(name).items():
            old = action.help == argparse.SUPPRESS  # A name that is still understood, and listed nowhere.
            if flag.startswith("--") and flag not in OF_THEIR_OWN and action.nargs != 0 and not old:
                kinds.setdefault(flag, set()).add(str(action.metavar))
                if action.metavar in ("N", "PX"):
                    assert action.type is not int, f"{name} {flag}: say what is wrong with a number in our words"
    assert kinds.pop("--worst") == {"N", "PNG"}, "evaluate knows its picture by its older name, too"
    assert {flag: told for flag, told in kinds.items() if len(told) > 1} == {}
    assert "--images" in options("stats") and "--picture" in options("evaluate")


ABSENT = {
    "predict": ["nobody.jpg"], "preannotate": ["nobody", "-o", "p.kdcproj"], "import": ["nobody.json", "-o", "p.kdcproj"],
    "export": ["nobody.kdcproj", "-o", "o.json"], "convert": ["nobody.json", "-o", "o", "--to", "yolo-pose"],
    "train": ["nobody.json", "-o", "run"], "evaluate": ["nobody.json", "nothing.json"], "bench labeler": ["nobody.json"],
    "check": ["nobody.kdcproj"], "stats": ["nobody.kdcproj"], "split": ["nobody.kdcproj", "--by", "2"],
    "merge": ["nobody.kdcproj", "-o", "m.kdcproj"], "agree": ["nobody.kdcproj", "n.kdcproj"], "next": ["nobody"],
    "export-model": ["nobody.safetensors", "-o", "o.onnx"],
}  # fmt: skip


WRONG = {
    "--limit": "0",
    "--size": "5",
    "--min-score": "2",
    "--by": "0",
    "--overlap": "-1",
    "--worst": "-1",
    "--tiles": "99",
}


@pytest.mark.parametrize("name", sorted(set(NAMES) & ABSENT.keys() | {"bench labeler"}))
def test_a_value_that_can_t_be_is_2_everywhere(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in WRONG.keys() & options(name).keys():
        if options(name)[flag].metavar != "PNG":
            assert cli.main([*name.split(), *ABSENT[name], flag, WRONG[flag]]) == cli.MISUSED, flag
            assert flag in capsys.readouterr().err
    if "--out" in options(name):
        assert cli.main([*name.split(), *ABSENT[name], "--out", "-"]) == cli.MISUSED
        assert "name a file" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(ABSENT))
def test_what_is_not_there_is_1_and_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([*name.split(), *ABSENT[name]]) == cli.FAILED
    said = capsys.readouterr()
    assert said.out == "" and "Traceback" not in said.err
    assert re.search(r"nobody|nothing", said.err.strip().splitlines()[-1])
    left = {p.name for p in tmp_path.rglob("*") if p.is_file()}
    assert left <= {"lock"}, "nothing is left behind but the lock of a training folder"


@pytest.mark.parametrize("name", ["import", "export", "convert", "split", "merge", "stats", "evaluate"])
def test_folders_to_write_into_are_made(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    points = [1.0, 2.0, 2] * 17
    person = {"id": 1, "image_id": 1, "category_id": 1, "keypoints": points, "bbox": [0, 0, 9, 9], "score": 0.5}
    image = {"id": 1, "file_name": "0.png", "width": 60, "height": 50}
    category = {"id": 1, "name": "person", "keypoints": list(COCO_17.keypoints)}
    Path("people.json").write_text(json.dumps({"images": [image], "annotations": [person], "categories": [category]}))
    assert cli.main(["import", "people.json", "-o", "p.kdcproj"]) == 0
    given, out = {
        "import": (["people.json", "--problems", "far/off/list.txt", "-o"], "far/away/o.kdcproj"),
        "export": (["p.kdcproj", "-o"], "far/away/o.json"),
        "convert": (["people.json", "--to", "crowdpose", "--problems", "far/off/list.txt", "-o"], "far/away/o.json"),
        "split": (["p.kdcproj", "--by", "1", "-o"], "far/away"),
        "merge": (["p.kdcproj", "-o"], "far/away/o.kdcproj"),
        "stats": (["p.kdcproj", "--picture"], "far/away/o.png"),
        "evaluate": (["people.json", "people.json", "-o"], "far/away/o.json"),
    }[name]
    assert cli.main([name, *given, out]) == 0
    assert Path(out).exists() and ("--problems" not in given or Path("far/off/list.txt").exists())
    Path("wrong.json").write_text("[")
    if name == "import":
        assert cli.main([name, "wrong.json", "-o", "none/none/o.kdcproj"]) == 1
        assert not Path("none").exists()


def test_the_documents_tell_the_same_exit_codes() -> None:
    told = dict(re.findall(r"^  (\d+)\s+(\S.*)$", cli.EPILOG, re.MULTILINE))
    page = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8").split("## Exit codes")[1].split("##")[0]
    assert set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE)) == set(told)
    from kdc_annotator.cli import check

    codes = {cli.OK, cli.FAILED, cli.MISUSED, cli.INCOMPLETE, check.FOUND, cli.BUG, cli.INTERRUPTED, cli.UNHEARD}
    assert codes == set(map(int, told))


def test_the_window_opens_for_reading_only_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str | None, bool, str | None]] = []
    monkeypatch.setattr("kdc_annotator.ui.app.run", lambda *given: asked.append(given) or 0)
    assert cli.main(["gui", "p.kdcproj", "--read-only", "--model", "m.safetensors"]) == 0
    assert cli.main(["./p.kdcproj", "--read-only"]) == 0
    assert cli.main(["./p.kdcproj"]) == 0
    assert asked == [
        ("p.kdcproj", True, "m.safetensors"), ("./p.kdcproj", True, None), ("./p.kdcproj", False, None)
    ]  # fmt: skip


def test_a_model_for_the_window_that_is_not_there_is_said_before_it_opens(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert cli.main(["gui", "--model", "nowhere/m.safetensors"]) == cli.FAILED
    assert "nowhere/m.safetensors is not there" in capsys.readouterr().err


def test_a_file_that_was_left_out_is_in_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("labelme", "yolo/images", "yolo/labels"):
        Path(name).mkdir(parents=True)
    good = {"version": "5.0", "imagePath": "a.png", "imageHeight": 5, "imageWidth": 5, "shapes": []}
    Path("labelme/a.json").write_text(json.dumps(good))
    Path("labelme/b.json").write_text("[")
    Image.new("RGB", (5, 5)).save("yolo/images/a.png")
    Path("yolo/labels/a.txt").symlink_to("nowhere.txt")
    for source in ("labelme", "yolo"):
        assert cli.main(["import", source, "-o", f"{source}.kdcproj"]) == cli.INCOMPLETE
        assert "left out" in capsys.readouterr().err
        assert cli.main(["convert", source, "--to", "coco", "-o", f"{source}.json"]) == cli.INCOMPLETE
    Path("labelme/b.json").unlink()
    assert cli.main(["import", "labelme", "-o", "labelme.kdcproj"]) == cli.OK


def test_yolo_labels_without_their_photos_get_a_sentence_that_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    image = {"id": 1, "file_name": "0.png", "width": 60, "height": 50}
    Path("people.json").write_text(json.dumps({"images": [image], "annotations": [], "categories": []}))
    Image.new("RGB", (60, 50)).save("0.png")
    assert cli.main(["convert", "people.json", "--to", "yolo-seg", "-o", "bare"]) == 0
    assert cli.main(["convert", "bare", "--to", "coco", "-o", "o.json"]) == cli.FAILED
    assert "bare names images/train, where there are no photos" in capsys.readouterr().err
    assert cli.main(["convert", "people.json", "--to", "yolo-seg", "-o", "whole", "--copy-images"]) == 0
    assert cli.main(["convert", "whole", "--to", "coco", "-o", "o.json"]) == 0
