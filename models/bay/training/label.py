"""Collects the real pictures and labels what nobody labelled, with the COCO network as teacher.

    python label.py --data DATA --teacher yolox_nano.onnx --out WORK

DATA holds plates/ (ride_*, street_*), damage/ and video/. WORK receives the clips' frames as pictures and
`pictures.json`: one entry per picture with file, part, split, boxes [class, x1, y1, x2, y2] and ignored regions.
Classes: 0 person, 1 vehicle.
"""

import argparse
import json
import pathlib
import random
import sys

import cv2
import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

from detect import boxes_and_scores, letterbox, raw_output, suppress
from network import YoloxNano, load_onnx

COCO_PERSON = 0
COCO_CAR = 2
# car, motorcycle, bus, truck
COCO_VEHICLES = (COCO_CAR, 3, 5, 7)

# The teacher is believed where two of its four looks agree and the best is this sure …
SURE = 0.5
SURE_VOTES = 2
# … and what it sees at least this well, but not surely, teaches nothing either way.
UNCERTAIN = 0.2

DAMAGE_PICTURES = 320
SEED = 20261121

# Clip: frames for training (first, last, step) and, after a pause, for validation.
CLIPS = {
    "car-detection": ((0, 255, 2), (285, 376, 2)),
    "one-by-one-person-detection": ((0, 940, 6), (1000, 1393, 6)),
}


class Teacher:
    def __init__(self, path):
        self.network = YoloxNano(80)
        load_onnx(self.network, path)
        self.network.eval()

    def looks(self, picture):
        """Four looks: two sizes, each also mirrored. Yields rows (x1, y1, x2, y2, score, class of ours)."""
        width = picture.shape[1]
        for size in (416, 640):
            for mirrored in (False, True):
                seen = picture[:, ::-1] if mirrored else picture
                canvas, scale = letterbox(np.ascontiguousarray(seen), size)
                boxes, scores = boxes_and_scores(raw_output(self.network, canvas), size, scale)
                ours = np.stack((scores[:, COCO_PERSON], scores[:, COCO_VEHICLES].max(1)), 1)
                found = suppress(boxes, ours, 0.1, 0.6)
                if mirrored:
                    found[:, [0, 2]] = width - found[:, [2, 0]]
                yield found

    def label(self, picture):
        """Merged opinion: rows (class, x1, y1, x2, y2) that are sure, and regions that are not."""
        height, width = picture.shape[:2]
        rows = np.concatenate([np.concatenate((f, np.full((len(f), 1), i)), 1) for i, f in enumerate(self.looks(picture))])
        rows = rows[np.argsort(-rows[:, 4])]
        sure, unsure = [], []
        while len(rows):
            same = (iou_with(rows[0, :4], rows[:, :4]) > 0.55) & (rows[:, 5] == rows[0, 5])
            group, rows = rows[same], rows[~same]
            best, votes = group[:, 4].max(), len(set(group[:, 6]))
            box = np.average(group[:, :4], axis=0, weights=group[:, 4])
            box = np.clip(box, 0, (width, height, width, height)).round(1).tolist()
            if best >= SURE and votes >= SURE_VOTES:
                sure.append([int(group[0, 5]), *box])
            elif best >= UNCERTAIN:
                unsure.append(box)
        return sure, unsure


def iou_with(box, boxes):
    low = np.maximum(box[:2], boxes[:, :2])
    high = np.minimum(box[2:], boxes[:, 2:])
    overlap = np.prod(np.clip(high - low, 0, None), axis=1)
    area = np.prod(box[2:] - box[:2])
    return overlap / (area + np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) - overlap + 1e-9)


def street_and_ride(data, teacher):
    for split in ("train", "valid"):
        folder = data / "plates" / split
        document = json.loads((folder / "_annotations.coco.json").read_text())
        vehicle_id = next(c["id"] for c in document["categories"] if c["name"] == "vehicle")
        true_boxes = {}
        for annotation in document["annotations"]:
            if annotation["category_id"] == vehicle_id:
                x, y, w, h = annotation["bbox"]
                true_boxes.setdefault(annotation["image_id"], []).append([1, x, y, x + w, y + h])
        for image in document["images"]:
            file = folder / image["file_name"]
            sure, unsure = teacher.label(cv2.imread(str(file)))
            part = "street" if image["file_name"].startswith("street_") else "ride"
            boxes = sure
            if part == "street":
                # Vehicles come from people's hands; what only the teacher sees is left open.
                boxes = true_boxes.get(image["id"], [])
                known = np.array([b[1:] for b in boxes], float).reshape(-1, 4)
                for row in sure:
                    if row[0] == 0:
                        boxes = [*boxes, row]
                    elif len(known) == 0 or iou_with(np.array(row[1:]), known).max() < 0.4:
                        unsure.append(row[1:])
            yield dict(file=str(file), part=part, split=split, boxes=boxes, ignored=unsure)


