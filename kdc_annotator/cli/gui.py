"""``kdc-annotator gui``: the window."""

from __future__ import annotations

import argparse
from typing import Any

HELP = "open the window to annotate by hand (the default command)"


def add_parser(commands: Any) -> argparse.ArgumentParser:
    """See ``kdc_annotator.cli``."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "gui",
        help=HELP,
        description="Opens the window. A folder of photos becomes a project: NAME.kdcproj in that folder, where all work is "
        "saved as it is done; a COCO file becomes a project beside it.",
    )
    parser.add_argument(
        "path", nargs="?", metavar="PATH", help="a folder, a photo, a COCO file or a project (.kdcproj)"
    )
    parser.add_argument("--read-only", action="store_true", help="change nothing: for a project of somebody else")
    parser.add_argument(
        "--model", metavar="FILE", help="model to use from now on, or bundled for ours (else the one used last)"
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """See ``kdc_annotator.cli``."""
    from kdc_annotator.ui.app import run as run_window

    return run_window(args.path, args.read_only, args.model)
