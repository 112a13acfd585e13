import numpy as np
import pytest
import torch

from kdc.decode.centroids import ClusterConfig, cluster
from kdc.decode.masker import CentroidMasker, Scene
from kdc.decode.synthetic import render_fields, standing_person
from kdc.fields import Fields
from kdc.geometry import Letterbox
from kdc.model.refine import FINE, GRID, PLANES, RefineNet
from kdc.refinement import (
    FEATURES,
    MIRRORED,
    Hand,
    MaskRefiner,
    Question,
    RefinedMasker,
    claimed,
    crop_window,
    pixel_window,
    prepare,
    rivals_among,
)
from kdc.schema import COCO_17
from kdc.structures import Person
from kdc.training.hand import add_stroke, disturb
from kdc.training.refine import grid_iou, mask_loss


@pytest.fixture(scope="module")
def scene():
    poses = [standing_person(COCO_17, x, 30, 200) for x in (20, 130)]
    people = [Person(p) for p in poses]
    fields = render_fields(poses, COCO_17, 4, 24.0, (321, 257))
    features = np.zeros((64, fields.height, fields.width), np.float32)
    fields = Fields({**fields.arrays, FEATURES: features}, fields.stride, fields.radius)
    box = Letterbox(321, 257, 321, 257, 321, 257)
    return Scene(np.full((257, 321, 3), 120, np.uint8), box, fields, COCO_17), people


def test_an_untrained_refinement_answers_like_the_rule(scene):
    here, people = scene
    plain = CentroidMasker().masks(here, people)
    refined = RefinedMasker(RefineNet(64)).masks(here, people)
    for a, b in zip(plain, refined, strict=True):
        assert a.iou(b) > 0.93


def test_inputs_have_the_stated_shapes_and_ranges(scene):
    here, people = scene
    maps = cluster(here.fields, people, COCO_17, ClusterConfig()).maps
    strokes = np.zeros((257, 321), np.uint8)
    strokes[100:110, 60:80] = 1
    hand = Hand(positive=strokes, previous=strokes, confirmed=np.ones(17, bool))
    inputs = prepare(Question(here.image, here.fields, people, maps, [0, 1], [hand, Hand()]), FINE)
    assert inputs.planes.shape == (2, 9, GRID, GRID) and inputs.photo.shape == (2, 3, FINE, FINE)
    assert inputs.hand[0, 0].max() == 1 and inputs.hand[0, 1].max() == 0 and inputs.hand[1].max() == 0
    assert inputs.planes[0, 8].min() == -1 and inputs.planes[0, 8].max() == 1 and not inputs.planes[1, 8].any()
    assert inputs.planes[0, 7].max() > 0.5 and not inputs.planes[1, 7].any()
    assert all(torch.isfinite(t).all() for t in vars(inputs).values())


def test_a_window_of_192_pixels_answers_at_192(scene):
    here, people = scene
    network = RefineNet(64, side=192)
    maps = cluster(here.fields, people, COCO_17, ClusterConfig()).maps
    asked = Question(here.image, here.fields, people, maps, [0])
    assert MaskRefiner(network).logits(asked).shape == (1, 192, 192)
    for a, b in zip(CentroidMasker().masks(here, people), RefinedMasker(network).masks(here, people), strict=True):
        assert a.iou(b) > 0.93


