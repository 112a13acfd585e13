"""What the model is asked to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.text import counted, mark, number, tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

BELOW = (
    mark("1 person was found whose score is below the slider ({score})."),
    mark("{count} people were found whose scores are below the slider ({score})."),
)

SCORE_STEP = 5
"""Hundredths of the score that a key moves the slider by."""


class ModelDoing(Doing):
    """What the model is asked to do."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._known: frozenset[int] = frozenset()
        """The open proposals when somebody was looked for last."""
        self._looking = ""
        window.engine.proposals_ready.connect(self._found)

    def predict_visible(self) -> None:
        self._predict(self.canvas.visible_box(), tr("Looking for people in the visible part …"))

    def predict_image(self) -> None:
        self._predict((0, 0, *self.canvas.image_size), tr("Looking for people in the image …"))

    def _predict(self, box: tuple[int, int, int, int], said: str) -> None:
        photo, project, document = self.session.photo, self.session.project, self.scene.document
        if photo is None or project is None or document is None:
            return
        if not box[2] or not box[3]:
            self.window.messages.news(tr("Nothing of the photo is in sight."), tr("Fit"), lambda: self.run("fit"))
        elif self.window.engine.predict_region(photo.id, project.image_path(photo), photo.size, box):
            self._known, self._looking = frozenset(p.id for p in document.proposals), said
            self.window.messages.news(said, seconds=60)
        else:
            self._no_model()

    def _found(self, image_id: int, _people: object, _model: str, part: object) -> None:
        """The session has taken whom the model found; where nobody of them is to be seen, it is said why."""
        document = self.scene.document
        if not part or document is None or document.photo.id != image_id:
            return
        if self.window.messages.text() == self._looking:
            self.window.messages.hide()
        shown = {p.id for p in self.scene.visible_proposals()}
        below = sum(p.id not in self._known and p.id not in shown for p in document.proposals)
        self._known = frozenset(p.id for p in document.proposals)
        if below:
            self.window.messages.news(counted(below, *BELOW, score=number(self.scene.threshold, 2)), seconds=12)

    def _no_model(self) -> None:
        if self.window.engine.trouble is not None:
            self.window.show_error(self.window.engine.trouble)
            return
        reason = self.window.engine.status.reason or tr("There is no model; people can be added by hand.")
        self.window.messages.news(reason)

    def score_lower(self) -> None:
        self._move_threshold(-SCORE_STEP)

    def score_higher(self) -> None:
        self._move_threshold(SCORE_STEP)

    def _move_threshold(self, by: int) -> None:
        slider = self.window.status.threshold
        slider.setValue(slider.value() + by)

    def preannotate(self) -> None:
        if not self.session.preannotate():
            self._no_model()

    def load_model(self) -> None:
        self.window.engine.try_again()

    def choose_model(self) -> None:
        """A model file of one's own."""
        before = self.window.engine.model_file
        path, _ = QFileDialog.getOpenFileName(
            self.window, tr("Use another model"), before, tr("Models") + " (*.safetensors)"
        )
        if path:
            self.use_model(path)

    def bundled_model(self) -> None:
        self.use_model("")

    def use_model(self, path: str) -> None:
        """Predict with that model from now on, also after a restart; "" is the bundled one."""
        self.window.settings.put("model", path)
        self.window.engine.use_model(path)
        self.window.refresh_actions()

    def train(self) -> None:
        from kdc_annotator.ui.dialogs.training import open_training

        open_training(self.window)
