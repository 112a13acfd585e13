"""What the canvas and the panels look at: the open document's people and proposals, who is selected, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from kdc.schema import PoseSchema
from kdc.structures import Mask
from kdc_annotator.document.annotation import Annotation
from kdc_annotator.document.change import Rectangle, union
from kdc_annotator.document.crowds import unpack_masks
from kdc_annotator.document.image_document import ImageDocument, Notice
from kdc_annotator.document.proposals import SHOWN_SCORE
from kdc_annotator.ui.colours import Given, hues

Key = tuple[bool, int]
"""(is a proposal, id)."""


@dataclass(frozen=True, eq=False)
class Figure:
    """One person or proposal on the canvas. ``hue``: index of its colour. ``number``: as labels say it, 0 for a proposal."""

    key: Key
    annotation: Annotation
    hue: int
    number: int
    box: Rectangle
    """(x, y, w, h) in whole pixels around all of it that lies in the photo."""
    ink: Rectangle | None = None
    """Where joints lie beyond the photo, as people of other tools may have them: around everything that is drawn."""

    @property
    def drawn(self) -> Rectangle:
        """(x, y, w, h) in whole pixels around everything that is drawn of it."""
        return self.ink or self.box

    @property
    def proposal(self) -> bool:
        """Nobody has accepted it yet."""
        return self.key[0]


@dataclass(frozen=True)
class Look:
    """What is drawn. ``opacity``: of the masks, 0 to 1."""

    masks: bool = True
    outlines: bool = True
    skeleton: bool = True
    names: bool = False
    opacity: float = 0.35


class Scene(QObject):
    """Figures in drawing order, proposals below people. A gesture lays previews over them; nothing here edits."""

    figures_changed = Signal(object)
    """A Rectangle that looks different, or None: everything."""
    selection_changed = Signal()
    look_changed = Signal()
    document_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: ImageDocument | None = None
        self.figures: tuple[Figure, ...] = ()
        self.selected: Key | None = None
        self.hovered: Key | None = None
        self.isolated = False
        self.hidden: set[Key] = set()
        self.threshold = SHOWN_SCORE
        self.look = Look()
        self._hues: dict[Key, int] = {}
        self._given: Given | None = None
        self._gone: Key | None = None
        """Who was selected when they were deleted, until somebody else is selected."""
        self._left: float | None = None
        """Where the one began who was selected when they were deleted or hidden: from there S and W go on."""
        self._copies: dict[Key, Key] = {}
        """Who was made out of whom."""
        self._previews: dict[Key, Annotation] = {}
        self._boxes: dict[Key, tuple[Annotation, Rectangle, Rectangle | None]] = {}
        self._origins: dict[int, int] = {}
        self._unsubscribe: Callable[[], None] | None = None

    def show(self, document: ImageDocument | None) -> None:
        """Look at another document."""
        if self._unsubscribe:
            self._unsubscribe()
        self._unsubscribe = document.subscribe(self._noticed) if document else None
        self.document = document
        self.selected = self.hovered = self._gone = self._left = None
        self.isolated = False
        self._copies = {}
        self.hidden, self._hues, self._previews, self._boxes, self._origins = set(), {}, {}, {}, {}
        unpack_masks(annotation for _, annotation in self._everybody())
        self._rebuild()
        self.document_changed.emit()
        self.figures_changed.emit(None)
        self.selection_changed.emit()

    def figure(self, key: Key | None) -> Figure | None:
        """The figure with that key, None where it is not shown."""
        return next((f for f in self.figures if f.key == key), None) if key else None

    @property
    def selection(self) -> Figure | None:
        """The selected figure."""
        return self.figure(self.selected)

    def select(self, key: Key | None) -> None:
        """Select somebody, or nobody. Whoever is selected is shown: nobody shall work on what can't be seen."""
        if key is not None and key in self.hidden:
            self.set_hidden(key, False)
        if key == self.selected:
            return
        self.selected, self._gone, self._left = key, None, None
        if key is None:
            self.isolated = False
        self.selection_changed.emit()

    def select_copy(self, key: Key, of: Key) -> None:
        """Select somebody who was just made out of ``of``; who takes that back has ``of`` in hand again."""
        self._copies[key] = of
        self.select(key)

    def step(self, by: int) -> None:
        """Select the next (1) or previous (-1) figure that is shown, from left to right."""
        shown = sorted((f for f in self.figures if self.visible(f)), key=lambda f: f.box[0])
        if self.isolated:
            shown = sorted((f for f in self.figures if f.key not in self.hidden), key=lambda f: f.box[0])
        if not shown:
            return
        keys = [f.key for f in shown]
        if self.selected in keys:
            at = keys.index(self.selected) + by
        elif self._left is not None:
            before = sum(f.box[0] < self._left for f in shown)
            at = before if by > 0 else before - 1
        else:
            at = 0 if by > 0 else -1
        self.select(keys[at % len(keys)])

    def visible(self, figure: Figure) -> bool:
        """Neither hidden by hand."""
        return figure.key not in self.hidden

    def clickable(self, figure: Figure) -> bool:
        """Whether the pointer can take it: not hidden, and not one of the others while somebody is isolated."""
        return self.visible(figure) and (not self.isolated or figure.key == self.selected)

    def set_isolated(self, on: bool) -> None:
        """Dim everybody but the selected one."""
        self.isolated = on and self.selected is not None
        self.look_changed.emit()

    def set_hidden(self, key: Key, hidden: bool) -> None:
        """Hide a figure on the canvas, or show it again. Whoever is hidden is not selected any more."""
        (self.hidden.add if hidden else self.hidden.discard)(key)
        if hidden and key == self.selected:
            figure = self.selection
            self.select(None)
            self._left = figure.box[0] if figure is not None else None
        self.look_changed.emit()

    def set_look(self, look: Look) -> None:
        """Draw it otherwise."""
        self.look = look
        self.look_changed.emit()

    def set_threshold(self, value: float) -> None:
        """Show only the proposals with at least that score."""
        self.threshold = value
        self._rebuild()
        self.figures_changed.emit(None)
        if self.selected and not self.figure(self.selected):
            self.select(None)

    def preview(self, previews: dict[Key, Annotation], rectangle: Rectangle = (0, 0, 0, 0)) -> None:
        """Show these people otherwise until the gesture ends; {} ends it. ``rectangle``: where masks look different."""
        if not previews and not self._previews:
            return
        changed = rectangle
        touched = set(self._previews) | set(previews)
        for _ in range(2):
            for figure in self.figures:
                if figure.key in touched:
                    changed = union(changed, padded(figure.drawn))
            if self._previews is not previews:
                self._previews = previews
                self._rebuild()
        self.figures_changed.emit(changed)

    @property
    def previewing(self) -> bool:
        """Whether a gesture is under way."""
        return bool(self._previews)

    def stored(self, key: Key) -> Annotation | None:
        """The annotation as the document has it, without previews."""
        if self.document is None:
            return None
        if key[0]:
            return next((p for p in self.document.proposals if p.id == key[1]), None)
        return next((p for p in self.document.people if p.id == key[1]), None)

    def stored_people(self) -> list[tuple[Key, Annotation]]:
        """Everybody who is shown, as the document has them."""
        if self.document is None:
            return []
        kept = dict(self._everybody())
        return [(f.key, kept[f.key]) for f in self.figures if f.key in kept]

    def schemas(self) -> dict[int, PoseSchema]:
        """The joints of each category of the open project."""
        return self.document.schemas if self.document is not None else {}

    def visible_proposals(self) -> list[Annotation]:
        """The open proposals above the threshold that are not hidden by hand."""
        return [f.annotation for f in self.figures if f.proposal and self.visible(f)]

    def _rebuild(self) -> None:
        document = self.document
        if document is None:
            self.figures = ()
            return
        found: list[Figure] = []
        self._given = None
        for proposal in document.proposals:
            if (1.0 if proposal.score is None else proposal.score) >= self.threshold:
                found.append(self._figure((True, proposal.id), proposal, 0))
        for number, person in enumerate(document.people, 1):
            found.append(self._figure((False, person.id), person, number))
        self.figures = tuple(found)

    def _figure(self, key: Key, annotation: Annotation, number: int) -> Figure:
        origin = annotation.provenance.proposal_id
        if not key[0] and origin is not None:
            self._origins[key[1]] = origin
        if key not in self._hues:
            if not key[0] and origin is not None and (True, origin) in self._hues:
                self._hues[key] = self._hues[(True, origin)]
            else:
                wanted, given = annotation.id % len(hues()), self._colours()
                self._hues[key] = given.choose(wanted, self._box(key, annotation))
            if self._given is not None:
                self._given.add(self._box(key, annotation), self._hues[key])
        shown = self._previews.get(key, annotation)
        box = self._box(key, shown)
        return Figure(key, shown, self._hues[key], number, box, self._boxes[key][2])

    def _colours(self) -> Given:
        """The colours that everybody has by now. Kept while the figures are built: asking all of them for each is too much in a crowd."""
        if self._given is None:
            self._given = Given(max(self.document.photo.size) if self.document else 1)
            for key, other in self._everybody():
                if key in self._hues:
                    self._given.add(self._box(key, other), self._hues[key])
        return self._given

    def _box(self, key: Key, shown: Annotation) -> Rectangle:
        """Looking for a mask's borders costs; everybody else's stay as they were."""
        known = self._boxes.get(key)
        if known is None or known[0] is not shown:
            box = shown.extent()
            known = (shown, box, _with_joints_beyond(shown, box))
            self._boxes[key] = known
        return known[1]

    def _everybody(self) -> list[tuple[Key, Annotation]]:
        if self.document is None:
            return []
        people = [((False, a.id), a) for a in self.document.people]
        return people + [((True, a.id), a) for a in self.document.proposals]

    def _noticed(self, notice: Notice) -> None:
        old, beyond = {f.key for f in self.figures}, any(f.ink for f in self.figures)
        selected, in_hand = self.selected, self.selection
        self._previews = {}
        self._rebuild()
        present = {f.key for f in self.figures}
        if selected and selected not in present:
            self.selected = self.successor(selected)
            if self.selected is None:
                self.isolated = False
                self._gone = selected
                self._left = in_hand.box[0] if in_hand is not None else None
        elif self.selected is None and self._gone in present:
            self.selected = self._gone  # An undone deletion gives back whom it took out of hand.
        beyond = beyond or any(f.ink for f in self.figures)
        rectangle = None if notice.proposals or present != old or beyond else padded(notice.rectangle)
        self.figures_changed.emit(rectangle)
        if self.selected != selected:
            self.selection_changed.emit()

    def successor(self, gone: Key) -> Key | None:
        """The person that an accepted proposal has become, and the other way round."""
        if gone in self._copies:
            return self._copies[gone] if self.figure(self._copies[gone]) is not None else None
        if not gone[0]:
            before = (True, self._origins.get(gone[1], -1))
            return before if self.figure(before) is not None else None
        for figure in self.figures:
            if not figure.proposal and figure.annotation.provenance.proposal_id == gone[1]:
                return figure.key
        return None


