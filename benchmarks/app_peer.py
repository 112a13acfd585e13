"""The same measurements of labelme, run by an interpreter that has it: ``python app_peer.py NAME [FOLDER]``; see ``app.py``."""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any


def memory() -> float:
    """Megabytes in memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main() -> None:
    """``start``: painted window and memory; ``open``: a folder; ``next``: keys to painted images."""
    measure = sys.argv[1]
    from PyQt5 import QtCore, QtWidgets

    painted: list[float] = []

    class Eye(QtCore.QObject):
        def eventFilter(self, thing: Any, event: Any) -> bool:
            if event.type() == QtCore.QEvent.Paint and isinstance(thing, QtWidgets.QWidget):
                painted.append(time.perf_counter())
            return False

    from labelme.app import MainWindow

    app = QtWidgets.QApplication(sys.argv[:1])
    eye = Eye()
    app.installEventFilter(eye)
    begun = time.perf_counter()
    window = MainWindow()
    window.resize(1600, 1000)
    window.show()

    def until(condition: Any) -> None:
        while not condition():
            app.processEvents()
            time.sleep(0.0002)

    until(lambda: bool(painted))
    if measure == "start":
        print(json.dumps({"painted": time.time(), "processor": time.process_time()}), flush=True)
        end = time.perf_counter() + 3
        until(lambda: time.perf_counter() > end)
        print(json.dumps({"memory": memory()}), flush=True)
        return
    folder = sys.argv[2]
    begun, worked = time.perf_counter(), time.thread_time()
    window._import_images_from_dir(root_dir=folder)
    shown = time.perf_counter()
    window._canvas_widgets.canvas.update()
    until(lambda: painted[-1] >= shown)
    if measure == "open":
        result = {"ms": 1000 * (painted[-1] - begun), "busy": 1000 * (time.thread_time() - worked), "memory": memory()}
        print(json.dumps(result), flush=True)
        return
    times, busy = [], []
    for _ in range(25):
        end = time.perf_counter() + 0.25
        until(lambda end=end: time.perf_counter() > end)
        begun, worked = time.perf_counter(), time.thread_time()
        window._open_next_image()
        ready = time.perf_counter()
        until(lambda ready=ready: painted[-1] >= ready)
        times.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.thread_time() - worked))
    print(
        json.dumps({"ms": {"median": statistics.median(times)}, "busy": {"median": statistics.median(busy)}}),
        flush=True,
    )


if __name__ == "__main__":
    main()
