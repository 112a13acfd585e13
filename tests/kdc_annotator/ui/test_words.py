"""No visible string escapes translation, and the German file is whole."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QMenu,
    QWidget,
)
from window_desk import Desk, make_photos, proposal, until

from kdc.errors import KdcError
from kdc_annotator.document import commands as do
from kdc_annotator.ui.actions import ACTIONS
from kdc_annotator.ui.cheat_sheet import key_text
from kdc_annotator.ui.error_words import said
from kdc_annotator.ui.language import FOLDER, install

ROOT = Path(__file__).resolve().parents[3]
NO_WORDS = re.compile(r"^[\W\d_]*$|^KDC Annotator$|^\d+(\.\d+)? ?%$|.*\.(png|json|kdcproj)$|^[A-Z]$|^F\d+$")
KEY = re.compile(r"^(Ctrl|Shift|Alt|Meta|Esc|Tab|Del|Space|Return|Up|Down|Left|Right|\+|.|F\d+)(\+.+)?( .*)?$")


class Marking(QTranslator):
    """Puts brackets around whatever is translated."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return f"⟦{text}⟧" if context == "kdc" else ""

    def isEmpty(self):
        return False


def collector():
    spec = importlib.util.spec_from_file_location("translations_script", ROOT / "packaging" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def shown_texts(widget: QWidget) -> list[tuple[str, str]]:
    """(where, text) of everything that a person can read or hear in a widget."""
    found = []
    for part in [widget, *widget.findChildren(QWidget)]:
        kind = type(part).__name__
        if part.objectName().startswith("qt_"):
            continue
        if isinstance(part, QLabel | QAbstractButton):
            if part.property("role") == "key":
                continue
            found.append((kind, part.text()))
        if isinstance(part, QLineEdit):
            found.append((kind, part.placeholderText()))
        if isinstance(part, QComboBox):
            found += [(kind, part.itemText(i)) for i in range(part.count())]
        if isinstance(part, QMenu):
            found.append((kind, part.title()))
        if isinstance(part, QDialog):
            found.append((kind, part.windowTitle()))
        found += [(f"{kind} tooltip", part.toolTip()), (f"{kind} name", part.accessibleName())]
    for action in widget.findChildren(QAction):
        if action.objectName():
            found += [("action", action.text()), ("action tooltip", action.toolTip())]
    return [(where, re.sub(r"<[^>]+>", "", text)) for where, text in found if text.strip()]


def untranslated(widget: QWidget) -> list[tuple[str, str]]:
    return [
        (where, text)
        for where, text in shown_texts(widget)
        if not ("⟦" in text or NO_WORDS.match(text) or KEY.match(text) or "/" in text)
    ]


@pytest.fixture
def marking(qapp: QApplication):
    translator = Marking()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def test_no_visible_string_escapes(marking, open_desk, tmp_path: Path) -> None:
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    desk.propose(proposal(110, 220, 180))
    assert untranslated(desk.window) == []
    window, run = desk.window, desk.window.controller.run
    for name in (
        "tool_add_person",
        "tool_brush",
        "tool_eraser",
        "tool_polygon",
        "tool_reassign",
        "tool_crowd",
        "tool_select",
    ):
        run(name)
        assert "⟦" in window.status.hint.text(), name
    window.messages.trouble("", "", "")
    for name in ("export", "rebind", "train", "cheat_sheet", "palette", "tour"):
        run(name)
        desk.wait(30)
    for kind in ("ExportDialog", "KeysDialog", "TrainingDialog", "CheatSheet", "CommandPalette", "Card"):
        (part,) = [w for w in window.findChildren(QWidget) if type(w).__name__ == kind]
        assert untranslated(part) == [], kind
        part.close()
    for model in (window.people.model(), window.history.model()):
        for row in range(model.rowCount()):
            assert "⟦" in model.data(model.index(row))


def test_review_details_and_a_training_that_has_ended(marking, open_desk, tmp_path: Path, monkeypatch) -> None:
    from kdc_annotator.jobs.train_compare import Comparison, Row
    from kdc_annotator.jobs.train_plan import Plan
    from kdc_annotator.ui.dialogs.training import TrainingDialog
    from kdc_annotator.ui.dialogs.training_parts import FIGURES

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    desk: Desk = open_desk(make_photos(tmp_path / "p"))
    desk.propose(proposal(110, 220, 180), proposal(160, 225, 190))
    window, run = desk.window, desk.window.controller.run
    for name in ("accept_all", "next_person", "isolate", "edit_details", "delete", "confirm_image", "previous_image"):
        run(name)
    run("review_mode")
    desk.wait(50)
    assert window.review.active
    assert untranslated(window) == []
    for view in window.findChildren(QAbstractItemView):
        model = view.model()
        for row in range(model.rowCount() if model else 0):
            text = model.index(row, 0).data()
            if isinstance(text, str) and text:
                assert "⟦" in text or NO_WORDS.match(text), (type(view).__name__, text)
    dialog = TrainingDialog(window)
    for plan in (Plan(), Plan(images=3), Plan(5, people=5, unfinished=2), Plan(50, people=90, held_back=5)):
        dialog.setup.show_plan(plan)
        assert untranslated(dialog) == []
    dialog.outcome.show_comparison(Comparison(4, tuple(Row(name, 0.1, 0.2) for name in FIGURES)))
    assert untranslated(dialog) == []
    dialog.close()


def test_the_german_file_is_whole(qapp: QApplication) -> None:
    module = collector()
    table = module.read(FOLDER / "kdc_de.ts")
    assert sorted(table) == module.strings(), "run packaging/translations.py"
    for source, translation in table.items():
        assert sorted(re.findall(r"\{\w+\}", source)) == sorted(re.findall(r"\{\w+\}", translation)), source
    compiled = QTranslator()
    assert compiled.load(str(FOLDER / "kdc_de.qm"))
    assert all(compiled.translate("kdc", source) == translation for source, translation in table.items())


ONE_WORD = {
    r"\blimbs?\b": r"Gliedmaße|Arms oder Beins",
    r"\bisolate": r"[Ff]rei(ge)?ste|stellt .* frei",
    r"\bcrowds\b": r"Menschenmengen",
    r"^\w+ trouble$": r"^Problem",
    r"\bduplicate\b": r"[Dd]upliz",
}
"""What a thing is called in German wherever it is spoken of: English word -> its German one."""


def test_one_thing_has_one_german_name() -> None:
    table = collector().read(FOLDER / "kdc_de.ts")
    for english, german in ONE_WORD.items():
        spoken = [source for source in table if re.search(english, source, re.IGNORECASE)]
        assert spoken, english
        assert [table[source] for source in spoken if not re.search(german, table[source])] == []


def test_what_qt_says_is_german_too(qapp: QApplication, desk: Desk) -> None:
    """OK and Cancel, the names of keys; and keys stay the same keys."""
    assert install(qapp, "de") is not None
    try:
        edit, box = QKeySequenceEdit(), QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        assert edit.findChild(QLineEdit).placeholderText() == "Drücke die neue Taste"
        formal = re.compile(r"\b(Sie|Ihre?[nmrs]?)\b")
        for context, text in collector().QTS_OWN["de"]:
            assert not formal.search(QCoreApplication.translate(context, text)), "the window says du"
        assert box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "") == "Abbrechen"
        assert key_text("Ctrl+Shift+Z") == "Strg+Umschalt+Z"
        desk.window.apply_keys()
        for spec in ACTIONS:
            keys = [
                key.toString(QKeySequence.SequenceFormat.PortableText)
                for key in desk.window.actions_by_name[spec.name].shortcuts()
            ]
            assert keys == [
                QKeySequence.fromString(k, QKeySequence.SequenceFormat.PortableText).toString() for k in spec.keys
            ]
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)
    assert key_text("Ctrl+Z") == "Ctrl+Z"


