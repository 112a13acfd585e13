"""The key ``kdc``: what COCO has no place for, on annotations and images. Described in ``docs/formats.md``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from kdc_annotator.document.annotation import SOURCES, STATUSES, Annotation, PhotoRecord, Provenance

_KNOWN = {f.name for f in fields(Provenance)}


def provenance_from(raw: Mapping[str, Any], otherwise: Provenance) -> Provenance:
    """Who said an annotation, from its ``kdc`` key; ``otherwise`` where it has none that can be read."""
    told = raw.get("kdc")
    if not isinstance(told, Mapping) or told.get("source") not in SOURCES:
        return otherwise
    source = told["source"]
    texts = {k: told[k] for k in ("version", "time", "confirmed_by") if isinstance(told.get(k), str)}
    name = told.get("model" if source == "model" else "by", "")
    return Provenance(
        source=source,
        name=name if isinstance(name, str) else "",
        confirmed=told.get("confirmed") is True,
        **texts,
    )


def extras_from(raw: Mapping[str, Any], keypoints: int) -> dict[str, Any]:
    """``confidence``, ``confirmed`` (indices), ``locked``, ``released`` and pins of an annotation's ``kdc`` key, as records hold them."""
    told = raw.get("kdc")
    out: dict[str, Any] = {}
    if not isinstance(told, Mapping):
        return out
    confidence, confirmed = told.get("confidence"), told.get("confirmed_keypoints")
    if isinstance(confidence, list) and len(confidence) == keypoints and all(_fraction(c) for c in confidence):
        out["confidence"] = confidence
    if isinstance(confirmed, list) and all(type(k) is int and 0 <= k < keypoints for k in confirmed):
        out["confirmed"] = confirmed
    for key in ("locked", "released"):
        if told.get(key) is True:
            out[key] = True
    for key in ("pinned_in", "pinned_out"):
        if isinstance(told.get(key), Mapping):
            out[key] = told[key]
    return out


def _fraction(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value <= 1


def annotation_key(annotation: Annotation) -> dict[str, Any] | None:
    """The ``kdc`` value of an annotation that we changed or made; None where there is nothing to say.

    Nothing is said of an imported annotation that nobody touched: it keeps the key it came with, if any.
    """
    p = annotation.provenance
    out: dict[str, Any] = {"source": p.source}
    if p.source == "model":
        out |= {"model": p.name, "version": p.version}
    elif p.source == "human":
        out["by"] = p.name
    out["time"] = p.time
    if p.confirmed:
        out |= {"confirmed": True, "confirmed_by": p.confirmed_by}
    if annotation.confirmed_keypoints.any():
        out["confirmed_keypoints"] = [int(k) for k in annotation.confirmed_keypoints.nonzero()[0]]
    if annotation.confidence is not None:
        out["confidence"] = [float(c) for c in annotation.confidence]
    for key in ("locked", "released"):
        if getattr(annotation, key):
            out[key] = True
    for key in ("pinned_in", "pinned_out"):
        value = getattr(annotation, key)
        if value is not None:
            out[key] = dict(value)
    out = {k: v for k, v in out.items() if v != ""}
    came = annotation.raw.get("kdc")
    expected = provenance_from(annotation.raw, replace(p, source="imported", confirmed=False, confirmed_by=""))
    same = (
        not annotation.touched
        and bool(annotation.raw)
        and replace(expected, name="", time="", proposal_id=None) == replace(p, name="", time="", proposal_id=None)
    )
    if same and set(out) <= {"source", "by", "model", "version", "time", "confirmed", "confirmed_by"}:
        return None
    if isinstance(came, Mapping):
        if all(came.get(k) == v for k, v in out.items()):
            return None
        return {**came, **out}
    return out


def photo_fields(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ``PhotoRecord`` that an image's ``kdc`` key gives.

    ``masks: complete | partial | none`` and ``crowd_regions: known | unknown`` on the image itself are read as well.
    """
    told = raw.get("kdc")
    told = told if isinstance(told, Mapping) else {}
    out: dict[str, Any] = {}
    if told.get("status") in STATUSES:
        out["status"] = told["status"]
    for key in ("labeler", "reviewer", "notes"):
        if isinstance(told.get(key), str):
            out[key] = told[key].encode("utf-8", "replace").decode("utf-8")  # Half a character can't be stored.
    seconds = told.get("active_seconds")
    if type(seconds) in (int, float) and 0 <= seconds < 1e12:  # type: ignore[operator]
        out["active_seconds"] = float(seconds)  # type: ignore[arg-type]
    words = (("masks_complete", "masks", "complete"), ("crowd_regions_known", "crowd_regions", "known"))
    for name, key, yes in words:
        if isinstance(told.get(name), bool):
            out[name] = told[name]
        elif isinstance(raw.get(key), str):
            out[name] = raw[key] == yes
    return out


def photo_key(photo: PhotoRecord) -> dict[str, Any] | None:
    """The ``kdc`` value of an image whose status or flags were set here; None where nothing was."""
    came = photo.raw.get("kdc")
    out: dict[str, Any] = {}
    for key in ("status", "masks_complete", "crowd_regions_known"):
        if key in photo.touched:
            out[key] = getattr(photo, key)
    known = photo_fields(photo.raw)
    for key in ("labeler", "reviewer", "notes"):
        if getattr(photo, key) != known.get(key, ""):
            out[key] = getattr(photo, key)
    if photo.active_seconds and photo.active_seconds != known.get("active_seconds"):
        out["active_seconds"] = round(photo.active_seconds, 1)
    if not out:
        return None
    return {**came, **out} if isinstance(came, Mapping) else out
