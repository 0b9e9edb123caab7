"""The same work as `bench -- vision`, as it is usually done in Python: OpenCV decodes and letterboxes in a thread of its own,
ONNX Runtime looks, NumPy reads the boxes. Needs opencv-python-headless, onnxruntime, numpy.

    python vision.py --model bay.onnx --size 416 --threshold 0.05 --pictures DIR

Then one command a line on standard input, one JSON document a line as answer:
    run N         N pictures, one after the other; {"wallMs", "cpuMs", "rssBytes"}
    detect        each picture once, decoded here; {"detections": [[[class, score, x1, y1, x2, y2] …] …]}
    tensors DIR   the same for raw tensors that were prepared elsewhere (uint8, size * size * 3 bytes, in the order of their names)
"""

import argparse
import json
import pathlib
import queue
import resource
import sys
import threading
import time

import cv2
import numpy as np
import onnxruntime


class Looker:
    def __init__(self, options):
        self.size, self.threshold = options.size, options.threshold
        session = onnxruntime.SessionOptions()
        session.intra_op_num_threads = 1
        session.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(options.model), session, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0].name
        cells, strides = [], []
        for stride in (8, 16, 32):
            y, x = np.mgrid[: self.size // stride, : self.size // stride]
            cells.append(np.stack((x, y), -1).reshape(-1, 2))
            strides.append(np.full((cells[-1].shape[0], 1), stride))
        self.cells = np.concatenate(cells).astype(np.float32)
        self.strides = np.concatenate(strides).astype(np.float32)

    def letterboxed(self, data):
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        height, width = picture.shape[:2]
        ratio = min(self.size / width, self.size / height)
        canvas = np.full((1, self.size, self.size, 3), 114, np.uint8)
        inner = (int(width * ratio), int(height * ratio))
        canvas[0, : inner[1], : inner[0]] = cv2.resize(picture, inner, interpolation=cv2.INTER_LINEAR)
        return canvas

    def detections(self, tensor):
        (output,) = self.session.run(None, {self.input: tensor})
        rows = output[0]
        scores = rows[:, 4:5] * rows[:, 5:]
        anchors, classes = np.nonzero(scores >= self.threshold)
        if len(anchors) == 0:
            return []
        scores = scores[anchors, classes]
        centre = (rows[anchors, :2] + self.cells[anchors]) * self.strides[anchors]
        half = np.exp(rows[anchors, 2:4]) * self.strides[anchors] / 2
        boxes = np.concatenate((centre - half, centre + half), 1)
        found = []
        for label in np.unique(classes):
            of_class = np.flatnonzero(classes == label)
            order = of_class[np.argsort(-scores[of_class], kind="stable")]
            while len(order):
                best, rest = order[0], order[1:]
                found.append([int(label), float(scores[best]), *boxes[best].tolist()])
                low = np.maximum(boxes[best, :2], boxes[rest, :2])
                high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
                shared = np.prod(np.clip(high - low, 0, None), 1)
                area = lambda b: np.prod(b[..., 2:] - b[..., :2], -1)
                order = rest[shared / (area(boxes[best]) + area(boxes[rest]) - shared) <= 0.45]
        return sorted(found, key=lambda one: -one[1])[:100]


def run(looker, pictures, count):
    """Decodes the next picture while the network looks at this one."""
    ready = queue.Queue(maxsize=1)

    def decode():
        for at in range(count):
            ready.put(looker.letterboxed(pictures[at % len(pictures)]))

    began, used = time.perf_counter(), time.process_time()
    thread = threading.Thread(target=decode)
    thread.start()
    for _ in range(count):
        looker.detections(ready.get())
    thread.join()
    return dict(
        wallMs=1000 * (time.perf_counter() - began),
        cpuMs=1000 * (time.process_time() - used),
        rssBytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--threshold", type=float, required=True)
    parser.add_argument("--pictures", type=pathlib.Path, required=True)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    looker = Looker(options)
    pictures = [path.read_bytes() for path in sorted(options.pictures.glob("*.jpg"))]
    print(json.dumps(dict(opencv=cv2.__version__, onnxruntime=onnxruntime.__version__, pictures=len(pictures))), flush=True)
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "run":
            answer = run(looker, pictures, int(rest[0]))
        elif word == "detect":
            answer = dict(detections=[looker.detections(looker.letterboxed(data)) for data in pictures])
        elif word == "tensors":
            paths = sorted(pathlib.Path(rest[0]).glob("*.raw"))
            shape = (1, looker.size, looker.size, 3)
            answer = dict(detections=[looker.detections(np.fromfile(p, np.uint8).reshape(shape)) for p in paths])
        else:
            answer = dict(error=f"unknown: {word}")
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
