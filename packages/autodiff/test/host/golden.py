"""Computes the cases of all operations with JAX, NumPy and SciPy in double precision.

    node packages/autodiff/test/host/golden-cases.ts | python packages/autodiff/test/host/golden.py

writes fixtures/golden.json beside this file. Needs jax, numpy and scipy; run it again after a case
has changed.
"""

import json
import math
import pathlib
import sys

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp
import numpy as np
import scipy.special
from jax import lax
from jax._src.lax import windowed_reductions
from jax.extend.random import threefry2x32_p

np.seterr(all="ignore")
# Floats are doubles here as they are on the host.
DTYPE = {"f32": np.float64, "i32": np.int32, "u32": np.uint32, "bool": np.bool_}


def array(values, type):
    dtype = DTYPE[type["dtype"]]
    values = np.array([float(v) for v in values]).astype(dtype)
    size = math.prod(type["shape"])
    return np.broadcast_to(values, size).reshape(type["shape"]) if values.size != size else values.reshape(type["shape"])


def integer_power(x, y):
    """Powers modulo 2**32; a negative exponent gives the quotient 1 / x**-y rounded toward zero."""
    power = lambda a, b: pow(a, b) if b >= 0 else ({1: 1, -1: -1 if b % 2 else 1}.get(a, 0))
    wrapped = [power(int(a), int(b)) & 0xFFFFFFFF for a, b in zip(x.ravel(), y.ravel())]
    return np.array(wrapped, np.uint32).view(np.int32).reshape(x.shape)


def floats_or(on_floats, on_integers):
    return lambda x, y: (on_floats if x.dtype == np.float64 else on_integers)(x, y)


def erf_inv(x):
    """SciPy's, which loses the sign of zero."""
    return np.copysign(scipy.special.erfinv(x), x)


# NumPy where the last digits count: XLA approximates these functions.
UNARY = {
    "abs": np.abs, "negate": lax.neg, "sign": lax.sign, "ceil": np.ceil, "floor": np.floor,
    "round_nearest_even": np.rint, "exponential": np.exp, "exponential_minus_one": np.expm1,
    "log": np.log, "log_plus_one": np.log1p, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x),
    "sine": np.sin, "cosine": np.cos, "tan": np.tan, "asin": np.arcsin, "acos": np.arccos,
    "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "logistic": scipy.special.expit,
    "erf": scipy.special.erf, "erf_inv": erf_inv, "not": lax.bitwise_not,
    "stop_gradient": lambda x: x,
}
BINARY = {
    "add": lax.add, "subtract": lax.sub, "multiply": lax.mul, "divide": lax.div,
    "remainder": floats_or(np.fmod, lax.rem), "power": floats_or(np.power, integer_power),
    "maximum": lax.max, "minimum": lax.min, "atan2": np.arctan2, "and": lax.bitwise_and,
    "or": lax.bitwise_or, "xor": lax.bitwise_xor, "shift_left": lax.shift_left,
    "shift_right_logical": lax.shift_right_logical,
    "shift_right_arithmetic": lax.shift_right_arithmetic,
}
COMPARE = {"EQ": lax.eq, "NE": lax.ne, "LT": lax.lt, "LE": lax.le, "GT": lax.gt, "GE": lax.ge}
MONOID = {
    "add": lax.add, "multiply": lax.mul, "maximum": lax.max, "minimum": lax.min,
    "and": lax.bitwise_and, "or": lax.bitwise_or,
}
CUMULATIVE = {
    "add": lax.cumsum, "multiply": lax.cumprod, "maximum": lax.cummax, "minimum": lax.cummin,
}


def identity(monoid, dtype):
    info = jnp.iinfo if jnp.issubdtype(dtype, jnp.integer) else lambda _: None
    low = info(dtype).min if info(dtype) else -np.inf
    high = info(dtype).max if info(dtype) else np.inf
    value = {"add": 0, "or": 0, "multiply": 1, "and": 1, "maximum": low, "minimum": high}[monoid]
    return np.array(value, dtype)


def convert(x, dtype):
    return lax.convert_element_type(x, DTYPE[dtype])


def bitcast(x, dtype):
    single = jnp.asarray(x, jnp.float32) if x.dtype == jnp.float64 else x
    if dtype == "f32":
        return jnp.asarray(lax.bitcast_convert_type(single, jnp.float32), jnp.float64)
    return lax.bitcast_convert_type(single, DTYPE[dtype])


