"""A day's work in small: photos labelled in the real window with mouse and keys, from opening the folder to the exported file.

    xvfb-run -a python benchmarks/labeling_day.py DATA.json --images PHOTOS [--photos 20] [--pictures FOLDER] [--json FILE] [--patient]

The labeler is the simulated one of ``kdc-annotator bench labeler``, by the same policy; here every action is one of the window's own: keys that the
table of actions has, presses, moves and releases on the canvas. The same photos are then worked through without a window, by method (4), and
both counts are printed. The only difference: nobody is split off (the window splits by parts, not by joints). DATA: photos that the model was
not trained on.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "xcb" if os.environ.get("DISPLAY") else "offscreen")

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from kdc.evaluating import evaluate, read_data
from kdc.evaluation.results import results_from_coco
from kdc.evaluation.truth import TrueImage, TruePerson, Truth
from kdc.predictor import Predictor
from kdc.structures import Mask
from kdc_annotator.engine.listen import stroke_mask
from kdc_annotator.engine.live import Kind
from kdc_annotator.jobs.labeler_bench import BenchConfig, run_bench
from kdc_annotator.jobs.simulated_desk import literally
from kdc_annotator.jobs.simulated_labeler import (
    GOAL_IOU,
    MOST_ACTIONS,
    STEER_SECONDS,
    STROKE,
    VAIN_STROKES,
    PersonLog,
    PhotoLog,
    SimulatedLabeler,
    scale_of,
)
from kdc_annotator.jobs.simulated_strokes import RADII, drawn_way, wrong_parts
from kdc_annotator.ui import listening, live_desk, live_gestures
from kdc_annotator.ui.actions import by_name
from kdc_annotator.ui.canvas.tools.brush import LARGEST, SMALLEST, BrushTool
from kdc_annotator.ui.live_engine import LiveEngine
from kdc_annotator.ui.main_window import MainWindow
from kdc_annotator.ui.pose_guess import asking_order
from kdc_annotator.ui.settings import Settings

PLAIN, SHIFT, CTRL = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)
LEFT, NO = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
MARGIN = 30
PATIENCE = 120.0


class Hand:
    """Mouse and keyboard on one window, and how often they were used."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.canvas = window, window.canvas
        self.used: Counter[str] = Counter()
        self.waits: list[float] = []
        self.trouble: list[str] = []

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = PLAIN, widget: QWidget | None = None) -> None:
        self.used["keys"] += 1
        QTest.keyClick(widget or self.canvas, key, modifiers)

    def action(self, name: str) -> None:
        """The first key of an action."""
        combination = QKeySequence(by_name()[name].keys[0])[0]
        self.key(combination.key(), combination.keyboardModifiers())

    def mouse(
        self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, buttons: Qt.MouseButton, keys: Any = PLAIN
    ) -> None:
        event = QMouseEvent(kind, QPointF(at), QPointF(self.canvas.mapToGlobal(at)), button, buttons, keys)
        QApplication.sendEvent(self.canvas, event)

    def move(self, at: QPoint, down: bool = False, keys: Any = PLAIN) -> None:
        self.mouse(QEvent.Type.MouseMove, at, NO, LEFT if down else NO, keys)

    def press(self, at: QPoint, keys: Any = PLAIN) -> None:
        self.used["presses"] += 1
        self.move(at, keys=keys)
        self.mouse(QEvent.Type.MouseButtonPress, at, LEFT, LEFT, keys)

    def release(self, at: QPoint, keys: Any = PLAIN) -> None:
        self.mouse(QEvent.Type.MouseButtonRelease, at, LEFT, NO, keys)

    def click(self, at: QPoint) -> None:
        self.press(at)
        self.release(at)

    def wheel(self, at: QPoint, steps: int, keys: Any = PLAIN) -> None:
        self.used["wheel"] += abs(steps)
        place = QPointF(self.canvas.mapToGlobal(at))
        for _ in range(abs(steps)):
            angle = QPoint(0, 120 if steps > 0 else -120)
            QApplication.sendEvent(
                self.canvas, QWheelEvent(QPointF(at), place, QPoint(), angle, NO, keys, Qt.ScrollPhase.NoScrollPhase, False)
            )  # fmt: skip

    def until(self, condition: Callable[[], object], seconds: float = 120.0) -> bool:
        end = time.monotonic() + seconds
        while not condition():
            QTest.qWait(5)
            if time.monotonic() > end:
                return False
        return True

    def settle(self) -> None:
        """Until the engine has nothing more to say of what was done."""
        start = time.monotonic()
        engine = self.window.engine
        for _ in range(2):
            last = engine.submit(int)
            self.until(last.done)
            QTest.qWait(10)
        self.waits.append(time.monotonic() - start)

    def at(self, x: float, y: float) -> QPoint:
        """The screen position of a pixel index."""
        return self.canvas.mapping.to_widget(x + 0.5, y + 0.5).toPoint()

    def inside(self, *points: QPoint) -> bool:
        area = self.canvas.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        return all(area.contains(p) for p in points)


