"""What each action does: a method of its name for every row of the table in ``actions.py``, kept in ``doing``."""

from __future__ import annotations

from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.doing.closing import ClosingDoing
from kdc_annotator.ui.doing.details import DetailsDoing
from kdc_annotator.ui.doing.edits import EditDoing
from kdc_annotator.ui.doing.files import FileDoing
from kdc_annotator.ui.doing.helps import HelpDoing
from kdc_annotator.ui.doing.images import ImageDoing
from kdc_annotator.ui.doing.models import ModelDoing
from kdc_annotator.ui.doing.persons import PersonDoing
from kdc_annotator.ui.doing.reviews import ReviewDoing
from kdc_annotator.ui.doing.views import ViewDoing
from kdc_annotator.ui.text import tr


class Controller(
    ClosingDoing,
    FileDoing,
    EditDoing,
    PersonDoing,
    ImageDoing,
    DetailsDoing,
    ReviewDoing,
    ViewDoing,
    ModelDoing,
    HelpDoing,
):
    """All of them, and the one way in which they are called."""

    def run(self, name: str) -> None:
        """Do an action, where it is possible."""
        spec = next(a for a in ACTIONS if a.name == name)
        if spec.menu in ("edit", "person") and not spec.tool and self.canvas.tool is not None and self.canvas.tool.busy:
            self.canvas.keys.let_go()  # A button was clicked while the keys hold a joint: that is the step before this one.
        situation = self.window.situation()
        if spec.when == "joint" and not situation.joint:
            if situation.image:
                self.window.messages.news(
                    tr("Put the pointer on a joint first: {action}.", action=tr(spec.text)), seconds=3
                )
            return
        if not situation.allows(spec.when):
            return
        self.session.touched()
        getattr(self, name)()
        self.window.refresh_actions()
