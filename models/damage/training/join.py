"""Joins two exported damage networks into one file: both look, and what they see is listed one after the other.

    python join.py --out ../damage.onnx CLOSE-UPS.onnx WHOLE-CARS.onnx

The files are those of export.py: one input `image`, outputs boxes, scores, coefs and protos. Boxes, scores and coefficients are
appended; a network's coefficients are zero for the other's prototypes, so that each outline is made of its own. The last
network says whether a class is in the picture at all; the others' scores are multiplied by that (its own by the square root).
"""

import argparse
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper


def prefixed(model, prefix):
    """The graph with every name but the input's under a prefix."""
    graph = model.graph
    kept = {"image", ""}
    rename = lambda name: name if name in kept else prefix + name
    for node in graph.node:
        node.name = prefix + node.name
        for names in (node.input, node.output):
            names[:] = [rename(name) for name in names]
    for initializer in graph.initializer:
        initializer.name = rename(initializer.name)
    return graph


def presence_of(graph):
    """The square root of presence [1, 1, classes], with which the last network multiplies its scores: what follows its one square root."""
    (root,) = [node for node in graph.node if node.op_type == "Sqrt"]
    (shaped,) = [node for node in graph.node if root.output[0] in node.input]
    return shaped.output[0]


def join(paths):
    models = [onnx.load(path) for path in paths]
    shapes = [[d.dim_value for d in o.type.tensor_type.shape.dim] for m in models for o in m.graph.output if o.name == "coefs"]
    prototypes = [shape[2] for shape in shapes]
    nodes, initializers = [], []
    for at, model in enumerate(models):
        graph = prefixed(model, f"n{at}.")
        nodes += graph.node
        initializers += graph.initializer
        before, after = sum(prototypes[:at]), sum(prototypes[at + 1 :])
        pads = numpy_helper.from_array(np.array([0, 0, before, 0, 0, after], np.int64), f"n{at}.pads")
        initializers.append(pads)
        nodes.append(helper.make_node("Pad", [f"n{at}.coefs", pads.name], [f"n{at}.wide"], name=f"n{at}.widen"))
    presence = presence_of(models[-1].graph)
    for at in range(len(models) - 1):
        nodes.append(helper.make_node("Mul", [f"n{at}.scores", presence], [f"n{at}.half"], name=f"n{at}.weigh-half"))
        nodes.append(helper.make_node("Mul", [f"n{at}.half", presence], [f"n{at}.weighed"], name=f"n{at}.weigh"))
    nodes.append(helper.make_node("Identity", [f"n{len(models) - 1}.scores"], [f"n{len(models) - 1}.weighed"], name="last"))
    for name, source, axis in (("boxes", "boxes", 1), ("scores", "weighed", 1), ("coefs", "wide", 1), ("protos", "protos", 1)):
        nodes.append(helper.make_node("Concat", [f"n{at}.{source}" for at in range(len(models))], [name], axis=axis, name=name))
    first = models[0].graph
    rows = sum(shape[1] for shape in shapes)
    dims = {o.name: [d.dim_value for d in o.type.tensor_type.shape.dim] for o in first.output}
    wanted = dict(
        boxes=[1, rows, 4],
        scores=[1, rows, dims["scores"][2]],
        coefs=[1, rows, sum(prototypes)],
        protos=[1, sum(prototypes), *dims["protos"][2:]],
    )
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in wanted.items()]
    graph = helper.make_graph(nodes, "damage", list(first.input), outputs, initializers)
    joined = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    joined.ir_version = models[0].ir_version
    onnx.checker.check_model(joined)
    return joined


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("files", type=pathlib.Path, nargs="+")
    options = parser.parse_args()
    onnx.save(join(options.files), str(options.out))
    probe = np.random.default_rng(0).integers(0, 256, (1, 320, 320, 3), dtype=np.uint8)
    run = lambda path: onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"image": probe})
    apart = [run(path) for path in options.files]
    together = run(options.out)
    difference = max(float(np.abs(np.concatenate([a[i] for a in apart], 1) - together[i]).max()) for i in (0, 3))
    print(f"{options.out}: {options.out.stat().st_size} bytes, largest difference to the files {difference:.2e}")


if __name__ == "__main__":
    main()
