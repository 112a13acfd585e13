"""One person's score at field resolution, kept so that a drag recomputes only what the moved joint changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kdc.decode.centroids import rule_distance
from kdc.decode.distances import Box, embeddings_at
from kdc.decode.igo import UNIT
from kdc.decode.limbs import LEAST, imagine_joints, limb_segments, spread_scale
from kdc_annotator.engine.live import Correction, LivePerson
from kdc_annotator.engine.site import Site

_SUMS = {"d1": 1.0, "d2": 0.0, "d1d2": 0.5}
"""Share of d1 in the rules that are computed joint by joint; d2 has the rest."""


class PersonField:
    """The score of one person on a box of cells, a function of the person alone: never of what it was before.

    ``box``: the crop. ``score``: (h, w) float32 in [-0.5, 0.5], with the correction; ``rule``: without it. ``planes``: (4, h, w),
    a and b of the guided filter, empty where there is none. ``scale``: s_j in input pixels. All new arrays at each update.

    Kept between updates, on a region around the box: the unscaled sum of w_k |E_k(x) - q_k| in whole numbers, the squared
    embedding distance to each centroid, the squared distance to the limbs that do not touch the joint in hand.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self.box = Box(0, 0, 0, 0)
        self.score = self.rule = np.zeros((0, 0), np.float32)
        self.planes = np.zeros((4, 0, 0), np.float32)
        self.scale = 0.0
        self._region: Box | None = None
        self._tree = np.array(site.schema.tree, np.int64).reshape(-1, 2)
        self._forget(None)

    def _forget(self, region: Box | None) -> None:
        count = len(self._site.schema)
        self._region = region
        shape = (region.height, region.width) if region else (0, 0)
        self._total = np.zeros(shape, np.int32)
        self._held = np.zeros((count, 3), np.float32)
        self._squares: dict[int, tuple[bytes, np.ndarray]] = {}
        self._limbs: tuple[bytes, np.ndarray] | None = None
        self._others: tuple[bytes, np.ndarray] | None = None
        self._shape = np.zeros((count, 2), np.float32)

    def update(self, person: LivePerson) -> None:
        """Makes the maps those of ``person``."""
        from kdc_annotator.engine import field_kernels as kernels

        site, config = self._site, self._site.config
        weights = person.weights(config.confident)
        placed = weights > 0
        if not placed.any():
            self.__init__(site)  # type: ignore[misc]
            return
        points = site.letterbox.to_input.apply(person.points).astype(np.float32)
        points[~placed] = 0
        self.scale = scale = self._scale(points, weights)
        shape, shown = points, placed
        prior, width = config.prior(scale), config.prior_width
        if placed.sum() < config.imagine_below:  # As ``kdc.decode.centroids.person_maps`` treats few joints.
            prior, width = config.sparse_prior, config.sparse_width
            shape = imagine_joints(site.fields, points, weights)
            shown = placed | (np.hypot(*(shape - points[placed].mean(0)).T) < 8 * scale)
            shape = np.where(shown[:, None], shape, 0).astype(np.float32)
            self.scale = scale = max(scale, self._scale(shape, shown.astype(np.float32)))
        if scale <= LEAST:
            self.scale = scale = max(scale, spread_scale(site.fields, points, weights, site.schema))
        box = Box.around(shape[shown], config.reach * scale, site.fields)
        if self._region is None or not _holds(self._region, box):
            self._forget(Box.around(shape[shown], (config.reach + 0.35) * scale, site.fields))
        region = self._region
        assert region is not None
        stride = site.fields.stride
        extra = np.zeros((box.height, box.width), np.float32)
        share = _SUMS.get(config.rule)
        square = self._total.view(np.float32)  # All zeros where the rule has no d2.
        if share is None:
            extra = rule_distance(site.fields, points, weights, scale, box, site.schema, config)
            share = 0.0
        else:
            if share > 0:
                self._sum(points, weights)
            if share < 1:
                square = self._nearest(points, weights)
        limb = self._limb(shape, shown)
        per_total = share / (kernels.UNITS * float(weights.sum(dtype=np.float64)) * scale)
        per_square = (1 - share) * float(np.sqrt(1.0 / len(weights))) / scale if config.rule in ("d2", "d1d2") else 0.0
        phi, logit = np.empty_like(extra), np.empty_like(extra)
        kernels.combine(
            self._total, np.float32(per_total), square if per_square else limb, np.float32(per_square), limb,
            np.float32(config.limb_weight / scale), extra, site.fields["person"][0], box.top, box.left,
            box.top - region.top, box.left - region.left, np.float32(0.5 / config.sigma**2),
            np.float32(prior), np.float32(0.5 / (width * scale) ** 2), phi, logit,
        )  # fmt: skip
        cells = min(config.igo * UNIT * scale / stride, 20.0)
        if cells >= 0.2:
            taps = gaussian(cells)
            smooth = np.empty_like(phi)
            kernels.blur(phi, taps, np.empty_like(phi), smooth)
            phi = smooth
        rule = np.empty_like(phi)
        kernels.finish(phi, logit, rule)
        hand = self._hand(person, points, box)
        if hand.size:
            np.maximum(rule, hand, out=rule)
        self._place(box, rule, person)

    def _hand(self, person: LivePerson, points: np.ndarray, box: Box) -> np.ndarray:
        """(h, w) score that confirmed visible joints vouch for on ``box``; empty where there are none."""
        from kdc_annotator.engine import field_kernels as kernels

        site, edge = self._site, self._site.edge
        sure = person.confirmed & (person.visibility == 2)
        if edge.hand_radius <= 0 or not sure.any():
            return np.zeros((0, 0), np.float32)
        segments = limb_segments(points, sure, site.schema)
        limb = np.full((box.height, box.width), np.inf, np.float32)
        kernels.segment_square(segments, site.fields.stride, box.left, box.top, limb)
        out = np.empty_like(limb)
        kernels.tube(limb, np.float32(1 / self.scale), np.float32(edge.hand_radius), np.float32(edge.hand_score), out)
        return out

    def _place(self, box: Box, rule: np.ndarray, person: LivePerson) -> None:
        from kdc_annotator.engine import field_kernels as kernels

        site = self._site
        self.planes = np.zeros((4, 0, 0), np.float32)
        c = person.correction
        if c is not None:
            wide = _around_both(box, c, site)
            rule, box = _padded(rule, box, wide), wide
        self.box, self.rule, self.score = box, rule, rule
        if c is not None:
            self.score = rule.copy()
            rows, cols = box.slices
            kernels.add_grid(c.values, c.x, c.y, c.step_x, c.step_y, site.xs[cols], site.ys[rows], self.score)
        elif site.guided:
            self.planes = np.empty((4, *rule.shape), np.float32)
            kernels.guided(
                rule, site.guide, site.mean, site.inverse, site.edge.radius, box.top, box.left, self.planes
            )  # fmt: skip

    def _scale(self, points: np.ndarray, weights: np.ndarray) -> float:
        """s_j, as ``kdc.decode.limbs.person_scale`` defines it."""
        from kdc_annotator.engine import field_kernels as kernels

        fields, placed = self._site.fields, weights > 0
        extent = np.ptp(points[placed], axis=0)
        longest = max(float(np.sqrt(float(extent[0]) * float(extent[1]))), LEAST)
        for a, b in self._site.schema.skeleton:
            if placed[a] and placed[b]:
                longest = max(longest, float(np.hypot(*(points[a] - points[b]))))
        if "pairwise" in fields:
            step = kernels.longest_step(fields["pairwise"], fields.stride, self._tree, points, weights)
            longest = max(longest, float(step))
        return longest

    def _sum(self, points: np.ndarray, weights: np.ndarray) -> None:
        """Brings the weighted sum of pointing distances up to date: one field out, one in, for each joint that changed."""
        from kdc_annotator.engine import field_kernels as kernels

        assert self._region is not None
        fields = self._site.fields
        now = np.column_stack([points, weights]).astype(np.float32)
        for k in np.flatnonzero((now != self._held).any(1)):
            for (x, y, w), sign in ((self._held[k], -1), (now[k], 1)):
                if w > 0:
                    kernels.pointing_add(
                        fields["mask_offset"], int(k), fields.stride, x, y, np.float32(w * kernels.UNITS), np.int32(sign),
                        self._region.left, self._region.top, self._total,
                    )  # fmt: skip
        self._held = now

    def _nearest(self, points: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """min over the strongest joints of the squared embedding distance, on the region."""
        from kdc_annotator.engine import field_kernels as kernels

        assert self._region is not None
        fields, region = self._site.fields, self._region
        placed = int((weights > 0).sum())
        strongest = np.argsort(-weights, kind="stable")[: min(self._site.config.centroids, placed)]
        out = np.full((region.height, region.width), np.inf, np.float32)
        at = embeddings_at(fields, points[strongest]).reshape(len(strongest), -1)
        kept: dict[int, tuple[bytes, np.ndarray]] = {}
        for k, centroid in zip(strongest.tolist(), at, strict=True):
            key = points[k].tobytes()
            known = self._squares.get(k)
            if known is None or known[0] != key:
                square = np.empty_like(out)
                kernels.embedding_square(
                    fields["mask_offset"], fields.stride, np.ascontiguousarray(centroid, np.float32), region.left,
                    region.top, square,
                )  # fmt: skip
                known = (key, square)
            kept[k] = known
            kernels.lowest(known[1], out)
        self._squares = kept
        return out

    def _limb(self, shape: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """Squared distance to the nearest limb or joint, on the region."""
        from kdc_annotator.engine import field_kernels as kernels

        assert self._region is not None
        key = shape.tobytes() + shown.tobytes()
        if self._limbs is not None and self._limbs[0] == key:
            return self._limbs[1]
        region, stride = self._region, self._site.fields.stride
        segments = limb_segments(shape, shown, self._site.schema)
        moved = np.flatnonzero((shape != self._shape).any(1))
        if len(moved) == 1 and shown[moved[0]]:
            k = int(moved[0])
            here = shape[k]
            touching = (segments[:, :2] == here).all(1) | (segments[:, 2:] == here).all(1)
            others = segments[~touching]
            other_key = others.tobytes()
            if self._others is None or self._others[0] != other_key:
                far = np.full((region.height, region.width), np.inf, np.float32)
                kernels.segment_square(others, stride, region.left, region.top, far)
                self._others = (other_key, far)
            out = self._others[1].copy()
            segments = segments[touching]
        else:
            out = np.full((region.height, region.width), np.inf, np.float32)
        kernels.segment_square(segments, stride, region.left, region.top, out)
        self._limbs = (key, out)
        self._shape = shape.copy()
        return out

    def without_correction(self, person: LivePerson) -> np.ndarray:
        """The rule's own score on ``box``; what a correction is added to."""
        if person.correction is None:
            return self.score
        return self.rule

    def plain(self, person: LivePerson) -> bool:
        """The score is upsampled as it is: no photo to follow, or a correction that has followed it already."""
        return person.correction is not None or not self._site.guided


def _around_both(box: Box, correction: Correction, site: Site) -> Box:
    """The box grown so that it holds all of the correction: the refinement may have seen more than the rule reaches."""
    x0, y0, x1, y1 = correction.extent
    u0, u1 = np.searchsorted(site.xs, [x0, x1]).tolist()
    v0, v1 = np.searchsorted(site.ys, [y0, y1]).tolist()
    left, top = min(box.left, max(u0, 0)), min(box.top, max(v0, 0))
    right = max(box.left + box.width, min(u1, site.fields.width))
    bottom = max(box.top + box.height, min(v1, site.fields.height))
    return Box(left, top, right - left, bottom - top)


def _padded(values: np.ndarray, box: Box, wide: Box) -> np.ndarray:
    """A map on ``box`` as one on ``wide``: -1/2 where the rule does not reach."""
    if wide == box:
        return values
    out = np.full((wide.height, wide.width), -0.5, np.float32)
    top, left = box.top - wide.top, box.left - wide.left
    out[top : top + box.height, left : left + box.width] = values
    return out


def gaussian(sigma: float) -> np.ndarray:
    """(2 r + 1,) float32 weights of a Gaussian of ``sigma`` cells, cut at 3 sigma."""
    radius = max(1, int(np.ceil(3 * sigma)))
    x = np.arange(-radius, radius + 1)
    taps = np.exp(-0.5 * (x / sigma) ** 2)
    return (taps / taps.sum()).astype(np.float32)


def strip_correction(person: LivePerson) -> LivePerson:
    """The person as the rule alone sees them."""
    return replace(person, correction=None)


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.left + outer.width >= inner.left + inner.width
        and outer.top + outer.height >= inner.top + inner.height
    )
