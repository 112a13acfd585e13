"""The window's language: English, or a compiled translation of Qt's kind from ``translations``."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from kdc_annotator.ui.settings import Settings

FOLDER = Path(__file__).parent / "translations"
LANGUAGES = ("en", "de")


def wanted_language(settings: Settings) -> str:
    """The chosen one, else the desktop's where there is a translation."""
    chosen = settings.text("language")
    if chosen in LANGUAGES:
        return chosen
    system = QLocale.system().name()[:2]
    return system if system in LANGUAGES else "en"


def other_language(settings: Settings) -> str:
    """The language after the present one."""
    return LANGUAGES[(LANGUAGES.index(wanted_language(settings)) + 1) % len(LANGUAGES)]


def install(app: QCoreApplication, language: str) -> QTranslator | None:
    """Speak that language from now on; None for English or where its file is missing. Qt's own words (OK, the names of keys) come with
    Qt, and stay English where it came without them."""
    file = FOLDER / f"kdc_{language}.qm"
    if language == "en" or not file.is_file():
        return None
    translator = QTranslator(app)
    if not translator.load(str(file)):
        return None
    own = QTranslator(app)
    if own.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(own)
    app.installTranslator(translator)
    return translator
