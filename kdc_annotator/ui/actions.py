"""Every action of the window, in one table: menus, keys, palette, tooltips and the cheat sheet are made from it."""

from __future__ import annotations

from dataclasses import dataclass

from kdc_annotator.ui.text import mark


@dataclass(frozen=True)
class ActionSpec:
    """``name``: also of the method that does it. ``keys``: the first is shown. ``when``: see ``situation.py``. ``tool``: radio button in the strip.
    ``repeats``: again and again while the key is held down."""

    name: str
    text: str
    menu: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    when: str = "always"
    checkable: bool = False
    tool: bool = False
    tip: str = ""
    repeats: bool = False


MENUS: tuple[tuple[str, str], ...] = (
    ("file", mark("File")),
    ("edit", mark("Edit")),
    ("person", mark("Person")),
    ("image", mark("Image")),
    ("view", mark("View")),
    ("model", mark("Model")),
    ("help", mark("Help")),
)

A = ActionSpec
SEPARATOR = ActionSpec("", "", "")

ACTIONS: tuple[ActionSpec, ...] = (
    A("open_folder", mark("Open folder…"), "file", ("Ctrl+O",), "folder"),
    A("open_file", mark("Open project or COCO file…"), "file", ("Ctrl+Shift+O",), "file"),
    A("open_sample", mark("Open the sample"), "file", (), "spark"),
    A("close_project", mark("Close project"), "file", ("Ctrl+W",), "", "project"),
    A("import_coco", mark("Import COCO file into this project…"), "file", (), "import", "writable"),
    A("find_photos", mark("Look for moved photos…"), "file", (), "search", "writable"),
    A("export", mark("Export…"), "file", ("Ctrl+E",), "export", "project"),
    A("quit", mark("Quit"), "file", ("Ctrl+Q",)),
    A("undo", mark("Undo"), "edit", ("Ctrl+Z",), "undo", "undo", repeats=True),
    A("redo", mark("Redo"), "edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "redo", repeats=True),
    A("tool_select", mark("Select and move"), "edit", ("Esc",), "select", "image", True, True),
    A("tool_add_person", mark("New person"), "edit", ("5",), "person-add", "writable_image", True, True),
    A("tool_brush", mark("Brush"), "edit", ("B",), "brush", "writable_image", True, True),
    A("tool_eraser", mark("Eraser"), "edit", ("E",), "eraser", "writable_image", True, True),
    A("tool_polygon", mark("Polygon"), "edit", ("G",), "polygon", "writable_image", True, True, mark("Alt: cut out")),
    A("tool_reassign", mark("Give pixels to another person"), "edit", ("R",), "reassign", "writable_image", True, True),
    A("tool_crowd", mark("Crowd region"), "edit", ("Shift+B",), "crowd", "writable_image", True, True),
    A(
        "exact_strokes",
        mark("Strokes exactly as painted"),
        "edit",
        ("Shift+E",),
        "exact",
        "image",
        True,
        tip=mark("else the mask follows the stroke"),
    ),
    A("brush_smaller", mark("Smaller brush"), "edit", ("[", ","), "", "image", repeats=True),
    A("brush_larger", mark("Larger brush"), "edit", ("]", "."), "", "image", repeats=True),
    A("key_pointer", mark("Pointer by arrow keys"), "edit", ("K",), "", "image", True),
    A("delete", mark("Delete joint or person"), "edit", ("Shift+D", "Del"), "trash", "joint_or_figure"),
    A("next_person", mark("Next person"), "person", ("S", "Down"), "next", "figures", repeats=True),
    A("previous_person", mark("Previous person"), "person", ("W", "Up"), "previous", "figures", repeats=True),
    A("person_beneath", mark("The person beneath the pointer"), "person", ("Tab",), "", "figures", repeats=True),
    A("next_joint", mark("Pointer to the next joint"), "person", ("J",), "", "figures", repeats=True),
    A("previous_joint", mark("Pointer to the joint before"), "person", ("Shift+J",), "", "figures", repeats=True),
    A("confirm_person", mark("Confirm the person"), "person", ("C",), "check", "figure"),
    A("accept_proposal", mark("Accept this proposal"), "person", ("Shift+C",), "check", "proposal"),
    A("accept_all", mark("Accept all proposals above the slider"), "person", ("Q",), "check-all", "proposals"),
    A("cycle_visibility", mark("Visible, occluded, not labelled"), "person", ("V",), "visibility", "joint"),
    A("mirror", mark("Mirror the person"), "person", ("Shift+V",), "mirror", "figure"),
    A("swap_pair", mark("Swap left and right of this pair"), "person", ("X",), "swap", "joint"),
    A(
        "swap_limb",
        mark("Swap left and right of the limb"),
        "person",
        ("Alt+X",),
        "",
        "joint",
        tip=mark("this pair and those beyond it"),
    ),
    A("swap_person", mark("Swap left and right of the person"), "person", ("Shift+X",), "swap", "figure"),
    A(
        "place_missing",
        mark("Place missing joints"),
        "person",
        ("Shift+S",),
        "",
        "figure",
        tip=mark("by the model, else by symmetry"),
    ),
    A("merge", mark("Merge with the next one clicked"), "person", ("Shift+R",), "merge", "figure", True, True),
    A("split", mark("Split into its parts"), "person", ("T",), "split", "figure"),
    A("copy_previous", mark("Copy people from the previous image"), "person", ("Shift+A",), "copy", "image"),
    A("duplicate", mark("Duplicate"), "person", ("Ctrl+D",), "copy", "figure"),
    A("bring_front", mark("Bring to the front"), "person", ("Ctrl+Up",), "", "figure"),
    A("send_back", mark("Send to the back"), "person", ("Ctrl+Down",), "", "figure"),
    A("lock", mark("Lock or unlock"), "person", ("Shift+G",), "lock", "figure"),
    A(
        "release_mask",
        mark("Let a drawn mask follow the joints"),
        "person",
        ("Ctrl+G",),
        "unlock",
        "drawn",
        tip=mark("until then it stays as it was drawn"),
    ),
    A(
        "release_masks",
        mark("Let all drawn masks follow the joints"),
        "person",
        (),
        "unlock",
        "drawn_masks",
        tip=mark("of everybody in the image, also those that came with a file"),
    ),
    A("mark_crowd", mark("Crowd region or one person"), "person", (), "crowd", "figure"),
    A("edit_details", mark("Attributes and notes"), "person", ("I",), "details", "image"),
    A("next_image", mark("Next image"), "image", ("D", "Right"), "next", "next", repeats=True),
    A("previous_image", mark("Previous image"), "image", ("A", "Left"), "previous", "previous", repeats=True),
    A("confirm_image", mark("Confirm the image, go on"), "image", ("Space",), "check-all", "writable_image"),
    A("skip_image", mark("Skip the image, go on"), "image", ("Shift+Space",), "", "writable_image"),
    A("next_open_image", mark("Next image that is not done"), "image", ("Ctrl+N",), "", "image"),
    A("review_mode", mark("Review: what was changed"), "image", ("Shift+Q",), "review", "image", True),
    A("next_change", mark("Next difference"), "image", ("N",), "next", "changes", repeats=True),
    A("previous_change", mark("Previous difference"), "image", ("Shift+N",), "previous", "changes", repeats=True),
    A("accept_review", mark("Accept the image, go on"), "image", ("Y",), "check", "reviewing"),
    A("return_review", mark("Send the image back with a note…"), "image", ("Shift+Y",), "back", "reviewing"),
    A("filter_images", mark("Find images…"), "image", ("Ctrl+F",), "search", "project"),
    A("fit", mark("Fit"), "view", ("Z",), "fit", "image"),
    A("one_to_one", mark("One to one"), "view", ("Shift+Z",), "one-to-one", "image"),
    A("zoom_in", mark("Zoom in"), "view", ("+", "Ctrl++"), "", "image", repeats=True),
    A("zoom_out", mark("Zoom out"), "view", ("-", "Ctrl+-"), "", "image", repeats=True),
    A("zoom_person", mark("Zoom to the person"), "view", ("Shift+W",), "zoom-person", "figure"),
    A("isolate", mark("Isolate the person"), "view", ("F",), "isolate", "figure", True),
    A("hide", mark("Hide the person"), "view", ("Shift+F",), "eye-off", "figure"),
    A("show_all", mark("Show everybody"), "view", ("Ctrl+Shift+F",), "eye", "image"),
    A("show_masks", mark("Masks"), "view", ("1",), "masks", "image", True),
    A("show_outlines", mark("Outlines"), "view", ("2",), "outlines", "image", True),
    A("show_both", mark("Masks and outlines"), "view", ("3",), "both", "image"),
    A("show_skeletons", mark("Skeletons"), "view", ("4",), "skeleton", "image", True),
    A("toggle_side", mark("People, checks and history"), "view", ("F8",), "panel", "always", True),
    A("toggle_strip", mark("Image strip"), "view", ("F7",), "filmstrip", "always", True),
    A("toggle_minimap", mark("Overview in the corner"), "view", ("M",), "map", "always", True),
    A("theme_dark", mark("Dark theme"), "view", (), "", "always", True),
    A("theme_light", mark("Light theme"), "view", (), "sun", "always", True),
    A("theme_system", mark("Theme of the desktop"), "view", (), "", "always", True),
    A("predict_visible", mark("Find people in the visible part"), "model", ("`", "F5"), "scan", "writable_image"),
    A("predict_image", mark("Find people in this image again"), "model", ("Ctrl+R",), "spark", "writable_image"),
    A("score_lower", mark("Lower the score from which proposals count"), "model", ("O",), "", "image", repeats=True),
    A("score_higher", mark("Raise the score from which proposals count"), "model", ("P",), "", "image", repeats=True),
    A("preannotate", mark("Find people in all images…"), "model", (), "spark", "writable"),
    A("load_model", mark("Load the model again"), "model", (), "", "no_model"),
    A("choose_model", mark("Use another model…"), "model"),
    A("bundled_model", mark("Use the bundled model again"), "model", (), "", "own_model"),
    A("train", mark("Train on this project…"), "model", (), "train", "project"),
    A("palette", mark("Command palette"), "help", ("Ctrl+K", "Ctrl+Shift+P"), "search"),
    A("cheat_sheet", mark("Keys"), "help", ("F1",), "keyboard"),
    A("rebind", mark("Change keys…"), "help", (), "settings"),
    A("labeler_name", mark("Your name…"), "help", (), "person"),
    A("language", mark("Deutsch / English"), "help"),
    A("tour", mark("60-second tour"), "help", (), "info"),
    A("about", mark("About"), "help", (), "info"),
    A("focus_next", mark("Next part of the window"), "help", ("F6",)),
    A("focus_previous", mark("Previous part of the window"), "help", ("Shift+F6",)),
    A("open_menus", mark("Open the menus"), "help", ("F10",)),
    A("part_menu", mark("Menu of this part of the window"), "help", ("Shift+F10",), "", "project"),
)


def by_name() -> dict[str, ActionSpec]:
    """The table by name."""
    return {spec.name: spec for spec in ACTIONS}
