"""What each action does: a method of its name for every row of the table in ``actions.py``."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QFileDialog

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.checks.finding import Finding
from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.canvas.tools.tool import Tool
from kdc_annotator.ui.scene import Figure
from kdc_annotator.ui.text import tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow


class Controller:
    """Small methods; those that edit go through the editor."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.scene = window.scene
        self.editor = window.editor
        self.session = window.session
        self.canvas = window.canvas
        self._tools: dict[str, Tool] = {}

    def run(self, name: str) -> None:
        """Do an action, where it is possible."""
        spec = next(a for a in ACTIONS if a.name == name)
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

    # File

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

    # Edit

    def undo(self) -> None:
        self.editor.undo()

    def redo(self) -> None:
        self.editor.redo()

    def go_to_step(self, position: int) -> None:
        """Undo or redo until so many steps are applied."""
        document = self.scene.document
        while document and document.position > position and self.editor.undo():
            pass
        while document and document.position < position and self.editor.redo():
            pass

    def take_tool(self, name: str) -> None:
        """Take a tool in hand."""
        from kdc_annotator.ui.canvas.tools.add_person import AddPersonTool
        from kdc_annotator.ui.canvas.tools.brush import BrushTool, CrowdTool, EraserTool, ReassignTool
        from kdc_annotator.ui.canvas.tools.merge import MergeTool
        from kdc_annotator.ui.canvas.tools.polygon import PolygonTool
        from kdc_annotator.ui.canvas.tools.select import SelectTool

        if not self._tools:
            kinds = (SelectTool, AddPersonTool, BrushTool, EraserTool, PolygonTool, ReassignTool, CrowdTool, MergeTool)
            self._tools = {kind.name: kind(self.canvas, self.editor, self.window.engine) for kind in kinds}
        tool = self._tools[name]
        self.canvas.set_tool(tool)
        action = self.window.actions_by_name.get(f"tool_{name.replace('-', '_')}")
        if action:
            action.setChecked(True)

    def tool_select(self) -> None:
        """Escape: first the gesture, then the tool, then isolation, then the selection."""
        self.window.messages.hide()
        if self.canvas.tool and self.canvas.tool.cancel():
            self.window.actions_by_name[f"tool_{self.canvas.tool.name.replace('-', '_')}"].setChecked(True)
            return
        if self.canvas.tool is not None and self.canvas.tool.name != "select":
            self.take_tool("select")
        elif self.scene.isolated:
            self.scene.set_isolated(False)
        else:
            self.scene.select(None)

    def tool_add_person(self) -> None:
        self.take_tool("add-person")

    def tool_brush(self) -> None:
        self.take_tool("brush")

    def tool_eraser(self) -> None:
        self.take_tool("eraser")

    def tool_polygon(self) -> None:
        self.take_tool("polygon")

    def tool_reassign(self) -> None:
        self.take_tool("reassign")

    def tool_crowd(self) -> None:
        self.take_tool("crowd")

    def delete(self) -> None:
        """The joint under the pointer, else the person; a proposal is put aside."""
        figure = self._figure()
        hot = self.canvas.hot
        if hot and hot[0] == figure.key and figure.annotation.keypoints[hot[1], 2]:
            self.editor.on(figure.key, lambda person: do.RemoveKeypoint(person, hot[1]))
        elif figure.proposal:
            self.editor.execute(do.RejectProposals((figure.key[1],)))
        else:
            self.editor.execute(do.DeletePeople((figure.key[1],)))

    def jump(self, finding: Finding) -> None:
        """Show what a check found."""
        if finding.people:
            self.scene.select((False, finding.people[0]))
        person = self.scene.selection
        if person is not None:
            self.canvas.zoom_to(person.box)
        elif finding.place is not None:
            x, y = finding.place
            self.canvas.zoom_to((x - 40, y - 40, 80, 80))
        if person is not None and finding.keypoint is not None:
            self.canvas.set_hot((person.key, finding.keypoint))

    def repair(self, finding: Finding) -> None:
        """Do a check's repair: one step that can be undone."""
        if finding.repair is not None:
            self.editor.execute(finding.repair)

    # Person

    def next_person(self) -> None:
        self.scene.step(1)

    def previous_person(self) -> None:
        self.scene.step(-1)

    def person_beneath(self) -> None:
        from kdc_annotator.ui.canvas.tools.select import SelectTool

        if isinstance(self.canvas.tool, SelectTool):
            self.canvas.tool.beneath()

    def confirm_person(self) -> None:
        figure = self._figure()
        if figure.proposal:
            self.editor.execute(do.AcceptProposals((figure.key[1],)))
        else:
            self.editor.execute(do.ConfirmPeople((figure.key[1],)))

    def accept_proposal(self) -> None:
        self.editor.execute(do.AcceptProposals((self._figure().key[1],)))

    def accept_all(self) -> None:
        proposals = tuple(p.id for p in self.scene.visible_proposals())
        if proposals:
            self.editor.execute(do.AcceptProposals(proposals))

    def cycle_visibility(self) -> None:
        hot = self.canvas.hot
        figure = self.scene.figure(hot[0]) if hot else None
        if hot is None or figure is None:
            return
        key, joint = hot
        value = int(figure.annotation.keypoints[joint, 2])
        if value == 0 and not figure.annotation.keypoints[joint, :2].any():
            ghosts = self.canvas.ghosts_of(figure)
            x, y = (float(v) - 0.5 for v in ghosts[joint])
            self.editor.on(key, lambda person: do.AddKeypoint(person, joint, x, y, 2))
            return
        following = {2: 1, 1: 0, 0: 2}[value]
        self.editor.on(key, lambda person: do.SetVisibility(person, (joint,), following))

    def mirror(self) -> None:
        self.editor.on(self._figure().key, do.MirrorPerson)

    def swap_pair(self) -> None:
        hot = self.canvas.hot
        if hot:
            self.editor.on(hot[0], lambda person: do.SwapSides(person, hot[1]))

    def swap_person(self) -> None:
        self.editor.on(self._figure().key, do.SwapSides)

    def place_missing(self) -> None:
        self.editor.on(self._figure().key, do.PlaceSymmetric)

    def merge(self) -> None:
        self.take_tool("merge")

    def split(self) -> None:
        """By the limb under the pointer, else by the parts of the mask."""
        from kdc_annotator.ui.pose_guess import subtree

        figure, hot = self._figure(), self.canvas.hot
        if hot and hot[0] == figure.key:
            joints = tuple(subtree(self.canvas.schema_of(figure), hot[1]))
            self.editor.execute(do.SplitByKeypoints(figure.key[1], joints))
        else:
            self.editor.execute(do.SplitByParts(figure.key[1]))

    def copy_previous(self) -> None:
        people, source = self.session.previous_people
        self.editor.execute(do.CopyPeople(people, source))

    def duplicate(self) -> None:
        self.editor.execute(do.DuplicatePerson(self._figure().key[1], 8, 8))

    def bring_front(self) -> None:
        self.editor.execute(do.RaisePerson(self._figure().key[1]))

    def send_back(self) -> None:
        self.editor.execute(do.RaisePerson(self._figure().key[1], False))

    def lock(self) -> None:
        figure = self._figure()
        self.editor.execute(do.LockPeople((figure.key[1],), not figure.annotation.locked))

    def mark_crowd(self) -> None:
        figure = self._figure()
        self.editor.execute(do.SetCrowd(figure.key[1], not figure.annotation.crowd))

    # Image

    def next_image(self) -> None:
        self.session.step(1)

    def previous_image(self) -> None:
        self.session.step(-1)

    def confirm_image(self) -> None:
        """All people in it are right as they are; proposals that nobody accepted stay proposals."""
        document = self.scene.document
        if document is None:
            return
        unconfirmed = tuple(p.id for p in document.people if not p.provenance.confirmed)
        status = do.SetStatus("done")
        confirm = do.Together(
            (do.ConfirmPeople(unconfirmed), status), f"Mark image as {'done' if document.people else 'done and empty'}"
        )
        open_ones = len(self.scene.visible_proposals())
        if document.photo.status not in ("done", "done and empty") or unconfirmed:
            if self.editor.execute(confirm if unconfirmed else status) is None and document.photo.status not in (
                "done",
                "done and empty",
            ):
                return
            self.session.confirmed_at.append(time.monotonic())
        left = open_ones
        if not self.session.step(1):
            self.window.messages.news(tr("This was the last image of the list."), tr("Export…"), self.export)
        elif left:
            self.window.messages.news(
                tr("{count} proposals of the image before were left out (Q accepts them first).", count=left),
                tr("Go back"), lambda: self.run("previous_image"),
            )  # fmt: skip

    def skip_image(self) -> None:
        self.editor.execute(do.SetStatus("skipped"))
        self.session.step(1)

    def next_open_image(self) -> None:
        project = self.session.project
        if project is None:
            return
        waiting = set(project.image_ids(status=("untouched", "proposed", "in progress")))
        order = [*range(self.session.index + 1, len(self.session.ids)), *range(0, self.session.index)]
        found = next((i for i in order if self.session.ids[i] in waiting), None)
        if found is None:
            self.window.messages.news(tr("Every image of this list is done or skipped."))
        else:
            self.session.go(found)

    def filter_images(self) -> None:
        if not self.window.strip.isVisible():
            self.toggle_strip()
        self.window.strip.search.setFocus()
        self.window.strip.search.selectAll()

    # View

    def fit(self) -> None:
        self.canvas.fit()

    def one_to_one(self) -> None:
        pointer = self.canvas.pointer
        self.canvas.set_scale(1.0 / self.canvas.devicePixelRatioF(), pointer if pointer.x() >= 0 else None)

    def zoom_in(self) -> None:
        self.canvas.zoom_by(1.25)

    def zoom_out(self) -> None:
        self.canvas.zoom_by(0.8)

    def zoom_person(self) -> None:
        self.canvas.zoom_to(self._figure().box)

    def isolate(self) -> None:
        self.scene.set_isolated(not self.scene.isolated)

    def hide(self) -> None:
        figure = self._figure()
        self.scene.set_hidden(figure.key, self.scene.visible(figure))

    def show_all(self) -> None:
        for key in tuple(self.scene.hidden):
            self.scene.set_hidden(key, False)
        self.scene.set_isolated(False)

    def look(self, **values: object) -> None:
        """Draw it otherwise; see ``Look``."""
        self.scene.set_look(replace(self.scene.look, **values))  # type: ignore[arg-type]

    def show_masks(self) -> None:
        self.look(masks=not self.scene.look.masks)

    def show_outlines(self) -> None:
        self.look(outlines=not self.scene.look.outlines)

    def show_both(self) -> None:
        both = self.scene.look.masks and self.scene.look.outlines
        self.look(masks=not both, outlines=not both)

    def show_skeletons(self) -> None:
        self.look(skeleton=not self.scene.look.skeleton)

    def toggle_side(self) -> None:
        self._toggle("side", self.window.side.isHidden())

    def toggle_strip(self) -> None:
        self._toggle("strip", self.window.strip.isHidden())

    def _toggle(self, name: str, on: bool) -> None:
        getattr(self.window, name).setVisible(on)
        self.window.settings.put(f"window/{name}", on)
        self.window.actions_by_name[f"toggle_{name}"].setChecked(on)

    def theme_dark(self) -> None:
        self.window.set_theme("dark")

    def theme_light(self) -> None:
        self.window.set_theme("light")

    def theme_system(self) -> None:
        self.window.set_theme("system")

    # Model

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
        reason = self.window.engine.status.reason or tr("There is no model; people can be added by hand with 5.")
        self.window.messages.news(reason)

    def preannotate(self) -> None:
        if not self.session.preannotate():
            self._no_model()

    def train(self) -> None:
        from kdc_annotator.ui.dialogs.training import TrainingDialog

        if self.session.project is not None:
            TrainingDialog(self.window, self.session.project).show()

    # Help

    def palette(self) -> None:
        from kdc_annotator.ui.command_palette import CommandPalette, Entry

        window, situation, keys = self.window, self.window.situation(), self.window.keys()
        from kdc_annotator.ui.cheat_sheet import key_text

        entries = []
        for spec in ACTIONS:
            key = key_text(keys[spec.name][0]) if keys[spec.name] else ""
            possible = situation.allows(spec.when)
            picture = window.actions_by_name[spec.name].icon()
            entries.append(Entry(tr(spec.text), key, picture, possible, partial(self.run, spec.name)))
        palette = CommandPalette(window, window.theme, entries, self._images_called)
        place = window.palette_place()
        palette.open_at(place.x(), place.y())

    def _images_called(self, text: str) -> list:  # type: ignore[type-arg]
        from kdc_annotator.ui.command_palette import Entry

        project = self.session.project
        if project is None:
            return []
        ids = project.image_ids(text=text)[:12]
        picture = self.window.actions_by_name["toggle_strip"].icon()
        return [
            Entry(photo.path, tr("image"), picture, True, partial(self.session.go_to_image, photo.id))
            for photo in project.photos_of(ids)
        ]

    def cheat_sheet(self) -> None:
        from kdc_annotator.ui.cheat_sheet import CheatSheet

        CheatSheet(self.window, self.window.keys()).show()

    def rebind(self) -> None:
        from kdc_annotator.ui.dialogs.keys import KeysDialog

        KeysDialog(self.window).open()

    def language(self) -> None:
        from kdc_annotator.ui.language import other_language

        name = other_language(self.window.settings)
        self.window.settings.put("language", name)
        self.window.messages.news(tr("The language changes when the window is opened again."))

    def tour(self) -> None:
        from kdc_annotator.ui.tour import Tour

        Tour(self.window).start()

    def about(self) -> None:
        from kdc import __version__

        status = self.window.engine.status
        text = tr("KDC Annotator {version}. Keypoints and masks of people in crowds; Apache-2.0.", version=__version__)
        self.window.messages.news(f"{text} {status.model} {status.device} {status.reason}".strip(), seconds=15)

    def focus_next(self) -> None:
        """Canvas, people, history, images, and round again."""
        window = self.window
        parts = [
            p
            for p in (self.canvas, window.people, window.history, window.strip.search, window.strip.view)
            if p.isVisible()
        ]
        focus = QApplication.focusWidget()
        at = next((n for n, p in enumerate(parts) if p is focus), -1)
        if parts:
            parts[(at + 1) % len(parts)].setFocus()

    def _figure(self) -> Figure:
        figure = self.scene.selection
        assert figure is not None
        return figure
