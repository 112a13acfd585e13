"""Writes the pictures of ``docs/images`` from the sample crowd, offscreen, with the bundled model.

    python packaging/screenshots.py [FOLDER] [--large]        # docs/images; --large: 2560 x 1440, to look at

A few minutes: the model runs, and for one picture it is really trained for some steps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from sample_desk import BYTES, PHOTO, ROOT, SampleDesk, sample_desk, save_small, wait

from kdc.resources import sample_folder
from kdc.schema import COCO_17

TRAINED = 8
"""Copies of the photo that the training of the picture has; more than five, so that one is held back."""
TRAIN_OPTIONS = ("--batch", "2", "--workers", "1")


def save(widget: QWidget, file: Path) -> None:
    """A picture for the documentation, or to look at where it is a large one."""
    save_small(widget, file, BYTES if widget.width() <= 1280 else 10 * BYTES)


def open_crowd(desk: SampleDesk) -> None:
    """The photo with the model's people."""
    desk.window.open(desk.folder)
    wait(lambda: desk.window.canvas.photo is not None)
    if not desk.predicted():
        raise SystemExit("The model never answered.")


def biggest(desk: SampleDesk) -> tuple[int, QPoint]:
    """Number and right wrist (else the last joint) of the person with the largest box."""
    figures = desk.window.scene.figures
    n = max(range(len(figures)), key=lambda i: figures[i].annotation.extent()[2] * figures[i].annotation.extent()[3])
    points = figures[n].annotation.keypoints
    present = [k for k in range(len(points)) if points[k, 2]]
    joint = COCO_17.index("right_wrist") if points[COCO_17.index("right_wrist"), 2] else present[-1]
    return n, desk.at(points[joint, 0], points[joint, 1])


def states_of_work(folder: Path, size: tuple[int, int]) -> None:
    """Start page, proposals, drag, isolated, review, keys."""
    with sample_desk(size) as desk:
        window = desk.window
        QTest.qWait(800)
        save(window, folder / "start.png")
        open_crowd(desk)
        window.scene.select(None)
        QTest.qWait(500)
        save(window, folder / "proposals.png")
        number, wrist = biggest(desk)
        window.scene.select(window.scene.figures[number].key)
        desk.drag(wrist, QPoint(70, -60) * (size[0] / 1280))
        QTest.qWait(1500)
        save(window, folder / "drag.png")
        desk.release(wrist + QPoint(70, -60) * (size[0] / 1280))
        desk.key(Qt.Key.Key_F)
        QTest.qWait(400)
        save(window, folder / "isolate.png")
        desk.key(Qt.Key.Key_F)
        window.controller.run("cheat_sheet")
        QTest.qWait(300)
        sheet = desk.dialog("CheatSheet")
        save(sheet, folder / "keys.png")
        sheet.close()
        review(desk)
        save(window, folder / "review.png")


def review(desk: SampleDesk) -> None:
    """All proposals accepted, one person moved by a joint, one deleted, the image confirmed; the reviewer looks."""
    window = desk.window
    desk.key(Qt.Key.Key_Q)
    window.scene.select(window.scene.figures[-1].key)
    desk.key(Qt.Key.Key_D, Qt.KeyboardModifier.ShiftModifier)
    desk.key(Qt.Key.Key_Space)
    desk.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ShiftModifier)
    QTest.qWait(800)
    desk.key(Qt.Key.Key_N)
    QTest.qWait(800)


def light_and_german(folder: Path, size: tuple[int, int]) -> None:
    """The light theme, and the German window."""
    for name, theme, language in (("light", "light", "en"), ("german", "dark", "de")):
        with sample_desk(size, theme, language) as desk:
            open_crowd(desk)
            desk.key(Qt.Key.Key_Q)
            desk.key(Qt.Key.Key_S)
            QTest.qWait(500)
            save(desk.window, folder / f"{name}.png")


def copied_labels(copies: int) -> dict[str, Any]:
    """The sample's COCO file with the crowd alone, so many times."""
    content = json.loads((sample_folder() / "person_keypoints.json").read_bytes())
    (crowd,) = [i for i in content["images"] if i["file_name"] == PHOTO]
    people = [a for a in content["annotations"] if a["image_id"] == crowd["id"]]
    content["images"] = [
        crowd | {"id": n + 1, "file_name": PHOTO if n == 0 else f"crowd-{n + 1}.jpg"} for n in range(copies)
    ]
    content["annotations"] = [
        person | {"id": n * len(people) + k + 1, "image_id": n + 1}
        for n in range(copies)
        for k, person in enumerate(people)
    ]
    return content


def training(folder: Path, size: tuple[int, int], steps: int) -> None:
    """A real training on copies of the photo, as it runs and when it is done."""
    from kdc_annotator.ui.dialogs.training import TrainingDialog

    with tempfile.TemporaryDirectory() as place, sample_desk(size, copies=TRAINED, place=Path(place)) as desk:
        window = desk.window
        labels = desk.folder / "crowd.json"
        labels.write_text(json.dumps(copied_labels(TRAINED)))
        window.open(labels)
        wait(lambda: window.canvas.photo is not None)
        for _ in range(TRAINED):
            desk.key(Qt.Key.Key_Space)
            QTest.qWait(300)
        dialog = TrainingDialog(window, TRAIN_OPTIONS, steps=steps)
        dialog.show()
        wait(dialog.start.isEnabled, 30)
        save(dialog, folder / "training-before.png")
        dialog.begin()
        wait(lambda: bool(dialog.outcome.cells), 1200)
        QTest.qWait(500)
        save(dialog, folder / "training.png")
        dialog.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Pictures of the documentation.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "images")
    parser.add_argument("--large", action="store_true", help="2560 x 1440 instead of 1280 x 800")
    parser.add_argument("--only", choices=("work", "looks", "training"), help="one part of them")
    parser.add_argument("--steps", type=int, default=120, help="of the training (120)")
    args = parser.parse_args()
    size = (2560, 1440) if args.large else (1280, 800)
    if args.only in (None, "work"):
        states_of_work(args.folder, size)
    if args.only in (None, "looks"):
        light_and_german(args.folder, size)
    if args.only in (None, "training"):
        training(args.folder, size, args.steps)
    return 0


if __name__ == "__main__":
    sys.exit(main())
