"""One measurement of the running app, in a process of its own: ``python app_drive.py NAME FOLDER [VALUES]`` prints one line of JSON.

``app.py`` calls it. Times are wall-clock milliseconds; ``busy`` ones are the processor's time of the window's thread, which other work on the
machine does not lengthen as much.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from app_scenes import CASES, crowd_entry, crowd_people, photo_pixels
from app_watchdog import Watchdog
from PySide6.QtCore import QEvent, QEventLoop, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from kdc_annotator.ui.canvas.canvas import Canvas
from kdc_annotator.ui.canvas.tools.select import SelectTool
from kdc_annotator.ui.engine_bridge import EngineBridge
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.live_masks import LiveMasks, proposals_of
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.settings import Settings

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
PLAIN = Qt.KeyboardModifier.NoModifier
PAINTED: list[float] = []
"""When the canvas was painted, newest last."""


def memory() -> float:
    """Megabytes that this process holds in memory."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def percentiles(values: list[float]) -> dict[str, float]:
    """Median, 95 % and largest."""
    return {
        "median": float(np.median(values)), "p95": float(np.percentile(values, 95)), "max": float(np.max(values)), "n": len(values),
    }  # fmt: skip


class Bench:
    """The app with a window on the screen."""

    def __init__(self, folder: Path, engine: EngineBridge | None = None) -> None:
        self.app = QApplication.instance() or QApplication([])
        self.dog: Watchdog | None = None
        sys.setswitchinterval(0.001)
        original = Canvas.paintEvent

        def paint(canvas: Canvas, event: Any) -> None:
            original(canvas, event)
            PAINTED.append(time.perf_counter())

        Canvas.paintEvent = paint
        self.window = MainWindow(Settings(folder / "settings.ini"), engine or EngineBridge())
        self.window.resize(1600, 1000)
        self.window.show()
        self.until(lambda: self.window.isVisible())
        # An X screen without a window manager gives nobody the keyboard, and keys of actions belong to the active window.
        QTest.qWaitForWindowExposed(self.window)
        self.window.activateWindow()
        self.until(self.window.isActiveWindow, 10)
        self.dog = Watchdog().start()

    def until(self, condition: Callable[[], bool], seconds: float = 120.0) -> None:
        end = time.perf_counter() + seconds
        while not condition():
            if self.dog is None:
                self.app.processEvents()
                time.sleep(0.0002)
            else:  # As the app itself waits; the watchdog asks for a sign of life every few milliseconds.
                self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if time.perf_counter() > end:
                raise SystemExit(f"nothing came in {seconds:.0f} s")

    def rest(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.app.processEvents()
            time.sleep(0.001)

    def open(self, path: Path, seconds: float = 600.0) -> None:
        self.window.open(path)
        self.until(lambda: self.window.session.document is not None and self.window.canvas.photo is not None, seconds)

    def painted_after(self, start: float) -> bool:
        return bool(PAINTED) and PAINTED[-1] >= start

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN) -> None:
        QTest.keyClick(self.window.canvas, key, modifiers)

    def mouse(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton) -> None:
        canvas = self.window.canvas
        event = QMouseEvent(kind, QPointF(at), QPointF(canvas.mapToGlobal(at)), button, buttons, PLAIN)
        QApplication.sendEvent(canvas, event)

    def end(self, result: dict[str, Any]) -> None:
        self.dog.stop()
        result["longest_block"] = 1000 * self.dog.longest
        result["longest_busy"] = 1000 * self.dog.busiest
        worst = sorted(self.dog.blocks, key=lambda b: -b.seconds)[:4]
        result["blocks"] = [f"{1000 * b.seconds:.0f} ms ({1000 * b.busy:.0f} busy): {b.where}" for b in worst]
        print(json.dumps(result), flush=True)
        self.window.close()


def start(folder: Path) -> None:
    """The command's window, painted: the time of day, and the memory a while later. The model loads in its own process."""
    from PySide6.QtCore import QObject, QTimer

    class Eye(QObject):
        seen = False

        def eventFilter(self, thing: QObject, event: QEvent) -> bool:
            if not self.seen and event.type() == QEvent.Type.Paint and isinstance(thing, MainWindow):
                self.seen = True
                QTimer.singleShot(0, lambda: print(json.dumps({"painted": time.time()}), flush=True))
                QTimer.singleShot(6000, self.finish)
            return False

        def finish(self) -> None:
            print(json.dumps({"memory": memory()}), flush=True)
            QApplication.instance().quit()

    eye = Eye()
    real = MainWindow.show

    def show(window: MainWindow) -> None:
        QApplication.instance().installEventFilter(eye)
        real(window)

    MainWindow.show = show
    from kdc_annotator.cli import main

    main(["gui"])