UNSEEN = re.compile(
    r"Bad (?!model file).*|No such keypoint|Different imports|Not a photo|Not the folder of all|No photo folder|No labels|No data|Other settings"
)
"""Mistakes of ours, and of whoever types at the terminal: nothing in the window leads there."""


def refusals() -> list[KdcError]:
    """What the document, photos, projects, models, the worker and trainings raise, with 7 for what stands in the sentences."""
    package = ROOT / "kdc_annotator"
    files = [*(package / "document" / "commands").glob("*.py"), ROOT / "kdc" / "images.py"]
    files += [package / "document" / f"{name}.py" for name in ("edit", "image_document", "mask_shapes")]
    files += list((package / "io").glob("project*.py"))
    files += [
        package / "io" / f"{name}.py"
        for name in ("importing", "import_results", "source_places", "merge_photos", "coco_write", "json_stream")
    ]
    files += [package / "document" / f"{name}.py" for name in ("records", "segmentation")]
    files += [*(package / "jobs").glob("train_*.py"), package / "jobs" / "photo_places.py"]
    files += [package / "engine" / f"{name}.py" for name in ("field_cache", "worker", "service")]
    files += [ROOT / "kdc" / f"{name}.py" for name in ("checkpoint", "resources", "predictor", "whole_files")]
    files += [ROOT / "kdc" / f"{name}.py" for name in ("structures", "training/state", "training/loop", "data/loader")]
    found = []
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISING:
                title, message = (_sample(part) for part in node.args[RAISING[node.func.id] :][:2])
                if title and message and not UNSEEN.fullmatch(title):
                    found.append(KdcError(title, message))
    return found


