"""The main path with real X events on a screen of its own: proposals, a drag that the mask follows, kill -9, undo, export."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from kdc.resources import sample_folder
from kdc.schema import COCO_17

HERE = Path(__file__).parent
TOOLS = ("Xvfb", "xdotool")
MISSING = [name for name in TOOLS if shutil.which(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=f"not installed here: {', '.join(MISSING)}"),
    pytest.mark.timeout(900),
]
PATIENCE = 240.0
"""Seconds until something that must come counts as lost; a busy machine needs many, an idle one few."""


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
        pass_fds=(write,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    if not number:
        pytest.skip("Xvfb does not start here")
    yield f":{number}"
    server.terminate()
    server.wait(60)


class App:
    """The app in a process of its own, and the hands that use it."""

    def __init__(self, display: str, home: Path, path: Path) -> None:
        self.state_file = home / "state.json"
        self.state_file.unlink(missing_ok=True)
        folders = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "DATA", "CACHE", "STATE")}
        self.env = {**os.environ, **folders, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LANG": "C.UTF-8"}
        self.log = (home / "app.log").open("a")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "observed_app.py"), str(self.state_file), str(path)],
            env=self.env, stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip

    def state(self) -> dict[str, Any]:
        return json.loads(self.state_file.read_text()) if self.state_file.exists() else {}

    def until(self, condition: Callable[[dict[str, Any]], Any], what: str) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            state = self.state()
            if state and condition(state):
                return state
            if self.process.poll() is not None:
                raise AssertionError(
                    f"the app ended while waiting for {what}: {Path(self.log.name).read_text()[-3000:]}"
                )
            time.sleep(0.05)
        short = {k: v for k, v in self.state().items() if k != "figures"}
        raise AssertionError(f"no {what}: {short} {Path(self.log.name).read_text()[-2000:]}")

    def do(self, *words: str) -> None:
        subprocess.run(["xdotool", *words], env=self.env, check=True, capture_output=True, timeout=60)

    def focus(self) -> None:
        """There is no window manager on this screen to do it."""
        x, y, w, _ = self.state()["canvas"]
        self.point(x + w - 6, y + 6)
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", "KDC Annotator"], env=self.env, capture_output=True, text=True
        )  # fmt: skip
        self.do("windowfocus", found.stdout.split()[0])
        self.until(lambda s: s["active"], "focus")

    def key(self, name: str) -> None:
        self.do("key", "--clearmodifiers", name)

    def point(self, x: float, y: float) -> None:
        self.do("mousemove", str(round(x)), str(round(y)))

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(60)

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(60)
        self.log.close()


def draggable(state: dict[str, Any]) -> tuple[int, int]:
    """A figure and an arm joint that stands apart from all other joints."""
    x, y, w, h = state["canvas"]
    all_joints = [p for f in state["figures"] for p, v in zip(f["joints"], f["seen"], strict=True) if v]
    best, found = 0.0, (0, 0)
    for n, figure in enumerate(state["figures"]):
        for name in ("left_wrist", "right_wrist", "left_elbow", "right_elbow"):
            k = COCO_17.index(name)
            px, py = figure["joints"][k]
            if (
                not figure["seen"][k]
                or not (x + 80 < px < x + w - 80 and y + 80 < py < y + h - 80)
                or not figure["area"]
            ):
                continue
            apart = sorted(float(np.hypot(px - a, py - b)) for a, b in all_joints)[1]
            if apart > best:
                best, found = apart, (n, k)
    assert best > 8, "nobody in the sample has an arm that can be grabbed"
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    photos = tmp_path / "photos"
    photos.mkdir()
    crowd = Image.open(sample_folder() / "crowd.jpg")
    crowd.save(photos / "a.jpg", quality=95)
    crowd.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "b.jpg", quality=95)
    return photos


def test_a_labelers_path_survives_kill_9(display: str, folder: Path, tmp_path: Path) -> None:
    app = App(display, tmp_path, folder)
    try:
        app.until(lambda s: s["photo"] and s["images"] == 2, "open folder")
        state = app.until(lambda s: s["figures"] and all(f["proposal"] for f in s["figures"]), "proposals")
        proposals = len(state["figures"])
        app.focus()
        app.key("q")
        state = app.until(lambda s: s["figures"] and not s["figures"][0]["proposal"], "accepted people")
        assert len(state["figures"]) == proposals and state["position"] == 1
        app.until(lambda s: s["live"], "fields for drags")

        n, joint = draggable(state)
        before = state["figures"][n]
        x, y = before["joints"][joint]
        app.point(x, y)
        app.do("mousedown", "1")
        for step in range(1, 9):
            app.point(x + 5 * step, y + 3 * step)
        followed = app.until(
            lambda s: s["previewing"] and any(a["area"] != b["area"] for a, b in zip(s["figures"], state["figures"], strict=True)),
            "mask that follows",
        )  # fmt: skip
        assert followed["position"] == 1  # nothing is stored while the button is down
        app.do("mouseup", "1")
        dragged = app.until(lambda s: not s["previewing"] and s["position"] == 2, "step in the history")
        moved = next(f for f in dragged["figures"] if f["points"][joint][:2] != _point(state, dragged, f, joint))
        assert dragged["history"][-1].startswith("Move")

        app.key("space")
        state = app.until(lambda s: s["index"] == 1 and s["photo"], "next image")
        app.until(lambda s: s["figures"], "proposals of the second image")
        app.key("q")
        state = app.until(lambda s: s["position"] == 1 and s["live"], "accepted people of the second image")
        people = len(state["figures"])
        n, joint = draggable(state)
        x, y = state["figures"][n]["joints"][joint]
        app.point(x, y)
        app.do("mousedown", "1")
        app.point(x + 6, y + 6)
        app.point(x + 20, y + 12)
        app.until(lambda s: s["previewing"], "drag under way")
        app.kill()
        app.do("mouseup", "1")
        app.close()

        app = App(display, tmp_path, folder)
        state = app.until(lambda s: s["photo"] and s["figures"], "window after kill -9")
        assert state["index"] == 1 and state["position"] == 1 and len(state["figures"]) == people
        assert not any(f["proposal"] for f in state["figures"])
        app.focus()
        app.key("ctrl+z")
        app.until(lambda s: s["position"] == 0 and all(f["proposal"] for f in s["figures"]), "undo after kill -9")
        app.key("ctrl+shift+z")
        app.until(lambda s: s["position"] == 1, "redo")
        app.key("a")
        state = app.until(lambda s: s["index"] == 0 and s["photo"] and s["figures"], "first image again")
        assert state["status"] == "done" and moved["points"] in [f["points"] for f in state["figures"]]
        app.key("ctrl+z")  # the confirmation
        app.key("ctrl+z")  # the drag
        app.until(lambda s: s["position"] == 1, "undo of the drag")
        app.key("ctrl+y")
        app.until(lambda s: s["position"] == 2, "redo of the drag")

        app.key("ctrl+e")
        state = app.until(lambda s: s["dialog"], "export dialog")
        app.point(*state["dialog"])
        app.do("click", "1")
        target = folder / "photos.json"
        app.until(lambda _: target.is_file(), "exported file")
        exported = json.loads(target.read_text())
        assert len(exported["images"]) == 2 and len(exported["annotations"]) == proposals + people
        wanted = [v for row in moved["points"] for v in row]
        assert any(np.allclose(a["keypoints"], wanted, atol=0.51) for a in exported["annotations"])
    finally:
        app.close()


def test_what_is_being_typed_or_painted_when_the_app_is_killed(display: str, folder: Path, tmp_path: Path) -> None:
    app = App(display, tmp_path, folder)
    try:
        state = app.until(lambda s: s["photo"] and s["images"] == 2, "open folder")
        app.focus()
        x, y, w, h = state["canvas"]
        app.key("5")
        app.point(x + w / 2, y + h / 2)
        app.do("click", "1")
        app.key("Return")
        app.until(lambda s: s["position"] == 1, "person")
        app.key("i")
        app.do("type", "look")
        app.key("Tab")
        app.do("key", "--clearmodifiers", "Down", "Down")  # the kind: text
        app.key("Tab")
        app.key("space")
        app.do("type", "red")
        app.until(lambda s: s["drafts"] == ["red"], "value that is being typed")
        app.kill()
        app.close()

        app = App(display, tmp_path, folder)
        state = app.until(lambda s: s["photo"] and s["attributes"] == [{"look": "red"}], "value after kill -9")
        assert state["position"] == 2 and state["drafts"] == []
        app.focus()
        app.key("Escape")
        app.key("i")
        app.do("type", "the left wrist is blurred")
        app.until(lambda s: s["drafts"] == ["the left wrist is blurred"], "note that is being written")
        app.kill()
        app.close()

        app = App(display, tmp_path, folder)
        state = app.until(lambda s: s["photo"] and s["notes"], "note after kill -9")
        assert state["notes"] == "the left wrist is blurred" and state["position"] == 3
        app.focus()
        app.point(x + w / 2, y + h / 2)
        app.do("click", "1")
        app.until(lambda s: s["selected"], "selected person")
        app.key("b")
        app.point(x + w / 3, y + h / 3)
        app.do("mousedown", "1")
        app.point(x + w / 3 + 40, y + h / 3 + 20)
        app.until(lambda s: s["busy"], "stroke under way")
        app.kill()
        app.do("mouseup", "1")
        app.close()

        app = App(display, tmp_path, folder)
        state = app.until(lambda s: s["photo"] and s["attributes"], "window after the third kill -9")
        assert state["position"] == 3 and state["notes"] and state["attributes"] == [{"look": "red"}]
        app.focus()
        for position in (2, 1, 0):
            app.key("ctrl+z")
            app.until(lambda s, p=position: s["position"] == p, "undo")
        assert app.until(lambda s: not s["attributes"], "nobody")["notes"] == ""
    finally:
        app.close()


def _point(before: dict[str, Any], after: dict[str, Any], figure: dict[str, Any], joint: int) -> list[float]:
    """Where a joint of a figure was before."""
    return before["figures"][after["figures"].index(figure)]["points"][joint][:2]
