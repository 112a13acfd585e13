"""The watchdog of the benchmark sees a block of the window's thread, says where it was, and watches the main path."""

from __future__ import annotations

import importlib.util
import sys
import time
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from window_desk import Desk, proposal

ROOT = Path(__file__).resolve().parents[3]


def watchdogs():
    spec = importlib.util.spec_from_file_location("app_watchdog", ROOT / "benchmarks" / "app_watchdog.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["app_watchdog"] = module
    spec.loader.exec_module(module)
    return module


def artificial_block() -> None:
    time.sleep(0.4)


def test_an_artificial_block_is_seen_and_named(qtbot) -> None:
    dog = watchdogs().Watchdog(threshold=0.1).start()
    qtbot.waitUntil(lambda: dog.signs > 0)
    QTimer.singleShot(0, artificial_block)
    qtbot.waitUntil(lambda: any("artificial_block" in b.where for b in dog.blocks))
    dog.stop()
    block = next(b for b in dog.blocks if "artificial_block" in b.where)
    assert dog.longest >= block.seconds >= 0.1
    assert block.busy < block.seconds  # it slept: the machine was not the reason


def test_a_loop_that_runs_gives_signs_and_a_high_threshold_keeps_none(qtbot) -> None:
    dog = watchdogs().Watchdog(threshold=1000.0).start()
    qtbot.waitUntil(lambda: dog.signs > 5)
    dog.stop()
    assert dog.blocks == [] and dog.longest > 0
    dog.clear()
    assert dog.longest == 0


def test_the_main_path_under_the_watchdog(desk: Desk, record_property) -> None:
    """The figures are of the machine that runs the tests, so none is judged here: benchmarks/app.py does that."""
    dog = watchdogs().Watchdog().start()
    desk.propose(proposal(110, 220, 180), proposal(160, 225, 190))
    desk.key(Qt.Key.Key_Q)
    desk.scene.select((False, desk.document.people[0].id))
    start = desk.joint(0, "left_wrist")
    desk.drag([start + QPoint(4 * n, 2 * n) for n in range(6)])
    desk.key(Qt.Key.Key_D)
    desk.wait(100)
    dog.stop()
    assert dog.signs > 0
    record_property("longest_block_ms", round(1000 * dog.longest, 1))
    record_property("blocks", [f"{1000 * b.seconds:.0f} ms: {b.where}" for b in dog.blocks])
