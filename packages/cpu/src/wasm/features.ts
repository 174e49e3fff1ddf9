import { Code } from "./code.ts";
import { ModuleBuilder } from "./module.ts";

/** What the engine's WebAssembly can do beyond the first version. */
export interface Features {
  /** 128-bit vectors. Without them nothing here runs. */
  readonly simd: boolean;
  /** `relaxed_madd`: multiply and add in one instruction (relaxed SIMD). */
  readonly fma: boolean;
  /** Shared memory and atomics can be compiled; whether memory can be shared is another question. */
  readonly threads: boolean;
}

const validates = (write: (code: Code) => void, shared = false): boolean => {
  const module = new ModuleBuilder();
  module.importMemory({ shared, initial: 1, maximum: 1 });
  const code = new Code();
  write(code);
  module.add(code);
  return WebAssembly.validate(module.build());
};

const detect = (): Features => {
  const zero = (code: Code): Code => code.i32(0).op("i32x4.splat");
  return {
    simd: validates((code) => zero(code).op("drop")),
    fma: validates((code) => {
      zero(zero(zero(code)))
        .op("f32x4.relaxed_madd")
        .op("drop");
    }),
    threads: validates((code) => code.i32(0).memory("i32.atomic.load").op("drop"), true),
  };
};

let detected: Features | undefined;

/** The features of the engine that runs this. */
export const features = (): Features => {
  detected ??= detect();
  return detected;
};
