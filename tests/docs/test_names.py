"""What the documents name is there: modules and their parts, files, and the settings of a project."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
INLINE = re.compile(r"`([^`\n]+)`")
FOLDERS = ("kdc", "kdc_annotator", "tests", "benchmarks", "packaging", "resources", "docs", ".ci")


def inline(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return set(INLINE.findall(text))


def is_there(dotted: str) -> bool:
    """Whether ``dotted`` is a module, or a part of one."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            if not hasattr(found, part):
                return False
            found = getattr(found, part)
        return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_in_python_are_there(page: Path) -> None:
    names = {text.partition("(")[0] for text in inline(page) if re.match(r"kdc(_annotator)?\.[a-zA-Z_.]+(\(|$)", text)}
    assert [name for name in sorted(names) if not is_there(name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_are_there(page: Path) -> None:
    paths = {text for text in inline(page) if re.fullmatch(r"[\w./-]+", text) and text.split("/")[0] in FOLDERS}
    assert [path for path in sorted(paths) if "/" in path and not (ROOT / path).exists()] == []


def constants(file: Path) -> dict[str, str]:
    """Name -> text of what the module calls so, or imports."""
    found = {}
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kdc_annotator."):
            source = ROOT / f"{(node.module or '').replace('.', '/')}.py"
            names = {alias.name: alias.asname or alias.name for alias in node.names if alias.name.isupper()}
            there = constants(source) if names and source.is_file() else {}
            found.update({names[name]: there[name] for name in names.keys() & there.keys()})
        elif (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        ):
            found.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
    return found


def test_every_setting_of_a_project_is_named() -> None:
    text = (ROOT / "docs" / "project-file.md").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.startswith("| `meta` |"))
    found = set()
    for file in sorted((ROOT / "kdc_annotator").rglob("*.py")):
        if "set_setting(" not in file.read_text("utf-8"):
            continue
        named = constants(file)
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "set_setting":
                key = node.args[0]
                found.add(key.value if isinstance(key, ast.Constant) else named[ast.unparse(key)])
    assert len(found) > 8
    assert {key for key in found if f"`{key}`" not in line} == set()


def test_sentences_of_a_project_in_trouble_are_those_that_are_said() -> None:
    rows = (ROOT / "docs" / "project-file.md").read_text("utf-8").split("## When things go wrong")[1].split("\n\n")[1]
    quoted = re.findall(r'"([^"]+)"', "\n".join(row.split("|")[3] for row in rows.splitlines()))
    wanted = [part.strip(" .") for text in quoted for part in re.split(r"\.\.\.|in process 123 on HOST", text)]
    said = [
        node.value
        for file in (ROOT / "kdc_annotator" / "io").glob("project*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert len(quoted) >= 9
    assert [part for part in wanted if len(part) > 5 and not any(part in text for text in said)] == []
