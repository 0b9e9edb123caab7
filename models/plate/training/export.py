"""Writes trained weights as plate.onnx.

    python export.py --checkpoint RUN/last.pt --out ../plate.onnx
"""

import argparse
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "training"))

from network import YoloxNano
from onnx_file import write_onnx

SIZE = 640


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--size", type=int, default=SIZE)
    options = parser.parse_args()
    network = YoloxNano(1)
    network.load_state_dict(torch.load(options.checkpoint, weights_only=True)["weights"])
    difference = write_onnx(network, options.size, options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes, largest difference to PyTorch {difference:.2e}")


if __name__ == "__main__":
    main()
