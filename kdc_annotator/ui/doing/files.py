"""Opening, closing, import and export."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from kdc.errors import KdcError
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.text import tr


class FileDoing(Doing):
    """Opening, closing, import and export."""

    def open_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self.window, tr("Open a folder of photos"))
        if path:
            self.window.open(Path(path))

    def open_file(self) -> None:
        kinds = tr("Projects and COCO files") + " (*.kdcproj *.json)"
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Open a project or COCO file"), "", kinds)
        if path:
            self.window.open(Path(path))

    def open_sample(self) -> None:
        from kdc_annotator.ui.sample import sample_copy

        try:
            self.window.open(sample_copy())
        except KdcError as error:
            self.window.show_error(error)

    def close_project(self) -> None:
        self.session.close_project()
        self.session.project_changed.emit()

    def import_coco(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Import a COCO file"), "", "COCO (*.json)")
        if path:
            self.session.import_coco(Path(path))

    def export(self) -> None:
        from kdc_annotator.ui.dialogs.export import ExportDialog

        if self.session.project is not None:
            ExportDialog(self.window, self.session).open()

    def quit(self) -> None:
        self.window.close()
