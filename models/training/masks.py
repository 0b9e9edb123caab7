"""YOLOX-nano with instance masks and a picture-level answer.

Masks are linear combinations of 32 prototypes at a quarter of the input (YOLACT's idea, Bolya et al. 2019): each anchor
adds 32 coefficients to its row. `presence` says per class whether it is anywhere in the picture; `semantic` (any, then
each class, per pixel) only teaches: it is not exported.
"""

import torch
import torch.nn.functional as F
from torch import nn

from network import (
    ConvUnit,
    DepthwiseUnit,
    YoloxNano,
    load_onnx,
    restore_batch_norm,
)

PROTOTYPES = 32


class MaskedYoloxNano(YoloxNano):
    def __init__(self, classes):
        super().__init__(classes)
        self.coefficients = nn.ModuleList([nn.Conv2d(64, PROTOTYPES, 1) for _ in range(3)])
        self.mask_stem = nn.Sequential(ConvUnit(64, 64, 1), DepthwiseUnit(64, 64, 3))
        self.mask_tower = DepthwiseUnit(64, 64, 3)
        self.prototypes = nn.Conv2d(64, PROTOTYPES, 1)
        self.semantic = nn.Conv2d(64, 1 + classes, 1)
        self.presence = nn.Sequential(nn.Dropout(0.2), nn.Linear(2 * 256 + 128, classes))

    def beside_boxes(self, level, box_feature):
        return (self.coefficients[level](box_feature),)

    def forward(self, x):
        """Rows [batch, anchors, 5 + classes + 32], prototypes [batch, 32, h/4, w/4], presence logits [batch, classes],
        semantic logits [batch, 1 + classes, h/4, w/4]."""
        n3, n4, n5 = self.features(x)
        mask = self.mask_tower(F.interpolate(self.mask_stem(n3), scale_factor=2, mode="nearest"))
        pooled = torch.cat((n5.mean((2, 3)), n5.amax((2, 3)), n4.amax((2, 3))), 1)
        return self.predict((n3, n4, n5)), self.prototypes(mask), self.presence(pooled), self.semantic(mask)


def start_from(path, classes, batches):
    """The masked network with the published COCO weights wherever shapes agree, batch norm restored from `batches`.

    Class and objectness predictors begin anew: COCO's objects are not damage.
    """
    published = YoloxNano(80)
    load_onnx(published, path)
    restore_batch_norm(published, batches)
    network = MaskedYoloxNano(classes)
    own = network.state_dict()
    taken = {k: v for k, v in published.state_dict().items() if v.shape == own[k].shape and "object_predictors" not in k}
    network.load_state_dict({**own, **taken})
    for predictors, bias in ((network.object_predictors, -4.6), (network.class_predictors, -2.0)):
        for predictor in predictors:
            nn.init.normal_(predictor.weight, std=0.01)
            nn.init.constant_(predictor.bias, bias)
    return network


# What `start_from` does not find in the published weights.
NEW_PARTS = ("class_predictors", "object_predictors", "coefficients", "mask_", "prototypes", "semantic", "presence")
