import * as tf from "@tensorflow/tfjs-core";

const NO_VALUE =
  "trace: the value of a traced tensor was asked for (dataSync, arraySync, print, await data(), or " +
  "use as a JavaScript number), but a traced tensor has none: it stands for a value of the graph, also " +
  "after the trace. Return it from the function and read the result, or choose between values inside " +
  "the graph with tf.where or scan";

/** Stands in for tfjs's backend during a trace: it holds no data and refuses to be read. */
export class TracingBackend extends tf.KernelBackend {
  override readSync(): never {
    throw new Error(NO_VALUE);
  }
  override read(): Promise<never> {
    return Promise.reject(new Error(NO_VALUE));
  }
  override readToGPU(): never {
    throw new Error(NO_VALUE);
  }
  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return 0;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }
  override timerAvailable(): boolean {
    return false;
  }
  override floatPrecision(): 32 {
    return 32;
  }
  // What tfjs's own 32-bit backends answer; its optimizers read it.
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {}
}