def damage(data, teacher):
    """A few close-ups and whole cars, only those where the teacher is sure of a vehicle."""
    files = sorted((data / "damage" / "train").glob("*.jpg"))
    random.Random(SEED).shuffle(files)
    taken = 0
    for file in files:
        sure, unsure = teacher.label(cv2.imread(str(file)))
        if any(row[0] == 1 for row in sure):
            taken += 1
            yield dict(file=str(file), part="damage", split="train", boxes=sure, ignored=unsure)
        if taken == DAMAGE_PICTURES:
            return


def frames_of(file):
    video = cv2.VideoCapture(str(file))
    while True:
        read, picture = video.read()
        if not read:
            return
        yield picture


class StillCamera:
    """Boxes of what drives over an empty car park, for a camera that does not move.

    The teacher hardly knows cars from straight above, but here everything that is not the empty ground is a car, and
    every car is lighter than the asphalt in at least one colour; its shadow is not.
    """

    LIGHTER_BY = 26
    SMALLEST_PX = 2500
    # Parked cars reach into the picture's top edge.
    EDGE_PX = 14

    def __init__(self, frames):
        self.ground = np.median(np.stack(frames[::8]), axis=0).astype(np.float32)

    def label(self, picture):
        # The camera's exposure follows what drives in: most of the picture is ground, so the median ratio is the gain.
        seen = picture.astype(np.float32)
        gain = np.median(seen / np.maximum(self.ground, 8))
        lighter = ((seen - self.ground * gain).max(2) > self.LIGHTER_BY).astype(np.uint8)
        lighter = cv2.morphologyEx(lighter, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        whole = cv2.morphologyEx(lighter, cv2.MORPH_CLOSE, np.ones((31, 31), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(whole)
        boxes, unsure = [], [[0.0, 0.0, float(picture.shape[1]), float(self.EDGE_PX)]]
        for x, y, w, h, area in stats[1:count].tolist():
            box = [float(x), float(y), float(x + w), float(y + h)]
            if area >= self.SMALLEST_PX:
                boxes.append([1, *box])
            elif area >= 120:
                unsure.append(box)
        return boxes, unsure


def clips(data, teacher, work):
    for name, (training, validation) in CLIPS.items():
        frames = list(frames_of(data / "video" / f"{name}.mp4"))
        labeller = StillCamera(frames) if name == "car-detection" else teacher
        wanted = {i: "train" for i in range(training[0], training[1] + 1, training[2])}
        wanted.update({i: "valid" for i in range(validation[0], validation[1] + 1, validation[2])})
        for index, split in wanted.items():
            file = work / f"{name}-{index:05d}.png"
            cv2.imwrite(str(file), frames[index])
            boxes, unsure = labeller.label(frames[index])
            yield dict(file=str(file), part=name, split=split, boxes=boxes, ignored=unsure)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--teacher", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    teacher = Teacher(options.teacher)
    pictures = []
    for source in (
        clips(options.data, teacher, options.out),
        street_and_ride(options.data, teacher),
        damage(options.data, teacher),
    ):
        pictures.extend(source)
    (options.out / "pictures.json").write_text(json.dumps(pictures))
    for part in sorted({p["part"] for p in pictures}):
        for split in ("train", "valid"):
            chosen = [p for p in pictures if p["part"] == part and p["split"] == split]
            people = sum(b[0] == 0 for p in chosen for b in p["boxes"])
            vehicles = sum(b[0] == 1 for p in chosen for b in p["boxes"])
            ignored = sum(len(p["ignored"]) for p in chosen)
            print(f"{part:30} {split:6} {len(chosen):5} pictures {people:5} people {vehicles:5} vehicles {ignored:5} ignored")


if __name__ == "__main__":
    main()
