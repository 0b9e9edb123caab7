"""Trains the damage network: boxes, masks and presence of eight kinds of vehicle damage, on two processor cores.

    python train.py --data DATA --init yolox_nano.onnx --out RUN --minutes 100

DATA holds damage/train, damage/valid and plates/train (whole cars to paste small damage on). Without `--with-valid` the
valid photos are only looked at; with it they are trained on, and the figures of the run say nothing.
"""

import argparse
import pathlib
import sys

import cv2
import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

import loop
from detect import average_precision, boxes_and_scores, raw_output, suppress
from mask_loss import damage_loss
from masks import NEW_PARTS, start_from
from pictures import CLASSES, Sampler, bounds, car_photos, damage_photos, repeat_factors

SHIPPED_SIZE = 320


class DamageTask(loop.Task):
    new_parts = NEW_PARTS

    def __init__(self, options):
        data, self.options = options.data, options
        self.photos = damage_photos(data / "damage" / "train")
        self.validation = damage_photos(data / "damage" / "valid")
        if options.with_valid:
            self.photos = self.photos + self.validation
        self.sampler = Sampler(self.photos, car_photos(data / "plates" / "train"))
        self.repeats = repeat_factors(self.photos)

    def start(self):
        rng = np.random.default_rng(self.options.seed)
        batches = []
        for _ in range(3):
            drawn = [self.sampler.draw(rng, int(i), 320, 0, self.options.cars)[0] for i in rng.integers(0, len(self.photos), 32)]
            batches.append(torch.tensor(np.stack(drawn).transpose(0, 3, 1, 2), dtype=torch.float32))
        return start_from(self.options.init, len(CLASSES), batches)

    def epoch(self, rng):
        times = np.floor(self.repeats + rng.random(len(self.repeats))).astype(int)
        return np.repeat(np.arange(len(self.photos)), times)

    def input_size(self, rng, done):
        return int(rng.choice([224, 256, 288] if done < 0.5 else [256, 288, 320] if done < 0.85 else [288, 320]))

    def sample(self, rng, index, size, done):
        mosaic = 0.55 if done < 0.6 else 0.35 if done < 0.9 else 0.0
        return self.sampler.draw(rng, index, size, mosaic, self.options.cars)

    def loss(self, outputs, targets, size):
        return damage_loss(outputs, targets, size, len(CLASSES))

    @torch.no_grad()
    def evaluate(self, network, rank):
        """Result rows and presence probabilities of every second validation photo, stretched to the shipped size."""
        rows, presence = [], []
        for index in range(rank, len(self.validation), loop.PROCESSES):
            photo = self.validation[index]
            canvas = cv2.resize(photo.image, (SHIPPED_SIZE, SHIPPED_SIZE), interpolation=cv2.INTER_AREA)
            batch = torch.from_numpy(canvas).permute(2, 0, 1)[None].float()
            raw, _, there, _ = network(batch)
            scale = SHIPPED_SIZE / photo.image.shape[1]
            boxes, scores = boxes_and_scores(raw[0, :, : 5 + len(CLASSES)], SHIPPED_SIZE, scale)
            presence.append((index, there[0].sigmoid().tolist()))
            for x1, y1, x2, y2, score, label in suppress(boxes, scores, 0.005, 0.6).tolist():
                rows.append(dict(image_id=index, category_id=int(label), bbox=[x1, y1, x2 - x1, y2 - y1], score=score))
        return rows, presence

    def report(self, shares):
        rows = [row for share in shares for row in share[0]]
        presence = dict(entry for share in shares for entry in share[1])
        fused = [{**r, "score": r["score"] * presence[r["image_id"]][r["category_id"]] ** 0.5} for r in rows]
        plain, with_presence = (average_precision(self.truth(), r, range(len(CLASSES))) for r in (rows, fused))
        mean = lambda figures: 100 * np.mean([f[0] for f in figures.values()])
        text = " ".join(f"{CLASSES[c]} {100 * f[0]:.1f}" for c, f in with_presence.items())
        return (
            f"AP50 {mean(plain):.2f}, with presence {mean(with_presence):.2f} "
            f"(AP {100 * np.mean([f[1] for f in with_presence.values()]):.2f}), "
            f"presence AP by head {self.presence_ap(presence):.3f}, by boxes {self.presence_ap(best_scores(rows)):.3f}, "
            f"both {self.presence_ap(best_scores(fused)):.3f} | {text}"
        )

    def truth(self):
        images = [dict(id=i) for i in range(len(self.validation))]
        annotations = []
        for index, photo in enumerate(self.validation):
            for label, polygons in photo.damage:
                (x, y), (right, bottom) = (b.tolist() for b in bounds(polygons))
                box = [x, y, right - x, bottom - y]
                annotations.append(
                    dict(id=len(annotations) + 1, image_id=index, category_id=label, bbox=box, area=box[2] * box[3], iscrowd=0)
                )
        return dict(images=images, annotations=annotations, categories=[dict(id=i, name=n) for i, n in enumerate(CLASSES)])

    def presence_ap(self, scores):
        """Mean over classes of the average precision of "this photo shows it"."""
        figures = []
        for label in range(len(CLASSES)):
            truth = np.array([any(l == label for l, _ in p.damage) for p in self.validation])
            order = np.argsort(-np.array([scores.get(i, [0.0] * len(CLASSES))[label] for i in range(len(truth))]))
            hits = truth[order]
            figures.append((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())
        return float(np.mean(figures))


def best_scores(rows):
    best = {}
    for row in rows:
        scores = best.setdefault(row["image_id"], [0.0] * len(CLASSES))
        scores[row["category_id"]] = max(scores[row["category_id"]], row["score"])
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--init", type=pathlib.Path, required=True, help="YOLOX-nano's COCO weights")
    parser.add_argument("--with-valid", action="store_true")
    parser.add_argument("--cars", type=float, default=0.2, help="share of whole cars with damage pasted on")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    loop.add_options(parser)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    # Before the first picture is decoded: a forked process would wait for ever for OpenCV's threads, which it has not got.
    cv2.setNumThreads(1)
    task = DamageTask(options)
    print(f"{len(task.photos)} photos, {task.repeats.sum():.0f} samples per epoch", flush=True)
    loop.run(task, options)


if __name__ == "__main__":
    main()
