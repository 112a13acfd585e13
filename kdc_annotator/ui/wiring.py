"""Which part of the window asks for which action."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from kdc_annotator.document.proposals import SHOWN_SCORE
from kdc_annotator.ui.canvas.tools.brush import LARGEST, SMALLEST, BrushTool
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.hints import hint_now
from kdc_annotator.ui.text import number, tr

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow

KEPT_AFTER = 300
"""Milliseconds of writing, or of turning the wheel, that are lost at most when the program is killed."""


def connect_parts(window: MainWindow) -> None:
    """Connect what the start page, the canvas and the panels ask for with what does it."""
    do, run = window.controller, window.controller.run
    start, canvas, side = window.start, window.canvas, window.side
    drafts = QTimer(window, singleShot=True, interval=KEPT_AFTER)
    drafts.timeout.connect(do.keep_drafts)
    written = QTimer(window, singleShot=True, interval=KEPT_AFTER)
    written.timeout.connect(do.keep_written)
    start.folder_wanted.connect(lambda: run("open_folder"))
    start.file_wanted.connect(lambda: run("open_file"))
    start.sample_wanted.connect(lambda: run("open_sample"))
    start.tour_wanted.connect(lambda: run("tour"))
    start.recent_wanted.connect(lambda path: window.open(Path(path)))
    canvas.hint_changed.connect(lambda hint: window.status.show_hint(hint_now(window, hint)))
    canvas.zoom_changed.connect(lambda scale: window.status.zoom_label.setText(f"{scale:.0%}"))
    canvas.keys_took.connect(window.actions_by_name["key_pointer"].setChecked)
    canvas.tool_finished.connect(lambda: do.take_tool("select"))
    side.people.zoom_wanted.connect(lambda _: run("zoom_person"))
    side.people.hide_wanted.connect(do.toggle_hidden)
    side.people.lock_wanted.connect(do.toggle_lock)
    side.history.went_to.connect(do.go_to_step)
    side.checks.jump_wanted.connect(do.jump)
    side.checks.repair_wanted.connect(do.repair)
    window.strip.gone_to_first.connect(canvas.setFocus)
    window.strip.given_up.connect(canvas.setFocus)
    window.checker.found.connect(side.show_findings)
    window.checker.checked.connect(lambda _, findings: side.fit_checks(findings))
    window.review.changed.connect(window.refresh_actions)
    window.review.went_to.connect(do.show_difference)
    canvas.put_aside.connect(window.messages.news)
    canvas.undo_changed.connect(window.refresh_actions)
    window.messages.left.connect(canvas.setFocus)
    window.session.finishing.connect(do.put_down)
    window.session.leaving.connect(do.put_down)
    window.session.going.connect(do.view_back)
    window.session.going.connect(canvas.expect_image)
    window.session.going.connect(side.details.finish)
    window.session.leaving.connect(side.details.finish)
    window.session.going.connect(do.keep_written)
    window.session.leaving.connect(do.keep_written)
    side.details.typing.connect(lambda: written.isActive() or written.start())
    side.review.accept_wanted.connect(lambda: run("accept_review"))
    window.session.project_changed.connect(do.load_drafts)
    window.session.going.connect(do.keep_drafts)
    window.session.leaving.connect(do.keep_drafts)
    side.review.drafts_changed.connect(lambda: drafts.isActive() or drafts.start())
    side.review.return_wanted.connect(do.return_with)
    side.details.attribute_wanted.connect(do.set_attribute)
    side.details.number_refused.connect(do.refuse_number)
    side.details.crowd_wanted.connect(do.set_crowd)
    release = window.actions_by_name["release_mask"]
    release.changed.connect(lambda: side.details.release.setToolTip(release.toolTip()))
    side.details.release.setToolTip(release.toolTip())
    side.details.release_wanted.connect(lambda: run("release_mask"))
    side.details.note_wanted.connect(do.set_note)
    side.details.kind_wanted.connect(do.define_attribute)
    _connect_remembered(window)


def connect_sliders(window: MainWindow) -> None:
    """The sliders of the lowest line, as they were left."""
    status, settings = window.status, window.settings
    brighten = QTimer(window)
    brighten.setSingleShot(True)
    brighten.setInterval(120)
    brighten.timeout.connect(lambda: window.session.set_brightness(status.brightness.value() / 50))

    def threshold_moved(value: int) -> None:
        status.threshold_label.setText(tr("Score ≥ {score}", score=number(value / 100, 2)))
        settings.put("threshold", value / 100)
        window.scene.set_threshold(value / 100)

    def opacity_moved(value: int) -> None:
        settings.put("opacity", value / 100)
        window.controller.look(opacity=value / 100)

    keyed = [window.actions_by_name[name] for name in ("score_lower", "score_higher")]

    def name_keys() -> None:
        now = window.keys()
        keys = [key_text(keys[0]) for action in keyed if (keys := now[action.objectName()])]
        name = status.threshold.accessibleName()
        status.threshold.setToolTip(f"{name}  ({', '.join(keys)})" if keys else name)

    for action in keyed:
        action.changed.connect(name_keys)
    name_keys()
    status.threshold.valueChanged.connect(threshold_moved)
    status.threshold.setValue(round(settings.number("threshold", SHOWN_SCORE) * 100))
    status.opacity.valueChanged.connect(opacity_moved)
    status.opacity.setValue(round(settings.number("opacity", 0.35) * 100))
    status.brightness.valueChanged.connect(lambda _: brighten.start())


def _connect_remembered(window: MainWindow) -> None:
    """Which panels are folded, and the size of the brush, as they were left."""
    settings = window.settings
    for name, section in window.side.sections.items():
        section.set_open(settings.flag(f"window/unfolded/{name}", section.is_open))
    for name, section in window.side.sections.items():
        section.opened.connect(lambda on, key=f"window/unfolded/{name}": settings.put(key, on))
    radius = settings.number("brush", 0.0)
    BrushTool.radius = radius if SMALLEST <= radius <= LARGEST else 0.0
    later = QTimer(window, singleShot=True, interval=KEPT_AFTER)

    def keep() -> None:
        later.stop()
        settings.put("brush", round(BrushTool.radius, 3))
        settings.sync()

    def leave() -> None:
        if later.isActive():
            keep()

    later.timeout.connect(keep)
    window.canvas.brush_resized.connect(later.start)
    window.session.leaving.connect(leave)


def connect_background(window: MainWindow) -> None:
    """What images are sorted and looked for by is worked out when the list wants it, and kept when the checks tell it.

    Photos that are missing are told of once, a moment after a project was opened.
    """
    facts, session, strip, places = window.facts, window.session, window.strip, window.places
    session.leaving.connect(places.leave)
    session.list_changed.connect(lambda: places.look_at(session.project))
    places.missing.connect(window.controller.offer_to_look)
    session.photos_changed.connect(strip.view.forget)
    session.stoppable_progress.connect(window.stoppable_progress)
    window.status.stop_all.clicked.connect(session.stop_work)
    session.leaving.connect(facts.leave)
    session.list_changed.connect(lambda: facts.look_at(session.project))
    session.image_changed.connect(facts.image_left)
    window.checker.checked.connect(
        lambda document, findings: None if session.photo_error else facts.found(document.photo.id, findings)
    )
    strip.facts_wanted.connect(facts.ensure)
    facts.more.connect(strip.look_again)
    facts.failed.connect(window.show_error)
    facts.progress.connect(window.stoppable_progress)
    window.status.stop_all.clicked.connect(facts.stop)
