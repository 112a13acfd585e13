"""What the simulated labeler works on: one photo's people under one way of editing masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kdc.structures import Mask
from kdc_annotator.engine.completing import Completer, missing_joints, with_joints
from kdc_annotator.engine.listen import Listener, listen, listen_around, previews
from kdc_annotator.engine.live import Kind, State, join, without
from kdc_annotator.engine.recluster import Reclusterer


class Desk(Protocol):
    """Actions that the app offers; positions are photo pixels, ``number`` is a person."""

    def numbers(self) -> list[int]: ...
    def keypoints(self, number: int) -> np.ndarray: ...  # (K, 3): x, y, 1 where the joint is there, else 0
    def mask(self, number: int) -> Mask: ...
    def move(self, number: int, joint: int, x: float, y: float) -> None: ...
    def add(self, keypoints: np.ndarray) -> int: ...
    def remove(self, number: int) -> None: ...
    def merge(self, number: int, other: int) -> None: ...
    def split(self, number: int, joints: Sequence[int]) -> int: ...
    def absent(self, number: int, joint: int) -> None: ...
    def save(self) -> object: ...
    def back(self, saved: object) -> None: ...
    def swap(self, number: int) -> None: ...
    def lock(self, number: int) -> None: ...
    def previews(self, number: int, strokes: Sequence[tuple[Kind, Mask]]) -> list[tuple[Mask, object]]: ...
    def take(self, number: int, preview: object) -> None: ...


@dataclass
class PlainDesk:
    """Masks that only the brush changes: keypoints are dragged, nothing re-clusters.

    A stroke takes its pixels from everybody else but locked people, as in a label map.
    """

    points: dict[int, np.ndarray]
    masks: dict[int, Mask]
    flip: tuple[int, ...]
    size: tuple[int, int]

    def __post_init__(self) -> None:
        self.locked: set[int] = set()

    def numbers(self) -> list[int]:
        return sorted(self.points)

    def keypoints(self, number: int) -> np.ndarray:
        return self.points[number]

    def mask(self, number: int) -> Mask:
        return self.masks[number]

    def move(self, number: int, joint: int, x: float, y: float) -> None:
        points = self.points[number].copy()
        points[joint] = (x, y, 1)
        self.points[number] = points

    def add(self, keypoints: np.ndarray) -> int:
        number = max(self.points, default=0) + 1
        self.points[number] = np.array(keypoints, np.float64)
        self.masks[number] = Mask.empty(*self.size)
        return number

    def remove(self, number: int) -> None:
        del self.points[number], self.masks[number]

    def merge(self, number: int, other: int) -> None:
        a, b = self.points[number], self.points[other]
        self.points[number] = np.where(a[:, 2:] > 0, a, b)
        self.masks[number] = join([self.masks[number], self.masks[other]]) or Mask.empty(*self.size)
        self.remove(other)

    def split(self, number: int, joints: Sequence[int]) -> int:
        points = np.zeros_like(self.points[number])
        points[list(joints)] = self.points[number][list(joints)]
        for joint in joints:
            self.absent(number, joint)
        return self.add(points)

    def absent(self, number: int, joint: int) -> None:
        points = self.points[number].copy()
        points[joint] = 0
        self.points[number] = points

    def save(self) -> object:
        return dict(self.points), dict(self.masks), set(self.locked)

    def back(self, saved: object) -> None:
        assert isinstance(saved, tuple)
        points, masks, locked = saved
        self.points, self.masks, self.locked = dict(points), dict(masks), set(locked)

    def swap(self, number: int) -> None:
        self.points[number] = self.points[number][list(self.flip)]

    def lock(self, number: int) -> None:
        self.locked.add(number)

    def previews(self, number: int, strokes: Sequence[tuple[Kind, Mask]]) -> list[tuple[Mask, object]]:
        out: list[tuple[Mask, object]] = []
        for kind, pixels in strokes:
            if kind == "paint":
                for n in self.locked:
                    pixels = without(pixels, self.masks[n]) or Mask.empty(*self.size)
                after = join([self.masks[number], pixels])
            else:
                after = without(self.masks[number], pixels)
            after = after or Mask.empty(*self.size)
            out.append((after, (kind, pixels, after)))
        return out

    def take(self, number: int, preview: object) -> None:
        assert isinstance(preview, tuple)
        kind, pixels, after = preview
        self.masks[number] = after
        if kind == "paint":
            for n in self.masks:
                if n != number and n not in self.locked:
                    self.masks[n] = without(self.masks[n], pixels) or Mask.empty(*self.size)


def literally(own: Mask, kind: Kind, pixels: Mask, locked: Sequence[Mask | None]) -> Mask:
    """A mask after a stroke of those pixels and no others. ``locked``: masks that a stroke takes nothing from."""
    mask = join([own, without(pixels, join(locked))]) if kind == "paint" else without(own, pixels)
    return mask or Mask.empty(own.width, own.height)


@dataclass
class LiveDesk:
    """The re-clusterer: masks follow every drag. ``listener``: the refinement that listens on release and at each stroke, or
    None: strokes are pins and no more. With a listener a stroke may still be taken literally (the switch), if that is better.
    ``completer``: places the joints that somebody who was added lacks (Shift+Return), or None."""

    live: Reclusterer
    listener: Listener | None
    completer: Completer | None = None

    def numbers(self) -> list[int]:
        return sorted(self.live.people)

    def keypoints(self, number: int) -> np.ndarray:
        p = self.live.person(number)
        return np.column_stack([p.points, p.present])

    def mask(self, number: int) -> Mask:
        return self.live.mask(number)

    def move(self, number: int, joint: int, x: float, y: float) -> None:
        self.live.move_keypoint(number, joint, x, y)
        self._follow(number)

    def add(self, keypoints: np.ndarray) -> int:
        points = np.array(keypoints, np.float64)
        points[:, 2] *= 2
        number = self.live.add_person(points).number
        if self.completer is not None:
            joints = missing_joints(self.live, self.completer, number)
            self.live.put(with_joints(self.live.person(number), joints))
        if self.listener is not None:
            listen_around(self.live, self.listener, number)
        return number

    def remove(self, number: int) -> None:
        self.live.remove(number)

    def merge(self, number: int, other: int) -> None:
        self.live.merge(number, other)
        self._follow(number)

    def split(self, number: int, joints: Sequence[int]) -> int:
        made = self.live.split(number, joints).number
        self._follow(number)
        self._follow(made)
        return made

    def absent(self, number: int, joint: int) -> None:
        self.live.set_visibility(number, joint, 0)
        self._follow(number)

    def save(self) -> object:
        return self.live.state

    def back(self, saved: object) -> None:
        assert isinstance(saved, State)
        self.live.restore(saved)

    def swap(self, number: int) -> None:
        self.live.swap_sides(number)
        self._follow(number)

    def lock(self, number: int) -> None:
        self.live.lock(number)

    def previews(self, number: int, strokes: Sequence[tuple[Kind, Mask]]) -> list[tuple[Mask, object]]:
        out: list[tuple[Mask, object]] = []
        person, own = self.live.person(number), self.live.mask(number)
        pinned = [p.frozen for p in self.live.people.values() if p.locked]
        for kind, pixels in strokes:
            out.append((literally(own, kind, pixels, pinned), (kind, pixels)))
        if self.listener is not None and person.drawn is None:
            out += previews(self.live, self.listener, number, strokes)
        return out

    def take(self, number: int, preview: object) -> None:
        if isinstance(preview, State):
            self.live.restore(preview)
        else:
            assert isinstance(preview, tuple)
            self.live.pin(number, preview[1], preview[0])

    def _follow(self, number: int) -> None:
        if self.listener is not None:
            listen(self.live, self.listener, [number])
