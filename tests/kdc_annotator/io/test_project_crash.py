"""No acknowledged gesture is lost when the process is killed. ``benchmarks/crash.py`` is the longer form."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from crash_cases import crash, make_project


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_killed_writers_lose_nothing_they_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "crash.kdcproj"
    make_project(path)
    outcome = crash(path, kills=100, seed=1)
    assert outcome.missing == 0 and outcome.broken == 0
    assert outcome.kills == 100 and outcome.gestures > 100
