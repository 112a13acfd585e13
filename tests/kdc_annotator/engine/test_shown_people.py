"""The masks that people are shown with as proposals: made among the shown, by all rounds of a refinement."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from kdc.predictor import Predictor
from kdc.refinement import ROUNDS, RefinedMasker
from kdc.schema import COCO_17
from kdc.structures import Mask, Person
from kdc_annotator.engine.worker import shown_people

SIDE = 64


def people(*scores: float) -> list[Person]:
    points = np.column_stack([np.full((17, 2), 9.0), np.ones(17)]).astype(np.float32)
    return [Person(points, score, mask=Mask.empty(SIDE, SIDE)) for score in scores]


def predictor(refines: bool, tiles: str = "off") -> SimpleNamespace:
    """Notes who is asked for masks again."""
    asked: list[list[Person]] = []

    def scene_masks(scene: object, some: list[Person]) -> list[Mask]:
        asked.append(some)
        return [Mask.from_full(np.ones((SIDE, SIDE), bool)) for _ in some]

    masker = SimpleNamespace(refiner=object()) if refines else SimpleNamespace()
    return SimpleNamespace(scene_masks=scene_masks, masker=masker, size=33, tiles=tiles, asked=asked)


@pytest.mark.parametrize(
    ("scores", "refines", "again"),
    [((0.9, 0.8), True, 2), ((0.9, 0.8, 0.05), True, 2), ((0.9, 0.05), False, 1), ((0.9, 0.8), False, 0), ((0.05,), True, 0)],
)  # fmt: skip
def test_whoever_is_shown_has_a_mask_of_all_rounds(scores: tuple[float, ...], refines: bool, again: int) -> None:
    """Without a refinement there are no rounds, so that nothing is done twice where nobody is left out."""
    model = predictor(refines)
    found = shown_people(model, object(), people(*scores))
    assert [len(some) for some in model.asked] == ([again] if again else [])
    assert [p.score for p in found] == list(scores)
    assert [p.mask.area > 0 for p in found] == [n < again for n in range(len(scores))]


def test_so_has_whoever_is_seen_in_a_tile(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, asked = np.zeros((SIDE, 3 * SIDE, 3), np.uint8), []
    model = predictor(True)
    tiled = Predictor.__new__(Predictor)
    tiled.size, tiled.tiles = 33, 3
    tiled.info = SimpleNamespace(config=SimpleNamespace(schema=COCO_17))

    def scene(image: np.ndarray) -> SimpleNamespace:
        return SimpleNamespace(size=image.shape[1::-1])

    def found(seen: SimpleNamespace) -> list[Person]:
        w, h = seen.size
        points = np.column_stack([np.linspace(0.4 * w, 0.6 * w, 17), np.full(17, h / 2), np.ones(17)])
        return [Person(points.astype(np.float32), 0.9, mask=Mask.empty(w, h))]

    def scene_masks(seen: SimpleNamespace, some: list[Person]) -> list[Mask]:
        asked.append(seen.size)
        w, h = seen.size
        full = np.zeros((h, w), bool)
        full[h // 2 - 2 : h // 2 + 3, int(0.4 * w) : int(0.6 * w)] = True
        return [Mask.from_full(full) for _ in some]

    monkeypatch.setattr(tiled, "scene", scene)
    monkeypatch.setattr(tiled, "people", found)
    model.scene_masks = scene_masks
    everybody = tiled.predict(photo, lambda seen, some: shown_people(model, seen, some)).people
    assert len(asked) == 4 and asked[0] == (3 * SIDE, SIDE), "the whole photo and three tiles of it"
    assert len(everybody) > 1 and all(p.mask is not None and p.mask.area for p in everybody)


def test_masks_of_given_people_take_all_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    masker, rounds = RefinedMasker.__new__(RefinedMasker), []
    monkeypatch.setattr(RefinedMasker, "judged", lambda self, scene, some, n=1: (rounds.append(n), ([], []))[1])
    masker.masks(None, [])
    assert rounds == [ROUNDS] and ROUNDS == 2
