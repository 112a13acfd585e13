"""Several processes that train one network (``torchrun``): each takes its share of every batch, gradients are averaged."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch import distributed as dist

from kdc.errors import KdcError


@dataclass(frozen=True)
class Processes:
    """This process's number ``rank`` of ``size``; ``local`` is its number on this machine, which picks its GPU."""

    rank: int = 0
    size: int = 1
    local: int = 0

    @property
    def first(self) -> bool:
        """Whether this process writes and speaks for all."""
        return self.rank == 0


ALONE = Processes()


def join(device: torch.device) -> Processes:
    """Joins the processes that ``torchrun`` started; alone without it. NCCL between GPUs, gloo between CPUs."""
    if "RANK" not in os.environ or "WORLD_SIZE" not in os.environ:
        return ALONE
    processes = Processes(*(int(os.environ.get(name, "0")) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")))
    if processes.size > 1 and not dist.is_initialized():
        try:
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        except (RuntimeError, ValueError) as error:
            raise KdcError("Processes can't meet", f"torchrun's processes can't reach each other ({error}).") from None
    return processes


def leave() -> None:
    """Ends the group, where there is one."""
    if dist.is_available() and dist.is_initialized():
        dist.destroy_process_group()


def _group() -> int:
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def share_weights(network: nn.Module) -> None:
    """Gives every process the weights of the first."""
    if _group() > 1:
        for value in network.state_dict().values():
            dist.broadcast(value, 0)


def mean_over_processes(value: Tensor) -> Tensor:
    """The mean of a tensor over all processes (itself, alone). Every process must call it. Carries no gradient."""
    if _group() == 1:
        return value
    total = value.detach().clone()
    dist.all_reduce(total)
    return total / _group()


def most_over_processes(value: Tensor) -> Tensor:
    """The elementwise maximum over all processes."""
    if _group() > 1:
        value = value.detach().clone()
        dist.all_reduce(value, dist.ReduceOp.MAX)
    return value


@torch.no_grad()
def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Replaces every gradient by its mean over the processes, in one message."""
    if _group() == 1:
        return
    wanted = [p for p in parameters if p.requires_grad]
    flat = torch.cat([(torch.zeros_like(p) if p.grad is None else p.grad).reshape(-1) for p in wanted])
    flat = mean_over_processes(flat)
    for parameter, part in zip(wanted, flat.split([p.numel() for p in wanted]), strict=True):
        parameter.grad = part.view_as(parameter).clone()


@torch.no_grad()
def average_statistics(network: nn.Module) -> None:
    """Replaces batch norm statistics by their mean over the processes; each normalises by its own batch."""
    if _group() == 1:
        return
    buffers = [b for b in network.buffers() if b.is_floating_point() and b.numel() > 0]
    if buffers:
        flat = mean_over_processes(torch.cat([b.reshape(-1) for b in buffers]))
        for buffer, part in zip(buffers, flat.split([b.numel() for b in buffers]), strict=True):
            buffer.copy_(part.view_as(buffer))
