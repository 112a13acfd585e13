"""Recipes: read, refused, and really run."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from kdc.checkpoint import load_model
from kdc.config import ModelConfig
from kdc.data.augment import AugmentConfig
from kdc.data.coco import CocoDataset
from kdc.data.loader import Mix
from kdc.decode.decoder import decode_people
from kdc.errors import KdcError
from kdc.model.network import KdcNetwork
from kdc.schema import COCO_17
from kdc.training.loop import make_optimizer, train
from kdc.training.recipe import Recipe, load_recipe
from kdc.training.schedule import factor, progress
from kdc.training.start import model_settings, start
from kdc.training.validation import configs

sys.path.insert(0, str(Path(__file__).parent))
from people_files import write_dataset
from tiny_run import tiny_network


def test_the_paper_recipe_has_the_papers_settings():
    r = load_recipe("paper")
    assert (r.optimizer, r.backbone_rate, r.rate, r.batch, r.epochs) == ("adam", 1e-5, 1e-5, 4, 400)
    assert (r.augment.size, r.model["radius"], r.model["neck"], r.model["output_stride"]) == (401, 32.0, [], 16)
    assert r.model["backbone"] == "resnet101"


def test_the_poseplusseg_recipe_has_the_papers_settings():
    r = load_recipe("poseplusseg")
    assert (r.optimizer, r.batch, r.epochs) == ("sgd", 2, 500)
    assert r.decode == {"body_heat": 0.4} and r.cluster == {"rule": "static_shoulder"} and r.model["pixel_refine"]


@pytest.mark.parametrize("name", ["default", "paper", "poseplusseg"])
def test_recipes_come_back_from_json(name: str):
    r = load_recipe(name)
    assert Recipe.from_json(json.loads(json.dumps(r.to_json()))).to_json() == json.loads(json.dumps(r.to_json())) | {
        "augment": r.to_json()["augment"], "model": dict(r.model),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"stepz": 3}, "no setting called 'stepz'"),
        ({"augment": {"sizes": 3}}, "no setting called 'sizes'"),
        ({"rate": "fast"}, "rate can't be 'fast'"),
        ({"batch": 0}, "batch must be 1"),
        ({"batch": 2.5}, "batch can't be 2.5"),
        ({"frozen": -1}, "frozen is 0 or more"),
        ({"optimizer": "magic"}, "optimizer is one of"),
        ({"augment": {"scale": [1]}}, "scale can't be"),
    ],
)
def test_a_bad_recipe_is_refused_in_a_sentence(data: dict, reason: str):
    with pytest.raises(KdcError, match=reason):
        Recipe.from_json(data)


def test_an_unknown_recipe_names_the_known_ones(tmp_path: Path):
    with pytest.raises(KdcError, match="default, paper, poseplusseg"):
        load_recipe("nope")
    (tmp_path / "r.json").write_text("[1")
    with pytest.raises(KdcError, match="can't be read"):
        load_recipe(str(tmp_path / "r.json"))


def test_the_schedule_warms_up_and_falls():
    r = Recipe(steps=100, warmup=10, final=0.1)
    rates = [factor(r, s, progress(r, s, 0.0)) for s in range(100)]
    assert rates[0] == pytest.approx(0.1, abs=0.01) and max(rates) <= 1
    assert rates[10:] == sorted(rates[10:], reverse=True) and rates[-1] == pytest.approx(0.1, abs=0.01)
    assert factor(replace(r, warmup=200), 10, 0.1) > 0.9
    timed = replace(r, steps=10**6, minutes=10.0)
    assert progress(timed, 5, 5.0) == 0.5 and progress(timed, 5, 11.0) == 1


def test_pretrained_and_new_layers_have_their_own_rate():
    network = tiny_network()
    network.backbone.freeze(3)
    groups = make_optimizer(network, Recipe(backbone_rate=0.1, rate=0.2)).param_groups
    assert [g["lr"] for g in groups] == [0.1, 0.2]
    count = sum(len(g["params"]) for g in groups)
    assert count == sum(p.requires_grad for p in network.parameters())


@pytest.mark.parametrize("name", ["paper", "poseplusseg"])
def test_the_papers_recipes_really_run(name: str, tmp_path: Path):
    torch.set_num_threads(1)
    data = write_dataset(tmp_path / "d", photos=2)
    recipe = load_recipe(name)
    # Their own heads, losses, optimizer and rates; a shallower ResNet and small crops, so that it takes seconds.
    small = replace(recipe.augment, size=65, long_side=129)
    recipe = replace(recipe, steps=2, batch=2, augment=small, precision="fp32")
    recipe = replace(recipe, model={**recipe.model, "backbone": "resnet50"})
    network, _, trained_before = start("", recipe, COCO_17)
    assert not trained_before and network.config.radius == 32 and network.config.stride == 16
    before = {k: v.clone() for k, v in network.state_dict().items()}
    losses: list[dict[str, float]] = []
    mix = Mix((CocoDataset(data, data.parent / "images", COCO_17),), (1.0,))
    train(network, mix, recipe, tmp_path / "out", tell=lambda r: losses.append(r.losses), workers=0)
    wanted = {"heatmap", "keycentroid", "pairwise", "person", "mask_offset"}
    wanted |= {"ref_pose", "ref_mask"} if name == "poseplusseg" else {"visibility", "centre"}
    assert len(losses) == 2 and set(losses[0]) == wanted
    assert all(math.isfinite(v) for step in losses for v in step.values())
    trained, info = load_model(tmp_path / "out" / "last.safetensors")
    after = network.state_dict()
    changed = {k.split(".")[0] for k in before if not torch.equal(before[k], after[k].cpu())}
    assert changed == {"backbone", "coarse"} | ({"pixel_refine"} if name == "poseplusseg" else set())
    assert info.training["recipe"]["name"] == name
    decode, cluster = configs(recipe.decode, recipe.cluster)
    with torch.no_grad():
        fields = trained.to_fields(trained(torch.zeros(1, 3, 65, 65)))
    assert isinstance(decode_people(fields, COCO_17, decode), list)
    assert cluster.rule == ("static_shoulder" if name == "poseplusseg" else "d1d2")


@pytest.mark.parametrize("backbone", ["resnet101", "resnet152"])
def test_the_papers_backbones_have_heads_at_stride_16(backbone: str):
    recipe = load_recipe("poseplusseg")
    with torch.device("meta"):
        network = KdcNetwork(ModelConfig(**model_settings(recipe) | {"backbone": backbone}, schema=COCO_17))
        raw = network(torch.zeros(1, 3, 401, 401)).raw
    assert raw["mask_offset"].shape == (1, 34, 26, 26) and raw["ref_pose"].shape == (1, 17, 26, 26)


def test_learnt_embedding_and_bandwidth_train(tmp_path: Path):
    torch.set_num_threads(1)
    data = write_dataset(tmp_path / "d", photos=2)
    network = tiny_network(optional_heads=("embedding", "bandwidth"))
    recipe = Recipe(steps=2, batch=2, frozen=0, warmup=1, augment=AugmentConfig(size=97, long_side=129))
    seen: list[dict[str, float]] = []
    mix = Mix((CocoDataset(data, data.parent / "images", COCO_17),), (1.0,))
    train(network, mix, recipe, tmp_path / "out", tell=lambda r: seen.append(r.losses), workers=0)
    assert 0 < seen[0]["embedding"] < 2.5
    assert (network.fine["bandwidth"].weight != 0).any() and (network.fine["embedding"].weight != 0).any()
