"""For all tests: Qt without a display, few threads, and the sample photos."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from kdc.telemetry import refuse_telemetry

refuse_telemetry()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell gives that to what it starts in the background, and tests of Ctrl-C would wait for ever.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with astronaut.jpg, crowd.jpg and their person_keypoints.json."""
    from kdc.resources import sample_folder

    return sample_folder()
