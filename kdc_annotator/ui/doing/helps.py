"""Palette, keys, language, tour, and the way round the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.text import tr


class HelpDoing(Doing):
    """Palette, keys, language, tour, and the way round the window."""

    def palette(self) -> None:
        from kdc_annotator.ui.command_palette import CommandPalette, Entry

        window, situation, keys = self.window, self.window.situation(), self.window.keys()
        from kdc_annotator.ui.cheat_sheet import key_text

        entries = []
        for spec in ACTIONS:
            key = key_text(keys[spec.name][0]) if keys[spec.name] else ""
            possible = situation.allows(spec.when)
            picture = window.actions_by_name[spec.name].icon()
            entries.append(Entry(tr(spec.text), key, picture, possible, partial(self.run, spec.name)))
        palette = CommandPalette(window, window.theme, entries, self._images_called)
        place = window.top.palette_place()
        palette.open_at(place.x(), place.y())

    def _images_called(self, text: str) -> list:  # type: ignore[type-arg]
        from kdc_annotator.ui.command_palette import Entry

        project = self.session.project
        if project is None:
            return []
        ids = project.image_ids(text=text, most=12)
        picture = self.window.actions_by_name["toggle_strip"].icon()
        return [
            Entry(photo.path, tr("image"), picture, True, partial(self.session.go_to_image, photo.id))
            for photo in project.photos_of(ids)
        ]

    def cheat_sheet(self) -> None:
        from kdc_annotator.ui.cheat_sheet import CheatSheet

        CheatSheet(self.window, self.window.keys()).show()

    def rebind(self) -> None:
        from kdc_annotator.ui.dialogs.keys import KeysDialog

        KeysDialog(self.window).open()

    def labeler_name(self) -> None:
        """The name that work and reviews are signed with."""
        from kdc_annotator.ui.dialogs.name import NameDialog

        def take(name: str) -> None:
            self.window.settings.put("labeler", name.strip())
            self.session.sign_with(self.window.settings.labeler())

        dialog = NameDialog(self.window, self.session.labeler)
        dialog.given.connect(take)
        dialog.open()

    def language(self) -> None:
        from kdc_annotator.ui.language import other_language

        name = other_language(self.window.settings)
        self.window.settings.put("language", name)
        self.window.messages.news(tr("The language changes when the window is opened again."))

    def tour(self) -> None:
        from kdc_annotator.ui.tour import Tour, is_open

        if is_open(self.window):
            return
        Tour(self.window).start()

    def about(self) -> None:
        from kdc import __version__

        status = self.window.engine.status
        text = tr("KDC Annotator {version}. Keypoints and masks of people in crowds; Apache-2.0.", version=__version__)
        self.window.messages.news(f"{text} {status.model} {status.device} {status.reason}".strip(), seconds=15)

    def open_menus(self) -> None:
        """Arrows go on from there."""
        bar = self.window.top.menus
        bar.setActiveAction(bar.actions()[0])

    def part_menu(self) -> None:
        """Of what has the keyboard."""
        from kdc_annotator.ui.part_menus import ask_for_menu

        ask_for_menu(self.window)

    def focus_next(self) -> None:
        """The canvas, a message, the panels, the images, the sliders, the tools, and round again."""
        self._focus_part(1)

    def focus_previous(self) -> None:
        """The other way round."""
        self._focus_part(-1)

    def _focus_part(self, by: int) -> None:
        window, side = self.window, self.window.side
        parts: list[QWidget] = [self.canvas, window.messages, window.minimap, side.people, side.review.view]
        parts += [side.details, side.checks.view, side.history]
        parts += [window.strip.search, window.strip.view, window.status, window.tools]
        parts = [p for p in parts if p.isVisible()]
        focus = QApplication.focusWidget()
        # From the innermost: a message lies on the canvas.
        inside = [n for n, p in enumerate(parts) if focus and (p is focus or p.isAncestorOf(focus))]
        at = inside[-1] if inside else -1 if by > 0 else 0
        if parts:
            parts[(at + by) % len(parts)].setFocus(Qt.FocusReason.TabFocusReason)
