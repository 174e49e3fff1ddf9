// The only file that touches a runtime. Web standards everywhere, plus Node's modules for local
// files, taken through process.getBuiltinModule (Node 22.3, Deno 2.1) so that no bundler meets an
// import of node:fs. What is used is declared here: the package compiles without DOM or Node types.

interface WebStream {
  pipeThrough(transform: unknown): WebStream;
}
interface WebResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}
interface Host {
  readonly fetch: (url: string) => Promise<WebResponse>;
  readonly Blob: new (parts: readonly Uint8Array[]) => { stream(): WebStream };
  readonly Response: new (body: WebStream) => WebResponse;
  readonly CompressionStream: new (format: "gzip") => unknown;
  readonly DecompressionStream: new (format: "gzip") => unknown;
  readonly URL: new (url: string) => { readonly href: string };
  readonly process?: {
    readonly pid: number;
    cwd(): string;
    getBuiltinModule?(id: string): unknown;
  };
}
interface FileSystem {
  readFile(path: string | { readonly href: string }): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array | string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { readonly force: boolean }): Promise<void>;
}
interface ModuleLoader {
  createRequire(from: string): { resolve(id: string): string };
}

const host = (): Host => globalThis as unknown as Host;

const builtin = <T>(id: string): T | undefined =>
  host().process?.getBuiltinModule?.(id) as T | undefined;

const isRemote = (location: string): boolean => /^(https?|blob|data):/i.test(location);

/**
 * Reads a file path or file: URL (Node, Deno) or fetches a URL (everywhere).
 *
 * @throws Error that names the location and says why it cannot be read.
 *
 * @example
 * ```ts
 * import { readBytes } from "@layerwise/data";
 *
 * const bytes = await readBytes("package.json");
 * if (bytes[0] !== "{".charCodeAt(0)) throw new Error("not JSON");
 * ```
 */
export async function readBytes(location: string): Promise<Uint8Array<ArrayBuffer>> {
  const files = isRemote(location) ? undefined : builtin<FileSystem>("node:fs/promises");
  try {
    if (files) {
      const path = /^file:/i.test(location) ? new (host().URL)(location) : location;
      return new Uint8Array(await files.readFile(path));
    }
    const response = await host().fetch(location);
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new Error(`${location}: cannot be read: ${message(cause)}`, { cause });
  }
}

/**
 * Writes a file so that it is there whole or not at all: beside its place first, then renamed (Node, Deno).
 *
 * @throws Error that names the path and says why it cannot be written.
 *
 * @example
 * ```ts no-run
 * import { writeBytes } from "@layerwise/data";
 *
 * await writeBytes("report.html", "<!doctype html>");
 * ```
 */
export async function writeBytes(path: string, content: Uint8Array | string): Promise<void> {
  const files = builtin<FileSystem>("node:fs/promises");
  if (!files) throw new Error(`${path}: cannot be written: this runtime has no files`);
  const temporary = `${path}.${host().process?.pid}.tmp`;
  try {
    await files.writeFile(temporary, content);
    await files.rename(temporary, path);
  } catch (cause) {
    await files.rm(temporary, { force: true });
    throw new Error(`${path}: cannot be written: ${message(cause)}`, { cause });
  }
}

/** Finds the folder of an installed npm package, or undefined where there is none (browsers). */
export function packageFolder(name: string): string | undefined {
  const modules = builtin<ModuleLoader>("node:module");
  if (!modules) return undefined;
  // First as a dependency of this file, then as one of the program that runs.
  const here = (import.meta as unknown as { readonly url: string }).url;
  for (const from of [here, `${host().process?.cwd()}/index.js`]) {
    try {
      return modules
        .createRequire(from)
        .resolve(`${name}/package.json`)
        .replace(/package\.json$/, "");
    } catch {
      // Not installed there (or this file was loaded over the network): try the next place.
    }
  }
  return undefined;
}

/** Decompresses a gzip file; errors name it. */
export async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array<ArrayBuffer>> {
  const transform = new (host().DecompressionStream)("gzip");
  try {
    return await pipe(bytes, transform);
  } catch (cause) {
    throw new Error(`${name}: expected a whole gzip file, found damage: ${message(cause)}`, {
      cause,
    });
  }
}

/** Compresses bytes with gzip. */
export const gzip = (bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> =>
  pipe(bytes, new (host().CompressionStream)("gzip"));

async function pipe(bytes: Uint8Array, transform: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const { Blob, Response } = host();
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const message = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);
