"""Letterbox, decoding, NMS and average precision, shared by the teacher, the training and the evaluation."""

import contextlib
import io

import cv2
import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from network import decode_boxes

PAD = 114


def letterbox(picture, size):
    """Fits a BGR picture into size × size, top left, padded with 114. Returns the canvas and the scale."""
    height, width = picture.shape[:2]
    scale = min(size / height, size / width)
    target = (max(1, round(width * scale)), max(1, round(height * scale)))
    resized = cv2.resize(picture, target, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    canvas = np.full((size, size, 3), PAD, np.uint8)
    canvas[: target[1], : target[0]] = resized
    return canvas, scale


@torch.no_grad()
def raw_output(network, canvas):
    batch = torch.from_numpy(canvas).permute(2, 0, 1)[None].float()
    return network(batch)[0]


def boxes_and_scores(raw, size, scale):
    """Boxes [anchors, 4] xyxy in the picture's pixels and scores [anchors, classes]."""
    boxes = decode_boxes(raw[None], size, size)[0] / scale
    return boxes.numpy(), (raw[:, 4:5].sigmoid() * raw[:, 5:].sigmoid()).numpy()


def suppress(boxes, scores, threshold, iou, most=100):
    """Class-wise NMS; rows of (x1, y1, x2, y2, score, class), best first."""
    anchors, classes = np.nonzero(scores > threshold)
    if len(anchors) == 0:
        return np.zeros((0, 6), np.float32)
    values = scores[anchors, classes]
    best = np.argsort(-values)[:1000]
    anchors, classes, values = anchors[best], classes[best], values[best]
    chosen = boxes[anchors]
    xywh = np.concatenate((chosen[:, :2], chosen[:, 2:] - chosen[:, :2]), 1)
    kept = cv2.dnn.NMSBoxesBatched(xywh.tolist(), values.tolist(), classes.tolist(), threshold, iou)
    kept = np.array(kept, int).reshape(-1)[:most]
    return np.concatenate((chosen[kept], values[kept, None], classes[kept, None]), 1).astype(np.float32)


def average_precision(truth, results, category_ids):
    """AP50 and AP50:95 per category id, by pycocotools. `truth` is a COCO document, `results` its result rows."""
    figures = {}
    with contextlib.redirect_stdout(io.StringIO()):
        ground = COCO()
        ground.dataset = truth
        ground.createIndex()
        if not results:
            return {category: (0.0, 0.0) for category in category_ids}
        scorer = COCOeval(ground, ground.loadRes(results), "bbox")
        scorer.params.catIds = list(category_ids)
        scorer.evaluate()
        scorer.accumulate()
    precision = scorer.eval["precision"]
    for i, category in enumerate(category_ids):
        at50, overall = precision[0, :, i, 0, 2], precision[:, :, i, 0, 2]
        mean = lambda values: float(values[values > -1].mean()) if (values > -1).any() else float("nan")
        figures[category] = (mean(at50), mean(overall))
    return figures
