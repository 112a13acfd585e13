"""Export: says what it will write before it writes."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from kdc.errors import KdcError
from kdc_annotator.ui.coco_bridge import ExportPlan, Progress, export, plan
from kdc_annotator.ui.error_words import sentence
from kdc_annotator.ui.opening import SUFFIX
from kdc_annotator.ui.session import Session
from kdc_annotator.ui.text import counted, mark, tr
from kdc_annotator.ui.work import Work

FORMS: tuple[str | None, ...] = (None, "polygons", "rle")


class ExportDialog(QDialog):
    """COCO keypoints and masks; written aside and put in place when whole."""

    def __init__(self, parent: QWidget, session: Session) -> None:
        super().__init__(parent)
        assert session.project is not None
        self.project = session.project
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Export"))
        title = QLabel(tr("Export as COCO"))
        title.setProperty("role", "heading")
        self.place = QLineEdit(str(self.project.path.with_suffix(".json")))
        if Path(self.place.text()).exists():
            self.place.setText(str(self.project.path.with_name(f"{self.project.path.stem}-export.json")))
        self.place.setAccessibleName(tr("File"))
        self.place.setMinimumWidth(320)
        choose = QPushButton(tr("Choose…"))
        choose.clicked.connect(self._choose)
        self.done_only = QCheckBox(tr("Only images that are done"))
        self.proposals = QCheckBox(tr("Proposals that nobody accepted, too"))
        self.form = QComboBox()
        self.form.addItems([tr("Masks as they are"), tr("Masks as polygons"), tr("Masks as RLE")])
        self.form.setAccessibleName(tr("Form of the masks"))
        self.says = QLabel()
        self.says.setWordWrap(True)
        self.says.setMinimumWidth(1)  # A long name shall not widen the window beyond the screen.
        self.says.setProperty("role", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self.button = QPushButton(tr("Export"))
        self.button.setProperty("primary", True)
        self.button.setDefault(True)
        self.button.clicked.connect(self._export)
        self.leave = QPushButton(tr("Cancel"))
        self.leave.clicked.connect(self.reject)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        grid.addWidget(QLabel(tr("File")), 0, 0)
        grid.addWidget(self.place, 0, 1)
        grid.addWidget(choose, 0, 2)
        grid.addWidget(QLabel(tr("Masks")), 1, 0)
        grid.addWidget(self.form, 1, 1)
        grid.addWidget(self.done_only, 2, 1, 1, 2)
        grid.addWidget(self.proposals, 3, 1, 1, 2)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(title)
        column.addLayout(grid)
        column.addWidget(self.says)
        column.addWidget(self.bar)
        column.addLayout(buttons)
        for box in (self.done_only, self.proposals):
            box.toggled.connect(self._count)
        self.place.textChanged.connect(self._say)
        self._plan: ExportPlan | None = None
        self._writing = False
        self._stopped = threading.Event()
        self._works: list[Work] = []
        self._asked = 0
        self._count()

    def _count(self) -> None:
        self._plan = None
        self._asked += 1
        asked, done_only, proposals = self._asked, self.done_only.isChecked(), self.proposals.isChecked()

        def wanted() -> bool:
            return asked == self._asked

        work = Work(lambda _: plan(self.project, done_only, proposals, wanted), self)
        work.done.connect(lambda found: self._counted(asked, found))
        work.failed.connect(lambda error: self._not_counted(asked, error))
        self._works.append(work)
        work.start()
        self._say()

    def _counted(self, asked: int, found: ExportPlan | None) -> None:
        if asked == self._asked and found is not None:
            self._plan = found
            self._say()

    def _not_counted(self, asked: int, error: KdcError) -> None:
        if asked == self._asked:
            self._failed(error)

    def _target(self) -> Path:
        """The file to write; a name without a folder is one beside the project."""
        name = os.path.expanduser(self.place.text().strip())  # noqa: PTH111 - Path's own raises where there is no such user
        return self.project.path.parent / name

    def _tell(self, text: str) -> None:
        """A longer sentence makes the dialog higher instead of squeezing what stands above it."""
        self.says.setText(text)
        layout = self.layout()
        assert layout is not None
        self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _say(self) -> None:
        target = self._target()
        lost = target.suffix.lower() == SUFFIX or (target.is_file() and target.suffix.lower() != ".json")
        self.button.setEnabled(self._plan is not None and not self._writing and not target.is_dir() and not lost)
        if lost:
            self._tell(
                tr(
                    "{name} does not end in .json; choose another name, so that no project and no photo is replaced.",
                    name=target.name,
                )
            )
            return
        if self._plan is None:
            self._tell(tr("Counting …"))
            return
        images = counted(self._plan.images, mark("1 image"), mark("{count} images"))
        people = counted(self._plan.people, mark("1 person"), mark("{count} people"))
        text = tr("{images} with {people}", images=images, people=people)
        if self._plan.proposals:
            text += " " + counted(self._plan.proposals, mark("and 1 proposal"), mark("and {count} proposals"))
        if target.is_file():
            text += ". " + tr("The file exists and will be replaced")
        self._tell(text + ".")

    def _choose(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, tr("Export as COCO"), self.place.text(), "COCO (*.json)")
        if path:
            self.place.setText(path)

    def _export(self) -> None:
        target = self._target()
        done_only, proposals = self.done_only.isChecked(), self.proposals.isChecked()
        form = FORMS[self.form.currentIndex()]
        self._writing = True
        self._stopped.clear()
        self.button.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()

        def write(tell: Progress) -> None:
            def told(text: str, done: int, of: int) -> None:
                if self._stopped.is_set():
                    raise KdcError(tr("Export stopped"), tr("Nothing was written."))
                tell(text, done, of)

            export(self.project, target, done_only, proposals, form, told)

        work = Work(write, self)
        work.progress.connect(self._progress)
        work.done.connect(lambda _: self._exported(target))
        work.failed.connect(self._failed)
        self._works.append(work)
        work.start()

    def _progress(self, _: str, done: int, of: int) -> None:
        self.bar.setRange(0, of)
        self.bar.setValue(done)

    def reject(self) -> None:
        """Escape and Cancel stop the writing, and the file that was there stays; once more, they close."""
        if self._writing:
            self._stopped.set()
        else:
            super().reject()

    def _exported(self, target: Path) -> None:
        self._writing = False
        self.bar.hide()
        self._tell(tr("Written: {path}", path=target))
        self.leave.setText(tr("Close"))
        self.leave.setFocus()
        self.button.setEnabled(True)
        self.accepted.emit()

    def _failed(self, error: KdcError) -> None:
        self._writing = False
        self.bar.hide()
        if self._plan is not None:
            self._say()
        self._tell(sentence(error))

    def done(self, result: int) -> None:
        self._stopped.set()
        self._asked += 1  # What is being counted is not wanted any more.
        for work in self._works:
            work.wait()
        super().done(result)
