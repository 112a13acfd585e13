"""Attributes of people and notes on images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.attribute_kinds import SETTING, AttributeKind, read_kinds, write_kinds
from kdc_annotator.io.attribute_draft import AttributeDraft, keep_attribute_draft, read_attribute_draft
from kdc_annotator.io.note_draft import NoteDraft, keep_note_draft, read_note_draft
from kdc_annotator.io.project import Project
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.editing import as_reviewed, command_on
from kdc_annotator.ui.panels.attribute_row import read_typed
from kdc_annotator.ui.panels.people import title_of
from kdc_annotator.ui.scene import Key
from kdc_annotator.ui.text import tr


class DetailsDoing(Doing):
    """What the details panel asks for."""

    _note_draft: NoteDraft | None = None
    """The begun note that the project has."""
    _typed_draft: AttributeDraft | None = None
    """The begun value of an attribute that the project has."""

    def edit_details(self) -> None:
        """The keyboard goes to the selected person's attributes, or to the image's note."""
        if self.window.side.isHidden():
            self.run("toggle_side")
        self.window.side.open_details()

    def load_kinds(self) -> None:
        """Show the attributes that the open project defines."""
        project = self.session.project
        try:
            stored = project.setting(SETTING) if project else None
        except KdcError:
            stored = None
        self.window.side.details.set_kinds(read_kinds(stored))

    def define_attribute(self, kind: AttributeKind) -> None:
        """An attribute that people of this project may have from now on."""
        project = self.session.project
        if project is None:
            return
        details = self.window.side.details
        try:
            project.set_setting(SETTING, write_kinds({**details.kinds, kind.name: kind}))
        except KdcError as error:
            self.window.show_error(error)
            return
        self.window.writing_works()
        self.load_kinds()

    def set_attribute(self, key: Key, name: str, value: Any) -> None:
        """A person's value of an attribute; None takes it away. Where it can't be stored it stays in its field, and is tried again when the
        image is left."""
        details, figure, document = self.window.side.details, self.scene.figure(key), self.scene.document
        if figure is not None and document is not None:
            waited = (key, name) in details.unstored_values
            details.unstored_values.pop((key, name), None)
            before = self.scene.stored(key)
            if not waited or before is None or before.attributes.get(name) != value:
                self.editor.on(key, lambda person: do.SetAttributes(person, {name: value}))
            stored = self.scene.stored(key)
            if stored is not None and not stored.locked and stored.attributes.get(name) != value:
                details.unstored_values[key, name] = value
                details.waits_in[key] = document.photo.id
                left = self.session.document is not document
                if left or self.scene.selected != key:
                    who = f"{Path(document.photo.path).name} · {title_of(figure)}" if left else title_of(figure)
                    said = tr("{who}: the value of {name} could not be stored; it waits there.", who=who, name=name)
                    self.say_of_left(said)
        details.refresh()
        self.keep_typed()

    def refuse_number(self, who: str, name: str, typed: str) -> None:
        """Say what was typed and not taken over, also where the image is being left."""
        text = tr("{who}: “{typed}” is no number, so {name} stays as it was.", who=who, typed=typed, name=name)
        self.say_of_left(text)

    def set_crowd(self, key: Key, crowd: bool) -> None:
        """Whether it is a crowd region."""
        if self.scene.figure(key) is not None:
            self.editor.on(key, lambda person: do.SetCrowd(person, crowd))
        self.window.side.details.refresh()

    def set_note(self, text: str) -> None:
        """The image's note. Where it can't be stored its words stay with the image, and are tried again when they are left."""
        document, unstored = self.scene.document, self.window.side.details.unstored
        if document is None:
            return
        self.editor.execute(do.SetPhotoNotes(notes=text))
        if document.photo.notes == text:
            unstored.pop(document.photo.id, None)
            self.keep_note()
            return
        unstored[document.photo.id] = text
        if self.session.document is not document:
            name = Path(document.photo.path).name
            self.say_of_left(tr("The note on {name} could not be stored; its words wait there.", name=name))

    def keep_note(self) -> None:
        """What is being written of the image's note is in the project, as far as it is: the program may be killed."""
        project, document = self.session.project, self.scene.document
        if project is None or project.read_only or document is None:
            return
        text, stored = self.window.side.details.note.toPlainText().strip(), document.photo.notes
        draft = NoteDraft(document.photo.id, stored, text) if text != stored.strip() else None
        if draft == self._note_draft:
            return
        try:
            keep_note_draft(project, draft)
        except KdcError as error:
            self.window.show_error(error)
            return
        self.window.writing_works()
        self._note_draft = draft

    def keep_typed(self) -> None:
        """What is being typed of a person's attribute is in the project, as far as it is."""
        project, document = self.session.project, self.scene.document
        if project is None or project.read_only or document is None:
            return
        typed = self.window.side.details.being_typed
        draft = None
        if typed is not None:
            (proposal, person), kind, before, text = typed
            draft = AttributeDraft(document.photo.id, person, proposal, kind.name, kind.kind == "number", before, text)
        if draft == self._typed_draft:
            return
        try:
            keep_attribute_draft(project, draft)
        except KdcError as error:
            self.window.show_error(error)
            return
        self.window.writing_works()
        self._typed_draft = draft

    def keep_written(self) -> None:
        """Both: what is being written of the note and of an attribute."""
        self.keep_note()
        self.keep_typed()

    def take_up_written(self) -> None:
        """What was being written when the program was killed becomes its image's, each as one step."""
        self._note_draft = self._typed_draft = None
        self.window.side.details.unstored.clear()
        self.window.side.details.unstored_values.clear()
        self.window.side.details.waits_in.clear()
        project = self.session.project
        if project is None or project.read_only:
            return
        for take_up in (self._take_up_note, self._take_up_typed):
            try:
                take_up(project)
            except KdcError as error:
                self.window.show_error(error)

    def _take_up_note(self, project: Project) -> None:
        draft = self._note_draft = read_note_draft(project)
        if draft is None:
            return
        document = project.document(draft.image)
        command = do.SetPhotoNotes(notes=draft.on(document.photo.notes))
        if command.notes != document.photo.notes:
            document.execute(as_reviewed(command, document.photo))
        keep_note_draft(project, None)
        self._note_draft = None

    def _take_up_typed(self, project: Project) -> None:
        draft = self._typed_draft = read_attribute_draft(project)
        if draft is None:
            return
        document = project.document(draft.image)
        image, typed = document.photo.path, draft.text
        people = document.proposals if draft.proposal else document.people
        person = next((p for p in people if p.id == draft.person), None)
        stored = None if person is None else person.attributes.get(draft.name)
        value = read_typed(typed, draft.number)
        if typed and value is None:
            said = tr(
                "{who}: “{typed}” is no number, so {name} stays as it was.", who=image, typed=typed, name=draft.name
            )
            self.window.messages.news(said, seconds=12)
        elif person is None or stored not in (draft.before, value):
            said = tr(
                "{image}: “{typed}” was being typed for {name}, but the person or the value is another one now and stays as it is.",
                image=image, typed=typed, name=draft.name,
            )  # fmt: skip
            self.window.messages.news(said, seconds=12)
        elif stored != value:
            command = command_on((draft.proposal, draft.person), lambda p: do.SetAttributes(p, {draft.name: value}))
            document.execute(as_reviewed(command, document.photo))
        keep_attribute_draft(project, None)
        self._typed_draft = None
