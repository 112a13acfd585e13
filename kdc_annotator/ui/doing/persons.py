"""Everything that is done to one person, and going from one to the next."""

from __future__ import annotations

import math

import numpy as np

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.commands.people import fitting
from kdc_annotator.document.mask_shapes import speck_limit
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.missing_joints import place_missing
from kdc_annotator.ui.pose_guess import subtree
from kdc_annotator.ui.scene import Figure
from kdc_annotator.ui.text import counted, mark, tr

COPY_STEP = 8
"""Pixels between a person and the copy of them."""
LEFT_OUT = (
    mark("1 person of {name} does not fit into this image, which has another size, and was left out."),
    mark("{count} people of {name} do not fit into this image, which has another size, and were left out."),
)


class PersonDoing(Doing):
    """Everything that is done to one person, and going from one to the next."""

    def next_person(self) -> None:
        self.scene.step(1)

    def previous_person(self) -> None:
        self.scene.step(-1)

    def person_beneath(self) -> None:
        from kdc_annotator.ui.canvas.tools.select import SelectTool

        if isinstance(self.canvas.tool, SelectTool):
            self.canvas.tool.beneath()

    def next_joint(self) -> None:
        self._to_joint(1)

    def previous_joint(self) -> None:
        self._to_joint(-1)

    def _to_joint(self, by: int) -> None:
        """The pointer goes to the selected person's next joint, or to the ring where one is missing; without anybody, to the first person's."""
        if self.scene.selection is None:
            self.scene.step(1)
        figure = self.scene.selection
        if figure is None:
            return
        if self.canvas.tool is None or self.canvas.tool.name != "select":
            self.take_tool("select")
        if not self.scene.look.skeleton:
            self.run("show_skeletons")
        places = self.canvas.joints_of(figure)
        known = np.flatnonzero(np.isfinite(places).all(1)).tolist()
        if not known:
            return
        hot = self.canvas.hot
        now = hot[1] if hot and hot[0] == figure.key else -1
        onward = [k for k in known if (k > now if by > 0 else k < now)]
        joint = (onward or known)[0 if by > 0 else -1]
        x, y = places[joint].tolist()
        self.canvas.keys.start((x, y), (figure.key, joint))

    def confirm_person(self) -> None:
        figure = self.figure
        if figure.proposal:
            self.editor.execute(do.AcceptProposals((figure.key[1],)))
        else:
            self.editor.execute(do.ConfirmPeople((figure.key[1],)))

    def accept_proposal(self) -> None:
        self.editor.execute(do.AcceptProposals((self.figure.key[1],)))

    def accept_all(self) -> None:
        proposals = tuple(p.id for p in self.scene.visible_proposals())
        hidden = sum(f.proposal and not self.scene.visible(f) for f in self.scene.figures)
        if proposals:
            self.editor.execute(do.AcceptProposals(proposals))
        if hidden:
            left = counted(
                hidden, mark("1 hidden proposal was left out."), mark("{count} hidden proposals were left out.")
            )
            self.window.messages.news(left, tr("Show everybody"), lambda: self.run("show_all"))

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
            self.edit_followed(key, lambda person: do.AddKeypoint(person, joint, x, y, 2))
            return
        following = {2: 1, 1: 0, 0: 2}[value]
        self.edit_followed(key, lambda person: do.SetVisibility(person, (joint,), following))

    def mirror(self) -> None:
        self.editor.on(self.figure.key, do.MirrorPerson)

    def swap_pair(self) -> None:
        hot = self.canvas.hot
        if hot:
            self.edit_followed(hot[0], lambda person: do.SwapSides(person, hot[1]))

    def swap_person(self) -> None:
        self.edit_followed(self.figure.key, do.SwapSides)

    def swap_limb(self) -> None:
        """The pair under the pointer and those beyond it: an arm, a leg."""
        hot, figure = self.canvas.hot, self.scene.figure(self.canvas.hot[0]) if self.canvas.hot else None
        if hot and figure:
            limb = tuple(subtree(self.canvas.schema_of(figure), hot[1]))
            self.edit_followed(hot[0], lambda person: do.SwapSides(person, hot[1], limb))

    def _accepted(self) -> Figure | None:
        """The selected person; a proposal is accepted first, as by every edit, in a step of its own."""
        figure = self.figure
        if figure.proposal and self.editor.execute(do.AcceptProposals((figure.key[1],))) is None:
            return None
        return self.scene.selection

    def place_missing(self) -> None:
        if (figure := self._accepted()) is not None:
            place_missing(self.editor, self.window.engine, figure.key)

    def merge(self) -> None:
        self.take_tool("merge")

    def split(self) -> None:
        """By the limb under the pointer, else by the parts of the mask; specks beside a mask are nobody."""
        figure, hot, mask = self.figure, self.canvas.hot, self.figure.annotation.mask
        if hot and hot[0] == figure.key:
            joints = tuple(subtree(self.canvas.schema_of(figure), hot[1]))
            self.edit_followed(figure.key, lambda person: do.SplitByKeypoints(person, joints))
        else:
            smallest = math.ceil(speck_limit(mask)) if mask is not None else 1
            self.edit_followed(figure.key, lambda person: do.SplitByParts(person, smallest))

    def copy_previous(self) -> None:
        try:
            people, source = self.session.people_before()
        except KdcError as error:
            self.window.show_error(error)
            return
        document = self.scene.document
        new = tuple(p for p in people if document is None or not any(_alike(p, here) for here in document.people))
        if people and not new:
            self.window.messages.news(tr("The people of {name} are all here already.", name=source))
            return
        left = sum(fitting(person, document.photo.size) is None for person in new) if document is not None else 0
        if self.editor.execute(do.CopyPeople(new, source)) is not None and left:
            self.window.messages.news(counted(left, *LEFT_OUT, name=source), seconds=12)

    def duplicate(self) -> None:
        """The copy is in hand afterwards: it is the one to be moved."""
        figure, document = self._accepted(), self.scene.document
        if figure is None or document is None:
            return
        before = {p.id for p in document.people}
        if self.editor.execute(do.DuplicatePerson(figure.key[1], *_beside(figure.annotation))) is not None:
            self.scene.select_copy((False, next(p.id for p in document.people if p.id not in before)), figure.key)

    def bring_front(self) -> None:
        self.editor.on(self.figure.key, do.RaisePerson)

    def send_back(self) -> None:
        self.editor.on(self.figure.key, lambda person: do.RaisePerson(person, False))

    def lock(self) -> None:
        self.toggle_lock(self.figure)

    def toggle_lock(self, figure: Figure) -> None:
        """Lock a person against edits, or unlock."""
        self.editor.on(figure.key, lambda person: do.LockPeople((person,), not figure.annotation.locked))

    def release_mask(self) -> None:
        self.editor.execute(do.ReleaseMask(self.figure.key[1]))

    def release_masks(self) -> None:
        """Of everybody in the image, in one step."""
        document = self.scene.document
        drawn = [p for p in document.people if p.drawn] if document is not None else []
        free = tuple(do.ReleaseMask(p.id) for p in drawn if not p.locked)
        if not free:
            return
        text = f"Release the masks of {len(free)} people" if len(free) > 1 else ""
        self.editor.execute(do.Together(free, text))
        if locked := len(drawn) - len(free):
            one, many = mark("1 locked person keeps the mask."), mark("{count} locked people keep their masks.")
            self.window.messages.news(counted(locked, one, many))

    def mark_crowd(self) -> None:
        figure = self.figure
        self.editor.on(figure.key, lambda person: do.SetCrowd(person, not figure.annotation.crowd))


def _beside(person: Annotation) -> tuple[int, int]:
    """How far a copy is moved so that both are seen: right and down, else the other way where the photo ends."""
    x, y, w, h = person.extent()
    width, height = person.size
    if not (width and height):
        return COPY_STEP, COPY_STEP

    def step(before: int, beyond: int) -> int:
        return min(beyond, COPY_STEP) if beyond >= min(before, COPY_STEP) else -min(before, COPY_STEP)

    return step(x, width - x - w), step(y, height - y - h)


def _alike(a: Annotation, b: Annotation) -> bool:
    """Whether one is a copy of the other that nobody has touched: nobody would see that there are two."""
    if not np.array_equal(a.keypoints, b.keypoints) or a.category_id != b.category_id or a.crowd != b.crowd:
        return False
    if a.present.any() or a.size != b.size:
        return bool(a.present.any())
    if a.mask is None or b.mask is None:
        return a.mask is b.mask and a.extent() == b.extent()
    return a.mask.iou(b.mask) == 1
