"""Opening, closing, import and export."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from kdc.errors import KdcError
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.running_training import unattended
from kdc_annotator.ui.text import counted, mark, tr
from kdc_annotator.ui.theme import Tokens

if TYPE_CHECKING:
    from kdc_annotator.ui.dialogs.training import TrainingDialog
    from kdc_annotator.ui.main_window import MainWindow


class FileDoing(Doing):
    """Opening, closing, import and export."""

    def _beside(self) -> str:
        """The folder of what is open, else of what was open last: where somebody most likely wants to look."""
        recent = self.window.settings.recent()
        project = self.session.project.path if self.session.project is not None else Path(recent[0]) if recent else None
        return "" if project is None else str(project.parent)

    def open_folder(self) -> None:
        beside = self._beside()
        around = str(Path(beside).parent) if beside else ""  # Other folders are beside it, not in it.
        path = QFileDialog.getExistingDirectory(self.window, tr("Open a folder of photos"), around)
        if path:
            self.window.open(Path(path))

    def open_file(self) -> None:
        kinds = tr("Projects and COCO files") + " (*.kdcproj *.json)"
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Open a project or COCO file"), self._beside(), kinds)
        if path:
            self.window.open(Path(path))

    def open_sample(self) -> None:
        from kdc_annotator.ui.sample import sample_copy

        try:
            self.window.open(sample_copy())
        except KdcError as error:
            self.window.show_error(error)

    _held: object = None

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._asked_about: set[Path] = set()
        """Folders of trainings that this window began to watch when it was closed."""

    def held_by_import(self, close: Callable[[], object]) -> bool:
        """Whether a file is being imported: then a first attempt to close says what closing would do. ``close``: the second."""
        importing = self.session.importing
        if importing is None or self._held is importing:
            return False
        self._held = importing

        def again() -> None:
            close()

        text = tr("{name} is being imported. Closing now imports nothing of it.", name=importing.path.name)
        self.window.messages.trouble(tr("Still at work"), text, tr("Close anyway"), again)
        return True

    def _training_windows(self) -> list[TrainingDialog]:
        # Not loaded before it is wanted: where it is not, there is none.
        module = sys.modules.get("kdc_annotator.ui.dialogs.training")
        dialogs = self.window.findChildren(module.TrainingDialog) if module is not None else []
        return [dialog for dialog in dialogs if dialog.isVisible()]

    def held_by_training(self, close: Callable[[], object]) -> bool:
        """Whether a training runs of which nobody said yet what shall become of it: then its window asks. ``close``: what goes on then."""
        if any(dialog.asks(close) for dialog in self._training_windows()):
            return True
        project = self.session.project
        folder = None if project is None else unattended(project.path)
        if folder is None or folder in self._asked_about:
            return False
        from kdc_annotator.ui.dialogs.training import open_training

        self._asked_about.add(folder)  # Its folder may be one where no answer can be kept.
        dialog = open_training(self.window)
        return dialog is not None and dialog.asks(close)

    def dress_training(self, theme: Tokens) -> None:
        """Light or dark, also where a training is watched."""
        for dialog in self._training_windows():
            dialog.set_theme(theme)

    def close_project(self) -> None:
        if self.held_by_import(self.close_project) or self.held_by_unstored(self.close_project):
            return
        self.session.close_project()
        self.window.settings.remember_open(None)
        self.session.project_changed.emit()

    def import_coco(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, tr("Import a COCO file"), self._beside(), "COCO (*.json)")
        if path:
            self.session.import_coco(Path(path))

    def find_photos(self) -> None:
        """Ask for a folder and look there for the photos that are not where they should be."""
        project = self.session.project
        if project is None:
            return
        title = tr("In which folder are the photos now?")
        path = QFileDialog.getExistingDirectory(self.window, title, str(project.images_root))
        if path:
            self.session.look_for_photos(Path(path))

    def offer_to_look(self, count: int) -> None:
        """Say that photos are not where they should be, and how to go on."""
        project = self.session.project
        if project is None:
            return
        text = counted(
            count,
            mark("1 photo is not in {folder}."),
            mark("{count} photos are not in {folder}."),
            folder=project.images_root,
        )
        button = "" if project.read_only else tr("Look for them…")
        self.window.messages.trouble(tr("Photos are missing"), text, button, lambda: self.run("find_photos"))

    def export(self) -> None:
        from kdc_annotator.ui.dialogs.export import ExportDialog

        if self.session.project is not None:
            said = self.canvas.put_down()  # A person or polygon that was begun is finished, so that it is in the file.
            if said:
                self.window.messages.news(said)
            ExportDialog(self.window, self.session).open()

    def quit(self) -> None:
        self.window.close()
