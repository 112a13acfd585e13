"""Collects the window's strings into Qt's translation files and compiles them.

    python packaging/translations.py            # kdc_annotator/ui/translations/kdc_de.ts and .qm

Strings are what ``tr`` and ``mark`` are called with, and the joints' names. What has been translated stays; what is no longer used goes.
The compiler is Qt's ``lrelease``, which comes with PySide6.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "kdc_annotator" / "ui"
FOLDER = UI / "translations"
LANGUAGES = ("de",)
QTS_OWN: dict[str, dict[tuple[str, str], str]] = {
    "de": {
        ("QKeySequenceEdit", "Press shortcut"): "Drücke die neue Taste",
        (
            "QFileDialog",
            "%1\nFile not found.\nPlease verify the correct file name was given.",
        ): "%1\nDiese Datei gibt es nicht.\nStimmt der Name?",
        (
            "QFileDialog",
            "%1\nDirectory not found.\nPlease verify the correct directory name was given.",
        ): "%1\nDiesen Ordner gibt es nicht.\nStimmt der Name?",
        (
            "QFileDialog",
            "'%1' is write protected.\nDo you want to delete it anyway?",
        ): "„%1“ ist schreibgeschützt.\nTrotzdem löschen?",
        ("QFileDialog", "Are you sure you want to delete '%1'?"): "„%1“ wirklich löschen?",
    }
}
"""What Qt says in another tone than ours (Sie instead of du): language -> (its context, its text) -> our words."""


def strings() -> list[str]:
    """Every string that the window can show, sorted."""
    found: set[str] = set()
    for file in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("tr", "mark")
                and node.args
            ):
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    sys.path.insert(0, str(ROOT))
    from kdc.schema import COCO_17, CROWDPOSE_14

    found |= {name.replace("_", " ") for schema in (COCO_17, CROWDPOSE_14) for name in schema.keypoints}
    # Parts of step labels and findings, which the document makes.
    found |= {
        "unlabelled",
        "occluded",
        "visible",
        "done",
        "done and empty",
        "skipped",
        "untouched",
        "proposed",
        "in progress",
    }
    found |= {"eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "a tiny speck", "a tiny hole"}
    return sorted(found)


def read(path: Path) -> dict[str, str]:
    """The finished translations of a .ts file, of our own texts."""
    if not path.is_file():
        return {}
    out = {}
    for message in ET.parse(path).getroot().iterfind("context[name='kdc']/message"):
        translation = message.find("translation")
        if translation is not None and translation.text and translation.get("type") != "unfinished":
            out[message.findtext("source", "")] = translation.text
    return out


def write(path: Path, language: str, table: dict[str, str]) -> None:
    """A .ts file with every string; those without a translation are marked as unfinished."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = "kdc"
    for text in strings():
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = text
        translation = ET.SubElement(message, "translation")
        if text in table:
            translation.text = table[text]
        else:
            translation.set("type", "unfinished")
    for (place, text), said in QTS_OWN.get(language, {}).items():
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = place
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = text
        ET.SubElement(message, "translation").text = said
    ET.indent(root)
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n' + ET.tostring(root, "unicode") + "\n", "utf-8"
    )


def main() -> int:
    """Collect, compile, and say what lacks a translation."""
    missing = 0
    for language in LANGUAGES:
        path = FOLDER / f"kdc_{language}.ts"
        write(path, language, read(path))
        lacking = [s for s in strings() if s not in read(path)]
        missing += len(lacking)
        for text in lacking:
            print(f"{language}: not translated: {text!r}")
        subprocess.run(
            [str(Path(sys.executable).with_name("pyside6-lrelease")), str(path), "-qm", str(path.with_suffix(".qm"))],
            check=True,
        )
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
