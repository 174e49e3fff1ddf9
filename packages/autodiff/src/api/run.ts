import { currentSession, type Session } from "../trace/session.ts";
import { compile } from "./compile.ts";

/**
 * Runs a function that needs a trace. Inside one it simply runs; outside, it is traced, executed
 * once on the active backend, and forgotten.
 */
export function inTrace<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  if (currentSession() !== undefined) return fn(...args);
  const compiled = compile(fn);
  try {
    return compiled(...args);
  } finally {
    compiled.dispose();
  }
}

/** The trace in progress; callers run under {@link inTrace}. */
export function session(): Session {
  const found = currentSession();
  if (found === undefined) throw new Error("expected a trace in progress");
  return found;
}
