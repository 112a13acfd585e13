"""The masks that people are shown with as proposals: made among the shown, by all rounds of a refinement."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from kdc.geometry import Letterbox
from kdc.refinement import ROUNDS, RefinedMasker
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


def prediction(*scores: float) -> SimpleNamespace:
    return SimpleNamespace(people=people(*scores), letterbox=Letterbox.fit(SIDE, SIDE, 33), scene=object())


@pytest.mark.parametrize(
    ("scores", "refines", "again"),
    [((0.9, 0.8), True, 2), ((0.9, 0.8, 0.05), True, 2), ((0.9, 0.05), False, 1), ((0.9, 0.8), False, 0), ((0.05,), True, 0)],
)  # fmt: skip
def test_whoever_is_shown_has_a_mask_of_all_rounds(scores: tuple[float, ...], refines: bool, again: int) -> None:
    """Without a refinement there are no rounds, so that nothing is done twice where nobody is left out."""
    model, made = predictor(refines), prediction(*scores)
    found = shown_people(model, made)
    assert [len(some) for some in model.asked] == ([again] if again else [])
    assert [p.score for p in found] == list(scores)
    assert [p.mask.area > 0 for p in found] == [n < again for n in range(len(scores))]


def test_photos_seen_in_tiles_keep_their_masks() -> None:
    model = predictor(True, "3")
    shown_people(model, prediction(0.9, 0.8))
    assert model.asked == []


def test_masks_of_given_people_take_all_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    masker, rounds = RefinedMasker.__new__(RefinedMasker), []
    monkeypatch.setattr(RefinedMasker, "judged", lambda self, scene, some, n=1: (rounds.append(n), ([], []))[1])
    masker.masks(None, [])
    assert rounds == [ROUNDS] and ROUNDS == 2
