"""Trains the plate network: YOLOX-nano with one class, from its COCO weights, on two processor cores.

    python train.py --data DATA --init yolox_nano.onnx --out RUN --minutes 25 --rate 1.5e-3

DATA holds plates/train and plates/valid (only looked at). The network learns on small samples, cut so that plates have
the size that the shipped input and its tiles show.
"""

import argparse
import pathlib
import sys

import cv2
import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

import loop
from detect import boxes_and_scores, letterbox, raw_output, suppress
from loss import detection_loss, pairwise_iou
from network import YoloxNano, load_onnx, restore_batch_norm
from pictures import draw, plate_photos

SHIPPED_SIZE = 640
COCO_CAR = 2


class PlateTask(loop.Task):
    new_parts = ("class_predictors", "object_predictors")

    def __init__(self, options):
        self.options = options
        self.photos = plate_photos(options.data / "plates" / "train")
        self.validation = plate_photos(options.data / "plates" / "valid")

    def start(self):
        rng = np.random.default_rng(self.options.seed)
        network = YoloxNano(1)
        load_onnx(network, self.options.init, class_rows=[[COCO_CAR]])
        batch = np.stack([draw(rng, self.photos[i], 288)[0] for i in rng.integers(0, len(self.photos), 64)])
        restore_batch_norm(network, [torch.tensor(batch.transpose(0, 3, 1, 2), dtype=torch.float32)])
        for predictors, bias in ((network.object_predictors, -4.6), (network.class_predictors, 0.0)):
            for predictor in predictors:
                torch.nn.init.normal_(predictor.weight, std=0.01)
                torch.nn.init.constant_(predictor.bias, bias)
        return network

    def epoch(self, rng):
        # Street photos stand for more kinds of plates than the dashcam's.
        return np.repeat(np.arange(len(self.photos)), [2 if "street" in p.file.name else 1 for p in self.photos])

    def input_size(self, rng, done):
        return int(rng.choice([192, 224, 256] if done < 0.7 else [256, 288]))

    def sample(self, rng, index, size, done):
        return draw(rng, self.photos[index], size)

    def loss(self, outputs, targets, size):
        return detection_loss(outputs, [(t["classes"], t["boxes"], t["ignored"]) for t in targets], size, 1)

    @torch.no_grad()
    def evaluate(self, network, rank):
        """Per plate of every second validation photo, the best score of a box that overlaps it by half; and the false ones."""
        hits, false = [], []
        for photo in self.validation[rank :: loop.PROCESSES]:
            canvas, scale = letterbox(photo.image, SHIPPED_SIZE)
            boxes, scores = boxes_and_scores(raw_output(network, canvas), SHIPPED_SIZE, scale)
            found = torch.from_numpy(suppress(boxes, scores, 0.01, 0.45))
            overlap = pairwise_iou(found[:, :4], torch.from_numpy(photo.boxes))
            for plate in range(len(photo.boxes)):
                right = overlap[:, plate] >= 0.5
                hits.append(float(found[right, 4].max()) if right.any() else 0.0)
            false.extend(found[~(overlap >= 0.5).any(1), 4].tolist())
        return hits, false

    def report(self, shares):
        hits = np.array(sum((h for h, _ in shares), []))
        false = np.array(sum((f for _, f in shares), []))
        rows = (f"≥ {t}: recall {100 * (hits >= t).mean():.1f} false {int((false >= t).sum())}" for t in (0.05, 0.1, 0.2, 0.4))
        return f"{len(hits)} plates, whole photos at {SHIPPED_SIZE}; " + "; ".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    loop.add_options(parser)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Before the first picture is decoded: a forked process would wait for ever for OpenCV's threads, which it has not got.
    cv2.setNumThreads(1)
    loop.run(PlateTask(options), options)


if __name__ == "__main__":
    main()
