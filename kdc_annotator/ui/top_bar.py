"""The topmost line of the window: menus, the way to the command palette, and what the model runs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QMenuBar, QPushButton, QWidget

from kdc_annotator.ui.actions import ACTIONS, MENUS
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.elided import ElidedLabel
from kdc_annotator.ui.engine_bridge import EngineStatus
from kdc_annotator.ui.icon_set import icon
from kdc_annotator.ui.text import tr
from kdc_annotator.ui.theme import Tokens

SUBMENUS = {"theme_dark": "theme", "theme_light": "theme", "theme_system": "theme"}
BREAKS = {
    "import_coco", "quit", "tool_select", "delete", "confirm_person", "cycle_visibility", "merge", "copy_previous",
    "lock", "confirm_image", "filter_images", "isolate", "show_masks", "toggle_side", "theme_dark", "rebind",
    "tour", "train", "review_mode",
}  # fmt: skip
"""Actions that a line stands above in their menu."""


class TopBar(QWidget):
    """``actions``: the window's actions by name. ``palette_wanted``: called when the pill is clicked."""

    def __init__(self, actions: Mapping[str, QAction], palette_wanted: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._actions = actions
        self.menus = QMenuBar()
        self.menus.setNativeMenuBar(False)
        self.menu_of: dict[str, QMenu] = {}
        for name, title in MENUS:
            self.menu_of[name] = self.menus.addMenu(tr(title))
            self._fill_menu(self.menu_of[name], name)
        self.pill = QPushButton(tr("Search actions and images"))
        self.pill.setObjectName("palettePill")
        self.pill.setFixedSize(300, 28)
        self.pill.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.pill.clicked.connect(palette_wanted)
        self._key = key = QLabel(self.pill)
        key.setProperty("role", "key")
        key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner = QHBoxLayout(self.pill)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addStretch(1)
        inner.addWidget(key)
        self.engine_label = ElidedLabel()
        self.engine_label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        self.engine_label.setProperty("role", "muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 12, 4)
        left, right = QWidget(), QWidget()
        a, b = QHBoxLayout(left), QHBoxLayout(right)
        for layout in (a, b):
            layout.setContentsMargins(0, 0, 0, 0)
        a.addWidget(self.menus)
        a.addStretch(1)
        b.addWidget(self.engine_label, 1)
        row.addWidget(left, 1)
        row.addWidget(self.pill)
        row.addWidget(right, 1)

    def _fill_menu(self, menu: QMenu, name: str) -> None:
        themed: QMenu | None = None
        for spec in ACTIONS:
            if spec.menu != name:
                continue
            if spec.name in BREAKS:
                menu.addSeparator()
            if SUBMENUS.get(spec.name) == "theme":
                themed = themed or menu.addMenu(tr("Theme"))
                themed.addAction(self._actions[spec.name])
            else:
                menu.addAction(self._actions[spec.name])

    def show_keys(self, keys: Sequence[str]) -> None:
        """The keys of the palette, as the labeler has them."""
        self._key.setText(key_text(keys[0]) if keys else "")
        self._key.setVisible(bool(keys))
        self.pill.setToolTip(self._actions["palette"].toolTip())

    def set_theme(self, theme: Tokens) -> None:
        """Light or dark."""
        self.pill.setIcon(icon("search", theme.muted))

    def show_engine(self, status: EngineStatus) -> None:
        """Device, in a few words why it is not the GPU, and model; the tooltip says the reason in full."""
        device = f"{status.device} ({status.why})" if status.device and status.why else status.device or status.why
        parts = [p for p in (device, status.model) if p]
        self.engine_label.setText(" · ".join(parts) + (" …" if status.busy else ""))
        self.engine_label.setToolTip(status.reason)

    def palette_place(self) -> QPoint:
        """Where the palette opens, on the screen: under its button."""
        return self.pill.mapToGlobal(QPoint(self.pill.width() // 2, self.pill.height() + 6))
