"""YOLOX-nano in plain PyTorch, and how the published ONNX weights are put back into it.

Architecture: YOLOX (Ge et al. 2021, Apache-2.0), depth 0.33, width 0.25, depthwise convolutions.
The network's output is raw: [batch, anchors, 4 box + 1 objectness + classes], strides 8, 16, 32.
"""

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper
from torch import nn


class ConvUnit(nn.Module):
    """Convolution, batch norm, SiLU."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03)

    def forward(self, x):
        return F.silu(self.bn(self.conv(x)))


class DepthwiseUnit(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1):
        super().__init__()
        self.depthwise = ConvUnit(inputs, inputs, kernel, stride, inputs)
        self.pointwise = ConvUnit(inputs, outputs, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


class Bottleneck(nn.Module):
    def __init__(self, channels, shortcut):
        super().__init__()
        self.reduce = ConvUnit(channels, channels, 1)
        self.mix = DepthwiseUnit(channels, channels, 3)
        self.shortcut = shortcut

    def forward(self, x):
        y = self.mix(self.reduce(x))
        return y + x if self.shortcut else y


class CspStage(nn.Module):
    def __init__(self, inputs, outputs, depth, shortcut=True):
        super().__init__()
        hidden = outputs // 2
        self.main = ConvUnit(inputs, hidden, 1)
        self.side = ConvUnit(inputs, hidden, 1)
        self.blocks = nn.Sequential(*[Bottleneck(hidden, shortcut) for _ in range(depth)])
        self.join = ConvUnit(2 * hidden, outputs, 1)

    def forward(self, x):
        # The order of the calls is the order of the convolutions in the ONNX file; `load_onnx` relies on it.
        main = self.main(x)
        side = self.side(x)
        return self.join(torch.cat((self.blocks(main), side), 1))


class SpatialPyramid(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        hidden = inputs // 2
        self.reduce = ConvUnit(inputs, hidden, 1)
        self.join = ConvUnit(hidden * 4, outputs, 1)

    def forward(self, x):
        x = self.reduce(x)
        # Three 5×5 poolings in a row see 5, 9 and 13 pixels.
        five = F.max_pool2d(x, 5, 1, 2)
        nine = F.max_pool2d(five, 5, 1, 2)
        thirteen = F.max_pool2d(nine, 5, 1, 2)
        return self.join(torch.cat((x, five, nine, thirteen), 1))


class YoloxNano(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.classes = classes
        self.stem = ConvUnit(12, 16, 3)
        self.dark2 = nn.Sequential(DepthwiseUnit(16, 32, 3, 2), CspStage(32, 32, 1))
        self.dark3 = nn.Sequential(DepthwiseUnit(32, 64, 3, 2), CspStage(64, 64, 3))
        self.dark4 = nn.Sequential(DepthwiseUnit(64, 128, 3, 2), CspStage(128, 128, 3))
        self.dark5 = nn.Sequential(
            DepthwiseUnit(128, 256, 3, 2), SpatialPyramid(256, 256), CspStage(256, 256, 1, False)
        )
        self.lateral = ConvUnit(256, 128, 1)
        self.top_down4 = CspStage(256, 128, 1, False)
        self.reduce3 = ConvUnit(128, 64, 1)
        self.top_down3 = CspStage(128, 64, 1, False)
        self.down3 = DepthwiseUnit(64, 64, 3, 2)
        self.bottom_up4 = CspStage(128, 128, 1, False)
        self.down4 = DepthwiseUnit(128, 128, 3, 2)
        self.bottom_up5 = CspStage(256, 256, 1, False)
        tower = lambda: nn.Sequential(DepthwiseUnit(64, 64, 3), DepthwiseUnit(64, 64, 3))
        self.head_stems = nn.ModuleList([ConvUnit(c, 64, 1) for c in (64, 128, 256)])
        self.class_towers = nn.ModuleList([tower() for _ in range(3)])
        self.box_towers = nn.ModuleList([tower() for _ in range(3)])
        self.class_predictors = nn.ModuleList([nn.Conv2d(64, classes, 1) for _ in range(3)])
        self.box_predictors = nn.ModuleList([nn.Conv2d(64, 4, 1) for _ in range(3)])
        self.object_predictors = nn.ModuleList([nn.Conv2d(64, 1, 1) for _ in range(3)])

    def forward(self, x):
        return self.predict(self.features(x))

    def features(self, x):
        """The neck's feature maps at strides 8, 16 and 32."""
        # Focus: every second pixel into its own channel.
        x = torch.cat((x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]), 1)
        p3 = self.dark3(self.dark2(self.stem(x)))
        p4 = self.dark4(p3)
        p5 = self.dark5(p4)
        up = lambda t: F.interpolate(t, scale_factor=2, mode="nearest")
        lateral = self.lateral(p5)
        f4 = self.reduce3(self.top_down4(torch.cat((up(lateral), p4), 1)))
        n3 = self.top_down3(torch.cat((up(f4), p3), 1))
        n4 = self.bottom_up4(torch.cat((self.down3(n3), f4), 1))
        n5 = self.bottom_up5(torch.cat((self.down4(n4), lateral), 1))
        return n3, n4, n5

    def predict(self, features):
        outputs = []
        for i, feature in enumerate(features):
            stem = self.head_stems[i](feature)
            class_logits = self.class_predictors[i](self.class_towers[i](stem))
            box_feature = self.box_towers[i](stem)
            box = self.box_predictors[i](box_feature)
            objectness = self.object_predictors[i](box_feature)
            outputs.append(torch.cat((box, objectness, class_logits, *self.beside_boxes(i, box_feature)), 1).flatten(2))
        return torch.cat(outputs, 2).transpose(1, 2)

    def beside_boxes(self, _level, _box_feature):
        """What a network with more to say adds to each anchor's row, after the classes."""
        return ()


