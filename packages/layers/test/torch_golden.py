"""Writes fixtures/{convolution,pooling,recurrent}.json: layers of PyTorch in float64.

/usr/bin/python3 packages/layers/test/torch_golden.py

Inputs and weights are drawn in the layout of @layerwise/layers and permuted to PyTorch's inside the
function that is differentiated, so that gradients come out in our layout.
"""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(0)
here = pathlib.Path(__file__).parent / "fixtures"


def draw(*shape):
    # Three decimals: short files, and no two elements of a window are nearly equal.
    return (torch.randn(*shape, dtype=torch.float64) * 1000).round() / 1000


def tensor(t):
    return {"shape": list(t.shape), "values": t.detach().reshape(-1).tolist()}


def case(layer, options, fn, x, **params):
    x = x.clone().requires_grad_()
    leaves = {k: v.clone().requires_grad_() for k, v in params.items() if v is not None}
    y = fn(x, **{k: leaves.get(k) for k in params})
    cotangent = draw(*y.shape)
    grads = torch.autograd.grad((y * cotangent).sum(), [x, *leaves.values()])
    pick = lambda values: {k: tensor(v) for k, v in zip(leaves, values)}
    return {
        "layer": layer,
        "options": options,
        "x": tensor(x),
        "params": pick(leaves.values()),
        "y": tensor(y),
        "cotangent": tensor(cotangent),
        "dx": tensor(grads[0]),
        "dparams": pick(grads[1:]),
    }


def write(name, cases):
    meta = {"library": "torch", "version": torch.__version__, "dtype": "float64", "script": "torch_golden.py"}
    text = ",\n".join(json.dumps(c) for c in cases)
    (here / f"{name}.json").write_text(f'{{"meta": {json.dumps(meta)},\n"cases": [\n{text}\n]}}\n')


# Layouts

first = {3: (0, 2, 1), 4: (0, 3, 1, 2)}  # channels last to first
last = {3: (0, 2, 1), 4: (0, 2, 3, 1)}
filters = {3: (2, 1, 0), 4: (3, 2, 0, 1)}  # [..., in, out] to [out, in, ...]


def pads(values):
    """F.pad wants the last axis first."""
    return [n for pair in reversed(values) for n in pair]


