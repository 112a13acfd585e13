"""The menu of a part of the window, where the pointer or the keyboard is: the window's own menus, which have every action already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QWidget

if TYPE_CHECKING:
    from kdc_annotator.ui.main_window import MainWindow


def ask_for_menu(window: MainWindow) -> None:
    """As the menu key of the keyboard does, which not every keyboard has."""
    part = QApplication.focusWidget() or window
    middle = part.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, middle, part.mapToGlobal(middle))
    QApplication.sendEvent(part, event)


def show_menu(window: MainWindow, event: QContextMenuEvent) -> None:
    """What the event asks for, unless it comes from the right button over the photo: that moves the view."""
    by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
    part = window.childAt(window.mapFromGlobal(event.globalPos())) if by_mouse else QApplication.focusWidget()
    menu = menu_of(window, part)
    if part is None or menu is None or (by_mouse and part is window.canvas):
        event.ignore()
        return
    menu.popup(event.globalPos() if by_mouse else place_of(window, part))
    event.accept()


def menu_of(window: MainWindow, part: QWidget | None) -> QMenu | None:
    """Images' in the strip, steps' in the history, else people's; None in other parts."""
    if part is None or window.session.project is None:
        return None
    parts = ((window.strip, "image"), (window.side.history, "edit"), (window.side, "person"), (window.canvas, "person"))
    return next((window.top.menu_of[name] for top, name in parts if top is part or top.isAncestorOf(part)), None)


def place_of(window: MainWindow, part: QWidget) -> QPoint:
    """Where the chosen row or person is, on the screen."""
    if isinstance(part, QAbstractItemView) and part.currentIndex().isValid():
        shown = part.visualRect(part.currentIndex()).intersected(part.viewport().rect())
        return part.viewport().mapToGlobal(shown.center())
    figure = window.scene.selection
    if part is window.canvas and figure is not None:
        x, y, width, height = figure.box
        at = window.canvas.mapping.to_widget(x + width / 2, y + height / 2).toPoint()
        if part.rect().contains(at):
            return part.mapToGlobal(at)
    return part.mapToGlobal(part.rect().center())
