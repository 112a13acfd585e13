"""MaskCentroid clustering: which pixel belongs to which person (KDC III-B and III-C)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from kdc.decode.bands import run_bands
from kdc.decode.distances import Box, embedding_nearest, embeddings_at, offset_distance, pointing_sum, sample
from kdc.decode.igo import smooth_instance
from kdc.decode.limbs import LEAST, imagine_joints, limb_distance, limb_segments, person_scale, spread_scale
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.schema import PoseSchema, canonical_name
from kdc.structures import Person

RULES = ("static_centre", "static_shoulder", "static_mean", "eq4", "d1", "d2", "d1d2", "embedding")


@dataclass(frozen=True)
class ClusterConfig:
    """How pixels find their person. Distances are in units of the person's scale s_j.

    ``rule``, with E_k(x) = x + v_k(x) the pixel's embedding towards joint k:

    - ``static_centre``: KDC eq. 1-3, SM_c. |x + centre(x) - C_j|, C_j the mean of the centres seen from the joints.
    - ``static_shoulder``: PosePlusSeg, the right shoulder as centre of attraction. |E_shoulder(x) - q_shoulder|.
    - ``static_mean``: PersonLab. Mean over all joints of |E_k(x) - q_k|, every joint alike.
    - ``eq4``: KDC eq. 4 to the letter, DM_c. |E(x) - mean over joints of E(q_k)|, all 2K channels as one embedding.
    - ``d1``: first reading of DM_c. Confidence-weighted mean of |E_k(x) - q_k|.
    - ``d2``: second reading of DM_c. min over confident joints of |E(x) - E(q_k)|.
    - ``d1d2``: the mean of d1 and d2.
    - ``embedding``: KDC eq. 3 with a learnt 2-D embedding; C_j its mean at the joints, sigma_j from the bandwidth head
      (disk radius times exp of the mean bandwidth at the joints), without the unit s_j.

    ``sigma``: of the Gaussian phi (eq. 3). ``igo``: sigma of KDC's instance-wise Gaussian optimisation, the paper's 0.1 to 1
    (near 0.1 for entangled people), in units of a fifth of s_j; 0 = off. ``limb_weight``: share of the limb distance added
    to d. ``prior_small``, ``prior_large``: weight a of the keypoint-conditioned prior for small and for large people;
    between them it falls around s_j = ``prior_size`` input pixels. ``prior_width``: b, how far from a limb the prior reaches.
    ``confident``: joints below this confidence are no centroids, unless no joint is above it. ``centroids``: most centroids
    of d2. ``imagine_below``: people with fewer joints get the others from the mask offsets, as limbs for the prior only, whose
    weight and width are then ``sparse_prior`` and ``sparse_width``: the hand must be heard where the network saw nobody.
    ``reach``: a person's pixels lie within this of the box around the joints.
    """

    rule: str = "d1d2"
    sigma: float = 0.8
    igo: float = 0.1
    limb_weight: float = 1.0
    prior_small: float = 6.0
    prior_large: float = 0.0
    prior_size: float = 96.0
    prior_width: float = 0.12
    confident: float = 0.2
    centroids: int = 3
    imagine_below: int = 5
    sparse_prior: float = 3.0
    sparse_width: float = 0.22
    reach: float = 0.5

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise KdcError(
                "Unknown rule", f"There is no clustering rule {self.rule!r}; the rules are {', '.join(RULES)}."
            )

    @classmethod
    def paper(cls, rule: str, sigma: float = 0.5) -> ClusterConfig:
        """The bare rule: no prior, no limb distance, no smoothing."""
        return cls(rule=rule, sigma=sigma, igo=0.0, limb_weight=0.0, prior_small=0.0, sparse_prior=0.0)

    def prior(self, scale: float) -> float:
        """Weight a of the prior for a person of ``scale`` input pixels; falls with size."""
        return self.prior_large + (self.prior_small - self.prior_large) / (1.0 + (scale / self.prior_size) ** 2)


@dataclass(frozen=True, eq=False)
class PersonMaps:
    """What clustering knows of one person, on the crop ``box`` of the field; every map is (h, w) float32.

    ``scale``: s_j in input pixels. ``distance``: d_j of the rule, without the limbs. ``limb``: distance to the nearest limb or
    joint. Both in units of s_j (``embedding``: ``distance`` in sigma_j / ``sigma``). ``logit``: the person logit with the
    prior. ``phi``: eq. 3, smoothed by IGO. ``score``: above 0 where the pixel may be the person's, in [-0.5, 0.5].
    """

    box: Box
    scale: float
    distance: np.ndarray
    limb: np.ndarray
    logit: np.ndarray
    phi: np.ndarray
    score: np.ndarray


@dataclass(frozen=True, eq=False)
class Clusters:
    """``labels``: (H, W) int32 at field resolution, 0 = background, j + 1 = people[j]. ``maps``: one for each person."""

    labels: np.ndarray
    maps: tuple[PersonMaps, ...] = field(default=())


def joint_weights(keypoints: np.ndarray, config: ClusterConfig) -> np.ndarray:
    """(K,) float32 weights of the joints (K, 3): their confidence, 0 below ``config.confident`` unless all are."""
    confidence = np.asarray(keypoints, np.float32)[:, 2]
    strong = confidence >= config.confident
    return np.where(strong, confidence, 0).astype(np.float32) if strong.any() else confidence.copy()


def rule_distance(
    fields: Fields,
    points: np.ndarray,
    weights: np.ndarray,
    scale: float,
    box: Box,
    schema: PoseSchema,
    config: ClusterConfig,
) -> np.ndarray:
    """d_j of ``config.rule`` on ``box``: (h, w) float32, in units of s_j. See ``ClusterConfig``.

    ``points``: (K, 2) input pixels. ``weights``: (K,), 0 = no centroid; at least one is above 0.
    """
    rule, placed = config.rule, weights > 0
    if rule in ("static_centre", "embedding"):
        name = "centre" if rule == "static_centre" else "embedding"
        centre = np.average(
            sample(fields[name], points[placed], fields.stride) + points[placed], axis=0, weights=weights[placed]
        )
        d = offset_distance(fields, name, centre, box)
        if rule == "static_centre":
            return d / np.float32(scale)
        width = np.average(sample(fields["bandwidth"], points[placed], fields.stride)[:, 0], weights=weights[placed])
        return d * np.float32(config.sigma / (fields.radius * np.exp(np.clip(width, -5, 5))))
    if rule == "static_shoulder":
        names = [canonical_name(n) for n in schema.keypoints]
        k = names.index("right_shoulder") if "right_shoulder" in names else (schema.tree[0][0] if schema.tree else 0)
        where = imagine_joints(fields, points, weights)[k]
        return offset_distance(fields, "mask_offset", where, box, 2 * k) / np.float32(scale)
    if rule == "static_mean":
        return pointing_sum(fields, points, placed.astype(np.float32), box) / np.float32(placed.sum() * scale)
    if rule == "eq4":
        mean = embeddings_at(fields, points[placed]).reshape(int(placed.sum()), -1).mean(0)
        return embedding_nearest(fields, mean[None], box) / np.float32(scale)
    total = np.zeros((box.height, box.width), np.float32)
    if rule in ("d1", "d1d2"):
        total += pointing_sum(fields, points, weights, box) / np.float32(weights.sum() * scale)
    if rule in ("d2", "d1d2"):
        strongest = np.argsort(-weights, kind="stable")[: min(config.centroids, int(placed.sum()))]
        at = embeddings_at(fields, points[strongest]).reshape(len(strongest), -1)
        total += embedding_nearest(fields, at, box) / np.float32(scale)
    return total * np.float32(0.5) if rule == "d1d2" else total


def person_maps(fields: Fields, person: Person, schema: PoseSchema, config: ClusterConfig) -> PersonMaps:
    """The maps of one person in input pixels, who has at least one joint."""
    from kdc.decode import mask_kernels

    weights = joint_weights(person.keypoints, config)
    points = np.ascontiguousarray(person.keypoints[:, :2])
    placed = weights > 0
    if not placed.any():
        box = Box(0, 0, 1, 1)
        nothing = np.zeros((1, 1), np.float32)
        return PersonMaps(box, 0.0, nothing, nothing, nothing, nothing, nothing - np.float32(0.5))
    scale = person_scale(fields, points, weights, schema)
    shape, shown = points, placed
    prior, width = config.prior(scale), config.prior_width
    if placed.sum() < config.imagine_below and "mask_offset" in fields:
        prior, width = config.sparse_prior, config.sparse_width
        shape, shown = imagine_joints(fields, points, weights), np.ones_like(placed)
        # A wild offset must not blow the person up: no body is longer than eight times its longest limb.
        shown = placed | (np.hypot(*(shape - points[placed].mean(0)).T) < 8 * scale)
        scale = max(scale, person_scale(fields, shape, shown, schema))
    if scale <= LEAST:
        scale = max(scale, spread_scale(fields, points, weights, schema))
    box = Box.around(shape[shown], config.reach * scale, fields)
    distance = rule_distance(fields, points, weights, scale, box, schema, config)
    limb = limb_distance(limb_segments(shape, shown, schema), fields, box) / np.float32(scale)
    phi, logit = np.empty_like(limb), np.empty_like(limb)
    mask_kernels.condition(
        distance + np.float32(config.limb_weight) * limb,
        limb,
        fields["person"][0],
        box.left,
        box.top,
        np.float32(0.5 / config.sigma**2),
        np.float32(prior),
        np.float32(0.5 / width**2),
        phi,
        logit,
    )
    phi = smooth_instance(phi, config.igo, scale, fields.stride)
    return PersonMaps(box, scale, distance, limb, logit, phi, pixel_score(logit, phi))


def pixel_score(logit: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """min(logit / 4, phi - 1/2), at most 1/2: above 0 exactly where the pixel is foreground (probability above 0.5) and
    inside the person's Gaussian (phi above 0.5). One smooth number, so that it can be upsampled and compared."""
    return np.clip(np.minimum(logit * np.float32(0.25), phi - np.float32(0.5)), -0.5, 0.5).astype(np.float32)


def assign(maps: Sequence[PersonMaps], height: int, width: int) -> np.ndarray:
    """(H, W) int32 labels: the person with the highest score above 0, the first on a tie, else 0."""
    from kdc.decode import mask_kernels

    labels = np.zeros((height, width), np.int32)
    best = np.zeros((height, width), np.float32)
    for j, person in enumerate(maps):
        mask_kernels.compete(person.score, person.box.left, person.box.top, j + 1, best, labels)
    return labels


def cluster(
    fields: Fields, people: Sequence[Person], schema: PoseSchema, config: ClusterConfig = ClusterConfig()
) -> Clusters:
    """Labels at field resolution and the maps they come from. ``people`` in input pixels; a person without joints gets nothing.

    KDC's SemanticSeg (III-C): foreground pixels go to the person whose centroids their embedding is nearest to.
    """
    maps: list[PersonMaps | None] = [None] * len(people)

    def work(start: int, stop: int) -> None:
        for j in range(start, stop):
            maps[j] = person_maps(fields, people[j], schema, config)

    run_bands(work, len(people), least=4)
    done = tuple(m for m in maps if m is not None)
    return Clusters(assign(done, fields.height, fields.width), done)
