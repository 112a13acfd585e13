"""``preannotate --engine ray`` on a cluster of two workers of this machine, one of which is killed in the middle."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("ray")

ROOT = Path(__file__).resolve().parents[3]
FAKES = ROOT / "tests" / "kdc_annotator" / "jobs" / "preannotate_fakes.py"
_spec = importlib.util.spec_from_file_location("preannotate_fakes", FAKES)
assert _spec and _spec.loader
fakes = sys.modules.setdefault("preannotate_fakes", importlib.util.module_from_spec(_spec))
_spec.loader.exec_module(fakes)


def test_a_killed_worker_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    fakes.photos(tmp_path / "in", 240, people=1)
    (tmp_path / "in" / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n cut")
    out, log = tmp_path / "out.json", tmp_path / "log"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{FAKES.parent}", "RAY_ADDRESS": "local"}
    command = [sys.executable, str(FAKES), "preannotate", str(tmp_path / "in"), "-o", str(out), "--tiles", "off"]
    command += ["--batch", "2", "--engine", "ray", "--ray-workers", "2", "--json"]
    with log.open("wb") as file:
        process = subprocess.Popen(command, env=environment, stderr=file, stdout=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 200
        killed = 0
        while not killed and process.poll() is None and time.monotonic() < deadline:
            said = log.read_text()
            pids = re.findall(r"^Worker \d+ on .*process (\d+)", said, re.M)
            if len(pids) == 2 and any(f"{n}/241" in said for n in range(30, 150)):
                killed = int(pids[0])
                os.kill(killed, signal.SIGKILL)
            time.sleep(0.01)
        answer, _ = process.communicate(timeout=200)
    finally:
        process.kill()
    said = log.read_text()
    assert killed and process.returncode == 3, said
    assert "died; its photos go to others" in said and "cut.png" in said
    told = json.loads(answer)
    assert (told["images"], told["people"], len(told["failed"])) == (240, 240, 1)
    data = json.loads(out.read_bytes())
    assert [i["file_name"] for i in data["images"]] == [f"{n:04}.png" for n in range(240)]
    assert Counter(a["image_id"] for a in data["annotations"]) == dict.fromkeys(range(1, 241), 1)
