"""Writes a trained network as one ONNX file with everything but NMS in its graph."""

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from network import decode_boxes, fuse_batch_norm


class Decoded(nn.Module):
    """Input uint8 [1, size, size, 3], BGR as decoded. Output boxes [1, N, 4] as corners in input pixels, scores [1, N, C];
    of a network with masks also coefs [1, N, 32] and protos [1, 32, size/4, size/4]; there a class's scores are multiplied by
    the square root of the probability that the picture shows the class at all."""

    def __init__(self, network, size):
        super().__init__()
        self.network, self.size = network, size

    def forward(self, image):
        outputs = self.network(image.permute(0, 3, 1, 2).float())
        raw = outputs[0] if isinstance(outputs, tuple) else outputs
        classes = self.network.classes
        boxes = decode_boxes(raw, self.size, self.size)
        scores = raw[..., 4:5].sigmoid() * raw[..., 5 : 5 + classes].sigmoid()
        if isinstance(outputs, tuple):
            scores = scores * outputs[2].sigmoid().sqrt()[:, None]
            return boxes, scores, raw[..., 5 + classes :], outputs[1]
        return boxes, scores


def write_onnx(network, size, path):
    """Folds the norms, exports, and compares the file's answers with the network's. Returns the largest difference."""
    network.eval()
    probe = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, size, size, 3), dtype=np.uint8))
    with torch.no_grad():
        before = Decoded(network, size)(probe)
        deployed = Decoded(fuse_batch_norm(network), size).eval()
    names = ["boxes", "scores", "coefs", "protos"][: len(before)]
    torch.onnx.export(deployed, (probe,), str(path), input_names=["image"], output_names=names, opset_version=17, dynamo=False)
    onnx.checker.check_model(onnx.load(str(path)))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    after = session.run(None, {"image": probe.numpy()})
    return max(float(np.abs(a - b.numpy()).max()) for a, b in zip(after, before))
