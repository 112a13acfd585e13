"""The label map of a photo: who wins each pixel, redrawn only where something changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from kdc.decode.bands import run_bands
from kdc.decode.distances import Box
from kdc.structures import Mask
from kdc_annotator.engine.live import LivePerson, Rect, State, crop_of, rect_of, union_rect
from kdc_annotator.engine.person_field import PersonField
from kdc_annotator.engine.site import Site

_NOWHERE = Box(0, 0, 0, 0)
_WORTH_A_THREAD = 2_000_000
_NO_GRID = np.zeros((0, 0), np.float32)
_NO_BITS = np.zeros((0, 0), bool)


@dataclass(frozen=True, eq=False)
class Contender:
    """A person's part in the competition: ``None`` planes and score mean no part."""

    box: Box
    score: np.ndarray

    @classmethod
    def of(cls, field: PersonField | None) -> Contender:
        """The part that ``field`` takes, or none."""
        return cls(field.box, field.score) if field is not None else cls(_NOWHERE, np.zeros((0, 0), np.float32))


class LabelMap:
    """``labels``: (H, W) uint16, the view with pins, drawn and locked masks; ``base``: what the competition alone gives."""

    def __init__(self, site: Site) -> None:
        self._site = site
        height, width = site.letterbox.height, site.letterbox.width
        cells = (site.fields.height, site.fields.width)
        self.base = np.zeros((height, width), np.uint16)
        self.labels = np.zeros((height, width), np.uint16)
        self._first = np.full(cells, -0.5, np.float32)
        self._second = np.full(cells, -0.5, np.float32)
        self._owner = np.zeros(cells, np.uint16)
        quads = (cells[0] - 1, cells[1] - 1)
        self._uniform = np.zeros(quads, np.int32)
        self._mode = np.zeros(quads, np.uint8)
        self._pinned = np.zeros(quads, bool)
        self._scratch = np.empty(0, np.float32)
        self._photo = site.photo if site.photo is not None else np.zeros((1, 1, 3), np.uint8)

    def compete(
        self, old: Contender, new: Contender, fields: Mapping[int, PersonField], state: State, everything: bool = False
    ) -> Rect:
        """Redraws ``base`` where one person's part went from ``old`` to ``new``; the photo rectangle that was redrawn.

        ``fields``: of all people who compete, in the order that decides ties. ``everything``: whatever was there before.
        """
        from kdc_annotator.engine import image_kernels as kernels

        site = self._site
        rows, cols = self._first.shape
        boxes = [b for b in (old.box, new.box) if b.width and b.height]
        if everything:
            y0, x0, y1, x1 = 0, 0, rows, cols
        elif boxes:
            y0, x0 = min(b.top for b in boxes), min(b.left for b in boxes)
            y1, x1 = max(b.top + b.height for b in boxes), max(b.left + b.width for b in boxes)
        else:
            return (0, 0, 0, 0)
        kernels.clear_cells(self._first, self._second, self._owner, y0, x0, y1, x1)
        near = []
        for number, field in fields.items():
            b = field.box
            if b.top < y1 + 1 and b.left < x1 + 1 and b.top + b.height >= y0 and b.left + b.width >= x0:
                near.append((number, field))
                kernels.rank_cells(
                    field.score, b.top, b.left, np.uint16(number), self._first, self._second, self._owner, y0, x0, y1, x1
                )  # fmt: skip
        qy0, qx0, qy1, qx1 = max(y0 - 1, 0), max(x0 - 1, 0), min(y1, rows - 1), min(x1, cols - 1)
        kernels.classify(
            self._first, self._second, self._owner, self._pinned, old.score, old.box.top, old.box.left, new.score,
            new.box.top, new.box.left, everything, self._uniform, self._mode, qy0, qx0, qy1, qx1,
        )  # fmt: skip
        drawn = self._mode[qy0:qy1, qx0:qx1] != 0
        if not drawn.any():
            return (0, 0, 0, 0)
        v, u = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
        qy0, qy1, qx0, qx1 = qy0 + int(v[0]), qy0 + int(v[-1]) + 1, qx0 + int(u[0]), qx0 + int(u[-1]) + 1
        top, bottom, left, right = (int(n) for n in (site.rows[qy0], site.rows[qy1], site.cols[qx0], site.cols[qx1]))
        if bottom <= top or right <= left:
            return (0, 0, 0, 0)
        need = (bottom - top) * (right - left)
        if self._scratch.size < need:
            self._scratch = np.empty(need, np.float32)
        best = self._scratch[:need].reshape(bottom - top, right - left)

        def work(start: int, stop: int) -> None:
            first, last = qy0 + start, qy0 + stop
            kernels.start_quads(
                self._mode, self._uniform, site.rows, site.cols, best, self.base, top, left, first, qx0, last, qx1
            )
            for number, field in near:
                person = state.people[number]
                c, e = person.correction, person.erased
                grid, gx, gy, sx, sy = (c.values, c.x, c.y, c.step_x, c.step_y) if c else (_NO_GRID, 0.0, 0.0, 1.0, 1.0)
                bits, ey, ex = (e.bits, e.y, e.x) if e else (_NO_BITS, 0, 0)
                kernels.compete_quads(
                    field.score, field.rule, field.planes, field.plain(person), field.box.top, field.box.left, np.uint16(number),
                    bits, ey, ex, grid, float(gx), float(gy), float(sx), float(sy), self._photo, site.rows, site.cols,
                    site.fy, site.fx, self._mode, best, self.base, top, left, first, qx0, last, qx1,
                )  # fmt: skip

        # Handing a millisecond's work to another thread costs more than it saves, most of all on a busy machine.
        if need < _WORTH_A_THREAD:
            work(0, qy1 - qy0)
        else:
            run_bands(work, qy1 - qy0, least=4)
        return (left, top, right - left, bottom - top)

    def pin(self, state: State, fields: Mapping[int, PersonField], where: Mask | None) -> Rect:
        """Takes note of the erased pixels of all people and redraws the contested quads of ``where``."""
        from kdc_annotator.engine import image_kernels as kernels

        self._pinned[:] = False
        for person in state.people.values():
            e = person.erased
            if e is not None:
                kernels.pin_quads(e.bits, e.y, e.x, self._site.row_quad, self._site.col_quad, self._pinned)
        if where is None or not where.bits.size:
            return (0, 0, 0, 0)
        r, c = self._site.row_quad, self._site.col_quad
        h, w = where.bits.shape
        y0, y1 = int(r[where.y]), int(r[where.y + h - 1]) + 2
        x0, x1 = int(c[where.x]), int(c[where.x + w - 1]) + 2
        whole = np.full((y1 - y0, x1 - x0), 0.5, np.float32)
        part = Contender(Box(x0, y0, x1 - x0, y1 - y0), whole)
        return self.compete(part, part, fields, state)

    def compose(self, state: State, rect: Rect) -> None:
        """Brings ``labels`` up to date in ``rect``: base, then drawn masks, then pins, then locked people.

        Within each kind a higher number lies on top.
        """
        x, y, w, h = rect
        if w <= 0 or h <= 0:
            return
        out = self.labels[y : y + h, x : x + w]
        out[...] = self.base[y : y + h, x : x + w]
        people = [state.people[n] for n in sorted(state.people)]
        for p in people:
            if p.drawn is not None and not p.locked:
                _paste(out, p.drawn, rect, p.number, p.erased)
        if state.background is not None:
            _paste(out, state.background, rect, 0, None)
        for p in people:
            if p.painted is not None and not p.locked:
                _paste(out, p.painted, rect, p.number, None)
        for p in people:
            if p.locked and p.frozen is not None:
                _paste(out, p.frozen, rect, p.number, None)


def _paste(out: np.ndarray, mask: Mask, rect: Rect, number: int, but: Mask | None) -> None:
    x, y, w, h = rect
    left, top = max(x, mask.x), max(y, mask.y)
    right, bottom = min(x + w, mask.x + mask.bits.shape[1]), min(y + h, mask.y + mask.bits.shape[0])
    if right <= left or bottom <= top:
        return
    bits = mask.bits[top - mask.y : bottom - mask.y, left - mask.x : right - mask.x]
    if but is not None:
        bits = bits & ~crop_of(but, (left, top, right - left, bottom - top))
    np.copyto(out[top - y : bottom - y, left - x : right - x], np.uint16(number), where=bits)


def overlay_rect(before: LivePerson | None, after: LivePerson | None) -> Rect:
    """The rectangle in which pins, drawn and locked masks of a person differ."""
    rect: Rect = (0, 0, 0, 0)
    for name in ("drawn", "painted", "erased", "frozen"):
        a = getattr(before, name) if before is not None else None
        b = getattr(after, name) if after is not None else None
        if a is not b or (before is not None and after is not None and before.locked != after.locked):
            rect = union_rect(rect, union_rect(rect_of(a), rect_of(b)))
    return rect