def open_images(folder: Path, path: str) -> None:
    """Milliseconds until the first image and the list are painted, and until the list is whole."""
    bench = Bench(folder)
    bench.dog.clear()
    bench.rest(1.0)
    begun, worked, all_worked = time.perf_counter(), time.thread_time(), time.process_time()
    bench.open(Path(path), 1800)
    bench.until(lambda: bench.painted_after(begun))
    session = bench.window.session
    result = {"ms": 1000 * (PAINTED[-1] - begun), "listed": len(session.ids)}
    result |= {"busy": 1000 * (time.thread_time() - worked), "all_busy": 1000 * (time.process_time() - all_worked)}
    bench.until(lambda: not session.newcomers.waiting and not session.listing.waiting, 1800)
    result |= {"all_ms": 1000 * (time.perf_counter() - begun), "images": len(session.ids), "memory": memory()}
    bench.rest(1.0)
    bench.end(result)


def next_image(folder: Path, path: str, steps: str, pause: str) -> None:
    """Key to painted photo with its people; ``pause``: seconds between keys, 0: far jumps to images that nothing was read of."""
    bench = Bench(folder)
    bench.open(Path(path), 1800)
    session, canvas = bench.window.session, bench.window.canvas
    session.go(0)
    bench.rest(1.5)
    bench.dog.clear()
    times, busy = [], []
    for step in range(int(steps)):
        bench.rest(float(pause) or 0.6)
        begun, worked = time.perf_counter(), time.thread_time()
        if float(pause):
            bench.press(Qt.Key.Key_D)
        else:
            session.go((session.index + 20 + step) % len(session.ids))
        bench.until(lambda begun=begun: canvas.photo is not None and bench.painted_after(begun))
        times.append(1000 * (PAINTED[-1] - begun))
        busy.append(1000 * (time.thread_time() - worked))
    people = len(bench.window.scene.figures)
    bench.end({"ms": percentiles(times), "busy": percentiles(busy), "people": people, "memory": memory()})


def crowded(bench: Bench, case: str) -> None:
    """The open image full of accepted people with masks, and its fields ready for drags."""
    width, height, count = CASES[case]
    window, engine = bench.window, bench.window.engine
    made = crowd_entry(width, height, count)
    scratch = LiveMasks(made, photo_pixels(width, height))
    numbered = [((True, n), p) for n, p in enumerate(proposals_of(made, (width, height)))]
    scratch.take(numbered)
    people = [p.edited(mask=scratch.live.mask(n)) for n, (_, p) in enumerate(numbered, 1)]
    engine.proposals_ready.emit(window.session.document.photo.id, people, "rendered", None)
    # What is possible is said a moment after the proposals are there; a key before that does nothing.
    bench.until(lambda: len(window.scene.figures) == count and window.actions_by_name["accept_all"].isEnabled())
    bench.press(Qt.Key.Key_Q)
    bench.until(lambda: len(window.session.document.people) == count, 30)
    live = LiveMasks(made, photo_pixels(width, height), engine._schema_of)
    live.take(tuple(engine._people()))
    engine._live = live


def drag(folder: Path, path: str, case: str) -> None:
    """Mouse move to painted mask: the paint after the answer to this very move."""
    from kdc_annotator.engine.recluster import warm_up

    warm_up()
    engine = LiveEngine()
    bench = Bench(folder, engine)
    bench.open(Path(path))
    crowded(bench, case)
    answered: list[float] = []
    original = SelectTool._clustered

    def clustered(tool: SelectTool, masks: Any, rectangle: Any) -> None:
        original(tool, masks, rectangle)
        answered.append(time.perf_counter())

    SelectTool._clustered = clustered
    window, canvas = bench.window, bench.window.canvas
    bench.rest(1.0)
    bench.dog.clear()
    times, busy, whole, released = [], [], [], []
    rng = np.random.default_rng(0)
    for n in rng.permutation(CASES[case][2])[:8]:
        person = window.session.document.people[n]
        window.scene.select((False, person.id))
        bench.rest(0.2)
        at = canvas.mapping.to_widget(*(person.keypoints[9, :2] + 0.5)).toPoint()
        bench.mouse(QEvent.Type.MouseMove, at, NONE, NONE)
        bench.mouse(QEvent.Type.MouseButtonPress, at, LEFT, LEFT)
        for move in range(16):
            at = at + QPoint(2, 3 if move % 2 else 5)
            answered.clear()
            begun, worked, all_worked = time.perf_counter(), time.thread_time(), time.process_time()
            bench.mouse(QEvent.Type.MouseMove, at, NONE, LEFT)
            bench.until(lambda: bool(answered) and PAINTED[-1] >= answered[-1], 120)
            if move > 1:  # the first ones begin the drag
                times.append(1000 * (PAINTED[-1] - begun))
                busy.append(1000 * (time.thread_time() - worked))
                whole.append(1000 * (time.process_time() - all_worked))
        begun = time.perf_counter()
        bench.mouse(QEvent.Type.MouseButtonRelease, at, LEFT, NONE)
        released.append(1000 * (time.perf_counter() - begun))
        bench.rest(0.1)
    repaints = []
    for _ in range(10):
        worked = time.thread_time()
        canvas.repaint()
        repaints.append(1000 * (time.thread_time() - worked))
    bench.end(
        {
            "ms": percentiles(times), "busy": percentiles(busy), "all_busy": percentiles(whole),
            "release": percentiles(released), "repaint_busy": percentiles(repaints),
        }
    )  # fmt: skip


