"""A model whose process can't start, or dies at start: the window says so once, and how to try again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from window_desk import Desk, make_photos, until

from kdc_annotator.engine.protocol import ModelChoice, State
from kdc_annotator.ui.live_engine import LiveEngine

DIED = "The worker stopped unexpectedly (code 1) and starts again."


class NoProcess:
    """What spawns processes, where none can be."""

    def __init__(self) -> None:
        self.asked = 0

    def Pipe(self) -> None:
        self.asked += 1
        raise OSError(24, "Too many open files")


def test_a_process_that_cannot_start_is_told_of_with_a_way_to_try_again(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    broken = NoProcess()
    monkeypatch.setattr("kdc_annotator.engine.service.multiprocessing.get_context", lambda _: broken)
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    engine.start()
    bar, label = desk.window.messages, desk.window.top.engine_label
    assert until(lambda: "Too many open files" in bar.text())
    assert bar._button.text() == "Try again" and "by hand" in bar.text()
    assert "no model" in label.text() and not engine.status.busy
    desk.key(Qt.Key.Key_D)
    asked = broken.asked
    for name in ("next_image", "previous_image", "next_image"):
        desk.window.controller.run(name)
        desk.wait(60)
    assert broken.asked == asked, "nothing is tried until the labeler says so"
    assert "no model" in label.text() and not bar.text(), "it has been said"
    desk.key(Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert bar._button.text() == "Try again"
    QTest.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    assert until(lambda: broken.asked >= asked + 4 and "Too many open files" in bar.text()), "said again"
    asked, again = broken.asked, desk.window.actions_by_name["load_model"]
    assert again.isEnabled()
    again.trigger()
    assert until(lambda: broken.asked >= asked + 4 and "Too many open files" in bar.text()), "and again"
    asked = broken.asked
    engine.use_model("")
    assert until(lambda: broken.asked >= asked + 4 and "Too many open files" in bar.text()), "another model"


def test_strokes_and_missing_joints_ask_nobody_where_no_process_comes_up(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    engine._service = service = NoService()
    engine._take(State("ready", model="m", device="CPU", refines=True))
    desk.key(Qt.Key.Key_D)
    assert until(lambda: service.asked > 0)
    for sentence in (DIED, DIED, DIED):
        engine._take(State("starting"))
        engine._take(State("starting", sentence=sentence))
    engine._take(State("starting"))
    engine._take(State("down", sentence=DIED))
    assert desk.window.messages.tells_trouble
    asked = service.asked
    desk.key(Qt.Key.Key_A)
    desk.wait(60)
    assert service.asked == asked and not engine._listener().learnt
    engine._take(State("ready", model="m", device="CPU", refines=True))
    assert not desk.window.messages.tells_trouble and not desk.window.actions_by_name["load_model"].isEnabled()


def test_nothing_looks_at_work_where_no_process_comes_up(open_desk: Callable[..., Desk], tmp_path: Path) -> None:
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    engine._service = NoService()
    engine._take(State("ready", model="m", device="CPU"))
    assert desk.window.session.preannotate()
    assert desk.window.status.stop_all.isVisible()
    engine._take(State("starting"))
    engine._take(State("down", sentence=DIED))
    assert not desk.window.status.stop_all.isVisible() and not engine._ahead.running


def test_a_process_that_was_ready_and_died_over_photos_is_asked_for_the_next_one(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    engine._service = service = NoService()
    engine._take(State("starting"))
    engine._take(State("ready", model="m", device="CPU"))
    engine._take(State("down", sentence=DIED))
    desk.key(Qt.Key.Key_D)
    assert until(lambda: service.asked > 0)


class NoService:
    """Counts what it is asked for."""

    idle = False

    def __init__(self) -> None:
        self.asked = 0
        self.state = State("ready", refines=True)

    def predict(self, key: str, path: Path) -> int:
        self.asked += 1
        return self.asked

    def prefetch(self, photos: object) -> None:
        self.asked += 1

    def start(self) -> None:
        self.asked += 1

    def close(self, seconds: float) -> None:
        pass


def test_a_process_that_dies_whenever_it_starts_is_not_a_model_that_is_loading(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    bar, label = desk.window.messages, desk.window.top.engine_label
    for n in range(4):
        engine._take(State("starting"))
        assert "model loading" in label.text() and not bar.text()
        engine._take(State("starting", sentence=DIED, restarts=n + 1))
    assert "(code 1)" in bar.text() and bar._button.text() == "Try again"
    engine._take(State("starting"))
    assert "no model" in label.text() and "(code 1)" in label.toolTip()
    engine._take(State("ready", model="m", device="CPU"))
    assert "m" in label.text() and "no model" not in label.text() and engine.trouble is None


class ChoosingService(NoService):
    def use_model(self, choice: object) -> None:
        self.chosen = choice


def test_a_broken_model_of_ones_own_gives_way_to_the_bundled_one(
    open_desk: Callable[..., Desk], tmp_path: Path
) -> None:
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    settings, again = desk.window.settings, desk.window.actions_by_name["bundled_model"]
    assert not again.isEnabled()
    engine._service = service = ChoosingService()
    settings.put("model", str(tmp_path / "mine.safetensors"))
    engine.use_model(str(tmp_path / "mine.safetensors"))
    engine._take(State("starting"))
    engine._take(
        State(
            "down",
            sentence=f"Not a model file: {tmp_path}/mine.safetensors is not a model file or is cut short (header too large).",
        )
    )
    bar = desk.window.messages
    assert (
        "mine.safetensors" in bar.text() and bar._button.text() == "Use the bundled model again" and again.isEnabled()
    )
    QTest.mouseClick(bar._button, Qt.MouseButton.LeftButton)
    assert service.chosen == ModelChoice("") and settings.text("model") == "" and not again.isEnabled()
    assert engine.trouble is None and not bar.isVisible()


def test_what_goes_wrong_before_there_is_a_service_is_told_too(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> Path:
        raise RuntimeError("no home")

    monkeypatch.setattr("kdc_annotator.ui.live_engine.cache_folder", refuse)
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    engine.start()
    assert until(lambda: "no home" in desk.window.messages.text())
    assert desk.window.messages._button.text() == "Try again"


def test_a_model_that_failed_before_photos_were_opened_is_told_of_over_the_first_one(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("kdc_annotator.engine.service.multiprocessing.get_context", lambda _: NoProcess())
    engine = LiveEngine()
    engine.start()
    for _ in range(1000):
        if engine.trouble is not None:
            break
        QTest.qWait(10)
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    bar = desk.window.messages
    assert bar.tells_trouble and "Too many open files" in bar.text() and bar._button.text() == "Try again"
    desk.key(Qt.Key.Key_D)
    assert until(lambda: not bar.isVisible()), "once is enough"


def test_a_model_of_ones_own_is_chosen_and_given_back(
    open_desk: Callable[..., Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = LiveEngine()
    desk = open_desk(make_photos(tmp_path / "p"), engine)
    engine._service = service = ChoosingService()
    actions, settings = desk.window.actions_by_name, desk.window.settings
    mine = str(tmp_path / "mine.safetensors")
    answers = iter(("", mine))
    monkeypatch.setattr(
        "kdc_annotator.ui.doing.models.QFileDialog.getOpenFileName", lambda *_: (next(answers), "safetensors")
    )
    actions["choose_model"].trigger()
    assert not hasattr(service, "chosen") and not actions["bundled_model"].isEnabled(), "the dialog was left"
    actions["choose_model"].trigger()
    assert service.chosen == ModelChoice(mine) and settings.text("model") == mine
    assert actions["bundled_model"].isEnabled()
    actions["bundled_model"].trigger()
    assert service.chosen == ModelChoice("") and settings.text("model") == ""
