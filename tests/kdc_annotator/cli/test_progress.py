"""The bar and the lines."""

from __future__ import annotations

import io

import pytest

from kdc_annotator.cli.progress import Progress, clock


class Terminal(io.StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def test_lines_in_a_log() -> None:
    log = io.StringIO()
    with Progress(34, stream=log) as progress:
        for _ in range(34):
            progress.advance()
    assert log.getvalue() == "10/34 images\n20/34 images\n30/34 images\n34/34 images\n"


def test_lines_when_stopped_and_in_leaps() -> None:
    log = io.StringIO()
    with pytest.raises(KeyboardInterrupt), Progress(90, unit="steps", stream=log) as progress:
        progress.advance(25)
        progress.note("a remark")
        progress.advance(3)
        raise KeyboardInterrupt
    assert log.getvalue() == "25/90 steps\na remark\n28/90 steps\n"
    nothing = io.StringIO()
    with Progress(0, stream=nothing):
        pass
    assert nothing.getvalue() == ""


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "70")
    screen = Terminal()
    with Progress(4, stream=screen) as progress:
        progress.advance(4)
    last = screen.getvalue().rpartition("\r\x1b[K")[2]
    assert "4/4 images" in last and "━" in last and last.endswith("\n")
    assert screen.getvalue().count("\n") == 1
    assert all(len(part) < 70 for part in screen.getvalue().split("\r\x1b[K"))
    monkeypatch.setenv("COLUMNS", "12")
    narrow = Terminal()
    with Progress(4000, stream=narrow):
        pass
    assert all(len(part.rstrip("\n")) < 12 for part in narrow.getvalue().split("\r\x1b[K"))


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    screen = Terminal()
    with Progress(3, stream=screen) as progress:
        progress.advance(3)
    assert screen.getvalue() == "3/3 images\n"


def test_rate_and_time_left() -> None:
    progress = Progress(90, stream=io.StringIO())
    assert progress.describe(0) == "0/90 images"
    progress.done = 30
    assert progress.describe(10) == "30/90 images  3.0/s  0:20 left"
    assert progress.describe(300) == "30/90 images  10.0 s each  10:00 left"
    progress.done = 90
    assert progress.describe(45) == "90/90 images  2.0/s  in 0:45"
    assert [clock(s) for s in (0, 59.6, 61, 3600, 36125)] == ["0:00", "1:00", "1:01", "1:00:00", "10:02:05"]


def test_one_is_no_plural() -> None:
    log = io.StringIO()
    with Progress(1, stream=log) as progress:
        progress.advance()
    assert log.getvalue() == "1/1 image\n"
