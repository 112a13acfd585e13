"""What a network answers, as it lies in memory, for ``kdc.decode.views`` to make fields of."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from kdc.decode.views import RawFields
from kdc.model.network import KdcNetwork, Outputs

_NO_TABLE = np.empty(0, np.float32)


@lru_cache(maxsize=1)
def sigmoid_table() -> np.ndarray:
    """(65536,) float32: the sigmoid of every bfloat16, by its bits."""
    bits = torch.arange(1 << 16, dtype=torch.int32).to(torch.int16)
    return np.asarray(bits.view(torch.bfloat16).float().sigmoid().numpy())


def bits_of(values: Tensor) -> np.ndarray:
    """The bits of float tensors, uint16 of bfloat16, else uint32 of float32, on the CPU; nothing is copied that is there already."""
    if values.dtype == torch.bfloat16:
        return np.asarray(values.cpu().view(torch.int16).numpy().view(np.uint16))
    return np.asarray(values.float().cpu().numpy().view(np.uint32))


def together(pieces: Sequence[Tensor]) -> Tensor:
    """(B, C, H, W) each -> all channels; the tensor that they were split from where they lie side by side."""
    first, at = pieces[0], pieces[0].storage_offset()
    for piece in pieces:
        if (
            piece.untyped_storage().data_ptr() != first.untyped_storage().data_ptr()
            or piece.dtype != first.dtype
            or piece.stride() != first.stride()
            or piece.storage_offset() != at
        ):
            return torch.cat(list(pieces), 1)
        at += piece.shape[1] * piece.stride(1)
    channels = sum(piece.shape[1] for piece in pieces)
    return first.as_strided((len(first), channels, *first.shape[2:]), first.stride())


def raw_features(features: Tensor) -> RawFields:
    """The neck's features (B, C, H, W)."""
    bits = bits_of(features)
    return RawFields(bits, {}, np.ones(bits.shape[1], np.float32), _NO_TABLE)


def raw_fields(network: KdcNetwork, outputs: Outputs) -> RawFields:
    """Every head's answers of a network, or of an engine, whose answers are activated already. Called within inference mode; the
    answers in ``outputs`` may be written to."""
    ready = not isinstance(network, KdcNetwork)
    values = dict(outputs.raw)
    if not ready and network.pixel_refine is not None:
        values, ready = network.activate(values), True
    sigmoids = [h.name for h in network.heads if h.activation == "sigmoid" and not ready]
    heads, gains, at = {}, [], 0
    for head in network.heads:
        heads[head.name] = slice(at, at + head.channels)
        at += head.channels
        gain = 1.0 if ready else 0.0 if head.name in sigmoids else head.scale
        gains.append(np.full(head.channels, gain, np.float32))
    whole = together([values[h.name] for h in network.heads])
    if sigmoids and whole.dtype != torch.bfloat16:
        whole = whole.float()
        for name in sigmoids:
            part = whole[:, heads[name]]
            part.sigmoid_()
            gains[list(heads).index(name)][:] = 1
        sigmoids = []
    return RawFields(bits_of(whole), heads, np.concatenate(gains), sigmoid_table() if sigmoids else _NO_TABLE)
