"""Looking over what a labeler did, and saying whether it is right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.comparing import Difference
from kdc_annotator.document.reviewing import DONE
from kdc_annotator.io.review_drafts import keep_drafts, read_drafts
from kdc_annotator.ui.canvas.viewport import View
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.scene import Look
from kdc_annotator.ui.text import tr


class ReviewDoing(Doing):
    """The review's actions."""

    _look_before: Look | None = None
    _views: tuple[View, View] | None = None
    """The view before the review zoomed, and the one that it gave."""
    _kept: dict[int, str] | None = None
    """The drafts that the project has."""

    def review_mode(self) -> None:
        """On and off. The tints go meanwhile, so that the differences can be seen."""
        review = self.window.review
        review.set_active(not review.active)
        if review.active:
            self.take_tool("select")  # Whoever looks on does not paint.
            self._look_before = self.scene.look
            self.scene.set_look(replace(self.scene.look, masks=False))
        elif self._look_before is not None:
            self.scene.set_look(replace(self.scene.look, masks=self._look_before.masks))
            self.view_back()
        self.window.side.show_review(review.active)
        self.canvas.update()

    def show_difference(self, difference: Difference) -> None:
        """Zoom to what was changed."""
        before = self.canvas.view if self._views is None or self.canvas.view != self._views[1] else self._views[0]
        self.canvas.zoom_to(difference.box)
        self._views = (before, self.canvas.view)

    def view_back(self) -> None:
        """As before the review zoomed: what it looked at is no longer there. A zoom by hand stays."""
        views, self._views = self._views, None
        if views is not None and self.canvas.view == views[1]:
            self.canvas.set_view(views[0])

    def next_change(self) -> None:
        self.window.review.step(1)

    def previous_change(self) -> None:
        self.window.review.step(-1)

    def accept_review(self) -> None:
        """The image is right; on to the next that waits. A note that was begun stays with the image as a draft, and that is said."""
        document = self.scene.document
        if document is None:
            return
        self.put_down()  # Afterwards it would take the review back.
        if document.photo.status not in DONE or not document.photo.reviewer:
            open_ones = tuple(p.id for p in document.people if not p.provenance.confirmed)
            accept = do.AcceptImage(self.session.reviewer)
            steps = (accept, do.ConfirmPeople(open_ones)) if open_ones else (accept,)
            if self.editor.execute(do.Together(steps)) is None:
                return
        unsent = ""
        if self.window.side.review.note.text().strip():
            name = Path(document.photo.path).name
            unsent = tr("The note that was begun for {name} was not sent; it waits there.", name=name)
        else:
            self.window.side.review.clear_note()
        self._go_on(unsent)

    def return_review(self) -> None:
        """To the line where the note is written; Return sends the image back."""
        if self.window.side.isHidden():
            self.run("toggle_side")
        self.window.side.open_note()

    def return_with(self, note: str) -> None:
        """Return the image to its labeler."""
        self.put_down()
        if self.editor.execute(do.ReturnImage(self.session.reviewer, note)) is None:
            return
        self.window.side.review.clear_note()
        self.canvas.setFocus()
        self._go_on()

    def load_drafts(self) -> None:
        """The notes that were begun in the open project."""
        project = self.session.project
        try:
            drafts = read_drafts(project) if project is not None and not project.read_only else {}
        except KdcError:
            drafts = {}
        self._kept = drafts
        self.window.side.review.take_drafts(drafts)

    def keep_drafts(self) -> None:
        """What is being written is in the project, as far as it is: the program may be killed."""
        project, drafts = self.session.project, self.window.side.review.drafts
        if project is None or project.read_only or drafts == self._kept:
            return
        try:
            keep_drafts(project, drafts)
        except KdcError as error:
            self.window.show_error(error)
            return
        self.window.writing_works()
        self._kept = drafts

    def _go_on(self, unsent: str = "") -> None:
        index = self.session.next_where(review="waiting")
        if index is None:
            said = tr("No image of this list waits for review any more.")
            self.window.messages.news(f"{said} {unsent}".strip(), seconds=12 if unsent else 6)
            return
        if unsent:
            self.say_on_next(unsent)
        self.canvas.fit()
        self.session.go(index)