class WindowDesk:
    """``Desk`` by mouse and keys; numbers are the document's."""

    def __init__(self, hand: Hand, image: TrueImage) -> None:
        self.hand, self.window, self.image = hand, hand.window, image

    def person(self, number: int) -> Any:
        return next(p for p in self.window.session.document.people if p.id == number)

    def numbers(self) -> list[int]:
        return [p.id for p in self.window.session.document.people if not p.crowd]

    def keypoints(self, number: int) -> np.ndarray:
        person = self.person(number)
        return np.column_stack([person.keypoints[:, :2], person.present])

    def mask(self, number: int) -> Mask:
        return self.person(number).mask or Mask.empty(self.image.width, self.image.height)

    def select(self, number: int) -> None:
        """Click the person, Tab to the one beneath, else step through all of them; then zoom to it."""
        hand, scene = self.hand, self.window.scene
        hand.action("tool_select")
        if scene.selected != (False, number):
            hand.action("fit")
            person = self.person(number)
            there = person.keypoints[person.present, :2]
            if len(there):
                at = hand.at(*np.median(there, axis=0))
                hand.click(at)
                for _ in range(len(scene.figures)):
                    if scene.selected == (False, number) or not hand.canvas.figures_at(QPointF(at)):
                        break
                    hand.action("person_beneath")
            for _ in range(len(scene.figures)):
                if scene.selected == (False, number):
                    break
                hand.action("next_person")
        hand.action("zoom_person")

    def move(self, number: int, joint: int, x: float, y: float) -> None:
        hand, canvas = self.hand, self.hand.canvas
        self.select(number)
        figure = self.window.scene.selection
        own = self.person(number)
        if own.present[joint]:
            start = own.keypoints[joint, :2]
        else:
            ghosts = canvas.ghosts_of(figure)
            start = ghosts[joint] - 0.5
        if not np.isfinite(start).all():
            hand.trouble.append(f"{self.image.file_name}: no ghost of joint {joint}")
            return
        if not hand.inside(hand.at(*start), hand.at(x, y)):
            hand.action("fit")
        for _ in range(8):
            a, b = hand.at(*start), hand.at(x, y)
            hand.move(a)
            found = canvas.joint_at(QPointF(a))
            if found is not None and found[0].key == (False, number) and found[1] == joint:
                break
            hand.wheel(a, 1)
        else:
            hand.trouble.append(f"{self.image.file_name}: joint {joint} of {number} can't be grabbed")
            return
        if not hand.inside(b):
            hand.trouble.append(f"{self.image.file_name}: joint {joint} of {number} goes beyond the view")
        hand.press(a)
        for n in range(1, 9):
            hand.move(a + (b - a) * (n / 8), down=True)
            QTest.qWait(8)
        hand.release(b)
        hand.settle()

    def add(self, keypoints: np.ndarray) -> int:
        hand, window = self.hand, self.window
        hand.action("fit")
        before = set(self.numbers())
        hand.action("tool_add_person")
        order = list(asking_order(window.session.document.schema(1)))
        asked = 0
        for k in sorted(np.flatnonzero(keypoints[:, 2] > 0).tolist(), key=order.index):
            for _ in range(order.index(k) - asked):
                hand.key(Qt.Key.Key_Tab)
            hand.click(hand.at(*keypoints[k, :2]))
            asked = order.index(k) + 1
        at = window.session.document.position
        if set(self.numbers()) == before:
            hand.key(Qt.Key.Key_Return, SHIFT)
        else:  # The last joint that is asked for was clicked: the person is there already.
            at -= 1
            hand.action("place_missing")
        # One step for the person, one for the joints that the model places.
        hand.until(lambda: window.session.document.position >= at + 2, 20)
        hand.settle()
        new = set(self.numbers()) - before
        if len(new) != 1:
            raise SystemExit(f"{self.image.file_name}: {len(new)} people came of one addition")
        return new.pop()

    def remove(self, number: int) -> None:
        self.select(number)
        self.hand.move(QPoint(2, 2))
        self.hand.action("delete")
        self.hand.settle()
        if number in self.numbers():
            self.hand.trouble.append(f"{self.image.file_name}: {number} could not be deleted")

    def merge(self, number: int, other: int) -> None:
        hand = self.hand
        self.select(number)
        hand.action("fit")
        hand.action("merge")
        there = self.person(other)
        for place in there.keypoints[there.present, :2]:
            at = hand.at(*place)
            others = [f.key for f in hand.canvas.figures_at(QPointF(at)) if f.key != (False, number)]
            if others and others[0] == (False, other):
                hand.click(at)
                break
        hand.action("tool_select")
        hand.settle()
        if other in self.numbers():
            hand.trouble.append(f"{self.image.file_name}: {other} could not be merged, it is deleted")
            self.remove(other)

    def split(self, number: int, joints: Sequence[int]) -> int:
        raise NotImplementedError

    def absent(self, number: int, joint: int) -> None:
        self.select(number)
        self.hand.move(self.hand.at(*self.person(number).keypoints[joint, :2]))
        self.hand.action("delete")
        self.hand.settle()
        if number not in self.numbers() or self.person(number).present[joint]:
            self.hand.trouble.append(f"{self.image.file_name}: joint {joint} of {number} could not be taken out")

    def save(self) -> object:
        return self.window.session.document.position

    def back(self, saved: object) -> None:
        assert isinstance(saved, int)
        while self.window.session.document.position > saved:
            self.hand.action("undo")
        self.hand.settle()

    def swap(self, number: int) -> None:
        self.select(number)
        self.hand.action("swap_person")
        self.hand.settle()

    def lock(self, number: int) -> None:
        self.select(number)
        self.hand.action("lock")

    def previews(self, number: int, strokes: Sequence[tuple[Kind, Mask]]) -> list[tuple[Mask, object]]:
        raise NotImplementedError

    def take(self, number: int, preview: object) -> None:
        raise NotImplementedError

    def brush(self, number: int, kind: Kind, radius: float) -> None:
        """Brush or eraser in hand, about as large as wanted."""
        hand = self.hand
        if self.window.scene.selected != (False, number):
            self.select(number)
        hand.action("tool_brush" if kind == "paint" else "tool_eraser")
        hand.wheel(hand.canvas.rect().center(), wheel_steps(radius), SHIFT)

    def draw(self, knots: np.ndarray, exact: bool) -> None:
        """The way of the brush; the button stays down."""
        hand, keys = self.hand, CTRL if exact else PLAIN
        hand.press(hand.at(*knots[0]), keys)
        for a, b in pairwise(knots):
            for n in (1, 2):
                hand.move(hand.at(*(a + (b - a) * n / 2)), True, keys)
                QTest.qWait(4)
        hand.settle()


