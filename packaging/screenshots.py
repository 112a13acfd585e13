"""Writes the pictures of ``docs/images`` from the sample crowd, offscreen, with the bundled model.

python packaging/screenshots.py [FOLDER]        # docs/images
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))


def main(target: Path) -> int:
    """All pictures; 1 where the model never answered."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication, QWidget

    from kdc.resources import sample_folder
    from kdc_annotator.ui.language import install
    from kdc_annotator.ui.live_engine import LiveEngine
    from kdc_annotator.ui.main_window import MainWindow
    from kdc_annotator.ui.settings import Settings

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    target.mkdir(parents=True, exist_ok=True)

    def wait(ready: Callable[[], bool], seconds: float) -> bool:
        for _ in range(int(seconds * 20)):
            if ready():
                return True
            QTest.qWait(50)
        return ready()

    def save(widget: QWidget, name: str) -> None:
        QTest.qWait(400)
        widget.grab().save(str(target / f"{name}.jpg"), "JPG", 90)
        print(name, flush=True)

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "sample"
        folder.mkdir()
        for photo in sample_folder().glob("*.jpg"):
            shutil.copyfile(photo, folder / photo.name)
        settings = Settings(Path(place) / "settings.ini")
        settings.put("theme", "dark")
        window = MainWindow(settings, LiveEngine())
        window.resize(1280, 800)
        window.show()
        save(window, "start")
        window.engine.start()
        window.open(folder)
        wait(lambda: window.canvas.photo is not None, 30)
        window.session.go(len(window.session.ids) - 1)
        found = wait(lambda: bool(window.scene.figures), 180)
        save(window, "proposals")
        if found:
            wait(lambda: getattr(window.engine, "_live", None) is not None, 60)
            figure = max(window.scene.figures, key=lambda f: f.annotation.extent()[2] * f.annotation.extent()[3])
            window.scene.select(figure.key)
            present = [k for k, row in enumerate(figure.annotation.keypoints) if row[2]]
            x, y, _ = figure.annotation.keypoints[present[-1]]
            start = window.canvas.mapping.to_widget(x + 0.5, y + 0.5).toPoint()
            QTest.mouseMove(window.canvas, start)
            QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
            for n in range(1, 13):
                QTest.mouseMove(window.canvas, start + QPoint(5 * n, -4 * n))
                QTest.qWait(40)
            QTest.qWait(1500)
            save(window, "drag")
            QTest.mouseRelease(
                window.canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + QPoint(60, -48)
            )
            window.scene.set_isolated(True)
            save(window, "isolate")
            window.scene.set_isolated(False)
        window.controller.run("accept_all")
        window.set_theme("light")
        window.resize(2560, 1440)
        save(window, "light")
        window.resize(1280, 800)
        window.set_theme("dark")
        window.controller.run("train")
        (dialog,) = [w for w in window.findChildren(QWidget) if type(w).__name__ == "TrainingDialog"]
        save(dialog, "training")
        dialog.close()
        window.controller.run("cheat_sheet")
        (sheet,) = [w for w in window.findChildren(QWidget) if type(w).__name__ == "CheatSheet"]
        save(sheet, "keys")
        sheet.close()
        window.close()
        install(app, "de")
        window = MainWindow(settings)
        window.resize(1280, 800)
        window.show()
        window.open(folder)
        wait(lambda: window.canvas.photo is not None, 30)
        window.scene.step(1)
        save(window, "german")
        window.close()
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"))
