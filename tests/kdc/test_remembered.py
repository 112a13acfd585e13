"""What a refinement remembers of a person changes no answer, and is forgotten with other weights, another window or another photo."""

import threading

import numpy as np
import pytest
import torch

from kdc.decode.centroids import ClusterConfig, cluster
from kdc.decode.synthetic import render_fields, standing_person
from kdc.fields import Fields
from kdc.model.refine import RefineNet
from kdc.refinement import FEATURES, MIRRORED, Hand, MaskRefiner, Question, crop_features
from kdc.remembered import RememberedCrops
from kdc.schema import COCO_17
from kdc.structures import Person

POSES = [standing_person(COCO_17, x, 30, 200) for x in (20, 130)]
RNG = np.random.default_rng(3)


def fields_of(features: np.ndarray, mirrored: np.ndarray) -> Fields:
    made = render_fields(POSES, COCO_17, 4, 24.0, (321, 257))
    return Fields({**made.arrays, FEATURES: features, MIRRORED: mirrored}, made.stride, made.radius)


@pytest.fixture(scope="module")
def network() -> RefineNet:
    torch.manual_seed(1)
    made = RefineNet(8, width=8, look="mobilenet050", side=192)
    for module in made.modules():
        if isinstance(module, torch.nn.Conv2d) and not module.weight.any():
            torch.nn.init.normal_(module.weight, 0, 0.05)
    return made.eval()


class Sight:
    """Two people, a photo and fields; ``answer`` as somebody who remembers nothing, or as ``refiner`` does."""

    def __init__(self) -> None:
        self.image = RNG.integers(0, 256, (257, 321, 3), dtype=np.uint8)
        size = (8, 65, 81)
        self.fields = fields_of(*(RNG.normal(size=size).astype(np.float32) for _ in range(2)))
        self.people = [Person(p) for p in POSES]

    def answer(self, refiner: MaskRefiner, which: list[int], hands: list[Hand]) -> np.ndarray:
        maps = cluster(self.fields, self.people, COCO_17, ClusterConfig()).maps
        return refiner.logits(Question(self.image, self.fields, self.people, maps, which, hands))


def stroke(x: int) -> Hand:
    marks = np.zeros((257, 321), np.uint8)
    marks[90:110, x : x + 20] = 1
    return Hand(positive=marks)


