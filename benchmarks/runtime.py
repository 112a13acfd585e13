"""Time of a whole prediction (network, decoding, masks) beside the network that the bundled model started from.

The peer is BodyPix's form: MobileNetV1 0.75 at output stride 8, heads on the backbone alone, float32, network only.
Limit: the whole prediction takes at most 4 times as long. Both alternate in one run on 2 threads.

    python benchmarks/runtime.py PHOTO... [--model FILE] [--size 641] [--rounds 7]
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch

from kdc.config import ModelConfig
from kdc.decode.decoder import decode_people
from kdc.geometry import Letterbox
from kdc.images import list_images, read_image
from kdc.model.network import KdcNetwork, channels_last
from kdc.predictor import Predictor
from kdc.refinement import RefinedMasker
from kdc.resources import sample_folder
from kdc.schema import COCO_17

LIMIT = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("photos", nargs="*", default=[str(sample_folder())])
    parser.add_argument("--model", default=None)
    parser.add_argument("--size", type=int, default=641)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--precision", default="auto")
    args = parser.parse_args()
    torch.set_num_threads(2)
    photos = [read_image(p).pixels for source in args.photos for p in list_images(source)]
    predictor = Predictor(args.model, device="cpu", size=args.size, tiles="off", precision=args.precision)
    peer = channels_last(
        KdcNetwork(ModelConfig("mobilenet075", COCO_17, output_stride=8, neck=(), optional_heads=()))
    ).eval()
    print(predictor.device_sentence)
    times: dict[str, list[float]] = {"peer": [], "whole": [], "network": [], "decode": [], "poses": [], "masks": []}
    people = 0
    for number in range(args.rounds + 1):
        for photo in photos:
            box = Letterbox.fit(photo.shape[1], photo.shape[0], args.size)
            inputs = box.apply(photo)
            tensor = (
                torch.from_numpy(inputs).permute(2, 0, 1)[None].float().contiguous(memory_format=torch.channels_last)
            )
            marks = [time.perf_counter()]
            with torch.inference_mode():
                peer(tensor)
            marks.append(time.perf_counter())
            found = predictor.predict(photo)
            marks.append(time.perf_counter())
            scene = predictor.scene(photo)
            marks.append(time.perf_counter())
            decoded = decode_people(scene.fields, predictor.schema, predictor.decode_config)
            marks.append(time.perf_counter())
            if predictor.poser is not None:
                decoded = predictor.poser.refine(scene.input, scene.fields, decoded)
            marks.append(time.perf_counter())
            if isinstance(predictor.masker, RefinedMasker):
                predictor.masker.judged(scene, decoded)
            else:
                predictor.masker.masks(scene, decoded)
            marks.append(time.perf_counter())
            if number:
                for name, start, stop in zip(times, marks, marks[1:], strict=False):
                    times[name].append((stop - start) * 1000)
                people += len(found.people)
    middle = {name: statistics.median(values) for name, values in times.items()}
    print(
        f"{len(photos)} photos, {people / max(1, args.rounds * len(photos)):.1f} people each, medians in ms at {args.size} px"
    )
    for name, value in middle.items():
        print(f"  {name:8} {value:8.1f}")
    ratio = statistics.median(w / p for w, p in zip(times["whole"], times["peer"], strict=True))
    print(f"whole / peer: {ratio:.2f} (limit {LIMIT}: {'kept' if ratio <= LIMIT else 'MISSED'})")


if __name__ == "__main__":
    main()
