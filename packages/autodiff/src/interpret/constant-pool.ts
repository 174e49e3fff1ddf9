import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { OpName, Shape } from "../ir/types.ts";
import type { Program } from "./program.ts";
import type { Ref, TfType } from "./ref.ts";
import { bytesOf } from "./schedule.ts";
import { elementsOf, type Target, upload } from "./target.ts";

/** What the programs of one plan share: constants, and notes for its statistics. */
export class ConstantPool {
  /** Operations that run on the host. */
  readonly hostOps: OpName[] = [];
  readonly #target: Target;
  readonly #infos = new Set<TensorInfo>();
  readonly #used = new Set<TensorInfo>();

  constructor(target: Target) {
    this.#target = target;
  }

  upload(data: ArrayLike<number>, shape: Shape, dtype: TfType): TensorInfo {
    const info = upload(this.#target.backend, elementsOf(dtype, data), shape, dtype);
    this.#infos.add(info);
    return info;
  }
  adopt(info: TensorInfo): void {
    this.#infos.add(info);
  }
  /** Notes which constants a finished program reads. */
  claim(program: Program): void {
    for (const info of program.initial) if (info !== undefined) this.#used.add(info);
  }
  /** Frees constants that no program claimed. */
  sweep(): void {
    for (const info of this.#infos) if (!this.#used.has(info)) this.#free(info);
  }
  get bytes(): number {
    return [...this.#infos].reduce((sum, info) => sum + bytesOf(info as unknown as Ref), 0);
  }
  dispose(): void {
    for (const info of this.#infos) this.#free(info);
  }
  #free(info: TensorInfo): void {
    this.#target.backend.disposeData(info.dataId);
    this.#infos.delete(info);
  }
}
