"""The site of the documents builds without a warning, and every link and picture in it leads somewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("mkdocs", reason="the extra `docs` is not installed")
pytest.importorskip("material", reason="the extra `docs` is not installed")


class Page(HTMLParser):
    """What a built page links to, and what in it can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.pictures: list[str] = []
        self.ids: set[str] = set()
        self.titles = self.tables = 0
        self.code: list[str] = []
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.ids.add(given.get("id", ""))
        self.titles += tag == "h1"
        self._inside = self._inside or tag == "code"
        self.tables += tag == "table"
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img":
            self.pictures.append(given.get("src", ""))
            assert given.get("alt"), f"who can't see {given.get('src')} is told nothing of it"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "code"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.code.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {p.relative_to(folder): Page(p.read_text(encoding="utf-8")) for p in folder.rglob("*.html")}


def test_every_page_of_the_documents_is_there(site: dict[Path, Page]) -> None:
    names = {p.stem for p in (ROOT / "docs").glob("*.md")}
    assert {p.stem for p in site if len(p.parts) == 1} - {"404"} == names
    assert all(page.titles == 1 for path, page in site.items() if path.stem != "404")


def test_links_and_pictures_lead_somewhere(site: dict[Path, Page]) -> None:
    broken = []
    for path, page in site.items():
        if path.stem == "404":
            continue
        for link in page.links + page.pictures:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            target = target / "index.html" if target.suffix == "" else target
            there = target in site or (ROOT / "docs" / target).is_file()
            if not there or (parts.fragment and target in site and unquote(parts.fragment) not in site[target].ids):
                broken.append(f"{path}: {link}")
    assert broken == []


def test_nothing_of_the_markup_is_left_in_the_text(site: dict[Path, Page]) -> None:
    """Such as a bar that GitHub takes out of a table's code and the site shows with its backslash."""
    assert [(path.name, text) for path, page in site.items() for text in page.code if "\\|" in text] == []


def test_what_other_files_hold_is_in_the_pages(site: dict[Path, Page]) -> None:
    assert site[Path("model-card.html")].tables >= 2
    assert "exit-codes" in site[Path("command-line.html")].ids
    assert len(site[Path("method.html")].pictures) >= 8
    assert "changelog" in site[Path("changelog.html")].ids and "security" in site[Path("security.html")].ids


def test_links_of_the_front_page_lead_somewhere() -> None:
    import re

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert links and [link for link in links if not (ROOT / link).exists()] == []
