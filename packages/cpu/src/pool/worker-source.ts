import { MAIL, MAIL_WORDS, STATE } from "./mailbox.ts";

/** What a worker gets at its start. */
export interface WorkerData {
  readonly memory: WebAssembly.Memory;
  readonly ticket: number;
  readonly mailbox: number;
  /** Number of the thread; main is 0. */
  readonly thread: number;
  /** Code of the library that programs import. */
  readonly library: Uint8Array<ArrayBuffer> | undefined;
  readonly spinMicroseconds: number;
}

/** What a worker says: nothing while all is well but that it is ready. */
export type WorkerMessage = { readonly ready: true } | { readonly failed: string };

/** Programs that a worker keeps. */
const CAPACITY = 256;

/** The code of a worker: a function (data, send) → () without anything from outside. */
export const WORKER_SOURCE: string = `(data, send) => {
  "use strict";
  const MAIL = ${JSON.stringify(MAIL)};
  const { memory, thread, spinMicroseconds } = data;
  const mail = new Int32Array(memory.buffer, data.mailbox, ${MAIL_WORDS} + thread + 1);
  const state = ${MAIL_WORDS} + thread;
  const env = { memory };
  const instantiate = (bytes, imports) =>
    new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
  const library = data.library ? instantiate(data.library, { env, math: Math }) : {};
  const programs = new Map();
  const pause = Atomics.pause ?? (() => {});
  let last = -1;
  let pages = 0;

  const nextJob = () => {
    let deadline = performance.now() + spinMicroseconds / 1000;
    for (;;) {
      for (let i = 0; i < 100; i++) {
        const counter = Atomics.load(mail, MAIL.counter);
        if (counter !== last && (counter & 1) === 0) return counter;
        pause();
      }
      if (performance.now() < deadline) continue;
      Atomics.add(mail, MAIL.sleeping, 1);
      Atomics.wait(mail, MAIL.counter, last);
      Atomics.sub(mail, MAIL.sleeping, 1);
      deadline = performance.now() + spinMicroseconds / 1000;
    }
  };
  // An addition, not a load: reads before it must not move behind it.
  const isCurrent = () => Atomics.add(mail, MAIL.counter, 0) === last;
  const read = (name) => Atomics.load(mail, MAIL[name]);

  const load = (id, address, length) => {
    // The slice is in memory that is not shared, which is what engines compile from.
    const bytes = new Uint8Array(memory.buffer, address, length).slice();
    if (!isCurrent()) return undefined;
    const program = instantiate(bytes, { env, math: Math, library });
    program.mayBlock.value = 1;
    if (programs.size >= ${CAPACITY}) programs.delete(programs.keys().next().value);
    programs.set(id, program);
    return program;
  };
  const find = (id, address, length) => {
    const known = programs.get(id);
    if (known === undefined) return load(id, address, length);
    programs.delete(id);
    programs.set(id, known);
    return known;
  };
  // Nobody can end a task whose chunk failed: the ticket moves where no thread waits for it.
  const giveUp = (sequence, error) => {
    Atomics.store(mail, MAIL.failed, 1);
    const ticket = new BigInt64Array(memory.buffer, data.ticket, 1);
    Atomics.store(ticket, 0, BigInt((sequence ^ 0x40000000) | 0) << 32n);
    send({ failed: String(error) });
  };

  Atomics.store(mail, state, ${STATE.ready});
  send({ ready: true });
  for (;;) {
    last = nextJob();
    const id = read("program") >>> 0;
    const address = read("bytes") >>> 0;
    const length = read("length") >>> 0;
    const args = read("args");
    const sequence = read("sequence");
    const scratch = read("scratch") + thread * read("stride");
    const needed = read("pages");
    const quit = read("quit");
    if (!isCurrent()) continue;
    if (quit === 1) break;
    if (id === 0) continue;
    // Growth by nothing makes V8 notice what another thread grew.
    if (needed > pages) pages = memory.grow(0);
    let program;
    try {
      program = find(id, address, length);
    } catch (error) {
      // No chunk was taken: the others do without this thread.
      Atomics.store(mail, state, ${STATE.gone});
      send({ failed: String(error) });
      break;
    }
    if (program === undefined) continue;
    try {
      program.parallel(args, scratch, sequence);
    } catch (error) {
      giveUp(sequence, error);
      break;
    }
  }
  Atomics.store(mail, state, ${STATE.gone});
}`;