def count_looks(network: RefineNet, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    looks: list[int] = []
    assert network.look is not None
    plain = network.look.forward
    monkeypatch.setattr(network.look, "forward", lambda photo: (looks.append(len(photo)), plain(photo))[1])
    return looks


def test_strokes_and_drags_within_the_window_are_answered_from_one_look(network, monkeypatch) -> None:
    sight, refiner = Sight(), MaskRefiner(network)
    looks = count_looks(network, monkeypatch)
    for x in (60, 70, 80):
        asked = sight.answer(refiner, [0], [stroke(x)])
        assert np.array_equal(asked, sight.answer(MaskRefiner(network), [0], [stroke(x)]))
    assert len(looks) == 1 + 3  # One for whoever remembers; the others belong to who is new each time.
    several = sight.answer(refiner, [0] * 3, [stroke(x) for x in (60, 70, 80)])
    alone = np.concatenate([sight.answer(MaskRefiner(network), [0], [stroke(x)]) for x in (60, 70, 80)])
    assert np.abs(several - alone).max() < 1e-4 and len(looks) == 1 + 6
    assert np.abs(several).max() > 0.1 and np.abs(several[0] - several[2]).max() > 1e-3
    for _ in range(2):
        sight.answer(refiner, [0], [Hand()])
    assert len(looks) == 1 + 6 + 1  # Without a stroke the mirrored photo is looked at, too.


def test_the_mirrored_view_counts_where_there_is_no_stroke(network) -> None:
    sight = Sight()
    stroked, calm = (sight.answer(MaskRefiner(network), [0], [hand]) for hand in (stroke(60), Hand()))
    sight.fields = fields_of(sight.fields[FEATURES], sight.fields[MIRRORED] + 1)
    assert np.array_equal(sight.answer(MaskRefiner(network), [0], [stroke(60)]), stroked)
    assert not np.array_equal(sight.answer(MaskRefiner(network), [0], [Hand()]), calm)


def test_another_person_photo_or_field_is_looked_at_anew(network) -> None:
    first, second, refiner = Sight(), Sight(), MaskRefiner(network)
    for sight, which in ((first, 0), (second, 0), (first, 1), (second, 1), (first, 0)):
        fresh = sight.answer(MaskRefiner(network), [which], [Hand()])
        assert np.array_equal(sight.answer(refiner, [which], [Hand()]), fresh)
    kept = first.answer(refiner, [0], [Hand()])
    first.fields = fields_of(first.fields[MIRRORED], first.fields[FEATURES])
    changed = first.answer(refiner, [0], [Hand()])
    assert np.array_equal(changed, first.answer(MaskRefiner(network), [0], [Hand()])) and not np.array_equal(
        changed, kept
    )


def test_several_people_at_once_are_answered_as_before(network) -> None:
    sight = Sight()
    both = sight.answer(MaskRefiner(network), [0, 1], [Hand(), stroke(60)])
    alone = [sight.answer(MaskRefiner(network), [j], [h])[0] for j, h in ((0, Hand()), (1, stroke(60)))]
    assert np.abs(both - np.stack(alone)).max() < 1e-4


def test_other_weights_are_seen(network) -> None:
    sight, refiner = Sight(), MaskRefiner(network)
    before = sight.answer(refiner, [0], [Hand()])
    assert network.look is not None
    with torch.no_grad():
        network.look.deep.weight.add_(0.5)
    after = sight.answer(refiner, [0], [Hand()])
    assert not np.array_equal(before, after)
    assert np.array_equal(after, sight.answer(MaskRefiner(network), [0], [Hand()]))


def test_the_network_itself_stays_as_it_is(network) -> None:
    names = set(network.state_dict())
    refiner = MaskRefiner(network)
    assert set(network.state_dict()) == names and refiner.network is network
    assert type(network.look).__name__ == "Look"


def test_crops_are_kept_by_source_and_box() -> None:
    made: list[int] = []

    def crop(source: np.ndarray, boxes):
        made.append(len(boxes))
        return crop_features(source, boxes)

    sight, crops = Sight(), RememberedCrops(crop)
    maps = cluster(sight.fields, sight.people, COCO_17, ClusterConfig()).maps
    one, other = maps[0].box, maps[1].box
    source = sight.fields[FEATURES]
    for boxes in ([one], [one, one], [one]):
        assert torch.equal(crops(source, boxes), crop_features(source, boxes))
    assert made == [1]
    assert torch.equal(crops(source, [one, other]), crop_features(source, [one, other])) and made == [1, 2]
    assert torch.equal(crops(source.copy(), [one]), crop_features(source, [one])) and made == [1, 2, 1]


def test_fewer_bits_give_what_autocast_gives_without_a_memory(network) -> None:
    sight = Sight()
    maps = cluster(sight.fields, sight.people, COCO_17, ClusterConfig()).maps
    refiner = MaskRefiner(network, torch.bfloat16)
    asked = Question(sight.image, sight.fields, sight.people, maps, [0], [stroke(60)])
    plain = refiner._logits(asked, 1, False)
    for _ in range(2):
        assert np.array_equal(refiner.logits(asked), plain)


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def test_both_views_are_looked_at_side_by_side(network, two_threads, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []
    plain = network.answer

    def answer(*given):
        seen.append((threading.get_ident(), torch.get_num_threads()))
        return plain(*given)

    monkeypatch.setattr(network, "answer", answer)
    sight, refiner = Sight(), MaskRefiner(network)
    one = sight.answer(refiner, [0], [Hand()])
    assert len({who for who, _ in seen}) == 2 and {threads for _, threads in seen} == {1}
    assert torch.get_num_threads() == 2
    torch.set_num_threads(1)
    assert np.array_equal(one, sight.answer(MaskRefiner(network), [0], [Hand()]))
    torch.set_num_threads(2)
    monkeypatch.setattr(network, "answer", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        sight.answer(refiner, [0], [Hand()])
    assert torch.get_num_threads() == 2


def test_pixels_under_an_unchanged_hand_are_read_once(network, monkeypatch: pytest.MonkeyPatch) -> None:
    sight, refiner = Sight(), MaskRefiner(network)
    touched: list[int] = []
    plain = network.stem.forward
    monkeypatch.setattr(network.stem, "forward", lambda both: (touched.append(len(both)), plain(both))[1])
    for x in (60, 60, 80):
        sight.answer(refiner, [0], [stroke(x)])
    assert touched == [1] * 2
