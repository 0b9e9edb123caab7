"""Labels faces on real photos with a teacher, to measure the face model on what a gateway meets.

    python label.py --data DATA --teacher yunet_n_640_640.onnx --out FACES

Street photos of plates/, and frames of the clip with people. YuNet (Apache-2.0) looks four times, at one and two times the
picture's size, each also mirrored; a face is believed where two looks agree and the best is sure. FACES receives the
pictures that hold a believed face and `_annotations.coco.json`; doubtful faces are left out of the truth.
"""

import argparse
import json
import pathlib
import shutil

import cv2
import numpy as np
import onnxruntime

SIZE = 640
SURE, SEEN, AGREE_IOU = 0.8, 0.4, 0.45
FRAME_STEP = 8
# All labels were looked at; on these photos the teacher took a lamp, a wheel or a sign for a face.
NOT_FACES = ("train-street_0521", "train-street_0565", "train-street_0576", "valid-street_0131", "valid-street_0137")


class Teacher:
    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def window(self, canvas):
        """Rows (x1, y1, x2, y2, score) in a 640 × 640 BGR canvas."""
        batch = canvas.transpose(2, 0, 1)[None].astype(np.float32)
        outputs = dict(zip((o.name for o in self.session.get_outputs()), self.session.run(None, {self.session.get_inputs()[0].name: batch})))
        rows = []
        for stride in (8, 16, 32):
            cells = SIZE // stride
            y, x = np.mgrid[:cells, :cells]
            grid = np.stack((x, y), -1).reshape(-1, 2)
            score = np.sqrt(np.clip(outputs[f"cls_{stride}"][0, :, 0], 0, 1) * np.clip(outputs[f"obj_{stride}"][0, :, 0], 0, 1))
            box = outputs[f"bbox_{stride}"][0]
            centre = (grid + box[:, :2]) * stride
            half = np.exp(box[:, 2:]) * stride / 2
            rows.append(np.concatenate((centre - half, centre + half, score[:, None]), 1))
        return np.concatenate(rows)

    def look(self, picture, scale, mirrored):
        seen = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        if mirrored:
            seen = np.ascontiguousarray(seen[:, ::-1])
        height, width = seen.shape[:2]
        rows = []
        for top in range(0, max(1, height - 120), SIZE - 120):
            for left in range(0, max(1, width - 120), SIZE - 120):
                canvas = np.zeros((SIZE, SIZE, 3), np.uint8)
                piece = seen[top : top + SIZE, left : left + SIZE]
                canvas[: piece.shape[0], : piece.shape[1]] = piece
                found = self.window(canvas)
                found = found[found[:, 4] >= SEEN]
                found[:, [0, 2]] += left
                found[:, [1, 3]] += top
                rows.append(found)
        rows = np.concatenate(rows)
        if mirrored:
            rows[:, [0, 2]] = width - rows[:, [2, 0]]
        rows[:, :4] /= scale
        return suppress(rows)

    def faces(self, picture):
        looks = [self.look(picture, s, m) for s in (1, 2) for m in (False, True)]
        rows = np.concatenate([np.concatenate((look, np.full((len(look), 1), i)), 1) for i, look in enumerate(looks)])
        rows = rows[np.argsort(-rows[:, 4])]
        believed = []
        while len(rows):
            same = iou(rows[0, :4], rows[:, :4]) > AGREE_IOU
            if rows[0, 4] >= SURE and len(set(rows[same, 5])) >= 2:
                believed.append([*rows[same, :4].mean(0), rows[0, 4]])
            rows = rows[~same]
        return np.array(believed).reshape(-1, 5)


def iou(box, boxes):
    low, high = np.maximum(box[:2], boxes[:, :2]), np.minimum(box[2:], boxes[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    return shared / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(1) - shared + 1e-9)


def suppress(rows):
    rows = rows[np.argsort(-rows[:, 4])]
    kept = []
    while len(rows):
        kept.append(rows[0])
        rows = rows[1:][iou(rows[0, :4], rows[1:, :4]) < 0.3]
    return np.array(kept).reshape(-1, 5)


def pictures(data):
    for split in ("train", "valid"):
        for file in sorted((data / "plates" / split).glob("street_*.jpg")):
            yield f"{split}-{file.name}", cv2.imread(str(file)), file
    clip = cv2.VideoCapture(str(data / "video" / "one-by-one-person-detection.mp4"))
    index = 0
    while True:
        good, frame = clip.read()
        if not good:
            return
        if index % FRAME_STEP == 0:
            yield f"people-{index:04}.png", frame, None
        index += 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--teacher", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    teacher = Teacher(options.teacher)
    images, annotations, looked = [], [], 0
    for name, picture, file in pictures(options.data):
        looked += 1
        faces = teacher.faces(picture)
        if not len(faces) or name.startswith(NOT_FACES):
            continue
        if file:
            shutil.copyfile(file, options.out / name)
        else:
            cv2.imwrite(str(options.out / name), picture)
        images.append(dict(id=len(images) + 1, file_name=name, height=picture.shape[0], width=picture.shape[1]))
        for x1, y1, x2, y2, score in faces.tolist():
            box = [x1, y1, x2 - x1, y2 - y1]
            annotations.append(dict(id=len(annotations) + 1, image_id=len(images), category_id=1, bbox=box, score=score))
    document = dict(categories=[dict(id=1, name="face")], images=images, annotations=annotations)
    (options.out / "_annotations.coco.json").write_text(json.dumps(document))
    print(f"{looked} pictures looked at, {len(annotations)} faces on {len(images)} of them")


if __name__ == "__main__":
    main()
