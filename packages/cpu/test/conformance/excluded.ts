// @boundaries-ignore autodiff's harness for the specs
import { excluded as byMode } from "../../../autodiff/test/conformance/excluded.ts";

type Reasons = Readonly<Record<string, string>>;

/**
 * Specs of tfjs-core that fail, by mode and full name, with the reason. They run all the same: one that
 * passes must leave this list.
 */
export const excluded: { readonly [mode in "eager" | "lazy" | "gradients"]: Reasons } = {
  eager: byMode.host,
  lazy: byMode.host,
  gradients: { ...byMode.host, ...byMode.gradients },
};
