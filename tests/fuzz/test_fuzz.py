"""A few seconds of benchmarks/fuzz.py over every reader: nothing but people, or one sentence, comes of a damaged file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("resource", reason="memory limits need a Unix system")


def fuzz(folder: Path, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "fuzz.py"), "--out", str(folder), *options],
        capture_output=True,
        text=True,
        timeout=280,
    )
    return done.returncode, done.stdout + done.stderr


READERS = {
    "images": 60, "coco": 40, "crowdpose": 20, "ochuman": 20, "yolo-pose": 20, "yolo-seg": 20, "labelme": 20, "project": 60,
    "checkpoint": 20, "torch": 60, "npz": 60, "onnx": 40, "recipe": 60,
}  # fmt: skip
"""Reader -> files that it gets, seconds' worth."""


def test_no_reader_is_forgotten() -> None:
    targets = (ROOT / "benchmarks" / "fuzzing" / "targets.py").read_text(encoding="utf-8")
    assert set(re.findall(r'^    "([a-z-]+)": Target\(', targets, re.MULTILINE)) == READERS.keys()


@pytest.mark.parametrize(("reader", "executions"), READERS.items())
def test_damaged_files_are_refused_in_a_sentence(tmp_path: Path, reader: str, executions: int) -> None:
    if reader == "onnx":
        pytest.importorskip("onnx", reason="the extra `onnx` is not installed")
    code, said = fuzz(tmp_path, reader, "--executions", str(executions), "--minutes", "3", "--json")
    assert code == 0, said
    (row,) = json.loads(said.splitlines()[-1])
    assert row["findings"] == [] and row["executions"] == executions
    assert row["read"] + row["refused"] == executions
    lists_what_is_wrong = reader.startswith("yolo") or reader == "labelme"
    assert row["refused"] > 0 or lists_what_is_wrong


BAD = """
import os, resource, time
from fuzzing import targets

def read(folder, number):
    if number == 3:
        raise ValueError("an error that is no sentence")
    if number == 4:
        (folder.parent / "outside" / "secret.txt").read_text()
    if number == 5:
        os.system("true")
    if number == 6:
        bytearray(1 << 40)
    if number == 7:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.abort()
    if number == 8:
        time.sleep(60)

targets.TARGETS["bad"] = targets.Target(targets.recipes, read)
"""


def test_the_harness_finds_what_it_looks_for(tmp_path: Path) -> None:
    """A reader that does everything wrong, once each."""
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys.path[:0] = [{str(ROOT)!r}, {str(ROOT / 'benchmarks')!r}]\n" + BAD
    )
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "fuzz.py"), "bad", "--out", str(tmp_path / "out"), "--executions", "10",
         "--timeout", "8", "--json"],
        capture_output=True, text=True, timeout=280, env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    (row,) = json.loads(done.stdout.splitlines()[-1])
    found = {f["number"]: f["finding"] for f in row["findings"]}
    assert found == {3: "crash", 4: "escape", 5: "escape", 6: "memory", 7: "crash", 8: "timeout"}
    assert row["executions"] == 10
