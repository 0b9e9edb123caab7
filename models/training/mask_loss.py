"""The YOLOX loss with instance masks, picture-level presence and per-pixel classes beside it."""

import torch
import torch.nn.functional as F

from network import decode_boxes
from loss import anchors_in, assign, generalised_iou

# More positives than this per picture say nothing new about its masks, and cost time.
MASKS_PER_PICTURE = 12


def dice(probability, truth, axes):
    shared = (probability * truth).sum(axes)
    return 1 - (2 * shared + 1) / (probability.sum(axes) + truth.sum(axes) + 1)


def instance_mask_loss(coefficients, prototypes, true_masks, true_boxes, size):
    """Cross-entropy and dice inside each positive's true box. Masks [n, size/4, size/4]."""
    cells = prototypes.shape[-1]
    logits = (coefficients @ prototypes.flatten(1)).view(-1, cells, cells)
    at = torch.arange(cells) + 0.5
    box = true_boxes * (cells / size)
    across = ((at[None] > box[:, 0:1]) & (at[None] < box[:, 2:3])).float()
    down = ((at[None] > box[:, 1:2]) & (at[None] < box[:, 3:4])).float()
    inside = down[:, :, None] * across[:, None]
    entropy = F.binary_cross_entropy_with_logits(logits, true_masks, reduction="none") * inside
    entropy = entropy.sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)
    return entropy + dice(logits.sigmoid() * inside, true_masks * inside, (1, 2))


def semantic_loss(logits, targets):
    """`any` and each class per pixel: cross-entropy over all, dice over the planes that hold something."""
    truth = torch.zeros_like(logits)
    for i, target in enumerate(targets):
        for label, mask in zip(target["classes"].tolist(), target["masks"]):
            truth[i, 1 + label] = torch.maximum(truth[i, 1 + label], mask.float())
    truth[:, 0] = truth[:, 1:].amax(1)
    entropy = F.binary_cross_entropy_with_logits(logits, truth, reduction="none").mean((0, 2, 3))
    present = truth.amax((2, 3)) > 0
    loss = entropy[0] + entropy[1:].sum()
    if present.any():
        loss = loss + dice(logits.sigmoid(), truth, (2, 3))[present].mean()
    return loss


def damage_loss(outputs, targets, size, classes):
    """`targets`: per picture a dict of tensors — classes [n], boxes [n, 4], masks [n, size/4, size/4] uint8, ignored [m, 4],
    presence [classes] with 1, 0 or -1 (unknown). Returns the loss and its parts as floats:
    objectness, box, class, mask, presence, semantic, positives."""
    raw, prototypes, presence, semantic = outputs
    boxes = decode_boxes(raw, size, size)
    objectness, class_logits, coefficients = raw[..., 4], raw[..., 5 : 5 + classes], raw[..., 5 + classes :]
    wanted, weight = torch.zeros_like(objectness), torch.ones_like(objectness)
    box_losses, class_losses, mask_losses, positives = [], [], [], 0
    for i, target in enumerate(targets):
        if len(target["ignored"]):
            weight[i, anchors_in(target["ignored"], size)] = 0
        if len(target["classes"]) == 0:
            continue
        found = assign(boxes[i], raw[i, :, 4:5], class_logits[i], target["boxes"], target["classes"], size)
        if found is None:
            continue
        anchors, truths, iou = found
        positives += len(anchors)
        wanted[i, anchors] = 1
        weight[i, anchors] = 1
        box_losses.append(1 - generalised_iou(boxes[i, anchors], target["boxes"][truths]))
        one_hot = torch.zeros(len(anchors), classes)
        one_hot[torch.arange(len(anchors)), target["classes"][truths]] = iou.clamp(0, 1)
        class_losses.append(F.binary_cross_entropy_with_logits(class_logits[i, anchors], one_hot, reduction="sum"))
        if len(anchors) > MASKS_PER_PICTURE:
            some = torch.randperm(len(anchors))[:MASKS_PER_PICTURE]
            anchors, truths = anchors[some], truths[some]
        mask_losses.append(
            instance_mask_loss(
                coefficients[i, anchors], prototypes[i], target["masks"][truths].float(), target["boxes"][truths], size
            )
        )
    count = max(positives, 1)
    entropy = F.binary_cross_entropy_with_logits(objectness, wanted, reduction="none")
    object_loss = (entropy * weight).sum() / count
    known = torch.stack([t["presence"] for t in targets])
    there = F.binary_cross_entropy_with_logits(presence, known.clamp(min=0), reduction="none")
    presence_loss = (there * (known >= 0)).mean()
    pixel_loss = semantic_loss(semantic, targets)
    zero = raw.sum() * 0
    box_loss = torch.cat(box_losses).sum() / count if box_losses else zero
    class_loss = sum(class_losses) / count if class_losses else zero
    mask_loss = torch.cat(mask_losses).mean() if mask_losses else zero
    total = 5 * box_loss + object_loss + class_loss + mask_loss + 2 * presence_loss + 0.5 * pixel_loss
    parts = (object_loss, box_loss, class_loss, mask_loss, presence_loss, pixel_loss)
    return total, (*(float(p.detach()) for p in parts), positives)
