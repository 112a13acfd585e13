"""From a network's raw answers to fields: of one input, or of an input and its mirror image.

The same numbers as activating, ``flip_fields`` and ``merge_fields`` one after the other, with one pass over memory instead of six.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kdc.decode.bands import run_bands
from kdc.decode.merge import gate_channels, mirrored_source, person_chance
from kdc.schema import PoseSchema

_ROWS = 16
"""Fewest rows worth a thread."""
_GATES = {"even": -1, "person": -2}


@dataclass(frozen=True, eq=False)
class RawFields:
    """A network's answers for a batch as it left them.

    ``bits``: (B, C, H, W) in any order in memory: uint16, the bits of bfloat16, or uint32, those of float32. ``heads``: which channels
    are a head's, in order, from the first to the last. ``gains``: (C,) float32, by what their values are multiplied; 0 where ``table``
    (65536,) float32 says by the upper half of the bits what they are.
    """

    bits: np.ndarray
    heads: Mapping[str, slice]
    gains: np.ndarray
    table: np.ndarray

    def planes(self, index: int, mirrored: bool = False) -> np.ndarray:
        """(C, H, W) float32 of one of the batch, from right to left if ``mirrored``."""
        from kdc.decode import view_kernels

        bits = self.bits[index]
        out = np.empty(bits.shape, np.float32)

        def work(start: int, stop: int) -> None:
            view_kernels.one_view(bits, self.gains, self.table, mirrored, out, start, stop)

        run_bands(work, bits.shape[1], _ROWS)
        return out

    def of(self, index: int) -> dict[str, np.ndarray]:
        """Head name -> (C, H, W) float32 of one of the batch."""
        return self._parted(self.planes(index))

    def merged(self, index: int, mirror: int, schema: PoseSchema) -> dict[str, np.ndarray]:
        """As ``of``, averaged with the one at ``mirror``, whose input was the mirror image (``flip_fields``, ``merge_fields``)."""
        from kdc.decode import view_kernels

        bits, other = self.bits[index], self.bits[mirror]
        source, sign, gate = _channels(tuple((n, s.start, s.stop) for n, s in self.heads.items()), schema)
        person = self.heads["person"].start
        chance, its = person_chance(_values(bits[person])), person_chance(_values(other[person, :, ::-1]))
        heat = self.heads["heatmap"].start
        out = np.empty(bits.shape, np.float32)

        def work(start: int, stop: int) -> None:
            view_kernels.two_views(
                bits, other, self.gains, self.table, source, sign, gate, heat, chance, its, out, start, stop
            )

        run_bands(work, bits.shape[1], _ROWS)
        return self._parted(out)

    def _parted(self, planes: np.ndarray) -> dict[str, np.ndarray]:
        return {name: planes[part] for name, part in self.heads.items()}


def _values(bits: np.ndarray) -> np.ndarray:
    wide = bits.astype(np.uint32) << np.uint32(8 * (4 - bits.itemsize))
    return wide.view(np.float32)


@lru_cache(maxsize=16)
def _channels(heads: tuple[tuple[str, int, int], ...], schema: PoseSchema) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each channel comes from in the mirrored answers, its sign there, and the gate of ``view_kernels.two_views``."""
    sources, signs, gates = [], [], []
    for name, start, stop in heads:
        source, sign = mirrored_source(name, stop - start, schema)
        kind, channels = gate_channels(name, stop - start, schema)
        sources.append(np.where(source < 0, -1, source + start))
        signs.append(sign)
        gates.append(channels if kind == "heat" else np.full(stop - start, _GATES[kind]))
    return np.concatenate(sources), np.concatenate(signs), np.concatenate(gates)