RAISING = {"KdcError": 0, "Failed": 2}
"""What carries a title and a message, and which of its arguments the title is."""
WHATS = {"what": "model file", "counted(recipe.batch, 'crop')": "7 crops"}
"""Words that a caller puts into a sentence, where 7 would not do."""


def _sample(node: ast.expr) -> str:
    """ "": passed on from elsewhere."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else WHATS.get(ast.unparse(part.value), "7")
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )


def test_what_is_refused_is_said_in_the_windows_language(qapp: QApplication, crowd: Desk) -> None:
    every = refusals()
    assert len(every) > 105
    assert [said(error) for error in every] == [(e.title, e.message) for e in every], "English stays as it is"
    install(qapp, "de")
    try:
        told = [(error, *said(error)) for error in every]
        left = [error for error, title, text in told if title == error.title]
        left += [error for error, _, text in told if WORD.search(error.message) and error.message in text]
        assert left == []
        crowd.window.editor.execute(do.LockPeople((crowd.document.people[0].id,)))
        crowd.window.editor.execute(do.MirrorPerson(crowd.document.people[0].id))
        assert "Person 1 ist gesperrt; zum Bearbeiten" in crowd.window.messages.text()
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)


SAYING_WHY = {
    "kdc/rle.py": {"ValueError": 0},
    "kdc_annotator/document/segmentation.py": {"_bad": 0},
    "kdc_annotator/io/coco_read.py": {"note": 1},
    "kdc_annotator/io/dataset.py": {"Problem": 1},
    "kdc_annotator/io/import_results.py": {"Problem": 1},
    "kdc_annotator/io/json_stream.py": {"_broken": 0},
    "kdc_annotator/io/project_rows.py": {"_damaged": 0},
}
"""Who says why something can't be used, and with which argument of which call."""


