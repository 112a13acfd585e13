"""Statistics as one picture of bars."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from kdc.counted import counted
from kdc_annotator.jobs.statistics import MANY, SIZES, Statistics

INK, PALE, GREY = (32, 33, 36), (236, 238, 241), (120, 124, 130)
BLUE, ORANGE = (31, 107, 182), (224, 131, 37)
WIDTH, ROW, LABEL = 560, 22, 170
Bar = tuple[str, Sequence[tuple[float, tuple[int, int, int]]], str]
"""Label, stacked (value, colour) parts, text behind the bar."""


def statistics_picture(found: Statistics, title: str) -> bytes:
    """A PNG: keypoints by visibility, people in an image, sizes, status and labelers."""
    joints: list[Bar] = [
        (name.replace("_", " "), [(visible, BLUE), (occluded, ORANGE)], f"{visible + occluded:,}")
        for name, (_, occluded, visible) in found.keypoints.items()
    ]
    most = max([n for n, images in found.people_per_image.items() if images], default=0)
    crowd: list[Bar] = [
        (f"{n}{' or more' if n == MANY else ''}", [(found.people_per_image[n], BLUE)], f"{found.people_per_image[n]:,}")
        for n in range(most + 1)
    ]
    sizes: list[Bar] = [(name, [(found.sizes[name], BLUE)], f"{found.sizes[name]:,}") for name in SIZES]
    status: list[Bar] = [(name, [(n, BLUE)], f"{n:,}") for name, n in found.status.most_common()]
    labelers: list[Bar] = [
        (name, [(row["people"], BLUE)], f"{counted(int(row['people']), 'person')}, {row['seconds'] / 3600:.1f} h")
        for name, row in sorted(found.labelers.items(), key=lambda item: -item[1]["people"])[:12]
    ]
    left = [("Keypoints: visible, occluded", joints)]
    right = [("Images by number of people", crowd), ("People by size (COCO)", sizes), ("Images by status", status)]
    if labelers:
        right.append(("People by labeler", labelers))
    height = 70 + max(sum(50 + ROW * len(bars) for _, bars in column) for column in (left, right))
    picture = Image.new("RGB", (2 * WIDTH + 60, height), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((20, 16), f"{title}: {counted(found.images, 'image')}, {counted(found.people, 'person')}", INK, _font(20))
    for column, blocks in enumerate((left, right)):
        y = 60
        for heading, bars in blocks:
            y = _block(draw, 20 + column * (WIDTH + 20), y, heading, bars)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _block(draw: ImageDraw.ImageDraw, x: int, y: int, heading: str, bars: Sequence[Bar]) -> int:
    draw.text((x, y), heading, INK, _font(15))
    y += 26
    most = max([sum(v for v, _ in parts) for _, parts, _ in bars], default=0) or 1
    room = WIDTH - LABEL - 130
    for label, parts, text in bars:
        draw.text((x + LABEL - 8, y + 2), label[:24], GREY, _font(12), anchor="ra")
        draw.rectangle((x + LABEL, y, x + LABEL + room, y + ROW - 6), PALE)
        at = float(x + LABEL)
        for value, colour in parts:
            end = at + room * value / most
            if end - at >= 1:
                draw.rectangle((at, y, end, y + ROW - 6), colour)
            at = end
        draw.text((x + LABEL + room + 8, y + 2), text, INK, _font(12))
        y += ROW
    return y + 24


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
