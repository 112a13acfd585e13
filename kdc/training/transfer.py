"""A trained network as the start of another: same joints keep their heads, whatever the schema around them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdc.checkpoint import read_tensors
from kdc.config import ModelConfig
from kdc.counted import counted
from kdc.errors import KdcError
from kdc.model.network import KdcNetwork
from kdc.model.resnet import ResNet
from kdc.schema import PoseSchema, canonical_name


@dataclass(frozen=True)
class Kept:
    """What a new network has from another: joints and tree edges by name, and heads that start fresh as a whole."""

    joints: tuple[str, ...]
    fresh_joints: tuple[str, ...]
    edges: tuple[str, ...]
    fresh_edges: tuple[str, ...]
    fresh_heads: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing starts fresh."""
        return not (self.fresh_joints or self.fresh_edges or self.fresh_heads)

    def sentences(self) -> list[str]:
        """For people."""
        said = [f"Kept the heads of {counted(len(self.joints), 'joint')}: {', '.join(self.joints) or 'none'}."]
        if self.fresh_joints:
            said.append(f"These joints start fresh: {', '.join(self.fresh_joints)}.")
        if self.fresh_edges:
            said.append(f"These limbs start fresh: {', '.join(self.fresh_edges)}.")
        if self.fresh_heads:
            said.append(f"These heads start fresh: {', '.join(self.fresh_heads)}.")
        return said


def joint_sources(source: PoseSchema, target: PoseSchema) -> list[int | None]:
    """For each joint of ``target`` the index of the joint of that name in ``source``."""
    where = {canonical_name(n): k for k, n in enumerate(source.keypoints)}
    return [where.get(canonical_name(n)) for n in target.keypoints]


def edge_sources(source: PoseSchema, target: PoseSchema) -> list[tuple[int, bool] | None]:
    """For each tree edge of ``target`` the edge of ``source`` between the same joints, and whether it runs the other way."""
    joints = joint_sources(source, target)
    there = {edge: (i, False) for i, edge in enumerate(source.tree)} | {
        (b, a): (i, True) for i, (a, b) in enumerate(source.tree)
    }
    found: list[tuple[int, bool] | None] = []
    for a, b in target.tree:
        ends = joints[a], joints[b]
        found.append(None if ends[0] is None or ends[1] is None else there.get((ends[0], ends[1])))
    return found


def channel_sources(name: str, source: PoseSchema, target: PoseSchema) -> list[int | None]:
    """For each channel of head ``name`` over ``target`` the channel over ``source`` that says the same, or None."""
    if name in ("heatmap", "visibility"):
        return joint_sources(source, target)
    if name in ("keycentroid", "mask_offset"):
        return [None if k is None else 2 * k + axis for k in joint_sources(source, target) for axis in (0, 1)]
    if name == "pairwise":
        channels: list[int | None] = []
        for edge in edge_sources(source, target):
            for part in range(4):
                # An edge that runs the other way has its two directions swapped.
                channels.append(None if edge is None else 4 * edge[0] + ((part + 2) % 4 if edge[1] else part))
        return channels
    return list(range({"person": 1, "bandwidth": 1}.get(name, 2)))


def start_from(source: KdcNetwork, config: ModelConfig) -> tuple[KdcNetwork, Kept]:
    """A network of ``config`` that answers like ``source`` wherever both predict the same thing.

    Heads go channel by channel, by the names of joints and of the ends of tree edges; what ``source`` does not predict starts
    fresh. Offsets keep their size in pixels where the radius differs. Raises KdcError for another backbone.
    """
    old = source.config
    if old.backbone != config.backbone:
        raise KdcError(
            "Model does not fit",
            f"The model to start from is a {old.backbone}, the network to train a {config.backbone}; start from scratch or change the recipe.",
        )
    network = KdcNetwork(config)
    state, given = network.state_dict(), source.state_dict()
    same_joints = old.schema.keypoints == config.schema.keypoints
    for key, value in given.items():
        if key.startswith("pose_refine.") and not same_joints:
            continue  # Its channels are joints, and it sees them all at once.
        if not key.startswith(("coarse.", "fine.")) and key in state and state[key].shape == value.shape:
            state[key] = value.clone()
    scales = {h.name: h.scale for h in source.heads}
    fresh_heads = []
    for head in config.heads:
        if head.name not in scales:
            fresh_heads.append(head.name)
            continue
        ratio = scales[head.name] / head.scale
        pairs = list(enumerate(channel_sources(head.name, old.schema, config.schema)))
        for stage in ("coarse", "fine"):
            for kind in ("weight", "bias"):
                key = f"{stage}.{head.name}.{kind}"
                if key in given and key in state and given[key].shape[1:] == state[key].shape[1:]:
                    _copy_channels(state[key], given[key] * ratio, pairs)
    network.load_state_dict(state)
    if network.pose_refine is not None and (source.pose_refine is None or not same_joints):
        fresh_heads.append("refinement of poses")
    joints = joint_sources(old.schema, config.schema)
    edges = edge_sources(old.schema, config.schema)
    names = config.schema.keypoints
    limbs = [f"{names[a]}-{names[b]}" for a, b in config.schema.tree]
    return network, Kept(
        tuple(n for n, k in zip(names, joints, strict=True) if k is not None),
        tuple(n for n, k in zip(names, joints, strict=True) if k is None),
        tuple(n for n, e in zip(limbs, edges, strict=True) if e is not None),
        tuple(n for n, e in zip(limbs, edges, strict=True) if e is None),
        tuple(fresh_heads),
    )


