"""Closing the window ends its process, whatever its threads are at."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from window_desk import make_photos

CHILD = """
import sys, threading, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from kdc_annotator.ui import app
from kdc_annotator.ui.live_engine import LiveEngine

never = threading.Event()

def engine():
    made = LiveEngine()
    made.submit(never.wait)  # as the compiler does, for longer than anybody waits
    return made

def close_when_open():
    windows = [w for w in QApplication.topLevelWidgets() if type(w).__name__ == "MainWindow"]
    if windows and windows[0].canvas.photo is not None:
        print("closing", flush=True)
        timer.stop()
        windows[0].close()

run = QApplication.exec

def watched(*_):
    global timer
    timer = QTimer()
    timer.timeout.connect(close_when_open)
    timer.start(50)
    return run()

QApplication.exec = watched
app.make_engine = engine
app.run(sys.argv[1])
"""


def test_a_busy_thread_does_not_keep_the_process(tmp_path: Path) -> None:
    folder = make_photos(tmp_path / "photos", 1)
    homes = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
    env = {**os.environ, **homes, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)],
        capture_output=True, text=True, timeout=180, env=env, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.returncode == 0 and done.stdout.split() == ["closing"], done.stderr
    assert "Traceback" not in done.stderr