def people_of(document: Any) -> list[Any]:
    """Everybody's joints, to compare."""
    return [(p.id, p.keypoints.tolist(), p.segmentation) for p in document.people]


def history(folder: Path, path: str) -> None:
    """Thirty edits by keys, all undone and redone, then again in a window that is opened anew: how many, and how long each takes."""
    bench = Bench(folder)
    bench.open(Path(path))
    scene, session = bench.window.scene, bench.window.session
    bench.rest(0.5)
    base = session.document.position
    scene.select((False, session.document.people[0].id))
    bench.dog.clear()
    keys = (Qt.Key.Key_X, Qt.Key.Key_V, Qt.Key.Key_S)
    edits = []
    for n in range(30):
        begun = time.perf_counter()
        bench.press(keys[n % 2], Qt.KeyboardModifier.ShiftModifier)
        edits.append(1000 * (time.perf_counter() - begun))
    last, state = session.document.position, people_of(session.document)

    def back_and_forth(bench: Bench) -> tuple[int, int, list[float]]:
        document, took = bench.window.session.document, []
        for key in [Qt.KeyboardModifier.ControlModifier] * 30:
            begun = time.perf_counter()
            bench.press(Qt.Key.Key_Z, key)
            took.append(1000 * (time.perf_counter() - begun))
        undone = last - document.position
        for _ in range(30):
            bench.press(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
        same = people_of(document) == state
        return undone, (document.position - (last - undone)) if same else 0, took

    undone, redone, took = back_and_forth(bench)
    result: dict[str, Any] = {
        "edits": last - base, "undone": undone, "redone": redone, "edit": percentiles(edits), "undo": percentiles(took),
    }  # fmt: skip
    bench.window.close()
    again = Bench(folder)
    again.open(Path(path))
    result["undone_after_restart"], result["redone_after_restart"], _ = back_and_forth(again)
    bench.dog.stop()
    again.end(result)


def labeled(folder: Path, path: str, count: str) -> None:
    """Memory after so many images, each looked at until it is painted."""
    bench = Bench(folder)
    bench.open(Path(path))
    canvas = bench.window.canvas
    bench.rest(1.0)
    bench.dog.clear()
    first = memory()
    for _ in range(int(count)):
        bench.press(Qt.Key.Key_D)
        bench.until(lambda: canvas.photo is not None)
        bench.rest(0.02)
    bench.end({"first": first, "memory": memory(), "images": int(count)})


def crowd(folder: Path, path: str, count: str) -> None:
    """What is done to a crowd at once: the longest work of the window's thread in one go, act by act, in the processor's milliseconds."""
    bench = Bench(folder)
    bench.open(Path(path))
    window, session = bench.window, bench.window.session
    people, longest = crowd_people(*session.document.photo.size, int(count)), {}
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier

    def act(name: str, do: Callable[[], object], done: Callable[[], bool]) -> None:
        bench.rest(1.0)
        bench.dog.clear()
        do()
        bench.until(done)
        end = time.perf_counter() + 2.0
        bench.until(lambda: time.perf_counter() > end)
        longest[name] = [1000 * bench.dog.busiest, 1000 * bench.dog.longest]

    def there(number: int) -> Callable[[], bool]:
        return lambda: len(session.document.people) == number

    proposals = window.engine.proposals_ready
    photo = session.document.photo.id
    act("proposals come", lambda: proposals.emit(photo, people, "rendered", None), lambda: len(window.scene.figures) == len(people))  # fmt: skip
    bench.until(window.actions_by_name["accept_all"].isEnabled)
    act("accept all", lambda: bench.press(Qt.Key.Key_Q), there(len(people)))
    act("undo", lambda: bench.press(Qt.Key.Key_Z, control), there(0))
    act("redo", lambda: bench.press(Qt.Key.Key_Y, control), there(len(people)))
    act("zoom", lambda: window.canvas.zoom_by(1.2), lambda: True)
    window.canvas.fit()
    act("next image", lambda: bench.press(Qt.Key.Key_D), there(0))
    act("copy from the last image", lambda: bench.press(Qt.Key.Key_A, shift), there(len(people)))
    session.go(len(session.ids) - 1)
    act("open the image", lambda: session.go(0), there(len(people)))
    bench.end({"longest": longest})


MEASURES: dict[str, Callable[..., None]] = {
    "start": start, "open": open_images, "next": next_image, "drag": drag, "history": history, "labeled": labeled,
    "crowd": crowd,
}  # fmt: skip

if __name__ == "__main__":
    MEASURES[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
