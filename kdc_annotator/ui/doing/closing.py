"""Before a project is left: what could not be stored so far, and a project whose file has gone."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.io.attribute_draft import keep_attribute_draft
from kdc_annotator.io.note_draft import keep_note_draft
from kdc_annotator.io.project import Project
from kdc_annotator.io.review_drafts import keep_drafts, read_drafts
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.editing import as_reviewed, command_on
from kdc_annotator.ui.error_words import said
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr

RESCUED = "rescued"
"""The setting that names a copy of which nobody was told yet."""


class ClosingDoing(Doing):
    """What is looked at before a project is closed."""

    _asked: frozenset[str] = frozenset()
    """What was said to be lost by closing."""
    _why: KdcError | None = None

    def held_by_unstored(self, close: Callable[[], object]) -> bool:
        """Whether closing loses something that can't be stored, as on a full disk: then a first attempt says what. ``close``: the second."""
        lost = self._store_rest()
        if lost <= self._asked:
            self._asked = lost
            return False
        self._asked = lost

        def again() -> None:
            close()

        title = said(self._why)[0] if self._why is not None else tr("Not stored")
        text = tr(
            "Not stored yet: {what}. Closing now loses it; once the trouble is mended, closing stores it.",
            what=", ".join(sorted(lost)),
        )
        self.window.messages.trouble(title, text, tr("Close anyway"), again)
        return True

    def rescue_project(self) -> None:
        """Go on in a copy of what is open, whose file somebody moved, deleted or replaced."""
        project = self.session.project
        if project is None:
            return
        try:
            saved = project.rescue()
        except KdcError as error:
            self.window.show_error(error)
            return
        if saved is not None:
            self.window.open(saved, tell=tr("You are working in {name} now.", name=saved.name))
        else:  # The file is back.
            self.window.messages.hide()

    def keep_rescued(self, saved: Path) -> None:
        """What was open is in that copy: remembered until it is said."""
        if saved != self.window.asked_for:  # Else the labeler has asked for it.
            self.window.settings.add_recent(saved)
            self.window.settings.put(RESCUED, str(saved))
            self.window.settings.sync()

    def tell_rescued(self) -> bool:
        """Say where it is, unless something else is said that is to be read first."""
        settings, bar = self.window.settings, self.window.bar
        saved = Path(settings.text(RESCUED))
        if not settings.text(RESCUED) or bar.tells_trouble:
            return False
        settings.put(RESCUED, "")
        settings.sync()
        project = self.session.project
        if not saved.is_file() or (project is not None and project.path == saved):
            return False
        text = tr(
            "The file of a project was moved, deleted or replaced while it was open; all that was open is in {path}.",
            path=saved,
        )
        bar.trouble(tr("Project saved elsewhere"), text, tr("Open it"), lambda: self.window.open(saved))
        return True

    def _store_rest(self) -> frozenset[str]:
        """Finish and store what is begun or waits to be stored, in the copy where the project's file has gone; what stays is named."""
        project = self.session.project
        if project is None or project.read_only or self.session.at_work:
            return frozenset()
        troubles: list[KdcError] = []
        self._why = None

        def failed(error: KdcError) -> None:
            troubles.append(error)

        self.editor.failed.connect(failed)
        try:
            self.canvas.put_down()
            lost = {tr("what was begun in the photo")} if troubles else set()
            self.window.side.details.finish()
        finally:
            self.editor.failed.disconnect(failed)
        self._why = troubles[-1] if troubles else None
        try:
            saved = project.rescue()
            if saved is None:
                return frozenset(lost | self._store_waiting(project))
            with Project.open(saved, labeler=self.session.labeler) as copy:
                # What was being typed is among what waits.
                keep_note_draft(copy, None)
                keep_attribute_draft(copy, None)
                return frozenset(lost | self._store_waiting(copy))
        except KdcError as error:
            self._why = error
            return frozenset(lost | {tr("the project {name}", name=project.path.name)})

    def _store_waiting(self, project: Project) -> set[str]:
        """Notes, values and words of a review that could not be stored; those that still can't are named."""
        details, lost = self.window.side.details, set()
        for image, text in tuple(details.unstored.items()):
            if self._stored(partial(_set_note, project, image, text)):
                del details.unstored[image]
            else:
                lost.add(tr("the note on {name}", name=_name(project, image)))
        for (key, name), value in tuple(details.unstored_values.items()):
            image = details.waits_in[key]
            if self._stored(partial(_set_value, project, image, key, name, value)):
                del details.unstored_values[key, name]
            else:
                lost.add(tr("{attribute} of a person in {name}", attribute=name, name=_name(project, image)))
        drafts = self.window.side.review.drafts
        if read_drafts(project) != drafts and not self._stored(partial(keep_drafts, project, drafts)) and drafts:
            lost.add(tr("the notes of a review"))
        return lost

    def _stored(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except KdcError as error:
            self._why = error
            return False
        return True


def _set_note(project: Project, image: int, text: str) -> None:
    document = project.document(image)
    if document.photo.notes != text:
        document.execute(as_reviewed(do.SetPhotoNotes(notes=text), document.photo))


def _set_value(project: Project, image: int, key: Key, name: str, value: object) -> None:
    document = project.document(image)
    people = document.proposals if key[0] else document.people
    person = next((p for p in people if p.id == key[1]), None)
    if person is not None and person.attributes.get(name) != value:
        command = command_on(key, lambda p: do.SetAttributes(p, {name: value}))
        document.execute(as_reviewed(command, document.photo))


def _name(project: Project, image: int) -> str:
    try:
        return Path(project.photo(image).path).name
    except KdcError:
        return tr("image {n}", n=image)