def convolution(a, x, w):
    d = a["dims"]
    numbers = lax.ConvDimensionNumbers(
        (d["lhsBatch"], d["lhsFeature"], *d["lhsSpatial"]),
        (d["rhsOutputFeature"], d["rhsInputFeature"], *d["rhsSpatial"]),
        (d["outBatch"], d["outFeature"], *d["outSpatial"]),
    )
    return lax.conv_general_dilated(
        x, w, a["strides"], [tuple(p) for p in a["padding"]], a["lhsDilation"], a["rhsDilation"],
        numbers, a["featureGroups"], a["batchGroups"],
    )


def dot_general(a, x, y):
    contracting = (a["lhsContracting"], a["rhsContracting"])
    return lax.dot_general(x, y, (contracting, (a["lhsBatch"], a["rhsBatch"])))


def window(a):
    return tuple(a["dimensions"]), tuple(a["strides"]), tuple(tuple(p) for p in a["padding"])


def reduce_window(a, x):
    return lax.reduce_window(x, identity(a["monoid"], x.dtype), MONOID[a["monoid"]], *window(a))


def select_and_scatter(a, x, source):
    return windowed_reductions._select_and_scatter_add(source, x, lax.ge_p, *window(a))


def select_and_gather(a, x, values):
    """The transpose of select_and_scatter, written as the vector-Jacobian product JAX derives."""
    shape = jax.eval_shape(lambda v: lax.reduce_window(v, -np.inf, lax.max, *window(a)), x)
    scatter = lambda source: select_and_scatter(a, x, source)
    return jax.linear_transpose(scatter, jax.ShapeDtypeStruct(shape.shape, x.dtype))(values)[0]


def gather(a, x, indices):
    numbers = lax.GatherDimensionNumbers(
        tuple(a["offsetDims"]), tuple(a["collapsedSliceDims"]), tuple(a["startIndexMap"]),
        tuple(a["operandBatchingDims"]), tuple(a["indicesBatchingDims"]),
    )
    return lax.gather(x, indices, numbers, tuple(a["sliceSizes"]), mode="clip")


def scatter(a, x, indices, updates):
    numbers = lax.ScatterDimensionNumbers(
        tuple(a["updateWindowDims"]), tuple(a["insertedWindowDims"]),
        tuple(a["scatterDimsToOperandDims"]), tuple(a["inputBatchingDims"]),
        tuple(a["indicesBatchingDims"]),
    )
    apply = lax.scatter_add if a["kind"] == "add" else lax.scatter
    return apply(x, indices, updates, numbers, mode="drop")


def sort(a, *xs):
    flip = lambda x: lax.rev(x, [a["dimension"]]) if a["descending"] else x
    ordered = lax.sort([flip(x) for x in xs], dimension=a["dimension"], is_stable=True, num_keys=1)
    return [flip(x) for x in ordered]


def linear_call(a, *inputs):
    residuals, tangents = inputs[: a["numResiduals"]], inputs[a["numResiduals"] :]
    cotangents = [
        jax.ShapeDtypeStruct(t["shape"], DTYPE[t["dtype"]])
        for t in a["transposed"]["inputs"][a["numResiduals"] :]
    ]
    transposed = lambda *cts: run(a["transposed"], [*residuals, *cts])
    return jax.linear_transpose(transposed, *cotangents)(list(tangents))


def scan(a, *inputs):
    consts, rest = inputs[: a["numConsts"]], inputs[a["numConsts"] :]
    carry, xs = list(rest[: a["numCarry"]]), list(rest[a["numCarry"] :])

    def step(carry, xs):
        outputs = run(a["body"], [*consts, *carry, *xs])
        return outputs[: a["numCarry"]], outputs[a["numCarry"] :]

    carry, ys = lax.scan(step, carry, xs, length=a["length"], reverse=a["reverse"])
    return [*carry, *ys]


def while_loop(a, *inputs):
    n, m = a["numConditionConsts"], a["numBodyConsts"]
    test = lambda carry: run(a["condition"], [*inputs[:n], *carry])[0]
    body = lambda carry: run(a["body"], [*inputs[n : n + m], *carry])
    return lax.while_loop(test, body, list(inputs[n + m :]))