def _with_joints_beyond(shown: Annotation, box: Rectangle) -> Rectangle | None:
    """``box`` with the labelled joints beyond the photo, as far as the photo is large once more; None where there are none."""
    if not (shown.size[0] and shown.size[1] and len(shown.keypoints)):
        return None
    low, high, size = shown.keypoints[:, :2].min(0), shown.keypoints[:, :2].max(0), np.array(shown.size)
    if low.min() >= -0.5 and (high <= size - 0.5).all():  # What is not labelled lies at 0, 0 or wherever it was left.
        return None
    joints = np.clip(shown.keypoints[shown.present, :2], -size, 2 * size)
    if not len(joints):
        return None
    (x1, y1), (x2, y2) = np.floor(joints.min(0)).astype(int).tolist(), np.ceil(joints.max(0)).astype(int).tolist()
    return union(box, (x1, y1, max(x2 - x1, 1) + 1, max(y2 - y1, 1) + 1))


def padded(rectangle: Rectangle, by: int = 24) -> Rectangle:
    """A rectangle with a margin of image pixels; an empty one stays empty."""
    x, y, w, h = rectangle
    return rectangle if w <= 0 or h <= 0 else (x - by, y - by, w + 2 * by, h + 2 * by)


def joint_positions(annotation: Annotation) -> np.ndarray:
    """(K, 2) float64: the keypoints in the canvas frame, whose pixel (0, 0) reaches from 0 to 1."""
    return annotation.keypoints[:, :2] + 0.5


def with_mask(annotation: Annotation, mask: Mask | None) -> Annotation:
    """A preview's annotation with other pixels, sparing the encoding; None leaves them. ``annotation`` must be nobody else's."""
    if mask is not None:
        annotation.__dict__["mask"] = mask
    return annotation
