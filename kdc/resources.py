"""Where the files that ship with the program are: in a checkout and in an installed wheel alike."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from kdc.errors import KdcError


def resource_folder() -> Path:
    """The folder ``resources`` of the checkout, or the package ``kdc.bundled`` that a wheel makes of it."""
    checkout = Path(__file__).resolve().parent.parent / "resources"
    if checkout.is_dir():
        return checkout
    spec = find_spec("kdc.bundled")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if Path(place).is_dir():
            return Path(place)
    raise KdcError("Broken installation", "The files that ship with KDC Annotator are missing; install it again.")


def bundled_model() -> Path:
    """The model that ``predict`` uses where none is named: of several the last by name."""
    folder = resource_folder() / "models"
    models = sorted(folder.glob("*.safetensors"))
    if not models:
        raise KdcError("No bundled model", f"{folder} holds no model; name one with --model.")
    return models[-1]


def sample_folder() -> Path:
    """The folder with the sample photos and their ``person_keypoints.json``."""
    return resource_folder() / "samples"
