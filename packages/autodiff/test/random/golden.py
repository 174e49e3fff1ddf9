"""Draws samples with JAX that the samplers of this package must reproduce.

    pip install jax
    python packages/autodiff/test/random/golden.py

writes fixtures/golden.json. Integers are exact; floats are written as the 32 bits that they have.
"""

import json
import pathlib

import jax

# The default since JAX 0.5: every element is computed from its own counter.
jax.config.update("jax_threefry_partitionable", True)

import jax.numpy as jnp
import numpy as np
from jax import random

KEY = random.key(42)


def words(key):
    return np.asarray(random.key_data(key)).tolist()


def seeded(seed):
    # Without 64-bit integers JAX cuts seeds to 32 bits.
    with jax.enable_x64(True):
        return words(random.key(seed))


def bits_of(x):
    return np.asarray(x, np.float32).reshape(-1).view(np.uint32).tolist()


def flat(x):
    return np.asarray(x).reshape(-1).tolist()


def fnv(x):
    """FNV-1a over 32-bit words."""
    result = 0x811C9DC5
    for v in np.asarray(x).reshape(-1).tolist():
        result = ((result ^ (v & 0xFFFFFFFF)) * 0x01000193) & 0xFFFFFFFF
    return result


def permutation(n):
    order = random.permutation(KEY, n)
    return {"n": n, "first": flat(order[:10]), "hash": fnv(order)}


shapes = [[], [1], [7], [2, 3], [3, 1, 4], [0, 2]]
seeds = [0, 1, 42, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40 + 5, 2**53 - 1]
counts = [1, 2, 3, 10]
data = [0, 1, 7, 2**31 - 1, 2**31, 2**32 - 1]
ranges = [[0, 10], [-5, 5], [0, 1], [7, 2**31 - 1], [-(2**31), 2**31 - 1], [0, 2**16 + 1]]
bounds = [[0, 1], [-1, 1], [-1 / 28, 1 / 28], [3, 10], [0, 0.1], [5, 5]]
chances = [0, 0.3, 0.5, 0.999, 1]
logits = np.array([[0, 0, 0], [5, 0, -5], [-np.inf, 0, -np.inf], [1, 2, 3]], np.float32)
limits = [[-2, 2], [-1, 3], [1, 2], [-4, -3.5]]

golden = {
    "jax": jax.__version__,
    "key": [{"seed": s, "words": seeded(s)} for s in seeds],
    "split": [{"count": n, "keys": words(random.split(KEY, n))} for n in counts],
    "foldIn": [{"data": d, "words": words(random.fold_in(KEY, np.uint32(d)))} for d in data],
    "bits": [{"shape": s, "bits": flat(random.bits(KEY, s))} for s in shapes],
    "uniform": [
        {
            "minval": a,
            "maxval": b,
            "bits": bits_of(random.uniform(KEY, (32,), minval=a, maxval=b)),
        }
        for a, b in bounds
    ],
    "bernoulli": [
        {"p": p, "flags": [int(v) for v in flat(random.bernoulli(KEY, float(p), (40,)))]} for p in chances
    ],
    "bernoulliRows": [
        int(v)
        for v in flat(random.bernoulli(KEY, jnp.array([[0.1], [0.5], [0.9]], jnp.float32), (3, 20)))
    ],
    "randint": [
        {"minval": a, "maxval": b, "numbers": flat(random.randint(KEY, (24,), a, b))}
        for a, b in ranges
    ],
    "permutation": [permutation(n) for n in [0, 1, 2, 10, 1000, 100_000]],
    "categorical": {
        "logits": [[v if np.isfinite(v) else None for v in row] for row in logits.tolist()],
        "rows": flat(random.categorical(KEY, jnp.asarray(np.tile(logits, (10, 1, 1))), axis=-1)),
    },
    "normal": bits_of(random.normal(KEY, (256,))),
    "truncatedNormal": [
        {"lower": a, "upper": b, "bits": bits_of(random.truncated_normal(KEY, a, b, (128,)))}
        for a, b in limits
    ],
}

path = pathlib.Path(__file__).with_name("fixtures") / "golden.json"
path.write_text(json.dumps(golden, separators=(",", ":")).replace('},{', '},\n{') + "\n")
