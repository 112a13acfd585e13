"""For all tests: Qt without a display, the sample photos, and nothing of the machine's or the user's own settings."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from kdc.telemetry import refuse_telemetry

refuse_telemetry()
# Languages that are not installed, wide terminals, scaled screens and the processes of a cluster are what other tests are about.
FOREIGN = re.compile(
    r"LANGUAGE|LC_.*|QT_(?!QPA_PLATFORM$).*|COLUMNS|LINES|FORCE_COLOR|KDC_TRACEBACK|RANK|LOCAL_RANK|WORLD_SIZE|MASTER_(ADDR|PORT)"
)
for name in filter(FOREIGN.fullmatch, list(os.environ)):
    del os.environ[name]
os.environ["LANG"] = "C.UTF-8"
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HOME = tempfile.TemporaryDirectory(prefix="kdc-tests-", ignore_cleanup_errors=True)
for name in ("CONFIG", "DATA", "CACHE", "STATE"):
    # What the window and the exports keep there is each test process's own.
    os.environ[f"XDG_{name}_HOME"] = str(Path(HOME.name, name.lower()))
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell gives that to what it starts in the background, and tests of Ctrl-C would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGCHLD") and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
    # Some first processes of containers leave that behind, and nobody hears how a process ended.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
# An example that a busy machine takes long for is no finding.
settings.register_profile("unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with astronaut.jpg, crowd.jpg and their person_keypoints.json."""
    from kdc.resources import sample_folder

    return sample_folder()
