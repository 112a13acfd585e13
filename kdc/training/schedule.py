"""Learning rate over a run."""

from __future__ import annotations

import math

from kdc.training.recipe import Recipe

WARM_SHARE = 0.1
"""Most of a run that warming up takes."""


def progress(recipe: Recipe, step: int, minutes: float) -> float:
    """Share of the run that is done, by steps or by its budget of minutes, whichever is further."""
    share = step / max(1, recipe.steps)
    return min(1.0, max(share, minutes / recipe.minutes) if recipe.minutes else share)


def factor(recipe: Recipe, step: int, done: float) -> float:
    """Factor on the peak learning rates: linear warm-up over ``recipe.warmup`` steps or a tenth of the run, whichever is
    shorter, then half a cosine down to ``recipe.final``."""
    warm = min(1.0, max((step + 1) / max(1, recipe.warmup), done / WARM_SHARE))
    return warm * (recipe.final + (1 - recipe.final) * 0.5 * (1 + math.cos(math.pi * done)))
