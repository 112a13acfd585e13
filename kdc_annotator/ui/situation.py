"""When an action is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kdc_annotator.ui.canvas.tools.tool import Tool
    from kdc_annotator.ui.review import Review
    from kdc_annotator.ui.scene import Scene
    from kdc_annotator.ui.session import Session


@dataclass(frozen=True)
class Situation:
    """What there is at the moment. ``drawn``: the selected person's mask is a human's, or some of its pixels are. ``drawn_masks``: somebody who is not locked has a mask that a human drew. ``joint``: the pointer is on one. ``review``: differences are shown; ``changes``: there are some. ``no_model``: it could not be loaded. ``own_model``: another one than the bundled is to be used."""

    project: bool = False
    writable: bool = False
    image: bool = False
    figures: bool = False
    figure: bool = False
    proposal: bool = False
    drawn: bool = False
    drawn_masks: bool = False
    proposals: bool = False
    joint: bool = False
    undo: bool = False
    redo: bool = False
    next: bool = False
    previous: bool = False
    review: bool = False
    changes: bool = False
    no_model: bool = False
    own_model: bool = False

    def allows(self, when: str) -> bool:
        """Whether an action with that ``when`` is possible."""
        if when == "always":
            return True
        if when == "joint_or_figure":
            return self.joint or self.figure
        if when == "reviewing":
            return self.review and self.image and self.writable
        if when == "writable_image":
            return self.image and self.writable
        return bool(getattr(self, when))


def situation_of(session: Session, scene: Scene, review: Review, tool: Tool | None, joint: bool) -> Situation:
    """What there is now. ``tool``: the one in hand. ``joint``: whether the pointer is on one."""
    document, selection, project = session.document, scene.selection, session.project
    stored = scene.stored(selection.key) if selection is not None and not selection.proposal else None
    return Situation(
        project=project is not None,
        writable=project is not None and not project.read_only,
        image=document is not None,
        figures=bool(scene.figures),
        figure=selection is not None,
        proposal=selection is not None and selection.proposal,
        drawn=stored is not None and (stored.drawn or stored.pinned_in is not None or stored.pinned_out is not None),
        drawn_masks=document is not None and any(p.drawn and not p.locked for p in document.people),
        proposals=any(f.proposal for f in scene.figures),
        joint=joint,
        undo=document is not None and (document.position > 0 or (tool is not None and tool.undoes)),
        redo=document is not None and (document.position < len(document.history) or (tool is not None and tool.redoes)),
        next=session.beside(1) < len(session.ids) and project is not None,
        previous=0 <= session.beside(-1) < len(session.ids),
        review=review.active,
        changes=review.active and bool(review.differences),
        no_model=session.engine.trouble is not None,
        own_model=bool(session.engine.model_file),
    )
