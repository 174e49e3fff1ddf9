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


def forward(kind, params, x):
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
    if workload["kind"] == "autoencoder":
        return F.mse_loss(output, y)
    if workload["kind"] == "mlp":
        return F.cross_entropy(output, y)
    return F.binary_cross_entropy_with_logits(output, y, reduction="sum") / workload["batch"]


def optimizer_of(params, settings):
    if settings["kind"] == "sgd":
        return torch.optim.SGD(params, lr=settings["learningRate"])
    betas = (settings["b1"], settings["b2"])
    return torch.optim.Adam(params, lr=settings["learningRate"], betas=betas, eps=settings["eps"])


def reply(message):
    print(json.dumps(message), flush=True)


workload = arrays = optimizer = None
count = 0
reply({"versions": {"torch": torch.__version__, "python": sys.version.split()[0]}})
for line in sys.stdin:
    request = json.loads(line)
    if request["kind"] == "start":
        workload, arrays = load(request["path"])
        for p in arrays["params"]:
            p.requires_grad_(True)
        optimizer = optimizer_of(arrays["params"], workload["optimizer"])
        count = 0
        reply({})
        continue
    times, losses = [], []
    cpu = time.process_time()
    for _ in range(request["steps"]):
        start = time.perf_counter()
        index = count % len(arrays["x"])
        optimizer.zero_grad(set_to_none=True)
        output = forward(workload["kind"], arrays["params"], arrays["x"][index])
        loss = loss_of(workload, output, arrays["y"][index])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        times.append((time.perf_counter() - start) * 1000)
        count += 1
    cpu = (time.process_time() - cpu) * 1000 / request["steps"]
    reply({"ms": times, "losses": losses, "cpu": cpu})
