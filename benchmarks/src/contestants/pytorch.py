"""PyTorch on the CPU: the same protocol and the same step as the contestants in TypeScript."""

import json
import sys
import time

import torch
import torch.nn.functional as F


def load(path):
    with open(path + ".json") as file:
        header = json.load(file)
    with open(path + ".bin", "rb") as file:
        flat = torch.frombuffer(bytearray(file.read()), dtype=torch.float32)
    offset = 0

    def take(shape):
        nonlocal offset
        size = 1
        for d in shape:
            size *= d
        values = flat[offset : offset + size].reshape(shape).clone()
        offset += size
        return values

    arrays = {name: [take(shape) for shape in header[name]] for name in ("params", "x", "y")}
    return header["workload"], arrays


def convolutional(params, x):
    h = x
    for i in range(0, len(params), 2):
        # tfjs pads by 1 at the right and at the bottom ("same" for a stride of 2 and an even size).
        if i < len(params) / 2:
            h = F.conv2d(F.pad(h, (0, 1, 0, 1)), params[i], params[i + 1], stride=2)
        else:
            h = F.conv_transpose2d(h, params[i], params[i + 1], stride=2)[:, :, :-1, :-1]
        h = F.relu(h) if i + 2 < len(params) else torch.sigmoid(h)
    return h


def forward(kind, params, x):
    if kind == "conv":
        return convolutional(params, x)
    if kind == "tied":
        w, b, c = params
        return torch.addmm(c, torch.sigmoid(torch.addmm(b, x, w)), w.t())
    h = x
    for i in range(0, len(params), 2):
        h = torch.addmm(params[i + 1], h, params[i])
        if kind == "autoencoder" or i + 2 < len(params):
            h = torch.sigmoid(h)
    return h


def loss_of(workload, output, y):
    if workload["kind"] in ("autoencoder", "conv"):
        return F.mse_loss(output, y)
    if workload["kind"] == "mlp":
        return F.cross_entropy(output, y)
    return F.binary_cross_entropy_with_logits(output, y, reduction="sum") / workload["batch"]


def optimizer_of(params, settings):
    if settings["kind"] == "sgd":
        return torch.optim.SGD(params, lr=settings["learningRate"])
    betas = (settings["b1"], settings["b2"])
    return torch.optim.Adam(params, lr=settings["learningRate"], betas=betas, eps=settings["eps"])


def training(workload, params):
    """A function of a batch that takes a step and gives the loss before it."""
    optimizer = optimizer_of(params, workload["optimizer"])
    for p in params:
        p.requires_grad_(True)

    def step(x, y):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(workload, forward(workload["kind"], params, x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def contrastive_divergence(workload, params):
    """The same for a Boltzmann machine: y is the noise that the hidden units are sampled with."""
    w, hidden, visible = params
    rate = workload["optimizer"]["learningRate"] / workload["batch"]

    def step(x, noise):
        with torch.no_grad():
            h = torch.sigmoid(torch.addmm(hidden, x, w))
            sample = (noise < h).float()
            again = torch.sigmoid(torch.addmm(visible, sample, w.t()))
            h_again = torch.sigmoid(torch.addmm(hidden, again, w))
            error = x - again
            w.addmm_(x.t(), h, alpha=rate)
            w.addmm_(again.t(), h_again, alpha=-rate)
            hidden.add_((h - h_again).sum(0), alpha=rate)
            visible.add_(error.sum(0), alpha=rate)
            return error.square().mean().item()

    return step


def start(path):
    """The batches, and the step on one of them."""
    workload, arrays = load(path)
    if "fit" in workload:
        raise NotImplementedError("has no model.fit")
    params = arrays["params"]
    if workload["kind"] == "conv":
        # [height, width, a, b] → [b, a, height, width]; images have one channel.
        params = [p.permute(3, 2, 0, 1).contiguous() if p.dim() == 4 else p for p in params]
        for name in ("x", "y"):
            arrays[name] = [v.permute(0, 3, 1, 2).contiguous() for v in arrays[name]]
    make = contrastive_divergence if workload["kind"] == "rbm" else training
    return list(zip(arrays["x"], arrays["y"])), make(workload, params)


def reply(message):
    print(json.dumps(message), flush=True)


batches = step = None
count = 0
reply({"versions": {"torch": torch.__version__, "python": sys.version.split()[0]}})
for line in sys.stdin:
    request = json.loads(line)
    if request["kind"] == "start":
        batches, step = start(request["path"])
        count = 0
        reply({})
        continue
    entered = time.perf_counter()
    while (time.perf_counter() - entered) * 1000 < request.get("leadIn", 0):
        step(*batches[count % len(batches)])
        count += 1
    times, losses = [], []
    cpu = time.process_time()
    begin = time.perf_counter()
    for _ in range(request["steps"]):
        before = time.perf_counter()
        losses.append(step(*batches[count % len(batches)]))
        now = time.perf_counter()
        times.append((now - before) * 1000)
        count += 1
        if (now - begin) * 1000 > request.get("limit", float("inf")):
            break
    cpu = (time.process_time() - cpu) * 1000 / len(times)
    reply({"ms": times, "losses": losses, "cpu": cpu})