def wheel_steps(radius: float) -> int:
    """How far the wheel is turned for a brush of about that radius."""
    return round(float(np.log(radius / BrushTool.radius) / np.log(1.15)))


def brush_radius(radius: float) -> float:
    """The radius that the wheel comes to."""
    return float(np.clip(BrushTool.radius * 1.15 ** wheel_steps(radius), SMALLEST, LARGEST))


class WindowLabeler(SimulatedLabeler):
    """The policy with strokes of which the window shows what they would do: drawn, looked at, and let go or taken back by Escape."""

    desk: WindowDesk

    def split_off(self, person: TruePerson) -> bool:
        return False

    def shown(self, number: int) -> Mask:
        """The person's mask on the canvas, with what the stroke under way makes of it."""
        figure = self.desk.window.scene.figure((False, number))
        mask = figure.annotation.mask if figure is not None else None
        return mask or Mask.empty(self.image.width, self.image.height)

    def strokes(
        self, person: TruePerson, number: int, log: PersonLog, goal: float = GOAL_IOU, most: int = MOST_ACTIONS
    ) -> None:
        true = self.truths.get(person.id)
        if true is None:
            return
        desk, hand, size, vain = self.desk, self.desk.hand, scale_of(person), 0
        if self.iou(person, number) < goal:
            desk.select(number)
            hand.action("tool_brush")
        while (now := self.iou(person, number)) < goal:
            if sum(log.kinds.values()) >= most:
                log.failed = True
                return
            for kind, part in wrong_parts(self.desk.mask(number), true):
                best: tuple[float, float, np.ndarray, bool] | None = None
                for share in RADII:
                    radius = brush_radius(max(share * size, 0.75))
                    knots = drawn_way(part, radius, size, hand.canvas.mapping.scale, self.rng)
                    for exact in (False, True):
                        iou = self.try_stroke(number, kind, radius, knots, true, exact)
                        if best is None or iou > best[0]:
                            best = (iou, radius, knots, exact)
                assert best is not None
                if best[0] > now:
                    _, radius, knots, exact = best
                    desk.brush(number, kind, radius)
                    desk.draw(knots, exact)
                    hand.release(hand.at(*knots[-1]), CTRL if exact else PLAIN)
                    hand.settle()
                    length = float(np.hypot(*np.diff(knots, axis=0).T).sum())
                    log.did("stroke", STROKE + STEER_SECONDS * length / (2 * radius), length)
                    self.note(person, number, log)
                    vain = 0 if self.iou(person, number) > now else vain + 1
                    break
            else:
                log.did("stroke", STROKE)
                vain += 1
            if vain >= VAIN_STROKES:
                log.failed = True
                return
        hand.action("tool_select")

    def try_stroke(self, number: int, kind: Kind, radius: float, knots: np.ndarray, true: Mask, exact: bool) -> float:
        """IoU that a stroke would give. A literal one can be imagined; what follows a stroke is looked at before it is let go."""
        if exact:
            own, people = self.desk.mask(number), self.desk.window.session.document.people
            pixels = stroke_mask(knots, radius, own.width, own.height)
            return literally(own, kind, pixels, [p.mask for p in people if p.locked]).iou(true)
        self.desk.brush(number, kind, radius)
        self.desk.draw(knots, False)
        iou = self.shown(number).iou(true)
        self.desk.hand.used["tries"] += 1
        self.desk.hand.key(Qt.Key.Key_Escape)
        return iou


