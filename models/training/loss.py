"""SimOTA assignment and the YOLOX loss, with regions that must not teach anything."""

import torch
import torch.nn.functional as F

from network import anchor_grid, decode_boxes


def pairwise_iou(a, b):
    low = torch.max(a[:, None, :2], b[None, :, :2])
    high = torch.min(a[:, None, 2:], b[None, :, 2:])
    overlap = (high - low).clamp(min=0).prod(2)
    area_a = (a[:, 2:] - a[:, :2]).prod(1)[:, None]
    area_b = (b[:, 2:] - b[:, :2]).prod(1)[None]
    return overlap / (area_a + area_b - overlap + 1e-7)


def generalised_iou(a, b):
    low = torch.max(a[:, :2], b[:, :2])
    high = torch.min(a[:, 2:], b[:, 2:])
    overlap = (high - low).clamp(min=0).prod(1)
    union = (a[:, 2:] - a[:, :2]).prod(1) + (b[:, 2:] - b[:, :2]).prod(1) - overlap + 1e-7
    hull = (torch.max(a[:, 2:], b[:, 2:]) - torch.min(a[:, :2], b[:, :2])).prod(1) + 1e-7
    return overlap / union - (hull - union) / hull


@torch.no_grad()
def assign(boxes, objectness, class_logits, true_boxes, true_classes, size):
    """SimOTA: which anchors answer for which true box. Returns (anchors, truths, ious) or None."""
    cells, strides = anchor_grid(size, size)
    centres = (cells + 0.5) * strides
    inside_box = ((centres[None] > true_boxes[:, None, :2]) & (centres[None] < true_boxes[:, None, 2:])).all(2)
    true_centres = (true_boxes[:, :2] + true_boxes[:, 2:]) / 2
    near_centre = ((centres[None] - true_centres[:, None]).abs() < 2.5 * strides[None]).all(2)
    candidates = (inside_box | near_centre).any(0).nonzero()[:, 0]
    if len(candidates) == 0:
        return None
    both = (inside_box & near_centre)[:, candidates]
    iou = pairwise_iou(true_boxes, boxes[candidates])
    score = (class_logits[candidates].sigmoid() * objectness[candidates].sigmoid()).sqrt().clamp(1e-6, 1 - 1e-6)
    # Binary cross-entropy against the one-hot class, for all classes at once.
    all_negative = -(1 - score).log()
    class_cost = all_negative.sum(1)[None] - all_negative[:, true_classes].t() - score[:, true_classes].t().log()
    cost = class_cost + 3 * -(iou + 1e-8).log() + 1e5 * (~both)
    matched = torch.zeros_like(cost)
    wanted = iou.topk(min(10, len(candidates)), 1)[0].sum(1).int().clamp(min=1)
    for truth in range(len(true_boxes)):
        matched[truth, cost[truth].topk(int(wanted[truth]), largest=False)[1]] = 1
    contested = matched.sum(0) > 1
    if contested.any():
        cheapest = cost[:, contested].argmin(0)
        matched[:, contested] = 0
        matched[cheapest, contested.nonzero()[:, 0]] = 1
    chosen = matched.sum(0) > 0
    truths = matched[:, chosen].argmax(0)
    return candidates[chosen], truths, iou[truths, chosen.nonzero()[:, 0]]


def anchors_in(regions, size):
    """Anchors whose centre lies in one of the regions (xyxy)."""
    cells, strides = anchor_grid(size, size)
    centres = (cells + 0.5) * strides
    return ((centres[None] > regions[:, None, :2]) & (centres[None] < regions[:, None, 2:])).all(2).any(0)


def detection_loss(raw, targets, size, classes):
    """`targets`: per image (classes [n], boxes [n,4], ignored regions [m,4]) in input pixels.

    Objectness inside ignored regions is not punished, except at anchors that answer for a true box.
    Returns the loss and its parts (objectness, box, class, positives) as floats.
    """
    boxes = decode_boxes(raw, size, size)
    objectness, class_logits = raw[..., 4], raw[..., 5:]
    wanted_objectness = torch.zeros_like(objectness)
    weight = torch.ones_like(objectness)
    box_losses, class_losses, positives = [], [], 0
    for i, (true_classes, true_boxes, ignored) in enumerate(targets):
        if len(ignored):
            weight[i, anchors_in(ignored, size)] = 0
        if len(true_classes) == 0:
            continue
        found = assign(boxes[i], raw[i, :, 4:5], class_logits[i], true_boxes, true_classes, size)
        if found is None:
            continue
        anchors, truths, iou = found
        positives += len(anchors)
        wanted_objectness[i, anchors] = 1
        weight[i, anchors] = 1
        box_losses.append(1 - generalised_iou(boxes[i, anchors], true_boxes[truths]))
        wanted_class = torch.zeros(len(anchors), classes)
        wanted_class[torch.arange(len(anchors)), true_classes[truths]] = iou.clamp(0, 1)
        class_losses.append(
            F.binary_cross_entropy_with_logits(class_logits[i, anchors], wanted_class, reduction="sum")
        )
    count = max(positives, 1)
    object_loss = (
        F.binary_cross_entropy_with_logits(objectness, wanted_objectness, reduction="none") * weight
    ).sum() / count
    if positives == 0:
        return object_loss + raw.sum() * 0, (float(object_loss.detach()), 0.0, 0.0, 0)
    box_loss = torch.cat(box_losses).sum() / count
    class_loss = sum(class_losses) / count
    parts = tuple(float(p.detach()) for p in (object_loss, box_loss, class_loss))
    return 5 * box_loss + object_loss + class_loss, (*parts, positives)