class _Echo(torch.nn.Module):
    """Answers 1, and what the previous mask says besides."""

    side = FINE

    def __init__(self) -> None:
        super().__init__()
        self.one = torch.nn.Parameter(torch.ones(()))

    def forward(self, features, planes, photo, hand):
        sign = torch.where(torch.arange(GRID) < GRID // 2, 1.0, -3.0)
        return torch.nn.functional.interpolate(self.one * sign + planes[:, 8:9], size=FINE, mode="nearest")


def test_a_second_round_sees_the_first_ones_mask_and_their_mean_counts(scene):
    here, people = scene
    maps = cluster(here.fields, people, COCO_17, ClusterConfig()).maps
    refiner = MaskRefiner(_Echo())

    def ends(rounds: int) -> list[float]:
        found = refiner.logits(Question(here.image, here.fields, people, maps, [0, 1]), rounds)
        return found[1, 0, [0, -1]].tolist()

    assert ends(1) == [1, -3] and ends(2) == [1.5, -3.5]
    assert ends(3) == pytest.approx([1 + 2 / 3, -3 - 2 / 3])


class _Shy(_Echo):
    """Keeps away from where the plane of the neighbours says that somebody is."""

    planes = PLANES + 1

    def forward(self, features, planes, photo, hand):
        return torch.nn.functional.interpolate(self.one * 2 - 4 * planes[:, PLANES:], size=FINE, mode="nearest")


@pytest.mark.parametrize("batch", [1, 16])
def test_from_the_second_round_on_a_mask_knows_its_neighbours(scene, batch):
    here, people = scene
    maps = cluster(here.fields, people, COCO_17, ClusterConfig()).maps
    windows = [pixel_window(m.box, here.fields.stride) for m in maps]
    overlap = windows[0][0] + windows[0][2] - windows[1][0]
    assert overlap > 20
    refiner = MaskRefiner(_Shy(), batch=batch)

    def answer(rounds: int, doubtful: float = 1.0) -> np.ndarray:
        given = [people[0], Person(people[1].keypoints, score=doubtful)]
        return refiner.logits(Question(here.image, here.fields, given, maps, [0, 1]), rounds)

    assert (answer(1) == 2).all()
    both = answer(2)
    middle = FINE // 2
    right_of_first = 1 - overlap / windows[0][2]
    assert both[0, middle, 0] == 2 and both[0, middle, -2] < 0.5
    row = both[0, middle]
    assert abs((row < 1).argmax() / FINE - right_of_first) < 0.04
    assert both[1, middle, -1] == 2 and both[1, middle, 1] < 0.5
    # Who else is asked for makes no difference.
    for n in (0, 1):
        assert np.array_equal(refiner.logits(Question(here.image, here.fields, people, maps, [n]), 2)[0], both[n])
    # Whoever is much less sure is no rival, and is told of the other all the same.
    one_sided = answer(2, doubtful=0.3)
    assert (one_sided[0] == 2).all() and one_sided[1, middle, 1] < 0.5


@pytest.mark.parametrize("batch", [1, 16])
def test_the_mirrored_look_of_a_whole_prediction_is_told_of_the_plain_ones_masks(scene, batch):
    here, people = scene
    maps = cluster(here.fields, people, COCO_17, ClusterConfig()).maps
    arrays = here.fields.arrays
    both = Fields({**arrays, MIRRORED: arrays[FEATURES]}, here.fields.stride, here.fields.radius)

    def quick(network: torch.nn.Module, fields: Fields) -> np.ndarray:
        return MaskRefiner(network, batch=batch).quick_logits(Question(here.image, fields, people, maps, [0, 1]))

    assert quick(_Echo(), here.fields)[1, 0, [0, -1]].tolist() == [1, -3], "nothing to be told of"
    # Plain 1 and -3; mirrored back to front, less the previous mask that is there on the left alone.
    assert quick(_Echo(), both)[1, 0, [0, -1]].tolist() == [(1 - 3 + 1) / 2, (-3 + 1 - 1) / 2]
    shy, middle = quick(_Shy(), both), FINE // 2
    assert shy[0, middle, 0] == 2 and shy[0, middle, -2] < 0.5 and shy[1, middle, -1] == 2 and shy[1, middle, 1] < 0.5
    assert MaskRefiner(_Echo()).quick_logits(Question(here.image, both, people, maps, [])).shape == (0, FINE, FINE)


def test_what_others_claim_is_read_at_the_right_place():
    logits = torch.full((2, 128, 128), -20.0)
    logits[0, 32:64, 96:] = 20
    # The first one's cells (24..32, 16..32) of 2 pixels are at x 48..64, y 32..64; the second's window begins at (40, 24).
    windows = [(0, 0, 64, 128), (40, 24, 64, 64)]
    seen = claimed(logits, windows, rivals_among([1, 1]))
    assert (seen[0] < 1e-6).all()
    ys, xs = np.nonzero(seen[1] > 0.5)
    assert (xs.min(), xs.max(), ys.min(), ys.max()) == (8, 23, 8, 39)
    assert not claimed(logits, windows, np.zeros((2, 2), bool)).any()
    assert not claimed(logits, [(0, 0, 64, 128), (64, 0, 64, 64)], rivals_among([1, 1])).any()


def test_masks_of_given_joints_take_two_rounds_and_judging_the_time_of_one(scene, monkeypatch):
    here, people = scene
    seen = []

    def answer(*given):
        seen.append(given[1:])
        return np.ones((len(given[0].which), FINE, FINE), np.float32)

    masker = RefinedMasker(RefineNet(64))
    monkeypatch.setattr(masker.refiner, "logits", answer)
    monkeypatch.setattr(masker.refiner, "quick_logits", answer)
    masker.masks(here, people)
    masker.judged(here, people)
    assert seen == [(2,), ()]


def test_windows_that_leave_the_image_are_filled():
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert crop_window(image, (-1, -1, 3, 3), 9).tolist() == [[9, 9, 9], [9, 0, 1], [9, 4, 5]]
    assert crop_window(image, (1, 1, 2, 2)).tolist() == [[5, 6], [9, 10]]


def test_strokes_go_where_the_error_is(scene):
    truth = np.zeros((FINE, FINE), np.float32)
    truth[20:100, 30:90] = 1
    logits = np.where(truth > 0, 1.0, -1.0)
    logits[20:60] = -1
    positive, negative = np.zeros_like(truth), np.zeros_like(truth)
    add_stroke(logits, truth, positive, negative, 60.0, np.random.default_rng(0))
    assert positive.sum() > 0 and negative.sum() == 0
    assert (truth[positive > 0] > 0).mean() > 0.8
    assert add_stroke(truth - 0.5, truth, positive, negative, 60.0, np.random.default_rng(0)) is None


def test_disturbed_people_keep_at_least_a_joint(scene):
    _, people = scene
    for seed in range(40):
        for person in disturb(people, np.array([90.0, 90.0]), np.random.default_rng(seed)):
            assert person.present.any()


def test_the_loss_falls_to_nothing_on_the_truth():
    truth = torch.zeros(1, FINE, FINE)
    truth[:, 30:90, 30:90] = 1
    hand = torch.zeros(1, 2, FINE, FINE)
    right, wrong = (truth - 0.5) * 40, (0.5 - truth) * 40
    assert float(mask_loss(right, truth, hand)) < 0.01 < float(mask_loss(wrong, truth, hand))
    assert grid_iou(right, truth) == 1.0 and grid_iou(wrong, truth) == 0.0


def test_window_is_the_box_in_pixels(scene):
    here, people = scene
    box = cluster(here.fields, people, COCO_17, ClusterConfig()).maps[0].box
    x, y, w, h = pixel_window(box, 4)
    assert (x, y, w, h) == (4 * box.left - 2, 4 * box.top - 2, 4 * box.width, 4 * box.height)


class Leaning(RefineNet):
    """Answers the first feature, and more to the right of the window than to its left."""

    def forward(self, features, planes, photo, hand):
        lean = torch.linspace(-3, 3, FINE)
        return torch.nn.functional.interpolate(features[:, :1], size=FINE) + lean


def test_mirrored_features_are_looked_at_mirrored_and_both_answers_averaged(scene):
    here, people = scene
    maps = cluster(here.fields, people, COCO_17, ClusterConfig()).maps
    other = np.full_like(here.fields[FEATURES], 2.0)
    both = Fields({**here.fields.arrays, MIRRORED: other}, here.fields.stride, here.fields.radius)
    refiner, lean = MaskRefiner(Leaning(64)), np.linspace(-3, 3, FINE)

    def answer(fields):
        return refiner.logits(Question(here.image, fields, people, maps, [1]))[0]

    assert np.allclose(answer(here.fields), lean[None], atol=1e-5)
    assert np.allclose(answer(both), 1.0, atol=1e-5)  # The leaning of both views cancels.


def test_a_mask_is_as_sure_as_its_pixels(scene):
    here, people = scene

    class Even(RefineNet):
        def forward(self, features, planes, photo, hand):
            return torch.where(photo[:, :1] * 0 + torch.arange(FINE) < 40, 2.0, -5.0)

    masks, sure = RefinedMasker(Even(64)).judged(here, people)
    assert sure == pytest.approx([1 / (1 + np.exp(-2))] * 2, abs=1e-5) and masks[0].area > 0
    bare = Scene(None, here.letterbox, here.fields, COCO_17)
    assert RefinedMasker(Even(64)).judged(bare, people)[1] == [1.0, 1.0]