def work_through(window: MainWindow, truth: Truth, hand: Hand, pictures: Path | None) -> list[PhotoLog]:
    """All photos of the open folder, each confirmed at the end."""
    logs = []
    by_file = {image.file_name: image for image in truth.images}
    session = window.session
    for turn in range(len(truth.images)):
        hand.until(lambda: session.document is not None and window.canvas.photo is not None)
        image = by_file[session.photo.path]
        photo = session.photo.id
        hand.until(lambda: session.document.proposals or session.photo.status != "untouched", 60)
        hand.until(lambda: getattr(window.engine, "_live", None) is not None)
        hand.settle()
        if window.scene.visible_proposals():
            hand.until(window.actions_by_name["accept_all"].isEnabled, 5)
            hand.action("accept_all")
        hand.settle()
        scores = {p.id: float(p.score or 0.0) for p in session.document.people}
        desk = WindowDesk(hand, image)
        rng = np.random.default_rng([0, image.id % 2**31])
        labeler = WindowLabeler(image, desk, truth.schema, rng, scores)
        start = time.monotonic()
        logs.append(labeler.work())
        hand.action("tool_select")
        hand.action("fit")
        if pictures is not None:
            QTest.qWait(50)
            window.grab().save(str(pictures / f"{turn:02}.png"))
        hand.until(window.actions_by_name["confirm_image"].isEnabled, 5)
        hand.action("confirm_image")
        last = turn + 1 == len(truth.images)
        hand.until(lambda: last or session.photo.id != photo, 20)  # noqa: B023
        log = logs[-1]
        print(
            f"{turn + 1:>3}  {image.file_name}  {log.actions} actions on {len(log.people)} people, "
            f"{sum(p.failed for p in log.people)} failed, {time.monotonic() - start:.0f} s",
            flush=True,
        )
    return logs