OPS = {
    **{op: (lambda f: lambda a, x: f(x))(f) for op, f in UNARY.items()},
    **{op: (lambda f: lambda a, x, y: f(x, y))(f) for op, f in BINARY.items()},
    "is_finite": lambda a, x: lax.is_finite(x),
    "compare": lambda a, x, y: COMPARE[a["direction"]](x, y),
    "select": lambda a, p, x, y: lax.select(p, x, y),
    "clamp": lambda a, low, x, high: lax.clamp(low, x, high),
    "convert": lambda a, x: convert(x, a["dtype"]),
    "bitcast_convert": lambda a, x: bitcast(x, a["dtype"]),
    "constant": lambda a: array(a["data"], a["type"]),
    "iota": lambda a: lax.broadcasted_iota(
        DTYPE[a["type"]["dtype"]], a["type"]["shape"], a["dimension"]
    ),
    "broadcast_in_dim": lambda a, x: lax.broadcast_in_dim(x, a["shape"], a["dimensions"]),
    "reshape": lambda a, x: lax.reshape(x, a["shape"]),
    "transpose": lambda a, x: lax.transpose(x, a["permutation"]),
    "reverse": lambda a, x: lax.rev(x, a["dimensions"]),
    "slice": lambda a, x: lax.slice(x, a["start"], a["limit"], a["strides"]),
    "pad": lambda a, x, value: lax.pad(x, value, list(zip(a["low"], a["high"], a["interior"]))),
    "concatenate": lambda a, *xs: lax.concatenate(xs, a["dimension"]),
    "dynamic_slice": lambda a, x, *starts: lax.dynamic_slice(x, starts, a["sizes"]),
    "dynamic_update_slice": lambda a, x, u, *starts: lax.dynamic_update_slice(x, u, starts),
    "reduce": lambda a, x: lax.reduce(
        x, identity(a["monoid"], x.dtype), MONOID[a["monoid"]], a["dimensions"]
    ),
    "arg_reduce": lambda a, x: (lax.argmax if a["monoid"] == "maximum" else lax.argmin)(
        x, a["dimension"], jnp.int32
    ),
    "cumulative": lambda a, x: CUMULATIVE[a["monoid"]](x, a["dimension"], a["reverse"]),
    "dot_general": dot_general,
    "convolution": convolution,
    "reduce_window": reduce_window,
    "select_and_scatter": select_and_scatter,
    "select_and_gather": select_and_gather,
    "gather": gather,
    "scatter": scatter,
    "sort": sort,
    "threefry2x32": lambda a, key, x0, x1: threefry2x32_p.bind(
        jnp.broadcast_to(key[0], x0.shape), jnp.broadcast_to(key[1], x0.shape), x0, x1
    ),
    "call": lambda a, *xs: run(a["body"], xs),
    "linear_call": linear_call,
    "scan": scan,
    "while": while_loop,
}


def run(graph, inputs):
    values = list(inputs)
    for node in graph["nodes"]:
        operands = [values[i] for i in node["inputs"]]
        outputs = OPS[node["op"]](node["attrs"], *operands)
        values.extend(outputs if isinstance(outputs, (list, tuple)) else [outputs])
    return [values[i] for i in graph["outputs"]]


def number(x):
    x = x.item()
    if isinstance(x, float) and (not math.isfinite(x) or (x == 0 and math.copysign(1, x) < 0)):
        return "NaN" if math.isnan(x) else "-0" if x == 0 else "Infinity" if x > 0 else "-Infinity"
    return int(x) if isinstance(x, bool) or x == int(x) else x


def golden(case):
    types = case["graph"]["inputs"]
    inputs = [jnp.asarray(array(d, t)) for d, t in zip(case["inputs"], types)]
    # Loops run in Python, so that NumPy's functions can stand in their bodies.
    with jax.disable_jit():
        outputs = run(case["graph"], inputs)
    return [[number(x) for x in np.asarray(y).ravel()] for y in outputs]


# XLA's select_and_scatter leaves NaN behind where ours, like maximum, takes NaN for the maximum;
# of a scalar it ends the process. A scan of no steps needs types that disable_jit does not have.
LEFT_OUT = {
    "select_and_scatter: NaN", "select_and_gather: NaN",
    "select_and_scatter: scalar", "select_and_gather: scalar", "scan: no steps",
}


def main():
    lines = []
    for case in json.load(sys.stdin):
        if case["title"] in LEFT_OUT:
            continue
        results = golden(case)
        lines.append(f"{json.dumps(case['title'])}: {json.dumps(results, separators=(',', ':'))}")
    target = pathlib.Path(__file__).parent / "fixtures" / "golden.json"
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")


main()
