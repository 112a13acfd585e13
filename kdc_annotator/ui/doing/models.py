"""What the model is asked to do."""

from __future__ import annotations

from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.text import tr


class ModelDoing(Doing):
    """What the model is asked to do."""

    def predict_visible(self) -> None:
        self._predict(self.canvas.visible_box())

    def predict_image(self) -> None:
        self._predict((0, 0, *self.canvas.image_size))

    def _predict(self, box: tuple[int, int, int, int]) -> None:
        photo, project = self.session.photo, self.session.project
        if photo is None or project is None:
            return
        if not self.window.engine.predict_region(photo.id, project.image_path(photo), photo.size, box):
            self._no_model()

    def _no_model(self) -> None:
        if self.window.engine.trouble is not None:
            self.window.show_error(self.window.engine.trouble)
            return
        reason = self.window.engine.status.reason or tr("There is no model; people can be added by hand with 5.")
        self.window.messages.news(reason)

    def preannotate(self) -> None:
        if not self.session.preannotate():
            self._no_model()

    def load_model(self) -> None:
        self.window.engine.try_again()

    def train(self) -> None:
        from kdc_annotator.ui.dialogs.training import open_training

        open_training(self.window)