def halfway(start: KdcNetwork, end: KdcNetwork) -> KdcNetwork:
    """The mean of a network before and after fine-tuning: it keeps most of what was learnt and forgets less of what was known
    (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"). Both of one configuration; nothing is changed in them."""
    result = KdcNetwork(end.config)
    before = start.state_dict()
    result.load_state_dict(
        {k: (before[k] + v) / 2 if v.is_floating_point() else v for k, v in end.state_dict().items()}
    )
    return result


def enlarged(
    source: KdcNetwork,
    side: int,
    depth: int | None = None,
    *,
    neighbours: bool | None = None,
    outlines: bool | None = None,
    pose_side: int | None = None,
    pose_depth: int | None = None,
) -> KdcNetwork:
    """``source`` with a window of ``side`` pixels and ``depth`` further blocks (None: as many as it has) for the refinement of masks,
    which is told other people's masks where ``neighbours`` and corrects outlines where ``outlines``, and of ``pose_side`` pixels and with ``pose_depth`` further blocks for the
    refinement of poses.

    It starts out answering the same, or, in another window, nearly the same. The first convolution's kernels and the places within
    a cell that the last one answers for are read bilinearly at the other scale; what only the larger network has starts at zero.
    """
    config = source.config
    network = KdcNetwork(
        replace(
            config,
            window=side,
            refine_depth=config.refine_depth if depth is None else depth,
            neighbours=config.neighbours if neighbours is None else neighbours,
            outlines=config.outlines if outlines is None else outlines,
            pose_window=config.pose_window if pose_side is None else pose_side,
            pose_depth=config.pose_depth if pose_depth is None else pose_depth,
        )
    )
    state, given = network.state_dict(), source.state_dict()
    for key, value in given.items():
        if state[key].shape == value.shape:
            state[key] = value.clone()
    for key in ("refine.stem.0.weight", "pose_refine.stem.0.weight"):
        if key in given and given[key].shape != state[key].shape:
            small, large = given[key].shape[-1], state[key].shape[-1]
            kernel = F.interpolate(given[key], size=(large, large), mode="bilinear", align_corners=False)
            state[key] = kernel * (small / large) ** 2
    if source.refine is not None and side != source.config.window:
        for kind in ("weight", "bias"):
            value = given[f"refine.out.{kind}"]
            old, new = (int(t.shape[0] ** 0.5) for t in (value, state[f"refine.out.{kind}"]))
            cells = value.reshape(old, old, -1).permute(2, 0, 1)[None]
            cells = F.interpolate(cells, size=(new, new), mode="bilinear", align_corners=False)[0].permute(1, 2, 0)
            state[f"refine.out.{kind}"] = cells.reshape(new * new, *value.shape[1:])
    network.load_state_dict(state)
    return network


def _copy_channels(into: Tensor, values: Tensor, pairs: list[tuple[int, int | None]]) -> None:
    for to, origin in pairs:
        if origin is not None:
            into[to] = values[origin]


def load_backbone(network: KdcNetwork, path: str | Path) -> None:
    """ResNet weights under torchvision's names (``.pth`` or ``.safetensors``, a classifier's layers are left out) into the backbone.

    A ``.pth`` is read as weights only: nothing in it can run.
    """
    if not isinstance(network.backbone, ResNet):
        raise KdcError("Weights do not fit", f"{path} can start a ResNet; this network is a {network.config.backbone}.")
    if str(path).endswith(".safetensors"):
        tensors, _ = read_tensors(path, "file of weights")
    else:
        try:
            tensors = torch.load(path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            raise KdcError("Weights not found", f"There is no file {path}.") from None
        except Exception as error:
            raise KdcError(
                "Not a file of weights", f"{path} can't be read as weights ({type(error).__name__})."
            ) from None
    tensors = {k: v for k, v in dict(tensors).items() if not str(k).startswith("fc.")}
    load_into(network.backbone, tensors, path)


def load_into(module: nn.Module, tensors: dict[str, Tensor], path: str | Path) -> None:
    """``load_state_dict`` that says in one sentence what does not fit; batch counters may be missing."""
    expected = module.state_dict()
    wrong = [
        k
        for k in expected
        if not k.endswith("num_batches_tracked") and (k not in tensors or tensors[k].shape != expected[k].shape)
    ]
    if wrong:
        raise KdcError("Weights do not fit", f"{path} has other layers than this network (see {wrong[0]!r}).")
    module.load_state_dict({k: tensors.get(k, v) for k, v in expected.items()})
