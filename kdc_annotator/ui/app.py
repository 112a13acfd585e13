"""Starts the window. It is painted before anything heavy is imported: the network lives in a process of its own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

from kdc.errors import KdcError


def run(path: str | None, read_only: bool = False, model: str | None = None) -> int:
    """Open the window, with ``path`` (folder, photo, COCO file, project) where one is given; the process ends with it.

    ``read_only``: nothing of it is changed. ``model``: the file to predict with from now on, ``bundled`` for ours; None: the one used last.
    Raises KdcError where there is no display or no such file.
    """
    if model not in (None, "bundled") and not Path(str(model)).is_file():
        raise KdcError("Model not found", f"{model} is not there; check the name, or use --model bundled.")
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    ):
        raise KdcError(
            "No display", "The window needs a display; on this machine use `kdc-annotator predict` or `preannotate`."
        )
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from kdc_annotator.ui.icon_set import icon
    from kdc_annotator.ui.language import install, wanted_language
    from kdc_annotator.ui.main_window import MainWindow
    from kdc_annotator.ui.settings import Settings
    from kdc_annotator.ui.text import tr
    from kdc_annotator.ui.theme import DARK

    # The thread of live clustering gives the interpreter back sooner: a mouse move waits for it less.
    sys.setswitchinterval(0.001)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("kdc-annotator")
    app.setApplicationDisplayName("KDC Annotator")
    app.setDesktopFileName("kdc-annotator")
    app.setWindowIcon(icon("app", DARK.accent))
    settings = Settings()
    install(app, wanted_language(settings))
    window = MainWindow(settings, make_engine())
    if model is not None:
        settings.put("model", "" if model == "bundled" else str(Path(model).absolute()))
    chosen, tell = settings.text("model"), ""
    if chosen and Path(chosen).is_file():
        window.engine.use_model(chosen)
    elif chosen:
        settings.put("model", "")
        tell = tr("The model {file} is gone; the bundled one is used.", file=chosen)
        window.start_messages.news(tell, seconds=20)
    window.start.set_recent(settings.recent())
    window.show()
    QTimer.singleShot(0, window.engine.start)
    if path is not None:
        window.open(Path(path), read_only, tell)
    else:
        window.open_again(tell)
    # Python gets to handle Ctrl-C only when Qt lets it run now and then.
    signal.signal(signal.SIGINT, lambda *_: window.close())
    pulse = QTimer()
    pulse.timeout.connect(lambda: None)
    pulse.start(300)
    return leave(app.exec())


def leave(code: int) -> NoReturn:
    """End the process now; everything is on disk, and the window has gone.

    Python would wait for its threads first, and one of them may compile what drags need: half a minute the first time, and nothing
    interrupts it.
    """
    for child in multiprocessing.active_children():
        child.kill()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


def make_engine():  # type: ignore[no-untyped-def]
    """The engine with the bundled model, or one that has none."""
    try:
        from kdc_annotator.ui.live_engine import LiveEngine
    except ImportError:
        from kdc_annotator.ui.engine_bridge import EngineBridge

        return EngineBridge()
    return LiveEngine()
