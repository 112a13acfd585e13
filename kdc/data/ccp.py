"""Photos with one person mask each and no keypoints (Clothing Co-Parsing, or any folder pair like it)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pycocotools import mask as coco_mask

from kdc.data.coco import read_grey, read_rgb
from kdc.data.samples import PersonLabel, Sample
from kdc.errors import KdcError
from kdc.schema import PoseSchema


class MaskFolderDataset:
    """``folder/images`` with ``folder/person_masks`` (PNG of the same stem, non-zero = person)."""

    def __init__(self, folder: str | Path, schema: PoseSchema) -> None:
        self.schema = schema
        self.problems: list[str] = []
        self.root = Path(folder)
        masks = {p.stem: p for p in sorted((self.root / "person_masks").glob("*.png"))}
        photos = (
            sorted(p for p in (self.root / "images").iterdir() if p.stem in masks)
            if (self.root / "images").is_dir()
            else []
        )
        if not photos:
            raise KdcError("No masks found", f"{self.root} has no images/ with person_masks/*.png of the same names.")
        have = {p.stem for p in photos}
        self.problems += [f"{m.name}: there is no photo of that name." for m in masks.values() if m.stem not in have]
        self.pairs = [(p.name, masks[p.stem]) for p in photos]

    def __len__(self) -> int:
        return len(self.pairs)

    def name(self, index: int) -> str:
        """File name of a photo."""
        return self.pairs[index][0]

    def people(self, index: int) -> list[PersonLabel]:
        """Empty: who is in a photo is known only from its mask."""
        return []

    def __getitem__(self, index: int) -> Sample:
        name, mask_path = self.pairs[index]
        image = read_rgb(self.root / "images", name)
        bits = read_grey(mask_path)
        if bits is None or bits.shape != image.shape[:2]:
            raise KdcError("Mask does not fit", f"{mask_path} is not a mask of the size of {name}.")
        rle = coco_mask.encode(np.asfortranarray(bits > 0, dtype=np.uint8))
        x, y, w, h = (float(v) for v in coco_mask.toBbox(rle))
        person = PersonLabel(np.zeros((len(self.schema), 3), np.float32), False, rle, (x, y, w, h))
        return Sample(name, image, [person], "complete", np.ones(len(self.schema), bool), joints_complete=False)
