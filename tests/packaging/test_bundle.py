"""What the bundle needs is where its recipe says, and a started process is the program itself."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kdc.errors import package_missing
from kdc_annotator.jobs.train_process import program

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"


def test_the_folders_of_the_recipe_are_there_and_hold_something() -> None:
    text = (PACKAGING / "bundle.spec").read_text("utf-8")
    targets = re.findall(r'\(str\((ROOT|UI)((?: / "[\w-]+")+)\), "([\w/]+)"\)', text)
    assert len(targets) == 3
    for base, parts, target in targets:
        folder = ROOT if base == "ROOT" else ROOT / "kdc_annotator" / "ui"
        for part in re.findall(r'"([\w-]+)"', parts):
            folder /= part
        assert any(folder.iterdir()), folder
        assert folder.relative_to(ROOT).as_posix() == target  # Where the source looks for it.


@pytest.mark.parametrize("script", sorted(p.name for p in PACKAGING.glob("*.sh")))
def test_the_scripts_are_shell(script: str) -> None:
    done = subprocess.run(["bash", "-n", str(PACKAGING / script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_bundle_starts_itself_and_a_checkout_starts_python(monkeypatch: pytest.MonkeyPatch) -> None:
    assert program("train", "x") == [sys.executable, "-m", "kdc_annotator", "train", "x"]
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert program("train", "x") == [sys.executable, "train", "x"]


def test_a_bundle_tells_nobody_to_install_packages_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "run: pip install 'kdc-annotator[onnx]'" in package_missing("onnx", "onnx").message
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    said = package_missing("onnx", "onnx").message
    assert "bundle" in said and "'.[onnx]' in a checkout" in said and "kdc-annotator[" not in said


def test_the_entry_of_the_bundle_runs_commands() -> None:
    entry = [sys.executable, str(PACKAGING / "bundle_entry.py")]
    done = subprocess.run([*entry, "--version"], cwd=ROOT, env=_environment(), capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("kdc-annotator "), done.stderr
    done = subprocess.run([*entry, "-c", "print(6 * 7)"], cwd=ROOT, env=_environment(), capture_output=True, text=True)
    assert done.stdout.strip() == "42"


def _environment() -> dict[str, str]:
    import os

    return os.environ | {"PYTHONPATH": str(ROOT)}
