"""Which device and number format to compute with, chosen by itself and said aloud."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from kdc.counted import counted
from kdc.errors import KdcError


@dataclass(frozen=True)
class Device:
    """``device``: torch's. ``dtype``: of the network's arithmetic. ``sentence``: what was chosen and why, for people."""

    device: torch.device
    dtype: torch.dtype
    sentence: str


def _cpu_has_bf16() -> bool:
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name)()) for name in probes if hasattr(torch.cpu, name))


def _why_no_gpu() -> str:
    if torch.version.cuda is None and torch.version.hip is None:
        return "this torch is a CPU build; an NVIDIA GPU needs one with CUDA (in a checkout: KDC_TORCH=cuda bash packaging/run.sh)"
    return "torch sees no GPU; check the driver with nvidia-smi"


def choose_device(name: str = "auto", precision: str = "auto") -> Device:
    """``name``: ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``. ``precision``: ``auto``, ``fp32``, ``bf16``, ``fp16``.

    ``auto`` takes CUDA, then Apple's MPS, then the CPU; and the shorter number format where the hardware gains by it:
    fp16 on CUDA, bf16 on CPUs that have instructions for it, else fp32.
    """
    if name == "auto":
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    else:
        kind = name
    try:
        device = torch.device(kind)
    except RuntimeError:
        raise KdcError("Unknown device", f"{name!r} is no device; choose auto, cpu, cuda, cuda:N or mps.") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise KdcError("Unknown device", f"{name!r} is not supported; choose auto, cpu, cuda, cuda:N or mps.")
    if device.type == "cuda" and not torch.cuda.is_available():
        raise KdcError("No CUDA device", f"--device {name} asks for a GPU, but {_why_no_gpu()}.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise KdcError(
            "No such GPU",
            f"--device {name}: this machine has {counted(torch.cuda.device_count(), 'GPU')}, numbered from 0.",
        )
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise KdcError("No Apple GPU", "--device mps needs a Mac with Apple silicon; choose auto or cpu.")
    automatic = {
        "cuda": torch.float16,
        "mps": torch.float32,
        "cpu": torch.bfloat16 if device.type == "cpu" and _cpu_has_bf16() else torch.float32,
    }
    named = {"auto": automatic[device.type], "fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
    if precision not in named:
        raise KdcError("Unknown precision", f"{precision!r} is no precision; choose auto, fp32, bf16 or fp16.")
    dtype = named[precision]
    short = {torch.float16: "fp16", torch.bfloat16: "bf16", torch.float32: "fp32"}[dtype]
    if device.type == "cuda":
        sentence = f"CUDA: {torch.cuda.get_device_name(device)}, {short}"
    elif device.type == "mps":
        sentence = f"MPS: Apple GPU, {short}"
    else:
        reason = "as asked" if name == "cpu" else _why_no_gpu()
        sentence = f"CPU ({counted(torch.get_num_threads(), 'thread')}, {short}): {reason}"
    return Device(device, dtype, sentence)
