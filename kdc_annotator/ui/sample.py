"""The sample crowd, copied to where the labeler may write."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kdc.errors import KdcError
from kdc.resources import sample_folder
from kdc_annotator.ui.text import tr

CROWD = "crowd.jpg"


def sample_copy() -> Path:
    """The sample in the user's data folder: photos only, so that the model's proposals show. Kept once made.

    The photo of the crowd, to be shown first, while there is no project yet; then the folder, where the labeler left it.
    """
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    target = data / "kdc-annotator" / "sample"
    source = sample_folder()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for photo in sorted(source.glob("*.jpg")):
            if not (target / photo.name).exists():
                shutil.copyfile(photo, target / photo.name)
    except OSError as error:
        raise KdcError(
            tr("Sample can't be copied"), tr("{place} can't be written ({why}).", place=target, why=error.strerror)
        ) from None
    begun = any(target.glob("*.kdcproj"))
    return target if begun else target / CROWD
