"""Light and dark: one set of tokens each, one style sheet made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

ThemeChoice = Literal["system", "light", "dark"]
SPACE = (4, 8, 12, 16, 24)
RADIUS = 6
SIZES = (11, 13, 16, 22)
CHECK = (Path(__file__).parent / "icons" / "tick").as_posix()
DROP = (Path(__file__).parent / "icons" / "drop").as_posix()
RISE = (Path(__file__).parent / "icons" / "rise").as_posix()
FAMILIES = ("Inter", "Segoe UI", "SF Pro Text", "Cantarell", "Ubuntu", "Noto Sans", "DejaVu Sans")


@dataclass(frozen=True)
class Tokens:
    """Colours of one theme by what they are for."""

    dark: bool
    canvas: str
    window: str
    panel: str
    raised: str
    hover: str
    line: str
    text: str
    muted: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    warn: str
    bad: str
    bad_soft: str


DARK = Tokens(
    dark=True, canvas="#1f1f22", window="#17171a", panel="#1c1c20", raised="#29292f", hover="#313138", line="#2f2f36",
    text="#ededf1", muted="#a3a3ae", accent="#6aa6ff", accent_soft="#22344f", on_accent="#0a1424",
    good="#5fcf92", warn="#f2bb5c", bad="#ff8080", bad_soft="#432628",
)  # fmt: skip
LIGHT = Tokens(
    dark=False, canvas="#e9e9ec", window="#f4f4f6", panel="#fbfbfc", raised="#ededf0", hover="#e2e2e7", line="#dbdbe1",
    text="#1b1b20", muted="#5f5f6b", accent="#1f5fd6", accent_soft="#dbe7fd", on_accent="#ffffff",
    good="#177a45", warn="#8a5a00", bad="#b3261e", bad_soft="#fbe3e1",
)  # fmt: skip


def tokens(choice: ThemeChoice) -> Tokens:
    """The tokens of a choice; "system" follows the desktop."""
    if choice == "system":
        hints = QGuiApplication.styleHints()
        return LIGHT if hints.colorScheme() == Qt.ColorScheme.Light else DARK
    return DARK if choice == "dark" else LIGHT


@cache
def _family() -> tuple[str, ...]:
    known = set(QFontDatabase.families())
    return tuple(f for f in FAMILIES if f in known)


def font(size: int = 13, bold: bool = False) -> QFont:
    """The window's type at one of ``SIZES`` pixels, figures of equal width."""
    result = QFont(QGuiApplication.font())
    if _family():
        result.setFamilies(list(_family()))
    result.setPixelSize(size)
    result.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    if hasattr(QFont, "Tag"):
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def apply(app: QApplication, theme: Tokens) -> None:
    """Dress the application."""
    app.setStyle("Fusion")
    app.setFont(font())
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, value in (
        (roles.Window, theme.window), (roles.WindowText, theme.text), (roles.Base, theme.panel),
        (roles.AlternateBase, theme.raised), (roles.Text, theme.text), (roles.Button, theme.raised),
        (roles.ButtonText, theme.text), (roles.Highlight, theme.accent), (roles.HighlightedText, theme.on_accent),
        (roles.ToolTipBase, theme.raised), (roles.ToolTipText, theme.text), (roles.PlaceholderText, theme.muted),
        (roles.Link, theme.accent), (roles.Mid, theme.line), (roles.Accent, theme.accent),
    ):  # fmt: skip
        palette.setColor(role, QColor(value))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        faint = QColor(theme.muted)
        faint.setAlphaF(0.55)
        palette.setColor(QPalette.ColorGroup.Disabled, role, faint)
    app.setPalette(palette)
    app.setStyleSheet(style_sheet(theme))


