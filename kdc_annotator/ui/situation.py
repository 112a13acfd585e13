"""When an action is possible."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """What there is at the moment. ``joint``: the pointer is on one."""

    project: bool = False
    writable: bool = False
    image: bool = False
    figures: bool = False
    figure: bool = False
    proposal: bool = False
    proposals: bool = False
    joint: bool = False
    undo: bool = False
    redo: bool = False
    next: bool = False
    previous: bool = False

    def allows(self, when: str) -> bool:
        """Whether an action with that ``when`` is possible."""
        if when == "always":
            return True
        if when == "person":
            return self.figure and not self.proposal
        if when == "writable_image":
            return self.image and self.writable
        return bool(getattr(self, when))