def folded_convolutions(path):
    """(weight, bias) of each convolution in an ONNX file, in the order of the graph."""
    graph = onnx.load(path).graph
    weights = {tensor.name: torch.tensor(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
    return [(weights[n.input[1]], weights[n.input[2]]) for n in graph.node if n.op_type == "Conv"]


def executed_convolutions(network):
    """The network's convolutions in the order in which a picture meets them."""
    executed = []
    hooks = [
        module.register_forward_hook(lambda m, *_: executed.append(m))
        for module in network.modules()
        if isinstance(module, nn.Conv2d)
    ]
    network.eval()
    with torch.no_grad():
        network(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return executed


def load_onnx(network, path, class_rows=None):
    """Copies the published weights into `network`, convolution by convolution in execution order.

    The file has batch norm folded into its convolutions: the norms start as identity with the folded bias
    (`restore_batch_norm` makes them real). `class_rows` lists, per class of ours, the rows of the file's class
    predictor whose mean starts it; without it the class counts must agree.
    """
    published, executed = folded_convolutions(path), executed_convolutions(network)
    if len(executed) != len(published):
        raise ValueError(f"{path} has {len(published)} convolutions, the network {len(executed)}")
    class_predictors = set(network.class_predictors)
    for conv, (weight, bias) in zip(executed, published):
        if conv in class_predictors and class_rows is not None:
            weight = torch.stack([weight[rows].mean(0) for rows in class_rows])
            bias = torch.stack([bias[rows].mean() for rows in class_rows])
        copy_folded(network, conv, weight, bias)


def copy_folded(network, conv, weight, bias):
    """Puts a convolution with folded norm into one that has a norm: the norm becomes identity with the folded bias."""
    norm = next((unit.bn for unit in network.modules() if isinstance(unit, ConvUnit) and unit.conv is conv), None)
    conv.weight.data.copy_(weight)
    if norm is None:
        conv.bias.data.copy_(bias)
        return
    norm.running_mean.zero_()
    norm.running_var.fill_(1 - norm.eps)
    norm.weight.data.fill_(1)
    norm.bias.data.copy_(bias)


@torch.no_grad()
def restore_batch_norm(network, batches):
    """Turns identity norms into real ones: running statistics from `batches`, scale and shift chosen so that the
    function stays the same. Without this the network trains as one without normalisation."""
    sums = {}
    hooks = []

    def collect(unit):
        def hook(_module, _inputs, output):
            count, total, squares = sums.get(unit, (0, 0.0, 0.0))
            values = output.double()
            sums[unit] = (
                count + values.numel() // values.shape[1],
                total + values.sum((0, 2, 3)),
                squares + (values * values).sum((0, 2, 3)),
            )

        return hook

    for unit in network.modules():
        if isinstance(unit, ConvUnit):
            hooks.append(unit.conv.register_forward_hook(collect(unit)))
    network.eval()
    for batch in batches:
        network(batch)
    for hook in hooks:
        hook.remove()
    for unit, (count, total, squares) in sums.items():
        mean = total / count
        variance = (squares / count - mean * mean).clamp(min=1e-6)
        unit.bn.running_mean.copy_(mean)
        unit.bn.running_var.copy_(variance)
        unit.bn.bias.data.add_(mean.float())
        unit.bn.weight.data.copy_((variance + unit.bn.eps).sqrt().float())


def fuse_batch_norm(network):
    """Folds the norms back into the convolutions, for inference."""
    for unit in network.modules():
        if isinstance(unit, ConvUnit):
            conv, bn = unit.conv, unit.bn
            scale = bn.weight / (bn.running_var + bn.eps).sqrt()
            fused = nn.Conv2d(
                conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, groups=conv.groups
            )
            fused.weight.data = conv.weight.data * scale.view(-1, 1, 1, 1)
            fused.bias.data = bn.bias.data - bn.running_mean * scale
            unit.conv, unit.bn = fused, nn.Identity()
    return network


_grids = {}


def anchor_grid(height, width):
    """Cell coordinates [anchors, 2] and strides [anchors, 1] for an input size."""
    if (height, width) not in _grids:
        cells, strides = [], []
        for stride in (8, 16, 32):
            y, x = np.mgrid[: height // stride, : width // stride]
            cells.append(np.stack((x, y), -1).reshape(-1, 2))
            strides.append(np.full((cells[-1].shape[0], 1), stride))
        _grids[(height, width)] = (
            torch.tensor(np.concatenate(cells), dtype=torch.float32),
            torch.tensor(np.concatenate(strides), dtype=torch.float32),
        )
    return _grids[(height, width)]


def decode_boxes(raw, height, width):
    """Raw network output to xyxy boxes in input pixels."""
    cells, strides = anchor_grid(height, width)
    centre = (raw[..., :2] + cells) * strides
    half = raw[..., 2:4].clamp(max=8).exp() * strides / 2
    return torch.cat((centre - half, centre + half), -1)
