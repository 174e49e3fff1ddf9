"""Compiles StableHLO text with XLA for the CPU and compares what it computes with given values.

    python judge.py cases.jsonl

Every line is an object: `title`, `text`, `inputs`, `expected` (double precision) and `single` (the
reference rounded to single precision after every operation). Ends with `N passed, N failed`.
"""

import base64
import concurrent.futures
import json
import multiprocessing
import os
import sys

import numpy as np

LAYOUT = {"f32": np.float32, "f16": np.float16, "i32": np.int32, "u32": np.uint32, "bool": np.bool_}

# XLA's own elementary functions are good to a few units in the last place (1.2e-7).
RELATIVE = 2e-6
# Where sums cancel, a few units in the last place of the largest element may be left.
OF_LARGEST = 5e-7
# How far single precision leads the reference itself astray; XLA adds up in another order.
OF_ROUNDING = 8


def array(tensor, double=False):
    is_float = tensor["dtype"] in ("f32", "f16")
    layout = np.float64 if double and is_float else LAYOUT[tensor["dtype"]]
    return np.frombuffer(base64.b64decode(tensor["data"]), layout).reshape(tensor["shape"])


def difference(found, expected, single):
    """What is wrong with an output, if anything."""
    if found.shape != expected.shape:
        return f"shape {found.shape}, expected {expected.shape}"
    if found.size == 0:
        return None
    if expected.dtype != np.float64:
        if found.dtype != expected.dtype:
            return f"dtype {found.dtype}, expected {expected.dtype}"
        wrong = found != expected
    else:
        with np.errstate(all="ignore"):
            finite = np.abs(expected[np.isfinite(expected)])
            largest = finite.max() if finite.size else 0
            spread = np.abs(single - expected)
            allowed = (
                RELATIVE * np.abs(expected)
                + OF_LARGEST * largest
                + OF_ROUNDING * np.where(np.isfinite(spread), spread, 0)
            )
            close = np.abs(found - expected) <= allowed
            # What single precision cannot hold overflows there too.
            same = (found == single) | (np.isnan(found) & np.isnan(single))
        wrong = ~(close | same)
    if not wrong.any():
        return None
    at = tuple(int(i) for i in np.argwhere(wrong)[0])
    return f"{wrong.sum()} of {wrong.size} wrong; at {list(at)} got {found[at]!r}, expected {expected[at]!r} (single {single[at]!r})"


class Xla:
    def __init__(self):
        import jax
        from jax._src import compiler, xla_bridge
        from jax._src.interpreters import mlir
        from jax._src.lib import xla_client

        self.jax, self.mlir = jax, mlir
        self.backend = xla_bridge.get_backend("cpu")
        self.devices = xla_client.DeviceList(tuple(self.backend.local_devices()[:1]))
        self.options = compiler.get_compile_options(num_replicas=1, num_partitions=1)
        debug = self.options.executable_build_options.debug_options
        # Cases run once and are small: time goes into compiling.
        debug.xla_backend_optimization_level = 0
        debug.xla_llvm_disable_expensive_passes = True

    def run(self, text, inputs):
        with self.mlir.make_ir_context():
            module = self.mlir.ir.Module.parse(text)
            program = self.backend.compile_and_load(module, self.devices, self.options)
        outputs = program.execute([self.jax.device_put(x) for x in inputs])
        return [np.asarray(y) for y in outputs]

    def judge(self, line):
        case = json.loads(line)
        title = case["title"]
        try:
            outputs = self.run(case["text"], [array(x) for x in case["inputs"]])
            expected = [array(x, double=True) for x in case["expected"]]
            single = [array(x, double=True) for x in case["single"]]
            if len(outputs) != len(expected):
                return title, f"{len(outputs)} outputs, expected {len(expected)}"
            for i, triple in enumerate(zip(outputs, expected, single)):
                wrong = difference(*triple)
                if wrong is not None:
                    return title, f"output {i}: {wrong}"
        except Exception as error:
            return title, str(error)
        return title, None


def judge_all(lines):
    xla = Xla()
    return [xla.judge(line) for line in lines]


def main():
    with open(sys.argv[1]) as file:
        lines = file.readlines()
    workers = min(os.cpu_count() or 1, 8)
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(workers, mp_context=spawn) as pool:
        results = [r for part in pool.map(judge_all, [lines[i::workers] for i in range(workers)]) for r in part]
    failures = sorted((title, problem) for title, problem in results if problem is not None)
    for title, problem in failures:
        print(f"FAIL {title}\n     {problem}")
    print(f"{len(results) - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures or not results else 0)


if __name__ == "__main__":
    os.environ["JAX_PLATFORMS"] = "cpu"
    main()
