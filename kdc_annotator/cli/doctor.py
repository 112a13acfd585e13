"""``kdc-annotator doctor``: what the program runs on, in lines that can be pasted into a report."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

HELP = "tell what the program runs on: versions, devices and why not the GPU, window system, model, disk"
PACKAGES = (
    "torch", "numpy", "opencv-python-headless", "PySide6-Essentials", "pycocotools", "shapely", "pillow", "safetensors",
    "numba", "onnx", "onnxruntime", "openvino", "ray",
)  # fmt: skip
OPTIONAL = frozenset(("onnx", "onnxruntime", "openvino", "ray"))
_WINDOW = """
import sys
from PySide6.QtGui import QGuiApplication
from PySide6.QtCore import qVersion
app = QGuiApplication(sys.argv[:1])
screen = app.primaryScreen()
size = screen.size() if screen else None
print(f"Qt {qVersion()} on {app.platformName()}" + (f", {size.width()} x {size.height()}" if size else ", no screen"))
"""
GIB = 1 << 30


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "doctor", help=HELP, description=f"Tells{HELP.removeprefix('tell')}. Exit code 3 where something needs care."
    )
    parser.add_argument("--model", metavar="FILE", help="model to look at (else the bundled one)")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    return parser


def run(args: argparse.Namespace) -> int:
    """Looks around and prints; 3 where something needs care, else 0."""
    import json

    facts: dict[str, str] = {}
    worries: list[str] = []
    _system(facts)
    _packages(facts, worries)
    _devices(facts, worries)
    _window(facts, worries)
    _model(args.model, facts, worries)
    _disk(facts, worries)
    if args.json:
        print(json.dumps({"facts": facts, "worries": worries}))
    else:
        width = max(len(name) for name in facts)
        for name, value in facts.items():
            print(f"{name:<{width}}  {value}")
        print()
        for worry in worries:
            print(f"! {worry}")
        if not worries:
            print("Nothing needs care.")
    return 3 if worries else 0


def _system(facts: dict[str, str]) -> None:
    from kdc import __version__

    facts["kdc-annotator"] = __version__
    facts["Python"] = f"{platform.python_version()} ({sys.executable})"
    facts["system"] = platform.platform()
    affinity = getattr(os, "sched_getaffinity", None)
    usable = len(affinity(0)) if affinity else os.cpu_count()
    facts["processors"] = f"{usable} of {os.cpu_count()}, {platform.machine()}"
    with suppress(AttributeError, ValueError, OSError):
        facts["memory"] = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / GIB:.1f} GiB"


def _packages(facts: dict[str, str], worries: list[str]) -> None:
    from importlib.metadata import PackageNotFoundError, version

    for name in PACKAGES:
        try:
            facts[name] = version(name)
        except PackageNotFoundError:
            facts[name] = "not installed"
            if name not in OPTIONAL:
                worries.append(f"{name} is not installed; install KDC Annotator again.")
    if facts["PySide6-Essentials"].startswith("6.12.0") and sys.version_info[:2] == (3, 11):
        worries.append("PySide6 6.12.0 on Python 3.11 can end the program without warning; install PySide6<6.12.")
    if "opencv-python" in _installed():
        worries.append("opencv-python is installed beside opencv-python-headless; remove it, its Qt can hide ours.")


def _installed() -> set[str]:
    from importlib.metadata import distributions

    return {str(d.metadata["Name"]).lower() for d in distributions()}


def _devices(facts: dict[str, str], worries: list[str]) -> None:
    try:
        import torch

        from kdc.devices import choose_device
    except (ImportError, OSError) as error:
        facts["device"] = "none"
        worries.append(f"torch can't be imported ({error}); install KDC Annotator again.")
        return
    facts["device"] = choose_device().sentence
    facts["CUDA build"] = str(torch.version.cuda or "no")
    for i in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        props: Any = torch.cuda.get_device_properties(i)
        facts[f"cuda:{i}"] = f"{props.name}, {props.total_memory / GIB:.0f} GiB, capability {props.major}.{props.minor}"
    driver = shutil.which("nvidia-smi")
    facts["NVIDIA driver"] = (
        _said([driver, "--query-gpu=driver_version", "--format=csv,noheader"]) if driver else "none"
    )
    if driver and not torch.cuda.is_available():
        worries.append(f"There is an NVIDIA driver, but the GPU is not used: {facts['device'].partition(': ')[2]}.")


def _window(facts: dict[str, str], worries: list[str]) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM_PLUGIN_PATH"):
        if os.environ.get(name):
            facts[name] = os.environ[name]
    display = any(os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
    environment = dict(os.environ)
    if sys.platform.startswith("linux") and not display:
        environment["QT_QPA_PLATFORM"] = "offscreen"
    try:
        done = subprocess.run(
            [sys.executable, "-c", _WINDOW], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        facts["window"] = "can't be opened"
        worries.append(f"Qt does not start ({error}).")
        return
    if done.returncode:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        facts["window"] = "can't be opened"
        worries.append(f"Qt does not start: {lines[-1] if lines else f'exit code {done.returncode}'}.")
    else:
        facts["window"] = done.stdout.strip() + ("" if display or sys.platform != "linux" else " (there is no display)")


def _model(name: str | None, facts: dict[str, str], worries: list[str]) -> None:
    from kdc.errors import KdcError

    try:
        from kdc.checkpoint import load_model
        from kdc.resources import bundled_model

        path = Path(name) if name and name != "bundled" else bundled_model()
        _, info = load_model(path)
    except (KdcError, ImportError, OSError) as error:
        facts["model"] = "none"
        worries.append(error.message if isinstance(error, KdcError) else str(error))
        return
    config = info.config
    size = path.stat().st_size / 2**20
    facts["model"] = f"{info.name} {info.version}, {config.backbone}, {config.input_size} px, {size:.1f} MiB ({path})"


def _disk(facts: dict[str, str], worries: list[str]) -> None:
    for name, place in (("disk here", Path.cwd()), ("disk for temporary files", Path(tempfile.gettempdir()))):
        free = shutil.disk_usage(place).free
        facts[name] = f"{free / GIB:.1f} GiB free ({place})"
        if free < GIB:
            worries.append(f"{place} has less than 1 GiB left.")


def _said(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not answer ({error})"
    return (done.stdout.strip() or done.stderr.strip() or "silent").splitlines()[0]
