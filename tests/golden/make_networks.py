"""Writes operators.json and networks.json beside this file, by PyTorch in float64 (made with 2.15): outputs and
gradients of every operator, and two whole networks over ten steps of each optimizer.

Run: python3 tests/golden/make_networks.py

Numbers that PyTorch is given are integers over a power of two, so they are the same in f32; what it answers has nine
digits. PyTorch's layouts (NCHW, filters [out, in, kh, kw], dense [out, in]) become ours here."""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)

HERE = pathlib.Path(__file__).parent


def spread(shape, width=2.0):
    """Different numbers evenly spread over about ±width, none of them 0, in random order: no maximum is shared."""
    n = int(torch.Size(shape).numel())
    step = 2.0 ** torch.floor(torch.log2(torch.tensor(2 * width / n))).item()
    return ((torch.randperm(n) - n // 2).double() + 0.5).reshape(shape) * step


def exact(tensor):
    """As integers over one power of two."""
    flat = tensor.detach().flatten()
    for bits in range(24):
        scaled = flat * 2**bits
        if torch.equal(scaled, scaled.round()):
            return {"over": 2**bits, "integers": [int(x) for x in scaled.tolist()]}
    raise ValueError("no short binary fraction")


def rounded(tensor):
    return [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()]


def to_nchw(x):
    return x.permute(0, 3, 1, 2)


def to_nhwc(x):
    return x.permute(0, 2, 3, 1)


def same_pads(length, kernel, stride, dilation=1):
    """TensorFlow's: of an odd total the larger half comes after."""
    out = -(-length // stride)
    total = max((out - 1) * stride + (kernel - 1) * dilation + 1 - length, 0)
    return total // 2, total - total // 2


def padded(x, layer, kernel, stride, value=0.0):
    """NCHW with the layer's padding around."""
    pad = layer.get("padding")
    if isinstance(pad, int):
        return F.pad(x, (pad, pad, pad, pad), value=value)
    if pad != "same":
        return x
    dilation = layer.get("dilation", 1)
    top, bottom = same_pads(x.shape[2], kernel, stride, dilation)
    left, right = same_pads(x.shape[3], kernel, stride, dilation)
    return F.pad(x, (left, right, top, bottom), value=value)


class Running:
    """The running statistics of batch normalizations, in the order they are met; biased variance, as Keras."""

    def __init__(self, tensors=()):
        self.before = list(tensors)
        self.after = []

    def move(self, momentum, channels, mean, variance):
        old = (self.before.pop(0), self.before.pop(0)) if self.before else (torch.zeros(channels), torch.ones(channels))
        new = [momentum * a + (1 - momentum) * b.detach() for a, b in zip(old, (mean, variance))]
        self.after += new


def apply(layer, x, params, running, training=True):
    """One layer on NHWC (or flat) x; takes its parameters from the front of the list `params`."""
    kind = layer["type"]
    stride = layer.get("stride", layer.get("poolSize", 1))
    if kind == "conv2d":
        filters = params.pop(0).permute(3, 2, 0, 1)
        bias = params.pop(0) if layer.get("bias", True) else None
        x = padded(to_nchw(x), layer, layer["kernelSize"], stride)
        groups = layer.get("groups", 1)
        return to_nhwc(F.conv2d(x, filters, bias, stride=stride, dilation=layer.get("dilation", 1), groups=groups))
    if kind in ("depthwiseConv2d", "separableConv2d"):
        channels = x.shape[-1]
        one = {**layer, "type": "conv2d", "groups": channels, "bias": kind != "separableConv2d" and layer.get("bias", True)}
        x = apply(one, x, params, running, training)
        if kind == "separableConv2d":
            x = apply({"type": "conv2d", "kernelSize": 1, "bias": layer.get("bias", True)}, x, params, running, training)
        return x
    if kind == "convTranspose2d":
        filters = params.pop(0).permute(3, 2, 0, 1)
        bias = params.pop(0) if layer.get("bias", True) else None
        size, pad, (h, w) = layer["kernelSize"], layer.get("padding"), x.shape[1:3]
        y = F.conv_transpose2d(to_nchw(x), filters, bias, stride=stride, padding=pad if isinstance(pad, int) else 0)
        if pad == "same":
            start = (size - stride) // 2
            y = y[:, :, start:start + h * stride, start:start + w * stride]
        return to_nhwc(y)
    if kind == "dense":
        y = x @ params.pop(0)
        return y + params.pop(0) if layer.get("bias", True) else y
    if kind == "maxPool2d":
        size = layer["poolSize"]
        return to_nhwc(F.max_pool2d(padded(to_nchw(x), layer, size, stride, -torch.inf), size, stride))
    if kind == "averagePool2d":
        size = layer["poolSize"]
        x = to_nchw(x)
        sums, inside = [F.avg_pool2d(padded(t, layer, size, stride), size, stride) for t in (x, torch.ones_like(x))]
        return to_nhwc(sums / inside)
    if kind == "globalAveragePool2d":
        return x.mean(dim=(1, 2))
    if kind in ("relu", "relu6", "gelu", "silu", "softplus"):
        return getattr(F, kind)(x)
    if kind == "linear":
        return x
    if kind == "elu":
        return F.elu(x, layer["alpha"])
    if kind == "leakyRelu":
        return F.leaky_relu(x, layer["slope"])
    if kind == "sigmoid":
        return torch.sigmoid(x)
    if kind == "tanh":
        return torch.tanh(x)
    if kind == "softmax":
        return torch.softmax(x, dim=-1)
    if kind == "flatten":
        return x.flatten(1)
    if kind == "reshape":
        return x.reshape(x.shape[0], *layer["shape"])
    if kind == "upsample2d":
        how = layer["interpolation"]
        more = {"align_corners": False} if how == "bilinear" else {}
        return to_nhwc(F.interpolate(to_nchw(x), scale_factor=layer["size"], mode=how, **more))
    if kind == "zeroPad2d":
        top, bottom, left, right = layer["padding"]
        return to_nhwc(F.pad(to_nchw(x), (left, right, top, bottom)))
    if kind == "layerNorm":
        return F.layer_norm(x, x.shape[-1:], params.pop(0), params.pop(0), layer["epsilon"])
    if kind == "simpleRnn":
        weights, recurrent, bias = params.pop(0), params.pop(0), params.pop(0)
        rnn = torch.nn.RNN(*weights.shape, nonlinearity=layer["activation"], batch_first=True)
        given = {"weight_ih_l0": weights.T, "weight_hh_l0": recurrent.T, "bias_ih_l0": bias,
                 "bias_hh_l0": torch.zeros_like(bias)}
        y, _ = torch.func.functional_call(rnn, given, (x,))
        return y if layer["returnSequences"] else y[:, -1]
    if kind == "timeDistributed":
        y = x.flatten(0, 1)
        for inner in layer["layers"]:
            y = apply(inner, y, params, running, training)
        return y.unflatten(0, x.shape[:2])
    if kind == "batchNorm":
        gamma, beta, epsilon = params.pop(0), params.pop(0), layer["epsilon"]
        rows = x.reshape(-1, x.shape[-1])
        if not training:
            mean, variance = running.before.pop(0), running.before.pop(0)
            return F.batch_norm(rows, mean, variance, gamma, beta, False, 0.0, epsilon).reshape(x.shape)
        running.move(layer["momentum"], x.shape[-1], rows.mean(0), rows.var(0, unbiased=False))
        return F.batch_norm(rows, None, None, gamma, beta, True, 0.0, epsilon).reshape(x.shape)
    if kind in ("residual", "concat", "multiply"):
        long, short = x, x
        for inner in layer["layers"]:
            long = apply(inner, long, params, running, training)
        for inner in layer.get("shortcut", []):
            short = apply(inner, short, params, running, training)
        if kind == "multiply" and long.dim() < short.dim():
            long = long[:, None, None, :]
        return {"residual": lambda: long + short, "concat": lambda: torch.cat([long, short], -1),
                "multiply": lambda: long * short}[kind]()
    raise ValueError(kind)


def written(tensors):
    """Every tensor in one, as the parameter vector has them."""
    return torch.cat([tensor.flatten() for tensor in tensors]) if tensors else torch.zeros(0)


# --- operators -------------------------------------------------------------------------------------------------------


def operator(layer, input_shape, param_shapes=(), batch=2, state=None, width=2.0):
    """A case: output and, for `loss = Σ weights · output`, all gradients. `state`: inference with these statistics."""
    x = spread([batch, *input_shape], width).requires_grad_()
    params = [spread(shape, 1.0).requires_grad_() for shape in param_shapes]
    running = Running(state or ())
    y = apply(layer, x, list(params), running, training=state is None)
    weights = spread(y.shape, 1.0)
    case = {
        "layer": layer,
        "inputShape": list(input_shape),
        "batch": batch,
        "input": exact(x),
        "params": exact(written(params)),
        "outputShape": list(y.shape[1:]),
        "output": rounded(y),
    }
    if state is not None:
        return {**case, "state": exact(written(state))}
    gradients = torch.autograd.grad((y * weights).sum(), [x, *params])
    return {
        **case,
        "weights": exact(weights),
        "dInput": rounded(gradients[0]),
        "dParams": rounded(written(gradients[1:])),
        "stateAfter": rounded(written(running.after)),
    }


def conv(input_shape, filters, kernel, batch=2, bias=True, **more):
    layer = {"type": "conv2d", "filters": filters, "kernelSize": kernel, "bias": bias, **more}
    shapes = [[kernel, kernel, input_shape[2] // more.get("groups", 1), filters]] + ([[filters]] if bias else [])
    return operator(layer, input_shape, shapes, batch)


def norm(input_shape, batch, inference=False):
    channels = input_shape[-1]
    state = [spread([channels], 1.0), spread([channels], 1.0).abs() + 0.5] if inference else None
    layer = {"type": "batchNorm", "momentum": 0.75, "epsilon": 0.0078125}
    return operator(layer, input_shape, [[channels], [channels]], batch, state)


def pools(kind):
    return [
        operator({"type": kind, "poolSize": 2}, [6, 4, 3]),
        operator({"type": kind, "poolSize": 3, "stride": 2}, [7, 8, 2]),
        operator({"type": kind, "poolSize": 3, "stride": 2, "padding": "same"}, [5, 6, 5]),
        operator({"type": kind, "poolSize": 2, "stride": 1, "padding": "same"}, [3, 5, 1], batch=1),
    ]


operators = [
    conv([5, 7, 3], 4, 3),
    conv([5, 7, 3], 5, 3, padding="same"),
    conv([6, 5, 2], 3, 3, padding="same", stride=2),
    conv([7, 6, 1], 6, 4, padding="same", stride=3),
    conv([9, 8, 2], 3, 3, dilation=2),
    conv([6, 7, 2], 9, 2, padding="same", dilation=3, batch=1),
    conv([4, 3, 5], 7, 1, bias=False),
    conv([8, 9, 1], 2, 5, stride=2, batch=3),
    operator({"type": "dense", "units": 5}, [7], [[7, 5], [5]], 3),
    operator({"type": "dense", "units": 9, "bias": False}, [13], [[13, 9]], 1),
    *pools("maxPool2d"),
    *pools("averagePool2d"),
    operator({"type": "globalAveragePool2d"}, [3, 5, 7]),
    operator({"type": "relu"}, [3, 3, 5]),
    operator({"type": "leakyRelu", "slope": 0.125}, [3, 3, 5]),
    operator({"type": "sigmoid"}, [3, 3, 5]),
    operator({"type": "tanh"}, [3, 3, 5]),
    operator({"type": "softmax"}, [7], batch=4),
    operator({"type": "flatten"}, [3, 2, 5]),
    norm([3, 4, 5], 3),
    norm([6], 7),
    norm([3, 2, 5], 2, inference=True),
    operator({"type": "residual", "layers": [{"type": "tanh"}]}, [3, 3, 5]),
    *[operator({"type": kind}, [3, 3, 5]) for kind in ["linear", "gelu", "silu", "softplus"]],
    operator({"type": "relu6"}, [3, 3, 5], width=12.0),
    operator({"type": "elu", "alpha": 0.75}, [3, 3, 5]),
    conv([5, 6, 3], 4, 3, padding=1, stride=2),
    conv([4, 5, 6], 4, 3, groups=2, padding="same"),
    conv([5, 5, 3], 9, 2, groups=3, stride=2, bias=False),
    operator({"type": "maxPool2d", "poolSize": 3, "stride": 2, "padding": 1}, [6, 5, 2]),
    operator({"type": "averagePool2d", "poolSize": 3, "stride": 2, "padding": 1}, [6, 5, 2]),
    operator({"type": "depthwiseConv2d", "kernelSize": 3, "padding": "same"}, [5, 4, 3], [[3, 3, 1, 3], [3]]),
    operator({"type": "depthwiseConv2d", "kernelSize": 3, "multiplier": 2, "stride": 2, "padding": 1, "bias": False},
             [5, 6, 2], [[3, 3, 1, 4]]),
    operator({"type": "separableConv2d", "filters": 5, "kernelSize": 3, "dilation": 2}, [7, 6, 3],
             [[3, 3, 1, 3], [1, 1, 3, 5], [5]]),
    operator({"type": "convTranspose2d", "filters": 3, "kernelSize": 3}, [3, 4, 2], [[3, 3, 3, 2], [3]]),
    operator({"type": "convTranspose2d", "filters": 2, "kernelSize": 5, "stride": 2, "padding": "same"}, [3, 2, 3],
             [[5, 5, 2, 3], [2]]),
    operator({"type": "convTranspose2d", "filters": 2, "kernelSize": 4, "stride": 2, "padding": 1, "bias": False},
             [3, 3, 2], [[4, 4, 2, 2]]),
    operator({"type": "reshape", "shape": [5, 6]}, [3, 2, 5]),
    operator({"type": "upsample2d", "size": 2, "interpolation": "nearest"}, [3, 2, 3]),
    operator({"type": "upsample2d", "size": 3, "interpolation": "bilinear"}, [3, 4, 2]),
    operator({"type": "zeroPad2d", "padding": [1, 2, 0, 3]}, [2, 3, 2]),
    operator({"type": "layerNorm", "epsilon": 0.0078125}, [3, 2, 5], [[5], [5]]),
    operator({"type": "concat", "layers": [{"type": "tanh"}]}, [3, 2, 5]),
    operator({"type": "multiply", "layers": [{"type": "sigmoid"}]}, [3, 2, 5]),
    operator({"type": "multiply", "layers": [{"type": "globalAveragePool2d"}, {"type": "sigmoid"}]}, [3, 2, 5]),
    *[operator({"type": "simpleRnn", "units": 5, "activation": f, "returnSequences": every}, [6, 3],
               [[3, 5], [5, 5], [5]], 3) for f, every in [("tanh", False), ("tanh", True), ("relu", True)]],
    operator({"type": "timeDistributed", "layers": [
        {"type": "conv2d", "filters": 2, "kernelSize": 3}, {"type": "relu"}, {"type": "flatten"},
        {"type": "dense", "units": 3}]}, [2, 4, 3, 2], [[3, 3, 2, 2], [2], [4, 3], [3]]),
]

logits = (spread([5, 7]) * 4).requires_grad_()
labels = [6, 0, 3, 3, 1]
answers = spread([5, 7], 1.0)
one_hot = F.one_hot(torch.tensor(labels), 7).double()
shares = torch.tensor([[4, 2, 1, 1, 0, 0, 0], [0, 0, 8, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 2]]).double() / 8
few = (spread([3, 7]) * 2).requires_grad_()
WEIGHTS = torch.tensor([0.5, 1, 2, 0.25, 1, 1, 4])
chosen = WEIGHTS[torch.tensor(labels)]
to_labels, to_values, to_shares = {"labels": labels}, {"values": exact(answers)}, {"values": exact(shares)}
weighted = {**to_labels, "labelSmoothing": 0.125, "classWeights": WEIGHTS.tolist()}


def smooth(targets):
    return targets * 0.875 + 0.125 / 7


def binary(x, targets):
    return F.binary_cross_entropy_with_logits(x, targets, reduction="none").mean(1)


def hinge(x, targets):
    return torch.clamp(1 - (2 * targets - 1) * x, min=0).mean(1)


losses = []
for name, x, each, targets in [
    ("crossEntropy", logits, F.cross_entropy(logits, torch.tensor(labels), reduction="none"), to_labels),
    ("crossEntropy", few, F.cross_entropy(few, shares, reduction="none"), to_shares),
    ("crossEntropy", logits,
     F.cross_entropy(logits, torch.tensor(labels), reduction="none", label_smoothing=0.125) * chosen, weighted),
    ("binaryCrossEntropy", logits, binary(logits, one_hot), to_labels),
    ("binaryCrossEntropy", few, binary(few, shares), to_shares),
    ("binaryCrossEntropy", logits, binary(logits, smooth(one_hot)) * chosen, weighted),
    ("meanSquaredError", logits, F.mse_loss(logits, answers, reduction="none").mean(1), to_values),
    ("meanSquaredError", logits, F.mse_loss(logits, one_hot, reduction="none").mean(1), to_labels),
    ("meanAbsoluteError", logits, F.l1_loss(logits, answers, reduction="none").mean(1), to_values),
    ("hinge", logits, hinge(logits, one_hot), to_labels),
]:
    (gradient,) = torch.autograd.grad(each.mean(), x)
    case = {"loss": name, "logits": exact(x), "nOutputs": 7, "losses": rounded(each), "dLogits": rounded(gradient)}
    losses.append({**case, **targets})


# --- networks --------------------------------------------------------------------------------------------------------


def conv_layer(filters, kernel, **more):
    return {"type": "conv2d", "filters": filters, "kernelSize": kernel, **more}


RELU, NORM = {"type": "relu"}, {"type": "batchNorm", "momentum": 0.875, "epsilon": 0.0009765625}
POOL = {"type": "maxPool2d", "poolSize": 2}

NETWORKS = {
    "like the Keras example": {
        "inputShape": [12, 11, 1],
        "layers": [conv_layer(3, 3), RELU, POOL, conv_layer(4, 3), RELU, POOL, {"type": "flatten"},
                   {"type": "dense", "units": 6}, RELU, {"type": "dense", "units": 3}],
        "params": [[3, 3, 1, 3], [3], [3, 3, 3, 4], [4], [4, 6], [6], [6, 3], [3]],
    },
    "residual with batch normalization": {
        "inputShape": [7, 6, 2],
        "layers": [
            conv_layer(4, 3, padding="same", bias=False), NORM, RELU,
            {"type": "residual", "layers": [conv_layer(4, 3, padding="same", bias=False), NORM, RELU, conv_layer(4, 1)]},
            RELU,
            {"type": "residual",
             "layers": [conv_layer(5, 3, stride=2, padding="same", bias=False), NORM],
             "shortcut": [conv_layer(5, 1, stride=2, bias=False)]},
            {"type": "tanh"}, {"type": "globalAveragePool2d"}, {"type": "dense", "units": 3},
        ],
        "params": [[3, 3, 2, 4], [4], [4], [3, 3, 4, 4], [4], [4], [1, 1, 4, 4], [4],
                   [3, 3, 4, 5], [5], [5], [1, 1, 4, 5], [5, 3], [3]],
    },
}

OPTIMIZERS = [
    ({"type": "sgd"}, 0.05, 0.0, lambda groups: torch.optim.SGD(groups, lr=0.05)),
    ({"type": "momentum", "momentum": 0.9}, 0.02, 0.01, lambda groups: torch.optim.SGD(groups, lr=0.02, momentum=0.9)),
    ({"type": "nesterov", "momentum": 0.9}, 0.02, 0.0,
     lambda groups: torch.optim.SGD(groups, lr=0.02, momentum=0.9, nesterov=True)),
    ({"type": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-4}, 0.005, 0.0,
     lambda groups: torch.optim.Adam(groups, lr=0.005, eps=1e-4)),
    ({"type": "adamW", "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-4}, 0.005, 0.1,
     lambda groups: torch.optim.AdamW(groups, lr=0.005, betas=(0.9, 0.99), eps=1e-4)),
]
N_STEPS, N_EXAMPLES, N_CLASSES = 10, 9, 3


def network(name, inputShape, layers, params):
    pixels = torch.randint(0, 256, [N_EXAMPLES, *inputShape])
    labels = torch.arange(N_EXAMPLES) % N_CLASSES
    x = pixels.double() / 255
    # Weights are multiples of 1/64 of about Glorot's width; scales near 1, biases near 0.
    start = []
    for k, shape in enumerate(params):
        if len(shape) > 1:
            fan_in, fan_out = torch.Size(shape[:-1]).numel(), shape[-1]
            start.append((torch.randn(shape) * (2 / (fan_in + fan_out)) ** 0.5 * 64).round() / 64)
        else:
            is_scale = len(params[k - 1]) > 1 and k + 1 < len(params) and params[k + 1] == shape
            start.append((torch.randn(shape) * 8).round() / 64 + (1 if is_scale else 0))

    def loss_of(tensors, running):
        y, tensors = x, list(tensors)
        for layer in layers:
            y = apply(layer, y, tensors, running)
        assert not tensors
        return F.cross_entropy(y, labels)

    tensors = [tensor.clone().requires_grad_() for tensor in start]
    loss = loss_of(tensors, Running())
    gradient = torch.autograd.grad(loss, tensors)
    runs = []
    for spec, rate, decay, make in OPTIMIZERS:
        tensors = [tensor.clone().requires_grad_() for tensor in start]
        decayed, free = [t for t in tensors if t.dim() > 1], [t for t in tensors if t.dim() == 1]
        optimizer = make([{"params": decayed, "weight_decay": decay}, {"params": free, "weight_decay": 0.0}])
        statistics, step_losses = [], []
        for _ in range(N_STEPS):
            running = Running(statistics)
            step_loss = loss_of(tensors, running)
            optimizer.zero_grad()
            step_loss.backward()
            optimizer.step()
            statistics = running.after
            step_losses.append(step_loss)
        runs.append({"optimizer": spec, "learningRate": rate, "weightDecay": decay,
                     "losses": rounded(torch.stack(step_losses)), "params": rounded(written(tensors)),
                     "state": rounded(written(statistics))})
    return {"name": name, "spec": {"inputShape": inputShape, "labels": [*"abc"], "layers": layers},
            "pixels": pixels.flatten().tolist(), "labels": labels.tolist(), "params": exact(written(start)),
            "loss": rounded(loss)[0], "gradient": rounded(written(gradient)), "runs": runs}


networks = [network(name, **made) for name, made in NETWORKS.items()]


def write(name, record):
    text = json.dumps(record, separators=(",", ":")).replace('},{"', '},\n{"') + "\n"
    (HERE / name).write_text(text)
    print(name, len(text), "bytes")


write("operators.json", {"operators": operators, "losses": losses})
write("networks.json", networks)