def reasons() -> list[str]:
    """What stands in brackets or behind a colon in refusals, with 7 for what stands in it."""
    found = []
    for name, calls in SAYING_WHY.items():
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in calls and len(node.args) > calls[called]:
                    part = node.args[calls[called]]
                    found += [_sample(p) for p in ([part.body, part.orelse] if isinstance(part, ast.IfExp) else [part])]
    for name in ("coco_check", "segmentation"):
        for node in ast.walk(ast.parse((ROOT / "kdc_annotator" / "io" / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                found.append(_sample(node.value.elts[1]))
            elif name == "segmentation" and isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
                found.append(str(node.value.value or ""))
    return [text for text in found if WORD.search(text)]


def test_why_something_cannot_be_used_is_said_in_the_windows_language(qapp: QApplication, tmp_path: Path) -> None:
    from kdc.structures import Mask
    from kdc_annotator.io.json_stream import JsonFile, parse_json
    from kdc_annotator.io.project import Project
    from kdc_annotator.ui.coco_bridge import import_into
    from kdc_annotator.ui.error_words import detail, said_by_process

    every = reasons()
    assert len(every) > 55 and [detail(text) for text in every] == every, "English stays as it is"
    (tmp_path / "cut.json").write_text('{"images": [{"id": 1}', "utf-8")
    with JsonFile(tmp_path / "cut.json", ("images",)) as file, pytest.raises(KdcError) as cut:
        list(file.items())
    with pytest.raises(KdcError) as runs:
        Mask.from_rle({"size": [2, 2], "counts": [3]})
    training = [
        "Nothing to train on: a.kdcproj has no photo that can be used: b.png: its size is not known; open it once in the app.",
        "Nothing to train on: a.kdcproj has no photo that can be used: b.png: the mask of person 3 can't be used (The mask can't be read: an RLE needs size [height, width].)",
        "Photos can't be read: 20 photos in a row can't be used; the first: b.png does not exist.",
        "Training diverged: The pose loss is nan at step 7 on b.png; lower the learning rate or look at these photos.",
        "Out of memory: close other programs, or use smaller photos or a smaller --size.",
        "Mistake in the program: RuntimeError: 7. Please report it with what KDC_TRACEBACK=1 prints.",
    ]
    assert [said_by_process(text) for text in training] == training
    install(qapp, "de")
    try:
        assert [text for text in every if detail(text) == text] == []
        assert said(cut.value)[1] == (
            "cut.json ist in Zeile 1 (Byte 21) kein gültiges JSON: die Datei endet zu früh; wahrscheinlich wurde sie abgeschnitten."
        )
        assert said(runs.value)[1].endswith(": die Längen der RLE ergeben zusammen nicht 4 Pixel.")
        told = [said_by_process(text) for text in training]
        assert told[0].endswith("b.png: die Größe ist nicht bekannt; bitte einmal in der Anwendung öffnen.")
        assert told[1].endswith("eine RLE braucht size [Höhe, Breite].)")
        assert told[2].endswith("b.png gibt es nicht.")
        assert not set(told) & set(training)
        assert detail("No space left on device") == "No space left on device"
        told = []
        for text in ('{"a": ' + "1" * 5000, '{"a": "b', '{"a" 1}', "[" * 100_000, '"\\q"'):
            with pytest.raises(KdcError) as broken:
                parse_json(text.encode(), "l.json")
            told.append(said(broken.value)[1])
        assert told[0] == "l.json ist kein gültiges JSON: eine Zahl hat mehr als 4300 Ziffern."
        assert told[1] == "l.json ist kein gültiges JSON: ein Text endet nicht (Zeile 1)."
        assert all(re.fullmatch(r"l\.json ist kein gültiges JSON: [^:]+", text) for text in told)
        assert not any(re.search(r"line|digits|nested|escape", text) for text in told)
        (tmp_path / "odd.json").write_text('{"images": [{"id": 1}], "annotations": [], "categories": []}', "utf-8")
        with Project.create(tmp_path / "p.kdcproj", tmp_path) as project:
            [note] = import_into(project, tmp_path / "odd.json", tmp_path, lambda *_: None)[:1]
        assert note.endswith("odd.json: images[0].file_name: Ein Bild braucht einen Dateinamen")
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_processes_say_is_said_in_the_windows_language(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, threads: int
) -> None:
    import torch

    from kdc.devices import choose_device
    from kdc_annotator.ui.error_words import said_by_process, why_no_gpu

    package = ROOT / "kdc_annotator" / "engine"
    died = [
        node.value
        for node in ast.walk(ast.parse((package / "service.py").read_text("utf-8")))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.JoinedStr)
    ]
    spoken = [
        _sample(node).replace("worker 7", why)
        for node in died
        for why in ("worker ran out of memory", "worker stopped unexpectedly (code 7)")
    ]
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    sentences = [choose_device("cpu").sentence, choose_device().sentence, *spoken]
    assert sentences[0].startswith("CPU (1 thread," if threads == 1 else "CPU (2 threads,")
    process = "Nothing to train on: No image of a is marked as done; finish some, or add --all-images to take what has people."
    assert len(spoken) == 4 and said_by_process(process) == process
    assert [said_by_process(text) for text in sentences] == sentences
    assert why_no_gpu("CPU (2 threads, fp32): torch sees no GPU; check") == "no GPU found" and not why_no_gpu(
        "CUDA: H100, fp16"
    )
    install(qapp, "de")
    try:
        assert not set(map(said_by_process, sentences)) & {*sentences, ""}
        assert said_by_process(process).startswith("Nichts zum Trainieren: Kein Bild von a ist fertig")
        assert said(KdcError("Models can't be compared", process)) == (
            "Modelle nicht vergleichbar",
            said_by_process(process),
        )
        assert said_by_process("anything else: 7") == "anything else: 7"
        assert why_no_gpu("CPU (2 threads, fp32): as asked") == "wie gewählt"
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)


def test_steps_and_findings_are_said_in_the_windows_language(qapp: QApplication) -> None:
    from kdc_annotator.ui.step_names import finding_text, step_name

    compiled = QTranslator()
    compiled.load(str(FOLDER / "kdc_de.qm"))
    qapp.installTranslator(compiled)
    try:
        assert step_name("Move left wrist of person 3") == "linkes Handgelenk von Person 3 verschoben"
        assert (
            step_name("Mark 4 keypoints of person 2 as occluded")
            == "4 Gelenke von Person 2 als verdeckt gekennzeichnet"
        )
        assert (
            finding_text("The mask of person 1 has 3 tiny specks.") == "Die Maske von Person 1 hat 3 winzige Flecken."
        )
        assert step_name("Something new") == "Something new"
    finally:
        qapp.removeTranslator(compiled)


SHOWING = {
    "QLabel", "QPushButton", "QCheckBox", "QRadioButton", "QToolButton", "QAction", "QGroupBox", "ElidedLabel", "Section",
    "setText", "setToolTip", "setStatusTip", "setPlaceholderText", "setWindowTitle", "setTitle", "setAccessibleName",
    "setAccessibleDescription", "setSuffix", "setPrefix", "setSpecialValueText", "addItem", "addItems", "addMenu", "addTab",
    "addAction", "drawText", "draw_label", "appendPlainText", "setPlainText", "setHtml", "news", "trouble", "show_words",
    "label", "Chart", "_button", "getText", "getOpenFileName", "getExistingDirectory", "getSaveFileName", "KdcError",
}  # fmt: skip
"""Calls whose texts a person sees."""
NOT_IN_THE_WINDOW = ("app.py", "live_masks.py")
"""Their errors are said on the terminal, before there is a window, and to nobody: a gesture goes on without masks."""
SAME_EVERYWHERE = re.compile(r"^(KDC Annotator|COCO \(\*\.json\)|(\(\*\.\w+\)|\*\.\w+| )*)$")
WORD = re.compile(r"[A-Za-z]{3,}")


def words_of(node: ast.expr) -> list[str]:
    """Literal texts of an argument that no translation has passed through."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [text for part in node.values if isinstance(part, ast.Constant) for text in words_of(part)]
    if isinstance(node, ast.IfExp):
        return words_of(node.body) + words_of(node.orelse)
    if isinstance(node, ast.BinOp):
        return words_of(node.left) + words_of(node.right)
    return []


def test_no_call_that_shows_text_has_a_bare_one() -> None:
    """Every state of every panel, also those that no test opens."""
    bare = []
    for file in sorted((ROOT / "kdc_annotator" / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
            if name not in SHOWING:
                continue
            # Of these the first argument alone is shown; the others name roles, folders and kinds of files.
            arguments = node.args[:1] if name in ("label", "getText") else node.args
            for argument in arguments:
                for text in words_of(argument):
                    plain = re.sub(r"<[^>]+>|&\w+;", "", text).strip(" —")
                    if name == "KdcError" and file.name in NOT_IN_THE_WINDOW:
                        continue
                    if WORD.search(plain) and not SAME_EVERYWHERE.match(plain):
                        bare.append(f"{file.relative_to(ROOT)}:{node.lineno} {text!r}")
    assert bare == []


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("en", ("1 image", "1 image with 1 person."), "2 images"), ("de", ("1 Bild", "1 Bild mit 1 Person."), "2 Bilder")],
)
def test_one_is_no_plural(qapp: QApplication, open_desk, tmp_path: Path, language: str, one, many: str) -> None:
    from kdc_annotator.ui.dialogs.export import ExportDialog

    compiled = QTranslator()
    if language != "en":
        assert compiled.load(str(FOLDER / f"kdc_{language}.qm"))
        qapp.installTranslator(compiled)
    try:
        desk: Desk = open_desk(make_photos(tmp_path / "one", 1))
        desk.propose(proposal(110, 220, 180))
        desk.window.controller.run("accept_all")
        assert desk.window.strip.count.text() == one[0]
        dialog = ExportDialog(desk.window, desk.window.session)
        assert not dialog.button.isEnabled()  # it does not know yet what it would write
        until(lambda: dialog.button.isEnabled())
        assert dialog.says.text() == one[1]
        dialog.done_only.toggle()
        assert not dialog.button.isEnabled()
        dialog.place.setText(str(tmp_path / "out.json"))
        assert not dialog.button.isEnabled()
        dialog.reject()
        assert open_desk(make_photos(tmp_path / "two", 2)).window.strip.count.text() == many
    finally:
        qapp.removeTranslator(compiled)


def test_numbers_are_written_as_the_language_does(qapp, crowd: Desk) -> None:
    from kdc_annotator.ui.text import counted, mark, number

    assert (number(1234567), number(0.456, 2), number(12.25, 1)) == ("1,234,567", "0.46", "12.2")
    install(qapp, "de")
    try:
        assert (number(1234567), number(0.456, 2)) == ("1.234.567", "0,46")
        assert counted(1234, mark("1 image"), mark("{count} images")).startswith("1.234 ")
        crowd.window.status.threshold.setValue(55)
        assert "0,55" in crowd.window.status.threshold_label.text()
    finally:
        for translator in qapp.findChildren(QTranslator):
            qapp.removeTranslator(translator)
            translator.setParent(None)
