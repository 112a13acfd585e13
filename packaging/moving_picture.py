"""Records a real drag on the sample crowd as docs/images/drag.webp: a few seconds in which masks follow the hand.

    python packaging/moving_picture.py [FILE]

Mouse events go to the window as a hand would send them; after each the window is grabbed when its masks have come.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from PIL import Image, ImageDraw
from PySide6.QtCore import QBuffer, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from sample_desk import ROOT, SampleDesk, sample_desk, wait

from kdc.schema import COCO_17

LIMIT = 2_000_000
WIDTH = 760
SIZE = (1120, 720)
FRAME_MS = 70
POINTER = [(0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12)]


class Recorder:
    """Frames of the canvas with the pointer drawn in, and how long each stays."""

    def __init__(self, desk: SampleDesk) -> None:
        self.desk = desk
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def take(self, pointer: QPoint, milliseconds: int = FRAME_MS) -> None:
        """Grab now."""
        canvas = self.desk.window.canvas
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        window = self.desk.window
        corner = canvas.mapTo(window, QPoint(0, 0))
        window.grab(QRect(corner, canvas.size())).save(buffer, "PNG")
        frame = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
        draw = ImageDraw.Draw(frame)
        at = [(pointer.x() + x, pointer.y() + y) for x, y in POINTER]
        draw.polygon(at, fill="white", outline="black")
        height = round(frame.height * WIDTH / frame.width)
        self.frames.append(frame.resize((WIDTH, height), Image.Resampling.LANCZOS))
        self.times.append(milliseconds)

    def go(self, start: QPoint, end: QPoint, steps: int, down: bool) -> None:
        """Move from one place to another, slowly at both ends."""
        for n in range(1, steps + 1):
            share = n / steps
            eased = share * share * (3 - 2 * share)
            point = start + (end - start) * eased
            self.desk.move(point, down)
            QTest.qWait(120 if down else 20)
            self.take(point)

    def save(self, file: Path) -> int:
        """An endless WebP; less quality where it is too large. Returns its size."""
        for quality in (80, 65, 50, 35, 25):
            out = io.BytesIO()
            self.frames[0].save(
                out, "WEBP", save_all=True, append_images=self.frames[1:], duration=self.times, loop=0, quality=quality,
                method=4, minimize_size=False,
            )  # fmt: skip
            if out.tell() <= LIMIT:
                break
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(out.getvalue())
        return out.tell()


def record(desk: SampleDesk, recorder: Recorder) -> None:
    """Drag somebody's shoulder over the neighbour and back to where it belongs, and let go: both masks follow."""
    window = desk.window
    window.open(desk.folder)
    wait(lambda: window.canvas.photo is not None)
    if not desk.predicted():
        raise SystemExit("The model never answered.")
    desk.key(Qt.Key.Key_Q)
    window.scene.select(None)
    QTest.qWait(600)
    people = window.session.document.people
    person = max(people, key=lambda p: p.extent()[2] * p.extent()[3])
    shoulder = person.keypoints[COCO_17.index("right_shoulder")]
    start = desk.at(shoulder[0], shoulder[1])
    away = desk.at(shoulder[0] - 190, shoulder[1] - 30)
    rest = desk.at(shoulder[0] + 40, shoulder[1] - 120)
    recorder.take(rest, 900)
    recorder.go(rest, start, 8, down=False)
    desk.press(start)
    QTest.qWait(300)
    recorder.take(start, 300)
    recorder.go(start, away, 22, down=True)
    QTest.qWait(300)
    recorder.take(away, 400)
    recorder.go(away, start, 18, down=True)
    desk.release(start)
    QTest.qWait(800)
    recorder.take(start, 700)
    recorder.go(start, rest, 6, down=False)


def main() -> int:
    file = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "drag.webp"
    with sample_desk(SIZE) as desk:
        desk.window.controller.run("toggle_side")
        desk.window.controller.run("toggle_strip")
        recorder = Recorder(desk)
        record(desk, recorder)
        size = recorder.save(file)
    print(f"{file.name}: {len(recorder.frames)} frames, {sum(recorder.times) / 1000:.1f} s, {size // 1000} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