def export(window: MainWindow, hand: Hand, target: Path) -> None:
    """Through the dialog."""
    hand.action("export")
    found: list[Any] = []

    def there() -> bool:
        found[:] = [
            w
            for w in QApplication.topLevelWidgets() + window.findChildren(QWidget)
            if type(w).__name__ == "ExportDialog"
        ]
        return bool(found) and found[0].isVisible()

    hand.until(there, 20)
    dialog = found[0]
    dialog.place.selectAll()
    QTest.keyClicks(dialog.place, str(target))
    hand.until(dialog.button.isEnabled, 30)
    QTest.mouseClick(dialog.button, LEFT)
    hand.until(target.exists, 60)
    hand.until(lambda: not dialog._writing, 30)
    dialog.reject()


def summary(logs: Sequence[PhotoLog]) -> dict[str, int]:
    """Counts of all photos."""
    people = [p for log in logs for p in log.people]
    return {
        "actions": sum(log.actions for log in logs),
        "joint actions": sum(p.joint_actions for p in people),
        "mask actions": sum(p.mask_actions for p in people),
        "failed": sum(p.failed for p in people),
        "people": len(people),
    }


def main() -> int:
    """Works, exports, compares, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--photos", type=int, default=20)
    parser.add_argument("--pictures", type=Path, help="a folder for the window after each photo")
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--patient",
        action="store_true",
        help="the refinement's answers count however late: for a machine that does other work",
    )
    args = parser.parse_args()
    if args.patient:
        listening.ANSWER_SECONDS = live_gestures.RELEASE_SECONDS = live_desk.RELEASE_SECONDS = PATIENCE
    truth = read_data(args.data, args.images)
    step = max(1, len(truth.images) // args.photos)
    truth = replace(truth, images=truth.images[::step][: args.photos])
    if args.pictures:
        args.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
            os.environ[name] = str(place / name.lower())
        folder = place / "photos"
        folder.mkdir()
        for image in truth.images:
            shutil.copyfile(truth.path(image), folder / image.file_name)
        app = QApplication.instance() or QApplication([])
        settings = Settings(place / "settings.ini")
        settings.put("labeler", "Ada")
        window = MainWindow(settings, LiveEngine())
        window.resize(1600, 1000)
        window.show()
        window.engine.start()
        QTest.qWaitForWindowExposed(window)
        window.activateWindow()
        hand = Hand(window)
        start = time.monotonic()
        window.open(folder)
        logs = work_through(window, truth, hand, args.pictures)
        out = place / "work.json"
        export(window, hand, out)
        seconds = time.monotonic() - start
        window.close()
        app.processEvents()
        results = read_work(out, truth)
    predictor = Predictor(tiles="off")
    plain = run_bench(truth, predictor, BenchConfig(methods=("dynamic",), noc=False))
    rows = {"in the window": summary(logs), "without one, method (4)": summary(plain.photos["dynamic"])}
    for name, row in rows.items():
        print(name, row)
    print("mouse and keyboard", dict(hand.used), f"{seconds:.0f} s, longest wait {max(hand.waits):.2f} s")
    print("exported, against the truth", results)
    for line in hand.trouble:
        print("trouble:", line)
    if args.json:
        kinds: Counter[str] = Counter()
        for log in logs:
            kinds.update(log.other)
            for p in log.people:
                kinds.update(p.kinds)
        args.json.write_text(
            json.dumps({"rows": rows, "used": hand.used, "kinds": kinds, "exported": results, "trouble": hand.trouble})
        )
    return 0


def read_work(out: Path, truth: Truth) -> dict[str, float]:
    """Keypoint and mask AP of the exported file; whoever the labeler added is as sure as anybody."""
    content = json.loads(out.read_bytes())
    for annotation in content["annotations"]:
        annotation["score"] = 1.0
    results = results_from_coco(content, truth, out.name)
    report = evaluate(truth, results)
    return {
        "keypoint AP": float(report.keypoints[0]) if report.keypoints else -1.0,
        "mask AP": float(report.segm[0]) if report.segm else -1.0,
    }


if __name__ == "__main__":
    sys.exit(main())
