"""Confirming, skipping and finding images."""

from __future__ import annotations

from kdc_annotator.document import commands as do
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.hints import looked_for
from kdc_annotator.ui.text import counted, mark, tr

OPEN = ("untouched", "proposed", "in progress")
"""Of images that are neither done nor skipped."""
ALL_LEFT = (
    mark("Nobody is accepted: 1 proposal would be left out. {accept}: accept it · {confirm} again: nobody is in this image."),
    mark("Nobody is accepted: {count} proposals would be left out. {accept}: accept them all · {confirm} again: nobody is in this image."),
)  # fmt: skip
SOME_LEFT = (
    mark("1 proposal is not accepted and would be left out. {accept}: accept it · {confirm} again: go on without it."),
    mark("{count} proposals are not accepted and would be left out. {accept}: accept them all · {confirm} again: go on without them."),
)  # fmt: skip


class ImageDoing(Doing):
    """Confirming, skipping and finding images."""

    _put_down: tuple[str, int] = ("", 0)
    """What became of unfinished work, and the image that it is in; not told yet."""
    _warned = 0
    """The image of which it was said that the model is still at it."""
    _told: frozenset[int] = frozenset()
    """The proposals of the open image of which it was said that they would be left out."""

    def put_down(self) -> None:
        """Finish what the tool in hand has begun, since the image is left; what became of it is said on the next one."""
        photo, said = self.session.photo, self.canvas.put_down()
        if said and photo is not None:
            self._put_down = (said, photo.id)

    def say_of_left(self, said: str) -> None:
        """Something about the image that is still on the canvas, said there or, where another one is coming, on that one."""
        document, photo = self.scene.document, self.session.photo
        if document is not None and photo is not None and photo.id != document.photo.id:
            self._say_later(said, document.photo.id)
        else:
            self.window.messages.news(said, seconds=12)

    def say_on_next(self, said: str) -> None:
        """Something about the open image, which is about to be left, said on the one that comes."""
        if self.session.photo is not None:
            self._say_later(said, self.session.photo.id)

    def _say_later(self, said: str, image: int) -> None:
        self._put_down = (" ".join((self._put_down[0], said)).strip(), image)

    def tell_put_down(self) -> None:
        """Another image is shown."""
        (said, left), self._put_down = self._put_down, ("", 0)
        self._told = frozenset()
        photo = self.session.photo
        if said and photo is not None and photo.id != left:
            self.window.messages.news(said, tr("Go back"), lambda: self.session.go_to_image(left), seconds=12)
        elif said:
            self.window.messages.news(said)

    def next_image(self) -> None:
        self.session.step(1)

    def previous_image(self) -> None:
        self.session.step(-1)

    def confirm_image(self) -> None:
        """All people in it are right as they are; proposals that nobody accepted stay proposals."""
        self.put_down()
        document = self.scene.document
        if document is None or self._unseen():
            return
        unconfirmed = tuple(p.id for p in document.people if not p.provenance.confirmed)
        status: do.SetStatus | do.Together = do.SetStatus("done")
        if document.photo.reviewer:
            status = do.Together((status, do.WithdrawReview()))
        confirm = do.Together((status, do.ConfirmPeople(unconfirmed)))
        if document.photo.status not in ("done", "done and empty") or unconfirmed:
            if self._leaves_out():
                return
            if self.editor.execute(confirm if unconfirmed else status) is None and document.photo.status not in (
                "done",
                "done and empty",
            ):
                return
            self.session.clock.confirmed()
        if not self.session.step(1):
            self._tell_end()

    def _leaves_out(self) -> bool:
        """Whether proposals would be left out of which that has not been said: then it is, and a second Space confirms without them.

        Also where some are accepted: an edit accepts the one person whom it changes, and whoever put one of twenty right and goes on
        seldom means to lose nineteen. The slider says which proposals count; what is below it, hidden or thrown away, nobody is asked about.
        """
        left = frozenset(p.id for p in self.scene.visible_proposals())
        if left <= self._told:
            return False
        self._told = left
        keys = self.window.actions_made.now
        accept, confirm = (key_text(keys[name][0]) if keys[name] else "…" for name in ("accept_all", "confirm_image"))
        some = bool(self.scene.document and self.scene.document.people)
        one, many = SOME_LEFT if some else ALL_LEFT
        said = counted(len(left), one, many, accept=accept, confirm=confirm)
        self.window.messages.news(said, tr("Accept all proposals"), lambda: self.run("accept_all"), seconds=15)
        return True

    def _unseen(self) -> bool:
        """Whether nobody can know yet who is in the photo: then that is said, and Space does nothing.

        A photo that can't be read is never confirmed. One that the model is still looking at is, as empty, by a second Space.
        """
        photo, messages = self.session.photo, self.window.messages
        if photo is None or self.session.photo_error is not None:
            text = tr("The photo can't be read, so nobody knows who is in it.")
            messages.trouble(tr("Not confirmed"), text, tr("Skip the image"), lambda: self.run("skip_image"))
            return True
        if not looked_for(self.window) or self._warned == photo.id:
            return False
        self._warned = photo.id
        messages.news(tr("The model is still looking for people here; press again to confirm the image as empty."))
        return True

    def _tell_end(self) -> None:
        """The last image of the list was confirmed: on to what is not done in it, else to the export."""
        said = tr("This was the last image of the list.")
        if self.session.next_where(status=OPEN) is None:
            self.window.messages.news(said, tr("Export…"), lambda: self.run("export"))
        else:
            self.window.messages.news(said, tr("Next image that is not done"), lambda: self.run("next_open_image"))

    def skip_image(self) -> None:
        self.put_down()
        document = self.scene.document
        if document is None or (
            self.editor.execute(do.SetStatus("skipped")) is None and document.photo.status != "skipped"
        ):
            return
        if not self.session.step(1):
            self._tell_end()

    def next_open_image(self) -> None:
        found = self.session.next_where(status=OPEN)
        if found is None:
            self.window.messages.news(tr("Every image of this list is done or skipped."))
        else:
            self.session.go(found)

    def filter_images(self) -> None:
        if not self.window.strip.isVisible():
            self.run("toggle_strip")
        self.window.strip.search.setFocus()
        self.window.strip.search.selectAll()
