import type { Call } from "./call.ts";
import { type Entry, NOWHERE } from "./entry.ts";
import type { Key } from "./graph-cache.ts";

/** What has to be computed of a list of recorded calls. */
export interface Selection {
  /** Computed entries that the calls read. */
  readonly inputs: readonly Entry[];
  /** Which of the inputs nobody needs afterwards. */
  readonly owned: readonly boolean[];
  /** Entries that somebody needs afterwards. */
  readonly outputs: readonly Entry[];
  /** The calls on the way to them. */
  readonly calls: readonly Call[];
}

const NEW_INPUT = -1;
const NEW_OWNED_INPUT = -2;

/**
 * Selects from the first `count` calls those that live tensors or later calls need, and writes what they do
 * together into `key`. Values are numbered in the order in which they occur, so that the key of every step of
 * a training is the same.
 */
export const select = (
  calls: readonly Call[],
  count: number,
  serial: number,
  key: Key,
): Selection => {
  key.length = 0;
  for (let i = count; i < calls.length; i++) {
    for (const operand of calls[i]!.operands) operand.neededLaterIn = serial;
  }
  const kept = (entry: Entry): boolean => entry.live || entry.neededLaterIn === serial;
  for (let i = count - 1; i >= 0; i--) {
    const call = calls[i]!;
    call.needed = call.outputs.some((out) => kept(out) || out.wantedIn === serial);
    if (call.needed) for (const operand of call.operands) operand.wantedIn = serial;
  }
  const inputs: Entry[] = [];
  const owned: boolean[] = [];
  const outputs: Entry[] = [];
  const needed: Call[] = [];
  let next = 0;
  for (let i = 0; i < count; i++) {
    const call = calls[i]!;
    if (!call.needed) continue;
    needed.push(call);
    key.push(call.template.id);
    for (const operand of call.operands) {
      if (operand.numberedIn === serial) {
        key.push(operand.number);
        continue;
      }
      const free = operand.address !== NOWHERE && !kept(operand);
      operand.numberedIn = serial;
      operand.number = next++;
      inputs.push(operand);
      owned.push(free);
      key.push(free ? NEW_OWNED_INPUT : NEW_INPUT);
    }
    for (const out of call.outputs) {
      out.numberedIn = serial;
      out.number = next++;
      const leaves = kept(out);
      if (leaves) outputs.push(out);
      key.push(leaves ? 1 : 0);
    }
  }
  return { inputs, owned, outputs, calls: needed };
};