def same(sizes, kernel, strides, dilations):
    """TensorFlow's convention: the odd zero at the end."""
    result = []
    for n, k, s, d in zip(sizes, kernel, strides, dilations):
        total = max((-(-n // s) - 1) * s + (k - 1) * d + 1 - n, 0)
        result.append((total // 2, total - total // 2))
    return result


def conv_of(rank, strides, dilations, groups, padding, layout=True):
    op = F.conv1d if rank == 1 else F.conv2d

    def fn(x, kernel, bias):
        z = x.permute(first[x.dim()]) if layout else x
        amount = padding(z.shape[2:], kernel.shape[:rank]) if callable(padding) else padding
        z = F.pad(z, pads(amount))
        y = op(z, kernel.permute(filters[kernel.dim()]), bias, strides, 0, dilations, groups)
        return y.permute(last[y.dim()]) if layout else y

    return fn


def conv(rank, size, channels, out, kernel, options, strides=None, dilations=None, padding=None, bias=True):
    groups = options.get("groups", 1)
    strides = strides or [1] * rank
    dilations = dilations or [1] * rank
    padding = padding or [(0, 0)] * rank
    last_layout = not options.get("channelsFirst", False)
    x = draw(2, *size, channels) if last_layout else draw(2, channels, *size)
    return case(
        f"conv{rank}d",
        {"filters": out, "kernelSize": kernel, **options},
        conv_of(rank, strides, dilations, groups, padding, last_layout),
        x,
        kernel=draw(*kernel, channels // groups, out),
        bias=draw(out) if bias else None,
    )


def same_for(strides, dilations):
    return lambda sizes, kernel: same(sizes, kernel, strides, dilations)


def depthwise_fn(rank, strides, dilations, padding):
    def fn(x, kernel, bias):
        channels, multiplier = kernel.shape[-2:]
        flat = kernel.reshape(*kernel.shape[:rank], 1, channels * multiplier)
        return conv_of(rank, strides, dilations, channels, padding)(x, flat, bias)

    return fn


def depthwise(rank, size, channels, multiplier, kernel, options, strides, dilations, padding):
    return case(
        f"depthwiseConv{rank}d",
        {"kernelSize": kernel, "multiplier": multiplier, **options},
        depthwise_fn(rank, strides, dilations, padding),
        draw(2, *size, channels),
        kernel=draw(*kernel, channels, multiplier),
        bias=draw(channels * multiplier),
    )


def separable(rank, size, channels, multiplier, out, kernel, options, padding):
    one = [1] * rank

    def fn(x, depthwise, pointwise, bias):
        between = depthwise_fn(rank, one, one, padding)(x, depthwise, None)
        return conv_of(rank, one, one, 1, [(0, 0)] * rank)(between, pointwise, bias)

    return case(
        f"separableConv{rank}d",
        {"kernelSize": kernel, "multiplier": multiplier, "filters": out, **options},
        fn,
        draw(2, *size, channels),
        depthwise=draw(*kernel, channels, multiplier),
        pointwise=draw(*one, channels * multiplier, out),
        bias=draw(out),
    )


def transposed(rank, size, channels, out, kernel, options, strides, padding, output_padding, dilations):
    groups = options.get("groups", 1)
    op = F.conv_transpose1d if rank == 1 else F.conv_transpose2d
    last_layout = not options.get("channelsFirst", False)

    def fn(x, kernel, bias):
        z = x.permute(first[x.dim()]) if last_layout else x
        # [..., out / groups, in] to [in, out / groups, ...]
        weight = kernel.permute(filters[kernel.dim()])
        y = op(z, weight, bias, strides, padding, output_padding, groups, dilations)
        return y.permute(last[y.dim()]) if last_layout else y

    x = draw(2, *size, channels) if last_layout else draw(2, channels, *size)
    return case(
        f"conv{rank}dTransposed",
        {"filters": out, "kernelSize": kernel, **options},
        fn,
        x,
        kernel=draw(*kernel, out // groups, channels),
        bias=draw(out),
    )


def transposed_same(rank, size, channels, out, kernel, strides):
    """By its definition: the gradient of the convolution with padding "same"."""

    def fn(x, kernel, bias):
        big = torch.zeros(x.shape[0], *[n * s for n, s in zip(size, strides)], out, dtype=x.dtype, requires_grad=True)
        down = conv_of(rank, strides, [1] * rank, 1, same_for(strides, [1] * rank))(big, kernel, None)
        (y,) = torch.autograd.grad(down, big, x, create_graph=True)
        return y + bias

    options = {"filters": out, "kernelSize": kernel, "strides": strides, "padding": "same"}
    x = draw(2, *size, channels)
    return case(f"conv{rank}dTransposed", options, fn, x, kernel=draw(*kernel, out, channels), bias=draw(out))


write(
    "convolution",
    [
        conv(1, [6], 2, 3, [3], {}),
        conv(1, [7], 2, 3, [3], {"strides": 2, "padding": 1}, [2], None, [(1, 1)]),
        conv(1, [7], 2, 2, [3], {"padding": "causal", "dilations": 2}, None, [2], [(4, 0)]),
        conv(1, [6], 4, 6, [2], {"groups": 2}),
        conv(1, [6], 2, 3, [3], {"channelsFirst": True, "useBias": False}, bias=False),
        conv(1, [8], 2, 2, [3], {"padding": "same", "strides": 3}, [3], None, same_for([3], [1])),
        conv(2, [5, 4], 2, 3, [3, 2], {}),
        conv(2, [5, 4], 2, 3, [3, 2], {"padding": "same"}, None, None, same_for([1, 1], [1, 1])),
        conv(2, [5, 6], 2, 2, [3, 3], {"padding": "same", "strides": 2}, [2, 2], None, same_for([2, 2], [1, 1])),
        conv(2, [5, 4], 1, 2, [3, 3], {"padding": [[1, 0], [0, 2]], "strides": [2, 1]}, [2, 1], None, [(1, 0), (0, 2)]),
        conv(2, [5, 6], 2, 2, [2, 3], {"dilations": [1, 2]}, None, [1, 2]),
        conv(2, [7, 6], 2, 2, [3, 2], {"dilations": 2, "strides": 2, "padding": 1}, [2, 2], [2, 2], [(1, 1), (1, 1)]),
        conv(2, [6, 6], 2, 2, [2, 3], {"dilations": 2, "padding": "same"}, None, [2, 2], same_for([1, 1], [2, 2])),
        conv(2, [4, 4], 4, 6, [2, 2], {"groups": 2, "strides": 2}, [2, 2]),
        conv(2, [4, 4], 3, 6, [2, 2], {"groups": 3}),
        conv(2, [4, 5], 2, 3, [2, 2], {"channelsFirst": True, "padding": 1}, None, None, [(1, 1), (1, 1)]),
        depthwise(1, [7], 2, 2, [3], {"strides": 2, "padding": 1}, [2], [1], [(1, 1)]),
        depthwise(2, [5, 4], 3, 2, [3, 2], {"padding": "same"}, [1, 1], [1, 1], same_for([1, 1], [1, 1])),
        depthwise(2, [6, 6], 2, 1, [3, 2], {"strides": 2, "dilations": 2}, [2, 2], [2, 2], [(0, 0), (0, 0)]),
        separable(1, [6], 2, 2, 3, [3], {}, [(0, 0)]),
        separable(2, [4, 5], 2, 2, 3, [2, 3], {"padding": "same"}, same_for([1, 1], [1, 1])),
        transposed(1, [4], 2, 3, [3], {"strides": 2}, 2, 0, 0, 1),
        transposed(1, [4], 2, 3, [3], {"strides": 3, "padding": 1, "outputPadding": 2}, 3, 1, 2, 1),
        transposed(2, [3, 4], 2, 3, [3, 2], {}, 1, 0, 0, 1),
        transposed(2, [3, 3], 2, 2, [3, 4], {"strides": 2, "padding": 1, "outputPadding": 1}, 2, 1, 1, 1),
        transposed(2, [3, 3], 2, 2, [3, 2], {"strides": 2, "dilations": 2, "padding": 1}, 2, 1, 0, 2),
        transposed(2, [3, 3], 4, 6, [2, 2], {"groups": 2, "strides": 2}, 2, 0, 0, 1),
        transposed(2, [3, 3], 2, 3, [2, 2], {"strides": [3, 1], "channelsFirst": True}, [3, 1], 0, 0, 1),
        transposed_same(1, [4], 2, 3, [3], [2]),
        transposed_same(2, [3, 4], 2, 3, [3, 2], [2, 3]),
    ],
)


def pooled(name, rank, size, options, fn, channels_first=False):
    def run(x):
        z = x if channels_first else x.permute(first[x.dim()])
        y = fn(z)
        return y if channels_first or y.dim() < 3 else y.permute(last[y.dim()])

    x = draw(2, 3, *size) if channels_first else draw(2, *size, 3)
    return case(name, options, run, x)


def max_same(kernel, strides):
    def fn(z):
        amount = same(z.shape[2:], kernel, strides, [1, 1])
        op = F.max_pool1d if z.dim() == 3 else F.max_pool2d
        return op(F.pad(z, pads(amount), value=float("-inf")), kernel, strides)

    return fn


def mean_same(kernel, strides):
    def fn(z):
        amount = pads(same(z.shape[2:], kernel, strides, [1, 1]))
        sums = F.avg_pool2d(F.pad(z, amount), kernel, strides)
        counts = F.avg_pool2d(F.pad(torch.ones_like(z), amount), kernel, strides)
        return sums / counts

    return fn


def unpooled(size, kernel, options):
    def fn(x):
        y, indices = F.max_pool2d(x.permute(0, 3, 1, 2), kernel, return_indices=True)
        return F.max_unpool2d(y * y, indices, kernel, output_size=size).permute(0, 2, 3, 1)

    return case("maxUnpool", options, fn, draw(2, *size, 3))


def resized(rank, size, options, target, mode, align, channels_first=False):
    extra = {} if "nearest" in mode else {"align_corners": align}
    return pooled(
        f"upsample{rank}d", rank, size, options, lambda z: F.interpolate(z, target, mode=mode, **extra), channels_first
    )


def nearest_exact(x_sizes, target):
    """PyTorch 1.13's nearest-exact, by its formula: ⌊(i + ½) · in / out⌋."""
    return [torch.tensor([int((i + 0.5) * n / m) for i in range(m)]) for n, m in zip(x_sizes, target)]


def resized_exact(size, target):
    rows, columns = nearest_exact(size, target)
    return pooled("upsample2d", 2, size, {"size": target}, lambda z: z[:, :, rows][:, :, :, columns])


write(
    "pooling",
    [
        pooled("maxPool1d", 1, [6], {"poolSize": 2}, lambda z: F.max_pool1d(z, 2)),
        pooled("maxPool1d", 1, [7], {"poolSize": 3, "strides": 2, "padding": 1}, lambda z: F.max_pool1d(z, 3, 2, 1)),
        pooled("maxPool2d", 2, [4, 5], {"poolSize": 2}, lambda z: F.max_pool2d(z, 2)),
        pooled("maxPool2d", 2, [5, 6], {"poolSize": 3, "strides": 2, "padding": 1}, lambda z: F.max_pool2d(z, 3, 2, 1)),
        pooled("maxPool2d", 2, [5, 4], {"poolSize": [2, 3], "strides": [1, 2], "padding": "same"}, max_same([2, 3], [1, 2])),
        pooled("maxPool2d", 2, [4, 4], {"poolSize": 3, "strides": 1, "channelsFirst": True}, lambda z: F.max_pool2d(z, 3, 1), True),
        pooled("averagePool1d", 1, [6], {"poolSize": 3}, lambda z: F.avg_pool1d(z, 3)),
        pooled("averagePool2d", 2, [4, 5], {"poolSize": 2}, lambda z: F.avg_pool2d(z, 2)),
        pooled(
            "averagePool2d",
            2,
            [5, 5],
            {"poolSize": 3, "strides": 2, "padding": 1, "includePadding": True},
            lambda z: F.avg_pool2d(z, 3, 2, 1, count_include_pad=True),
        ),
        pooled(
            "averagePool2d",
            2,
            [5, 5],
            {"poolSize": 3, "strides": 2, "padding": 1},
            lambda z: F.avg_pool2d(z, 3, 2, 1, count_include_pad=False),
        ),
        pooled("averagePool2d", 2, [5, 4], {"poolSize": [2, 3], "strides": 1, "padding": "same"}, mean_same([2, 3], [1, 1])),
        pooled("globalAveragePool", 2, [3, 4], {}, lambda z: z.mean((2, 3))),
        pooled("globalMaxPool", 2, [3, 4], {}, lambda z: F.adaptive_max_pool2d(z, 1).flatten(1)),
        pooled("globalMaxPool", 1, [5], {"keepAxes": True}, lambda z: F.adaptive_max_pool1d(z, 1)),
        pooled("adaptiveAveragePool1d", 1, [7], {"size": 3}, lambda z: F.adaptive_avg_pool1d(z, 3)),
        pooled("adaptiveAveragePool2d", 2, [5, 7], {"size": [2, 3]}, lambda z: F.adaptive_avg_pool2d(z, [2, 3])),
        pooled("adaptiveMaxPool1d", 1, [7], {"size": 3}, lambda z: F.adaptive_max_pool1d(z, 3)),
        pooled("adaptiveMaxPool2d", 2, [5, 7], {"size": [2, 3], "channelsFirst": True}, lambda z: F.adaptive_max_pool2d(z, [2, 3]), True),
        pooled("mirrorPadding", 2, [4, 3], {"edges": [[1, 3], 2]}, lambda z: F.pad(z, [2, 2, 1, 3], "reflect")),
        unpooled([4, 6], [2, 3], {"poolSize": [2, 3]}),
        resized(1, [3], {"factor": 2}, 6, "nearest", None),
        resized(1, [3], {"size": 7, "mode": "linear"}, 7, "linear", False),
        resized(1, [3], {"size": 7, "mode": "linear", "alignment": "corners"}, 7, "linear", True),
        resized(2, [2, 3], {"factor": [2, 3]}, [4, 9], "nearest", None),
        resized(2, [2, 3], {"size": [5, 4], "alignment": "asymmetric"}, [5, 4], "nearest", None),
        resized_exact([2, 3], [5, 4]),
        resized(2, [2, 3], {"factor": 2, "mode": "linear"}, [4, 6], "bilinear", False),
        resized(2, [3, 3], {"size": [5, 2], "mode": "linear"}, [5, 2], "bilinear", False),
        resized(2, [2, 3], {"size": [5, 4], "mode": "linear", "alignment": "corners", "channelsFirst": True}, [5, 4], "bilinear", True, True),
    ],
)


# Recurrent: PyTorch's own functions, weights as their transposes, one bias of the two at zero.


def rnn_flat(kind, kernel, recurrent, bias, second):
    zero = torch.zeros(kernel.shape[1], dtype=kernel.dtype)
    bias = zero if bias is None else bias
    if kind == "gru":
        third = kernel.shape[1] // 3
        second = torch.cat([zero[: 2 * third], zero[:third] if second is None else second])
    else:
        second = zero
    return [kernel.t(), recurrent.t(), bias, second]


def rnn_run(kind, x, weights, units, bidirectional):
    names = {"rnnTanh": torch.rnn_tanh, "rnnRelu": torch.rnn_relu, "lstm": torch.lstm, "gru": torch.gru}
    directions = 2 if bidirectional else 1
    h = torch.zeros(directions, x.shape[0], units, dtype=x.dtype)
    start = (h, h) if kind == "lstm" else h
    result = names[kind](x, start, [w.contiguous() for w in weights], True, 1, 0.0, False, bidirectional, True)
    ys, h_n = result[0], result[1]
    return ys, h_n.permute(1, 0, 2).reshape(x.shape[0], directions * units)


gates = {"rnnTanh": 1, "rnnRelu": 1, "lstm": 4, "gru": 3, "gruBefore": 3}
factories = {"rnnTanh": "rnnCell", "rnnRelu": "rnnCell", "lstm": "lstmCell", "gru": "gruCell", "gruBefore": "gruCell"}
extras = {"rnnRelu": {"activation": "relu"}, "gruBefore": {"reset": "before"}}


def gru_before(x, kernel, recurrent, bias, units):
    """Cho et al., 2014, in PyTorch's sign of z; PyTorch itself has only the other variant."""
    h = torch.zeros(x.shape[0], units, dtype=x.dtype)
    ys = []
    wr, wz, wn = kernel.split(units, 1)
    ur, uz, un = recurrent.split(units, 1)
    br, bz, bn = bias.split(units)
    for t in range(x.shape[1]):
        row = x[:, t]
        r = torch.sigmoid(row @ wr + h @ ur + br)
        z = torch.sigmoid(row @ wz + h @ uz + bz)
        n = torch.tanh(row @ wn + (r * h) @ un + bn)
        h = (1 - z) * n + z * h
        ys.append(h)
    return torch.stack(ys, 1), h


def recurrent(kind, options, bias=True):
    units, inputs = 2, 3
    sequences, reverse = options.get("returnSequences", False), options.get("reverse", False)

    def fn(x, kernel, recurrentKernel, bias, recurrentBias):
        z = x.flip(1) if reverse else x
        if kind == "gruBefore":
            ys, h = gru_before(z, kernel, recurrentKernel, bias, units)
        else:
            ys, h = rnn_run(kind, z, rnn_flat(kind, kernel, recurrentKernel, bias, recurrentBias), units, False)
        if not sequences:
            return h
        return ys.flip(1) if reverse else ys

    return {
        **case(
            "recurrent",
            options,
            fn,
            draw(2, 4, inputs),
            kernel=draw(inputs, gates[kind] * units),
            recurrentKernel=draw(units, gates[kind] * units),
            bias=draw(gates[kind] * units) if bias else None,
            recurrentBias=draw(units) if kind == "gru" and bias else None,
        ),
        "cell": factories[kind],
        "cellOptions": {"units": units, "useBias": bias, **extras.get(kind, {})},
    }


def both_ways(kind, options):
    units, inputs = 2, 3
    names = ["kernel", "recurrentKernel", "bias"] + (["recurrentBias"] if kind == "gru" else [])
    width = gates[kind] * units
    make = {"kernel": (inputs, width), "recurrentKernel": (units, width), "bias": (width,), "recurrentBias": (units,)}

    def fn(x, **p):
        weights = []
        for way in ("forward", "backward"):
            q = [p[f"{way}.{n}"] for n in names]
            weights += rnn_flat(kind, *q[:3], q[3] if kind == "gru" else None)
        ys, h = rnn_run(kind, x, weights, units, True)
        return ys if options.get("returnSequences") else h

    params = {f"{way}.{n}": draw(*make[n]) for way in ("forward", "backward") for n in names}
    return {
        **case("bidirectional", options, fn, draw(2, 4, inputs), **params),
        "cell": factories[kind],
        "cellOptions": {"units": units, **extras.get(kind, {})},
    }


write(
    "recurrent",
    [
        recurrent("rnnTanh", {}),
        recurrent("rnnTanh", {"returnSequences": True, "reverse": True}),
        recurrent("rnnRelu", {"returnSequences": True}),
        recurrent("lstm", {}),
        recurrent("lstm", {"returnSequences": True}),
        recurrent("lstm", {"reverse": True}, bias=False),
        recurrent("gru", {}),
        recurrent("gru", {"returnSequences": True}),
        recurrent("gru", {"returnSequences": True, "reverse": True}, bias=False),
        recurrent("gruBefore", {"returnSequences": True}),
        both_ways("rnnTanh", {}),
        both_ways("lstm", {"returnSequences": True}),
        both_ways("gru", {}),
    ],
)