def style_sheet(t: Tokens) -> str:
    """Qt style sheet of a theme."""
    return f"""
QMainWindow, QDialog {{ background: {t.window}; }}
QWidget {{ color: {t.text}; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line}; padding: 4px 8px; }}
#topBar {{ background: {t.window}; border-bottom: 1px solid {t.line}; }}
#toolStrip {{ background: {t.window}; border-right: 1px solid {t.line}; }}
#statusStrip {{ background: {t.window}; border-top: 1px solid {t.line}; }}
#sidePanel {{ background: {t.panel}; border-left: 1px solid {t.line}; }}
#filmstrip {{ background: {t.window}; border-top: 1px solid {t.line}; }}
QMenuBar {{ background: transparent; padding: 4px 4px; }}
QMenuBar::item {{ background: transparent; padding: 4px 9px; border-radius: {RADIUS}px; }}
QMenuBar::item:selected {{ background: {t.hover}; }}
QMenu {{ background: {t.raised}; border: 1px solid {t.line}; padding: 6px; }}
QMenu::item {{ padding: 5px 28px 5px 30px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.accent_soft}; }}
QMenu::item:disabled {{ color: {t.muted}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 5px 8px; }}
QToolButton {{ background: transparent; border: 1px solid transparent; border-radius: {RADIUS}px; padding: 5px; }}
QToolButton:hover {{ background: {t.hover}; }}
QToolButton:checked {{ background: {t.accent_soft}; border-color: {t.accent}; }}
QToolButton:focus {{ border-color: {t.accent}; }}
QToolButton:checked:focus {{ border: 2px solid {t.text}; padding: 4px; }}
QToolButton#viewToggle:checked {{ background: transparent; border-color: transparent; }}
QToolButton#viewToggle:hover {{ background: {t.hover}; }}
QToolButton#viewToggle:focus {{ border-color: {t.accent}; }}
QToolButton#fold {{ padding: 1px; }}
QToolButton#fold:checked {{ background: transparent; border-color: transparent; }}
QToolButton#fold:hover {{ background: {t.hover}; }}
QToolButton#fold:focus {{ border-color: {t.accent}; }}
QPushButton {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: {RADIUS}px; padding: 6px 14px; }}
QPushButton, QToolButton, QCheckBox, QComboBox, QSlider {{ outline: none; }}
QPushButton:hover {{ background: {t.hover}; }}
QPushButton:focus {{ border-color: {t.accent}; }}
QPushButton:disabled {{ color: {t.muted}; }}
QPushButton[primary="true"] {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; font-weight: 600; }}
QPushButton[primary="true"]:disabled {{ background: {t.raised}; color: {t.muted}; border-color: {t.line}; }}
QPushButton[primary="true"]:focus {{ border: 2px solid {t.text}; }}
QPushButton[quiet="true"] {{ background: transparent; border-color: transparent; }}
QPushButton[quiet="true"]:hover {{ background: {t.hover}; }}
QPushButton[quiet="true"]:focus {{ border-color: {t.accent}; }}
QPushButton#palettePill {{ color: {t.muted}; background: {t.raised}; border: 1px solid {t.line}; border-radius: 13px; padding: 4px 14px; text-align: left; }}
QPushButton#palettePill:hover {{ color: {t.text}; }}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QKeySequenceEdit QLineEdit {{
  background: {t.panel}; border: 1px solid {t.line}; border-radius: {RADIUS}px; padding: 5px 8px;
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QSpinBox:focus {{ border-color: {t.accent}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url({DROP}-{"dark" if t.dark else "light"}.svg); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {t.raised}; border: 1px solid {t.line}; outline: none; }}
QListView, QTableView, QTreeView {{ background: transparent; border: 1px solid transparent; border-radius: {RADIUS}px; outline: none; }}
QListView:focus, QTableView:focus, QTreeView:focus {{ border-color: {t.accent}; }}
QListView::item:selected, QTableView::item:selected {{ background: {t.accent_soft}; color: {t.text}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: none; border-bottom: 1px solid {t.line}; padding: 6px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.hover}; border-radius: 4px; min-height: 28px; min-width: 28px; margin: 1px; }}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; background: {t.hover}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: {t.text}; }}
QSlider::handle:horizontal:focus {{ width: 10px; height: 10px; background: {t.accent}; border: 2px solid {t.text}; }}
QProgressBar {{ background: {t.hover}; border: none; border-radius: 3px; height: 6px; }}
QProgressBar::chunk {{ background: {t.accent}; border-radius: 3px; }}
QSplitter::handle {{ background: {t.line}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QFileDialog {{ filedialog-parent-directory-icon: url({RISE}-{"dark" if t.dark else "light"}.svg); }}
QCheckBox {{ spacing: 8px; }}
QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {t.muted}; border-radius: 4px; background: {t.panel}; }}
QCheckBox::indicator:checked {{ background: {t.accent}; border-color: {t.accent}; image: url({CHECK}-{"dark" if t.dark else "light"}.svg); }}
QCheckBox::indicator:focus {{ width: 12px; height: 12px; border: 2px solid {t.accent}; }}
QCheckBox:disabled {{ color: {t.muted}; }}
QSpinBox {{ padding-right: 24px; }}
QSpinBox QLineEdit {{ border: none; background: transparent; }}
QSpinBox::up-button, QSpinBox::down-button {{ subcontrol-origin: border; border: none; width: 22px; background: transparent; }}
QSpinBox::up-button {{ subcontrol-position: top right; }}
QSpinBox::down-button {{ subcontrol-position: bottom right; }}
QSpinBox::down-arrow {{ image: url({DROP}-{"dark" if t.dark else "light"}.svg); width: 10px; height: 10px; }}
QSpinBox::up-arrow {{ image: url({RISE}-{"dark" if t.dark else "light"}.svg); width: 10px; height: 10px; }}
QLabel[role="section"] {{ color: {t.muted}; font-size: 11px; font-weight: 600; }}
QLabel[role="muted"] {{ color: {t.muted}; }}
QLabel[role="small"] {{ color: {t.muted}; font-size: 11px; }}
QLabel[role="title"] {{ font-size: 22px; font-weight: 600; }}
QLabel[role="heading"] {{ font-size: 16px; font-weight: 600; }}
QLabel[role="key"] {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 4px; padding: 1px 6px; font-size: 11px; }}
#messageBar {{ background: {t.bad_soft}; border-bottom: 1px solid {t.line}; }}
#messageBar[kind="info"] {{ background: {t.accent_soft}; }}
#messageBar[floating="true"] {{ border: 1px solid {t.line}; border-radius: 8px; }}
#popup {{ background: {t.raised}; border: 1px solid {t.line}; border-radius: 10px; }}
#popup QLabel[role="key"] {{ background: {t.panel}; }}
#card {{ background: {t.panel}; border: 1px solid {t.line}; border-radius: 10px; }}
"""
