"""The pose refinement starts as a network that trusts what it was given."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from kdc.checkpoint import load_model, save_model
from kdc.config import ModelConfig
from kdc.errors import KdcError
from kdc.fields import Fields
from kdc.model.network import KdcNetwork
from kdc.model.pose_refine import GRID, PoseNet
from kdc.pose_refinement import TWICE, PoseConfig, PoseRefiner, places, pose_window, prepare_poses
from kdc.refinement import FEATURES, MIRRORED
from kdc.schema import COCO_17
from kdc.structures import Person

SIZE, CELLS = 161, 41


def standing(x: float, y: float, score: float = 0.9) -> Person:
    """Seventeen joints over 50 x 100 pixels."""
    rng = np.random.default_rng(5)
    joints = np.column_stack([x + rng.uniform(0, 50, 17), y + rng.uniform(0, 100, 17), np.full(17, 0.8)])
    return Person(joints.astype(np.float32), score)


def empty_fields() -> Fields:
    arrays = {
        "heatmap": np.zeros((17, CELLS, CELLS), np.float32),
        "person": np.zeros((1, CELLS, CELLS), np.float32),
        FEATURES: np.zeros((8, CELLS, CELLS), np.float32),
    }
    return Fields(arrays, 4, 24.0)


def untrained(**settings: float) -> PoseRefiner:
    torch.manual_seed(0)
    network = PoseNet(8, 17)
    for parameter in network.judge[-1].parameters():
        torch.nn.init.zeros_(parameter)
    return PoseRefiner(network, COCO_17, PoseConfig(**settings))


def test_an_untrained_refinement_leaves_joints_where_they_were():
    person = standing(40, 20)
    image = np.full((SIZE, SIZE, 3), 127, np.uint8)
    (refined,) = untrained(present=0.1, visible=0.4).refine(image, empty_fields(), [person])
    assert np.abs(refined.keypoints[:, :2] - person.keypoints[:, :2]).max() < 1.0
    assert refined.score == pytest.approx(0.9**0.25 * 0.5**0.75)
    assert (refined.visibility == 2).all()


def test_somebody_found_twice_is_kept_once_and_somebody_else_stays():
    people = [standing(20, 20, 0.5), standing(22, 21, 0.9), standing(90, 30, 0.7)]
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    refined = untrained().refine(image, empty_fields(), people)
    assert len(refined) == 2
    assert refined[0].keypoints[0, 0] == pytest.approx(people[1].keypoints[0, 0], abs=1.0)
    assert refined[1].keypoints[0, 0] == pytest.approx(people[2].keypoints[0, 0], abs=1.0)


def test_the_window_holds_every_joint_and_knows_where_a_cell_lies():
    person = standing(30, 10)
    x, y, side = pose_window(person.keypoints)
    assert (person.keypoints[:, :2] > (x, y)).all() and (person.keypoints[:, :2] < (x + side, y + side)).all()
    heat = torch.zeros(1, 1, GRID, GRID)
    heat[0, 0, 10, 20] = 50
    at, sure = (a[0, 0] for a in places(heat, np.array([[x, y, side]])))
    assert sure == pytest.approx(1)
    heat[0, 0, 50, 50] = 50
    assert places(heat, np.array([[x, y, side]]))[1][0, 0] == pytest.approx(0.5)
    assert at == pytest.approx([x - 0.5 + 20.5 * side / GRID, y - 0.5 + 10.5 * side / GRID], abs=1e-3)


def test_planes_show_the_photo_and_the_fields_where_the_person_is():
    person = standing(60, 40)
    x, y, side = pose_window(person.keypoints)
    fields = empty_fields()
    fields["heatmap"][3, 20, 18] = 1.0
    image = np.zeros((SIZE, SIZE, 3), np.uint8)
    image[80, 72] = 255
    inputs = prepare_poses(image, fields, [person, standing(90, 40)], [0], 2 * GRID)
    row, col = np.unravel_index(int(inputs.fields[0, 8 + 3].argmax()), (GRID, GRID))
    assert (x - 0.5 + (col + 0.5) * side / GRID, y - 0.5 + (row + 0.5) * side / GRID) == pytest.approx((72, 80), abs=3)
    row, col = np.unravel_index(int(inputs.photo[0].sum(0).argmax()), (2 * GRID, 2 * GRID))
    assert (x - 0.5 + (col + 0.5) * side / 128, y - 0.5 + (row + 0.5) * side / 128) == pytest.approx((72, 80), abs=2)
    assert inputs.others[0].max() > 0.5


def test_whom_the_decoder_hardly_believes_in_is_left_out():
    image = np.full((SIZE, SIZE, 3), 127, np.uint8)
    people = [standing(20, 20, 0.9), standing(90, 30, 0.04)]
    assert len(untrained().refine(image, empty_fields(), people)) == 1
    assert len(untrained(least=0.0).refine(image, empty_fields(), people)) == 2


def turned(person: Person) -> Person:
    points = person.keypoints[list(COCO_17.flip)].copy()
    points[:, 0] = SIZE - 1 - points[:, 0]
    return dataclasses.replace(person, keypoints=points)


def test_whoever_is_likely_is_looked_at_mirrored_too(monkeypatch: pytest.MonkeyPatch):
    rng = np.random.default_rng(2)
    image = rng.integers(0, 256, (SIZE, SIZE, 3), np.uint8)
    fields = empty_fields()
    for name in ("heatmap", "person", FEATURES):
        fields[name][:] = rng.random(fields[name].shape)
    fields.arrays[MIRRORED] = rng.random(fields[FEATURES].shape).astype(np.float32)
    mirror = empty_fields()
    mirror["heatmap"][:] = fields["heatmap"][list(COCO_17.flip), :, ::-1]
    mirror["person"][:] = fields["person"][:, :, ::-1]
    mirror[FEATURES][:] = fields[MIRRORED][:, :, ::-1]
    mirror.arrays[MIRRORED] = np.ascontiguousarray(fields[FEATURES][:, :, ::-1])
    refiner = untrained()
    for name in ("out", "judge"):
        part = getattr(refiner.network, name)
        for layer in part if name == "judge" else [part]:
            if hasattr(layer, "weight"):
                torch.nn.init.normal_(layer.weight, std=0.2)
    people = [standing(40, 20), standing(70, 30, TWICE / 2)]
    other_side = [turned(p) for p in people]
    monkeypatch.setattr("kdc.pose_refinement.pose_window", lambda _: (20, 15, 130))
    found, *rest = refiner.answers(image, fields, people)[0]
    monkeypatch.setattr("kdc.pose_refinement.pose_window", lambda _: (SIZE - 20 - 130, 15, 130))
    back, *rest_back = refiner.answers(image[:, ::-1].copy(), mirror, other_side)[0]
    monkeypatch.setattr("kdc.pose_refinement.pose_window", lambda _: (20, 15, 130))
    swap = list(COCO_17.flip)
    expected = np.stack([SIZE - 1 - back[:, swap, 0], back[:, swap, 1]], -1)
    assert np.abs(found[0] - expected[0]).max() < 1e-2
    assert rest[2][0] == pytest.approx(rest_back[2][0], abs=1e-5)
    for value, value_back in zip(rest[:2], rest_back[:2], strict=True):
        assert value[0] == pytest.approx(value_back[0, swap], abs=1e-4)
    # Somebody unlikely is looked at once, and the two photos' answers differ.
    assert np.abs(found[1] - expected[1]).max() > 0.1
    del fields.arrays[MIRRORED]
    assert np.abs(refiner.answers(image, fields, people)[0][0][0] - found[0]).max() > 0.1


def test_a_model_with_it_is_kept_and_read(tmp_path: Path):
    config = ModelConfig("mobilenet050", COCO_17, neck=(16, 16, 16), refine=True, pose_refine=True)
    network = KdcNetwork(config)
    save_model(tmp_path / "m.safetensors", network, "m")
    again, info = load_model(tmp_path / "m.safetensors")
    assert info.config.pose_refine and again.pose_refine is not None and again.refines
    older = {k: v for k, v in config.to_json().items() if k != "pose_refine"}
    assert not ModelConfig.from_json(older).pose_refine
    assert not KdcNetwork(dataclasses.replace(config, refine=False, pose_refine=False)).refines


def test_a_closer_look_changes_nothing_before_it_is_trained():
    torch.manual_seed(1)
    network = PoseNet(8, 17, look="mobilenet050").eval()
    torch.nn.init.normal_(network.out.weight)
    given = torch.rand(2, 8 + 18, GRID, GRID), torch.rand(2, 17, GRID, GRID), torch.rand(2, 1, GRID, GRID)
    photo, sure = torch.rand(2, 3, 2 * GRID, 2 * GRID), torch.rand(2, 18)
    with torch.inference_mode():
        before = network(*given, photo, sure).heat
        network.look, look = None, network.look
        assert torch.equal(network(*given, photo, sure).heat, before)
        torch.nn.init.normal_(look.deep.weight)
        network.look = look
        assert not torch.equal(network(*given, photo, sure).heat, before)


def test_in_the_larger_window_joints_are_read_from_pixels_at_the_grid():
    torch.manual_seed(2)
    network = PoseNet(8, 17, look="mobilenet050", side=3 * GRID).eval()
    given = torch.rand(1, 8 + 18, GRID, GRID), torch.rand(1, 17, GRID, GRID), torch.rand(1, 1, GRID, GRID)
    photo, sure = torch.rand(1, 3, 3 * GRID, 3 * GRID), torch.rand(1, 18)
    with torch.inference_mode():
        before = network(*given, photo, sure).heat
        torch.nn.init.normal_(network.out64.weight)
        finer = network(*given, photo, sure).heat
        assert before.shape == finer.shape == (1, 17, GRID, GRID) and not torch.equal(before, finer)
        photo[0, :, 90:93, 60:63] += 5
        row, col = np.unravel_index(
            int((network(*given, photo, sure).heat - finer)[0].abs().sum(0).argmax()), (GRID, GRID)
        )
        assert abs(row - 30) <= 2 and abs(col - 20) <= 2


def test_a_window_of_another_size_is_refused():
    with pytest.raises(KdcError, match="poses has 128 or 192 pixels, not 256"):
        ModelConfig("mobilenet050", COCO_17, pose_window=256)


def test_a_look_that_does_not_exist_is_refused():
    with pytest.raises(KdcError, match="closer look"):
        ModelConfig("mobilenet050", COCO_17, look="resnet50")
