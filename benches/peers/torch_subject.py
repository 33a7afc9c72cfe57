"""PyTorch, natively: reads one JSON request a line, answers with one JSON line.

`start`, `prepare` (a case, with the network's layers), `measure` (milliseconds), `release`; as benches/jobs/page/harness.js.
"""

import json
import sys
import time

import torch
from torch import nn


class Same(nn.Module):
    """A convolution with zeros around as Keras puts them: one more behind than before where they are odd."""

    def __init__(self, convolution, kernel, stride):
        super().__init__()
        self.convolution, self.kernel, self.stride = convolution, kernel, stride

    def forward(self, x):
        pads = []
        for size in (x.shape[3], x.shape[2]):
            out = -(-size // self.stride)
            total = max(0, (out - 1) * self.stride + self.kernel - size)
            pads += [total // 2, total - total // 2]
        return self.convolution(nn.functional.pad(x, pads) if any(pads) else x)


class Residual(nn.Module):
    def __init__(self, layers, shortcut):
        super().__init__()
        self.layers, self.shortcut = layers, shortcut

    def forward(self, x):
        return self.layers(x) + self.shortcut(x)


def convolution(layer, channels, filters, groups):
    kernel, stride, same = layer["kernelSize"], layer.get("stride", 1), layer["padding"] == "same"
    # Odd kernels at stride 1 need the same zeros on both sides, which the convolution itself can add.
    own = same and stride == 1
    made = nn.Conv2d(channels, filters, kernel, stride, kernel // 2 if own else 0, groups=groups, bias=layer["bias"])
    return Same(made, kernel, stride) if same and not own else made


def build(layers, shape):
    """The layers as a module, and the shape that comes out: channels, height, width."""
    modules = []
    for layer in layers:
        kind = layer["type"]
        if kind in ("conv2d", "depthwiseConv2d"):
            deep = kind == "depthwiseConv2d"
            filters = shape[0] if deep else layer["filters"]
            modules.append(convolution(layer, shape[0], filters, shape[0] if deep else 1))
        elif kind == "batchNorm":
            modules.append(nn.BatchNorm2d(shape[0], eps=layer["epsilon"]))
        elif kind == "relu":
            modules.append(nn.ReLU())
        elif kind == "relu6":
            modules.append(nn.ReLU6())
        elif kind == "maxPool2d":
            modules.append(nn.MaxPool2d(layer["poolSize"]))
        elif kind == "globalAveragePool2d":
            modules += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        elif kind == "flatten":
            modules.append(nn.Flatten())
        elif kind == "dense":
            modules.append(nn.Linear(shape[0], layer["units"]))
        elif kind == "residual":
            modules.append(Residual(build(layer["layers"], shape)[0], build(layer["shortcut"], shape)[0]))
        else:
            raise ValueError(f"no job has a layer {kind}")
        with torch.no_grad():
            modules[-1].eval()
            probe = modules[-2](torch.zeros(2, *shape)) if kind == "globalAveragePool2d" else torch.zeros(2, *shape)
            shape = list(modules[-1](probe).shape[1:])
    return nn.Sequential(*modules), shape


def predictor(case):
    height, width, channels = case["network"]["inputShape"]
    model = build(case["network"]["layers"], [channels, height, width])[0].eval()
    x = torch.rand(case["batch"], channels, height, width)

    def run():
        with torch.inference_mode():
            return torch.softmax(model(x), 1)

    return run


def trainer(case):
    height, width, channels = case["network"]["inputShape"]
    model = build(case["network"]["layers"], [channels, height, width])[0].train()
    parameters = model.parameters()
    if case["optimizer"] == "adam":
        optimizer = torch.optim.Adam(parameters, lr=0.001)
    else:
        optimizer = torch.optim.SGD(parameters, lr=0.01, momentum=0.9)
    x = torch.rand(case["batch"], channels, height, width)
    y = torch.arange(case["batch"]) % case["network"]["nClasses"]

    def run():
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return run


def timed(run, budget):
    calls, start = 0, time.perf_counter()
    while True:
        result = run()
        calls += 1
        spent = (time.perf_counter() - start) * 1000
        if spent >= budget:
            return calls, spent, result


def main():
    run = None
    for line in sys.stdin:
        request = json.loads(line)
        kind = request["type"]
        if kind == "start":
            answer = {"version": torch.__version__.split("+")[0]}
        elif kind == "prepare":
            torch.set_num_threads(request["case"]["workers"])
            torch.set_flush_denormal(True)
            run = (trainer if request["case"]["task"] == "train" else predictor)(request["case"])
            calls, spent, result = timed(run, request["warmUp"])
            predicts = request["case"]["task"] == "predict"
            answer = {"milliseconds": spent / calls, "outputs": result.flatten().tolist() if predicts else None}
        elif kind == "measure":
            calls, spent, _ = timed(run, request["budget"])
            answer = {"calls": calls, "milliseconds": spent}
        else:
            run, answer = None, {}
        print(json.dumps(answer), flush=True)


main()
