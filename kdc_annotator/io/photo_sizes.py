"""Sizes that an annotation file does not say, from the photos themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kdc.errors import KdcError
from kdc.images import read_frame
from kdc_annotator.io.dataset import Dataset, Json, image_file
from kdc_annotator.io.person_view import image_size


def with_sizes(dataset: Dataset, images: Path) -> Dataset:
    """``dataset`` with the width and height of the upright photo below ``images`` where an image has no usable ones."""
    found: dict[str, Json] = {}
    image = dataset.image

    def sized(i: int) -> Json:
        raw = image(i)
        if all(image_size(raw)):
            return raw
        name = str(raw.get("file_name"))
        if name not in found:
            found[name] = _size(images, raw)
        return {**raw, **found[name]}

    return replace(dataset, image=sized)


def _size(images: Path, raw: Json) -> Json:
    try:
        frame = read_frame(image_file(images, raw.get("file_name")))
    except KdcError:
        return {}
    return {"width": frame.width, "height": frame.height}
