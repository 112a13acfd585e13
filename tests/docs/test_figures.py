"""Figures that stand in several places are the same everywhere, and those that follow from others do."""

from __future__ import annotations

import re
from pathlib import Path

from safetensors import safe_open

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "resources" / "models" / "README.md"


def rows(page: str | Path, start: str) -> list[list[str]]:
    """The cells behind the first one of the table rows whose first cell begins with ``start``, without bold type."""
    lines = (ROOT / page).read_text("utf-8").splitlines()
    cells = [[c.strip().replace("**", "") for c in line.split("|")[1:-1]] for line in lines if line.startswith("|")]
    return [row[1:] for row in cells if row[0].startswith(start)]


def row(page: str | Path, start: str) -> list[str]:
    (found,) = rows(page, start)
    return found


def number(text: str) -> float:
    return float(text.split()[0].rstrip(":").replace(",", ""))


def test_the_models_figures_are_the_cards() -> None:
    many, other, before = (row(CARD, start) for start in ("`people_more`", "`people`,", "starting weights on"))
    assert [row("README.md", start) for start in ("129 photos", "76 photos", "the starting weights")] == [
        many,
        other,
        before,
    ]
    version = row(CARD, "File")[0].partition("version ")[2].partition(",")[0]
    with safe_open(ROOT / "resources" / "models" / "kdc-mobilenet075.safetensors", "np") as file:
        assert file.metadata()["version"] == version
    last = row(CARD, version)
    assert [cell.split(" / ") for cell in last[2:4]] == [[c.split(" / ")[0] for c in cells] for cells in (many, other)]
    history = rows("docs/model-history.md", "")
    final = next(r for r in history if r[0].startswith("the mean of the weights before and after that"))
    assert [*final[1:4], final[4]] == [*(c.split(" / ")[0] for c in many), ", ".join(c.split(" / ")[0] for c in other)]


def test_what_a_labeler_saves_follows_from_the_actions() -> None:
    page = "docs/reclustering.md"
    two, four = row(page, "(2) proposals"), row(page, "(4) dynamic")
    masks, everything = number(four[2]) / number(two[2]), number(four[0]) / number(two[0])
    assert f"{masks:.2f}" == row(page, "mask actions of (4)")[1]
    assert number(row(page, "all actions of (4)")[1]) == round(everything, 2)
    assert row(page, "failures of (4)")[1] == f"{four[3]} and {two[3]}"
    assert row(page, "joint actions of (4)")[1] == f"{four[1]} and {two[1]}"
    front = re.sub(r"\s+", " ", (ROOT / "README.md").read_text("utf-8"))
    assert f"{masks:.2f} of the mask actions, and {everything:.2f} of all actions" in front
    newest = rows(page, "11")[0]
    assert number(newest[1]) == number(four[0]) - 60 * number(four[3])
    assert newest[0] == f"{masks:.2f}" and newest[2] == row(page, "IoU with all true joints")[1]
    assert {r[0] for r in rows(page, "as it is")} == {newest[2]}
    assert f"`evaluate` gives {row(CARD, '`people`,')[2]}" in (ROOT / page).read_text("utf-8")


def test_the_speed_told_first_is_that_of_the_tables() -> None:
    page = "docs/reclustering.md"
    moves = [row(page, size) for size in ("1920x1080", "4000x3000")]
    assert row(page, "a mouse move, 1080p") == [" / ".join(m[k] for m in moves) for k in (2, 1)]
    stroke = row(page, "a stroke is drawn")
    assert [number(c) for c in row(page, "a stroke, heard by")] == [number(stroke[1]), number(stroke[0])]


def test_executions_of_the_fuzzer_add_up() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    table = [r for r in rows("SECURITY.md", "") if len(r) == 6 and r[0].replace(",", "").isdigit()]
    counts = [number(r[0]) for r in table]
    assert len(counts) == 13 and f"{int(sum(counts)):,} executions" in text
    assert f"({int(min(counts)):,} executions for projects)" in text
    for r in table:
        read, refused = (number(v) for v in r[1].split(" / "))
        assert read + refused + number(r[2]) + number(r[3]) == number(r[0]), r
