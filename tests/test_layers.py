"""The layers of the house: who may import whom, by reading the source and by looking at what a process loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("kdc", "kdc_annotator")
QT = ("PySide6", "shiboken6", "PyQt5", "PyQt6", "qtpy")


def modules() -> dict[str, Path]:
    """Dotted name -> file of every module of the project."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def type_only(tree: ast.Module) -> set[int]:
    """Ids of the statements under ``if TYPE_CHECKING``, which never run."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    return skipped


@cache
def imports(name: str, *, lazy: bool = True) -> tuple[str, ...]:
    """Dotted names that a module imports; with ``lazy`` also those inside functions. Type-only imports don't count."""
    return tuple(_imports(name, lazy))


def _imports(name: str, lazy: bool) -> Iterator[str]:
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    skipped = type_only(tree)
    inside = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped or (not lazy and id(node) in inside):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                up = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*up, base] if base else up)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in MODULES)


def within(name: str, *packages: str) -> bool:
    return any(name == p or name.startswith(p + ".") for p in packages)


def breaches(layer: tuple[str, ...], forbidden: tuple[str, ...], *, lazy: bool = True) -> list[str]:
    """What modules of ``layer`` import of ``forbidden``, as lines to read."""
    return [
        f"{name} imports {target}"
        for name in MODULES
        if within(name, *layer)
        for target in imports(name, lazy=lazy)
        if within(target, *forbidden) and not within(target, *layer)
    ]


FOUNDATION = tuple(
    f"kdc.{m}"
    for m in ("schema", "structures", "geometry", "fields", "images", "config", "rle", "dataset_paths", "errors")
)
BRANCHES = ("kdc.model", "kdc.data", "kdc.losses", "kdc.decode")
CROWN = tuple(
    f"kdc.{m}"
    for m in (
        "checkpoint", "api", "training", "evaluating", "evaluation", "predictor", "refinement", "remembered", "merging", "tiling", "overlay",
        "export", "onnx_engine", "doubt",
    )
)  # fmt: skip
TOOL = {part: f"kdc_annotator.{part}" for part in ("document", "io", "engine", "jobs", "ui", "cli")}
ABOVE = {
    "document": ("io", "engine", "jobs", "ui", "cli"),
    "io": ("engine", "jobs", "ui", "cli"),
    "engine": ("io", "jobs", "ui", "cli"),
    "jobs": ("ui", "cli"),
    "ui": ("cli",),
    "cli": (),
}


def test_the_walk_sees_the_house() -> None:
    assert {"kdc.images", "kdc_annotator.cli", "kdc_annotator.cli.predict"} <= set(MODULES)
    assert "kdc.predictor" in set(imports("kdc_annotator.jobs.networks"))
    assert "kdc.predictor" not in set(imports("kdc_annotator.jobs.networks", lazy=False))
    assert "kdc_annotator.cli.predict_inputs" in set(imports("kdc_annotator.cli.predict_output"))


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in MODULES.values()}
    assert not [str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").is_file()]


def test_the_method_knows_neither_qt_nor_the_tool() -> None:
    assert breaches(("kdc",), (*QT, "kdc_annotator")) == []


def test_the_foundation_stands_on_nothing() -> None:
    assert breaches(FOUNDATION, (*BRANCHES, *CROWN)) == []


@pytest.mark.parametrize("branch", BRANCHES)
def test_branches_meet_only_in_the_foundation(branch: str) -> None:
    others = tuple(b for b in BRANCHES if b != branch)
    assert breaches((branch,), (*others, *CROWN)) == []


@pytest.mark.parametrize("part", ABOVE)
def test_the_tool_is_built_upwards(part: str) -> None:
    assert breaches((TOOL[part],), tuple(TOOL[p] for p in ABOVE[part])) == []


def test_only_the_window_imports_qt() -> None:
    below = tuple(TOOL[p] for p in ("document", "io", "engine", "jobs"))
    assert breaches(below, QT) == []
    assert breaches((TOOL["cli"],), (*QT, TOOL["ui"]), lazy=False) == []


def test_only_engine_and_jobs_reach_torch() -> None:
    below = tuple(TOOL[p] for p in ("document", "io", "ui"))
    assert breaches(below, ("torch",)) == []
    assert breaches((TOOL["cli"],), ("torch",), lazy=False) == []


def test_no_module_is_called_utils() -> None:
    assert not [name for name in MODULES if name.rpartition(".")[2] in ("utils", "util", "helpers", "misc", "common")]


def loaded(code: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after ``code``."""
    code += "\nimport sys\nprint('\\n' + ' '.join(sorted({m.partition('.')[0] for m in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


HEAVY = {"torch", "numpy", "cv2", "PySide6", "numba", "pycocotools", "PIL", "shapely"}


@pytest.mark.parametrize("words", ["['--help']", "['--version']", "['predict', '--help']", "['no-such-command']"])
def test_the_command_line_answers_without_heavy_imports(words: str) -> None:
    assert loaded(f"from kdc_annotator.cli import main\nmain({words})") & HEAVY == set()


def test_what_importing_brings_along() -> None:
    assert loaded("import kdc_annotator.cli") & HEAVY == set()
    assert loaded("import kdc") & HEAVY == set()
    assert (
        loaded("import kdc.images, kdc.schema, kdc.structures, kdc.fields, kdc.overlay") & {"torch", "PySide6"} == set()
    )
