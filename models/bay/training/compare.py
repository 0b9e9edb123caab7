"""Model and teacher, frame by frame, on the clips' held-out segments and the other validation photos.

    python compare.py --model ../bay.onnx --teacher yolox_nano.onnx --labels WORK/real/pictures.json [--sheets DIR]

Both look once at 416 px and report at the same score. Printed per part and class: boxes of each, how many agree
(IoU ≥ 0.5), and the frames on which only one of the two sees something. `--sheets` writes pictures of the disagreements.
"""

import argparse
import json
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

from detect import letterbox, suppress
from label import COCO_PERSON, COCO_VEHICLES, iou_with
from network import anchor_grid

SIZE = 416
NAMES = ("person", "vehicle")
COLOURS = ((60, 220, 60), (255, 90, 255))


class Looker:
    """An ONNX file in YOLOX's layout; `rows` lists the score columns of our two classes."""

    def __init__(self, path, rows):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.rows = rows

    def look(self, picture, threshold):
        canvas, scale = letterbox(picture, SIZE)
        entry = self.session.get_inputs()[0]
        image = canvas[None] if entry.type == "tensor(uint8)" else canvas.transpose(2, 0, 1)[None].astype(np.float32)
        output = self.session.run(None, {entry.name: image})[0][0]
        cells, strides = (grid.numpy() for grid in anchor_grid(SIZE, SIZE))
        centre = (output[:, :2] + cells) * strides
        half = np.exp(output[:, 2:4]) * strides / 2
        scores = np.stack([output[:, [5 + row for row in rows]].max(1) for rows in self.rows], 1) * output[:, 4:5]
        return suppress(np.concatenate((centre - half, centre + half), 1) / scale, scores, threshold, 0.45)


def agreeing(ours, theirs):
    """Pairs of boxes of one class that mean the same thing."""
    taken, pairs = set(), 0
    for box in ours:
        overlaps = [(iou_with(box[:4], other[None, :4])[0], i) for i, other in enumerate(theirs) if i not in taken]
        best = max(overlaps, default=(0, -1))
        if best[0] >= 0.5:
            taken.add(best[1])
            pairs += 1
    return pairs


def drawn(picture, found, title):
    picture = picture.copy()
    for x1, y1, x2, y2, score, label in found:
        corner = (int(x1), int(y1))
        cv2.rectangle(picture, corner, (int(x2), int(y2)), COLOURS[int(label)], 2)
        cv2.putText(picture, f"{score:.2f}", (corner[0], corner[1] + 14), 0, 0.5, COLOURS[int(label)], 1)
    cv2.putText(picture, title, (8, 20), 0, 0.6, (0, 255, 255), 2)
    return cv2.resize(picture, (640, round(640 * picture.shape[0] / picture.shape[1])))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--teacher", type=pathlib.Path, required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    parser.add_argument("--threshold", type=float, default=0.4)
    parser.add_argument("--sheets", type=pathlib.Path)
    options = parser.parse_args()
    model = Looker(options.model, [[0], [1]])
    teacher = Looker(options.teacher, [[COCO_PERSON], list(COCO_VEHICLES)])
    entries = [e for e in json.loads(options.labels.read_text()) if e["split"] == "valid"]
    for part in sorted({e["part"] for e in entries}):
        counts, sheet = np.zeros((2, 5), int), []
        chosen = [e for e in entries if e["part"] == part]
        for entry in chosen:
            picture = cv2.imread(entry["file"])
            ours, theirs = model.look(picture, options.threshold), teacher.look(picture, options.threshold)
            differs = False
            for label in range(2):
                a, b = ours[ours[:, 5] == label], theirs[theirs[:, 5] == label]
                pairs = agreeing(a, b)
                counts[label] += (len(a), len(b), pairs, len(a) > 0 and len(b) == 0, len(b) > 0 and len(a) == 0)
                differs = differs or pairs < max(len(a), len(b))
            if differs and len(sheet) < 12:
                sheet.append(np.vstack([drawn(picture, ours, "model"), drawn(picture, theirs, "teacher")]))
        print(f"{part}: {len(chosen)} pictures at score {options.threshold}")
        for label, (ours, theirs, pairs, only_us, only_them) in zip(NAMES, counts.tolist()):
            print(f"  {label:8} model {ours:4} teacher {theirs:4} agree {pairs:4}   frames with only the model's: {only_us}, only the teacher's: {only_them}")
        if options.sheets and sheet:
            options.sheets.mkdir(parents=True, exist_ok=True)
            height = max(s.shape[0] for s in sheet)
            padded = [np.pad(s, ((0, height - s.shape[0]), (0, 0), (0, 0))) for s in sheet]
            padded += [padded[-1] * 0] * (-len(padded) % 4)
            cv2.imwrite(str(options.sheets / f"{part}.jpg"), np.vstack([np.hstack(padded[i : i + 4]) for i in range(0, len(padded), 4)]))


if __name__ == "__main__":
    main()
