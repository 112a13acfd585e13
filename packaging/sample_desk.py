"""The app over the sample crowd, offscreen, for the scripts that make the pictures of the documentation."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt  # noqa: E402
from PySide6.QtGui import QMouseEvent  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication, QWidget  # noqa: E402

from kdc.resources import sample_folder  # noqa: E402
from kdc_annotator.ui.language import install  # noqa: E402
from kdc_annotator.ui.live_engine import LiveEngine  # noqa: E402
from kdc_annotator.ui.main_window import MainWindow  # noqa: E402
from kdc_annotator.ui.settings import Settings  # noqa: E402

PHOTO = "crowd.jpg"
BYTES = 400_000
NONE = Qt.KeyboardModifier.NoModifier


def application() -> QApplication:
    """The one application of the process."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    return app


def wait(ready: Callable[[], bool], seconds: float = 240) -> bool:
    """Let the app work until something holds."""
    for _ in range(int(seconds * 20)):
        if ready():
            return True
        QTest.qWait(50)
    return ready()


@dataclass
class SampleDesk:
    """A window over a folder with the sample crowd."""

    window: MainWindow
    folder: Path

    def predicted(self) -> bool:
        """Wait until the model's people are there and masks can follow."""
        return wait(lambda: bool(self.window.scene.figures)) and wait(
            lambda: getattr(self.window.engine, "_live", None) is not None
        )

    def at(self, x: float, y: float) -> QPoint:
        """Where a pixel index is on the canvas."""
        return self.window.canvas.mapping.to_widget(x + 0.5, y + 0.5).toPoint()

    def move(self, point: QPoint, down: bool = False) -> None:
        """The pointer moves."""
        canvas = self.window.canvas
        buttons = Qt.MouseButton.LeftButton if down else Qt.MouseButton.NoButton
        place = QPointF(canvas.mapToGlobal(point))
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(point), place, Qt.MouseButton.NoButton, buttons, NONE
        )  # fmt: skip
        QApplication.sendEvent(canvas, event)

    def press(self, point: QPoint) -> None:
        """The left button goes down."""
        self.move(point)
        QTest.mousePress(self.window.canvas, Qt.MouseButton.LeftButton, NONE, point)

    def release(self, point: QPoint) -> None:
        """It comes up."""
        QTest.mouseRelease(self.window.canvas, Qt.MouseButton.LeftButton, NONE, point)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
        """A key on the canvas."""
        QTest.keyClick(self.window.canvas, key, modifiers)

    def drag(self, start: QPoint, by: QPoint, steps: int = 12, pause: int = 40) -> None:
        """Press and move; the button stays down."""
        self.press(start)
        for n in range(1, steps + 1):
            self.move(start + by * (n / steps), down=True)
            QTest.qWait(pause)

    def dialog(self, kind: str) -> QWidget:
        """The open dialog of that class."""
        return next(w for w in self.window.findChildren(QWidget) if type(w).__name__ == kind and w.isVisible())


@contextmanager
def sample_desk(
    size: tuple[int, int] = (1280, 800),
    theme: str = "dark",
    language: str = "en",
    copies: int = 1,
    place: Path | None = None,
) -> Iterator[SampleDesk]:
    """A window over ``copies`` of the sample crowd; nothing of the user's settings, data or cache is touched."""
    app = application()
    translator = install(app, language)
    own = tempfile.TemporaryDirectory()
    base = place or Path(own.name)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(base / name.lower())
    folder = base / "photos"
    folder.mkdir(exist_ok=True)
    for n in range(copies):
        target = folder / (PHOTO if n == 0 else f"crowd-{n + 1}.jpg")
        if not target.exists():
            shutil.copyfile(sample_folder() / PHOTO, target)
    settings = Settings(Path(own.name) / "settings.ini")
    settings.put("theme", theme)
    settings.put("language", language)
    settings.put("labeler", "Ada")
    window = MainWindow(settings, LiveEngine())
    window.start.set_recent(settings.recent())
    window.resize(*size)
    window.show()
    window.engine.start()
    try:
        yield SampleDesk(window, folder)
    finally:
        window.close()
        window.deleteLater()
        QTest.qWait(50)
        if translator is not None:
            app.removeTranslator(translator)
        own.cleanup()


def save_small(widget: QWidget, file: Path, limit: int = BYTES) -> None:
    """A picture of ``widget`` as PNG under ``limit`` bytes: in 256 colours of its own, fewer where that is too large."""
    import io

    from PIL import Image
    from PySide6.QtCore import QBuffer

    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    picture = Image.open(io.BytesIO(bytes(buffer.data().data()))).convert("RGB")
    for colours in (256, 192, 128, 96, 64):
        out = io.BytesIO()
        packed = picture.quantize(colours, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        packed.save(out, "PNG", optimize=True)
        if out.tell() <= limit:
            break
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(out.getvalue())
    print(f"{file.name}  {picture.width} x {picture.height}  {colours} colours  {out.tell() // 1000} kB", flush=True)
