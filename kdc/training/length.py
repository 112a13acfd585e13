"""How long a run is, and at which rates: the recipe with everything decided that depends on data and starting point."""

from __future__ import annotations

from dataclasses import replace

from kdc.model.network import KdcNetwork
from kdc.training.loop import pretrained
from kdc.training.recipe import Recipe

FOREVER = 10_000_000


REFINE_EMA = 0.998


def phases(recipe: Recipe, network: KdcNetwork) -> tuple[Recipe, Recipe | None]:
    """A settled recipe as two: of the fields, and of the refinements (None where the network has none or nothing is to be spent).

    A budget of minutes is shared out; steps of the refinements come on top.
    """
    if not network.refines or recipe.refine <= 0:
        return recipe, None
    fields = replace(recipe, minutes=recipe.minutes * (1 - recipe.refine))
    steps = recipe.steps if recipe.steps >= FOREVER else max(1, round(recipe.steps * recipe.refine))
    refinements = replace(
        recipe, name=f"{recipe.name}: refinements", minutes=recipe.minutes * recipe.refine, steps=steps,
        rate=recipe.refine_rate, ema=min(recipe.ema, REFINE_EMA), finetune=0.3, weights={},
    )  # fmt: skip
    return fields, refinements


def settle(
    recipe: Recipe,
    network: KdcNetwork,
    trained: bool,
    photos: int,
    processes: int = 1,
    *,
    steps: int | None = None,
    minutes: float | None = None,
    epochs: float | None = None,
) -> Recipe:
    """The recipe with its length in steps, its norm and its rates decided.

    ``trained``: whether ``network`` was trained for this already, so that ``recipe.finetune`` counts. ``photos``: to train on, in all.
    ``steps``, ``minutes``, ``epochs``: a length in place of the recipe's; the first of them that is given counts.
    """
    per_step = recipe.batch * recipe.accumulate * processes
    passes = epochs if epochs is not None else recipe.epochs
    length, budget = recipe.steps, recipe.minutes
    if passes:
        length = max(1, round(passes * photos / per_step))
    if minutes is not None:
        length, budget = FOREVER, minutes
    if steps is not None:
        length = steps
    norm = recipe.norm if recipe.norm != "auto" else "frozen" if pretrained(network.backbone) else "batch"
    factor = recipe.finetune if trained else 1.0
    return replace(
        recipe, steps=length, minutes=budget, epochs=0.0, norm=norm, finetune=1.0,
        backbone_rate=recipe.backbone_rate * factor, rate=recipe.rate * factor,
    )  # fmt: skip
