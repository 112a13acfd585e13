from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from kdc.checkpoint import load_model, save_model
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.geometry import Letterbox
from kdc.images import read_image
from kdc.model.network import KdcNetwork, fold_batch_norm
from kdc.predictor import Predictor
from kdc.schema import COCO_17
from kdc.structures import Mask, Person


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    torch.manual_seed(0)
    network = KdcNetwork(ModelConfig("mobilenet050", COCO_17, input_size=129, refine=True))
    path = tmp_path_factory.mktemp("model") / "tiny.safetensors"
    save_model(path, network, "tiny", "7")
    return path


class Everywhere:
    """A mask engine that gives the left half to the first person and the right half to the second."""

    def masks(self, scene, people):
        w, h = scene.letterbox.width, scene.letterbox.height
        half = max(1, w // 2)
        return [Mask(np.ones((h, half), bool), 0, 0, w, h) for _ in people]


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 700), (200, 90), (130, 130)])
def test_any_shape_of_photo(model_file, height, width):
    predictor = Predictor(model_file, device="cpu", size=129)
    result = predictor.predict(np.random.default_rng(0).integers(0, 255, (height, width, 3), np.uint8))
    for person in result.people:
        assert person.mask is not None and (person.mask.width, person.mask.height) == (width, height)
    assert result.fields["heatmap"].shape[0] == 17
    assert predictor.model_name == "tiny" and predictor.model_version == "7"
    assert "CPU" in predictor.device_sentence


def test_not_a_photo_is_one_sentence(model_file):
    with pytest.raises(KdcError, match="uint8 RGB"):
        Predictor(model_file, device="cpu").predict(np.zeros((4, 4), np.uint8))


def test_masks_of_hand_placed_keypoints_lie_near_them(model_file):
    predictor = Predictor(model_file, device="cpu", size=129)
    points = np.zeros((17, 3), np.float32)
    points[[5, 6, 11]] = [(60, 40, 1), (80, 40, 1), (62, 80, 1)]
    image = np.full((120, 160, 3), 90, np.uint8)
    (mask,) = predictor.masks(image, [Person(points)])
    assert (mask.width, mask.height) == (160, 120)
    if mask.area:
        x, y, w, h = mask.box
        assert x <= 85 and y <= 85 and x + w >= 55 and y + h >= 35


def test_another_mask_engine_takes_its_place(model_file):
    predictor = Predictor(model_file, device="cpu", size=129, masker=Everywhere())
    points = np.ones((17, 3), np.float32)
    (mask,) = predictor.masks(np.zeros((50, 40, 3), np.uint8), [Person(points)])
    assert mask.area == 50 * 20


def test_people_below_the_wanted_score_are_left_out_before_masks(samples):
    photo = read_image(samples / "crowd.jpg").pixels
    everybody = Predictor(device="cpu", size=257, tiles="off", flip=False).predict(photo).people
    wanted = everybody[2].score
    predictor = Predictor(device="cpu", size=257, tiles="off", flip=False, min_score=wanted)
    asked = []
    judged = predictor.masker.judged
    predictor.masker.judged = lambda scene, people: asked.append(len(people)) or judged(scene, people)
    some = predictor.predict(photo).people
    assert len(some) <= asked[0] < len(everybody) and min(p.score for p in some) >= wanted
    assert {p.keypoints.tobytes() for p in some} <= {p.keypoints.tobytes() for p in everybody}


def test_whose_mask_is_unsure_scores_lower(samples):
    photo = read_image(samples / "crowd.jpg").pixels
    predictor = Predictor(device="cpu", size=257, tiles="off", flip=False)
    before = predictor.predict(photo).people
    judged = predictor.masker.judged

    def doubtful(scene, people):
        masks, sure = judged(scene, people)
        return masks, [s * 0.1 if n == 0 else s for n, s in enumerate(sure)]

    predictor.masker.judged = doubtful
    after = predictor.predict(photo).people
    assert [p.score for p in after] == sorted((p.score for p in after), reverse=True)
    lowered = next(p for p in after if p.keypoints.tobytes() == before[0].keypoints.tobytes())
    assert lowered.score == pytest.approx(0.1 * before[0].score)


def test_folding_batch_norm_changes_nothing(model_file):
    network, _ = load_model(model_file)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.5, 0.5)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
    torch.nn.init.normal_(network.refine.out.weight)
    image = torch.randint(0, 255, (1, 3, 97, 129))
    shapes = ((2, 64, 64, 64), (2, 9, 64, 64), (2, 3, 128, 128), (2, 2, 128, 128))
    inputs = [torch.randn(shape) for shape in shapes]
    with torch.inference_mode():
        before, mask_before = network(image), network.refine(*inputs)
        fold_batch_norm(network)
        after, mask_after = network(image), network.refine(*inputs)
    torch.testing.assert_close(mask_before, mask_after, atol=1e-3, rtol=1e-3)
    for name in before.raw:
        torch.testing.assert_close(before.raw[name], after.raw[name], atol=1e-4, rtol=1e-4)
    assert not any(isinstance(m, torch.nn.BatchNorm2d) for m in network.modules())


def test_unknown_devices_and_sizes_are_sentences(model_file):
    with pytest.raises(KdcError, match="no device"):
        Predictor(model_file, device="abacus")
    with pytest.raises(KdcError, match="33 to 10001"):
        Predictor(model_file, device="cpu", size=7)
    if not torch.cuda.is_available():
        with pytest.raises(KdcError, match="asks for a GPU"):
            Predictor(model_file, device="cuda")


def test_flip_testing_of_a_mirror_image_is_the_mirror_image(model_file):
    predictor = Predictor(model_file, device="cpu", size=129, flip=True)
    inputs = np.random.default_rng(1).integers(0, 255, (1, 97, 129, 3), np.uint8)
    one, other = predictor.fields_batch(np.concatenate([inputs, inputs[:, :, ::-1]]))
    flipped = one["heatmap"][list(COCO_17.flip)][:, :, ::-1]
    np.testing.assert_allclose(flipped, other["heatmap"], atol=2e-2)
    single = Predictor(model_file, device="cpu", size=129, flip=False).fields_batch(inputs)[0]
    assert np.abs(single["heatmap"] - one["heatmap"]).max() > 1e-4


def test_mirrored_inputs_are_the_inputs_and_their_mirror_images(model_file):
    from kdc.predictor import _with_mirrored

    inputs = np.random.default_rng(2).integers(0, 255, (3, 97, 129, 3), np.uint8)
    views = _with_mirrored(inputs[:, ::-1])
    assert views.flags.c_contiguous
    assert np.array_equal(views, np.concatenate([inputs[:, ::-1], inputs[:, ::-1, ::-1]]))


def test_a_scene_fits_its_photo_once_and_poses_see_what_the_network_saw(model_file, monkeypatch):
    made, apply = [], Letterbox.apply
    monkeypatch.setattr(Letterbox, "apply", lambda self, image: made.append(apply(self, image)) or made[-1])
    predictor = Predictor(model_file, device="cpu", size=129)
    scene = predictor.scene(np.random.default_rng(0).integers(0, 255, (90, 160, 3), np.uint8))
    assert scene.input is made[0] and len(made) == 1
    given = []
    predictor.poser = SimpleNamespace(refine=lambda image, fields, people: given.append(image) or people)
    predictor.masker = Everywhere()
    predictor.people(scene)
    assert given[0] is scene.input and len(made) == 1
    bare = replace(scene, fitted=None)
    assert np.array_equal(bare.input, scene.input) and bare.input is bare.input and len(made) == 2
    assert replace(bare, image=None).input is None
