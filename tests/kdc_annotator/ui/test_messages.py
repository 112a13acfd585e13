"""Messages lie over the photo and move nothing."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from window_desk import Desk


def place(desk: Desk) -> QRect:
    bar = desk.window.messages
    return QRect(bar.mapTo(desk.window, QPoint()), bar.size())


def test_the_photo_stays_where_it_is_when_a_message_comes_and_goes(desk: Desk) -> None:
    canvas, before = desk.canvas, desk.at(100, 100)
    size = canvas.size()
    for show in (
        lambda: desk.window.messages.news("A sentence."),
        lambda: desk.window.messages.trouble("Trouble", "A longer sentence. " * 12, "Do it", lambda: None),
    ):
        show()
        desk.wait(30)
        assert desk.window.messages.isVisible() and desk.at(100, 100) == before and canvas.size() == size
        top = QRect(canvas.mapTo(desk.window, QPoint()), size)
        assert top.contains(place(desk)), "it lies within the canvas"
    desk.window.messages.hide()
    assert desk.at(100, 100) == before


def test_a_message_is_as_wide_as_its_sentence_and_wraps_where_there_is_no_room(desk: Desk) -> None:
    bar = desk.window.messages
    bar.news("Short.")
    desk.wait(30)
    short = place(desk)
    assert short.width() < 0.5 * desk.canvas.width()
    bar.trouble("Trouble", "A longer sentence. " * 12, "Do it", lambda: None)
    desk.wait(30)
    long = place(desk)
    assert long.height() > short.height() and long.width() > short.width()
    text = bar._text
    assert text.height() >= text.heightForWidth(text.width()), "every line is to be seen"
    desk.window.resize(900, 600)
    desk.wait(30)
    assert place(desk).width() < long.width() and text.height() >= text.heightForWidth(text.width())
