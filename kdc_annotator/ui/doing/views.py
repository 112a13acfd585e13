"""What is shown, and how large."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF

from kdc_annotator.ui.doing.base import Doing
from kdc_annotator.ui.scene import Figure
from kdc_annotator.ui.text import tr


class ViewDoing(Doing):
    """What is shown, and how large."""

    def fit(self) -> None:
        self.canvas.fit()

    def one_to_one(self) -> None:
        pointer = self.canvas.pointer
        self.canvas.set_scale(1.0 / self.canvas.devicePixelRatioF(), pointer if pointer.x() >= 0 else None)

    def zoom_in(self) -> None:
        self.canvas.zoom_by(1.25, self._middle())

    def zoom_out(self) -> None:
        self.canvas.zoom_by(0.8, self._middle())

    def _middle(self) -> QPointF | None:
        """What stays where it is when keys zoom: the pixel under a pointer that keys move, else the canvas' middle."""
        return self.canvas.keys.place if self.canvas.keys.on else None

    def zoom_person(self) -> None:
        figure = self.figure
        if figure.drawn[2] and figure.drawn[3]:
            self.canvas.zoom_to(figure.drawn)
        else:
            self.window.messages.news(tr("This person has neither joints nor a mask yet."), seconds=4)

    def isolate(self) -> None:
        self.scene.set_isolated(not self.scene.isolated)

    def hide(self) -> None:
        self.toggle_hidden(self.figure)

    def toggle_hidden(self, figure: Figure) -> None:
        """Hide somebody on the canvas, or show them again."""
        self.scene.set_hidden(figure.key, self.scene.visible(figure))

    def show_all(self) -> None:
        for key in tuple(self.scene.hidden):
            self.scene.set_hidden(key, False)
        self.scene.set_isolated(False)

    def look(self, **values: object) -> None:
        """Draw it otherwise; see ``Look``."""
        self.scene.set_look(replace(self.scene.look, **values))  # type: ignore[arg-type]

    def show_masks(self) -> None:
        self.look(masks=not self.scene.look.masks)

    def show_outlines(self) -> None:
        self.look(outlines=not self.scene.look.outlines)

    def show_both(self) -> None:
        both = self.scene.look.masks and self.scene.look.outlines
        self.look(masks=not both, outlines=not both)

    def show_skeletons(self) -> None:
        self.look(skeleton=not self.scene.look.skeleton)

    def toggle_side(self) -> None:
        self._toggle("side", self.window.side.isHidden())

    def toggle_strip(self) -> None:
        self._toggle("strip", self.window.strip.isHidden())

    def toggle_minimap(self) -> None:
        self.window.minimap.set_wanted(not self.window.minimap.wanted)
        self.window.settings.put("window/minimap", self.window.minimap.wanted)
        self.window.actions_by_name["toggle_minimap"].setChecked(self.window.minimap.wanted)

    def _toggle(self, name: str, on: bool) -> None:
        getattr(self.window, name).setVisible(on)
        self.window.settings.put(f"window/{name}", on)
        self.window.actions_by_name[f"toggle_{name}"].setChecked(on)

    def theme_dark(self) -> None:
        self.window.set_theme("dark")

    def theme_light(self) -> None:
        self.window.set_theme("light")

    def theme_system(self) -> None:
        self.window.set_theme("system")
