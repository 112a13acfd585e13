"""Who gets which colour."""

from __future__ import annotations

from window_desk import Desk, proposal

from kdc.overlay import palette_distances
from kdc_annotator.ui.colours import APART, choose_hue, hues


def test_as_many_people_as_colours_have_one_each_where_nobody_touches() -> None:
    given: list[tuple[tuple[int, int, int, int], int]] = []
    for n in range(len(hues())):
        box = (100 * n, 0, 40, 40)
        given.append((box, choose_hue(3 * n % len(hues()), box, given)))
    assert len({hue for _, hue in given}) == len(hues())


def test_neighbours_are_told_apart_before_colours_are_spread() -> None:
    others = [((0, 0, 50, 50), hue) for hue in range(len(hues())) if palette_distances()[0, hue] >= APART]
    chosen = choose_hue(5, (500, 0, 50, 50), others)
    assert chosen not in {hue for _, hue in others}
    near = ((0, 0, 50, 50), 2)
    far = [((900, 0, 10, 10), hue) for hue in range(len(hues())) if palette_distances()[2, hue] >= APART]
    assert palette_distances()[2, choose_hue(2, (10, 10, 50, 50), [near, *far])] >= APART


def test_colours_do_not_depend_on_the_image_that_was_shown_before(desk: Desk) -> None:
    people = [proposal(70, 220, 120), proposal(160, 225, 120), proposal(250, 220, 120)]
    desk.propose(*people)
    straight = [f.hue for f in desk.scene.figures]
    assert len(set(straight)) == 3
    desk.window.session.go(1)
    desk.propose(proposal(60, 220, 180), proposal(110, 200, 150), proposal(150, 225, 190), proposal(250, 220, 150))
    desk.window.session.go(0)
    assert [f.hue for f in desk.scene.figures] == straight
