"""The real app, started as its command starts it, which writes down what it shows so that a test knows where to point.

    python observed_app.py STATE.json PATH

It only looks: everything that happens comes from real key and mouse events.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def look(file: Path) -> None:
    """Write the state of the window, whole or not at all."""
    from PySide6.QtCore import QPoint
    from PySide6.QtWidgets import QApplication

    from kdc_annotator.ui.dialogs.export import ExportDialog
    from kdc_annotator.ui.main_window import MainWindow

    window = next((w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow)), None)
    if window is None:
        return
    canvas, scene, document = window.canvas, window.scene, window.session.document
    corner = canvas.mapToGlobal(QPoint(0, 0))
    figures = []
    for figure in scene.figures:
        points = canvas.mapping.points(figure.annotation.keypoints[:, :2] + 0.5)
        mask = figure.annotation.mask
        figures.append(
            {
                "proposal": figure.proposal, "id": figure.key[1], "area": 0 if mask is None else mask.area,
                "joints": [[round(x + corner.x(), 1), round(y + corner.y(), 1)] for x, y in points.tolist()],
                "seen": figure.annotation.keypoints[:, 2].astype(int).tolist(),
                "points": figure.annotation.keypoints.round(2).tolist(),
            }
        )  # fmt: skip
    dialog = next((w for w in window.findChildren(ExportDialog) if w.isVisible() and w.button.isEnabled()), None)
    button = dialog.button.mapToGlobal(dialog.button.rect().center()) if dialog else QPoint(0, 0)
    state = {
        "photo": canvas.photo is not None and document is not None, "index": window.session.index, "images": len(window.session.ids),
        "figures": figures, "live": getattr(window.engine, "_live", None) is not None, "previewing": scene.previewing,
        "selected": scene.selected, "position": document.position if document else 0,
        "history": list(document.history) if document else [], "tool": canvas.tool.name if canvas.tool else "",
        "status": document.photo.status if document else "", "model": window.engine.status.model, "reason": window.engine.status.reason,
        "canvas": [corner.x(), corner.y(), canvas.width(), canvas.height()], "dialog": [button.x(), button.y()] if dialog else None,
        "notes": document.photo.notes if document else "", "attributes": [dict(p.attributes) for p in document.people] if document else [],
        "drafts": [d.text for d in (window.controller._note_draft, window.controller._typed_draft) if d is not None],
        "hot": canvas.hot, "busy": canvas.tool is not None and canvas.tool.busy, "active": window.isActiveWindow(), "messages": window.messages.text(),
    }  # fmt: skip
    aside = file.with_suffix(".part")
    aside.write_text(json.dumps(state), encoding="ascii")
    aside.replace(file)


def main() -> None:
    """Start, and look ten times a second."""
    file = Path(sys.argv[1])
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    run = QApplication.exec

    def watched(*_: object) -> int:
        timer = QTimer()
        timer.timeout.connect(lambda: look(file))
        timer.start(100)
        return int(run())

    QApplication.exec = watched
    from kdc_annotator.cli import main as command

    sys.exit(command(["gui", sys.argv[2]]))


if __name__ == "__main__":
    main()
