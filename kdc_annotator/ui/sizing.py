"""The size of a photo that a project has not been told yet."""

from __future__ import annotations

from dataclasses import replace

from kdc.errors import KdcError
from kdc_annotator.document.image_document import ImageDocument
from kdc_annotator.io.project import Project


def sized(project: Project, document: ImageDocument) -> ImageDocument:
    """``document`` with its photo's width and height in pixels, read from the file where the project lacks them."""
    photo = document.photo
    if photo.width > 0 and photo.height > 0:
        return document
    from kdc.images import read_frame

    try:
        frame = read_frame(project.image_path(photo))
    except KdcError:
        return document  # The photo's own loading says what is wrong.
    if project.read_only:
        document.replace_photo(replace(photo, width=frame.width, height=frame.height))
    else:
        project.keep_sizes({photo.id: (frame.width, frame.height)})
    return document
