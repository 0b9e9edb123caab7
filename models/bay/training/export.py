"""Writes the trained weights as one ONNX file in YOLOX's own export layout.

    python export.py --checkpoint RUN/last.pt --out bay.onnx

Input `image`: uint8 [1, 416, 416, 3], BGR as decoded, letterboxed top left with 114.
Output `output`: float [1, 3549, 7] — cx, cy, w, h raw (cx = (d + cell)·stride, w = exp(d)·stride), then objectness and
the two class scores after the sigmoid. Strides 8, 16, 32. NMS is the caller's.
"""

import argparse
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

from network import YoloxNano, fuse_batch_norm
from train import CLASSES

SIZE = 416


class Deployed(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, image):
        raw = self.network(image.permute(0, 3, 1, 2).float())
        return torch.cat((raw[..., :4], raw[..., 4:].sigmoid()), -1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    network = YoloxNano(len(CLASSES))
    network.load_state_dict(torch.load(options.checkpoint, weights_only=True)["weights"])
    network.eval()
    probe = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, SIZE, SIZE, 3), dtype=np.uint8))
    with torch.no_grad():
        before = Deployed(network)(probe)
        deployed = Deployed(fuse_batch_norm(network)).eval()
    torch.onnx.export(
        deployed, (probe,), str(options.out), input_names=["image"], output_names=["output"], opset_version=17, dynamo=False
    )
    onnx.checker.check_model(onnx.load(str(options.out)))
    session = onnxruntime.InferenceSession(str(options.out), providers=["CPUExecutionProvider"])
    after = session.run(None, {"image": probe.numpy()})[0]
    print(f"{options.out}: {options.out.stat().st_size} bytes, largest difference to PyTorch {np.abs(after - before.numpy()).max():.2e}")


if __name__ == "__main__":
    main()
