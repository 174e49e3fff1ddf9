/** A change of one place in one source file. */
export interface Edit {
  /** Below `src`. */
  readonly file: string;
  /** Text that the file holds exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Makes the change; throws where the file does not hold the text exactly once. */
export function apply({ file, find, replace }: Edit, source: string): string {
  const parts = source.split(find);
  if (parts.length === 2) return parts.join(replace);
  throw new Error(`${file}: expected "${find}" once, found it ${parts.length - 1} times`);
}
