"""The labelers' guide names no key that the window does not know."""

from __future__ import annotations

import re
from pathlib import Path

from kdc_annotator.ui.actions import ACTIONS

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "labeling.md"
KEY = re.compile(r"(?:(?:Ctrl|Shift|Alt)\+)*(?:[][A-Z0-9\\`+-]|F\d+|Space|Tab|Return|Up|Down)")
SAID = {
    "Q": "accept_all", "Shift+C": "accept_proposal", "V": "cycle_visibility", "X": "swap_pair", "Alt+X": "swap_limb", "Shift+X": "swap_person",
    "Shift+D": "delete", "Shift+S": "place_missing", "B": "tool_brush", "E": "tool_eraser", "G": "tool_polygon",
    "R": "tool_reassign", "Shift+E": "exact_strokes", "5": "tool_add_person", "Space": "confirm_image",
    "Shift+Space": "skip_image", "Ctrl+N": "next_open_image", "A": "previous_image", "D": "next_image",
    "Shift+A": "copy_previous", "Ctrl+D": "duplicate", "Shift+V": "mirror", "S": "next_person", "W": "previous_person",
    "F": "isolate", "Shift+F": "hide", "Shift+G": "lock", "Shift+R": "merge", "T": "split", "Shift+B": "tool_crowd",
    "Z": "fit", "Shift+Z": "one_to_one", "Shift+W": "zoom_person", "1": "show_masks", "2": "show_outlines",
    "3": "show_both", "4": "show_skeletons", "F7": "toggle_strip", "F8": "toggle_side", "M": "toggle_minimap",
    "`": "predict_visible", "F5": "predict_visible", "Ctrl+F": "filter_images", "Shift+Q": "review_mode", "N": "next_change",
    "Shift+N": "previous_change", "Y": "accept_review", "Shift+Y": "return_review", "I": "edit_details", "Ctrl+E": "export",
    "C": "confirm_person", "Ctrl+Z": "undo", "Ctrl+Shift+Z": "redo", "Ctrl+O": "open_folder", "Ctrl+Shift+O": "open_file",
    "Ctrl+Shift+F": "show_all", "Ctrl+Up": "bring_front", "Ctrl+Down": "send_back", "+": "zoom_in", "-": "zoom_out",
    "Ctrl+R": "predict_image", "K": "key_pointer", "J": "next_joint", "Shift+J": "previous_joint", "[": "brush_smaller",
    "]": "brush_larger", "Ctrl+G": "release_mask", "O": "score_lower", "P": "score_higher",
}  # fmt: skip
"""What the guide says that each of its keys does."""
PLAIN = {
    "tool_select": "Esc", "person_beneath": "Tab", "palette": "Ctrl+K", "cheat_sheet": "F1", "focus_next": "F6",
    "focus_previous": "Shift+F6", "open_menus": "F10", "part_menu": "Shift+F10",
}  # fmt: skip
"""Actions whose keys stand in a sentence."""
USUAL = {"close_project", "quit"}
"""What every program has, with its usual keys."""


def test_every_key_of_the_guide_does_what_it_says() -> None:
    named = [text.replace("\\", "") for text in re.findall(r"\*\*(.+?)\*\*", GUIDE.read_text("utf-8"))]
    assert set(SAID) == {text for text in named if KEY.fullmatch(text)}
    keys = {key: spec.name for spec in ACTIONS for key in spec.keys}
    assert {key: keys.get(key) for key in SAID} == SAID


def test_every_action_with_a_key_is_in_the_guide() -> None:
    text = GUIDE.read_text("utf-8")
    assert {spec.name for spec in ACTIONS if spec.keys} == {*SAID.values(), *PLAIN, *USUAL}
    assert all(key in text for key in PLAIN.values())
